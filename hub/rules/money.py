"""Money to the cent: rounding half up, and sharing an amount out over parts so that no cent is lost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal(0)


def in_cents(amount: Decimal) -> bool:
    """Whether an amount is one that can be paid: no part of a cent."""
    return amount == amount.quantize(CENT)


def to_cents(amount: Decimal) -> Decimal:
    """An amount rounded half up to cents."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def shared_out(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """An amount of whole cents in parts proportional to weights (none negative) whose sum is the amount.

    Each part is its exact share cut to cents; the cents left go to the largest cuts, of equal ones to the first. When
    all weights are zero the parts are equal.

    >>> shared_out(Decimal(100), [Decimal(1), Decimal(1), Decimal(1)])
    [Decimal('33.34'), Decimal('33.33'), Decimal('33.33')]
    """
    if not weights:
        return []
    if not sum(weights):
        weights = [Decimal(1)] * len(weights)
    total = sum(weights, ZERO)
    parts = [(amount * weight / total).quantize(CENT, ROUND_FLOOR) for weight in weights]
    # Compared without dividing: a quotient that does not end would order equal shares by its rounding.
    cuts = [amount * weight - part * total for weight, part in zip(weights, parts, strict=True)]
    cents = int((amount - sum(parts, ZERO)) / CENT)
    for index in sorted(range(len(parts)), key=lambda at: (-cuts[at], at))[:cents]:
        parts[index] += CENT
    return parts
