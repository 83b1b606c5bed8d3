"""What customers owe: claimed by an invoice, settled by a receipt, with no cent lost or taken twice.

What is received of an invoice is kept on it, under its lock, so that of two receipts posted at once for the same money
only one is; `quality_checks` holds it against the receipts every night.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Table, func, select

from hub.context import Ctx
from hub.document import audit, numbering
from hub.document.edit import stamp
from hub.document.links import Links
from hub.document.registry import spec
from hub.errors import Invalid, Problem, Refused, problem
from hub.ledgers import money, posting
from hub.rules.money import ZERO, in_cents

_SHIPPED = ("confirmed", "signed")
_ORDERED = ("confirmed", "closed")
_CHECK_ALLOCATED = ("请核对收款单和发票的余额。", "See what is left of the receipt and open of the invoice.")


def against_sources(ctx: Ctx, invoice: Any) -> Iterator[Problem]:
    """What keeps an invoice from being posted: more than ordered or delivered, another's order, another currency."""
    company, order = spec("Company").table, spec("SalesOrder").table
    books = select(company.c.currency).where(company.c.id == invoice.company_id).scalar_subquery()
    foreign = select(order.c.currency).where(order.c.id == invoice.sales_order_id, order.c.currency != books)
    for currency in ctx.session.execute(foreign).scalars():
        yield problem(
            "FOREIGN_CURRENCY",
            f"订单币种 {currency} 不是本位币，暂不能开票记账。",
            f"The order is in {currency}, which is not the currency of the books; it cannot be invoiced here.",
            "salesOrder",
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
    line, mine, invoice = spec(head.lines["lines"].target).table, *_invoice_tables()
    rows = ctx.session.execute(
        select(line.c.id, line.c.item_id, line.c.quantity, head.table.c.number, head.table.c.state)
        .add_columns(head.table.c.customer_id)
        .join_from(line, head.table, head.table.c.id == line.c[head.lines["lines"].column])
        .where(line.c.id.in_(ids))
        .order_by(line.c.id)
        .with_for_update(of=line)
    ).mappings()
    found = {row["id"]: {**row, "left": row["quantity"]} for row in rows}
    column = mine.c[f"{link}_id"]
    done = ctx.session.execute(
        select(column, func.sum(mine.c.quantity))
        .join_from(mine, invoice, invoice.c.id == mine.c.sales_invoice_id)
        .where(column.in_(ids), invoice.c.state == "posted")
        .group_by(column)
    )
    for id_, quantity in done:
        found[id_]["left"] -= quantity
    return found


def _invoice_tables() -> tuple[Table, Table]:
    return spec("SalesInvoiceLine").table, spec("SalesInvoice").table


def claim(ctx: Ctx, invoice: Any) -> None:
    """Receivable against revenue and output tax."""
    sides = ("SalesInvoice.receivable", "SalesInvoice.revenue", "SalesInvoice.tax")
    accounts = posting.accounts(ctx, invoice.company_id, sides)
    if accounts is None:
        return
    receivable, revenue, tax = (accounts[side] for side in sides)
    net = sum((line.amount for line in invoice.lines), ZERO)
    output = sum((line.tax_amount for line in invoice.lines), ZERO)
    about = {"customer_id": invoice.customer_id, "department_id": invoice.department_id}
    entries = [
        money.Entry(receivable, net + output, ZERO, **about),
        money.Entry(revenue, ZERO, net, **about),
        money.Entry(tax, ZERO, output, **about),
    ]
    if net or output:
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


def settle(ctx: Ctx, receipt: Any) -> None:
    """Give each line's amount to its invoice, and enter the money; what no line takes is the customer's advance.

    Raises:
        Refused: all of AMOUNT_NOT_POSITIVE, NOT_IN_CENTS, INVOICE_MISSING, INVOICE_DIFFERS, MORE_THAN_OPEN,
            ALLOCATED_TOO_MUCH, and what `money.post` refuses.
    """
    invoices = _locked(ctx, receipt, receipt.lines)
    Refused.raise_all([*_amounts(receipt), *_allocations(ctx, receipt, invoices)])
    numbering.settle(ctx, receipt)
    for line in receipt.lines:
        _receive(ctx, receipt, invoices[line.invoice_id], line.amount, "receive")
    _enter(ctx, receipt)


def allocate(ctx: Ctx, receipt: Any, reference: str, amount: Decimal | None, day: date) -> None:
    """Settle an invoice, named by id or number, with a posted receipt's advance: a line more, and advance to claim.

    Without an amount it is the lesser of what is left of the receipt and what is open of the invoice.

    Raises:
        Invalid: LINK_UNKNOWN. Refused: as `settle`, and NOTHING_LEFT.
    """
    line = spec("SalesReceiptLine").model(invoice_id=_named(ctx, receipt, reference), amount=amount)
    invoices = _locked(ctx, receipt, [line])
    left = receipt.amount - sum((one.amount for one in receipt.lines), ZERO)
    if amount is None:
        line.amount = min([left, *(open_amount(ctx, invoices[line.invoice_id]) for _ in invoices)])
    if left <= 0 or line.amount <= 0:
        chinese = f"预收余额 {left.normalize():f}，没有可核销的金额。"
        english = f"{left.normalize():f} of the receipt is left, and there is nothing to allocate."
        raise Refused(problem("NOTHING_LEFT", chinese, english, "amount", hint=_CHECK_ALLOCATED))
    line.position = max((one.position for one in receipt.lines), default=0) + 1
    receipt.lines.append(line)
    stamp(ctx, spec("SalesReceipt"), receipt)
    Refused.raise_all([*_amounts(receipt), *_allocations(ctx, receipt, invoices, len(receipt.lines) - 1)])
    _receive(ctx, receipt, invoices[line.invoice_id], line.amount, "receive")
    sides = ("SalesReceipt.advance", "SalesReceipt.receivable")
    accounts = posting.accounts(ctx, receipt.company_id, sides)
    if accounts is not None:
        about = {"customer_id": receipt.customer_id}
        entries = [
            money.Entry(accounts[sides[0]], line.amount, ZERO, **about),
            money.Entry(accounts[sides[1]], ZERO, line.amount, **about),
        ]
        money.post(ctx, receipt, day=day, entries=entries, day_path="day")


def _named(ctx: Ctx, receipt: Any, reference: str) -> UUID:
    """The invoice that a person names, as far as he may see it."""
    line, given = spec("SalesReceiptLine"), {"invoice": reference}
    links, values = Links(ctx.session, ctx.viewer, receipt.company_id), dict[str, Any]()
    links.want(line, given)
    links.resolve()
    Invalid.raise_all(links.fill(line, given, values, ()))
    found: UUID = values["invoice_id"]
    return found


def unsettle(ctx: Ctx, receipt: Any) -> None:
    """Open again what a posted receipt has settled."""
    if receipt.state.value != "posted":
        return
    invoices = _locked(ctx, receipt, receipt.lines)
    for line in receipt.lines:
        _receive(ctx, receipt, invoices[line.invoice_id], -line.amount, "unreceive")


def _locked(ctx: Ctx, receipt: Any, lines: Iterable[Any]) -> dict[UUID, Any]:
    """The invoices that lines of a receipt name, locked in one order."""
    model = spec("SalesInvoice").model
    named = {line.invoice_id for line in lines if line.invoice_id}
    if not named:
        return {}
    found = select(model).where(model.id.in_(named), model.company_id == receipt.company_id).order_by(model.id)
    rows = ctx.session.execute(found.with_for_update(of=model).execution_options(populate_existing=True)).scalars()
    return {one.id: one for one in rows}


def _amounts(receipt: Any) -> Iterator[Problem]:
    for path, amount in (
        (("amount",), receipt.amount),
        *((("lines", str(index), "amount"), line.amount) for index, line in enumerate(receipt.lines)),
    ):
        if amount <= 0:
            yield problem("AMOUNT_NOT_POSITIVE", "金额必须大于零。", "The amount must be above zero.", *path)
        if not in_cents(amount):
            yield problem("NOT_IN_CENTS", "金额最多两位小数。", "Amounts have no parts of a cent.", *path)
    allocated = sum((line.amount for line in receipt.lines), ZERO)
    if allocated > receipt.amount:
        yield problem(
            "ALLOCATED_TOO_MUCH",
            f"核销合计 {allocated.normalize():f} 超过收款金额 {receipt.amount.normalize():f}。",
            f"{allocated.normalize():f} is allocated, but only {receipt.amount.normalize():f} was received.",
            "amount",
        )


def _allocations(ctx: Ctx, receipt: Any, invoices: dict[UUID, Any], begin: int = 0) -> Iterator[Problem]:
    """Lines from `begin` on without an invoice, with one that is not this customer's claim, or above what is open."""
    left = _totals(ctx, list(invoices))
    taken: dict[UUID, Decimal] = defaultdict(Decimal)
    for index, line in enumerate(receipt.lines[begin:], begin):
        path, invoice = ("lines", str(index), "invoice"), invoices.get(line.invoice_id)
        if invoice is None:
            yield problem(
                "INVOICE_MISSING", f"第 {index + 1} 行没有发票。", f"Line {index + 1} names no invoice.", *path
            )
            continue
        if invoice.state.value != "posted" or invoice.customer_id != receipt.customer_id:
            yield problem(
                "INVOICE_DIFFERS",
                f"第 {index + 1} 行：发票 {invoice.number} 属于另一个客户，或不是已开票状态。",
                f"Line {index + 1}: invoice {invoice.number} is another customer's, or not posted.",
                *path,
            )
        open_ = left[invoice.id] - invoice.received_amount - taken[invoice.id]
        if line.amount > open_:
            yield problem(
                "MORE_THAN_OPEN",
                f"第 {index + 1} 行：发票 {invoice.number} 只剩 {open_.normalize():f} 未收。",
                f"Line {index + 1}: only {open_.normalize():f} of invoice {invoice.number} is open.",
                *("lines", str(index), "amount"),
            )
        taken[invoice.id] += line.amount


def _totals(ctx: Ctx, ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    line, _ = _invoice_tables()
    found = ctx.session.execute(
        select(line.c.sales_invoice_id, func.sum(line.c.amount + line.c.tax_amount))
        .where(line.c.sales_invoice_id.in_(ids))
        .group_by(line.c.sales_invoice_id)
    )
    return {row[0]: row[1] for row in found}


def open_amount(ctx: Ctx, invoice: Any) -> Decimal:
    """What is still to be paid of an invoice."""
    left: Decimal = _totals(ctx, [invoice.id])[invoice.id] - invoice.received_amount
    return left


def _receive(ctx: Ctx, receipt: Any, invoice: Any, amount: Decimal, verb: str) -> None:
    """Keep on the invoice what has come for it, and in its history by which receipt."""
    before = invoice.received_amount
    invoice.received_amount = before + amount
    changes = {
        "received_amount": [f"{one.normalize():f}" for one in (before, invoice.received_amount)],
        "receipt": [None, receipt.number],
    }
    audit.record(ctx, "SalesInvoice", invoice.id, verb, changes, version=invoice.version + 1)


def _enter(ctx: Ctx, receipt: Any) -> None:
    """Money against receivable, and against the customer's advances for what no invoice takes."""
    sides = (f"SalesReceipt.{receipt.method.value}", "SalesReceipt.receivable", "SalesReceipt.advance")
    accounts = posting.accounts(ctx, receipt.company_id, sides)
    if accounts is None:
        return
    place, receivable, advance = (accounts[side] for side in sides)
    settled = sum((line.amount for line in receipt.lines), ZERO)
    about = {"customer_id": receipt.customer_id}
    entries = [
        money.Entry(place, receipt.amount, ZERO, **about),
        money.Entry(receivable, ZERO, settled, **about),
        money.Entry(advance, ZERO, receipt.amount - settled, **about),
    ]
    money.post(ctx, receipt, day=receipt.receipt_date, entries=entries, day_path="receiptDate")
