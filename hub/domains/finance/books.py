"""The books: periods, accounts, posting rules, and the money ledger."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Interval,
    case,
    cast,
    func,
    inspect,
    literal,
    select,
)
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Ledger,
    Master,
    Money,
    derived,
    field,
    link,
    step,
)
from hub.document.fields import Tables
from hub.errors import Invalid, Refused, problem
from hub.ledgers import cost, inventory, periods, year_end
from hub.rules.chart import POSTINGS

if TYPE_CHECKING:
    from hub.domains.organization import Department
    from hub.domains.parties import Customer, Supplier

BOOKS = Access(read="finance.read", write="finance.write")
_MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"


class PeriodState(Choice):
    """Whether anything may still be posted."""

    OPEN = "open", "未结账", "Open"
    CLOSED = "closed", "已结账", "Closed"


def _first_day(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return func.to_date(row.c.code, "YYYY-MM")


def _last_day(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return cast(_first_day(row, tables) + cast(literal("1 month - 1 day"), Interval), Date)


def _year(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return cast(func.left(row.c.code, 4), Integer)


def _month(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return cast(func.right(row.c.code, 2), Integer)


class FiscalPeriod(Master, label=("会计期间", "Fiscal period"), access=BOOKS):
    """A month of the books; the code is the month, 2026-05. Closed in order, reopened in reverse order."""

    state: Mapped[PeriodState] = field("状态", "State", default=PeriodState.OPEN)
    year: Mapped[int] = derived("年", "Year", _year, filterable=True)
    month: Mapped[int] = derived("月", "Month", _month, filterable=True)
    first_day: Mapped[date] = derived("起始日", "First day", _first_day, filterable=True)
    last_day: Mapped[date] = derived("截止日", "Last day", _last_day, filterable=True)

    def prepare(self) -> None:
        """The code is a month, for good: a period that moved would take its postings along."""
        before = inspect(self).attrs.code.history.deleted
        if before and inspect(self).persistent:
            raise Refused(
                problem(
                    "NOT_EDITABLE", "会计期间的编码不能修改。", "The code of a fiscal period cannot be changed.", "code"
                )
            )
        if not re.match(_MONTH, self.code):
            raise Invalid(
                problem(
                    "PERIOD_CODE",
                    f"会计期间的编码应为年月，如 2026-05，而不是 {self.code}。",
                    f"The code of a fiscal period is its month, such as 2026-05, not {self.code}.",
                    "code",
                )
            )

    @step("结账", "Close", source=PeriodState.OPEN, target=PeriodState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """Nothing more can be posted in this month: a monthly average of stock is settled, December ends the year."""
        Refused.raise_all(periods.not_closable(ctx, self))
        cost.settle_period(ctx, self)
        inventory.book(ctx, self.company_id)  # type: ignore[attr-defined]  # declared by the base
        year_end.close(ctx, self)

    @step("反结账", "Reopen", source=PeriodState.CLOSED, target=PeriodState.OPEN)
    def reopen(self, ctx: Ctx) -> None:
        """Let the month be posted in again; what ended the year is taken back, see `hub.flows.year_end`."""
        Refused.raise_all(periods.not_reopenable(ctx, self))


FiscalPeriod.__table__.append_constraint(CheckConstraint(f"code ~ '{_MONTH}'", name="month"))  # type: ignore[attr-defined]  # a Table


class AccountKind(Choice):
    """What an account is about."""

    ASSET = "asset", "资产", "Asset"
    LIABILITY = "liability", "负债", "Liability"
    EQUITY = "equity", "所有者权益", "Equity"
    COST = "cost", "成本", "Cost"
    INCOME = "income", "收入", "Income"
    EXPENSE = "expense", "费用", "Expense"


class Direction(Choice):
    """The side on which an account grows."""

    DEBIT = "debit", "借", "Debit"
    CREDIT = "credit", "贷", "Credit"


class PartnerKind(Choice):
    """Whose partner every entry of an account must name."""

    NONE = "none", "不核算往来", "None"
    CUSTOMER = "customer", "客户", "Customer"
    SUPPLIER = "supplier", "供应商", "Supplier"


def _account_balance(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What is in the books of an account, on the side on which it grows."""
    entry = tables("MoneyEntry")
    grown = case((row.c.direction == "debit", entry.c.debit - entry.c.credit), else_=entry.c.credit - entry.c.debit)
    total = select(func.coalesce(func.sum(grown), 0)).where(entry.c.account_id == row.c.id)
    return total.correlate(row).scalar_subquery()


class Account(Master, label=("会计科目", "Account"), access=BOOKS):
    """An account of the books; accounts form a tree, and only those without sub-accounts are posted to."""

    parent: Mapped[Account | None] = link(
        "上级科目", "Parent account", inverse=("children", "下级科目", "Sub-accounts")
    )
    kind: Mapped[AccountKind] = field("类别", "Kind")
    direction: Mapped[Direction] = field("余额方向", "Direction", default=Direction.DEBIT)
    partner: Mapped[PartnerKind] = field("往来核算", "Kept by partner", default=PartnerKind.NONE)
    balance: Mapped[Money] = derived("余额", "Balance", _account_balance, unit="currency", filterable=True)


class PostingRule(Master, label=("记账规则", "Posting rule"), access=BOOKS):
    """Which account one side of a document's posting takes; the code says which side: SalesInvoice.revenue."""

    account: Mapped[Account] = link("科目", "Account")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)

    def prepare(self) -> None:
        """A rule for nothing would mislead whoever reads it."""
        if self.code not in POSTINGS:
            raise Invalid(
                problem(
                    "POSTING_UNKNOWN",
                    f"没有名为 {self.code} 的记账。",
                    f"There is no posting called {self.code}.",
                    "code",
                    hint=(f"可用：{'、'.join(POSTINGS)}。", f"There are: {', '.join(POSTINGS)}."),
                )
            )


class MoneyEntry(Ledger, label=("资金流水", "Money entry"), access=BOOKS, plural="MoneyEntries"):
    """A debit or credit of an account; the balance is always the sum, and debits equal credits to the cent."""

    entry_date: Mapped[date] = field("记账日期", "Entry date", index=True)
    period: Mapped[FiscalPeriod] = link("会计期间", "Fiscal period")
    account: Mapped[Account] = link("科目", "Account", inverse=("money_entries", "资金流水", "Money entries"))
    debit: Mapped[Money] = field("借方", "Debit", default=Decimal(0), unit="currency")
    credit: Mapped[Money] = field("贷方", "Credit", default=Decimal(0), unit="currency")
    customer: Mapped[Customer | None] = link("客户", "Customer", inverse=("money_entries", "资金流水", "Money entries"))
    supplier: Mapped[Supplier | None] = link(
        "供应商", "Supplier", inverse=("money_entries", "资金流水", "Money entries")
    )
    department: Mapped[Department | None] = link("部门", "Department")
    document_type: Mapped[Code] = field("单据类型", "Document type")
    document_number: Mapped[Code] = field("单据号", "Document number", index=True)
    line_position: Mapped[int | None] = field("单据行", "Document line")
    note: Mapped[str | None] = field("摘要", "Note")


_AMOUNTS = {
    "cents": "debit = round(debit, 2) AND credit = round(credit, 2)",
    "one_side": "(debit = 0) <> (credit = 0)",
}
for _name, _condition in _AMOUNTS.items():
    MoneyEntry.__table__.append_constraint(CheckConstraint(_condition, name=_name))  # type: ignore[attr-defined]  # a Table
