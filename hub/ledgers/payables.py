"""What we owe suppliers: invoices held against order and receipt, then claimed; `hub.ledgers.settling` pays them.

A receipt books what came against an accrual; the invoice takes that back at the same value, to the cent, and what it
asks more or less goes to an account of differences. Matched invoices count as invoiced, so none is matched twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Table, select

from hub.context import Ctx
from hub.document.registry import spec
from hub.errors import Problem, Refused, problem
from hub.ledgers import money, posting
from hub.ledgers.following import taken
from hub.ledgers.settling import Side, rate_of
from hub.rules import matching
from hub.rules.matching import Kind, Limit, Result, Tolerance
from hub.rules.money import ZERO, to_cents
from hub.rules.prices import line_amount, net_price
from hub.rules.valuation import Price, cents
from hub.words import Label

SIDE = Side(
    invoice="PurchaseInvoice",
    payment="PurchasePayment",
    partner="supplier",
    kept="paid_amount",
    day="payment_date",
    claim="payable",
    incoming=False,
    whose=Label("供应商", "supplier"),
    paper=Label("付款", "payment"),
    open_word=Label("未付", "open"),
    verbs=("pay", "unpay"),
    trace="payment",
)
_ORDERED = ("confirmed", "closed")
_UNSTOCKED = "service"
"""The kind of items that nobody takes in: what is ordered of them counts as come."""
_COUNTING = ("matched", "posted")
_SENTENCES: dict[Kind, tuple[str, str]] = {
    Kind.NOT_ORDERED: (
        "第 {at} 行没有对应的采购订单行。",
        "Line {at} names no line of a purchase order.",
    ),
    Kind.OVER_ORDERED: (
        "第 {at} 行：开票 {found}，订单只剩 {expected} 未开票。",
        "Line {at}: {found} invoiced, only {expected} of the order is left to invoice.",
    ),
    Kind.OVER_RECEIVED: (
        "第 {at} 行：开票 {found}，已收货只剩 {expected} 未开票。",
        "Line {at}: {found} invoiced, only {expected} of what came is left to invoice.",
    ),
    Kind.PRICE_ABOVE: (
        "第 {at} 行：发票金额 {found} 高于订单价的 {expected}。",
        "Line {at}: {found} invoiced is above the {expected} of the order's price.",
    ),
    Kind.PRICE_BELOW: (
        "第 {at} 行：发票金额 {found} 低于订单价的 {expected}。",
        "Line {at}: {found} invoiced is below the {expected} of the order's price.",
    ),
}
_HINT = (
    "请核对订单、入库单和发票；确属合理的，由财务接受差异并说明原因。",
    "Compare order, receipt and invoice; where it is right all the same, finance accepts it with a reason.",
)


class _Ordered(NamedTuple):
    """An order line, locked, and how far it has come."""

    number: str
    state: str
    supplier_id: UUID
    item_id: UUID
    currency: str
    quantity: Decimal
    price: Decimal
    received: Decimal
    invoiced: Decimal


def match(ctx: Ctx, invoice: Any) -> tuple[Result, list[Problem]]:
    """Hold an invoice against orders and receipts: each line's difference is kept on it; what is beyond tolerance told.

    Raises:
        Refused: SOURCE_DIFFERS, INVOICE_DUPLICATE: that nobody can accept.
    """
    _follow_receipts(ctx, invoice)
    ordered = _ordered(ctx, invoice)
    Refused.raise_all([*_foreign(invoice, ordered), *_not_theirs(ctx, invoice), *_entered_before(ctx, invoice)])
    tolerance = _tolerance(ctx, invoice.company_id)
    taken: dict[UUID | None, Decimal] = defaultdict(Decimal)
    found: list[matching.Difference] = []
    problems: list[Problem] = []
    for index, line in enumerate(invoice.lines):
        order = ordered.get(line.order_line_id)
        differences = list(matching.differences(_compared(line, order, taken[line.order_line_id]), tolerance))
        taken[line.order_line_id] += line.quantity
        line.difference = line.amount - line_amount(line.quantity, order.price) if order else ZERO
        found += differences
        problems += [_told(index, one) for one in differences if not one.tolerated]
    return matching.result(found), problems


def _compared(line: Any, order: _Ordered | None, taken: Decimal) -> matching.Line:
    """A line as the rule sees it; `taken` is what lines before it take of the same order line."""
    if order is None:
        return matching.Line(line.quantity, line.unit_price)
    return matching.Line(
        line.quantity, line.unit_price, order.quantity, order.price, order.received, order.invoiced + taken
    )


def _told(index: int, one: matching.Difference) -> Problem:
    chinese, english = _SENTENCES[one.kind]
    about = {"at": index + 1, "expected": f"{one.expected.normalize():f}", "found": f"{one.found.normalize():f}"}
    field = {Kind.NOT_ORDERED: "orderLine", Kind.PRICE_ABOVE: "unitPrice", Kind.PRICE_BELOW: "unitPrice"}
    return problem(
        f"MATCH_{one.kind.name}",
        chinese.format(**about),
        english.format(**about),
        *("lines", str(index), field.get(one.kind, "quantity")),
        hint=_HINT,
    )


def _follow_receipts(ctx: Ctx, invoice: Any) -> None:
    """A line that names a receipt's line is about the order line that this was received for."""
    line = spec("PurchaseReceiptLine").table
    named = [one.receipt_line_id for one in invoice.lines if one.receipt_line_id and not one.order_line_id]
    if not named:
        return
    rows = ctx.session.execute(select(line.c.id, line.c.order_line_id).where(line.c.id.in_(named)))
    known = {row.id: row.order_line_id for row in rows}
    for one in invoice.lines:
        if one.order_line_id is None:
            one.order_line_id = known.get(one.receipt_line_id)


