"""What an inspection does to stock: what waited for it in quarantine is released, what failed stays frozen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.ledgers import stock

_WAITING = text(
    "SELECT e.warehouse_id, sum(e.quantity) AS quantity FROM hub.stock_entry e "
    "WHERE e.company_id = :company AND e.document_type = :type AND e.document_number = :number "
    "AND e.item_id = :item AND e.status = 'quarantine' "
    "AND (cast(:lot AS uuid) IS NULL OR e.lot = (SELECT code FROM hub.lot WHERE id = :lot)) "
    "GROUP BY e.warehouse_id HAVING sum(e.quantity) > 0"
)


def judge(ctx: Ctx, inspection: Any, source: Any, *, released: Decimal, frozen: Decimal) -> UUID | None:
    """Release so much of what a receipt (`source`) put into quarantine, freeze so much; returns the warehouse.

    None when the receipt left nothing of the item and lot in quarantine: then there is nothing to move.

    Raises:
        Refused: STOCK_SHORT when less is there than is judged, PERIOD_CLOSED.
    """
    about = {
        "company": inspection.company_id,
        "type": type(source).__name__,
        "number": source.number,
        "item": inspection.item_id,
        "lot": inspection.lot_id,
    }
    waiting = ctx.session.execute(_WAITING, about).first()
    if waiting is None:
        return None
    warehouse_id = UUID(str(waiting.warehouse_id))
    parts = ((1, released, "available"), (2, frozen, "frozen"))
    moves = [
        _move(inspection, position, quantity, warehouse_id, "quarantine", to)
        for position, quantity, to in parts
        if quantity > 0
    ]
    day = inspection.inspection_date
    stock.post(ctx, inspection, kind="inspection", day=day, moves=moves, day_field="inspectionDate")
    return warehouse_id


def unjudge(ctx: Ctx, inspection: Any) -> None:
    """Put back into quarantine what a decision had released or frozen."""
    stock.reverse(ctx, inspection)


def unfreeze(ctx: Ctx, paper: Any, day: date) -> None:
    """Make the frozen quantity of a nonconformance available again; a day in the path of refusals is `day`."""
    move = _move(paper, 1, paper.quantity, paper.warehouse_id, "frozen", "available")
    stock.post(ctx, paper, kind="inspection", day=day, moves=[move], day_field="day")


def scrap(ctx: Ctx, paper: Any, day: date) -> None:
    """Take the frozen quantity of a nonconformance out of stock, at its average cost."""
    move = _move(paper, 1, paper.quantity, paper.warehouse_id, "frozen", None)
    stock.post(ctx, paper, kind="scrap", day=day, moves=[move], day_field="day")


def _move(
    document: Any, position: int, quantity: Decimal, warehouse_id: UUID, status: str, to: str | None
) -> stock.Move:
    """A quantity that changes its status where it lies, or leaves."""
    return stock.Move(
        document.item_id,
        -quantity,
        position,
        lot_id=document.lot_id,
        status=status,
        warehouse_id=warehouse_id,
        to=None if to is None else stock.Place(warehouse_id, None, to, stays=True),
    )
