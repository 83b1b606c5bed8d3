"""Bank statements against the books: what moved on a bank account's own account, and which line of a statement it is.

What an earlier statement has matched is not offered again. Nothing is posted here: what the books lack is entered by
its own paper, a receipt or a voucher, and matched after that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.document.registry import spec
from hub.errors import Problem, Refused, problem
from hub.rules.bank_matching import SURE, Movement, Reconciliation, matched, reconciled
from hub.rules.money import ZERO

_MOVED = text(
    "SELECT e.document_type AS type, e.document_number AS number, max(e.entry_date) AS day, "
    "  sum(e.debit - e.credit) AS amount, max(coalesce(c.name, s.name, p.name, f.name, '')) AS partner, "
    "  max(coalesce(r.reference, m.reference, h.reference, '')) AS reference "
    "FROM hub.money_entry e LEFT JOIN hub.customer c ON c.id = e.customer_id "
    "LEFT JOIN hub.supplier s ON s.id = e.supplier_id "
    "LEFT JOIN hub.sales_receipt r ON e.document_type = 'SalesReceipt' "
    "  AND (r.company_id, r.number) = (e.company_id, e.document_number) "
    "LEFT JOIN hub.purchase_payment m ON e.document_type = 'PurchasePayment' "
    "  AND (m.company_id, m.number) = (e.company_id, e.document_number) "
    "LEFT JOIN hub.expense_claim x ON e.document_type = 'ExpenseClaim' "
    "  AND (x.company_id, x.number) = (e.company_id, e.document_number) "
    "LEFT JOIN hub.employee p ON p.id = x.employee_id "
    "LEFT JOIN hub.freight_payment h ON e.document_type = 'FreightPayment' "
    "  AND (h.company_id, h.number) = (e.company_id, e.document_number) "
    "LEFT JOIN hub.carrier f ON f.id = h.carrier_id "
    "WHERE e.company_id = :company AND e.account_id = :account AND e.entry_date <= :until "
    "  AND e.document_type <> 'OpeningBalance' "
    "  AND NOT EXISTS (SELECT FROM hub.bank_statement_line l JOIN hub.bank_statement b ON b.id = l.bank_statement_id "
    "    WHERE b.bank_account_id = :bank_account AND b.state <> 'cancelled' AND l.matched_type = e.document_type "
    "      AND e.document_number = ANY(string_to_array(l.matched_number, ' '))) "
    "GROUP BY e.document_type, e.document_number HAVING sum(e.debit - e.credit) <> 0 ORDER BY 1, 2"
)
_BOOKED = text(
    "SELECT coalesce(sum(debit - credit), 0) FROM hub.money_entry "
    "WHERE company_id = :company AND account_id = :account AND entry_date <= :until"
)
_BEFORE = text(
    "SELECT closing_balance FROM hub.bank_statement WHERE bank_account_id = :bank_account AND state = 'closed' "
    "  AND until_date < :since AND id <> :id ORDER BY until_date DESC, id DESC LIMIT 1"
)


def _bank_account(ctx: Ctx, statement: Any) -> Any:
    return ctx.session.get_one(spec("BankAccount").model, statement.bank_account_id)


def _about(ctx: Ctx, statement: Any) -> dict[str, Any]:
    """The parameters of the statements above."""
    account = _bank_account(ctx, statement)
    return {
        "company": statement.company_id,
        "bank_account": account.id,
        "account": account.account_id,
        "until": statement.until_date,
        "since": statement.from_date,
        "id": statement.id,
    }


def unmatched_in_books(ctx: Ctx, statement: Any) -> dict[str, tuple[str, Movement]]:
    """What moved on the account up to the statement's end and no statement has, by number: its type and movement."""
    ctx.session.flush()
    found = [
        (row.type, Movement(f"{row.type} {row.number}", row.day, row.amount, row.partner, row.reference, row.number))
        for row in ctx.session.execute(_MOVED, _about(ctx, statement))
    ]
    return {movement.key: (document_type, movement) for document_type, movement in found}


def told(line: Any) -> Movement:
    """A line as the matching sees it."""
    return Movement(
        f"{line.position:06}", line.booked_date, line.amount, line.counterparty or "", line.reference or "",
        line.purpose or "",
    )  # fmt: skip


