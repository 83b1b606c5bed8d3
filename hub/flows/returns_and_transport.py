"""Goods that go back and goods on the road: returns of what was received, issued or shipped; trips and signatures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hub import writes
from hub.context import Ctx
from hub.document import remembering
from hub.document.flow import conversion, on
from hub.document.registry import spec


def _same(_ctx: Ctx, line: Any, quantity: Decimal) -> dict[str, Any]:
    """The same item out of the same lot."""
    return {"item": line.item_id, "lot": line.lot_id, "serial": line.serial_id, "quantity": quantity}


@conversion(
    "PurchaseReceipt",
    "PurchaseReturn",
    label=("转采购退货单", "Return to supplier"),
    states=("confirmed",),
    link="purchase_receipt",
    line_link="receipt_line",
    line=_same,
)
def return_of_receipt(receipt: Any, _ctx: Ctx) -> dict[str, Any]:
    """Goods of a receipt, from the same warehouse."""
    return {"supplier": receipt.supplier_id, "warehouse": receipt.warehouse_id}


@conversion(
    "MaterialIssue",
    "MaterialReturn",
    label=("转材料退库单", "Return to stores"),
    states=("posted",),
    link="material_issue",
    line_link="issue_line",
    line=_same,
)
def return_of_issue(issue: Any, _ctx: Ctx) -> dict[str, Any]:
    """Materials of an issue, to the same warehouse."""
    return {"production_order": issue.production_order_id, "warehouse": issue.warehouse_id}


@conversion(
    "Delivery",
    "SalesReturn",
    label=("转销售退货单", "Take back"),
    states=("confirmed", "signed"),
    link="delivery",
    line_link="delivery_line",
    line=_same,
)
def return_of_delivery(delivery: Any, _ctx: Ctx) -> dict[str, Any]:
    """Goods of a delivery, to the warehouse they came from."""
    return {"customer": delivery.customer_id, "warehouse": delivery.warehouse_id}


def _signed(ctx: Ctx, trip: Any) -> None:
    """Sign each delivery of a trip that its line says is signed for and that is not yet."""
    able, model = ctx.with_all_rights(), spec("Delivery").model
    for line in sorted(trip.deliveries, key=lambda one: str(one.delivery_id)):
        delivery = remembering.held_here(ctx.session, line.delivery_id) or ctx.session.get_one(
            model, line.delivery_id, populate_existing=True
        )
        if line.signed_at is not None and delivery.state.value == "confirmed":
            given = {"signed_at": line.signed_at, "signed_by": line.signed_by}
            writes.run_step(able, "Delivery", delivery.id, "sign", given)


@on("Dispatch", "sign_stop")
def signed_at_a_stop(trip: Any, ctx: Ctx) -> None:
    """The delivery of that stop is signed for."""
    _signed(ctx, trip)


@on("Dispatch", "sign")
def all_signed(trip: Any, ctx: Ctx) -> None:
    """So are all the others."""
    _signed(ctx, trip)
