"""From the bank to the books: money on a statement that nobody has entered becomes a receipt or a payment.

Whose it is and what it settles is decided by `hub.rules.bank_matching`; what that does not know is told line by line
and stays for a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from hub.context import Ctx
from hub.document.flow import conversion
from hub.document.registry import spec
from hub.errors import Problem, Refused, problem
from hub.ledgers import payables, receivables
from hub.ledgers.bank import told
from hub.ledgers.settling import Side
from hub.rules.bank_matching import Claim, settled_by, whose
from hub.rules.settlement import OpenItem
from hub.words import Label, snake


@dataclass(frozen=True)
class _Way:
    """One direction of money: whose open items it settles, and the words of what is left to a person."""

    side: Side
    code: str
    moved: Label
    nothing: Label


_IN = _Way(
    receivables.SIDE,
    "NOTHING_RECEIVED",
    Label("收入", "received"),
    Label("对账单上没有未入账的客户来款。", "The statement has no money of a customer that is not entered yet."),
)
_OUT = _Way(
    payables.SIDE,
    "NOTHING_PAID",
    Label("支出", "paid"),
    Label("对账单上没有未入账的供应商付款。", "The statement has no payment to a supplier that is not entered yet."),
)
_BY_HAND = (
    "请按对方户名建立收付款单，或登记凭证（如手续费、利息），再手工对账。",
    "Enter a receipt, a payment or a voucher (a fee, interest) for it, then assign it.",
)


@conversion(
    "BankStatement",
    "SalesReceipt",
    label=("转收款单", "Receive payment"),
    states=("matched",),
    link="bank_statement",
    again=True,
)
def receipt_of_statement(statement: Any, ctx: Ctx) -> dict[str, Any]:
    """The first money from a customer that no receipt has, settling what it speaks of, else what is due first."""
    return _paper(ctx, statement, _IN)


@conversion(
    "BankStatement",
    "PurchasePayment",
    label=("转付款单", "Pay"),
    states=("matched",),
    link="bank_statement",
    again=True,
)
def payment_of_statement(statement: Any, ctx: Ctx) -> dict[str, Any]:
    """The first money to a supplier that no payment has, settling what it speaks of, else what is due first."""
    return _paper(ctx, statement, _OUT)


def _paper(ctx: Ctx, statement: Any, way: _Way) -> dict[str, Any]:
    """What the first line of the direction whose partner is known becomes.

    Raises:
        Refused: NOTHING_RECEIVED or NOTHING_PAID, for each line that is left to a person why.
    """
    side, claims = way.side, _claims(ctx, statement.company_id, way.side)
    partners = _partners(ctx, statement.company_id, side)
    names = {id_: one.name for id_, one in partners.items()}
    unknown: list[Problem] = []
    for index, line in _open_lines(ctx, statement, side):
        moved = told(line)
        found = whose(moved, names, claims)
        if len(found) != 1:
            several = [f"{partners[one].code} {names[one]}" for one in found if one in partners]
            unknown.append(_stays(way, index, line, several))
            continue
        (partner,) = found
        shares = settled_by(moved, [one for one in claims if one.partner == partner])
        return {
            side.partner: partner,
            "bank_account": statement.bank_account_id,
            "bank_statement_line": line.id,
            side.day: line.booked_date,
            "amount": abs(line.amount),
            "reference": line.reference,
            "lines": [{"invoice": share.key, "amount": share.amount} for share in shares],
        }
    raise Refused(unknown or problem(way.code, way.nothing.chinese, way.nothing.english, "lines", hint=_BY_HAND))


def _stays(way: _Way, index: int, line: Any, several: list[str]) -> Problem:
    """Why a line is left to a person: nobody is known for it, or several are."""
    amount, who = f"{abs(line.amount).normalize():f}", line.counterparty or ""
    whose_ = way.side.whose
    if several:
        chinese, english = f"可能是 {'、'.join(sorted(several))}", f"it may be {', '.join(sorted(several))}"
    elif who:
        chinese = f"对方户名“{who}”不是{whose_.chinese}，也没有提到未结发票"
        english = f"{who} is no {whose_.english}, and it speaks of no open invoice"
    else:
        chinese = "没有对方户名，也没有唯一同额的未结发票"
        english = "it names nobody, and not just one invoice of its amount is open"
    return problem(
        way.code,
        f"第 {index + 1} 行：{way.moved.chinese} {amount}，{chinese}，留待人工处理。",
        f"Line {index + 1}: {amount} {way.moved.english}; {english}. It is left to a person.",
        *("lines", str(index)),
        hint=_BY_HAND,
    )


def _open_lines(ctx: Ctx, statement: Any, side: Side) -> Iterator[tuple[int, Any]]:
    """The lines of a direction that are in no paper of the books yet, drafts included, by their places."""
    paper = spec(side.payment).table
    taken = select(paper.c.bank_statement_line_id).where(
        paper.c.bank_statement_id == statement.id, paper.c.state != "cancelled"
    )
    drafted = set(ctx.session.execute(taken).scalars())
    for index, line in enumerate(statement.lines):
        if (
            line.amount
            and (line.amount > 0) == side.incoming
            and line.matched_number is None
            and line.id not in drafted
        ):
            yield index, line


def _partners(ctx: Ctx, company_id: UUID, side: Side) -> dict[UUID, Any]:
    """The active customers or suppliers."""
    partner = spec(side.partner.capitalize()).table
    found = select(partner.c.id, partner.c.code, partner.c.name)
    rows = ctx.session.execute(found.where(partner.c.company_id == company_id, partner.c.active))
    return {row.id: row for row in rows}


def _claims(ctx: Ctx, company_id: UUID, side: Side) -> list[Claim[UUID]]:
    """What is open of posted invoices in the currency of the books, with our number and the paper's."""
    invoice, line, company = spec(side.invoice).table, spec(f"{side.invoice}Line").table, spec("Company").table
    left = func.sum(line.c.amount + line.c.tax_amount) - invoice.c[side.kept]
    books = select(company.c.currency).where(company.c.id == company_id).scalar_subquery()
    found = ctx.session.execute(
        select(invoice.c.id, invoice.c[f"{side.partner}_id"].label("partner"), left.label("left"))
        .add_columns(invoice.c.due_date, invoice.c.number, invoice.c.tax_invoice_number)
        .join(line, line.c[f"{snake(side.invoice)}_id"] == invoice.c.id)
        .where(invoice.c.company_id == company_id, invoice.c.state == "posted", invoice.c.currency == books)
        .group_by(invoice.c.id)
        .having(left > 0)
        .order_by(invoice.c.number)
    )
    return [
        Claim(
            row.partner,
            OpenItem(row.id, row.left, row.due_date, row.number),
            tuple(one for one in (row.number, row.tax_invoice_number) if one),
        )
        for row in found
    ]
