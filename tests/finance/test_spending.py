"""Claims and budgets: owed when approved, paid once, and nobody goes beyond what was allowed, also not two at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import select, text

from hub import writes
from hub.context import Ctx
from hub.document.registry import spec, table
from hub.errors import Forbidden, HubError, Refused
from hub.ledgers import budgets
from hub.rules.budgets import Spending
from tests.books import Books
from tests.ledgers.test_money import codes

TRIP = {"employee": "E1", "kind": "travel", "claim_date": "2026-05-10"}


def claim(books: Books, ctx: Ctx, amount: str, *steps: str, tax: str = "0", **more: Any) -> Any:
    lines = [{"amount": amount, "tax_amount": tax, "category": "transport"}]
    return books.make(ctx, "ExpenseClaim", {**TRIP, "lines": lines, **more}, *steps)


def budget(books: Books, ctx: Ctx, *lines: tuple[int | None, str, str], **more: Any) -> Any:
    told = [{"month": month, "account": account, "amount": amount} for month, account, amount in lines]
    return books.make(ctx, "Budget", {"year": 2026, "lines": told, **more}, "submit", "approve")


def test_a_claim_is_owed_paid_and_taken_back(books: Books) -> None:
    with books.work() as ctx:
        made = claim(books, ctx, "106", "submit", "approve", tax="6")
        assert books.balances(ctx) == {"5602": 100, "22210101": 6, "2241": -106}
        writes.run_step(ctx, "ExpenseClaim", made.id, "pay", {"day": "2026-05-12"})
        assert books.balances(ctx) == {"5602": 100, "22210101": 6, "1002": -106}
        assert str(made.paid_date) == "2026-05-12"
        writes.run_step(ctx, "ExpenseClaim", made.id, "cancel")
        assert books.balances(ctx) == {}


def test_a_rejected_claim_is_revised_and_wrong_amounts_are_told_at_once(books: Books) -> None:
    with books.work() as ctx:
        made = claim(books, ctx, "10", "submit")
        writes.run_step(ctx, "ExpenseClaim", made.id, "reject", {"reason": "缺发票"})
        assert made.note == "缺发票"
        writes.run_step(ctx, "ExpenseClaim", made.id, "revise")
        writes.update(ctx, "ExpenseClaim", made.id, {"purpose": "出差"})
        assert writes.run_step(ctx, "ExpenseClaim", made.id, "submit").state.value == "submitted"
    lines = [{"amount": "0"}, {"amount": "1.005"}, {"amount": "1", "tax_amount": "2"}]
    with pytest.raises(Refused) as raised, books.work() as ctx:
        books.make(ctx, "ExpenseClaim", {**TRIP, "lines": lines}, "submit")
    assert codes(raised) == ["AMOUNT_NOT_POSITIVE", "NOT_IN_CENTS", "TAX_TOO_MUCH"]


def test_who_claims_neither_approves_nor_takes_back_what_is_in_the_books(books: Books) -> None:
    with books.work() as ctx:
        made = claim(books, ctx, "10", "submit", "approve")
        clerk = replace(
            ctx, viewer=replace(ctx.viewer, permissions=frozenset({"office.read", "office.write", "finance.all"}))
        )
        waiting = claim(books, ctx, "20", "submit")
        ctx.session.flush()
        with pytest.raises(Forbidden):
            writes.run_step(clerk, "ExpenseClaim", waiting.id, "approve")
        with pytest.raises(Refused, match="CLAIM_POSTED"):
            writes.run_step(clerk, "ExpenseClaim", made.id, "cancel")


def test_a_claim_beyond_a_budget_is_refused_with_what_is_left(books: Books) -> None:
    with books.work() as ctx:
        made = budget(books, ctx, (5, "5602", "100"), (6, "5602", "50"), period_kind="month")
        claim(books, ctx, "60", "submit", "approve", budget=made.number)
        claim(books, ctx, "40", "submit", "approve")
    with pytest.raises(Refused) as raised, books.work() as ctx:
        claim(books, ctx, "0.01", "submit")
    (found,) = raised.value.problems
    assert (found.code, found.data["budget"], found.data["over"]) == ("BUDGET_EXCEEDED", made.number, "0.01")
    with books.work() as ctx:
        claim(books, ctx, "50", "submit", "approve", claim_date="2026-06-01")
        claim(books, ctx, "999", "submit", "approve", claim_date="2026-07-01")  # no budget for July
        writes.run_step(ctx, "Budget", made.id, "close")
        claim(books, ctx, "999", "submit", "approve")


def test_a_budget_up_to_the_month_and_one_for_the_year(books: Books) -> None:
    with books.work() as ctx:
        budget(books, ctx, (4, "5602", "70"), (5, "5602", "30"), (12, "5602", "900"), period_kind="to_date")
        budget(books, ctx, (None, "5602", "150"))
        claim(books, ctx, "100", "submit", "approve")  # what April left is May's
    for amount, wanted in (("0.01", 1), ("50.01", 2)):
        with pytest.raises(Refused) as raised, books.work() as ctx:
            claim(books, ctx, amount, "submit")
        assert codes(raised) == ["BUDGET_EXCEEDED"] * wanted


def test_an_order_is_held_to_the_budget_of_what_it_buys(books: Books) -> None:
    def order(ctx: Ctx, price: str) -> Any:
        lines = [{"item": "I1", "quantity": "1", "unit_price": price}]
        return books.make(
            ctx, "PurchaseOrder", {"supplier": "S1", "order_date": "2026-05-05", "lines": lines}, "confirm"
        )

    with books.work() as ctx:
        made = budget(books, ctx, (5, "1405", "100"))
        first = order(ctx, "80")
    with pytest.raises(Refused) as raised, books.work() as ctx:
        order(ctx, "20.01")
    assert codes(raised) == ["BUDGET_EXCEEDED"]
    with books.work() as ctx:
        order(ctx, "20")
        writes.run_step(ctx, "PurchaseOrder", first.id, "cancel", {"reason": "不要了"})
        order(ctx, "80")
        assert derived(ctx, "Budget", made.id, "used") == 100


def derived(ctx: Ctx, type_name: str, id_: Any, name: str) -> Decimal:
    """A derived value as readers get it."""
    ctx.session.flush()
    row = table(type_name)
    value = spec(type_name).derived[name].sql(row, table)
    return Decimal(ctx.session.execute(select(value).where(row.c.id == id_)).scalar_one())


_spent = some.tuples(some.integers(1, 12), some.integers(1, 5000), some.sampled_from(["560201", "560202", "5603"]))


def test_what_is_shown_as_used_is_what_is_checked(books: Books, proof_count: Callable[[int, int], int]) -> None:
    lines = ((None, "5602", "1000000"), (3, "560201", "20"), (7, "5602", "20"))
    with books.work() as ctx:
        below = [{"code": code, "name": code, "kind": "expense", "parent": "5602"} for code in ("560201", "560202")]
        assert not writes.load(ctx, "Account", below).problems
        made = budget(books, ctx, *lines, period_kind="month")

    @settings(max_examples=proof_count(5, 60), deadline=None, database=None)
    @given(some.lists(_spent, max_size=6))
    def spent(rows: list[tuple[int, int, str]]) -> None:
        with books.work(dry_run=True) as ctx:
            sums: dict[tuple[int, str], Decimal] = {}
            for month, cents, account in rows:
                amount = Decimal(cents) / 100
                sides = [{"account": account, "debit": str(amount)}, {"account": "1002", "credit": str(amount)}]
                books.make(ctx, "JournalEntry", {"entry_date": f"2026-{month:02}-03", "lines": sides}, "post")
                sums[month, account] = sums.get((month, account), Decimal(0)) + amount
            wanted = [
                sum(
                    (one for (at, code), one in sums.items() if month in (None, at) and code.startswith(under)),
                    Decimal(0),
                )
                for month, under, _ in lines
            ]
            assert [derived(ctx, "BudgetLine", line.id, "used") for line in made.lines] == wanted
            assert derived(ctx, "Budget", made.id, "used") == sum(wanted)
            for day, account, used in (("2026-03-09", "560201", wanted[1]), ("2026-07-09", "560202", wanted[2])):
                wish = [Spending(account, None, Decimal("0.01"))]
                told = list(budgets.beyond(ctx, made.company_id, date.fromisoformat(day), wish))
                assert bool(told) == (used + Decimal("0.01") > 20)

    spent()


def test_of_two_claims_at_once_for_the_same_money_one_is_approved(books: Books) -> None:
    with books.work() as ctx:
        budget(books, ctx, (5, "5602", "100"))
        waiting = [claim(books, ctx, "100", "submit").id for _ in range(2)]

    def approve(id_: Any) -> str:
        try:
            with books.work() as ctx:
                writes.run_step(ctx, "ExpenseClaim", id_, "approve")
        except HubError as error:
            return error.problems[0].code
        return "approved"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, waiting)) == ["BUDGET_EXCEEDED", "approved"]
    with books.engine.connect() as connection:
        spent = connection.execute(text("SELECT sum(debit) FROM hub.money_entry WHERE document_type = 'ExpenseClaim'"))
        assert spent.scalar_one() == 100
