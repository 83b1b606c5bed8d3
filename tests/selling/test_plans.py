"""A plan against what was ordered, by month, customer, item and salesperson."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from hub.document.registry import spec, table
from tests.selling.conftest import Selling, made, stepped


def derived(books: Selling, document: Any, name: str) -> list[Any]:
    line = f"{type(document).__name__}Line"
    with books.work(dry_run=True) as ctx:
        row = table(line)
        value = spec(line).derived[name].sql(row, table)
        mine = row.c.id.in_([one.id for one in document.lines])
        return list(ctx.session.execute(select(value).where(mine).order_by(row.c["position"])).scalars())


def order(books: Selling, day: str, quantity: int, **header: Any) -> None:
    line = {"item": header.pop("item", books.item), "quantity": quantity, "unit_price": "2"}
    values = {"customer": books.customer, "order_date": day, "promised_date": "2026-12-31", "lines": [line], **header}
    made(books, "SalesOrder", values, "confirm")


def test_plan_against_actual(books: Selling) -> None:
    order(books, "2024-05-01", 10)
    order(books, "2024-05-31", 5, customer=books.other, sales_rep="E1")
    order(books, "2024-06-01", 3, item=books.second)
    made(
        books,
        "SalesOrder",
        {"customer": books.customer, "order_date": "2024-05-09", "lines": [{"item": books.item, "quantity": 99}]},
    )
    lines = [
        {"month": 5, "quantity": 30, "amount": 60},
        {"month": 5, "customer": books.customer, "quantity": 10, "amount": 10},
        {"month": 5, "sales_rep": "E1"},
        {"month": 6, "item": books.item},
        {"month": 6, "item": books.second},
    ]
    plan = made(books, "SalesPlan", {"year": 2024, "lines": lines}, "submit", "approve")
    assert derived(books, plan, "actual_quantity") == [15, 10, 5, 0, 3]
    assert derived(books, plan, "actual_amount") == [30, 20, 10, 0, 6]
    assert derived(books, plan, "achieved") == [50, 200, None, None, None]
    forecast = {"period_from_date": "2024-05-01", "period_until_date": "2024-06-30"}
    months = [{"month": "2024-05-17", "item": books.item, "quantity": 12}, {"month": "2024-06-01", "quantity": 1}]
    document = made(books, "MarketForecast", {**forecast, "lines": months}, "approve")
    assert str(document.lines[0].month) == "2024-05-01"
    assert derived(books, document, "actual_quantity") == [15, 3]


def test_a_forecast_by_what_was_ordered_before(books: Selling) -> None:
    for month, quantity in ((2, 6), (3, 3), (4, 9)):
        order(books, f"2023-{month:02}-15", quantity)
    order(books, "2023-05-02", 1000)  # the month itself is not over
    order(books, "2023-04-02", 12, item=books.second)
    lines = [{"month": "2023-06-01", "item": item, "quantity": 1} for item in (books.item, books.second, None)]
    dated = {"forecast_date": "2023-05-10", "period_from_date": "2023-06-01", "period_until_date": "2023-06-30"}
    document = made(books, "MarketForecast", {**dated, "lines": lines})
    found = stepped(books, "MarketForecast", document.id, "foresee")
    assert [line.quantity for line in found.lines] == [6, 12, 10]
    assert found.method == "history"
