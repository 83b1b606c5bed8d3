"""Papers of the books: vouchers that somebody enters, and what was there before the books began here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Choice,
    Code,
    Document,
    Line,
    Money,
    Quantity,
    Series,
    Value,
    derived,
    field,
    lines,
    link,
    step,
    today,
)
from hub.document.derive import sum_of
from hub.domains.finance.books import BOOKS, Account
from hub.errors import Problem, Refused, problem
from hub.ledgers import assets, money, opening, stock
from hub.rules.money import ZERO

if TYPE_CHECKING:
    from hub.domains.equipment import Asset
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.parties import Customer, Supplier
    from hub.domains.warehouse import Location, Lot, SerialNumber, Warehouse


class PostedState(Choice):
    """What has been decided about a paper of the books."""

    DRAFT = "draft", "草稿", "Draft"
    POSTED = "posted", "已记账", "Posted"
    CANCELLED = "cancelled", "已作废", "Void"


class VoucherKind(Choice):
    """What a voucher is about, as China's printed ones are told apart."""

    GENERAL = "general", "记账凭证", "General"
    RECEIPT = "receipt", "收款凭证", "Receipt"
    PAYMENT = "payment", "付款凭证", "Payment"
    TRANSFER = "transfer", "转账凭证", "Transfer"


def _entry(index: int, line: Any) -> money.Entry:
    """What a line of a voucher or an opening balance posts."""
    return money.Entry(
        line.account_id,
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
    access=BOOKS,
):
    """A voucher: debits and credits that somebody enters by hand."""

    state: Mapped[PostedState] = field("状态", "State", default=PostedState.DRAFT)
    kind: Mapped[VoucherKind] = field("凭证类别", "Kind", default=VoucherKind.GENERAL)
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
    ASSETS = "assets", "资产", "Assets"


class OpeningBalanceLine(Line, label=("期初余额明细", "Opening balance line"), of="OpeningBalance"):
    """An account's, an open invoice's or an item's balance at the beginning; an item's value is its debit.

    What a customer owes is debit, what we owe a supplier credit, in the currency of the invoice; the other side of
    either is an advance. An asset comes in with what it cost and had lost, as its record says.
    """

    account: Mapped[Account | None] = link("科目", "Account")
    customer: Mapped[Customer | None] = link("客户", "Customer")
    supplier: Mapped[Supplier | None] = link("供应商", "Supplier")
    invoice_number: Mapped[Code | None] = field("原发票号", "Invoice number")
    invoice_date: Mapped[date | None] = field("开票日期", "Invoice date")
    due_date: Mapped[date | None] = field("到期日", "Due date")
    currency: Mapped[Code | None] = field("币种", "Currency")
    exchange_rate: Mapped[Value] = field("汇率", "Exchange rate", default=Decimal(1), minimum=Decimal("0.000001"))
    item: Mapped[Item | None] = link("存货", "Item")
    quantity: Mapped[Quantity | None] = field("数量", "Quantity", minimum=0)
    location: Mapped[Location | None] = link("库位", "Location")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    serial: Mapped[SerialNumber | None] = link("序列号", "Serial number")
    asset: Mapped[Asset | None] = link("资产", "Asset")
    debit: Mapped[Money] = field("借方", "Debit", default=Decimal(0), unit="currency")
    credit: Mapped[Money] = field("贷方", "Credit", default=Decimal(0), unit="currency")
    note: Mapped[str | None] = field("摘要", "Note")


class OpeningBalance(
    Document,
    label=("期初余额", "Opening balance"),
    series=Series("OB-{yyyy}{mm}-{seq:04}", gapless=True, at="post"),
    access=BOOKS,
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
        """Enter what was there: accounts must balance by themselves, the other kinds against the account in transit.

        Receivables and payables become open items, see `hub.flows.opening`.
        """
        Refused.raise_all([*self._lacking(), *assets.opened_before(ctx, self)])
        if self.kind in opening.SIDES:
            Refused.raise_all(opening.unfit(ctx, self))
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
            OpeningKind.ASSETS: (("asset", "asset_id", "资产"),),
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
        if self.kind == OpeningKind.ASSETS:
            return assets.opening_entries(ctx, self)
        if self.kind == OpeningKind.ACCOUNTS:
            return [_entry(index, line) for index, line in enumerate(self.lines)]
        return opening.entries(ctx, self)

    @step(
        "作废",
        "Cancel",
        source=(PostedState.DRAFT, PostedState.POSTED),
        target=PostedState.CANCELLED,
        words={"day": ("红冲日期", "Day of the reversal")},
    )
    def cancel(self, ctx: Ctx, day: date | None = None) -> None:
        """Take the balances back by red entries; not of an asset that has been given up, or an item settled."""
        Refused.raise_all(assets.not_cancellable(ctx, self))
        opening.take_back(ctx, self)
        money.reverse(ctx, self, day, "day")
        if self.kind == OpeningKind.STOCK:
            stock.reverse(ctx, self)
