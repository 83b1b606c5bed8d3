"""A bank statement against the books: matched by evidence, the rest said by a person, closed when all is known."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from hub import writes
from hub.context import Ctx
from hub.errors import Refused
from hub.ledgers import bank
from tests.books import Books
from tests.ledgers.test_money import codes

LINE = {"booked_date": "2026-05-06", "amount": "113", "counterparty": "海天客户"}


def opened(books: Books, ctx: Ctx) -> None:
    """A bank account, money received from two customers and a fee that nobody has entered."""
    books.make(ctx, "BankAccount", {"code": "ICBC", "name": "工商银行", "account": "1002"})
    for customer, amount, day in (("K1", "113", "2026-05-05"), ("K2", "70", "2026-05-07"), ("K2", "30", "2026-05-08")):
        receipt = {"customer": customer, "amount": amount, "receipt_date": day, "bank_account": "ICBC"}
        books.make(ctx, "SalesReceipt", receipt, "post")


def statement(books: Books, ctx: Ctx, *lines: dict[str, Any], **more: Any) -> Any:
    values = {"bank_account": "ICBC", "from_date": "2026-05-01", "until_date": "2026-05-31", "lines": lines, **more}
    return books.make(ctx, "BankStatement", values, "match")


BOTH = {"booked_date": "2026-05-09", "amount": "100", "counterparty": "宁波客户"}
FEE = {"booked_date": "2026-05-09", "amount": "-5", "purpose": "手续费"}


def test_a_statement_is_matched_reconciled_and_closed(books: Books) -> None:
    with books.work() as ctx:
        opened(books, ctx)
        made = statement(books, ctx, LINE, BOTH, FEE, closing_balance="208")
        numbers = [line.matched_number for line in made.lines]
        assert numbers[0] is not None
        assert len((numbers[1] or "").split()) == 2  # one transfer for two receipts
        assert numbers[2] is None
        told, only_bank, only_books = bank.reconciliation(ctx, made)
        assert (told.books, told.bank) == (Decimal(208), Decimal(208))
        assert [one.amount for one in only_bank] == [-5]
        assert not only_books
    with pytest.raises(Refused) as raised, books.work() as ctx:
        writes.run_step(ctx, "BankStatement", made.id, "close")
    assert codes(raised) == ["LINE_UNMATCHED"]
    with books.work() as ctx:
        sides = [{"account": "5603", "debit": "5"}, {"account": "1002", "credit": "5"}]
        fee = books.make(ctx, "JournalEntry", {"entry_date": "2026-05-09", "lines": sides}, "post")
        writes.run_step(ctx, "BankStatement", made.id, "match")
        done = writes.run_step(ctx, "BankStatement", made.id, "close")
        assert (done.lines[2].matched_type, done.lines[2].matched_number) == ("JournalEntry", fee.number)
        assert not bank.unmatched_in_books(ctx, done)


def test_what_one_statement_has_another_does_not_get(books: Books) -> None:
    with books.work() as ctx:
        opened(books, ctx)
        first = statement(books, ctx, LINE)
        again = statement(books, ctx, LINE)
        assert [one.lines[0].matched_number is None for one in (first, again)] == [False, True]
        writes.run_step(ctx, "BankStatement", first.id, "cancel")
        writes.run_step(ctx, "BankStatement", again.id, "match")
        assert again.lines[0].matched_number == first.lines[0].matched_number


def test_a_person_says_what_a_line_is_and_the_difference_shows(books: Books) -> None:
    with books.work() as ctx:
        opened(books, ctx)
        short = {**LINE, "amount": "112"}  # the bank kept a fee of one
        made = statement(books, ctx, short, closing_balance="112")
        assert made.lines[0].matched_number is None
        (number,) = ctx.session.execute(text("SELECT number FROM hub.sales_receipt WHERE amount = 113")).scalars()
        about = {"line": 1, "document_type": "SalesReceipt", "document_number": number}
        writes.run_step(ctx, "BankStatement", made.id, "assign", about)
        assert (made.lines[0].matched_number, made.lines[0].difference) == (number, -1)
        told, only_bank, only_books = bank.reconciliation(ctx, made)
        assert (told.books, told.bank) == (Decimal(212), Decimal(212))
        assert [one.amount for one in only_bank] == [-1]
        assert [one.amount for one in only_books] == [70, 30]
        writes.run_step(ctx, "BankStatement", made.id, "assign", {"line": 1})
        assert made.lines[0].matched_number is None
    for wrong, code in (
        ({**about, "line": 9}, "LINE_UNKNOWN"),
        ({**about, "document_number": "X"}, "MOVEMENT_UNKNOWN"),
    ):
        with pytest.raises(Refused) as raised, books.work() as ctx:
            writes.run_step(ctx, "BankStatement", made.id, "assign", wrong)
        assert codes(raised) == [code]


def test_everything_that_keeps_a_statement_open_is_told_at_once(books: Books) -> None:
    with books.work() as ctx:
        opened(books, ctx)
        first = statement(books, ctx, LINE, until_date="2026-05-06", closing_balance="113")
        writes.run_step(ctx, "BankStatement", first.id, "close")
        second = statement(books, ctx, FEE, from_date="2026-05-07", closing_balance="1")
    with pytest.raises(Refused) as raised, books.work() as ctx:
        writes.run_step(ctx, "BankStatement", second.id, "close")
    assert codes(raised) == ["STATEMENT_UNBALANCED", "STATEMENT_GAP", "LINE_UNMATCHED"]


def test_a_receipt_takes_the_account_of_its_bank_account(books: Books) -> None:
    with books.work() as ctx:
        accounts = [{"code": "100201", "name": "二号户", "kind": "asset"}]
        assert not writes.load(ctx, "Account", accounts).problems
        books.make(ctx, "BankAccount", {"code": "B2", "name": "建设银行", "account": "100201"})
        receipt = {"customer": "K1", "amount": "5", "receipt_date": "2026-05-05", "bank_account": "B2"}
        books.make(ctx, "SalesReceipt", receipt, "post")
        assert books.balances(ctx) == {"100201": 5, "2203": -5}


def test_money_nobody_has_entered_becomes_a_receipt_that_settles_what_is_due(books: Books) -> None:
    with books.work() as ctx:
        books.make(ctx, "BankAccount", {"code": "ICBC", "name": "工商银行", "account": "1002"})
        invoices = [books.invoice(ctx, "100", day=day) for day in ("2026-05-02", "2026-05-03")]
        made = statement(books, ctx, FEE, {**LINE, "amount": "150"}, closing_balance="145")
        draft = writes.convert(ctx, "BankStatement", made.id, "SalesReceipt")
        assert [(line.invoice_id, line.amount) for line in draft.lines] == [(invoices[0], 113), (invoices[1], 37)]
        with pytest.raises(Refused, match="NOTHING_RECEIVED"):
            writes.convert(ctx, "BankStatement", made.id, "SalesReceipt")
        posted = writes.run_step(ctx, "SalesReceipt", draft.id, "post")
        writes.run_step(ctx, "BankStatement", made.id, "match")
        assert (made.lines[1].matched_type, made.lines[1].matched_number) == ("SalesReceipt", posted.number)
        assert books.balances(ctx)["1122"] == 76


def owed(books: Books, ctx: Ctx, *lines: dict[str, Any]) -> str:
    """What was owed to suppliers before; returns the number of the opening balance."""
    rows = [{"supplier": "S1", **line} for line in lines]
    made = books.make(ctx, "OpeningBalance", {"kind": "payables", "entry_date": "2026-05-01", "lines": rows}, "post")
    return str(made.number)


def test_money_that_went_out_becomes_a_payment_of_what_it_speaks_of(books: Books) -> None:
    with books.work() as ctx:
        books.make(ctx, "BankAccount", {"code": "ICBC", "name": "工商银行", "account": "1002"})
        number = owed(books, ctx, {"credit": "40"}, {"credit": "60", "invoice_number": "FP-77"}, {"credit": "33"})
        lines = [
            {"booked_date": "2026-05-06", "amount": "-70", "counterparty": "塑料供应商", "purpose": "货款 FP-77"},
            {**FEE, "counterparty": "工商银行"},
            {"booked_date": "2026-05-08", "amount": "-33", "reference": "TX9"},
        ]
        made = statement(books, ctx, *lines, closing_balance="-108")
        drafts = [writes.convert(ctx, "BankStatement", made.id, "PurchasePayment") for _ in range(2)]
        known = ctx.session.execute(text("SELECT id, number FROM hub.purchase_invoice"))
        numbers = {row.id: row.number for row in known}
        told = [[(numbers[line.invoice_id], line.amount) for line in draft.lines] for draft in drafts]
        assert told == [[(f"{number}-2", 60), (f"{number}-1", 10)], [(f"{number}-3", 33)]]
        assert (drafts[1].reference, drafts[1].payment_date.isoformat()) == ("TX9", "2026-05-08")
        with pytest.raises(Refused) as raised:
            writes.convert(ctx, "BankStatement", made.id, "PurchasePayment")
        assert codes(raised) == ["NOTHING_PAID"]
        (stays,) = raised.value.problems
        assert stays.path == ("lines", "1")
        assert "第 2 行：支出 5，对方户名“工商银行”不是供应商" in stays.message.chinese
        posted = [writes.run_step(ctx, "PurchasePayment", one.id, "post") for one in drafts]
        writes.run_step(ctx, "BankStatement", made.id, "match")
        found = [(line.matched_type, line.matched_number) for line in made.lines]
        assert found == [("PurchasePayment", posted[0].number), (None, None), ("PurchasePayment", posted[1].number)]
        assert books.balances(ctx) == {"1002": -103, "2202": -30, "3199": 133}
        with pytest.raises(Refused) as raised:
            writes.convert(ctx, "BankStatement", made.id, "SalesReceipt")
        assert codes(raised) == ["NOTHING_RECEIVED"]


def test_two_suppliers_of_one_name_are_a_question(books: Books) -> None:
    with books.work() as ctx:
        books.make(ctx, "BankAccount", {"code": "ICBC", "name": "工商银行", "account": "1002"})
        books.make(ctx, "Supplier", {"code": "S2", "name": "塑料供应商"})
        line = {"booked_date": "2026-05-06", "amount": "-70", "counterparty": "塑料供应商"}
        made = statement(books, ctx, line)
        with pytest.raises(Refused) as raised:
            writes.convert(ctx, "BankStatement", made.id, "PurchasePayment")
        assert "可能是 S1 塑料供应商、S2 塑料供应商" in raised.value.problems[0].message.chinese


def test_what_is_paid_to_people_carriers_and_by_vouchers_is_matched_too(books: Books) -> None:
    with books.work() as ctx:
        books.make(ctx, "BankAccount", {"code": "ICBC", "name": "工商银行", "account": "1002"})
        spent = {"employee": "E1", "kind": "other", "claim_date": "2026-05-05", "lines": [{"amount": "50"}]}
        claim = books.make(ctx, "ExpenseClaim", spent, "submit", "approve")
        writes.run_step(ctx, "ExpenseClaim", claim.id, "pay", {"day": "2026-05-05"})
        trip = {"carrier": "CARRIER", "payment_date": "2026-05-05", "amount": "50"}
        freight = books.make(ctx, "FreightPayment", trip, "post")
        paid = {"supplier": "S1", "payment_date": "2026-05-05", "amount": "50", "reference": "TX-1"}
        payment = books.make(ctx, "PurchasePayment", paid, "post")
        sides = [{"account": "5602", "debit": "50"}, {"account": "1002", "credit": "50"}]
        voucher = books.make(ctx, "JournalEntry", {"entry_date": "2026-05-05", "lines": sides}, "post")
        out = {"booked_date": "2026-05-06", "amount": "-50"}
        lines = [{**out, "counterparty": "承运公司"}, {**out, "counterparty": "工人E1"}, {**out, "reference": "TX-1"}]
        made = statement(books, ctx, *lines, {**out, "purpose": f"凭证{voucher.number}"})
        assert [(line.matched_type, line.matched_number) for line in made.lines] == [
            ("FreightPayment", freight.number),
            ("ExpenseClaim", claim.number),
            ("PurchasePayment", payment.number),
            ("JournalEntry", voucher.number),
        ]
