"""Lot sizes: how much is made or bought at once when so much is short."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from hub.errors import Invalid, problem

ZERO = Decimal(0)
STEP = Decimal("0.0001")
"""The finest quantity that is kept."""


@dataclass(frozen=True)
class LotRule:
    """How much is made or bought at once; zero stands for no rule.

    Shortages of `period_days` days go together: 1 is lot for lot. A fixed lot has minimum = multiple = maximum.
    """

    minimum: Decimal = ZERO
    multiple: Decimal = ZERO
    maximum: Decimal = ZERO
    period_days: int = 1

    def __post_init__(self) -> None:
        """Invalid LOT_RULE_CONTRADICTS when no lot keeps the rule."""
        if self.maximum and self._above(max(self.minimum, STEP)) > self.maximum:
            raise Invalid(
                problem(
                    "LOT_RULE_CONTRADICTS",
                    "最大批量小于最小批量或批量倍数。",
                    "The largest lot is smaller than the smallest one or its multiple.",
                    "maximumLot",
                )
            )

    def _above(self, quantity: Decimal) -> Decimal:
        """The quantity, or the next one that is a multiple."""
        if not self.multiple:
            return quantity
        return (quantity / self.multiple).to_integral_value(ROUND_CEILING) * self.multiple

    def lots(self, quantity: Decimal) -> list[Decimal]:
        """The lots that together hold at least `quantity`, as few as the rule allows, the largest first.

        >>> [str(lot) for lot in LotRule(Decimal(50), Decimal(20), Decimal(100)).lots(Decimal(130))]
        ['100', '60']
        """
        largest = self.maximum
        if largest and self.multiple:
            largest -= largest % self.multiple
        result: list[Decimal] = []
        while quantity > 0:
            lot = self._above(max(quantity, self.minimum))
            result.append(min(lot, largest) if largest else lot)
            quantity -= result[-1]
        return result
