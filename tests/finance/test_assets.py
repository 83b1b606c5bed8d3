"""Assets in the books: each month's depreciation once, by its category's accounts, caught up with, never too much."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hub import writes
from hub.context import Ctx
from hub.errors import Refused
from tests.books import Books
from tests.finance.test_spending import derived
from tests.ledgers.test_money import codes

MACHINE = {"code": "M1", "name": "注塑机", "cost": "126000", "in_service_date": "2026-01-15", "asset_category": "MACH"}
OPENING = {"kind": "assets", "entry_date": "2026-01-01", "lines": [{"asset": "M1"}]}


def owned(books: Books, ctx: Ctx, **more: Any) -> Any:
    """Ten years in a straight line, 5,000 and a bit left of it at the end; a thousand a month."""
    category = {"code": "ALL", "name": "全部", "method": "straight_line", "residual_rate": "4.7619"}
    books.make(ctx, "AssetCategory", category)
    machines = {"code": "MACH", "name": "机器", "parent": "ALL", "life_months": 120, "expense_account": "5602"}
    books.make(ctx, "AssetCategory", machines)
    return books.make(ctx, "Asset", MACHINE | more)


def depreciated(books: Books, ctx: Ctx, day: str) -> Any:
    return books.make(ctx, "Depreciation", {"entry_date": day}, "calculate", "post")


def test_a_month_is_depreciated_once_and_a_month_left_out_is_caught_up_with(books: Books) -> None:
    with books.work() as ctx:
        asset = owned(books, ctx)
        february = depreciated(books, ctx, "2026-02-28")
        assert [line.amount for line in february.lines] == [Decimal("1000.00")]
        assert books.balances(ctx) == {"5602": 1000, "1602": -1000}
        april = depreciated(books, ctx, "2026-04-30")
        assert [line.amount for line in april.lines] == [Decimal("2000.00")]
        assert derived(ctx, "Asset", asset.id, "net_value") == 123000
    with pytest.raises(Refused) as raised, books.work() as ctx:
        depreciated(books, ctx, "2026-04-30")
    assert codes(raised) == ["DEPRECIATION_EMPTY"]
    with books.work() as ctx:
        writes.run_step(ctx, "Depreciation", april.id, "cancel")
        assert derived(ctx, "Asset", asset.id, "accumulated_depreciation") == 1000
        assert [line.amount for line in depreciated(books, ctx, "2026-03-31").lines] == [Decimal("1000.00")]


def test_an_asset_taken_over_goes_on_and_ends_at_its_residual_value(books: Books) -> None:
    with books.work() as ctx:
        taken = {"opening_months": 118, "opening_depreciation": "118000", "in_service_date": "2016-05-01"}
        asset = owned(books, ctx, **taken)
        depreciated(books, ctx, "2026-05-31")
        assert derived(ctx, "Asset", asset.id, "net_value") == Decimal("5999.99")  # 4.7619 % of it, in cents
        paper = books.make(ctx, "Depreciation", {"lines": [{"asset": "M1", "amount": "0.01"}]})
    with pytest.raises(Refused) as raised, books.work() as ctx:
        writes.run_step(ctx, "Depreciation", paper.id, "post")
    assert codes(raised) == ["DEPRECIATED_TOO_MUCH"]


def test_a_mould_loses_its_value_shot_by_shot(books: Books) -> None:
    with books.work() as ctx:
        mould = {"method": "units", "residual_rate": "0", "cost": "50000", "is_mould": True, "shots_life": 500000}
        asset = owned(books, ctx, **mould, shots=40000)
        assert [line.amount for line in depreciated(books, ctx, "2026-02-28").lines] == [Decimal("4000.00")]
        writes.update(ctx, "Asset", asset.id, {"shots": 45000})
        paper = depreciated(books, ctx, "2026-03-31")
        assert [(line.amount, line.units) for line in paper.lines] == [(Decimal("500.00"), 45000)]


def test_what_is_given_up_leaves_the_books_and_is_depreciated_for_its_last_month(books: Books) -> None:
    with books.work() as ctx:
        asset = owned(books, ctx)
        sides = [{"account": "1601", "debit": "126000"}, {"account": "3001", "credit": "126000"}]
        books.make(ctx, "JournalEntry", {"entry_date": "2026-01-15", "lines": sides}, "post")
        depreciated(books, ctx, "2026-02-28")
        writes.run_step(ctx, "Asset", asset.id, "dispose", {"day": "2026-02-28"})
        assert books.balances(ctx) == {"5602": 1000, "1606": 125000, "3001": -126000}
        assert not books.make(ctx, "Depreciation", {"entry_date": "2026-03-31"}, "calculate").lines


def test_what_is_lost_before_the_disposal_and_found_after_it_makes_its_loss_smaller(books: Books) -> None:
    with books.work() as ctx:
        asset = owned(books, ctx)
        made = books.make(ctx, "OpeningBalance", OPENING, "post")
        before = depreciated(books, ctx, "2026-02-28")
        writes.run_step(ctx, "Asset", asset.id, "dispose", {"day": "2026-03-10"})
        worth = books.balances(ctx)["1606"]
        after = depreciated(books, ctx, "2026-03-31")
        balances = books.balances(ctx)
        assert balances["1606"] == worth - after.lines[0].amount
        assert not {"1601", "1602"} & set(balances)
    for paper in (made, before, after):
        with pytest.raises(Refused) as raised, books.work() as ctx:
            writes.run_step(ctx, type(paper).__name__, paper.id, "cancel")
        assert codes(raised) == ["ASSET_DISPOSED"]


def test_assets_come_in_with_what_they_cost_and_had_lost_once(books: Books) -> None:
    with books.work() as ctx:
        owned(books, ctx, opening_months=10, opening_depreciation="10000")
        made = books.make(ctx, "OpeningBalance", OPENING, "post")
        assert books.balances(ctx) == {"1601": 126000, "1602": -10000, "3199": -116000}
    with pytest.raises(Refused) as raised, books.work() as ctx:
        books.make(ctx, "OpeningBalance", OPENING, "post")
    assert codes(raised) == ["ASSET_OPENED"]
    with books.work() as ctx:
        writes.run_step(ctx, "OpeningBalance", made.id, "cancel")
        books.make(ctx, "OpeningBalance", OPENING, "post")
        assert not books.astray(ctx)
