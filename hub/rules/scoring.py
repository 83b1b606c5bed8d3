"""What a supplier is worth, out of 100: quality, delivery, price and service, each from facts, weighed into one score.

A criterion without facts has no score and takes no part: its weight falls to the others in their proportion, so a
supplier is not punished for what nobody has asked of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

FULL = Decimal(100)
WEIGHTS: Mapping[str, Decimal] = {
    "quality": Decimal(40),
    "delivery": Decimal(30),
    "price": Decimal(20),
    "service": Decimal(10),
}
"""How much each criterion counts unless a company says otherwise."""
GRADES: tuple[tuple[str, Decimal], ...] = (
    ("A", Decimal(90)),
    ("B", Decimal(75)),
    ("C", Decimal(60)),
    ("D", Decimal(0)),
)
"""The least score of each grade, best first."""
LATE_LIMIT_DAYS = 10
"""From so many days on, late counts as not delivered."""


@dataclass(frozen=True)
class Promise:
    """A quantity that was promised for a day and came on a day; `arrived` is None while it has not come."""

    quantity: Decimal
    promised: date
    arrived: date | None


@dataclass(frozen=True)
class Bought:
    """A quantity at what it cost and at what it would have cost elsewhere (or before), per piece."""

    quantity: Decimal
    unit_price: Decimal
    reference_price: Decimal


def _rounded(score: Fraction) -> Decimal:
    """A score to two decimals, half up."""
    return (Decimal(score.numerator) / Decimal(score.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def quality(received: Decimal, rejected: Decimal) -> Decimal | None:
    """The share of what came that was good; None when nothing came.

    >>> quality(Decimal(60), Decimal(6))
    Decimal('90.00')
    """
    if received <= 0:
        return None
    good = max(received - rejected, Decimal(0))
    return _rounded(Fraction(good) * 100 / Fraction(received))


def delivery(promises: Iterable[Promise], as_of: date) -> Decimal | None:
    """The share of quantities that came when promised; late ones count less by the day, to nothing at the limit.

    What has not come is as late as `as_of` says; what is not due by then, and has not come, is left out.

    >>> delivery([Promise(Decimal(1), date(2026, 5, 1), date(2026, 5, 6))], date(2026, 5, 31))
    Decimal('50.00')
    """
    weighed, total = Fraction(0), Fraction(0)
    for one in promises:
        if one.arrived is None and one.promised >= as_of:
            continue
        late = max(((one.arrived or as_of) - one.promised).days, 0)
        share = Fraction(0) if one.arrived is None else Fraction(max(LATE_LIMIT_DAYS - late, 0), LATE_LIMIT_DAYS)
        weighed += Fraction(one.quantity) * share
        total += Fraction(one.quantity)
    return _rounded(weighed * 100 / total) if total else None


def price(bought: Iterable[Bought]) -> Decimal | None:
    """What the same goods would have cost at the reference, of what they did cost; never above 100.

    >>> price([Bought(Decimal(10), Decimal("1.25"), Decimal(1))])
    Decimal('80.00')
    """
    paid, reference = Fraction(0), Fraction(0)
    for one in bought:
        paid += Fraction(one.quantity) * Fraction(one.unit_price)
        reference += Fraction(one.quantity) * Fraction(one.reference_price)
    if not paid:
        return None
    return _rounded(min(reference / paid, Fraction(1)) * 100)


def overall(scores: Mapping[str, Decimal | None], weights: Mapping[str, Decimal] = WEIGHTS) -> Decimal | None:
    """The weighted mean of the criteria that have a score; None when none has, or none of them counts.

    >>> overall({"price": Decimal(80), "delivery": Decimal(90)}, {"price": Decimal(3), "delivery": Decimal(1)})
    Decimal('82.50')
    """
    known = {name: score for name, score in scores.items() if score is not None}
    weight = sum((Fraction(weights[name]) for name in known), Fraction(0))
    if not weight:
        return None
    return _rounded(
        sum((Fraction(score) * Fraction(weights[name]) for name, score in known.items()), Fraction(0)) / weight
    )


def adjusted(score: Decimal, adjustment: Decimal) -> Decimal:
    """A computed score with what a person adds or takes off, kept between 0 and 100."""
    return min(max(score + adjustment, Decimal(0)), FULL)


def grade(score: Decimal) -> str:
    """The grade of a score between 0 and 100."""
    return next(name for name, least in GRADES if score >= least)


def lowest_is_best(amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Each offer's price score, 100 times the lowest amount over its own: offers are compared with each other.

    >>> lowest_is_best({"a": Decimal(90), "b": Decimal(120)})
    {'a': Decimal('100.00'), 'b': Decimal('75.00')}
    """
    known = {name: amount for name, amount in amounts.items() if amount > 0}
    least = min(known.values(), default=FULL)
    return {name: _rounded(Fraction(least) * 100 / Fraction(amount)) for name, amount in known.items()}
