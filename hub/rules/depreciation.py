"""What a fixed asset loses in value, month by month, to the cent: straight line, double declining, by units produced.

As 小企业会计准则 (财会〔2011〕17号, 第三十条、第三十一条) has it: depreciation begins in the month after the asset is
put to use and goes on through the month in which it is given up; what has reached its residual value loses no more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hub.rules.money import CENT, ZERO

STRAIGHT_LINE, DOUBLE_DECLINING, UNITS = "straight_line", "double_declining", "units"
_LAST = 24  # the double declining method ends with two years in a straight line


@dataclass(frozen=True)
class Basis:
    """An asset as its depreciation sees it; `used_months` and `accumulated` are what was done before the hub."""

    cost: Decimal
    residual: Decimal
    months: int
    used_months: int = 0
    accumulated: Decimal = ZERO

    @property
    def left(self) -> Decimal:
        """What is still to be depreciated."""
        return max(self.cost - self.residual - self.accumulated, ZERO)


def months_in_use(in_service: date, month: date) -> int:
    """How many months have been depreciated by the end of a month: none in the month of putting to use.

    >>> months_in_use(date(2026, 1, 15), date(2026, 3, 31))
    2
    """
    return max((month.year - in_service.year) * 12 + month.month - in_service.month, 0)


def schedule(basis: Basis, method: str) -> tuple[Decimal, ...]:
    """The amount of each month that is left, for the methods by time; they add up to what is left, to the cent.

    Published example (中级会计实务 teaching, cost 1,000,000, residual 40,000, five years, double declining):
    400,000, 240,000, 144,000, 88,000 and 88,000 a year.
    """
    months_left = max(basis.months - basis.used_months, 0)
    if not months_left or not basis.left:
        return ()
    if method == STRAIGHT_LINE:
        return tuple(_evenly(basis.left, months_left))
    return tuple(_declining(basis))


def _evenly(amount: Decimal, months: int) -> Iterator[Decimal]:
    """Cents spread so that the sum up to each month is right."""
    for month in range(months):
        yield _cents(Fraction(amount) * (month + 1) / months) - _cents(Fraction(amount) * month / months)


def _cents(exact: Fraction) -> Decimal:
    """A fraction rounded half up to cents."""
    return (Decimal(int(exact * 100 * 2 + 1) // 2) * CENT).quantize(CENT)


def _declining(basis: Basis) -> Iterator[Decimal]:
    """Year by year twice the straight rate of what the year begins with, the last two years in a straight line."""
    rate, left, month = Fraction(24, basis.months), basis.left, basis.used_months
    while left and basis.months - month > _LAST:
        done = month % 12
        span = min(12 - done, basis.months - _LAST - month)
        book = Fraction(left + basis.residual) / (1 - rate * done / 12)  # at the beginning of the year
        year = min(_cents(book * rate * span / 12), left)
        yield from _evenly(year, span)
        left, month = left - year, month + span
    yield from _evenly(left, basis.months - month)


def by_units(basis: Basis, total: Decimal, before: Decimal, used: Decimal) -> Decimal:
    """What `used` units of a life of `total` cost, after `before` units; whatever the steps, their sum is the same.

    Published example (初级会计实务 teaching, a lorry of 600,000 for 500,000 km with 5 % residual, 4,000 km a month):

    >>> lorry = Basis(Decimal(600000), Decimal(30000), 120)
    >>> by_units(lorry, Decimal(500000), Decimal(0), Decimal(4000))
    Decimal('4560.00')
    """
    left = Fraction(basis.left)
    until, since = (min(Fraction(one) / Fraction(total), Fraction(1)) for one in (before + used, before))
    return _cents(left * until) - _cents(left * since)
