"""What is left of an order: revenue less cost of sales, freight and adjustments, by line and in all.

Amounts are net of tax, in the currency of the books, in cents; rates are percentages with four decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from hub.rules.money import ZERO, shared_out

RATE = Decimal("0.0001")


@dataclass(frozen=True)
class Sold:
    """What a line brought and what it cost: net revenue and the cost of the goods shipped for it."""

    revenue: Decimal
    cost: Decimal


@dataclass(frozen=True)
class Margin:
    """Revenue, what goes off it, and what is left; `rate` is the margin in percent of the revenue, None without any."""

    revenue: Decimal
    cost: Decimal
    expenses: Decimal

    @property
    def amount(self) -> Decimal:
        """What is left."""
        return self.revenue - self.cost - self.expenses

    @property
    def rate(self) -> Decimal | None:
        """In percent of the revenue."""
        if not self.revenue:
            return None
        return (100 * self.amount / self.revenue).quantize(RATE, ROUND_HALF_UP)


def margins(lines: Sequence[Sold], freight: Decimal = ZERO, adjustments: Decimal = ZERO) -> list[Margin]:
    """The margin of each line: freight and adjustments (what was given back) are shared out by revenue, to the cent."""
    weights = [max(line.revenue, ZERO) for line in lines]
    carried, given_back = shared_out(freight, weights), shared_out(adjustments, weights)
    return [
        Margin(line.revenue, line.cost, carriage + back)
        for line, carriage, back in zip(lines, carried, given_back, strict=True)
    ]


def total(parts: Sequence[Margin]) -> Margin:
    """Many margins as one."""
    return Margin(
        sum((one.revenue for one in parts), ZERO),
        sum((one.cost for one in parts), ZERO),
        sum((one.expenses for one in parts), ZERO),
    )
