"""Arithmetic of invoices and receipts: taxes, totals and what a payment settles, all to the cent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from hub.rules.pricing import CENT

ZERO = Decimal(0)


def tax_amount(net: Decimal, rate: Decimal) -> Decimal:
    """The tax on a net amount, rounded half up to cents; `rate` in percent.

    >>> tax_amount(Decimal("0.50"), Decimal(13))
    Decimal('0.07')
    """
    return (net * rate / 100).quantize(CENT, ROUND_HALF_UP)


def in_cents(amount: Decimal) -> bool:
    """Whether an amount is one that can be paid: no part of a cent."""
    return amount == amount.quantize(CENT)