def _accepted(line: Table) -> ColumnElement[Decimal]:
    """What a receipt's line brought and was not rejected."""
    return line.c.quantity - line.c.rejected_quantity


def _ordered(ctx: Ctx, invoice: Any) -> dict[UUID | None, _Ordered]:
    """The order lines that an invoice names, locked, with what came and what other invoices take of them."""
    ids = sorted({line.order_line_id for line in invoice.lines if line.order_line_id})
    if not ids:
        return {}
    line, order, item = spec("PurchaseOrderLine").table, spec("PurchaseOrder").table, spec("Item").table
    rows = ctx.session.execute(
        select(line.c.id, line.c.item_id, line.c.quantity, line.c.unit_price, line.c.discount)
        .add_columns(order.c.number, order.c.state, order.c.supplier_id, order.c.currency, item.c.kind)
        .join_from(line, order, order.c.id == line.c.purchase_order_id)
        .join(item, item.c.id == line.c.item_id)
        .where(line.c.id.in_(ids))
        .order_by(line.c.id)
        .with_for_update(of=line)
    ).all()
    received = taken(ctx, ids, "PurchaseReceipt", "order_line", ("confirmed",), amount=_accepted)
    invoiced = taken(ctx, ids, "PurchaseInvoice", "order_line", _COUNTING, besides=invoice.id)
    return {
        row.id: _Ordered(
            row.number,
            row.state,
            row.supplier_id,
            row.item_id,
            row.currency,
            row.quantity,
            net_price(row.unit_price, row.discount),
            row.quantity if row.kind == _UNSTOCKED else received.get(row.id, ZERO),
            invoiced.get(row.id, ZERO),
        )
        for row in rows
    }


