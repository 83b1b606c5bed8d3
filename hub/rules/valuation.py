"""What stock is worth: moving average and monthly weighted average (全月一次加权平均), to the cent.

Both are one rule over spans: a day for the moving average, a month for the monthly one. In a span, what comes in at a
given price comes first, then everything else moves at the average of all that is there. The order within a span does
not matter, so entries may be made in any order of time and end at the same value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

CENT = Decimal("0.01")
_EXACT = Context(prec=60)


@dataclass(frozen=True)
class Price:
    """`value` for `quantity` pieces: a fraction, for a repeating decimal would lose the half cent that rounds up."""

    value: Decimal
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True)
class Span:
    """What moved in a day or month: at given prices, and at the average (out of stock is below zero)."""

    given_quantity: Decimal
    given_value: Decimal
    average_quantity: Decimal


@dataclass(frozen=True)
class Valued:
    """The average price of a span and the value of what moved at it."""

    price: Price
    average_value: Decimal


def cents(price: Price, quantity: Decimal) -> Decimal:
    """What a quantity is worth at a price, rounded half up to cents, as PostgreSQL's round() does it.

    >>> cents(Price(Decimal("30.61"), Decimal(17)), Decimal("8.5"))
    Decimal('15.31')
    """
    worth = _EXACT.divide(_EXACT.multiply(price.value, quantity), price.quantity)
    return worth.quantize(CENT, ROUND_HALF_UP, context=_EXACT)


def valued(
    quantity: Decimal, value: Decimal, spans: Iterable[Span], fallback: Decimal = Decimal(0)
) -> Iterator[Valued]:
    """The price of each span after an opening quantity and value; `fallback` is the price where there is no average.

    Whatever takes the last piece takes all of the value that is left, so no rounding remainder stays behind.

    >>> spans = [Span(Decimal(3), Decimal(10), Decimal(-1)), Span(Decimal(0), Decimal(0), Decimal(-2))]
    >>> [str(one.average_value) for one in valued(Decimal(0), Decimal(0), spans)]
    ['-3.33', '-6.67']
    """
    for span in spans:
        base, worth = quantity + span.given_quantity, value + span.given_value
        price = _price(base, worth, span.average_quantity, fallback)
        moved = cents(price, span.average_quantity)
        yield Valued(price, moved)
        quantity, value = base + span.average_quantity, worth + moved


def _price(quantity: Decimal, value: Decimal, moving: Decimal, fallback: Decimal) -> Price:
    takes_all = quantity != 0 and moving == -quantity
    if takes_all or (quantity > 0 and value >= 0):
        return Price(value, quantity)
    return Price(fallback)


def share(price: Price, before: Decimal, quantity: Decimal) -> Decimal:
    """The value of one movement of a span after others of `before` pieces: shares add up to the span's value."""
    return cents(price, before + quantity) - cents(price, before)
