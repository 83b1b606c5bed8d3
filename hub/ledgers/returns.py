"""Goods that go back: what a return may still take of the line it returns.

The lines returned are locked while they are counted, so that of two returns posted at once only one brings the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from hub.context import Ctx
from hub.document.registry import spec
from hub.errors import Problem, problem
from hub.ledgers.following import taken
from hub.words import camel, snake


@dataclass(frozen=True)
class Returned:
    """What returns of a kind (`by`) give back: lines of `of` in one of `states`, named by their lines' `link`.

    `quantity` is the column that was moved, `partner` the link that both documents must agree on.
    """

    by: str
    of: str
    states: tuple[str, ...]
    link: str
    quantity: str
    partner: str


RECEIPTS = Returned("PurchaseReturn", "PurchaseReceipt", ("confirmed",), "receipt_line", "stocked_quantity", "supplier")
ISSUES = Returned("MaterialReturn", "MaterialIssue", ("posted",), "issue_line", "quantity", "production_order")
DELIVERIES = Returned("SalesReturn", "Delivery", ("confirmed", "signed"), "delivery_line", "quantity", "customer")


def problems(ctx: Ctx, document: Any, what: Returned) -> Iterator[Problem]:
    """What keeps the lines of a return from giving back the lines that they name."""
    ids = [getattr(line, f"{what.link}_id") for line in document.lines]
    named = sorted({id_ for id_ in ids if id_ is not None})
    if not named:
        return
    moved = _moved(ctx, what, named)
    left: dict[UUID, Decimal] = {id_: row.quantity for id_, row in moved.items()}
    for id_, quantity in taken(ctx, named, what.by, what.link, ("posted",)).items():
        left[id_] -= quantity
    for index, (line, id_) in enumerate(zip(document.lines, ids, strict=True)):
        if id_ is not None:
            yield from _line(index, line, document, what, moved[id_], left[id_])
            left[id_] -= line.quantity


def _moved(ctx: Ctx, what: Returned, named: list[UUID]) -> dict[UUID, Any]:
    line, head = spec(f"{what.of}Line").table, spec(what.of).table
    rows = ctx.session.execute(
        select(
            line.c.id,
            line.c.item_id,
            line.c[what.quantity].label("quantity"),
            head.c.number,
            head.c.state,
            head.c[f"{what.partner}_id"].label("partner"),
        )
        .join_from(line, head, head.c.id == line.c[f"{snake(what.of)}_id"])
        .where(line.c.id.in_(named))
        .order_by(line.c.id)
        .with_for_update(of=line)
    )
    return {row.id: row for row in rows}


def nothing(ctx: Ctx, document: Any, what: Returned) -> Iterator[Problem]:
    """RETURNED_ALREADY when anything of a document has been given back: its returns are cancelled first."""
    if any(taken(ctx, [line.id for line in document.lines], what.by, what.link, ("posted",)).values()):
        yield problem(
            "RETURNED_ALREADY",
            "本单已有退货，不能取消。",
            "Part of this has been returned; it cannot be cancelled.",
            "state",
            hint=("请先取消退货单。", "Cancel its returns first."),
        )


def returnable(ctx: Ctx, request: Any, wanted: Any) -> list[Any]:
    """The delivery lines that a line of a return request may give back, the last delivery first.

    Each with `id`, `lot_id`, `serial_id`, `warehouse_id` and what is `left` of it; of the request's delivery, of the
    line's order line and of its lot, where these are named.
    """
    line, head = spec("DeliveryLine").table, spec("Delivery").table
    back, returned = spec("SalesReturnLine").table, spec("SalesReturn").table
    gone = select(func.coalesce(func.sum(back.c.quantity), 0)).join_from(
        back, returned, returned.c.id == back.c.sales_return_id
    )
    gone = gone.where(back.c.delivery_line_id == line.c.id, returned.c.state == "posted").correlate(line)
    left = line.c.quantity - gone.scalar_subquery()
    found = (
        select(line.c.id, line.c.lot_id, line.c.serial_id, head.c.warehouse_id, left.label("left"))
        .join_from(line, head, head.c.id == line.c.delivery_id)
        .where(head.c.customer_id == request.customer_id, head.c.state.in_(DELIVERIES.states))
        .where(line.c.item_id == wanted.item_id, left > 0)
        .order_by(head.c.delivery_date.desc(), head.c.number.desc(), line.c.position)
    )
    for column, id_ in (
        (head.c.id, request.delivery_id),
        (line.c.order_line_id, wanted.order_line_id),
        (line.c.lot_id, wanted.lot_id),
    ):
        if id_ is not None:
            found = found.where(column == id_)
    return list(ctx.session.execute(found))


def _line(index: int, line: Any, document: Any, what: Returned, moved: Any, left: Decimal) -> Iterator[Problem]:
    path, at = ("lines", str(index)), index + 1
    label = spec(what.of).label
    same = getattr(document, f"{what.partner}_id") == moved.partner
    if moved.state not in what.states or not same:
        yield problem(
            "SOURCE_DIFFERS",
            f"第 {at} 行：{label.chinese} {moved.number} 未过账，或不属于本单的往来单位或生产订单。",
            f"Line {at}: {label.english} {moved.number} is not posted, or belongs to somebody or something else.",
            *(*path, camel(what.link)),
        )
    if moved.item_id != line.item_id:
        yield problem(
            "ITEM_NOT_RETURNED",
            f"第 {at} 行：原单据行是另一种存货。",
            f"Line {at}: the line that is returned is of another item.",
            *(*path, "item"),
        )
    rest = max(left, Decimal(0)).normalize()
    if line.quantity > rest:
        yield problem(
            "RETURN_TOO_MUCH",
            f"第 {at} 行：退 {line.quantity.normalize():f}，原单据行只剩 {rest:f} 可退。",
            f"Line {at}: {line.quantity.normalize():f} to return, but only {rest:f} of the line is left to return.",
            *(*path, "quantity"),
        )
