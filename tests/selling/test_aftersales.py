"""Complaints and returns: to a replacement, a credit, and no more back than was shipped."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from hub import writes
from hub.document.registry import spec, table
from hub.errors import Refused
from hub.ledgers import margins
from tests.selling.conftest import Selling, converted, made, refused, stepped


@pytest.fixture
def shipped(books: Selling) -> tuple[Selling, Any]:
    """An order of 10 at 9.99, shipped and invoiced."""
    books.stocked("100", "350")
    with books.work() as ctx:
        lines = [{"item": books.item, "quantity": "10", "unit_price": "9.99"}]
        order = books.make(
            ctx, "SalesOrder", {"customer": books.customer, "promised_date": "2026-12-31", "lines": lines}, "confirm"
        )
        delivery = writes.convert(ctx, "SalesOrder", order.id, "Delivery", {"warehouse": "W1"})
        writes.run_step(ctx, "Delivery", delivery.id, "confirm")
        invoice = writes.convert(ctx, "Delivery", delivery.id, "SalesInvoice")
        writes.run_step(ctx, "SalesInvoice", invoice.id, "post")
    return books, order


def request(books: Selling, order: Any, quantity: str, **header: Any) -> Any:
    line = {"item": books.item, "order_line": order.lines[0].id, "quantity": quantity}
    values = {"customer": books.customer, "sales_order": order.id, "reason": "开裂", "lines": [line], **header}
    return made(books, "ReturnRequest", values)


def test_a_complaint_is_answered_before_it_is_closed(shipped: tuple[Selling, Any]) -> None:
    books, order = shipped
    values = {
        "customer": books.customer,
        "sales_order": order.id,
        "item": books.item,
        "quantity": "2",
        "description": "开裂",
    }
    complaint = made(books, "QualityComplaint", values, "submit", "accept")
    assert refused(books, "QualityComplaint", complaint.id, "close") == {"ANSWER_MISSING", "CAUSE_MISSING"}
    told = stepped(books, "QualityComplaint", complaint.id, "reply", answer="换货", cause="料温低")
    assert (told.state, told.cause) == ("accepted", "料温低")
    stepped(books, "QualityComplaint", complaint.id, "close")
    with books.work() as ctx:
        back = writes.convert(ctx, "QualityComplaint", complaint.id, "ReturnRequest")
        assert (back.reason, back.lines[0].quantity, back.sales_order_id) == ("开裂", 2, order.id)


def test_no_more_comes_back_than_was_shipped(shipped: tuple[Selling, Any]) -> None:
    books, order = shipped
    assert refused(books, "ReturnRequest", request(books, order, "10.5").id, "submit") == {"RETURN_ABOVE_DELIVERED"}
    stepped(books, "ReturnRequest", request(books, order, "10").id, "submit")


def granted(books: Selling, order: Any, quantity: str, **header: Any) -> Any:
    """An approved request."""
    wanted = request(books, order, quantity, **header)
    stepped(books, "ReturnRequest", wanted.id, "submit")
    return stepped(books, "ReturnRequest", wanted.id, "approve")


def progress(books: Selling, order: Any) -> tuple[Any, ...]:
    """What the order's line says was delivered and is open."""
    row = table("SalesOrderLine")
    names = ("delivered", "open_quantity")
    wanted = select(*(spec("SalesOrderLine").derived[name].sql(row, table) for name in names))
    with books.work(dry_run=True) as ctx:
        found = ctx.session.execute(wanted.where(row.c.id == order.lines[0].id)).one()
        return found[0], found[1]


def margin(books: Selling, order: Any) -> tuple[Decimal, Decimal]:
    """What the order's line has brought and cost."""
    with books.work(dry_run=True) as ctx:
        found = margins.of_order(ctx, order.id)[0].margin
        return found.revenue, found.cost


def in_stock(books: Selling) -> dict[str, Any]:
    """What lies there of the item, by status."""
    told = (
        "SELECT b.status, sum(b.quantity) FROM hub.stock_balance b JOIN hub.item i ON i.id = b.item_id"
        " WHERE i.code = :item GROUP BY b.status HAVING sum(b.quantity) <> 0"
    )
    with books.work(dry_run=True) as ctx:
        return {row[0]: row[1] for row in ctx.session.execute(text(told), {"item": books.item})}


def test_goods_come_back_into_quarantine_and_new_ones_go_out_for_nothing(shipped: tuple[Selling, Any]) -> None:
    books, order = shipped
    assert (progress(books, order), in_stock(books)) == ((10, 0), {"available": 90})
    wanted = granted(books, order, "3")
    back = converted(books, wanted, "SalesReturn")
    line = back.lines[0]
    assert (back.return_request_id, line.quantity, line.delivery_line_id is None) == (wanted.id, 3, False)
    stepped(books, "SalesReturn", back.id, "post")
    assert (progress(books, order), in_stock(books)) == ((7, 3), {"available": 90, "quarantine": 3})
    goods = converted(books, wanted, "Delivery", warehouse="W1")
    assert [(one.quantity, one.order_line_id) for one in goods.lines] == [(3, order.lines[0].id)]
    stepped(books, "Delivery", goods.id, "confirm")
    assert (progress(books, order), in_stock(books)) == ((10, 0), {"available": 87, "quarantine": 3})
    assert margin(books, order) == (Decimal("99.90"), Decimal("35.00"))  # 10 at 3.50, less 3, and 3 again
    with pytest.raises(Refused) as raised:
        converted(books, goods, "SalesInvoice")
    assert [one.code for one in raised.value.problems] == ["REPLACEMENT_FREE"]
    again = granted(books, order, "2")  # sent in advance: nothing has come back that could be open again
    advance = converted(books, again, "Delivery", warehouse="W1")
    assert advance.lines[0].order_line_id is None
    stepped(books, "Delivery", advance.id, "confirm")
    assert margin(books, order) == (Decimal("99.90"), Decimal("42.00"))
    with pytest.raises(Refused) as raised:
        converted(books, again, "SalesAdjustment")
    assert [one.code for one in raised.value.problems] == ["NOTHING_LEFT"]


