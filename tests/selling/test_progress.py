"""How far each line of an order has come, from the plan to the money, and whether it may be late."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from hub.document import today
from hub.document.registry import spec, table
from tests.selling.conftest import Selling, Shop, converted, made, stepped

NAMES = ("planned", "produced", "inspected", "delivered", "invoiced", "received")


def told(books: Selling, order: Any, *names: str) -> list[tuple[Any, ...]]:
    """Derived values of the order's lines, in order."""
    row = table("SalesOrderLine")
    found = select(*(spec("SalesOrderLine").derived[name].sql(row, table) for name in names))
    mine = found.where(row.c.sales_order_id == order.id).order_by(row.c.position)
    with books.work(dry_run=True) as ctx:
        return [tuple(one) for one in ctx.session.execute(mine)]


def test_each_line_tells_how_far_it_has_come(books: Selling) -> None:
    """One run for two lines of two orders: what it makes and what passes is shared by what each asked for."""
    lines = [{"item": books.item, "quantity": "30", "unit_price": "10"}]
    days = {"promised_date": today() + timedelta(days=30)}
    order, other = (
        made(books, "SalesOrder", {"customer": who, **days, "lines": lines}, "confirm")
        for who in (books.customer, books.other)
    )
    assert told(books, order, *NAMES) == [(0, 0, 0, 0, 0, 0)]
    demands = [{"order_line": one.lines[0].id, "quantity": "30"} for one in (order, other)]
    run = made(books, "ProductionOrder", {"item": books.item, "quantity": "60", "demands": demands}, "release")
    receipt = {"production_order": run.id, "warehouse": "W1", "lines": [{"item": books.item, "quantity": "40"}]}
    made(books, "ProductReceipt", receipt, "post")
    looked = {"kind": "final", "production_order": run.id, "item": books.item, "quantity": "40"}
    figures = {"inspected_quantity": "8", "qualified_quantity": "6", "defective_quantity": "2"}
    made(books, "Inspection", {**looked, **figures, "disposition": "accept"}, "confirm")
    assert told(books, order, *NAMES) == [(30, 20, 19, 0, 0, 0)]
    delivery = converted(books, order, "Delivery", warehouse="W1")
    stepped(books, "Delivery", delivery.id, "confirm")
    invoice = converted(books, delivery, "SalesInvoice")
    stepped(books, "SalesInvoice", invoice.id, "post")
    part = {"customer": books.customer, "amount": "100", "lines": [{"invoice": invoice.id, "amount": "100"}]}
    made(books, "SalesReceipt", part, "post")
    assert told(books, order, *NAMES) == [(30, 20, 19, 30, 30, Decimal(100))]
    assert told(books, other, *NAMES) == [(30, 20, 19, 0, 0, 0)]


def test_a_line_may_be_late_by_its_day_or_by_its_run(books: Selling) -> None:
    day = today()
    lines = [
        {"item": books.item, "quantity": "5", "promised_date": day + timedelta(days=late)} for late in (-1, 0, 10, 10)
    ]
    order = made(books, "SalesOrder", {"customer": books.customer, "lines": lines}, "confirm")
    for line, days in ((order.lines[2], 11), (order.lines[3], 10)):
        ends = {"planned_finish_date": day + timedelta(days=days)}
        demand = [{"order_line": line.id, "quantity": "5"}]
        made(books, "ProductionOrder", {"item": books.item, "quantity": "5", **ends, "demands": demand})
    assert told(books, order, "late_risk") == [(True,), (False,), (True,), (False,)]
    books.stocked("20", "20")
    sent = converted(books, order, "Delivery", warehouse="W1")
    stepped(books, "Delivery", sent.id, "confirm")
    assert told(books, order, "late_risk") == [(False,)] * 4  # shipped is shipped


def test_whoever_sells_or_sends_reads_why_a_line_may_be_late(books: Selling, shop: Shop) -> None:
    """Nothing of it is planned, and it was promised for tomorrow."""
    promised = today() + timedelta(days=1)
    lines = [{"item": books.item, "quantity": "5", "promised_date": promised}]
    order = made(books, "SalesOrder", {"customer": books.customer, "lines": lines}, "confirm")
    question = """query ($id: ID!) { salesOrder(id: $id) { lines {
        lateRisk lateLevel lateReason lateCause lateSentence dueDate expectedDate } } }"""
    for who in ("boss", "storekeeper"):
        ((line,),) = (shop.ask(who, question, id=str(order.id))["salesOrder"]["lines"],)
        assert line == {
            "lateRisk": False,
            "lateLevel": "at_risk",
            "lateReason": "unplanned",
            "lateCause": books.item,
            "lateSentence": f"{books.item} 尚未安排生产或采购 ({books.item} is neither made nor bought by any plan)",
            "dueDate": promised.isoformat(),
            "expectedDate": today().isoformat(),
        }
