"""Purchasing and the gate, day by day: requests, orders, arrivals, and what incoming inspection says of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from hub.document.registry import spec
from hub.seed.records import Inspection, PurchaseOrder, Receipt, ReceiptLine
from hub.seed.telling.teller import Row, Teller, lot_code
from hub.seed.workdays import workdays_before

_BUYERS = ("E010", "E011")


def receipt(teller: Teller, one: Receipt, inspections: list[Inspection]) -> None:
    """Goods at the gate: what is kept goes into the store, resins by way of quarantine and their inspection."""
    _lots(teller, one)
    materials = {line.line.material.code: line.line.material for line in one.lines}
    first = next(iter(materials.values()))
    document = teller.told(
        "PurchaseReceipt",
        {
            "supplier": one.order.supplier.code,
            "purchase_order": teller.id_of(one.order),
            "receipt_date": one.receipt_date,
            "warehouse": first.warehouse,
            "delivery_note_number": one.number.replace("RK", "SH"),
            "lines": [_line(teller, line, one.number.replace("RK", "L")) for line in one.lines],
        },
        "confirm",
    )
    for line, row in zip(one.lines, document.lines, strict=True):
        teller.keep(line, row.id)
    _inspect(teller, document, inspections)
    if one.order.state == "closed" and one is _last(teller, one.order):
        teller.step("PurchaseOrder", teller.id_of(one.order), "close")


def _last(teller: Teller, order: PurchaseOrder) -> Receipt:
    """The receipt that completes an order."""
    return next(one for one in reversed(teller.year.receipts) if one.order is order)


def _lots(teller: Teller, one: Receipt) -> None:
    rows: list[Row] = []
    for line in one.lines:
        item, lot = line.line.material, one.number.replace("RK", "L")
        code = teller.book.lots[item.code, lot] = lot_code(item.code, lot)
        about = {"code": code, "name": f"{item.name} {one.number[2:]}", "item": item.code}
        rows.append({**about, "origin_date": one.receipt_date, "supplier": one.order.supplier.code})
    teller.load("Lot", rows)


def _line(teller: Teller, line: ReceiptLine, lot: str) -> Row:
    material = line.line.material
    return {
        "item": material.code,
        "order_line": teller.id_of(line.line),
        "quantity": line.received,
        "rejected_quantity": line.rejected,
        "stocked_quantity": line.stocked,
        "location": material.location,
        "lot": teller.book.lots[material.code, lot],
    }


def _inspect(teller: Teller, document: Any, inspections: list[Inspection]) -> None:
    """Decides the inspections that the hub has drawn up for what waits, and writes those of all else."""
    table = spec("Inspection").table
    waiting = select(table.c.id, table.c.item_id).where(table.c.purchase_receipt_id == document.id)
    drawn = {row.item_id: row.id for row in teller.ctx.session.execute(waiting)}
    for line, found in zip(document.lines, inspections, strict=True):
        values: Row = {"inspector": found.inspector, "note": found.defect or None}
        drawn_id = drawn.get(line.item_id)
        if drawn_id is not None:
            good = {"inspected_quantity": line.stocked_quantity, "qualified_quantity": line.stocked_quantity}
            teller.change("Inspection", drawn_id, {**values, **good, "disposition": "accept"})
        elif line.stocked_quantity:
            drawn_id = teller.create(
                "Inspection",
                {
                    **values,
                    "kind": "incoming",
                    "item": line.item_id,
                    "lot": line.lot_id,
                    "purchase_receipt": document.id,
                    "inspection_date": document.receipt_date,
                    "quantity": line.stocked_quantity,
                    "inspected_quantity": line.stocked_quantity,
                    "qualified_quantity": line.stocked_quantity,
                    "disposition": "accept",
                },
            ).id
        if drawn_id is not None:
            teller.step("Inspection", drawn_id, "confirm")


def order(teller: Teller, one: PurchaseOrder) -> None:
    """What the store asks for, and the order that follows from it."""
    wanted: list[Row] = [
        {"item": line.material.code, "quantity": line.quantity, "needed_date": one.promised_date} for line in one.lines
    ]
    day = workdays_before(one.order_date, 1) if one.order_date > teller.year.span.first_day else one.order_date
    about = {"request_date": max(day, teller.year.span.first_day), "department": "CC", "reason": "低于再订货点"}
    asked = teller.told("PurchaseRequest", {**about, "lines": wanted}, "submit", "approve")
    lines: list[Row] = [
        {
            "item": line.material.code,
            "quantity": line.quantity,
            "unit": line.material.unit,
            "unit_price": line.price,
            "promised_date": one.promised_date,
            "request_line": request.id,
        }
        for line, request in zip(one.lines, asked.lines, strict=True)
    ]
    document = teller.told(
        "PurchaseOrder",
        {
            "supplier": one.supplier.code,
            "order_date": one.order_date,
            "promised_date": one.promised_date,
            "buyer": _BUYERS[int(one.number[-1]) % 2],
            "department": "CG",
            "payment_terms_days": one.supplier.payment_days,
            "lines": lines,
        },
        *(("submit", "confirm") if one.state != "submitted" else ("submit",)),
    )
    teller.keep(one, document.id)
    for line, row in zip(one.lines, document.lines, strict=True):
        teller.keep(line, row.id)
