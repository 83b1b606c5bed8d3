"""A count against the book: what the book said, and what the difference moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.document.edit import stamp
from hub.document.registry import spec
from hub.errors import Problem, problem
from hub.ledgers import goods, stock

_BOOK = text(
    "SELECT wanted.ordinal, coalesce(sum(b.quantity), 0) AS quantity FROM unnest(cast(:ordinals AS int[]), "
    "cast(:items AS uuid[]), cast(:locations AS uuid[]), cast(:lots AS uuid[]), cast(:serials AS uuid[])) "
    "AS wanted (ordinal, item, location, lot, serial) "
    "LEFT JOIN hub.lot ON lot.id = wanted.lot LEFT JOIN hub.serial_number s ON s.id = wanted.serial "
    "LEFT JOIN hub.stock_balance b ON b.company_id = :company AND b.warehouse_id = :warehouse "
    "  AND b.item_id = wanted.item AND b.status = 'available' AND b.quantity <> 0 "
    "  AND (wanted.location IS NULL OR b.location_id = wanted.location) "
    "  AND (wanted.lot IS NULL OR b.lot = lot.code) AND (wanted.serial IS NULL OR b.serial = s.code) "
    "GROUP BY wanted.ordinal"
)
_THERE = text(
    "SELECT b.item_id, b.location_id, lot.id AS lot_id, s.id AS serial_id, sum(b.quantity) AS quantity "
    "FROM hub.stock_balance b "
    "LEFT JOIN hub.lot ON lot.company_id = b.company_id AND lot.item_id = b.item_id AND lot.code = b.lot "
    "LEFT JOIN hub.serial_number s ON s.company_id = b.company_id AND s.item_id = b.item_id AND s.code = b.serial "
    "JOIN hub.item ON item.id = b.item_id "
    "WHERE b.company_id = :company AND b.warehouse_id = :warehouse AND b.status = 'available' AND b.quantity <> 0 "
    "GROUP BY b.item_id, item.code, b.location_id, lot.id, s.id ORDER BY item.code, b.location_id, lot.id, s.id"
)


def take_book(ctx: Ctx, stocktake: Any) -> None:
    """Note on each line what the book says now; without lines, make one for everything that is there."""
    if not stocktake.lines:
        about = {"company": stocktake.company_id, "warehouse": stocktake.warehouse_id}
        line = spec("StocktakeLine").model
        stocktake.lines = [
            line(
                position=position,
                item_id=row.item_id,
                location_id=row.location_id,
                lot_id=row.lot_id,
                serial_id=row.serial_id,
                book_quantity=row.quantity,
            )
            for position, row in enumerate(ctx.session.execute(_THERE, about), start=1)
        ]
        stamp(ctx, spec("Stocktake"), stocktake)
        return
    for line, quantity in zip(stocktake.lines, _book(ctx, stocktake, stocktake.lines), strict=True):
        line.book_quantity = quantity


def uncounted(stocktake: Any) -> Iterator[Problem]:
    """COUNT_MISSING for each line without a count, LINES_MISSING for a stocktake without lines."""
    if not stocktake.lines:
        yield problem("LINES_MISSING", "盘点单没有明细。", "The stocktake has no lines.", "lines")
    for index, line in enumerate(stocktake.lines):
        if line.counted_quantity is None:
            yield problem(
                "COUNT_MISSING",
                f"第 {index + 1} 行没有实盘数量。",
                f"Line {index + 1} has no counted quantity.",
                *("lines", str(index), "countedQuantity"),
            )


def differences_of(ctx: Ctx, stocktake: Any) -> list[stock.Move]:
    """The moves that bring the book to the count, one a line; a line without a count moves nothing."""
    unknown = [line for line in stocktake.lines if line.book_quantity is None]
    goods.locked(ctx, (line.item_id for line in stocktake.lines))
    for line, quantity in zip(unknown, _book(ctx, stocktake, unknown), strict=True):
        line.book_quantity = quantity
    return [stock.Move.of(line, _surplus(line)) for line in stocktake.lines]


def _surplus(line: Any) -> Decimal:
    return Decimal(0) if line.counted_quantity is None else line.counted_quantity - line.book_quantity


def _book(ctx: Ctx, stocktake: Any, lines: Sequence[Any]) -> list[Decimal]:
    """What the book says for each line, in their order; one statement."""
    if not lines:
        return []

    def column(name: str) -> list[UUID | None]:
        return [getattr(line, name) for line in lines]

    rows = ctx.session.execute(
        _BOOK,
        {
            "company": stocktake.company_id,
            "warehouse": stocktake.warehouse_id,
            "ordinals": list(range(len(lines))),
            "items": column("item_id"),
            "locations": column("location_id"),
            "lots": column("lot_id"),
            "serials": column("serial_id"),
        },
    )
    found = {row.ordinal: row.quantity for row in rows}
    return [found[ordinal] for ordinal in range(len(lines))]