def _foreign(invoice: Any, ordered: dict[UUID | None, _Ordered]) -> Iterator[Problem]:
    """Lines about what another supplier was ordered, another item, another currency, or an order not in force."""
    for index, line in enumerate(invoice.lines):
        order = ordered.get(line.order_line_id)
        if order is None:
            continue
        same = (order.supplier_id, order.item_id, order.currency) == (
            invoice.supplier_id,
            line.item_id,
            invoice.currency,
        )
        if not same or order.state not in _ORDERED:
            yield problem(
                "SOURCE_DIFFERS",
                f"第 {index + 1} 行：来源单据 {order.number} 的供应商、存货、币种或状态与发票不符。",
                f"Line {index + 1}: {order.number} is another supplier's, of another item or currency, or not valid.",
                *("lines", str(index), "orderLine"),
            )


def _not_theirs(ctx: Ctx, invoice: Any) -> Iterator[Problem]:
    """Lines about what another supplier brought, another item, or a receipt that does not count."""
    line, receipt = spec("PurchaseReceiptLine").table, spec("PurchaseReceipt").table
    named = [one.receipt_line_id for one in invoice.lines if one.receipt_line_id]
    rows = ctx.session.execute(
        select(line.c.id, line.c.item_id, receipt.c.supplier_id, receipt.c.state, receipt.c.number)
        .join_from(line, receipt, receipt.c.id == line.c.purchase_receipt_id)
        .where(line.c.id.in_(named))
        .with_for_update(of=receipt, read=True)
    )
    known = {row.id: row for row in rows}
    for index, one in enumerate(invoice.lines):
        row = known.get(one.receipt_line_id)
        if row is None or (row.supplier_id, row.item_id, row.state) == (invoice.supplier_id, one.item_id, "confirmed"):
            continue
        yield problem(
            "SOURCE_DIFFERS",
            f"第 {index + 1} 行：入库单 {row.number} 的供应商、存货或状态与发票不符。",
            f"Line {index + 1}: {row.number} is another supplier's, of another item, or does not count.",
            *("lines", str(index), "receiptLine"),
        )


def not_invoiced(ctx: Ctx, receipt: Any) -> Iterator[Problem]:
    """RECEIPT_INVOICED when a matched or posted invoice counts on a receipt: it is not taken back."""
    line, head = spec("PurchaseInvoiceLine").table, spec("PurchaseInvoice").table
    found = (
        select(head.c.number)
        .join_from(line, head, head.c.id == line.c.purchase_invoice_id)
        .where(line.c.receipt_line_id.in_([one.id for one in receipt.lines]), head.c.state.in_(_COUNTING))
    )
    for number in ctx.session.execute(found.limit(1)).scalars():
        yield problem(
            "RECEIPT_INVOICED",
            f"采购发票 {number} 已依据该入库单，不能取消。",
            f"The purchase invoice {number} counts on this receipt; it cannot be cancelled.",
            "state",
            hint=("请先作废采购发票。", "Void the invoice first."),
        )


def _entered_before(ctx: Ctx, invoice: Any) -> Iterator[Problem]:
    """INVOICE_DUPLICATE: the same paper of the same supplier, entered a second time."""
    if not invoice.tax_invoice_number:
        return
    head = spec("PurchaseInvoice").table
    found = select(head.c.number).where(
        head.c.company_id == invoice.company_id,
        head.c.supplier_id == invoice.supplier_id,
        head.c.tax_invoice_number == invoice.tax_invoice_number,
        head.c.state.in_(_COUNTING),
        head.c.id != invoice.id,
    )
    for number in ctx.session.execute(found.limit(1)).scalars():
        yield problem(
            "INVOICE_DUPLICATE",
            f"发票号码 {invoice.tax_invoice_number} 已登记在 {number}。",
            f"The invoice {invoice.tax_invoice_number} has been entered as {number}.",
            "taxInvoiceNumber",
        )


def _tolerance(ctx: Ctx, company_id: UUID) -> Tolerance:
    """How far this company lets invoices be off."""
    company = spec("Company").table
    row = ctx.session.execute(
        select(company.c.match_quantity_percent, company.c.match_price_percent, company.c.match_amount).where(
            company.c.id == company_id
        )
    ).one()
    return Tolerance(Limit(row.match_quantity_percent), Limit(row.match_price_percent, row.match_amount))


