"""What a digital invoice must say, and an invoice in another currency: in the books in the currency of the books."""

from __future__ import annotations

import pytest

from hub import writes
from hub.context import Ctx
from hub.document.registry import spec
from hub.errors import Invalid, Refused
from tests.books import Books
from tests.ledgers.test_money import codes

LINES = [{"item": "I1", "quantity": "3", "unit_price": "33.335"}]
SALE = {"customer": "K1", "invoice_date": "2026-05-05", "lines": LINES}


def our_numbers(ctx: Ctx, **numbers: str | None) -> None:
    """The tax numbers in the records of the customer and of the company."""
    for name, number in numbers.items():
        table = spec(name).table
        (row,) = ctx.session.execute(table.select().where(table.c.code.in_(("K1", "C1"))))
        writes.update(ctx, name, row.id, {"uscc": number})


def test_a_special_invoice_names_both_parties_from_their_records(books: Books) -> None:
    digital = {**SALE, "tax_invoice_kind": "digital_special"}
    with pytest.raises(Refused) as raised, books.work() as ctx:
        books.make(ctx, "SalesInvoice", digital, "post")
    assert codes(raised) == ["BUYER_TAX_NUMBER", "SELLER_TAX_NUMBER"]
    with books.work() as ctx:
        our_numbers(ctx, Customer="91330200MA2AAAAA1K", Company="91330200MA2BBBBB32")
        made = books.make(ctx, "SalesInvoice", digital, "post")
        assert (made.buyer_tax_number, made.seller_tax_number) == ("91330200MA2AAAAA1K", "91330200MA2BBBBB32")
        writes.update(ctx, "SalesInvoice", made.id, {"tax_invoice_number": "26332000000012345678"})
    with pytest.raises(Invalid) as wrong, books.work() as ctx:
        writes.update(ctx, "SalesInvoice", made.id, {"tax_invoice_number": "2633200000001234567"})
    assert codes(wrong) == ["TAX_INVOICE_NUMBER"]


def test_an_invoice_in_dollars_stands_in_yuan_in_the_books(books: Books) -> None:
    dollars = {**SALE, "currency": "USD"}
    with pytest.raises(Refused) as raised, books.work() as ctx:
        books.make(ctx, "SalesInvoice", dollars, "post")
    assert codes(raised) == ["EXCHANGE_RATE_MISSING"]
    with books.work() as ctx:
        made = books.make(ctx, "SalesInvoice", {**dollars, "exchange_rate": "7.1"}, "post")  # 100.01 + 13.00
        balances = books.balances(ctx)
        assert (str(balances["1122"]), str(balances["5001"])) == ("802.3700", "-710.0700")
        draft = writes.convert(ctx, "SalesInvoice", made.id, "SalesReceipt")
        assert (draft.currency, draft.exchange_rate) == ("USD", made.exchange_rate)
