"""What a complaint leads to (judgement, a changed design, a return), and what a request to return goods does.

Approved, its goods come back into stock, new ones go out for nothing, money is given back; and what an adjustment
changes of a customer reaches his record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub import writes
from hub.context import Ctx
from hub.document import audit
from hub.document.flow import conversion, on
from hub.document.registry import spec
from hub.errors import Problem, Refused, problem
from hub.ledgers import returns
from hub.ledgers.fulfilment import delivered_by_line, open_again
from hub.rules.prices import line_amount
from hub.rules.taxes import tax_amount
from hub.words import snake


@conversion(
    "QualityComplaint",
    "ReturnRequest",
    label=("转退换货申请", "Request a return"),
    states=("accepted", "closed"),
    link="quality_complaint",
)
def return_of(complaint: Any, _ctx: Ctx) -> dict[str, Any]:
    """The goods that are complained about."""
    line = {"item": complaint.item_id, "lot": complaint.lot_id, "quantity": complaint.quantity}
    about = {name: getattr(complaint, f"{name}_id") for name in ("customer", "sales_order", "delivery", "department")}
    return {**about, "reason": complaint.description, "lines": [line]}


@conversion(
    "QualityComplaint",
    "NonConformance",
    label=("转不合格品处理", "Judge"),
    states=("accepted", "closed"),
    link="quality_complaint",
)
def judged(complaint: Any, _ctx: Ctx) -> dict[str, Any]:
    """What the customer found is judged as if we had found it; his goods lie in no warehouse of ours."""
    linked = ("item", "lot", "defect_code", "department", "responsible")
    about = {name: getattr(complaint, f"{name}_id") for name in linked}
    return {**about, "quantity": complaint.quantity, "description": complaint.description, "cause": complaint.cause}


@conversion(
    "QualityComplaint",
    "EngineeringChange",
    label=("转技术变更", "Change the design"),
    states=("accepted", "closed"),
    link="quality_complaint",
)
def design_change_of(complaint: Any, _ctx: Ctx) -> dict[str, Any]:
    """A change of the item complained about, with what was found as its reason."""
    asked = complaint.demand == "redesign"
    return {
        "kind": "customer" if asked else "quality",
        "item": complaint.item_id,
        "department": complaint.department_id,
        "requester": complaint.responsible_id,
        "reason": complaint.cause or complaint.description,
        "description": complaint.description,
        "items": [{"item": complaint.item_id}],
    }


@on("QualityComplaint", "accept")
def held(complaint: Any, ctx: Ctx) -> None:
    """What is left of a lot that is fatally complained about is used no further until it is judged."""
    if complaint.lot_id is not None and complaint.severity.value == "critical":
        writes.update(ctx.with_all_rights(), "Lot", complaint.lot_id, {"status": "on_hold"})


@on("ReturnRequest", "submit")
def was_shipped(request: Any, ctx: Ctx) -> Iterator[Problem]:
    """RETURN_ABOVE_DELIVERED for lines that want to give back more than was shipped of their order line."""
    named = [line.order_line_id for line in request.lines if line.order_line_id]
    shipped = delivered_by_line(ctx, named, kept=True) if named else {}
    taken: dict[UUID, Decimal] = defaultdict(Decimal)
    for index, line in enumerate(request.lines):
        if line.order_line_id is None:
            continue
        taken[line.order_line_id] += line.quantity
        most = shipped.get(line.order_line_id, Decimal(0))
        if taken[line.order_line_id] > most:
            yield problem(
                "RETURN_ABOVE_DELIVERED",
                f"第 {index + 1} 行：该订单行只发过 {most.normalize():f}。",
                f"Line {index + 1}: only {most.normalize():f} was shipped of this order line.",
                *("lines", str(index), "quantity"),
                hint=("请减少数量。", "Take less."),
            )


def _resolved(request: Any, *resolutions: str) -> list[Any]:
    """The lines of a request of which something is accepted, to be resolved so."""
    return [
        line
        for line in request.lines
        if (line.resolution or request.resolution) in resolutions and line.accepted_quantity > 0
    ]


_GIVEN = {"credit": "allowance", "refund": "refund"}
"""What gives money instead of goods, and the adjustment that gives it."""


@conversion(
    "ReturnRequest",
    "SalesReturn",
    label=("转销售退货单", "Take back"),
    states=("approved",),
    link="return_request",
)
def goods_of(request: Any, ctx: Ctx) -> dict[str, Any]:
    """What is accepted, of the deliveries that brought it, the last first, to the warehouse they came from."""
    rows, places = [], []
    for line in request.lines:
        left = line.accepted_quantity
        credited = (line.resolution or request.resolution) in _GIVEN
        for one in returns.returnable(ctx, request, line):
            quantity = min(left, one.left)
            if quantity > 0:
                left -= quantity
                places.append(one.warehouse_id)
                about = {"item": line.item_id, "lot": one.lot_id, "serial": one.serial_id}
                rows.append({**about, "delivery_line": one.id, "quantity": quantity, "credited": credited})
        if left > 0:
            rows.append({"item": line.item_id, "lot": line.lot_id, "quantity": left, "credited": credited})
    about = {"customer": request.customer_id, "delivery": request.delivery_id, "reason": request.reason}
    return {**about, "warehouse": next(iter(places), None), "lines": rows}


@conversion(
    "ReturnRequest",
    "Delivery",
    label=("转换货发货", "Replace"),
    states=("approved",),
    link="return_request",
)
def replacement_of(request: Any, ctx: Ctx) -> dict[str, Any]:
    """New goods for those that came back, for nothing: of an order line where what came back is open there again."""
    lines = _resolved(request, "replace")
    if not lines:
        raise Refused(_nothing_left("没有需要换货的明细。", "No line of this request is to be replaced."))
    again = open_again(ctx, [one.order_line_id for one in lines if one.order_line_id])
    rows = []
    for line in lines:
        quantity, order_line = line.accepted_quantity, line.order_line_id
        named = order_line if again.get(order_line, Decimal(0)) >= quantity else None
        rows.append({"item": line.item_id, "order_line": named, "quantity": quantity})
    return {"customer": request.customer_id, "sales_order": request.sales_order_id, "lines": rows}


@conversion(
    "ReturnRequest",
    "SalesAdjustment",
    label=("转销售调整单", "Credit"),
    states=("approved",),
    link="return_request",
    again=True,
)
def credit_of(request: Any, ctx: Ctx) -> dict[str, Any]:
    """What was invoiced for the goods credited, then of those refunded, of each invoice line what is given back."""
    paper = spec("SalesAdjustment").table
    done = select(paper.c.kind).where(
        paper.c.return_request_id == request.id, paper.c.state.not_in(("cancelled", "rejected"))
    )
    given = set(ctx.session.execute(done).scalars())
    for resolution, kind in _GIVEN.items():
        lines = [] if kind in given else [one for row in _resolved(request, resolution) for one in _credited(ctx, row)]
        if lines:
            about = {"customer": request.customer_id, "department": request.department_id, "reason": request.reason}
            return {**about, "kind": kind, "lines": lines}
    raise Refused(_nothing_left("没有可折让或退款的已开票明细。", "Nothing invoiced is left to credit or to refund."))


def _nothing_left(chinese: str, english: str) -> Problem:
    hint = ("请核对申请的处理方式和已生成的单据。", "See the request's resolution and what was made of it.")
    return problem("NOTHING_LEFT", chinese, english, "lines", hint=hint)


def _credited(ctx: Ctx, line: Any) -> Iterator[dict[str, Any]]:
    """The invoice lines of an order line, the last first, until the quantity is reached."""
    mine, invoice = spec("SalesInvoiceLine").table, spec("SalesInvoice").table
    found = (
        select(mine, invoice.c.id.label("invoice"))
        .join_from(mine, invoice, invoice.c.id == mine.c.sales_invoice_id)
        .where(mine.c.order_line_id == line.order_line_id, mine.c.item_id == line.item_id)
        .where(invoice.c.state == "posted")
        .order_by(invoice.c.invoice_date.desc(), mine.c.id.desc())
    )
    left = line.accepted_quantity
    for row in ctx.session.execute(found):
        quantity = min(left, row.quantity)
        if quantity <= 0:
            return
        left -= quantity
        whole = quantity == row.quantity
        amount = row.amount if whole else line_amount(quantity, row.unit_price, row.discount)
        tax = row.tax_amount if whole else tax_amount(amount, row.tax_rate)
        yield {
            "invoice": row.invoice,
            "item": line.item_id,
            "quantity": quantity,
            "amount": amount,
            "tax_amount": tax,
        }


@on("SalesAdjustment", "post")
def changed_data(adjustment: Any, ctx: Ctx) -> None:
    """A posted change of a customer's data reaches his record, which says in its history by which paper."""
    if adjustment.kind != "customer_data":
        return
    customer = ctx.session.get_one(spec("Customer").model, adjustment.customer_id)
    names = [snake(line.field_name) for line in adjustment.lines]
    before = [getattr(customer, name) for name in names]
    values = {name: line.new_value for name, line in zip(names, adjustment.lines, strict=True)}
    ctx.session.flush()  # the step's own change is written: the update counts up what it finds changed
    done = writes.update(ctx.with_all_rights(), "Customer", adjustment.customer_id, values)
    for line, old in zip(adjustment.lines, before, strict=True):
        line.old_value = None if old is None else str(old)
    audit.record(ctx, "Customer", done.id, "adjust", {"adjustment": [None, adjustment.number]}, version=done.version)
