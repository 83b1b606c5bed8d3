"""The workshop, day by day: runs planned and released, material issued, work reported, pieces inspected and stored."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import select

from hub.document.registry import spec
from hub.seed.records import DailyReport, Inspection, ProductionOrder, StockMove
from hub.seed.telling.teller import Row, Teller

PRESSES_A_PERSON = Decimal("2.5")
_PACKERS = ("E032", "E031", "E030")
_PACKING = Decimal("0.1")  # minutes a piece, shared by the line
_CAUSES = {"飞边": "锁模力不足", "缩水": "保压不足", "缺料": "料温偏低", "色差": "色母混合不均"}


def plan(teller: Teller, one: ProductionOrder) -> Row:
    """A run for one or more order lines, its operations those of the part's routing; returns the lot it will make."""
    raw = {item for item, _ in one.part.per_piece}
    document = teller.create(
        "ProductionOrder",
        {
            "item": one.part.code,
            "quantity": one.quantity,
            "planned_start_date": one.planned_start,
            "planned_finish_date": one.planned_finish,
            "mould": one.part.mould,
            "batch_number": one.number,
            "site": "NB1",
            "priority": 2 if (one.due_date - one.created_date).days < 8 else 5,
            "planner": ("E014", "E015")[int(one.part.mould[-1]) % 2],
            "department": "SC",
            "demands": [{"order_line": teller.id_of(line), "quantity": quantity} for line, quantity in one.demands],
            "materials": [
                {"item": need.item, "required_quantity": need.required, "operation": "MOLD"}
                for need in one.materials
                if need.item in raw
            ],
        },
    )
    teller.keep(one, document.id)
    teller.book.operations[id(one)] = [row.id for row in document.operations]
    teller.book.lots[one.part.code, one.number] = one.number
    return {
        "code": one.number,
        "name": f"{one.part.name} {one.number[2:]}",
        "item": one.part.code,
        "origin_date": one.created_date,
        "production_order": document.number,
    }


def start(teller: Teller, one: ProductionOrder, day: date) -> list[StockMove]:
    """Release a run and issue its resin, colour and inserts; returns what it takes of packing."""
    teller.step("ProductionOrder", teller.id_of(one), "release")
    raw = {item for item, _ in one.part.per_piece}
    moves = [move for move in teller.moves[one.number] if move.kind == "issue"]
    lines: list[Row] = [
        {"item": move.item, "quantity": -move.quantity, "lot": teller.lot(move)} for move in moves if move.item in raw
    ]
    about: Row = {"production_order": teller.id_of(one), "issue_date": day, "warehouse": "CK01", "department": "SC"}
    teller.told("MaterialIssue", {**about, "lines": lines}, "post")
    return [move for move in moves if move.item not in raw]


def packing(teller: Teller, moves: list[StockMove], day: date) -> None:
    """Cartons, bags and labels are fetched once a day for all runs that begin."""
    wanted: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for move in moves:
        wanted[move.item, teller.lot(move)] -= move.quantity
    lines: list[Row] = [
        {"item": item, "quantity": quantity, "lot": lot} for (item, lot), quantity in sorted(wanted.items())
    ]
    about: Row = {"issue_date": day, "warehouse": "CK02", "department": "SC", "note": "当日开工包材"}
    teller.told("MaterialIssue", {**about, "lines": lines}, "post")


def report(teller: Teller, one: DailyReport, people: dict[str, str]) -> None:
    """A day's moulding; the last report of a run is followed by that of the packing line, and the run is closed."""
    order_id = teller.id_of(one.order)
    mould, pack = teller.book.operations[id(one.order)]
    minutes = (one.hours * 60 / PRESSES_A_PERSON).quantize(Decimal("0.01"), ROUND_HALF_UP)
    line: Row = {
        "employee": people[one.operator],
        "operation": "注塑",
        "order_operation": mould,
        "work_centre": one.machine,
        "good_quantity": one.good,
        "scrap_quantity": one.scrap,
        "minutes": max(minutes, Decimal(1)),
    }
    about: Row = {"work_date": one.day, "production_order": order_id, "shift": "D"}
    if one.trouble:
        about |= {"exception_kind": "machine", "exception_note": one.trouble}
    teller.told("OperationReport", {**about, "lines": [line]}, "post")
    if one.order.finished_date == one.day and one.order.remaining == 0:
        _finish(teller, one, pack)


def _finish(teller: Teller, one: DailyReport, operation: Any) -> None:
    order = one.order
    line: Row = {
        "employee": _PACKERS[int(order.number[-1]) % len(_PACKERS)],
        "operation": "包装",
        "order_operation": operation,
        "work_centre": "BZ-01",
        "good_quantity": order.completed,
        "minutes": max((order.completed * _PACKING / 20).quantize(Decimal("0.01")), Decimal(1)),
    }
    about: Row = {"work_date": one.day, "production_order": teller.id_of(order), "lines": [line]}
    teller.told("OperationReport", about, "post")


def store(teller: Teller, one: DailyReport, found: Inspection) -> None:
    """The day's good pieces: passed before they are stored, or stored in quarantine when some of them are bad."""
    order_id, part = teller.id_of(one.order), one.order.part
    inspection: Row = {
        "kind": "final",
        "item": part.code,
        "lot": one.order.number,
        "production_order": order_id,
        "inspection_date": one.day,
        "quantity": one.good,
        "inspected_quantity": one.good,
        "qualified_quantity": one.good - int(found.defective),
        "defective_quantity": found.defective,
        "defect": found.defect or None,
        "inspector": found.inspector,
        "disposition": "scrap" if found.defective else "accept",
    }
    receipt: Row = {
        "production_order": order_id,
        "receipt_date": one.day,
        "warehouse": "CK03",
        "department": "SC",
        "lines": [
            {"item": part.code, "quantity": one.good, "location": part.location, "lot": one.order.number},
        ],
    }
    if not found.defective:
        passed = teller.told("Inspection", inspection, "confirm")
        teller.told("ProductReceipt", {**receipt, "inspection": passed.id}, "post")
        return
    document = teller.told("ProductReceipt", receipt, "post")
    table = spec("Inspection").table
    drawn = select(table.c.id).where(table.c.product_receipt_id == document.id)
    drawn_id = teller.ctx.session.execute(drawn).scalar_one()
    filled = ("inspected_quantity", "qualified_quantity", "defective_quantity", "defect", "inspector", "disposition")
    teller.change("Inspection", drawn_id, {name: inspection[name] for name in filled})
    teller.step("Inspection", drawn_id, "confirm")
    _scrap(teller, drawn_id, found, one.day)


def _scrap(teller: Teller, inspection_id: Any, found: Inspection, day: date) -> None:
    """What did not pass is decided the same day."""
    table = spec("NonConformance").table
    paper = select(table.c.id).where(table.c.inspection_id == inspection_id)
    id_ = teller.ctx.session.execute(paper).scalar_one()
    teller.change("NonConformance", id_, {"cause": _CAUSES.get(found.defect, "首件确认不到位"), "department": "ZL"})
    teller.step("NonConformance", id_, "submit")
    teller.step("NonConformance", id_, "decide", disposition="scrap", day=day)
    teller.step("NonConformance", id_, "close", day=day)


def close(teller: Teller, one: ProductionOrder) -> None:
    """Nothing more is made of a finished run."""
    teller.step("ProductionOrder", teller.id_of(one), "close")