def claim(ctx: Ctx, invoice: Any) -> None:
    """What came and was accrued, input tax, and what differs, against the supplier's claim; in the books' currency."""
    total = sum((line.amount + line.tax_amount for line in invoice.lines), ZERO)
    if not total:
        return
    rate = rate_of(invoice)
    parts: dict[str, Decimal] = defaultdict(Decimal)
    parts["PurchaseInvoice.tax"] = to_cents(sum((line.tax_amount for line in invoice.lines), ZERO) * rate)
    for line, (side, value) in zip(invoice.lines, _expected(ctx, invoice), strict=True):
        parts[side] += to_cents(line.amount * rate) if value is None else value
    owed = to_cents(total * rate)
    parts["PurchaseInvoice.difference"] = owed - sum(parts.values(), ZERO)
    names = [*(side for side, value in parts.items() if value), "PurchaseInvoice.payable"]
    accounts = posting.accounts(ctx, invoice.company_id, names)
    if accounts is None:
        return
    about = {"supplier_id": invoice.supplier_id, "department_id": invoice.department_id}
    entries = [money.Entry(accounts[side], value, ZERO, **about) for side, value in parts.items() if value]
    entries.append(money.Entry(accounts["PurchaseInvoice.payable"], ZERO, owed, **about))
    money.post(ctx, invoice, day=invoice.invoice_date, entries=entries, day_path="invoiceDate")


def _expected(ctx: Ctx, invoice: Any) -> Iterator[tuple[str, Decimal | None]]:
    """The side that each line is booked on, and at what: what its receipt was booked at; None is as invoiced."""
    line, item, order = spec("PurchaseReceiptLine").table, spec("Item").table, spec("PurchaseOrderLine").table
    receipts = {
        row.id: row
        for row in ctx.session.execute(
            select(line.c.id, line.c.unit_cost, line.c.stocked_quantity).where(
                line.c.id.in_([one.receipt_line_id for one in invoice.lines if one.receipt_line_id])
            )
        )
    }
    kinds = {
        row.id: row.kind
        for row in ctx.session.execute(
            select(item.c.id, item.c.kind).where(item.c.id.in_({one.item_id for one in invoice.lines}))
        )
    }
    prices = {
        row.id: net_price(row.unit_price, row.discount)
        for row in ctx.session.execute(
            select(order.c.id, order.c.unit_price, order.c.discount).where(
                order.c.id.in_([one.order_line_id for one in invoice.lines if one.order_line_id])
            )
        )
    }
    before = taken(ctx, list(receipts), "PurchaseInvoice", "receipt_line", ("posted",), besides=invoice.id)
    for one in invoice.lines:
        receipt = receipts.get(one.receipt_line_id)
        if receipt is not None and receipt.unit_cost is not None:
            first = before.get(receipt.id, ZERO)
            before[receipt.id] = first + one.quantity
            price = Price(receipt.unit_cost)
            yield "PurchaseReceipt.accrual", cents(price, first + one.quantity) - cents(price, first)
        elif kinds[one.item_id] == _UNSTOCKED:
            yield "Stock.service", None
        elif one.order_line_id in prices:
            yield "PurchaseReceipt.accrual", to_cents(one.quantity * prices[one.order_line_id] * rate_of(invoice))
        else:
            yield "PurchaseReceipt.accrual", None


def nothing_paid(invoice: Any) -> Iterator[Problem]:
    """INVOICE_HAS_PAYMENTS when an invoice has been paid, in part or whole: such an invoice is not void."""
    if invoice.paid_amount:
        yield problem(
            "INVOICE_HAS_PAYMENTS",
            f"发票已付款 {invoice.paid_amount.normalize():f}，不能作废；请先作废付款单。",
            f"{invoice.paid_amount.normalize():f} of this invoice has been paid: cancel the payments first.",
            "state",
        )
