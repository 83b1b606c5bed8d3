"""Vouchers and opening balances: balanced or refused, in an open period or refused, reversed as if they never were."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub import writes
from hub.errors import Refused
from hub.ledgers import money
from hub.rules.chart import CHART, POSTINGS
from hub.seed.books import open_company
from hub.trouble import Trouble
from tests.books import Books


def voucher(*lines: tuple[str, str, str], day: str = "2026-05-05", **more: Any) -> dict[str, Any]:
    return {
        "entry_date": day,
        "lines": [{"account": account, "debit": debit, "credit": credit, **more} for account, debit, credit in lines],
    }


PAID_IN = voucher(("1002", "1000.10", "0"), ("3001", "0", "1000.10"))


def turnover(ctx: Any, company_id: UUID, until: str, since: str = "") -> tuple[Decimal, Decimal]:
    """Debit and credit of account 1002 in the trial balance."""
    (found,) = (one for one in money.trial_balance(ctx, company_id, until, since) if one.code == "1002")
    return found.debit, found.credit


def codes(raised: pytest.ExceptionInfo[Any]) -> list[str]:
    return [one.code for one in raised.value.problems]


def test_a_voucher_posts_its_lines_and_is_reversed_as_if_it_never_was(books: Books) -> None:
    with books.work() as ctx:
        made = books.make(ctx, "JournalEntry", PAID_IN, "post")
        assert books.balances(ctx) == {"1002": Decimal("1000.10"), "3001": Decimal("-1000.10")}
        assert turnover(ctx, made.company_id, "2026-05") == (Decimal("1000.10"), Decimal(0))
        assert not books.astray(ctx)
    with books.work() as ctx:
        writes.run_step(ctx, "JournalEntry", made.id, "cancel")
        assert books.balances(ctx) == {}
        assert turnover(ctx, made.company_id, "2026-05") == (Decimal(0), Decimal(0))
        rows = list(ctx.session.execute(text("SELECT debit, credit, note FROM hub.money_entry ORDER BY id")))
        assert len(rows) == 4  # nothing is taken away: red entries stand beside the black ones
        assert (rows[2].debit, rows[2].note) == (Decimal("-1000.10"), "红冲 Reversal")
        assert not books.astray(ctx)


def test_everything_wrong_with_a_voucher_is_told_at_once(books: Books) -> None:
    wrong = voucher(
        ("1002", "10.005", "0"),  # part of a cent
        ("1122", "5", "0"),  # kept by customer, and none is named
        ("2221", "0", "3"),  # has sub-accounts
        ("3001", "1", "1"),  # both sides
    )
    with books.work() as ctx:
        period = books.make(ctx, "JournalEntry", voucher(("1002", "1", "0"), ("3001", "0", "1")), "post")
        assert period.state.value == "posted"
        ctx.session.execute(text("UPDATE hub.fiscal_period SET state = 'closed'"))
    with pytest.raises(Refused) as raised, books.work() as ctx:
        books.make(ctx, "JournalEntry", wrong, "post")
    assert sorted(codes(raised)) == sorted(
        ["PERIOD_CLOSED", "NOT_IN_CENTS", "ONE_SIDE_ONLY", "UNBALANCED", "PARTNER_MISSING", "ACCOUNT_UNUSABLE"]
    )
    assert {one.path for one in raised.value.problems} >= {("lines", "1", "customer"), ("lines", "2", "account")}


def test_a_closed_period_takes_neither_postings_nor_reversals(books: Books) -> None:
    with books.work() as ctx:
        made = books.make(ctx, "JournalEntry", PAID_IN, "post")
        period = ctx.session.execute(text("SELECT id FROM hub.fiscal_period")).scalar_one()
        writes.run_step(ctx, "FiscalPeriod", period, "close")
    with pytest.raises(Refused) as raised, books.work() as ctx:
        writes.run_step(ctx, "JournalEntry", made.id, "cancel")
    assert codes(raised) == ["PERIOD_CLOSED"]
    with books.work() as ctx:  # the reversal belongs to the day on which it was decided
        writes.run_step(ctx, "JournalEntry", made.id, "cancel", {"day": "2026-06-02"})
        assert turnover(ctx, made.company_id, "2026-05") == (Decimal("1000.10"), Decimal(0))
        assert turnover(ctx, made.company_id, "2026-06") == (Decimal(0), Decimal(0))


BAD_ROW = (
    "INSERT INTO hub.money_entry (company_id, entry_date, period_id, account_id, debit, credit, document_type,"
    " document_number, recorded_by) SELECT company_id, entry_date, period_id, account_id, {}, {}, 'JournalEntry', 'X',"
    " recorded_by FROM hub.money_entry LIMIT 1"
)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE hub.money_entry SET debit = 1", "append-only"),
        ("DELETE FROM hub.money_entry", "append-only"),
        ("TRUNCATE hub.money_entry", "append-only"),
        (BAD_ROW.format("5", "0"), "do not balance"),
        (BAD_ROW.format("0.005", "0"), "ck_money_entry_cents"),
        (BAD_ROW.format("1", "1"), "ck_money_entry_one_side"),
    ],
)
def test_postgresql_itself_refuses(books: Books, statement: str, told: str) -> None:
    with books.work() as ctx:
        books.make(ctx, "JournalEntry", PAID_IN, "post")
    with pytest.raises(DBAPIError, match=told), books.engine.begin() as connection:
        connection.execute(text(statement))


def test_postgresql_refuses_a_balanced_insert_into_a_closed_period(books: Books) -> None:
    with books.work() as ctx:
        books.make(ctx, "JournalEntry", PAID_IN, "post")
        ctx.session.execute(text("UPDATE hub.fiscal_period SET state = 'closed'"))
    copy = (
        "INSERT INTO hub.money_entry (company_id, entry_date, period_id, account_id, debit, credit, document_type,"
        " document_number, recorded_by) SELECT company_id, entry_date, period_id, account_id, debit, credit,"
        " document_type, document_number, recorded_by FROM hub.money_entry"
    )
    with pytest.raises(DBAPIError, match="period is closed"), books.engine.begin() as connection:
        connection.execute(text(copy))


@pytest.mark.parametrize(
    ("kind", "line", "balances"),
    [
        ("receivables", {"customer": "K1", "debit": "113"}, {"1122": 113, "3199": -113}),
        ("payables", {"supplier": "S1", "credit": "50"}, {"2202": -50, "3199": 50}),
        ("stock", {"item": "I1", "quantity": "20", "debit": "70"}, {"1405": 70, "3199": -70}),
    ],
)
def test_opening_balances_of_each_kind(books: Books, kind: str, line: dict[str, str], balances: dict[str, int]) -> None:
    values = {"kind": kind, "entry_date": "2026-01-01", "warehouse": "W1", "lines": [line]}
    with books.work() as ctx:
        made = books.make(ctx, "OpeningBalance", values, "post")
        assert books.balances(ctx) == balances
        on_hand = text("SELECT coalesce(sum(quantity), 0) FROM hub.stock_entry")
        assert ctx.session.execute(on_hand).scalar_one() == (20 if kind == "stock" else 0)
        writes.run_step(ctx, "OpeningBalance", made.id, "cancel")
        assert books.balances(ctx) == {}
        assert ctx.session.execute(on_hand).scalar_one() == 0


def test_opening_accounts_must_balance_and_each_kind_names_what_it_is_about(books: Books) -> None:
    accounts = {"entry_date": "2026-01-01", "lines": [{"account": "1002", "debit": "5"}]}
    with pytest.raises(Refused) as raised, books.work() as ctx:
        books.make(ctx, "OpeningBalance", accounts, "post")
    assert codes(raised) == ["UNBALANCED"]
    with pytest.raises(Refused) as raised, books.work() as ctx:
        books.make(ctx, "OpeningBalance", {"kind": "stock", "warehouse": "W1", "lines": [{"debit": "5"}]}, "post")
    assert [one.path[-1] for one in raised.value.problems] == ["item", "quantity"]


def test_a_missing_posting_rule_is_named(books: Books) -> None:
    with books.work() as ctx:
        ctx.session.execute(text("DELETE FROM hub.posting_rule WHERE code = 'SalesInvoice.revenue'"))
    with pytest.raises(Refused) as raised, books.work() as ctx:
        books.invoice(ctx, "10")
    assert codes(raised) == ["POSTING_RULE_MISSING"]
    assert "SalesInvoice.revenue" in str(raised.value.problems[0].hint)


def test_a_company_without_accounts_posts_nothing_and_is_not_stopped(books: Books) -> None:
    with books.work() as ctx:
        ctx.session.execute(text("DELETE FROM hub.posting_rule"))
        ctx.session.execute(text("DELETE FROM hub.account"))
    with books.work() as ctx:
        invoice = books.invoice(ctx, "10")
        receipt = {"customer": "K1", "amount": "11.30", "lines": [{"invoice": str(invoice), "amount": "11.30"}]}
        assert books.make(ctx, "SalesReceipt", receipt, "post").state.value == "posted"
        assert books.balances(ctx) == {}


def test_hub_books_opens_the_only_company_or_the_one_that_is_named(books: Books) -> None:
    assert open_company(books.engine, None) == 0
    with books.work() as ctx:
        writes.create(ctx, "Company", {"code": "C2", "name": "第二家公司"})
    for code in (None, "C3"):
        with pytest.raises(Trouble):
            open_company(books.engine, code)
    assert open_company(books.engine, "C2") == len(CHART) + len(POSTINGS)
