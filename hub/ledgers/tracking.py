"""What items ask of their movements: a lot, a serial number, a location that is in the warehouse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from hub.context import Ctx
from hub.document import direct, remembering
from hub.errors import Problem, problem

_TO_USE = ("delivery", "issue")
"""Kinds of movement for which a lot must be released and not expired."""


@dataclass(frozen=True)
class Codes:
    """The lots and serial numbers that moves name, by id."""

    lots: Mapping[UUID, Row[Any]]
    serials: Mapping[UUID, Row[Any]]

    def lot(self, move: Any) -> str | None:
        """The code of the move's lot, or of its serial number's."""
        if move.lot_id is not None:
            return str(self.lots[move.lot_id].code)
        return self.serials[move.serial_id].lot if move.serial_id is not None else None

    def serial(self, move: Any) -> str | None:
        """The code of the move's serial number."""
        return None if move.serial_id is None else str(self.serials[move.serial_id].code)


_LOTS = direct.Asked("SELECT id, code, item_id, status, expiry_date FROM hub.lot WHERE id = ANY(:ids)")
_SERIALS = direct.Asked(
    "SELECT s.id, s.code, s.item_id, s.status, lot.code AS lot FROM hub.serial_number s "
    "LEFT JOIN hub.lot ON lot.id = s.lot_id WHERE s.id = ANY(:ids)"
)


def codes_of(ctx: Ctx, moves: Sequence[Any]) -> Codes:
    """Read the lots and serial numbers of the moves, and the lots that the serial numbers belong to."""

    def read(type_: tuple[str, ...], statement: direct.Asked, ids: set[UUID | None]) -> dict[UUID, Row[Any]]:
        def rows(wanted: list[UUID]) -> dict[UUID, Row[Any]]:
            return {row.id: row for row in statement.rows(ctx.session, {"ids": wanted})}

        return remembering.recall_each(ctx.session, type_, [id_ for id_ in ids if id_ is not None], rows)

    return Codes(
        read(("Lot",), _LOTS, {move.lot_id for move in moves}),
        read(("SerialNumber", "Lot"), _SERIALS, {move.serial_id for move in moves}),
    )


def problems(
    ctx: Ctx, company_id: UUID, moves: Sequence[Any], items: Mapping[UUID, Row[Any]], codes: Codes, *, kind: str,
    day: date,
) -> Iterator[Problem]:  # fmt: skip
    """Everything that is wrong with the lots, serial numbers and locations of the moves, line by line."""
    elsewhere = _elsewhere(ctx, moves)
    there = _serials_there(ctx, company_id, moves, codes)
    named = Counter(move.serial_id for move in moves if move.serial_id is not None and move.quantity)
    for index, move in enumerate(moves):
        if not move.quantity:
            continue
        item, path = items[move.item_id], ("lines", str(index))
        at = (index + 1, item.code)
        yield from _lot(at, path, move, item, codes, kind, day)
        yield from _serial(at, path, move, item, codes, kind)
        if move.quantity > 0 and codes.serial(move) is not None and (move.item_id, codes.serial(move)) in there:
            yield _told(
                "SERIAL_IN_STOCK", at, "序列号已在库存中", "is in stock already under this number", path, "serial"
            )
        if move.serial_id is not None and named[move.serial_id] > 1:
            yield _told("SERIAL_TWICE", at, "序列号出现多次", "names a serial number twice", path, "serial")
        for field, end in (("location", move), ("toLocation", move.to)):
            if end is not None and (end.location_id, end.warehouse_id) in elsewhere:
                yield _told(
                    "LOCATION_ELSEWHERE", at, "库位不在该仓库", "has a location of another warehouse", path, field
                )


def _told(code: str, at: tuple[int, str], chinese: str, english: str, path: tuple[str, ...], *field: str) -> Problem:
    return problem(code, f"第 {at[0]} 行（{at[1]}）：{chinese}。", f"Line {at[0]}: {at[1]} {english}.", *path, *field)


def _lot(
    at: tuple[int, str], path: tuple[str, ...], move: Any, item: Row[Any], codes: Codes, kind: str, day: date
) -> Iterator[Problem]:
    if move.lot_id is None:
        if item.lot_tracked and codes.lot(move) is None:
            yield _told("LOT_MISSING", at, "按批次管理，请填写批次", "is kept by lot; name the lot", path, "lot")
        return
    lot = codes.lots[move.lot_id]
    if lot.item_id != move.item_id:
        yield _told("LOT_OF_ANOTHER_ITEM", at, "批次属于另一种存货", "is not the lot's item", path, "lot")
    if move.quantity > 0 or kind not in _TO_USE:
        return
    if lot.status != "released":
        yield _told("LOT_ON_HOLD", at, f"批次 {lot.code} 已冻结", f"lot {lot.code} is on hold", path, "lot")
    if lot.expiry_date is not None and lot.expiry_date < day:
        yield _told("LOT_EXPIRED", at, f"批次 {lot.code} 已过有效期", f"lot {lot.code} has expired", path, "lot")


def _serial(
    at: tuple[int, str], path: tuple[str, ...], move: Any, item: Row[Any], codes: Codes, kind: str
) -> Iterator[Problem]:
    if move.serial_id is None:
        if item.serial_tracked:
            yield _told("SERIAL_MISSING", at, "请填写序列号", "needs a serial number", path, "serial")
        return
    serial = codes.serials[move.serial_id]
    if serial.item_id != move.item_id:
        yield _told("SERIAL_OF_ANOTHER_ITEM", at, "序列号属于另一种存货", "is not its item", path, "serial")
    if move.quantity < 0 and kind in _TO_USE and serial.status != "released":
        yield _told("SERIAL_ON_HOLD", at, f"序列号 {serial.code} 已冻结", f"{serial.code} is on hold", path, "serial")
    if abs(move.quantity) != 1:
        yield _told("SERIAL_QUANTITY", at, "一个序列号只对应一件", "is one piece for one number", path, "quantity")


def _elsewhere(ctx: Ctx, moves: Sequence[Any]) -> set[tuple[UUID, UUID]]:
    """The pairs of location and warehouse that do not belong together, both ends of a transfer."""
    ends = {(move.location_id, move.warehouse_id) for move in moves if move.location_id}
    ends |= {(move.to.location_id, move.to.warehouse_id) for move in moves if move.to and move.to.location_id}
    if not ends:
        return set()
    homes = text("SELECT id, warehouse_id FROM hub.location WHERE id = ANY(:ids)")
    known = remembering.recall_each(
        ctx.session,
        ("Location",),
        [one for one, _ in ends],
        lambda ids: {row.id: row.warehouse_id for row in ctx.session.execute(homes, {"ids": ids})},
    )
    return ends - set(known.items())


def _serials_there(ctx: Ctx, company_id: UUID, moves: Sequence[Any], codes: Codes) -> set[tuple[UUID, str]]:
    """The serial numbers coming in that are in stock already."""
    wanted = [codes.serial(move) for move in moves if move.quantity > 0 and move.serial_id is not None]
    if not wanted:
        return set()
    rows = ctx.session.execute(
        text(
            "SELECT item_id, serial FROM hub.stock_balance WHERE company_id = :company AND serial = ANY(:serials) "
            "AND quantity > 0"
        ),
        {"company": company_id, "serials": wanted},
    )
    return {(row.item_id, row.serial) for row in rows}
