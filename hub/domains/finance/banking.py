"""Our accounts at banks, and what the bank says of them line by line, held against the books."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Choice,
    Code,
    Document,
    Line,
    Master,
    Money,
    Name,
    Series,
    derived,
    field,
    lines,
    link,
    step,
)
from hub.document.fields import Tables
from hub.domains.finance.books import BOOKS, Account
from hub.errors import Refused
from hub.ledgers import bank


class PaidBy(Choice):
    """How we pay; the posting rules name an account for each, a bank account its own."""

    BANK = "bank", "银行转账", "Bank transfer"
    CASH = "cash", "现金", "Cash"


def _held(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What the books have on the account's account, after what it opened with."""
    entry = tables("MoneyEntry")
    total = select(func.coalesce(func.sum(entry.c.debit - entry.c.credit), 0)).where(
        entry.c.account_id == row.c.account_id
    )
    return row.c.opening_balance + total.correlate(row).scalar_subquery()


class BankAccount(Master, label=("银行账户", "Bank account"), access=BOOKS):
    """An account of ours at a bank and the account of the books it is kept on; each has one of its own.

    The opening balance is what lay there before the books began and no posted opening balance has brought in.
    """

    bank_name: Mapped[Name | None] = field("开户行", "Bank")
    account_number: Mapped[Code | None] = field("账号", "Account number")
    currency: Mapped[Code] = field("币种", "Currency", default="CNY")
    account: Mapped[Account] = link("会计科目", "Account", inverse=("bank_accounts", "银行账户", "Bank accounts"))
    opening_balance: Mapped[Money] = field("期初余额", "Opening balance", default=Decimal(0), unit="currency")
    balance: Mapped[Money] = derived("账面余额", "Balance by the books", _held, unit="currency")


class StatementState(Choice):
    """What has been decided about a bank statement."""

    DRAFT = "draft", "草稿", "Draft"
    MATCHED = "matched", "已对账", "Matched"
    CLOSED = "closed", "已核对无误", "Closed"
    CANCELLED = "cancelled", "已作废", "Void"


class BankStatementLine(Line, label=("银行对账单明细", "Bank statement line"), of="BankStatement"):
    """Money that came (above zero) or went; what it is in our books, found by matching or said by a person."""

    booked_date: Mapped[date] = field("入账日期", "Booked date", index=True)
    amount: Mapped[Money] = field("金额", "Amount", unit="currency")
    counterparty: Mapped[Name | None] = field("对方户名", "Counterparty")
    counterparty_account: Mapped[Code | None] = field("对方账号", "Counterparty's account")
    reference: Mapped[str | None] = field("流水号", "Reference")
    purpose: Mapped[str | None] = field("用途", "Purpose")
    matched_type: Mapped[Code | None] = field("对应单据类型", "Matched type", computed=True)
    matched_number: Mapped[str | None] = field("对应单据号", "Matched numbers", computed=True)
    difference: Mapped[Money | None] = field("差额", "Difference", computed=True, unit="currency")


def _unmatched(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    line = tables("BankStatementLine")
    total = select(func.coalesce(func.sum(func.abs(line.c.amount)), 0)).where(
        line.c.bank_statement_id == row.c.id, line.c.matched_number.is_(None)
    )
    return total.correlate(row).scalar_subquery()


class BankStatement(
    Document, label=("银行对账单", "Bank statement"), series=Series("BS-{yyyy}{mm}-{seq:04}"), access=BOOKS
):
    """What a bank says that moved on an account within some days."""

    state: Mapped[StatementState] = field("状态", "State", default=StatementState.DRAFT)
    bank_account: Mapped[BankAccount] = link(
        "银行账户", "Bank account", inverse=("bank_statements", "银行对账单", "Bank statements")
    )
    from_date: Mapped[date] = field("起始日", "From")
    until_date: Mapped[date] = field("截止日", "Until", index=True)
    opening_balance: Mapped[Money] = field("期初余额", "Opening balance", default=Decimal(0), unit="currency")
    closing_balance: Mapped[Money] = field("期末余额", "Closing balance", default=Decimal(0), unit="currency")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[BankStatementLine]] = lines("明细", "Lines", at_least=1)
    unmatched_amount: Mapped[Money] = derived(
        "未对上金额", "Unmatched amount", _unmatched, unit="currency", filterable=True
    )

    @step("自动对账", "Match", source=(StatementState.DRAFT, StatementState.MATCHED), target=StatementState.MATCHED)
    def match(self, ctx: Ctx) -> None:
        """Find for each line what it is in the books, as far as the evidence is sure; what is matched stays."""
        bank.match(ctx, self)

    @step(
        "手工对账",
        "Assign",
        source=StatementState.MATCHED,
        target=StatementState.MATCHED,
        words={
            "line": ("行号", "Line"),
            "document_type": ("单据类型", "Document type"),
            "document_number": ("单据号", "Document number"),
        },
    )
    def assign(self, ctx: Ctx, line: int, document_type: str | None = None, document_number: str | None = None) -> None:
        """Say what a line is in the books; without a document, that it is not what was found."""
        bank.assign(ctx, self, line, document_type, document_number)

    @step("核对无误", "Close", source=StatementState.MATCHED, target=StatementState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """The statement adds up, goes on from the one before, and every line of it is in the books."""
        Refused.raise_all(bank.not_closable(ctx, self))

    @step(
        "作废",
        "Cancel",
        source=(StatementState.DRAFT, StatementState.MATCHED, StatementState.CLOSED),
        target=StatementState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """Take the statement back; what its lines were in the books can be matched again."""
