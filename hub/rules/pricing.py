"""Prices and amounts: pure arithmetic on decimals, rounded the way invoices are."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def line_amount(quantity: Decimal, unit_price: Decimal, discount: Decimal = Decimal(0)) -> Decimal:
    """The net amount of a line, rounded half up to cents; `discount` in percent.

    >>> line_amount(Decimal(3), Decimal("0.335"), Decimal(0))
    Decimal('1.01')
    """
    net = quantity * unit_price * (100 - discount) / 100
    return net.quantize(CENT, ROUND_HALF_UP)
