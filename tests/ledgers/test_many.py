"""Many documents in one unit of work that remembers: the same ledgers and books as each in its own, errors included."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from hub import batches, writes
from hub.context import Ctx, system_viewer
from hub.document.batch import BatchPolicy
from hub.errors import Refused
from tests.books import Books
from tests.conftest import copy_of_template

_FIRST = date(2026, 5, 1)
_moves = some.lists(
    some.tuples(some.integers(0, 6), some.sampled_from([8, 5, -3, -2]), some.sampled_from(["4", "4.1", "0.37"])),
    min_size=2,
    max_size=8,
)


def _adjust(books: Books, ctx: Ctx, day: date, quantity: int, price: str) -> None:
    """Goods found at a price, or lost at their average."""
    cost = {"unit_cost": price} if quantity > 0 else {}
    lines = [{"item": "I1", "quantity": str(quantity), **cost}]
    books.make(ctx, "StockAdjustment", {"warehouse": "W1", "adjustment_date": day, "lines": lines}, "post")


_STOCK = (
    "SELECT document_number, entry_at, sum(quantity) FROM hub.stock_entry WHERE document_type = 'StockAdjustment' "
    "GROUP BY 1, 2 ORDER BY 1, 2"
)
_COST = (
    "SELECT document_number, entry_date, sum(quantity), sum(value) FROM hub.cost_entry "
    "WHERE document_type = 'StockAdjustment' GROUP BY 1, 2 ORDER BY 1, 2"
)
_MONEY = (
    "SELECT a.code, e.document_number, sum(debit - credit) FROM hub.money_entry e JOIN hub.account a "
    "ON a.id = e.account_id GROUP BY 1, 2 HAVING sum(debit - credit) <> 0 ORDER BY 1, 2"
)
_BALANCE = "SELECT sum(quantity) FROM hub.stock_balance"


def _told(ctx: Ctx) -> list[Any]:
    """What ledgers and books hold, document by document."""
    return [ctx.session.execute(text(one)).all() for one in (_STOCK, _COST, _MONEY, _BALANCE)]


def test_a_course_of_movements_is_the_same_in_one_unit_of_work(
    migrated_server: Any, opened_books: str, proof_count: Callable[[int, int], int]
) -> None:
    """Days go back and forth, so what is remembered of an item's cost must be given up again and again."""

    @settings(max_examples=proof_count(6, 120), deadline=None)
    @given(_moves)
    def course(moves: list[tuple[int, int, str]]) -> None:
        seen = []
        for together in (True, False):
            with copy_of_template(migrated_server, f"hub_many_{together}", opened_books) as database:
                books = Books(database.engine)
                _play(books, [(0, 60, "4"), *moves], together=together)
                with books.work(dry_run=True) as ctx:
                    seen.append(_told(ctx))
                    assert not books.astray(ctx)
        assert seen[0] == seen[1]

    course()


def _play(books: Books, moves: list[tuple[int, int, str]], *, together: bool) -> None:
    many = writes.unit_of_work(books.engine, system_viewer("test"), "test", many=True)
    if together:
        with many as ctx:
            for offset, quantity, price in moves:
                _adjust(books, ctx, _FIRST + timedelta(days=offset), quantity, price)
        return
    for offset, quantity, price in moves:
        with books.work() as ctx:
            _adjust(books, ctx, _FIRST + timedelta(days=offset), quantity, price)


def test_what_is_remembered_is_forgotten_when_it_changes(books: Books) -> None:
    """A period that is closed in the same unit of work takes nothing more, whatever was posted in it before."""
    with writes.unit_of_work(books.engine, system_viewer("test"), "test", many=True) as ctx:
        _adjust(books, ctx, _FIRST, 5, "4")
        period = ctx.session.execute(text("SELECT id FROM hub.fiscal_period WHERE code = '2026-05'")).scalar_one()
        writes.run_step(ctx, "FiscalPeriod", period, "close")
        with pytest.raises(Refused, match="PERIOD_CLOSED"):
            _adjust(books, ctx, _FIRST, 5, "4")
        ctx.session.rollback()


def test_a_row_that_is_taken_back_leaves_nothing_behind(books: Books) -> None:
    """Behind savepoints the bad row of a batch is undone, and what was remembered in it as well."""
    with writes.unit_of_work(books.engine, system_viewer("test"), "test", many=True) as ctx:
        _adjust(books, ctx, _FIRST, 5, "4")
        drafts = []
        for quantity in ("-3", "-30", "-2"):
            lines = [{"item": "I1", "quantity": quantity}]
            values = {"warehouse": "W1", "adjustment_date": _FIRST, "lines": lines}
            drafts.append(writes.create(ctx, "StockAdjustment", values).id)
        before = _here(ctx)
        done = batches.run_step_many(ctx, "StockAdjustment", drafts, "post", policy=BatchPolicy.EACH)
        assert [bool(one.problems) for one in done] == [False, before < 30, False]
        left = before - 5 if before < 30 else before - 35
        assert _here(ctx) == left
    with books.work(dry_run=True) as ctx:
        states = ctx.session.execute(
            text("SELECT state FROM hub.stock_adjustment WHERE id = ANY(:ids) ORDER BY id"), {"ids": drafts}
        ).scalars()
        assert list(states) == ["posted", "draft" if before < 30 else "posted", "posted"]
        assert not books.astray(ctx)


def _here(ctx: Ctx) -> Decimal:
    found = text(
        "SELECT coalesce(sum(b.quantity), 0) FROM hub.stock_balance b JOIN hub.item i ON i.id = b.item_id "
        "WHERE i.code = 'I1'"
    )
    return Decimal(ctx.session.execute(found).scalar_one())
