"""From the purchase order to the cost of sales: what stock is worth stands in the books, to the cent, at any moment."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from hub import writes
from hub.context import Ctx
from hub.errors import Refused
from hub.rules.money import CENT
from tests.books import Books


def bought(books: Books, ctx: Ctx, quantity: str, price: str, day: str) -> Any:
    """A confirmed receipt of a purchase order of one line."""
    line = {"item": "I1", "quantity": quantity, "unit_price": price}
    order = books.make(ctx, "PurchaseOrder", {"supplier": "S1", "order_date": day, "lines": [line]}, "confirm")
    values = {"warehouse": "W1", "receipt_date": day}
    receipt = writes.convert(ctx, "PurchaseOrder", order.id, "PurchaseReceipt", values)
    return writes.run_step(ctx, "PurchaseReceipt", receipt.id, "confirm")


def shipped(books: Books, ctx: Ctx, quantity: str, day: str) -> Any:
    values = {
        "customer": "K1",
        "warehouse": "W1",
        "delivery_date": day,
        "lines": [{"item": "I1", "quantity": quantity}],
    }
    return books.make(ctx, "Delivery", values, "confirm")


def test_a_receipt_is_owed_and_a_delivery_costs_and_both_are_taken_back(books: Books) -> None:
    with books.work() as ctx:
        receipt = bought(books, ctx, "10", "4", "2026-05-03")
        assert books.balances(ctx) == {"1405": 40, "2202": -40}
        delivery = shipped(books, ctx, "4", "2026-05-05")
        assert books.balances(ctx) == {"1405": 24, "2202": -40, "5401": 16}
    with books.work() as ctx:
        writes.run_step(ctx, "Delivery", delivery.id, "cancel")
        writes.run_step(ctx, "PurchaseReceipt", receipt.id, "cancel")
        assert books.balances(ctx) == {}
        assert not books.astray(ctx)
        red = ctx.session.execute(text("SELECT count(*) FROM hub.money_entry WHERE debit < 0 OR credit < 0"))
        assert red.scalar_one() == 4


def test_a_back_dated_receipt_changes_what_a_delivery_cost(books: Books) -> None:
    with books.work() as ctx:
        bought(books, ctx, "10", "4", "2026-05-03")
        shipped(books, ctx, "4", "2026-05-20")
    with books.work() as ctx:
        bought(books, ctx, "10", "6", "2026-05-04")  # the average of the 20th is now 5
        assert books.balances(ctx) == {"1405": 80, "2202": -100, "5401": 20}


_step = some.tuples(some.sampled_from(["buy", "ship", "cancel"]), some.integers(1, 28), some.integers(1, 999))


def test_the_books_have_what_the_cost_ledger_has(books: Books, proof_count: Callable[[int, int], int]) -> None:
    """After any purchases, deliveries and cancellations, on days in any order."""
    papers: list[Any] = []

    @settings(max_examples=proof_count(4, 60), deadline=None, database=None, derandomize=True)
    @given(some.lists(_step, min_size=1, max_size=6))
    def business(steps: list[tuple[str, int, int]]) -> None:
        for what, day, number in steps:
            _try(books, papers, what, f"2026-05-{day:02}", number)
        with books.work() as ctx:
            worth = ctx.session.execute(
                text("SELECT document_type, document_number, sum(value) FROM hub.cost_entry GROUP BY 1, 2")
            )
            expected = sum((row[2].quantize(CENT) for row in worth), Decimal(0))
            balances = books.balances(ctx)
            assert balances.get("1405", 0) == expected
            assert sum(balances.values(), Decimal(0)) == 0
            assert not books.astray(ctx)

    business()
    assert papers


def _try(books: Books, papers: list[Any], what: str, day: str, number: int) -> None:
    """One step; what stock refuses leaves no trace in the books either."""
    try:
        with books.work() as ctx:
            if what == "buy":
                papers.append(bought(books, ctx, str(number % 7 + 1), str(Decimal(number) / 100), day))
            elif what == "ship":
                papers.append(shipped(books, ctx, str(number % 5 + 1), day))
            elif papers:
                paper = papers[number % len(papers)]
                writes.run_step(ctx, type(paper).__name__, paper.id, "cancel")
                papers.remove(paper)
    except Refused:
        return
