"""The three-way match: what a supplier invoices against what was ordered and what came, within tolerances.

Too much money or too many goods hold an invoice up; too little is told and lets it pass. Limits are a percentage and
an amount, above and below apart, and the narrower counts, as buyers know them from their invoice verification.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from hub.rules.money import ZERO
from hub.rules.prices import line_amount


class Kind(Enum):
    """What an invoice line can differ in."""

    NOT_ORDERED = "not_ordered"
    OVER_ORDERED = "over_ordered"
    OVER_RECEIVED = "over_received"
    PRICE_ABOVE = "price_above"
    PRICE_BELOW = "price_below"


class Result(Enum):
    """The outcome for a line or an invoice, from best to worst."""

    MATCHED = "matched"
    WITHIN_TOLERANCE = "within_tolerance"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Limit:
    """How far a value may be off: `percent` of what is expected and `amount`; None does not check, 0 lets nothing."""

    percent: Decimal | None = None
    amount: Decimal | None = None

    def allows(self, expected: Decimal, found: Decimal) -> bool:
        """Whether the distance of `found` from `expected` stays within both."""
        off = abs(found - expected)
        by_percent = self.percent is None or off * 100 <= abs(expected) * self.percent
        return by_percent and (self.amount is None or off <= self.amount)


@dataclass(frozen=True)
class Tolerance:
    """The limits of a company. `quantity` is about pieces above order and receipt, the others about a line's money."""

    quantity: Limit = Limit(Decimal(0))
    above: Limit = Limit(Decimal(0))
    below: Limit = Limit()


@dataclass(frozen=True)
class Line:
    """An invoice line and what it names: an order line's quantity and net unit price, received and invoiced before.

    Without an order `ordered` is None; `received` is less what went back. All prices are net of tax and discount.
    """

    quantity: Decimal
    unit_price: Decimal
    ordered: Decimal | None = None
    order_price: Decimal = ZERO
    received: Decimal = ZERO
    invoiced: Decimal = ZERO


@dataclass(frozen=True)
class Difference:
    """What differs: what would be right, what is there, and whether the tolerance lets it pass."""

    kind: Kind
    expected: Decimal
    found: Decimal
    tolerated: bool


def differences(line: Line, tolerance: Tolerance) -> Iterator[Difference]:
    """What an invoice line differs in from its order and its receipts, in the order of `Kind`.

    >>> ten = Tolerance(above=Limit(Decimal(10)))
    >>> order = {"ordered": Decimal(4), "order_price": Decimal(100), "received": Decimal(4)}
    >>> [(one.kind.value, one.tolerated) for one in differences(Line(Decimal(4), Decimal(110), **order), ten)]
    [('price_above', True)]
    >>> [(one.kind.value, one.tolerated) for one in differences(Line(Decimal(5), Decimal(100), **order), ten)]
    [('over_ordered', False), ('over_received', False)]
    """
    if line.ordered is None:
        yield Difference(Kind.NOT_ORDERED, ZERO, line.quantity, False)
        return
    for kind, limit in ((Kind.OVER_ORDERED, line.ordered), (Kind.OVER_RECEIVED, line.received)):
        total = line.invoiced + line.quantity
        if total > limit:
            yield Difference(
                kind, max(limit - line.invoiced, ZERO), line.quantity, tolerance.quantity.allows(limit, total)
            )
    expected = line_amount(line.quantity, line.order_price)
    found = line_amount(line.quantity, line.unit_price)
    if found > expected:
        yield Difference(Kind.PRICE_ABOVE, expected, found, tolerance.above.allows(expected, found))
    elif found < expected:
        yield Difference(Kind.PRICE_BELOW, expected, found, tolerance.below.allows(expected, found))


def result(found: Iterable[Difference]) -> Result:
    """What differences amount to: the worst of them; none is a match."""
    tolerated = [one.tolerated for one in found]
    if not all(tolerated):
        return Result.DIFFERENT
    return Result.WITHIN_TOLERANCE if tolerated else Result.MATCHED