def match(ctx: Ctx, statement: Any) -> None:
    """Give each open line the documents that it surely is; several of one type stand side by side."""
    known = unmatched_in_books(ctx, statement)
    open_lines = {told(line).key: line for line in statement.lines if line.matched_number is None}
    found = matched([told(line) for line in open_lines.values()], [movement for _, movement in known.values()])
    for one in found:
        types = {known[key][0] for key in one.payments}
        if one.score < SURE or len(types) > 1:
            continue
        line = open_lines[one.line]
        line.matched_type = types.pop()
        line.matched_number = " ".join(key.split(" ", 1)[1] for key in one.payments)
        line.difference = ZERO


def assign(ctx: Ctx, statement: Any, position: int, document_type: str | None, number: str | None) -> None:
    """Say what a line is, or that it is nothing yet; what is left of the amounts stands as the line's difference.

    Raises:
        Refused: LINE_UNKNOWN, MOVEMENT_UNKNOWN.
    """
    line = next((one for one in statement.lines if one.position == position), None)
    if line is None:
        raise Refused(problem("LINE_UNKNOWN", f"没有第 {position} 行。", f"There is no line {position}.", "line"))
    line.matched_type = line.matched_number = line.difference = None
    if not document_type and not number:
        return
    found = unmatched_in_books(ctx, statement).get(f"{document_type} {number}")
    if found is None:
        raise Refused(
            problem(
                "MOVEMENT_UNKNOWN",
                f"该账户没有未对账的 {document_type} {number}。",
                f"Nothing of {document_type} {number} on this account waits to be matched.",
                "documentNumber",
                hint=("请核对单据类型、单据号与银行账户的科目。", "See the document's type, number and account."),
            )
        )
    line.matched_type, line.matched_number = document_type, number
    line.difference = line.amount - found[1].amount


def not_closable(ctx: Ctx, statement: Any) -> Iterator[Problem]:
    """STATEMENT_UNBALANCED, STATEMENT_GAP, LINE_UNMATCHED: everything that is still open, at once."""
    moved = sum((line.amount for line in statement.lines), ZERO)
    if statement.opening_balance + moved != statement.closing_balance:
        right = statement.opening_balance + moved
        yield problem(
            "STATEMENT_UNBALANCED",
            f"期初余额加明细为 {right.normalize():f}，与期末余额不符。",
            f"The opening balance and the lines make {right.normalize():f}, which is not the closing balance.",
            "closingBalance",
        )
    before = ctx.session.execute(_BEFORE, _about(ctx, statement)).scalar_one_or_none()
    if before is not None and before != statement.opening_balance:
        yield problem(
            "STATEMENT_GAP",
            f"上一份对账单的期末余额为 {before.normalize():f}。",
            f"The statement before this one closed at {before.normalize():f}.",
            "openingBalance",
        )
    for index, line in enumerate(statement.lines):
        if line.matched_number is None or line.difference:
            yield problem(
                "LINE_UNMATCHED",
                f"第 {index + 1} 行还没有对上，或有差额。",
                f"Line {index + 1} is not matched, or differs.",
                *("lines", str(index)),
            )


def reconciliation(ctx: Ctx, statement: Any) -> tuple[Reconciliation, list[Movement], list[Movement]]:
    """The two balances at the statement's end (银行存款余额调节表), what only the bank and what only the books have."""
    only_bank = [
        replace(told(line), amount=line.difference or line.amount)
        for line in statement.lines
        if line.matched_number is None or line.difference
    ]
    only_books = [movement for _, movement in unmatched_in_books(ctx, statement).values()]
    booked = ctx.session.execute(_BOOKED, _about(ctx, statement)).scalar_one()
    books = _bank_account(ctx, statement).opening_balance + booked
    return reconciled(books, statement.closing_balance, only_bank, only_books), only_bank, only_books


def account_of(ctx: Ctx, bank_account_id: UUID | None, account: UUID) -> UUID:
    """The account that a payment takes: its bank account's, or the one of the posting rule."""
    if bank_account_id is None:
        return account
    held = ctx.session.get_one(spec("BankAccount").model, bank_account_id)
    return UUID(str(held.account_id))
