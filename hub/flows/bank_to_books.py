"""From the bank to the books: money on a statement that nobody has entered becomes a receipt of whoever sent it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from hub.context import Ctx
from hub.document.flow import conversion
from hub.document.registry import spec
from hub.errors import Refused, problem
from hub.rules.bank_matching import same_name
from hub.rules.settlement import OpenItem, oldest_first


@conversion(
    "BankStatement",
    "SalesReceipt",
    label=("转收款单", "Receive payment"),
    states=("matched",),
    link="bank_statement",
    again=True,
)
def receipt_of_statement(statement: Any, ctx: Ctx) -> dict[str, Any]:
    """The first money from a customer that no receipt has, settling what he owes, what is due first first."""
    line, customer = _first(ctx, statement)
    items = _open(ctx, statement.company_id, customer)
    return {
        "customer": customer,
        "bank_account": statement.bank_account_id,
        "bank_statement_line": line.id,
        "receipt_date": line.booked_date,
        "amount": line.amount,
        "reference": line.reference,
        "lines": [{"invoice": share.key, "amount": share.amount} for share in oldest_first(line.amount, items)],
    }


def _first(ctx: Ctx, statement: Any) -> tuple[Any, UUID]:
    """The first open line of incoming money that bears a customer's name; Refused NOTHING_RECEIVED without one."""
    receipt, customer = spec("SalesReceipt").table, spec("Customer").table
    taken = select(receipt.c.bank_statement_line_id).where(
        receipt.c.bank_statement_id == statement.id, receipt.c.state != "cancelled"
    )
    drafted = set(ctx.session.execute(taken).scalars())
    known = ctx.session.execute(
        select(customer.c.id, customer.c.name)
        .where(customer.c.company_id == statement.company_id, customer.c.active)
        .order_by(customer.c.code)
    ).all()
    for line in statement.lines:
        if line.amount > 0 and line.matched_number is None and line.id not in drafted:
            for row in known:
                if same_name(row.name, line.counterparty or ""):
                    return line, row.id
    raise Refused(
        problem(
            "NOTHING_RECEIVED",
            "对账单上没有未入账的客户来款。",
            "The statement has no money of a customer that is not entered yet.",
            "lines",
            hint=("对方户名须与客户名称一致。", "The counterparty must bear the customer's name."),
        )
    )


def _open(ctx: Ctx, company_id: UUID, customer: UUID) -> list[OpenItem[UUID]]:
    """What is open of a customer's posted invoices in the currency of the books."""
    invoice, line, company = spec("SalesInvoice").table, spec("SalesInvoiceLine").table, spec("Company").table
    left = func.sum(line.c.amount + line.c.tax_amount) - invoice.c.received_amount
    books = select(company.c.currency).where(company.c.id == company_id).scalar_subquery()
    found = ctx.session.execute(
        select(invoice.c.id, left.label("left"), invoice.c.due_date, invoice.c.number)
        .join(line, line.c.sales_invoice_id == invoice.c.id)
        .where(invoice.c.company_id == company_id, invoice.c.customer_id == customer)
        .where(invoice.c.state == "posted", invoice.c.currency == books)
        .group_by(invoice.c.id)
        .having(left > 0)
    )
    return [OpenItem(row.id, Decimal(row.left), row.due_date, row.number) for row in found]
