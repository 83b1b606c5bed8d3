"""From goods that came in to goods that may be used: inspections, what they release, what did not pass."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from hub import writes
from hub.context import Ctx
from hub.document.flow import conversion, on
from hub.document.registry import spec
from hub.errors import Problem, Refused, problem
from hub.ledgers import inspecting, quarantine

_REFUSED = ("rework", "return", "scrap")


def _inspect(ctx: Ctx, receipt: Any, kind: str, quantity: str, day: str, **about: Any) -> None:
    """A draft inspection with its plan for each line that the receipt has put into quarantine."""
    able = ctx.with_all_rights()
    for line in quarantine.kept_lines(ctx, receipt):
        values = {
            "kind": kind,
            "item": line.item_id,
            "lot": line.lot_id,
            "quantity": getattr(line, quantity),
            "inspection_date": getattr(receipt, day),
            "inspected_quantity": Decimal(0),
            "qualified_quantity": Decimal(0),
            **about,
        }
        made = writes.create(able, "Inspection", values)
        writes.run_step(able, "Inspection", made.id, "plan")


@on("PurchaseReceipt", "confirm")
def inspect_what_came(receipt: Any, ctx: Ctx) -> None:
    """What the item's standard wants inspected gets its incoming inspection."""
    _inspect(ctx, receipt, "incoming", "stocked_quantity", "receipt_date", purchase_receipt=receipt.id)


@on("ProductReceipt", "post")
def inspect_what_was_made(receipt: Any, ctx: Ctx) -> None:
    """What the item's standard wants inspected gets its final inspection."""
    order = receipt.production_order_id
    _inspect(ctx, receipt, "final", "quantity", "receipt_date", product_receipt=receipt.id, production_order=order)


@on("PurchaseReceipt", "cancel")
def uninspect_purchase(receipt: Any, ctx: Ctx) -> Iterator[Problem]:
    """A receipt that is taken back needs no inspection."""
    yield from _withdraw(ctx, "Inspection", "purchase_receipt_id", receipt, decided=("confirmed",))


@on("ProductReceipt", "cancel")
def uninspect_product(receipt: Any, ctx: Ctx) -> Iterator[Problem]:
    """The same for products."""
    yield from _withdraw(ctx, "Inspection", "product_receipt_id", receipt, decided=("confirmed",))


def _withdraw(ctx: Ctx, kind: str, link: str, source: Any, *, decided: tuple[str, ...]) -> Iterator[Problem]:
    """Cancel what was made for a document; what somebody has decided already stands and forbids it."""
    table = spec(kind).table
    made = select(table.c.id, table.c.number, table.c.state).where(table.c[link] == source.id)
    for row in ctx.session.execute(made.where(table.c.state != "cancelled").order_by(table.c.number)).all():
        if row.state in decided:
            label = spec(kind).label
            yield problem(
                "DECIDED_ALREADY",
                f"{label.chinese} {row.number} 已经判定，不能取消。",
                f"{label.english} {row.number} has been decided; this cannot be taken back.",
                "state",
                hint=(f"请先处理 {row.number}。", f"Deal with {row.number} first."),
            )
        else:
            writes.run_step(ctx.with_all_rights(), kind, row.id, "cancel")


@on("Inspection", "confirm")
def judge(inspection: Any, ctx: Ctx) -> None:
    """Release or freeze what waits for it; what is frozen, or a lot that failed, becomes a nonconformance."""
    if inspection.disposition is None:
        return  # refused already
    source = _source(ctx, inspection)
    frozen, warehouse_id = inspection.frozen_quantity, None
    if source is not None:
        released = inspection.released_quantity
        warehouse_id = inspecting.judge(ctx, inspection, source, released=released, frozen=frozen)
    failed = inspection.disposition.value in _REFUSED
    if warehouse_id is None and failed and inspection.lot_id is not None:
        writes.update(ctx.with_all_rights(), "Lot", inspection.lot_id, {"status": "on_hold"})
    if (frozen > 0 and warehouse_id is not None) or failed:
        _complain(ctx, inspection, frozen, warehouse_id)


