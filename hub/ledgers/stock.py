"""The stock ledger: entries in, entries out, never changed.

A shortage of many lines is one set-based question that names them all. Value does not live here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Table, func, insert, select, text

from hub.context import Ctx
from hub.document.registry import spec
from hub.errors import Problem, Refused, problem

_CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Move:
    """A signed quantity of an item, in its base unit, for a line of a document."""

    item_id: UUID
    quantity: Decimal
    position: int
    location_id: UUID | None = None

    @classmethod
    def of(cls, line: Any, quantity: Decimal) -> Move:
        """The move of a document's line; the line has an item and perhaps a location."""
        return cls(line.item_id, quantity, line.position, line.location_id)


def _entries() -> Table:
    return spec("StockEntry").table


def post(ctx: Ctx, document: Any, *, kind: str, day: date, moves: Sequence[Move]) -> None:
    """Write the moves of a document; Refused STOCK_SHORT names every line that its warehouse cannot serve."""
    warehouse_id: UUID | None = document.warehouse_id
    if warehouse_id is None:
        raise Refused(problem("WAREHOUSE_MISSING", "请先选择仓库。", "Choose the warehouse first.", "warehouse"))
    Refused.raise_all(_shortages(ctx, warehouse_id, moves))
    common = {
        "company_id": document.company_id,
        "entry_at": datetime.combine(day, time(12), _CHINA),
        "warehouse_id": warehouse_id,
        "status": "available",
        "kind": kind,
        "document_type": type(document).__name__,
        "document_number": document.number,
        "recorded_by": ctx.viewer.user_id,
    }
    rows = [
        common
        | {
            "item_id": move.item_id,
            "location_id": move.location_id,
            "quantity": move.quantity,
            "line_position": move.position,
        }
        for move in moves
        if move.quantity
    ]
    if rows:
        ctx.session.execute(insert(_entries()), rows)


def _shortages(ctx: Ctx, warehouse_id: UUID, moves: Sequence[Move]) -> Iterator[Problem]:
    """The lines whose item would fall below zero, items locked in one order so that two writers cannot both win."""
    wanted: dict[UUID, Decimal] = defaultdict(Decimal)
    for move in moves:
        wanted[move.item_id] -= move.quantity
    items = sorted(item for item, quantity in wanted.items() if quantity > 0)
    if not items:
        return
    locking = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
    for item in items:
        ctx.session.execute(locking, {"key": f"stock:{warehouse_id}:{item}"})
    entry = _entries()
    held = dict(
        ctx.session.execute(
            select(entry.c.item_id, func.sum(entry.c.quantity))
            .where(entry.c.warehouse_id == warehouse_id, entry.c.status == "available", entry.c.item_id.in_(items))
            .group_by(entry.c.item_id)
        ).all()
    )
    for index, move in enumerate(moves):
        available = max(held.get(move.item_id, Decimal(0)), Decimal(0)).normalize()
        needed = wanted[move.item_id].normalize()
        if needed > available:
            yield problem(
                "STOCK_SHORT",
                f"第 {index + 1} 行库存不足：需要 {needed:f}，现有 {available:f}。",
                f"Line {index + 1}: not enough stock, {needed:f} wanted, {available:f} there.",
                *("lines", str(index), "quantity"),
                wanted=f"{needed:f}",
                available=f"{available:f}",
            )


def reverse(ctx: Ctx, document: Any) -> None:
    """Write the opposite of every entry of a document."""
    entry = _entries()
    copied = [
        column for column in entry.c if column.name not in ("id", "quantity", "recorded_at", "recorded_by", "note")
    ]
    opposite = select(*copied, -entry.c.quantity, text(":actor"), text(":note")).where(
        entry.c.document_type == type(document).__name__, entry.c.document_number == document.number
    )
    names = [*(column.name for column in copied), "quantity", "recorded_by", "note"]
    ctx.session.execute(
        insert(entry).from_select(names, opposite), {"actor": ctx.viewer.user_id, "note": "冲销 Reversal"}
    )
