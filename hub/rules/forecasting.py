"""What may be sold of an item in the months to come, told by what was sold in the months before.

A quick look, not a model: the same month of the year before, raised or lowered by how the last months compare with
theirs a year earlier; without a year to look back on, the average of the last months.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

RECENT = 3
"""So many months tell the trend."""
_UNIT = Decimal("0.0001")


def month_number(year: int, month: int) -> int:
    """Months as consecutive numbers, so that a year before is twelve less."""
    return year * 12 + month - 1


def forecast(sold: Mapping[int, Decimal], months: Sequence[int], last: int) -> list[Decimal]:
    """The quantity of each of `months`, four decimals; `sold` is by month up to `last`, a month left out sold nothing.

    What lies more than a year after `last` is told by the forecast of the year before it.
    """
    first = min(sold, default=last + 1)
    known = {month: sold.get(month, Decimal(0)) for month in range(first, last + 1)}
    recent = [known[month] for month in range(last - RECENT + 1, last + 1) if month in known]
    average = sum(recent, Decimal(0)) / len(recent) if recent else Decimal(0)
    before = [known[month - 12] for month in range(last - RECENT + 1, last + 1) if month - 12 in known]
    has_year = len(before) == RECENT and sum(before) > 0
    trend = sum(recent, Decimal(0)) / sum(before, Decimal(0)) if has_year else Decimal(1)

    def of(month: int) -> Decimal:
        if month <= last:
            return known.get(month, Decimal(0))
        return (of(month - 12) if month - 12 > last else known[month - 12] * trend) if has_year else average

    return [of(month).quantize(_UNIT, ROUND_HALF_UP) for month in months]