def _source(ctx: Ctx, inspection: Any) -> Any:
    """The receipt whose goods are inspected; None for an inspection of something else."""
    for name, kind in (("purchase_receipt_id", "PurchaseReceipt"), ("product_receipt_id", "ProductReceipt")):
        if getattr(inspection, name) is not None:
            return _loaded(ctx, kind, getattr(inspection, name))
    return None


def _complain(ctx: Ctx, inspection: Any, quantity: Decimal, warehouse_id: Any) -> None:
    """A draft nonconformance of what did not pass."""
    defects = sorted(inspection.defects, key=lambda one: (-one.quantity, one.position))
    values = {
        "inspection": inspection.id,
        "found_date": inspection.inspection_date,
        "item": inspection.item_id,
        "lot": inspection.lot_id,
        "warehouse": warehouse_id,
        "quantity": quantity,
        "disposition": inspection.disposition.value if inspection.disposition.value in _REFUSED else None,
        "defect_code": defects[0].defect_code_id if defects else None,
        "description": inspection.defect,
    }
    writes.create(ctx.with_all_rights(), "NonConformance", values)


@on("Inspection", "cancel")
def unjudge(inspection: Any, ctx: Ctx) -> Iterator[Problem]:
    """Goods wait again; a nonconformance that nobody has decided goes with its inspection."""
    found = list(_withdraw(ctx, "NonConformance", "inspection_id", inspection, decided=("decided", "closed")))
    if not found:
        inspecting.unjudge(ctx, inspection)
    yield from found


@on("NonConformance", "decide")
def use_the_lot(paper: Any, ctx: Ctx) -> None:
    """A lot that may be used as it is, is on hold no longer."""
    if paper.lot_id is not None and paper.disposition is not None and paper.disposition.value not in _REFUSED:
        writes.update(ctx.with_all_rights(), "Lot", paper.lot_id, {"status": "released"})


@conversion(
    "NonConformance",
    "CorrectiveAction",
    label=("转改进计划", "Correct"),
    states=("submitted", "decided", "closed"),
    link="non_conformance",
)
def correct(paper: Any, _ctx: Ctx) -> dict[str, Any]:
    """An 8D report about what was found."""
    about = {"quality_complaint": paper.quality_complaint_id, "department": paper.department_id}
    return {**about, "problem": paper.description}


def _loaded(ctx: Ctx, kind: str, id_: Any) -> Any:
    return ctx.session.get_one(spec(kind).model, id_)


def _bought(ctx: Ctx, paper: Any) -> Any:
    """The receipt in whose inspection something was found; Refused NOT_BOUGHT when it was none."""
    inspection = None if paper.inspection_id is None else _loaded(ctx, "Inspection", paper.inspection_id)
    if inspection is None or inspection.purchase_receipt_id is None:
        raise Refused(
            problem(
                "NOT_BOUGHT",
                "该不合格品不是来料检验发现的，不能转采购退货。",
                "This was not found in an incoming inspection, so it cannot go back to a supplier from here.",
                hint=("请从采购入库单转退货。", "Return it from its purchase receipt."),
            )
        )
    return _loaded(ctx, "PurchaseReceipt", inspection.purchase_receipt_id)


@conversion(
    "NonConformance",
    "PurchaseReturn",
    label=("转采购退货单", "Return to supplier"),
    states=("decided",),
    link="non_conformance",
)
def send_back(paper: Any, ctx: Ctx) -> dict[str, Any]:
    """What did not pass its incoming inspection goes back to who sent it, out of what is frozen."""
    receipt, model = _bought(ctx, paper), spec("PurchaseReceiptLine").model
    named = select(model).where(model.purchase_receipt_id == receipt.id, model.item_id == paper.item_id)
    named = named.where(model.lot_id.is_not_distinct_from(paper.lot_id)).order_by(model.position).limit(1)
    line = ctx.session.execute(named).scalar_one()
    row = {
        "receipt_line": line.id,
        "item": paper.item_id,
        "lot": paper.lot_id,
        "serial": line.serial_id,
        "quantity": paper.quantity,
        "status": "frozen",
    }
    header = {"supplier": receipt.supplier_id, "purchase_receipt": receipt.id, "warehouse": paper.warehouse_id}
    return {**header, "reason": paper.description, "lines": [row]}
