"""What we owe suppliers and pay: invoices held against order and receipt, and the payments that settle them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, Index, func, select
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
    Percent,
    Price,
    Quantity,
    Series,
    Value,
    derived,
    field,
    lines,
    link,
    only,
    our_supplier,
    step,
    today,
    written_by_me,
)
from hub.document.derive import sum_of
from hub.document.fields import Tables
from hub.errors import Invalid, Problem, Refused
from hub.ledgers import money, payables, settling, taxing
from hub.rules.matching import Result
from hub.rules.orders import not_positive, with_reason, without_item
from hub.rules.prices import line_amount
from hub.rules.tax_invoices import wrong_number
from hub.rules.taxes import GENERAL, tax_amount

if TYPE_CHECKING:
    from hub.domains.finance import BankAccount, BankStatement, BankStatementLine, OpeningBalance
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.parties import Supplier
    from hub.domains.purchasing.orders import PurchaseOrder, PurchaseOrderLine
    from hub.domains.warehouse import PurchaseReceipt, PurchaseReceiptLine

_RATE = Decimal("0.000001")


class PurchaseInvoiceState(Choice):
    """What has been decided about a supplier's invoice."""

    DRAFT = "draft", "草稿", "Draft"
    MATCHED = "matched", "已匹配", "Matched"
    POSTED = "posted", "已入账", "Posted"
    CANCELLED = "cancelled", "已作废", "Void"


class PurchaseMatchResult(Choice):
    """What the three-way match said."""

    UNMATCHED = "unmatched", "未匹配", "Not matched"
    MATCHED = "matched", "一致", "Matched"
    WITHIN_TOLERANCE = "within_tolerance", "在容差内", "Within tolerance"
    ACCEPTED = "accepted", "接受差异", "Difference accepted"


class PurchaseTaxInvoiceKind(Choice):
    """What kind of tax invoice a supplier gave; the first two are fully digitalized ones (数电票)."""

    DIGITAL_SPECIAL = "digital_special", "数电专票", "Digital, special"
    DIGITAL_ORDINARY = "digital_ordinary", "数电普票", "Digital, ordinary"
    PAPER_SPECIAL = "paper_special", "纸质专票", "Paper, special"
    PAPER_ORDINARY = "paper_ordinary", "纸质普票", "Paper, ordinary"


