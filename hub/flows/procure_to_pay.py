"""From what is needed to what is paid: requests, inquiries and plans become orders, orders receipts, receipts invoices.

Who may be ordered of follows from what was decided about the supplier: an admission admits, a bad evaluation suspends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub import writes
from hub.context import Ctx
from hub.document import audit, today
from hub.document.flow import conversion, on
from hub.document.registry import spec
from hub.errors import Problem, Refused, problem
from hub.ledgers import payables, settling


def _set_admission(ctx: Ctx, paper: Any, admission: str) -> None:
    """What a paper decides about its supplier, with its trace there."""
    model = spec("Supplier").model
    supplier = ctx.session.get_one(model, paper.supplier_id, with_for_update=True)
    before = supplier.admission
    if before == admission:
        return
    supplier.admission = type(before)(admission)
    changes = {"admission": [before.value, admission], "by": [None, paper.number]}
    audit.record(ctx, "Supplier", supplier.id, "admit", changes, version=supplier.version + 1)


@on("SupplierAdmission", "approve")
def admitted(paper: Any, ctx: Ctx) -> None:
    """Orders may be placed with the supplier."""
    _set_admission(ctx, paper, "admitted")


@on("SupplierAdmission", "revoke")
def revoked(paper: Any, ctx: Ctx) -> None:
    """No more orders to the supplier."""
    _set_admission(ctx, paper, "suspended")


@on("SupplierEvaluation", "confirm")
def suspended(evaluation: Any, ctx: Ctx) -> None:
    """Whoever does not pass gets no more orders until admitted anew."""
    if evaluation.grade == "D":
        _set_admission(ctx, evaluation, "suspended")


def _order(ctx: Ctx, supplier_id: UUID, header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> None:
    """A draft order to a supplier, at its terms."""
    supplier = ctx.session.get_one(spec("Supplier").model, supplier_id)
    days = [one["promised_date"] for one in lines if one.get("promised_date")]
    writes.create(
        ctx,
        "PurchaseOrder",
        {
            **header,
            "supplier": supplier_id,
            "payment_terms_days": supplier.payment_terms_days,
            "promised_date": min(days, default=None),
            "lines": lines,
        },
    )


def _by_supplier(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    grouped: dict[UUID, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row.supplier_id, []).append(row)
    return grouped


@on("PurchasePlan", "approve")
def ordered_as_planned(plan: Any, ctx: Ctx) -> None:
    """A draft order per supplier of the plan, a line for each of the plan's."""
    header = {"purchase_plan": plan.id, "buyer": plan.planner_id, "department": plan.department_id}
    for supplier_id, rows in _by_supplier(one for one in plan.lines if one.supplier_id).items():
        lines = [
            {
                "item": row.item_id,
                "quantity": row.quantity,
                "unit_price": row.unit_price,
                "promised_date": row.needed_date,
                "request_line": row.request_line_id,
                "plan_line": row.id,
            }
            for row in rows
        ]
        _order(ctx, supplier_id, header, lines)


@on("Rfq", "award")
def ordered_as_offered(inquiry: Any, ctx: Ctx) -> None:
    """A draft order per chosen supplier, at the prices offered."""
    wanted = {line.item_id: line for line in inquiry.lines}
    header = {"rfq": inquiry.id, "buyer": inquiry.buyer_id, "department": inquiry.department_id}
    for supplier_id, offers in _by_supplier(one for one in inquiry.offers if one.chosen).items():
        lines = [
            {
                "item": one.item_id,
                "quantity": one.chosen_quantity,
                "unit_price": one.unit_price,
                "tax_rate": one.tax_rate,
                "promised_date": wanted[one.item_id].needed_date,
                "request_line": wanted[one.item_id].request_line_id,
            }
            for one in offers
        ]
        _order(ctx, supplier_id, header, lines)


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


def _invoice_header(ctx: Ctx, source: Any, order: Any) -> dict[str, Any]:
    """The supplier, its currency, and when we must have paid: by the order's terms, else by the supplier's."""
    day, supplier = today(), ctx.session.get_one(spec("Supplier").model, source.supplier_id)
    terms = (
        supplier.payment_terms_days if order is None or order.payment_terms_days is None else order.payment_terms_days
    )
    told = {"supplier": supplier.id, "invoice_date": day, "due_date": day + timedelta(days=terms or 0)}
    told["seller_tax_number"] = supplier.tax_number or supplier.uscc
    if order is not None:
        about = ("currency", "exchange_rate")
        told |= {name: getattr(order, name) for name in about} | {"department": order.department_id}
    return told


def _priced(line: Any, quantity: Decimal) -> dict[str, Any]:
    """What an order line agreed for a quantity of it."""
    price = line.unit_price * (100 - line.discount) / 100
    agreed = {"unit_price": price.quantize(Decimal("0.0001")), "tax_rate": line.tax_rate}
    return {"item": line.item_id, "order_line": line.id, "quantity": quantity, **agreed}


def _of_order(_ctx: Ctx, line: Any, quantity: Decimal) -> dict[str, Any]:
    return _priced(line, quantity)


def _of_receipt(ctx: Ctx, line: Any, quantity: Decimal) -> dict[str, Any]:
    """What was kept of it, at the order's price; without an order, at what it was booked at."""
    kept = min(quantity, line.quantity - line.rejected_quantity)
    if line.order_line_id is not None:
        return _priced(ctx.session.get_one(spec("PurchaseOrderLine").model, line.order_line_id), kept)
    return {"item": line.item_id, "quantity": kept, "unit_price": line.unit_cost or Decimal(0)}


@conversion(
    "PurchaseOrder",
    "PurchaseInvoice",
    label=("转采购发票", "Invoice"),
    states=("confirmed", "closed"),
    link="purchase_order",
    line_link="order_line",
    line=_of_order,
)
def invoice_of_order(order: Any, ctx: Ctx) -> dict[str, Any]:
    """The whole order, or what is not yet invoiced of it."""
    return _invoice_header(ctx, order, order)


@conversion(
    "PurchaseReceipt",
    "PurchaseInvoice",
    label=("转采购发票", "Invoice"),
    states=("confirmed",),
    link="purchase_receipt",
    line_link="receipt_line",
    line=_of_receipt,
)
def invoice_of_receipt(receipt: Any, ctx: Ctx) -> dict[str, Any]:
    """What came, at the prices of the order."""
    id_ = receipt.purchase_order_id
    order = None if id_ is None else ctx.session.get_one(spec("PurchaseOrder").model, id_)
    return {**_invoice_header(ctx, receipt, order), "purchase_order": id_}


@on("PurchaseReceipt", "cancel")
def not_taken_back(receipt: Any, ctx: Ctx) -> Iterable[Problem]:
    """What an invoice counts on stays."""
    return payables.not_invoiced(ctx, receipt)


@conversion(
    "PurchaseInvoice",
    "PurchasePayment",
    label=("转付款单", "Pay"),
    states=("posted",),
    link="purchase_invoice",
    again=True,
)
def payment_of_invoice(invoice: Any, ctx: Ctx) -> dict[str, Any]:
    """All that is still open of an invoice; Refused INVOICE_PAID when nothing is."""
    left = settling.open_amount(ctx, payables.SIDE, invoice)
    if left <= 0:
        raise Refused(problem("INVOICE_PAID", "发票已全部付款。", "The invoice has been paid in full.", "state"))
    return {
        "supplier": invoice.supplier_id,
        "currency": invoice.currency,
        "exchange_rate": invoice.exchange_rate,
        "department": invoice.department_id,
        "amount": left,
        "lines": [{"invoice": invoice.id, "amount": left}],
    }
