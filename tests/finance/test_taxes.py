"""A line that names no tax rate gets its item's, else the general one of the day; an invoice tells its tax by rate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from hub import identity, writes
from hub.context import Ctx
from hub.document.registry import spec
from tests.books import Books
from tests.conftest import Database
from tests.ledgers.test_story import Office
from tests.serving import serving

GENERAL = (("VAT16", "16", "2018-05-01", "2019-03-31"), ("VAT13", "13", "2019-04-01", None))
PAPERS = (
    ("Quotation", "quotation_date", {"customer": "K1"}),
    ("SalesOrder", "order_date", {"customer": "K1"}),
    ("SalesInvoice", "invoice_date", {"customer": "K1"}),
    ("PurchaseOrder", "order_date", {"supplier": "S1"}),
    ("PurchaseInvoice", "invoice_date", {"supplier": "S1"}),
)


def general(books: Books, ctx: Ctx) -> None:
    for code, rate, first, last in GENERAL:
        days = {"valid_from_date": first, "valid_until_date": last}
        books.make(ctx, "TaxRate", {"code": code, "name": code, "rate": rate, "is_general": True, **days})


def rates_of(books: Books, document_type: str, head: dict[str, Any], *lines: dict[str, Any]) -> list[int]:
    """The rates of a new document's lines, whose item is I1 unless they say otherwise."""
    with books.work(dry_run=True) as ctx:
        rows = [{"item": "I1", "quantity": "1", "unit_price": "100", **line} for line in lines]
        made = books.make(ctx, document_type, {**head, "lines": rows})
        table = spec(f"{document_type}Line").table
        stored = select(table.c.tax_rate).where(table.c.id.in_([line.id for line in made.lines]))
        return [int(one) for one in ctx.session.execute(stored.order_by(table.c.position)).scalars()]


@pytest.mark.parametrize(("document_type", "day", "partner"), PAPERS)
def test_a_rate_that_was_left_out_is_proposed_for_the_day(
    books: Books, document_type: str, day: str, partner: dict[str, str]
) -> None:
    def asked(when: str, *lines: dict[str, Any]) -> list[int]:
        return rates_of(books, document_type, {**partner, day: when}, *lines)

    assert asked("2019-03-31", {}) == [13]  # the company says nothing
    with books.work() as ctx:
        general(books, ctx)
        (item,) = ctx.session.execute(text("SELECT id FROM hub.item WHERE code = 'I2'")).scalars()
    assert asked("2019-03-31", {}, {"tax_rate": "13"}, {"item": "I2"}) == [16, 13, 16]
    with books.work() as ctx:
        writes.update(ctx, "Item", item, {"tax_rate": "9"})
    assert asked("2019-03-31", {}, {"item": "I2"}, {"item": "I2", "tax_rate": "0"}) == [16, 9, 0]
    assert asked("2026-05-01", {}, {"item": "I2"}) == [13, 9]
    assert asked("2018-04-30", {}) == [13]  # no rate is in force
    with books.work() as ctx:
        books.make(ctx, "TaxRate", {"code": "IN", "name": "IN", "rate": "6", "kind": "input", "is_general": True})
    assert asked("2026-05-01", {}) == [6 if "supplier" in partner else 13]


def test_a_line_added_later_gets_a_rate_and_those_that_were_there_keep_theirs(books: Books) -> None:
    with books.work() as ctx:
        line = {"item": "I1", "quantity": "1", "unit_price": "100"}
        made = books.make(ctx, "SalesInvoice", {"customer": "K1", "invoice_date": "2019-03-31", "lines": [line]})
        id_ = made.id
    with books.work() as ctx:
        general(books, ctx)
    with books.work() as ctx:
        made = writes.update(ctx, "SalesInvoice", id_, {"lines": {"add": [line]}})
        assert [(one.tax_rate, one.tax_amount) for one in made.lines] == [(13, 13), (16, 16)]


def test_what_is_taken_back_is_not_remembered(books: Books) -> None:
    with books.work(dry_run=True) as ctx:
        general(books, ctx)
        line = {"item": "I1", "quantity": "1"}
        made = books.make(ctx, "SalesInvoice", {"customer": "K1", "invoice_date": "2019-03-31", "lines": [line]})
        assert made.lines[0].tax_rate == 16
    assert rates_of(books, "SalesInvoice", {"customer": "K1", "invoice_date": "2019-03-31"}, {}) == [13]


def test_an_invoice_tells_its_tax_by_rate(books: Books, tmp_path: Path) -> None:
    with books.work() as ctx:
        assert writes.load(ctx, "User", [{"code": "a", "name": "a", "roles": ["finance"]}]).problems == []
        priced = [("0.50", "13"), ("0.50", "13"), ("100", "9"), ("7", "13")]
        lines = [{"item": "I1", "quantity": "1", "unit_price": price, "tax_rate": rate} for price, rate in priced]
        invoice = books.make(ctx, "SalesInvoice", {"customer": "K1", "lines": lines}, "post").id
    with Session(books.engine) as session, session.begin():
        tokens = {"a": identity.issue_token(session, "a", purpose="test")}
    with serving(Database(books.engine.url, books.engine), tmp_path / "hub.log") as url:
        asked = """query ($id: ID!) { salesInvoice(id: $id) { taxAmount linesConnection {
            groups(by: [{taxRate: true}], orderBy: [{key: {taxRate: ASC}}]) {
                key { taxRate } sum { amount taxAmount } } } } }"""
        told = Office(url, tokens).ask("a", asked, id=str(invoice))["salesInvoice"]
    groups = [(one["key"]["taxRate"], *one["sum"].values()) for one in told["linesConnection"]["groups"]]
    assert groups == [("9.0000", "100.0000", "9.0000"), ("13.0000", "8.0000", "1.0500")]
    assert told["taxAmount"] == "10.0500"  # each line's own rounded tax: 0.07 twice