def _total(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    line = tables("PurchaseInvoiceLine")
    total = select(func.coalesce(func.sum(line.c.amount + line.c.tax_amount), 0))
    return total.where(line.c.purchase_invoice_id == row.c.id).correlate(row).scalar_subquery()


def _open(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return _total(row, tables) - row.c.paid_amount


class PurchaseInvoiceLine(Line, label=("采购发票明细", "Purchase invoice line"), of="PurchaseInvoice"):
    """What is invoiced of a receipt or an order; the amount is net of tax, the difference is to the order's price.

    Only an opening item has no goods.
    """

    item: Mapped[Item | None] = link("存货", "Item")
    order_line: Mapped[PurchaseOrderLine | None] = link(
        "采购订单行", "Purchase order line", inverse=("invoice_lines", "发票明细", "Invoice lines")
    )
    receipt_line: Mapped[PurchaseReceiptLine | None] = link(
        "入库明细", "Receipt line", inverse=("invoice_lines", "发票明细", "Invoice lines")
    )
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    unit_price: Mapped[Price] = field("单价", "Unit price", default=Decimal(0), unit="currency", minimum=0)
    tax_rate: Mapped[Percent] = field("税率", "Tax rate", default=GENERAL, unit="%", minimum=0, maximum=100)
    amount: Mapped[Money] = field("金额", "Amount", computed=True, unit="currency")
    tax_amount: Mapped[Money] = field("税额", "Tax amount", computed=True, unit="currency")
    difference: Mapped[Money] = field("差异", "Difference", default=Decimal(0), computed=True, unit="currency")


class PurchaseInvoice(
    Document,
    label=("采购发票单", "Purchase invoice"),
    series=Series("PI-{yyyy}{mm}-{seq:05}", gapless=True, at="post"),
    access=Access(
        read="purchasing.read",
        write="finance.write",
        rows=only(our_supplier("supplier"), written_by_me(), unless="purchasing.all"),
    ),
):
    """What a supplier claims; it must agree with order and receipt before it is owed."""

    state: Mapped[PurchaseInvoiceState] = field("状态", "State", default=PurchaseInvoiceState.DRAFT)
    supplier: Mapped[Supplier] = link("供应商", "Supplier", inverse=("purchase_invoices", "采购发票", "Invoices"))
    purchase_order: Mapped[PurchaseOrder | None] = link(
        "采购订单", "Purchase order", inverse=("purchase_invoices", "采购发票单", "Purchase invoices")
    )
    purchase_receipt: Mapped[PurchaseReceipt | None] = link(
        "采购入库单", "Purchase receipt", inverse=("purchase_invoices", "采购发票单", "Purchase invoices")
    )
    opening_balance: Mapped[OpeningBalance | None] = link(
        "期初余额", "Opening balance", inverse=("purchase_invoices", "期初应付", "Purchase invoices"), system=True
    )
    invoice_date: Mapped[date] = field("开票日期", "Invoice date", default=today, index=True)
    due_date: Mapped[date | None] = field("到期日", "Due date", index=True)
    tax_invoice_number: Mapped[Code | None] = field("发票号码", "Tax invoice number")
    tax_invoice_kind: Mapped[PurchaseTaxInvoiceKind | None] = field("发票种类", "Kind of tax invoice")
    seller_tax_number: Mapped[Code | None] = field("销方税号", "Seller's tax number")
    currency: Mapped[Code] = field("币种", "Currency", default="CNY")
    exchange_rate: Mapped[Value] = field("汇率", "Exchange rate", default=Decimal(1), minimum=_RATE)
    department: Mapped[Department | None] = link("部门", "Department")
    match_result: Mapped[PurchaseMatchResult] = field(
        "匹配结果", "Match", default=PurchaseMatchResult.UNMATCHED, computed=True
    )
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    paid_amount: Mapped[Money] = field("已付金额", "Paid", default=Decimal(0), computed=True, unit="currency")
    lines: Mapped[list[PurchaseInvoiceLine]] = lines("明细", "Lines", at_least=1)
    net_amount: Mapped[Money] = derived(
        "不含税金额",
        "Net amount",
        sum_of("PurchaseInvoiceLine", "amount", of="purchase_invoice"),
        unit="currency",
        filterable=True,
    )
    tax_amount: Mapped[Money] = derived(
        "税额",
        "Tax amount",
        sum_of("PurchaseInvoiceLine", "tax_amount", of="purchase_invoice"),
        unit="currency",
        filterable=True,
    )
    total: Mapped[Money] = derived("价税合计", "Total", _total, unit="currency", filterable=True)
    open_amount: Mapped[Money] = derived("未付金额", "Open amount", _open, unit="currency", filterable=True)

    def prepare(self) -> None:
        """Each line is rounded to cents, and so is its tax: the invoice is the sum of what it shows."""
        for line in self.lines:
            line.amount = line_amount(line.quantity, line.unit_price)
            line.tax_amount = tax_amount(line.amount, line.tax_rate)
        Invalid.raise_all(wrong_number(self.tax_invoice_kind, self.tax_invoice_number))

    def check(self, ctx: Ctx) -> Iterable[Problem]:
        """Nothing is wrong with a rate that was left out: it is proposed."""
        taxing.propose(ctx, self, self.invoice_date, bought=True)
        return ()

    @step("三单匹配", "Match", source=PurchaseInvoiceState.DRAFT, target=PurchaseInvoiceState.MATCHED)
    def match(self, ctx: Ctx) -> None:
        """Hold it against order and receipt; what is off beyond the company's tolerance is refused, all at once."""
        Refused.raise_all([*without_item(self.lines), *not_positive(line.quantity for line in self.lines)])
        found, problems = payables.match(ctx, self)
        Refused.raise_all(problems)
        self.match_result = (
            PurchaseMatchResult.MATCHED if found is Result.MATCHED else PurchaseMatchResult.WITHIN_TOLERANCE
        )

    @step(
        "接受差异",
        "Accept",
        source=PurchaseInvoiceState.DRAFT,
        target=PurchaseInvoiceState.MATCHED,
        words={"reason": ("原因", "Reason")},
    )
    def accept(self, ctx: Ctx, reason: str) -> None:
        """Take the invoice as it is, whatever differs, with the reason kept in the note."""
        Refused.raise_all([*without_item(self.lines), *not_positive(line.quantity for line in self.lines)])
        payables.match(ctx, self)
        self.match_result, self.note = PurchaseMatchResult.ACCEPTED, with_reason(self.note, reason)

    @step("入账", "Post", source=PurchaseInvoiceState.MATCHED, target=PurchaseInvoiceState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Owe the money: the accrual of what came and input tax against the supplier's claim."""
        payables.claim(ctx, self)

    @step(
        "作废",
        "Cancel",
        source=(PurchaseInvoiceState.DRAFT, PurchaseInvoiceState.MATCHED, PurchaseInvoiceState.POSTED),
        target=PurchaseInvoiceState.CANCELLED,
        words={"day": ("红冲日期", "Day of the reversal")},
    )
    def cancel(self, ctx: Ctx, day: date | None = None) -> None:
        """Owe nothing of it, by red entries; what has been paid must be taken back first."""
        Refused.raise_all([*settling.not_opened(self), *payables.nothing_paid(self)])
        money.reverse(ctx, self, day, "day")


Index("ix_purchase_invoice_opening_balance_id", PurchaseInvoice.__table__.c.opening_balance_id)


class PurchasePaymentState(Choice):
    """What has been decided about a payment to a supplier."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "待财务确认", "Awaiting finance"
    POSTED = "posted", "已付款", "Posted"
    CANCELLED = "cancelled", "已作废", "Void"


class PurchasePaymentMethod(Choice):
    """How money goes; the posting rules name an account for each."""

    BANK = "bank", "银行转账", "Bank transfer"
    CASH = "cash", "现金", "Cash"
    NOTE = "note", "票据", "Note"


class PurchasePaymentLine(Line, label=("付款核销明细", "Purchase payment line"), of="PurchasePayment"):
    """What of a payment settles an invoice."""

    invoice: Mapped[PurchaseInvoice | None] = link(
        "采购发票单", "Purchase invoice", inverse=("payment_lines", "付款明细", "Payment lines")
    )
    amount: Mapped[Money] = field("核销金额", "Amount", unit="currency", minimum=0)


class PurchasePayment(
    Document,
    label=("采购付款单", "Purchase payment"),
    series=Series("PM-{yyyy}{mm}-{seq:05}", gapless=True, at="post"),
    access=Access(
        read="purchasing.read",
        write="finance.write",
        rows=only(our_supplier("supplier"), written_by_me(), unless="purchasing.all"),
    ),
):
    """Money to a supplier and the invoices it settles; what is left over is paid in advance."""

    state: Mapped[PurchasePaymentState] = field("状态", "State", default=PurchasePaymentState.DRAFT)
    supplier: Mapped[Supplier] = link("供应商", "Supplier", inverse=("purchase_payments", "采购付款单", "Payments"))
    purchase_invoice: Mapped[PurchaseInvoice | None] = link("所依据发票", "Made from invoice")
    opening_balance: Mapped[OpeningBalance | None] = link("期初余额", "Opening balance", system=True)
    payment_date: Mapped[date] = field("付款日期", "Payment date", default=today, index=True)
    method: Mapped[PurchasePaymentMethod] = field("付款方式", "Method", default=PurchasePaymentMethod.BANK)
    bank_account: Mapped[BankAccount | None] = link(
        "付款账户", "Bank account", inverse=("purchase_payments", "采购付款单", "Purchase payments")
    )
    bank_statement: Mapped[BankStatement | None] = link("所依据对账单", "Made from bank statement")
    bank_statement_line: Mapped[BankStatementLine | None] = link("对账单行", "Bank statement line")
    amount: Mapped[Money] = field("付款金额", "Amount", unit="currency", minimum=0)
    currency: Mapped[Code] = field("币种", "Currency", default="CNY")
    exchange_rate: Mapped[Value] = field("汇率", "Exchange rate", default=Decimal(1), minimum=_RATE)
    reference: Mapped[Code | None] = field("流水号", "Reference")
    confirmed_by_finance_at: Mapped[datetime | None] = field("财务确认时间", "Confirmed by finance", computed=True)
    department: Mapped[Department | None] = link("部门", "Department")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[PurchasePaymentLine]] = lines("核销明细", "Lines")
    allocated: Mapped[Money] = derived(
        "已核销", "Allocated", sum_of("PurchasePaymentLine", "amount", of="purchase_payment"), unit="currency"
    )

    @step("提交", "Submit", source=PurchasePaymentState.DRAFT, target=PurchasePaymentState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Ask finance to confirm it."""

    @step(
        "付款",
        "Post",
        source=(PurchasePaymentState.DRAFT, PurchasePaymentState.SUBMITTED),
        target=PurchasePaymentState.POSTED,
    )
    def post(self, ctx: Ctx) -> None:
        """Finance confirms that the money has gone; it settles the invoices that the lines name."""
        settling.settle(ctx, payables.SIDE, self)
        self.confirmed_by_finance_at = datetime.now(UTC)

    @step(
        "核销预付",
        "Allocate",
        source=PurchasePaymentState.POSTED,
        target=PurchasePaymentState.POSTED,
        words={
            "invoice": ("采购发票单", "Purchase invoice"),
            "amount": ("核销金额", "Amount"),
            "day": ("核销日期", "Day of the allocation"),
        },
    )
    def allocate(self, ctx: Ctx, invoice: str, amount: Decimal | None = None, day: date | None = None) -> None:
        """Settle an invoice with what is left of the advance: all that both have open, or an amount of it."""
        settling.allocate(ctx, payables.SIDE, self, invoice, amount, day or today())

    @step(
        "自动核销",
        "Allocate by due date",
        source=PurchasePaymentState.POSTED,
        target=PurchasePaymentState.POSTED,
        words={"day": ("核销日期", "Day of the allocation")},
    )
    def distribute(self, ctx: Ctx, day: date | None = None) -> None:
        """Settle the supplier's open invoices with what is left of the advance, those that are due first first."""
        settling.distribute(ctx, payables.SIDE, self, day or today())

    @step(
        "作废",
        "Cancel",
        source=(PurchasePaymentState.DRAFT, PurchasePaymentState.SUBMITTED, PurchasePaymentState.POSTED),
        target=PurchasePaymentState.CANCELLED,
        words={"day": ("红冲日期", "Day of the reversal")},
    )
    def cancel(self, ctx: Ctx, day: date | None = None) -> None:
        """Take the payment back: the invoices are open again, the books get red entries."""
        Refused.raise_all(settling.not_opened(self))
        settling.unsettle(ctx, payables.SIDE, self)
        money.reverse(ctx, self, day, "day")
