"""From a customer's order to the money: what an order leads to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hub.context import Ctx
from hub.document.flow import conversion


def _delivery_line(_ctx: Ctx, line: Any, quantity: Decimal) -> dict[str, Any]:
    return {"item": line.item_id, "quantity": quantity}


@conversion(
    "SalesOrder",
    "Delivery",
    label=("转送货单", "Deliver"),
    states=("confirmed",),
    link="sales_order",
    line_link="order_line",
    line=_delivery_line,
)
def delivery_of(order: Any, _ctx: Ctx) -> dict[str, Any]:
    """Goods for the order's customer."""
    return {"customer": order.customer_id}
