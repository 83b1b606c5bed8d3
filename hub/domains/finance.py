"""The books: periods, accounts, posting rules, vouchers, opening balances, and the money ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    Document,
    Ledger,
    Line,
    Master,
    Money,
    Quantity,
    Series,
    derived,
    field,
    lines,
    link,
    step,
    today,
)
from hub.document.derive import sum_of
from hub.document.fields import Tables
from hub.errors import Invalid, Problem, Refused, problem
from hub.ledgers import cost, inventory, money, periods, posting, stock
from hub.rules.chart import POSTINGS
from hub.rules.money import ZERO

if TYPE_CHECKING:
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.parties import Customer, Supplier
    from hub.domains.warehouse import Location, Lot, SerialNumber, Warehouse

_BOOKS = Access(read="finance.read", write="finance.write")
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


class FiscalPeriod(Master, label=("会计期间", "Fiscal period"), access=_BOOKS):
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
        """Nothing more can be posted in this month; a monthly average of stock is settled before."""
        Refused.raise_all(periods.not_closable(ctx, self))
        cost.settle_period(ctx, self)
        inventory.book(ctx, self.company_id)  # type: ignore[attr-defined]  # declared by the base

    @step("反结账", "Reopen", source=PeriodState.CLOSED, target=PeriodState.OPEN)
    def reopen(self, ctx: Ctx) -> None:
        """Let the month be posted in again."""
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


class Account(Master, label=("会计科目", "Account"), access=_BOOKS):
    """An account of the books; accounts form a tree, and only those without sub-accounts are posted to."""

    parent: Mapped[Account | None] = link(
        "上级科目", "Parent account", inverse=("children", "下级科目", "Sub-accounts")
    )
    kind: Mapped[AccountKind] = field("类别", "Kind")
    direction: Mapped[Direction] = field("余额方向", "Direction", default=Direction.DEBIT)
    partner: Mapped[PartnerKind] = field("往来核算", "Kept by partner", default=PartnerKind.NONE)
    balance: Mapped[Money] = derived("余额", "Balance", _account_balance, unit="currency", filterable=True)


class PostingRule(Master, label=("记账规则", "Posting rule"), access=_BOOKS):
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


class MoneyEntry(Ledger, label=("资金流水", "Money entry"), access=_BOOKS, plural="MoneyEntries"):
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


class PostedState(Choice):
    """What has been decided about a paper of the books."""

    DRAFT = "draft", "草稿", "Draft"
    POSTED = "posted", "已记账", "Posted"
    CANCELLED = "cancelled", "已作废", "Void"


def _entry(index: int, line: Any, default: Any = None) -> money.Entry:
    """What a line of a voucher or an opening balance posts."""
    return money.Entry(
        line.account_id or default,
        line.debit,
        line.credit,
        line.customer_id,
        line.supplier_id,
        getattr(line, "department_id", None),
        line.position,
        line.note,
        ("lines", str(index)),
    )


class JournalEntryLine(Line, label=("凭证分录", "Journal entry line"), of="JournalEntry"):
    """One side of a voucher."""

    note: Mapped[str | None] = field("摘要", "Note")
    account: Mapped[Account] = link("科目", "Account")
    debit: Mapped[Money] = field("借方", "Debit", default=Decimal(0), unit="currency")
    credit: Mapped[Money] = field("贷方", "Credit", default=Decimal(0), unit="currency")
    customer: Mapped[Customer | None] = link("客户", "Customer")
    supplier: Mapped[Supplier | None] = link("供应商", "Supplier")
    department: Mapped[Department | None] = link("部门", "Department")


class JournalEntry(
    Document,
    label=("凭证", "Journal entry"),
    plural="JournalEntries",
    series=Series("JE-{yyyy}{mm}-{seq:04}", gapless=True, at="post"),
    access=_BOOKS,
):
    """A voucher: debits and credits that somebody enters by hand."""

    state: Mapped[PostedState] = field("状态", "State", default=PostedState.DRAFT)
    entry_date: Mapped[date] = field("日期", "Entry date", default=today, index=True)
    attachment_count: Mapped[int] = field("附件张数", "Attached papers", default=0, minimum=0)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[JournalEntryLine]] = lines("分录", "Lines", at_least=1)
    debit: Mapped[Money] = derived(
        "借方合计", "Debit total", sum_of("JournalEntryLine", "debit", of="journal_entry"), unit="currency"
    )
    credit: Mapped[Money] = derived(
        "贷方合计", "Credit total", sum_of("JournalEntryLine", "credit", of="journal_entry"), unit="currency"
    )

    @step("记账", "Post", source=PostedState.DRAFT, target=PostedState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Enter the voucher in the books."""
        entries = [_entry(index, line) for index, line in enumerate(self.lines)]
        money.post(ctx, self, day=self.entry_date, entries=entries)

    @step(
        "作废",
        "Cancel",
        source=(PostedState.DRAFT, PostedState.POSTED),
        target=PostedState.CANCELLED,
        words={"day": ("红冲日期", "Day of the reversal")},
    )
    def cancel(self, ctx: Ctx, day: date | None = None) -> None:
        """Take the voucher back by red entries, on its own day or on `day` where its period is closed."""
        money.reverse(ctx, self, day, "day")


