"""What orders cost in a month is what was issued to them and spent for them, and nothing of another month."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hub import writes
from hub.context import Ctx
from hub.ledgers import product_cost
from hub.rules.product_cost import Cost
from tests.books import Books
from tests.finance.test_statements import company


def released(books: Books, ctx: Ctx, quantity: str) -> Any:
    return books.make(ctx, "ProductionOrder", {"item": "I2", "quantity": quantity}, "release")


def worked(books: Books, ctx: Ctx, order: Any, hours: str, day: str) -> None:
    lines = [{"employee": "E1", "hours": hours}]
    report = {"production_order": str(order.id), "work_date": day, "lines": lines}
    books.make(ctx, "OperationReport", report, "post")


def issued(books: Books, ctx: Ctx, order: Any, quantity: str, day: str) -> Any:
    values = {"production_order": str(order.id), "warehouse": "W1", "issue_date": day}
    return books.make(ctx, "MaterialIssue", {**values, "lines": [{"item": "I1", "quantity": quantity}]}, "post")


def test_orders_share_what_was_spent_for_them(books: Books) -> None:
    with books.work() as ctx:
        goods = [{"item": "I1", "quantity": "100", "debit": "400"}]
        opening = {"kind": "stock", "warehouse": "W1", "entry_date": "2026-04-01", "lines": goods}
        books.make(ctx, "OpeningBalance", opening, "post")
        first, second = released(books, ctx, "10"), released(books, ctx, "20")
        issued(books, ctx, first, "5", "2026-05-03")
        writes.run_step(ctx, "MaterialIssue", issued(books, ctx, first, "7", "2026-05-03").id, "cancel")
        issued(books, ctx, second, "10", "2026-05-04")
        issued(books, ctx, second, "1", "2026-04-04")
        for order, hours in ((first, "6"), (second, "3")):
            worked(books, ctx, order, hours, "2026-05-05")
        for account, amount in (("4001", "300"), ("4101", "100")):
            sides = [{"account": account, "debit": amount}, {"account": "2211", "credit": amount}]
            books.make(ctx, "JournalEntry", {"entry_date": "2026-05-31", "lines": sides}, "post")
        values = {"production_order": str(first.id), "warehouse": "W1", "receipt_date": "2026-05-20"}
        books.make(ctx, "ProductReceipt", {**values, "lines": [{"item": "I2", "quantity": "10"}]}, "post")
        told = {one.number: one for one in product_cost.of_month(ctx, company(ctx), "2026-05")}
        assert told[first.number].cost == Cost(material=Decimal(20), labour=Decimal(200), overhead=Decimal("66.67"))
        assert told[second.number].cost == Cost(material=Decimal(40), labour=Decimal(100), overhead=Decimal("33.33"))
        assert (told[first.number].unit, told[second.number].unit) == (Decimal("28.6670"), Decimal(0))
        assert sum(one.cost.total for one in told.values()) == 60 + 300 + 100
        april = product_cost.of_month(ctx, company(ctx), "2026-04")
        assert [(one.number, one.cost.total) for one in april] == [(second.number, Decimal(4))]


def test_machines_cost_the_orders_that_ran_on_them_and_material_that_came_back_costs_none(books: Books) -> None:
    with books.work() as ctx:
        goods = [{"item": "I1", "quantity": "100", "debit": "400"}]
        opening = {"kind": "stock", "warehouse": "W1", "entry_date": "2026-04-01", "lines": goods}
        books.make(ctx, "OpeningBalance", opening, "post")
        machine = {"code": "M1", "name": "注塑机", "cost": "10000", "in_service_date": "2026-04-08"}
        books.make(ctx, "Asset", {**machine, "method": "straight_line", "life_months": 100, "residual_rate": "0"})
        first, second = released(books, ctx, "10"), released(books, ctx, "20")
        issued(books, ctx, first, "5", "2026-05-03")
        back = {"production_order": str(first.id), "warehouse": "W1", "return_date": "2026-05-04"}
        books.make(ctx, "MaterialReturn", {**back, "lines": [{"item": "I1", "quantity": "2"}]}, "post")
        for order, lines in (
            (first, [{"employee": "E1", "hours": "6"}, {"employee": "E2", "hours": "3", "equipment": "M1"}]),
            (second, [{"employee": "E1", "hours": "1"}]),
        ):
            report = {"production_order": str(order.id), "work_date": "2026-05-05", "lines": lines}
            books.make(ctx, "OperationReport", report, "post")
        books.make(ctx, "Depreciation", {"entry_date": "2026-05-31"}, "calculate", "post")
        told = {one.number: one.cost for one in product_cost.of_month(ctx, company(ctx), "2026-05")}
        assert told[first.number] == Cost(material=Decimal(12), machine=Decimal(75))
        assert told[second.number] == Cost(machine=Decimal(25))
