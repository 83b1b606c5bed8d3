"""Value added tax: on a net amount, and which rate a day has.

Rates are percentages. A line's tax is rounded by itself, so that a document is the sum of what it shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hub.rules.money import to_cents


def tax_amount(net: Decimal, rate: Decimal) -> Decimal:
    """The tax on a net amount, rounded half up to cents; `rate` in percent.

    >>> tax_amount(Decimal("0.50"), Decimal(13))
    Decimal('0.07')
    """
    return to_cents(net * rate / 100)


class Proposed(Decimal):
    """A rate that nobody has named: a better one may take its place, see `hub.ledgers.taxing`."""


GENERAL = Proposed(13)
"""China's general rate since 2019-04-01, where the company says nothing else."""


@dataclass(frozen=True)
class DatedRate:
    """A rate in percent and its days, both of them included; None is without a bound."""

    rate: Decimal
    first_day: date | None = None
    last_day: date | None = None

    def holds(self, day: date) -> bool:
        """Whether the rate is in force on a day."""
        return (self.first_day or date.min) <= day <= (self.last_day or date.max)


def rate_on(rates: Iterable[DatedRate], day: date) -> Decimal | None:
    """The rate of a day: of those in force the one that came last; None when none is in force.

    China's general rate was 17 %, 16 % from 2018-05-01 (财税〔2018〕32号) and 13 % from 2019-04-01
    (财政部 税务总局 海关总署公告2019年第39号).
    """
    found = [one for one in rates if one.holds(day)]
    latest = max(found, key=lambda one: (one.first_day or date.min, one.rate), default=None)
    return None if latest is None else latest.rate
