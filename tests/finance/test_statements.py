"""The statements tie out at any moment: after a random month of business, before and after a year is closed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from hub import writes
from hub.context import Ctx
from hub.errors import Refused
from hub.ledgers import statements
from tests.books import Books
from tests.ledgers.test_money import codes

LAST = date(2026, 12, 31)
MONTH = "2026-12"


def company(ctx: Ctx) -> UUID:
    return UUID(str(ctx.session.execute(text("SELECT id FROM hub.company")).scalar_one()))


def column(lines: list[statements.Line], *, other: bool = False) -> dict[int, Decimal]:
    return {one.number: one.other if other else one.amount for one in lines}


def close_year(ctx: Ctx) -> None:
    """Close every period that is open, to the end of the year."""
    periods = ctx.session.execute(text("SELECT id FROM hub.fiscal_period WHERE state = 'open' ORDER BY code"))
    for period in periods.scalars().all():
        writes.run_step(ctx, "FiscalPeriod", period, "close")


EARNED = {
    "entry_date": "2026-12-05",
    "lines": [{"account": "1002", "debit": "900"}, {"account": "5001", "credit": "900"}],
}
SPENT = {
    "entry_date": "2026-12-06",
    "lines": [{"account": "5602", "debit": "250"}, {"account": "1002", "credit": "250"}],
}


def test_december_ends_the_year_and_opened_again_gives_it_back(books: Books) -> None:
    with books.work() as ctx:
        for voucher in (EARNED, SPENT):
            books.make(ctx, "JournalEntry", voucher, "post")
    with books.work() as ctx:
        close_year(ctx)
    with books.work() as ctx:
        assert books.balances(ctx) == {"1002": 650, "3104": -650}
        assert not books.astray(ctx)
        entries = ctx.session.execute(
            text("SELECT document_type, document_number, count(*) FROM hub.money_entry"
                 " WHERE document_type = 'FiscalPeriod' GROUP BY 1, 2")
        ).one()  # fmt: skip
        assert tuple(entries) == ("FiscalPeriod", MONTH, 5)
        period = ctx.session.execute(text("SELECT id FROM hub.fiscal_period WHERE code = '2026-12'")).scalar_one()
        writes.run_step(ctx, "FiscalPeriod", period, "reopen")
    with books.work() as ctx:
        assert books.balances(ctx) == {"1002": 650, "5001": -900, "5602": 250}
        books.make(ctx, "JournalEntry", {**SPENT, "entry_date": "2026-12-31"}, "post")
        close_year(ctx)
        assert books.balances(ctx) == {"1002": 400, "3104": -400}
        assert column(statements.income(ctx, company(ctx), MONTH))[32] == 400
        assert not books.astray(ctx)


def test_the_next_year_begins_where_the_last_one_ended(books: Books) -> None:
    with books.work() as ctx:
        books.make(ctx, "JournalEntry", EARNED, "post")
        close_year(ctx)
        books.make(ctx, "JournalEntry", {**SPENT, "entry_date": "2027-01-10"}, "post")
        lines = statements.sheet(ctx, company(ctx), "2027-01")
        assert [column(lines, other=True)[51], column(lines)[51]] == [900, 650]
        assert column(statements.income(ctx, company(ctx), "2027-01"), other=True)[32] == -250
        flow = column(statements.cash(ctx, company(ctx), "2027-01"))
        assert [flow[21], flow[6], flow[22]] == [900, 250, 650]


def test_other_months_and_companies_without_books_end_no_year(books: Books) -> None:
    with books.work() as ctx:
        books.make(ctx, "JournalEntry", {**EARNED, "entry_date": "2026-11-05"}, "post")
        close_year(ctx)
        assert books.balances(ctx) == {"1002": 900, "5001": -900}
    with books.work(dry_run=True) as ctx:
        ctx.session.execute(text("DELETE FROM hub.posting_rule WHERE code LIKE 'FiscalPeriod.%'"))
        books.make(ctx, "JournalEntry", EARNED, "post")
        with pytest.raises(Refused) as raised:
            close_year(ctx)
        assert codes(raised) == ["POSTING_RULE_MISSING"] * 2
