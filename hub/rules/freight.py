"""What a carrier asks for a trip: the rate that fits region and day, times what it is paid for, or its minimum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from hub.rules.money import CENT


@dataclass(frozen=True)
class Rate:
    """A line of a carrier's table; no region means everywhere, a missing day no bound. `basis`: trip, piece …"""

    region: str | None
    basis: str
    rate: Decimal
    minimum: Decimal = Decimal(0)
    begins: date | None = None
    ends: date | None = None

    def fits(self, region: str | None, day: date) -> bool:
        """Whether it holds for a region on a day, its last one included."""
        there = self.region is None or self.region == region
        return there and (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)


def freight(rates: Iterable[Rate], region: str | None, day: date, amounts: Mapping[str, Decimal]) -> Decimal | None:
    """What a trip costs, to the cent; None when no rate fits or is for something whose amount is not known.

    A region's own rate goes before the one for everywhere, a later table before an earlier one, then the cheapest.

    >>> table = [Rate(None, "trip", Decimal(300)), Rate("宁波", "kilometre", Decimal("2.5"), Decimal(200))]
    >>> freight(table, "宁波", date(2026, 5, 1), {"trip": Decimal(1), "kilometre": Decimal(120)})
    Decimal('300.00')
    """
    fitting = [one for one in rates if one.basis in amounts and one.fits(region, day)]
    if not fitting:
        return None
    first = max((one.region is not None, one.begins or date.min) for one in fitting)
    best = [one for one in fitting if (one.region is not None, one.begins or date.min) == first]
    asked = min(max(one.minimum, one.rate * amounts[one.basis]) for one in best)
    return asked.quantize(CENT, ROUND_HALF_UP)
