"""From a customer's order to the money: what an order leads to."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hub.context import Ctx
from hub.document import today
from hub.document.flow import conversion
from hub.document.registry import spec
from hub.errors import Refused, problem
from hub.ledgers import receivables, settling


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


def _invoice_header(ctx: Ctx, source: Any) -> dict[str, Any]:
    """The customer, and when he must have paid: by the terms of the order, else by his own."""
    customer, day = source.customer_id, today()
    terms = getattr(source, "payment_terms_days", None)
    if terms is None:
        terms = ctx.session.get_one(spec("Customer").model, customer).payment_terms_days
    return {"customer": customer, "invoice_date": day, "due_date": day + timedelta(days=terms or 0)}


def _priced(order_line: Any, quantity: Decimal) -> dict[str, Any]:
    """What an order line agreed for a quantity of it."""
    agreed = {name: getattr(order_line, name) for name in ("description", "unit_price", "discount", "tax_rate")}
    return {"item": order_line.item_id, "order_line": order_line.id, "quantity": quantity, **agreed}


def _of_order(_ctx: Ctx, line: Any, quantity: Decimal) -> dict[str, Any]:
    return _priced(line, quantity)


def _of_delivery(ctx: Ctx, line: Any, quantity: Decimal) -> dict[str, Any]:
    """At the order's price; without an order, at the item's list price."""
    if line.order_line_id is not None:
        return _priced(ctx.session.get_one(spec("SalesOrderLine").model, line.order_line_id), quantity)
    item = ctx.session.get_one(spec("Item").model, line.item_id)
    return {"item": item.id, "quantity": quantity, "unit_price": item.list_price or Decimal(0)}


@conversion(
    "SalesOrder",
    "SalesInvoice",
    label=("转销售开票单", "Invoice"),
    states=("confirmed", "closed"),
    link="sales_order",
    line_link="order_line",
    line=_of_order,
)
def invoice_of_order(order: Any, ctx: Ctx) -> dict[str, Any]:
    """The whole order, or what is not yet invoiced of it."""
    agreed = {"currency": order.currency, "exchange_rate": order.exchange_rate}
    return {**_invoice_header(ctx, order), **agreed, "department": order.department_id}


_INVOICE_FIRST = ("请对原送货单开票。", "Invoice the delivery that brought what was returned.")


@conversion(
    "Delivery",
    "SalesInvoice",
    label=("转销售开票单", "Invoice"),
    states=("confirmed", "signed"),
    link="delivery",
    line_link="delivery_line",
    line=_of_delivery,
)
def invoice_of_delivery(delivery: Any, ctx: Ctx) -> dict[str, Any]:
    """What was shipped, at the prices of the order and in its currency.

    Raises:
        Refused: REPLACEMENT_FREE for goods sent in place of others.
    """
    if delivery.return_request_id is not None:
        words = ("换货发货不开票。", "Goods sent in place of returned ones are not invoiced.")
        raise Refused(problem("REPLACEMENT_FREE", *words, "returnRequest", hint=_INVOICE_FIRST))
    header = {**_invoice_header(ctx, delivery), "sales_order": delivery.sales_order_id}
    if delivery.sales_order_id is not None:
        order = ctx.session.get_one(spec("SalesOrder").model, delivery.sales_order_id)
        header |= {"currency": order.currency, "exchange_rate": order.exchange_rate}
    return header


@conversion(
    "SalesInvoice",
    "SalesReceipt",
    label=("转收款单", "Receive payment"),
    states=("posted",),
    link="sales_invoice",
    again=True,
)
def receipt_of_invoice(invoice: Any, ctx: Ctx) -> dict[str, Any]:
    """All that is still open of an invoice; Refused INVOICE_PAID when nothing is."""
    left = settling.open_amount(ctx, receivables.SIDE, invoice)
    if left <= 0:
        raise Refused(problem("INVOICE_PAID", "发票已全部收款。", "The invoice has been paid in full.", "state"))
    return {
        "customer": invoice.customer_id,
        "currency": invoice.currency,
        "exchange_rate": invoice.exchange_rate,
        "amount": left,
        "lines": [{"invoice": invoice.id, "amount": left}],
    }
