"""What customers owe: claimed by an invoice, settled by receipts (see `hub.ledgers.settling`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.context import Ctx
from hub.document.registry import spec
from hub.errors import Problem, problem
from hub.ledgers import money, posting
from hub.ledgers.following import taken
from hub.ledgers.settling import Side
from hub.rules.money import ZERO, to_cents
from hub.words import Label

SIDE = Side(
    invoice="SalesInvoice",
    payment="SalesReceipt",
    partner="customer",
    kept="received_amount",
    day="receipt_date",
    claim="receivable",
    incoming=True,
    whose=Label("客户", "customer"),
    paper=Label("收款", "receipt"),
    open_word=Label("未收", "open"),
    verbs=("receive", "unreceive"),
    trace="receipt",
)
_SHIPPED = ("confirmed", "signed")
_ORDERED = ("confirmed", "closed")


def against_sources(ctx: Ctx, invoice: Any) -> Iterator[Problem]:
    """What keeps an invoice from being posted: more than ordered or delivered, another's order, no rate."""
    company, order = spec("Company").table, spec("SalesOrder").table
    agreed = select(order.c.currency).where(order.c.id == invoice.sales_order_id)
    for currency in ctx.session.execute(agreed.where(order.c.currency != invoice.currency)).scalars():
        yield problem(
            "CURRENCY_DIFFERS",
            f"订单币种为 {currency}，发票币种为 {invoice.currency}。",
            f"The order is in {currency}, the invoice in {invoice.currency}.",
            "currency",
        )
    books = ctx.session.execute(select(company.c.currency).where(company.c.id == invoice.company_id)).scalar_one()
    if invoice.currency != books and invoice.exchange_rate == 1:
        yield problem(
            "EXCHANGE_RATE_MISSING",
            f"请填写 {invoice.currency} 对 {books} 的汇率。",
            f"Give what one {invoice.currency} is worth in {books}.",
            "exchangeRate",
            hint=("请填写汇率。", "Give the rate of exchange."),
        )
    yield from _against(ctx, invoice, "order_line", "SalesOrder", _ORDERED)
    yield from _against(ctx, invoice, "delivery_line", "Delivery", _SHIPPED)


def _against(ctx: Ctx, invoice: Any, link: str, source: str, states: Sequence[str]) -> Iterator[Problem]:
    """The lines that invoice what another customer has, what is not in force, more than is left."""
    named = [getattr(line, f"{link}_id") for line in invoice.lines]
    left = _left(ctx, link, source, [id_ for id_ in named if id_])
    for index, (line, id_) in enumerate(zip(invoice.lines, named, strict=True)):
        if id_ is None:
            continue
        row, path = left[id_], ("lines", str(index))
        if row["customer_id"] != invoice.customer_id or row["item_id"] != line.item_id or row["state"] not in states:
            yield problem(
                "SOURCE_DIFFERS",
                f"第 {index + 1} 行：来源单据 {row['number']} 的客户、存货或状态与发票不符。",
                f"Line {index + 1}: {row['number']} is another customer's, of another item, or not in force.",
                *(*path, "orderLine" if link == "order_line" else "deliveryLine"),
            )
        if line.quantity > row["left"]:
            rest = f"{max(row['left'], ZERO).normalize():f}"
            yield problem(
                "MORE_THAN_OPEN",
                f"第 {index + 1} 行：开票 {line.quantity.normalize():f}，{row['number']} 只剩 {rest} 未开票。",
                f"Line {index + 1}: {line.quantity.normalize():f} to invoice, only {rest} of {row['number']} is open.",
                *(*path, "quantity"),
            )
        row["left"] -= line.quantity


def _left(ctx: Ctx, link: str, source: str, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The source lines by id, locked, with what posted invoices have left of their quantity."""
    if not ids:
        return {}
    head = spec(source)
    line = spec(head.lines["lines"].target).table
    rows = ctx.session.execute(
        select(line.c.id, line.c.item_id, line.c.quantity, head.table.c.number, head.table.c.state)
        .add_columns(head.table.c.customer_id)
        .join_from(line, head.table, head.table.c.id == line.c[head.lines["lines"].column])
        .where(line.c.id.in_(ids))
        .order_by(line.c.id)
        .with_for_update(of=line)
    ).mappings()
    found = {row["id"]: {**row, "left": row["quantity"]} for row in rows}
    for id_, quantity in taken(ctx, ids, "SalesInvoice", link, ("posted",)).items():
        found[id_]["left"] -= quantity
    return found


def name_parties(ctx: Ctx, invoice: Any) -> None:
    """Note on an invoice the tax numbers of buyer and seller that stand in their records, where it names none."""
    for name, of, id_ in (
        ("buyer_tax_number", "Customer", invoice.customer_id),
        ("seller_tax_number", "Company", invoice.company_id),
    ):
        if getattr(invoice, name) is None:
            record = ctx.session.get_one(spec(of).model, id_)
            setattr(invoice, name, getattr(record, "tax_number", None) or record.uscc)


def claim(ctx: Ctx, invoice: Any) -> None:
    """Receivable against revenue and output tax, in the currency of the books."""
    sides = ("SalesInvoice.receivable", "SalesInvoice.revenue", "SalesInvoice.tax")
    accounts = posting.accounts(ctx, invoice.company_id, sides)
    if accounts is None:
        return
    receivable, revenue, tax = (accounts[side] for side in sides)
    net = to_cents(sum((line.amount for line in invoice.lines), ZERO) * invoice.exchange_rate)
    gross = to_cents(sum((line.amount + line.tax_amount for line in invoice.lines), ZERO) * invoice.exchange_rate)
    output = gross - net
    about = {"customer_id": invoice.customer_id, "department_id": invoice.department_id}
    entries = [
        money.Entry(receivable, gross, ZERO, **about),
        money.Entry(revenue, ZERO, net, **about),
        money.Entry(tax, ZERO, output, **about),
    ]
    if gross or output:
        money.post(ctx, invoice, day=invoice.invoice_date, entries=entries, day_path="invoiceDate")


def nothing_received(invoice: Any) -> Iterator[Problem]:
    """INVOICE_RECEIVED when money has come for an invoice: such an invoice is not void."""
    if invoice.received_amount:
        yield problem(
            "INVOICE_RECEIVED",
            f"发票已收款 {invoice.received_amount.normalize():f}，不能作废；请先作废收款单。",
            f"{invoice.received_amount.normalize():f} has been received for this invoice: cancel the receipts first.",
            "state",
        )