def test_goods_that_are_credited_are_not_owed_again(shipped: tuple[Selling, Any]) -> None:
    """The line stays delivered, whatever comes back; only what is to be replaced can be shipped and is planned for."""
    books, order = shipped
    for resolution, left in (("credit", (10, 0)), ("refund", (10, 0)), ("replace", (8, 2))):
        back = converted(books, granted(books, order, "2", resolution=resolution), "SalesReturn")
        stepped(books, "SalesReturn", back.id, "post")
        assert progress(books, order) == left, resolution
        assert mrp(books, order) == left[1]
    assert in_stock(books) == {"available": 90, "quarantine": 6}
    assert refused(books, "ReturnRequest", request(books, order, "5").id, "submit") == {"RETURN_ABOVE_DELIVERED"}
    stepped(books, "ReturnRequest", request(books, order, "4").id, "submit")
    line = {"item": books.item, "order_line": order.lines[0].id, "quantity": "3"}
    more = made(books, "Delivery", {"customer": books.customer, "warehouse": "W1", "lines": [line]})
    assert refused(books, "Delivery", more.id, "confirm") == {"MORE_THAN_ORDERED"}


def mrp(books: Selling, order: Any) -> Decimal:
    """What a requirements run reckons is still to be shipped of the order's line."""
    values = {"from_date": "2026-12-01", "until_date": "2026-12-31"}
    plan = made(books, "ProductionPlan", values, "calculate")
    return sum((one.quantity for one in plan.lines if one.sales_order_line_id == order.lines[0].id), Decimal(0))


def test_a_credit_is_what_was_invoiced_and_a_refund_what_was_paid(shipped: tuple[Selling, Any]) -> None:
    books, order = shipped
    money_back = granted(books, order, "3", resolution="credit")
    credit = converted(books, money_back, "SalesAdjustment")
    given = [(one.amount, one.tax_amount) for one in credit.lines]
    assert (credit.kind, given) == ("allowance", [(Decimal("29.97"), Decimal("3.90"))])
    stepped(books, "SalesAdjustment", credit.id, "post")
    with pytest.raises(Refused) as raised:
        converted(books, money_back, "SalesAdjustment")
    assert [one.code for one in raised.value.problems] == ["NOTHING_LEFT"]
    with books.work() as ctx:
        assert not books.astray(ctx)
        assert books.of_customer(ctx)["1122"] == Decimal("79.02")  # 112.89 less 33.87
    paid = {"customer": books.customer, "amount": "79.02"}
    invoice = credit.lines[0].invoice_id
    made(books, "SalesReceipt", {**paid, "lines": [{"invoice": invoice, "amount": "79.02"}]}, "post")
    refund = converted(books, granted(books, order, "1", resolution="refund"), "SalesAdjustment")
    assert (refund.kind, refund.lines[0].amount) == ("refund", Decimal("9.99"))
    stepped(books, "SalesAdjustment", refund.id, "post")
    with books.work() as ctx:
        assert books.of_customer(ctx)["1002"] == Decimal("67.73")


def test_a_complaint_is_judged_and_changes_the_design(shipped: tuple[Selling, Any]) -> None:
    books, order = shipped
    defect = made(books, "DefectCode", {"code": f"D-{books.item}", "name": "开裂"})
    values = {"customer": books.customer, "sales_order": order.id, "item": books.item, "quantity": "2"}
    told = {**values, "description": "开裂", "defect_code": defect.id, "demand": "redesign"}
    complaint = made(books, "QualityComplaint", told, "submit")
    with pytest.raises(Refused):
        converted(books, complaint, "NonConformance")  # not accepted yet
    complaint = stepped(books, "QualityComplaint", complaint.id, "accept")
    judged = converted(books, complaint, "NonConformance")
    assert (judged.quality_complaint_id, judged.quantity, judged.defect_code_id) == (complaint.id, 2, defect.id)
    stepped(books, "NonConformance", judged.id, "submit")
    judged = stepped(books, "NonConformance", judged.id, "decide", disposition="scrap")
    action = converted(books, judged, "CorrectiveAction")
    assert (action.quality_complaint_id, action.problem) == (complaint.id, "开裂")
    change = converted(books, complaint, "EngineeringChange")
    assert (change.kind, change.quality_complaint_id) == ("customer", complaint.id)
    assert [one.item_id for one in change.items] == [complaint.item_id]
    assert in_stock(books) == {"available": 90}  # what the customer has is none of ours


def test_what_is_accepted_is_what_was_asked_for_at_most(shipped: tuple[Selling, Any]) -> None:
    books, order = shipped
    wanted = request(books, order, "3")
    with books.work() as ctx:
        lines = {"change": [{"id": wanted.lines[0].id, "accepted_quantity": "4"}]}
        writes.update(ctx, "ReturnRequest", wanted.id, {"lines": lines})
        writes.run_step(ctx, "ReturnRequest", wanted.id, "submit")
    assert refused(books, "ReturnRequest", wanted.id, "approve") == {"ACCEPTED_TOO_MUCH"}
