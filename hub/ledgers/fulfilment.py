"""What has been delivered of an order, and what a delivery may therefore still bring.

The order's lines are locked while they are counted, so that of two deliveries confirmed at once
only one brings the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, union_all

from hub.context import Ctx
from hub.document.registry import spec
from hub.errors import Problem, problem

_SHIPPED = ("confirmed", "signed")


def delivered_by_line(ctx: Ctx, line_ids: Sequence[UUID], *, kept: bool = False) -> dict[UUID, Decimal]:
    """The quantity that shipped deliveries have brought of each order line, less what came back to be replaced.

    What was credited is not owed again; with `kept` it is taken off too: what the customer still has. Lines without
    any are left out.
    """
    line, delivery = spec("DeliveryLine").table, spec("Delivery").table
    back, returned = spec("SalesReturnLine").table, spec("SalesReturn").table
    shipped = (
        select(line.c.order_line_id.label("id"), line.c.quantity.label("quantity"))
        .join_from(line, delivery, delivery.c.id == line.c.delivery_id)
        .where(line.c.order_line_id.in_(line_ids), delivery.c.state.in_(_SHIPPED))
    )
    sent_back = (
        select(line.c.order_line_id, -back.c.quantity)
        .join_from(line, back, back.c.delivery_line_id == line.c.id)
        .join(returned, returned.c.id == back.c.sales_return_id)
        .where(line.c.order_line_id.in_(line_ids), returned.c.state == "posted")
    )
    if not kept:
        sent_back = sent_back.where(~back.c.credited)
    moved = union_all(shipped, sent_back).subquery()
    found = ctx.session.execute(select(moved.c.id, func.sum(moved.c.quantity)).group_by(moved.c.id))
    return {row[0]: row[1] for row in found}


def open_again(ctx: Ctx, line_ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """What can still be shipped of order lines whose orders are confirmed: of returned goods the replacement."""
    line, order = spec("SalesOrderLine").table, spec("SalesOrder").table
    found = select(line.c.id, line.c.quantity).join_from(line, order, order.c.id == line.c.sales_order_id)
    ordered = ctx.session.execute(found.where(line.c.id.in_(line_ids), order.c.state == "confirmed")).all()
    shipped = delivered_by_line(ctx, line_ids)
    return {row.id: row.quantity - shipped.get(row.id, Decimal(0)) for row in ordered}


def against_order(ctx: Ctx, delivery: Any) -> Iterator[Problem]:
    """What keeps the lines of a delivery from being shipped for the order lines that they name."""
    named = [line.order_line_id for line in delivery.lines if line.order_line_id]
    line, order = spec("SalesOrderLine").table, spec("SalesOrder").table
    rows = ctx.session.execute(
        select(line.c.id, line.c.item_id, line.c.quantity, order.c.number, order.c.state, order.c.customer_id)
        .join_from(line, order, order.c.id == line.c.sales_order_id)
        .where(line.c.id.in_(named))
        .order_by(line.c.id)
        .with_for_update(of=line)
    )
    ordered = {row.id: row for row in rows}
    open_: dict[UUID, Decimal] = defaultdict(Decimal, {id_: row.quantity for id_, row in ordered.items()})
    for id_, done in delivered_by_line(ctx, named).items():
        open_[id_] -= done
    for index, one in enumerate(delivery.lines):
        if one.order_line_id is not None:
            yield from _line(index, one, delivery.customer_id, ordered[one.order_line_id], open_)
            open_[one.order_line_id] -= one.quantity


def _line(index: int, line: Any, customer_id: UUID, ordered: Any, open_: dict[UUID, Decimal]) -> Iterator[Problem]:
    path, at = ("lines", str(index)), index + 1
    if ordered.state != "confirmed":
        yield problem(
            "ORDER_NOT_CONFIRMED",
            f"第 {at} 行：客户订单 {ordered.number} 不是已确认状态，不能发货。",
            f"Line {at}: sales order {ordered.number} is not confirmed, nothing can be shipped for it.",
            *(*path, "orderLine"),
        )
    if ordered.customer_id != customer_id:
        yield problem(
            "ORDER_OF_ANOTHER_CUSTOMER",
            f"第 {at} 行：客户订单 {ordered.number} 属于另一个客户。",
            f"Line {at}: sales order {ordered.number} is another customer's.",
            *(*path, "orderLine"),
        )
    if ordered.item_id != line.item_id:
        yield problem(
            "ITEM_NOT_ORDERED",
            f"第 {at} 行：该订单行订的是另一种存货。",
            f"Line {at}: the order line is for another item.",
            *(*path, "item"),
        )
    left = max(open_[line.order_line_id], Decimal(0)).normalize()
    if line.quantity > left:
        yield problem(
            "MORE_THAN_ORDERED",
            f"第 {at} 行：发货 {line.quantity.normalize():f}，订单只剩 {left:f} 未发。",
            f"Line {at}: {line.quantity.normalize():f} to ship, but only {left:f} of the order is open.",
            *(*path, "quantity"),
        )


def nothing_delivered(ctx: Ctx, order: Any) -> Iterator[Problem]:
    """ORDER_DELIVERED when anything of an order has been shipped: such an order is closed, not cancelled."""
    done = sum(delivered_by_line(ctx, [line.id for line in order.lines]).values(), Decimal())
    if done:
        yield problem(
            "ORDER_DELIVERED",
            "订单已有发货，不能取消；请先取消送货单，或关闭订单。",
            "Part of the order has been shipped: cancel its deliveries first, or close the order.",
            "state",
        )
