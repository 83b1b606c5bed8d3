"""Stock promised to orders: an order's confirm reserves what is there, its deliveries use it up.

A reservation is a sum like a balance. What is reserved for others cannot be shipped or issued; corrections and counts
tell the truth whatever was promised.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.document import direct
from hub.errors import Problem, problem
from hub.ledgers import goods

_FREE = direct.Asked(
    "SELECT i.id, "
    "(SELECT coalesce(sum(quantity), 0) FROM hub.stock_balance b WHERE b.company_id = :company AND b.item_id = i.id "
    " AND b.status = 'available') AS on_hand, "
    "(SELECT coalesce(sum(quantity), 0) FROM hub.stock_reservation r WHERE r.company_id = :company "
    " AND r.item_id = i.id) AS reserved "
    "FROM unnest(cast(:items AS uuid[])) AS i (id)"
)
_OF_LINES = direct.Asked(
    "SELECT order_line_id AS line, sum(quantity) AS quantity FROM hub.stock_reservation "
    "WHERE order_line_id = ANY(:lines) GROUP BY order_line_id HAVING sum(quantity) > 0"
)
_INSERT = direct.Asked(
    "INSERT INTO hub.stock_reservation (company_id, item_id, order_line_id, quantity, document_type, document_number, "
    "recorded_by) SELECT cast(:company AS uuid), item, line, quantity, cast(:type AS text), cast(:number AS text), "
    "cast(:actor AS uuid) "
    "FROM unnest(cast(:items AS uuid[]), cast(:lines AS uuid[]), cast(:quantities AS numeric[])) "
    "AS row (item, line, quantity)"
)
_OPPOSITE = text(
    "INSERT INTO hub.stock_reservation (company_id, item_id, order_line_id, quantity, document_type, document_number, "
    "recorded_by) SELECT r.company_id, r.item_id, r.order_line_id, -sum(r.quantity), r.document_type, "
    "r.document_number, :actor FROM hub.stock_reservation r "
    "JOIN hub.sales_order_line l ON l.id = r.order_line_id JOIN hub.sales_order o ON o.id = l.sales_order_id "
    "WHERE r.company_id = :company AND r.document_type = :type AND r.document_number = :number "
    "AND o.state = 'confirmed' "
    "GROUP BY r.company_id, r.item_id, r.order_line_id, r.document_type, r.document_number HAVING sum(r.quantity) <> 0"
)


def reserve(ctx: Ctx, order: Any) -> None:
    """Reserve for each line of an order what is there and not promised yet; what is missing stays open."""
    goods.locked(ctx, (line.item_id for line in order.lines))
    free = {row.id: row.on_hand - row.reserved for row in _free(ctx, order.company_id, order.lines)}
    rows = []
    for line in order.lines:
        quantity = min(line.quantity, free[line.item_id])
        if quantity > 0:
            free[line.item_id] -= quantity
            rows.append((line.item_id, line.id, quantity))
    _write(ctx, order, rows)


def release(ctx: Ctx, order: Any) -> None:
    """Give back what is still reserved for an order."""
    goods.locked(ctx, (line.item_id for line in order.lines))
    kept = _of_lines(ctx, [line.id for line in order.lines])
    _write(ctx, order, [(line.item_id, line.id, -kept[line.id]) for line in order.lines if line.id in kept])


def consume(ctx: Ctx, delivery: Any) -> None:
    """Use up what is reserved for the order lines that a delivery ships."""
    named = [line for line in delivery.lines if line.order_line_id is not None]
    if not named:
        return
    goods.locked(ctx, (line.item_id for line in delivery.lines))
    kept = _of_lines(ctx, [line.order_line_id for line in named])
    rows = []
    for line in named:
        quantity = min(line.quantity, kept.get(line.order_line_id, Decimal(0)))
        if quantity > 0:
            kept[line.order_line_id] -= quantity
            rows.append((line.item_id, line.order_line_id, -quantity))
    _write(ctx, delivery, rows)


def give_back(ctx: Ctx, delivery: Any) -> None:
    """Reserve again what a cancelled delivery had used up, for orders that still want it."""
    about = {"company": delivery.company_id, "type": type(delivery).__name__, "number": delivery.number}
    ctx.session.execute(_OPPOSITE, about | {"actor": ctx.viewer.user_id})


def problems(ctx: Ctx, document: Any, moves: Sequence[Any]) -> Iterator[Problem]:
    """STOCK_RESERVED for each line that takes what is promised to others."""
    leaving: dict[UUID, Decimal] = defaultdict(Decimal)
    for move in moves:
        stays = move.to is not None and move.to.status == "available"
        if move.quantity < 0 and move.status == "available" and not stays:
            leaving[move.item_id] -= move.quantity
    if not leaving:
        return
    rows = {row.id: row for row in _free(ctx, document.company_id, ids=list(leaving)) if row.reserved > 0}
    for index, move in enumerate(moves):
        row = rows.get(move.item_id)
        if row is None or move.quantity >= 0 or row.on_hand - leaving[move.item_id] >= row.reserved:
            continue
        reserved, left = f"{row.reserved.normalize():f}", f"{max(row.on_hand - row.reserved, Decimal(0)).normalize():f}"
        yield problem(
            "STOCK_RESERVED",
            f"第 {index + 1} 行：库存中 {reserved} 已为其他订单预留，可用 {left}。",
            f"Line {index + 1}: {reserved} of the stock is reserved for other orders, {left} is available.",
            *("lines", str(index), "quantity"),
            hint=("请关闭或取消预留的订单，或减少数量。", "Close or cancel the order that reserves it, or take less."),
            reserved=reserved,
            available=left,
        )


def _free(ctx: Ctx, company_id: UUID, lines: Sequence[Any] = (), ids: list[UUID] | None = None) -> Sequence[Any]:
    wanted = ids if ids is not None else sorted({line.item_id for line in lines})
    return _FREE.rows(ctx.session, {"company": company_id, "items": wanted})


def _of_lines(ctx: Ctx, lines: list[UUID]) -> dict[UUID, Decimal]:
    return {row.line: row.quantity for row in _OF_LINES.rows(ctx.session, {"lines": lines})}


def _write(ctx: Ctx, document: Any, rows: Sequence[tuple[UUID, UUID, Decimal]]) -> None:
    if not rows:
        return
    columns: Mapping[str, Any] = {
        "company": document.company_id,
        "type": type(document).__name__,
        "number": document.number,
        "actor": ctx.viewer.user_id,
        "items": [row[0] for row in rows],
        "lines": [row[1] for row in rows],
        "quantities": [row[2] for row in rows],
    }
    _INSERT.run(ctx.session, columns)
