"""What we allow ourselves to spend and what people claim: budgets, expense claims."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, Text, and_, cast, func, or_, select
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Document,
    Line,
    Money,
    Series,
    derived,
    field,
    lines,
    link,
    mine,
    only,
    step,
    today,
    written_by_me,
)
from hub.document.derive import sum_of
from hub.document.fields import Tables
from hub.domains.finance.banking import BankAccount, PaidBy
from hub.domains.finance.books import BOOKS, Account
from hub.errors import Refused
from hub.ledgers import claims, money
from hub.rules.orders import with_reason

if TYPE_CHECKING:
    from hub.domains.organization import Department
    from hub.domains.people import Employee


class BudgetState(Choice):
    """What has been decided about a budget; only an approved one holds anybody to it."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    APPROVED = "approved", "已批准", "Approved"
    CLOSED = "closed", "已关闭", "Closed"
    CANCELLED = "cancelled", "已作废", "Void"


class BudgetSpan(Choice):
    """Over what a budget is checked: each month, all months so far, or the whole year."""

    MONTH = "month", "按月", "Month by month"
    TO_DATE = "to_date", "按累计", "Up to the month"
    YEAR = "year", "按年", "The whole year"


def _used_of(line: FromClause, budget: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What the books have on the line's account and those below it; on accounts of stock, what was ordered."""
    own, entry, posted, period = tables("Account"), tables("MoneyEntry"), tables("Account"), tables("FiscalPeriod")
    mine_ = own.c.id == func.coalesce(line.c.account_id, budget.c.account_id)
    month = func.to_char(budget.c.year, "FM0000", type_=Text) + func.coalesce(
        func.to_char(line.c.month, '"-"FM00', type_=Text), "-%"
    )
    spent = (
        select(func.coalesce(func.sum(entry.c.debit - entry.c.credit), 0))
        .select_from(entry)
        .join(posted, posted.c.id == entry.c.account_id)
        .join(period, period.c.id == entry.c.period_id)
        .join(own, and_(mine_, own.c.kind.in_(("expense", "cost")), posted.c.code.like(own.c.code + "%")))
        .where(entry.c.company_id == budget.c.company_id, period.c.code.like(month))
        .where(or_(budget.c.department_id.is_(None), entry.c.department_id == budget.c.department_id))
        .where(entry.c.document_type != "FiscalPeriod")
    )
    stock, rule = tables("Account"), tables("PostingRule")
    order, bought, item = tables("PurchaseOrder"), tables("PurchaseOrderLine"), tables("Item")
    ordered = (
        select(func.coalesce(func.sum(bought.c.amount), 0))
        .select_from(bought)
        .join(order, order.c.id == bought.c.purchase_order_id)
        .join(item, item.c.id == bought.c.item_id)
        .join(rule, and_(rule.c.company_id == order.c.company_id, rule.c.code == "Stock." + cast(item.c.kind, Text)))
        .join(stock, stock.c.id == rule.c.account_id)
        .where(stock.c.kind == "asset", order.c.state.in_(("confirmed", "closed")))
        .where(order.c.company_id == budget.c.company_id, func.to_char(order.c.order_date, "YYYY-MM").like(month))
        .where(or_(budget.c.department_id.is_(None), order.c.department_id == budget.c.department_id))
    )
    own_stock = tables("Account")
    account = func.coalesce(line.c.account_id, budget.c.account_id)
    ordered = ordered.join(own_stock, and_(own_stock.c.id == account, stock.c.code.like(own_stock.c.code + "%")))
    return spent.correlate(line, budget).scalar_subquery() + ordered.correlate(line, budget).scalar_subquery()


def _line_used(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    budget = tables("Budget")
    used = select(_used_of(row, budget, tables)).where(budget.c.id == row.c.budget_id)
    return used.correlate(row).scalar_subquery()


def _used(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    line = tables("BudgetLine")
    used = select(func.coalesce(func.sum(_used_of(line, row, tables)), 0)).where(line.c.budget_id == row.c.id)
    return used.correlate(row).scalar_subquery()


_total = sum_of("BudgetLine", "amount", of="budget")


def _remaining(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return _total(row, tables) - _used(row, tables)


class BudgetLine(Line, label=("预算明细", "Budget line"), of="Budget"):
    """What may be spent on an account in a month; without a month, in the year."""

    month: Mapped[int | None] = field("月份", "Month", minimum=1, maximum=12)
    account: Mapped[Account | None] = link("会计科目", "Account")
    amount: Mapped[Money] = field("预算金额", "Amount", unit="currency", minimum=0)
    used: Mapped[Money] = derived("已用金额", "Used", _line_used, unit="currency")


class Budget(Document, label=("预算", "Budget"), series=Series("BG-{yyyy}-{seq:04}"), access=BOOKS):
    """What a department, or the company, may spend in a year; expense claims and purchase orders are held to it.

    Expenses count when they are in the books, purchases for stock when they are ordered.
    """

    state: Mapped[BudgetState] = field("状态", "State", default=BudgetState.DRAFT)
    year: Mapped[int] = field("年度", "Year", default=lambda: today().year, minimum=1, maximum=9999)
    department: Mapped[Department | None] = link("部门", "Department", inverse=("budgets", "预算", "Budgets"))
    account: Mapped[Account | None] = link("会计科目", "Account")
    period_kind: Mapped[BudgetSpan] = field("控制方式", "Checked by", default=BudgetSpan.TO_DATE)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[BudgetLine]] = lines("明细", "Lines", at_least=1)
    total: Mapped[Money] = derived("预算总额", "Total", _total, unit="currency", filterable=True)
    used: Mapped[Money] = derived("已用总额", "Used", _used, unit="currency")
    remaining: Mapped[Money] = derived("剩余金额", "Remaining", _remaining, unit="currency")

    @step("提交", "Submit", source=BudgetState.DRAFT, target=BudgetState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Hand the budget over for approval; each line must have its account."""
        Refused.raise_all(claims.lines_without_account(self))

    @step("批准", "Approve", source=BudgetState.SUBMITTED, target=BudgetState.APPROVED)
    def approve(self, ctx: Ctx) -> None:
        """From now on claims and orders are held to it."""

    @step("关闭", "Close", source=BudgetState.APPROVED, target=BudgetState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """Nobody is held to it any more."""

    @step(
        "作废",
        "Cancel",
        source=(BudgetState.DRAFT, BudgetState.SUBMITTED, BudgetState.APPROVED),
        target=BudgetState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """Take the budget back."""


class ClaimState(Choice):
    """What has been decided about an expense claim."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    APPROVED = "approved", "已审核", "Approved"
    PAID = "paid", "已付款", "Paid"
    REJECTED = "rejected", "已驳回", "Rejected"
    CANCELLED = "cancelled", "已作废", "Void"


class ClaimKind(Choice):
    """What somebody spent his money on; the posting rules name an account for each."""

    TRAVEL = "travel", "差旅", "Travel"
    OTHER = "other", "其他", "Other"


class ExpenseCategory(Choice):
    """What a line of a claim is for."""

    TRANSPORT = "transport", "交通", "Transport"
    LODGING = "lodging", "住宿", "Lodging"
    MEALS = "meals", "餐饮", "Meals"
    ALLOWANCE = "allowance", "补助", "Allowance"
    ENTERTAINMENT = "entertainment", "招待", "Entertainment"
    OFFICE = "office", "办公", "Office"
    OTHER = "other", "其他", "Other"


class ExpenseClaimLine(Line, label=("费用报销明细", "Expense claim line"), of="ExpenseClaim"):
    """What was spent; the amount includes the tax that an invoice shows."""

    expense_date: Mapped[date | None] = field("日期", "Date")
    category: Mapped[ExpenseCategory] = field("费用类别", "Category", default=ExpenseCategory.OTHER)
    description: Mapped[str | None] = field("说明", "Description")
    amount: Mapped[Money] = field("金额", "Amount", unit="currency", minimum=0)
    tax_amount: Mapped[Money] = field("税额", "Tax amount", default=Decimal(0), unit="currency", minimum=0)
    invoice_number: Mapped[Code | None] = field("发票号码", "Invoice number")
    account: Mapped[Account | None] = link("会计科目", "Account")


class ExpenseClaim(
    Document,
    label=("费用报销单", "Expense claim"),
    series=Series("EC-{yyyy}{mm}-{seq:05}"),
    access=Access(
        read="office.read", write="office.write", rows=only(mine("employee"), written_by_me(), unless="finance.all")
    ),
):
    """Money that somebody laid out for the company and wants back."""

    state: Mapped[ClaimState] = field("状态", "State", default=ClaimState.DRAFT)
    kind: Mapped[ClaimKind] = field("类别", "Kind", default=ClaimKind.OTHER)
    claim_date: Mapped[date] = field("报销日期", "Claim date", default=today, index=True)
    employee: Mapped[Employee] = link("报销人", "Employee", inverse=("expense_claims", "费用报销单", "Expense claims"))
    department: Mapped[Department | None] = link("部门", "Department")
    purpose: Mapped[str | None] = field("事由", "Purpose")
    from_date: Mapped[date | None] = field("起始日", "From")
    until_date: Mapped[date | None] = field("截止日", "Until")
    destination: Mapped[str | None] = field("地点", "Destination")
    payment_method: Mapped[PaidBy] = field("付款方式", "Paid by", default=PaidBy.BANK, editable_in=ANY_STATE)
    paid_date: Mapped[date | None] = field("付款日期", "Paid on", computed=True, index=True)
    budget: Mapped[Budget | None] = link("预算", "Budget", inverse=("expense_claims", "费用报销单", "Expense claims"))
    bank_account: Mapped[BankAccount | None] = link("付款账户", "Bank account", editable_in=ANY_STATE)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[ExpenseClaimLine]] = lines("明细", "Lines", at_least=1)
    total: Mapped[Money] = derived(
        "合计", "Total", sum_of("ExpenseClaimLine", "amount", of="expense_claim"), unit="currency", filterable=True
    )

    @step("提交", "Submit", source=ClaimState.DRAFT, target=ClaimState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Ask for the money; a claim beyond a budget is refused."""
        Refused.raise_all(claims.not_claimable(ctx, self))

    @step(
        "驳回",
        "Reject",
        source=ClaimState.SUBMITTED,
        target=ClaimState.REJECTED,
        by="finance.write",
        words={"reason": ("原因", "Reason")},
    )
    def reject(self, ctx: Ctx, reason: str) -> None:
        """Send the claim back, with the reason kept in the note."""
        self.note = with_reason(self.note, reason)

    @step("重新填写", "Revise", source=ClaimState.REJECTED, target=ClaimState.DRAFT)
    def revise(self, ctx: Ctx) -> None:
        """Let the claim be changed and submitted again."""

    @step("审核", "Approve", source=ClaimState.SUBMITTED, target=ClaimState.APPROVED, by="finance.write")
    def approve(self, ctx: Ctx) -> None:
        """The company owes it: expenses and input tax against what is owed; the budget is asked once more."""
        Refused.raise_all(claims.not_claimable(ctx, self))
        claims.owe(ctx, self)

    @step(
        "付款",
        "Pay",
        source=ClaimState.APPROVED,
        target=ClaimState.PAID,
        by="finance.write",
        words={"day": ("付款日期", "Day of payment")},
    )
    def pay(self, ctx: Ctx, day: date | None = None) -> None:
        """Give the money back."""
        self.paid_date = day or today()
        claims.pay(ctx, self)

    @step(
        "作废",
        "Cancel",
        source=(ClaimState.DRAFT, ClaimState.SUBMITTED, ClaimState.APPROVED, ClaimState.PAID, ClaimState.REJECTED),
        target=ClaimState.CANCELLED,
        words={"day": ("红冲日期", "Day of the reversal")},
    )
    def cancel(self, ctx: Ctx, day: date | None = None) -> None:
        """Take the claim back; what was in the books gets red entries, which finance alone may make."""
        Refused.raise_all(claims.not_cancellable(ctx, self))
        money.reverse(ctx, self, day, "day")
