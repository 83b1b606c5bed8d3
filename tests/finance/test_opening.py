"""What was open before the books began here: it comes in as open items, which are settled, aged and counted as any."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from hub import identity, writes
from hub.context import Ctx
from hub.errors import Refused
from hub.ledgers import ageing, credit
from tests.books import Books
from tests.conftest import Database
from tests.finance.test_statements import company
from tests.ledgers.test_money import codes
from tests.ledgers.test_story import Office
from tests.serving import serving

DAY = "2026-05-01"
OWED = {"customer": "K1", "invoice_number": "OLD-7", "invoice_date": "2026-03-02", "due_date": "2026-04-15"}
CSV = """类型,日期,明细 客户,明细 原发票号,明细 开票日期,明细 到期日,明细 借方,明细 贷方
应收,2026-05-01,K1,OLD-7,2026-03-02,2026-04-15,113.01,
,,K1,OLD-9,2026-04-02,2026-05-15,50,
,,K2,,2026-04-20,,,30
"""
BRING = """mutation ($csv: String!) { importRows(documentType: "OpeningBalance", csv: $csv, step: "post") {
    created stepped problems { code path } } }"""
ITEMS = """{ openingBalances { nodes { number salesInvoices { nodes { id number taxInvoiceNumber openAmount } } } }
    customer(code: "K1") { receivable }
    owed: receivablesAged(day: "2026-05-31") { code notDue days30 days60 total } }"""


def opened(books: Books, ctx: Ctx, kind: str, *lines: dict[str, Any]) -> Any:
    return books.make(ctx, "OpeningBalance", {"kind": kind, "entry_date": DAY, "lines": lines}, "post")


def paper(ctx: Ctx, table: str, number: str) -> Any:
    found = text(f"SELECT * FROM hub.{table} WHERE number = :number")
    return ctx.session.execute(found, {"number": number}).one()


def test_an_old_invoice_comes_in_by_csv_is_received_and_nothing_is_open(books: Books, tmp_path: Path) -> None:
    with books.work() as ctx:
        assert writes.load(ctx, "User", [{"code": "a", "name": "a", "roles": ["finance"]}]).problems == []
    with Session(books.engine) as session, session.begin():
        tokens = {"a": identity.issue_token(session, "a", purpose="test")}
    with serving(Database(books.engine.url, books.engine), tmp_path / "hub.log") as url:
        office = Office(url, tokens)
        assert office.ask("a", BRING, csv=CSV)["importRows"] == {"created": 1, "stepped": 1, "problems": []}
        told = office.ask("a", ITEMS)
        (opening,) = told["openingBalances"]["nodes"]
        first, second = sorted(opening["salesInvoices"]["nodes"], key=lambda one: str(one["number"]))
        assert (first["number"], first["taxInvoiceNumber"], first["openAmount"]) == (
            f"{opening['number']}-1",
            "OLD-7",
            "113.0100",
        )
        assert told["customer"]["receivable"] == "163.0100"
        assert [(one["code"], one["total"]) for one in told["owed"]] == [("K1", "163.01")]
        assert told["owed"][0]["days30"] == "50.00"
        assert told["owed"][0]["days60"] == "113.01"
        for item in (first, second):
            day = {"receiptDate": "2026-05-06"}
            receipt = office.done("a", "convertSalesInvoiceToSalesReceipt", "salesReceipt", id=item["id"], input=day)
            office.done("a", "postSalesReceipt", "salesReceipt", id=receipt)
        told = office.ask("a", ITEMS)
        assert {one["openAmount"] for one in told["openingBalances"]["nodes"][0]["salesInvoices"]["nodes"]} == {
            "0.0000"
        }
        assert (told["customer"]["receivable"], told["owed"]) == ("0.0000", [])
    with books.work() as ctx:
        left = {"1002": Decimal("163.01"), "2203": Decimal(-30), "3199": Decimal("-133.01")}
        assert books.balances(ctx) == left
        assert not books.astray(ctx)


def test_what_was_owed_in_another_currency_is_settled_with_a_gain(books: Books) -> None:
    with books.work() as ctx:
        abroad = {"supplier": "S1", "invoice_number": "INV 5", "credit": "100", "currency": "USD"}
        made = opened(books, ctx, "payables", {**abroad, "exchange_rate": "7.1", "due_date": "2026-05-20"})
        assert books.balances(ctx) == {"2202": -710, "3199": 710}
        invoice = paper(ctx, "purchase_invoice", f"{made.number}-1")
        assert (invoice.currency, invoice.tax_invoice_number, invoice.state) == ("USD", "INV 5", "posted")
        payment = {"supplier": "S1", "payment_date": "2026-05-20", "amount": "100", "currency": "USD"}
        lines = [{"invoice": invoice.number, "amount": "100"}]
        books.make(ctx, "PurchasePayment", {**payment, "exchange_rate": "7", "lines": lines}, "post")
        assert books.balances(ctx) == {"1002": -700, "5603": -10, "3199": 710}
        assert not ageing.payables(ctx, company(ctx), date(2026, 6, 1))


def test_an_advance_of_before_settles_what_comes_after(books: Books) -> None:
    with books.work() as ctx:
        sides = [{"customer": "K1", "credit": "150", "invoice_number": "R1"}, {**OWED, "debit": "20"}]
        made = opened(books, ctx, "receivables", *sides)
        assert books.balances(ctx) == {"1122": 20, "2203": -150, "3199": 130}
        books.invoice(ctx, "100")
        advance = paper(ctx, "sales_receipt", f"{made.number}-1")
        assert (advance.reference, advance.amount) == ("R1", 150)
        writes.run_step(ctx, "SalesReceipt", advance.id, "distribute", {"day": "2026-05-07"})
        left = {"2203": -17, "3199": 130, "5001": -100, "22210102": -13}
        assert books.balances(ctx) == left  # 150 - 20 - 113
    for kind, id_ in (("SalesReceipt", advance.id), ("OpeningBalance", made.id)):
        with pytest.raises(Refused) as raised, books.work() as ctx:
            writes.run_step(ctx, kind, id_, "cancel")
        assert codes(raised) == (["OPENED_WITH_OTHERS"] if kind == "SalesReceipt" else ["OPENING_SETTLED"] * 2)


def test_an_opening_is_taken_back_as_a_whole(books: Books) -> None:
    with books.work() as ctx:
        made = opened(books, ctx, "receivables", {**OWED, "debit": "20"}, {"customer": "K1", "credit": "5"})
        owner = paper(ctx, "sales_invoice", f"{made.number}-1")
        exposed = credit.exposure(ctx, owner.customer_id, date(2026, 5, 31))
        assert [exposed.invoiced, exposed.overdue, exposed.advances] == [20, 20, 5]
    with pytest.raises(Refused, match="OPENED_WITH_OTHERS"), books.work() as ctx:
        writes.run_step(ctx, "SalesInvoice", owner.id, "cancel")
    with books.work() as ctx:
        writes.run_step(ctx, "OpeningBalance", made.id, "cancel")
        assert books.balances(ctx) == {}
        assert paper(ctx, "sales_invoice", owner.number).state == "cancelled"
        assert credit.exposure(ctx, owner.customer_id, date(2026, 5, 31)).invoiced == 0
        again = opened(books, ctx, "receivables", {**OWED, "debit": "20"})  # the old number is free again
        assert paper(ctx, "sales_invoice", f"{again.number}-1").received_amount == 0


def test_everything_wrong_with_an_opening_is_told_at_once_and_goods_need_an_item(books: Books) -> None:
    with books.work() as ctx:
        opened(books, ctx, "receivables", {**OWED, "debit": "20"})
    lines = [
        {**OWED, "debit": "1"},
        {"customer": "K1", "debit": "1", "credit": "1"},
        {"customer": "K2", "debit": "0.001"},
        {"customer": "K2", "debit": "1", "currency": "EUR"},
        {"customer": "K2", "debit": "1", "account": "1121"},
    ]
    with pytest.raises(Refused) as raised, books.work() as ctx:
        opened(books, ctx, "receivables", *lines)
    wrong = ["INVOICE_DUPLICATE", "ONE_SIDE_ONLY", "NOT_IN_CENTS", "EXCHANGE_RATE_MISSING", "ACCOUNT_BY_RULE"]
    assert codes(raised) == wrong
    for kind, partner, step in (
        ("SalesInvoice", {"customer": "K1"}, "post"),
        ("PurchaseInvoice", {"supplier": "S1"}, "match"),
        ("PurchaseInvoice", {"supplier": "S1"}, "accept"),
    ):
        with books.work() as ctx:
            made = books.make(ctx, kind, {**partner, "lines": [{"quantity": 1, "unit_price": "5"}]})
        with pytest.raises(Refused, match="ITEM_MISSING"), books.work() as ctx:
            writes.run_step(ctx, kind, made.id, step, {"reason": "x"} if step == "accept" else {})
