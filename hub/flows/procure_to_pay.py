"""From what we order to what we owe: what a purchase order leads to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hub.context import Ctx
from hub.document.flow import conversion


def _receipt_line(_ctx: Ctx, line: Any, quantity: Decimal) -> dict[str, Any]:
    return {"item": line.item_id, "quantity": quantity, "stocked_quantity": quantity}


@conversion(
    "PurchaseOrder",
    "PurchaseReceipt",
    label=("转入库单", "Receive"),
    states=("confirmed",),
    link="purchase_order",
    line_link="order_line",
    line=_receipt_line,
)
def receipt_of(order: Any, _ctx: Ctx) -> dict[str, Any]:
    """Goods of the order's supplier; the warehouse is chosen by who receives."""
    return {"supplier": order.supplier_id}