class OpeningKind(Choice):
    """What an opening balance brings in."""

    ACCOUNTS = "accounts", "科目", "Accounts"
    RECEIVABLES = "receivables", "应收", "Receivables"
    PAYABLES = "payables", "应付", "Payables"
    STOCK = "stock", "存货", "Stock"


class OpeningBalanceLine(Line, label=("期初余额明细", "Opening balance line"), of="OpeningBalance"):
    """An account's, a partner's or an item's balance at the beginning; an item's value is its debit."""

    account: Mapped[Account | None] = link("科目", "Account")
    customer: Mapped[Customer | None] = link("客户", "Customer")
    supplier: Mapped[Supplier | None] = link("供应商", "Supplier")
    item: Mapped[Item | None] = link("存货", "Item")
    quantity: Mapped[Quantity | None] = field("数量", "Quantity", minimum=0)
    location: Mapped[Location | None] = link("库位", "Location")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    serial: Mapped[SerialNumber | None] = link("序列号", "Serial number")
    debit: Mapped[Money] = field("借方", "Debit", default=Decimal(0), unit="currency")
    credit: Mapped[Money] = field("贷方", "Credit", default=Decimal(0), unit="currency")
    note: Mapped[str | None] = field("摘要", "Note")


class OpeningBalance(
    Document,
    label=("期初余额", "Opening balance"),
    series=Series("OB-{yyyy}{mm}-{seq:04}", gapless=True, at="post"),
    access=_BOOKS,
):
    """What was there before the books began here; what one kind leaves open stands on an account in transit."""

    state: Mapped[PostedState] = field("状态", "State", default=PostedState.DRAFT)
    kind: Mapped[OpeningKind] = field("类型", "Kind", default=OpeningKind.ACCOUNTS)
    entry_date: Mapped[date] = field("日期", "Entry date", default=today, index=True)
    warehouse: Mapped[Warehouse | None] = link("仓库", "Warehouse")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[OpeningBalanceLine]] = lines("明细", "Lines", at_least=1)

    @step("记账", "Post", source=PostedState.DRAFT, target=PostedState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Enter what was there: accounts must balance by themselves, the other kinds against the account in transit."""
        Refused.raise_all(self._lacking())
        entries = self._entries(ctx)
        if entries is not None:
            money.post(ctx, self, day=self.entry_date, entries=entries)
        if self.kind == OpeningKind.STOCK:
            moves = [stock.Move.of(line, line.quantity or ZERO, value=line.debit) for line in self.lines]
            stock.post(ctx, self, kind="opening", day=self.entry_date, moves=moves)

    def _lacking(self) -> Iterator[Problem]:
        """Lines without what their kind is about."""
        wanted = {
            OpeningKind.ACCOUNTS: (("account", "account_id", "科目"),),
            OpeningKind.RECEIVABLES: (("customer", "customer_id", "客户"),),
            OpeningKind.PAYABLES: (("supplier", "supplier_id", "供应商"),),
            OpeningKind.STOCK: (("item", "item_id", "存货"), ("quantity", "quantity", "数量")),
        }[self.kind]
        for index, line in enumerate(self.lines):
            for name, column, chinese in wanted:
                if getattr(line, column) is None:
                    yield problem(
                        "REQUIRED",
                        f"第 {index + 1} 行缺少{chinese}。",
                        f"Line {index + 1} lacks its {name}.",
                        *("lines", str(index), name),
                    )

    def _entries(self, ctx: Ctx) -> list[money.Entry] | None:
        """The lines' entries, and what balances them."""
        if self.kind == OpeningKind.STOCK:
            return None  # booked with its cost, see `hub.flows.stock_to_books`
        if self.kind == OpeningKind.ACCOUNTS:
            return [_entry(index, line) for index, line in enumerate(self.lines)]
        sides = (f"OpeningBalance.{self.kind.value}", "OpeningBalance.counterpart")
        accounts = posting.accounts(ctx, self.company_id, sides)  # type: ignore[attr-defined]  # declared by the base
        if accounts is None:
            return None
        own, counterpart = (accounts[side] for side in sides)
        entries = [_entry(index, line, own) for index, line in enumerate(self.lines)]
        left = sum((one.debit - one.credit for one in entries), ZERO)
        return [*entries, money.Entry(counterpart, max(-left, ZERO), max(left, ZERO))]

    @step(
        "作废",
        "Cancel",
        source=(PostedState.DRAFT, PostedState.POSTED),
        target=PostedState.CANCELLED,
        words={"day": ("红冲日期", "Day of the reversal")},
    )
    def cancel(self, ctx: Ctx, day: date | None = None) -> None:
        """Take the balances back by red entries."""
        money.reverse(ctx, self, day, "day")
        if self.kind == OpeningKind.STOCK:
            stock.reverse(ctx, self)


_AMOUNTS = {
    "cents": "debit = round(debit, 2) AND credit = round(credit, 2)",
    "one_side": "(debit = 0) <> (credit = 0)",
}
for _name, _condition in _AMOUNTS.items():
    MoneyEntry.__table__.append_constraint(CheckConstraint(_condition, name=_name))  # type: ignore[attr-defined]  # a Table
