"""What customers owe and pay: sales invoices, made of deliveries and orders, and the receipts that settle them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
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
    follows,
    lines,
    link,
    only,
    our_customer,
    step,
    today,
    written_by_me,
)
from hub.document.derive import sum_of
from hub.document.fields import Tables
from hub.errors import Invalid, Problem, Refused
from hub.ledgers import adjusting, money, receivables, settling, taxing
from hub.rules.orders import without_item
from hub.rules.prices import line_amount
from hub.rules.tax_invoices import not_issuable, wrong_number
from hub.rules.taxes import GENERAL, tax_amount

if TYPE_CHECKING:
    from hub.domains.finance import BankAccount, BankStatement, BankStatementLine, OpeningBalance
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.parties import Customer
    from hub.domains.sales import SalesOrder, SalesOrderLine
    from hub.domains.warehouse import Delivery, DeliveryLine


class InvoiceState(Choice):
    """What has been decided about an invoice."""

    DRAFT = "draft", "草稿", "Draft"
    POSTED = "posted", "已开票", "Posted"
    CANCELLED = "cancelled", "已作废", "Void"


class ReceiptOfMoneyState(Choice):
    """What has been decided about a receipt of money."""

    DRAFT = "draft", "草稿", "Draft"
    POSTED = "posted", "已收款", "Posted"
    CANCELLED = "cancelled", "已作废", "Void"


class PaymentMethod(Choice):
    """How money came; the posting rules name an account for each."""

    BANK = "bank", "银行转账", "Bank transfer"
    CASH = "cash", "现金", "Cash"
    NOTE = "note", "票据", "Note"


class TaxInvoiceKind(Choice):
    """Which of China's tax invoices it is; digital ones are 数电票."""

    PAPER_SPECIAL = "paper_special", "纸质专用发票", "Special invoice on paper"
    PAPER_ORDINARY = "paper_ordinary", "纸质普通发票", "Ordinary invoice on paper"
    DIGITAL_SPECIAL = "digital_special", "数电专票", "Digital special invoice"
    DIGITAL_ORDINARY = "digital_ordinary", "数电普票", "Digital ordinary invoice"


_net = sum_of("SalesInvoiceLine", "amount", of="sales_invoice")
_tax = sum_of("SalesInvoiceLine", "tax_amount", of="sales_invoice")


def _total(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    line = tables("SalesInvoiceLine")
    total = select(func.coalesce(func.sum(line.c.amount + line.c.tax_amount), 0))
    return total.where(line.c.sales_invoice_id == row.c.id).correlate(row).scalar_subquery()


def _open(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return _total(row, tables) - row.c.received_amount


class SalesInvoiceLine(Line, label=("销售开票明细", "Sales invoice line"), of="SalesInvoice"):
    """What is invoiced of a delivery or an order; the amount is net of tax. Only an opening item has no goods."""

    order_line: Mapped[SalesOrderLine | None] = link(
        "客户订单行", "Sales order line", inverse=("invoice_lines", "开票明细", "Invoice lines")
    )
    delivery_line: Mapped[DeliveryLine | None] = link(
        "送货明细", "Delivery line", inverse=("invoice_lines", "开票明细", "Invoice lines")
    )
    item: Mapped[Item | None] = link("存货", "Item")
    description: Mapped[str | None] = field("描述", "Description")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    unit_price: Mapped[Price] = field("单价", "Unit price", default=Decimal(0), unit="currency", minimum=0)
    discount: Mapped[Percent] = field("折扣", "Discount", default=Decimal(0), unit="%", minimum=0, maximum=100)
    tax_rate: Mapped[Percent] = field("税率", "Tax rate", default=GENERAL, unit="%", minimum=0, maximum=100)
    tax_category_code: Mapped[Code | None] = field("税收分类编码", "Tax category code")
    amount: Mapped[Money] = field("金额", "Amount", computed=True, unit="currency")
    tax_amount: Mapped[Money] = field("税额", "Tax amount", computed=True, unit="currency")


class SalesInvoice(
    Document,
    label=("销售开票单", "Sales invoice"),
    series=Series("SI-{yyyy}{mm}-{seq:05}", gapless=True, at="post"),
    access=Access(
        read="sales.read",
        write="finance.write",
        rows=only(follows("SalesOrder", "sales_order"), our_customer("customer"), written_by_me(), unless="sales.all"),
    ),
):
    """What a customer owes us for goods, with tax."""

    state: Mapped[InvoiceState] = field("状态", "State", default=InvoiceState.DRAFT)
    customer: Mapped[Customer] = link("客户", "Customer", inverse=("sales_invoices", "销售开票单", "Sales invoices"))
    sales_order: Mapped[SalesOrder | None] = link(
        "客户订单", "Sales order", inverse=("sales_invoices", "销售开票单", "Sales invoices")
    )
    delivery: Mapped[Delivery | None] = link(
        "送货单", "Delivery", inverse=("sales_invoices", "销售开票单", "Sales invoices")
    )
    opening_balance: Mapped[OpeningBalance | None] = link(
        "期初余额", "Opening balance", inverse=("sales_invoices", "期初应收", "Sales invoices"), system=True
    )
    invoice_date: Mapped[date] = field("开票日期", "Invoice date", default=today, index=True)
    due_date: Mapped[date | None] = field("到期日", "Due date", index=True)
    tax_invoice_kind: Mapped[TaxInvoiceKind | None] = field("发票种类", "Tax invoice kind")
    tax_invoice_number: Mapped[Code | None] = field("发票号码", "Tax invoice number", editable_in=ANY_STATE)
    buyer_tax_number: Mapped[Code | None] = field("购买方税号", "Buyer's tax number")
    seller_tax_number: Mapped[Code | None] = field("销售方税号", "Seller's tax number")
    currency: Mapped[Code] = field("币种", "Currency", default="CNY")
    exchange_rate: Mapped[Value] = field("汇率", "Exchange rate", default=Decimal(1), minimum=0)
    department: Mapped[Department | None] = link("部门", "Department")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    received_amount: Mapped[Money] = field("已收金额", "Received", default=Decimal(0), computed=True, unit="currency")
    lines: Mapped[list[SalesInvoiceLine]] = lines("明细", "Lines", at_least=1)
    net_amount: Mapped[Money] = derived("不含税金额", "Net amount", _net, unit="currency", filterable=True)
    tax_amount: Mapped[Money] = derived("税额", "Tax amount", _tax, unit="currency", filterable=True)
    total: Mapped[Money] = derived("价税合计", "Total", _total, unit="currency", filterable=True)
    open_amount: Mapped[Money] = derived("未收金额", "Open amount", _open, unit="currency", filterable=True)

    def prepare(self) -> None:
        """Each line is rounded to cents, and so is its tax: the invoice is the sum of what it shows."""
        for line in self.lines:
            line.amount = line_amount(line.quantity, line.unit_price, line.discount)
            line.tax_amount = tax_amount(line.amount, line.tax_rate)
        Invalid.raise_all(wrong_number(self.tax_invoice_kind, self.tax_invoice_number))

    def check(self, ctx: Ctx) -> Iterable[Problem]:
        """Nothing is wrong with a rate that was left out: it is proposed."""
        taxing.propose(ctx, self, self.invoice_date)
        return ()

    @step("开票", "Post", source=InvoiceState.DRAFT, target=InvoiceState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Claim the money: receivable against revenue and output tax; no more than was ordered and delivered."""
        receivables.name_parties(ctx, self)
        categories = [line.tax_category_code for line in self.lines]
        issuable = not_issuable(self.tax_invoice_kind, self.buyer_tax_number, self.seller_tax_number, categories)
        Refused.raise_all([*without_item(self.lines), *receivables.against_sources(ctx, self), *issuable])
        receivables.claim(ctx, self)

    @step(
        "作废",
        "Cancel",
        source=(InvoiceState.DRAFT, InvoiceState.POSTED),
        target=InvoiceState.CANCELLED,
        words={"day": ("红冲日期", "Day of the reversal")},
    )
    def cancel(self, ctx: Ctx, day: date | None = None) -> None:
        """Give up the claim by red entries; what has been paid must be taken back first."""
        Refused.raise_all([*settling.not_opened(self), *receivables.nothing_received(self)])
        money.reverse(ctx, self, day, "day")


Index("ix_sales_invoice_opening_balance_id", SalesInvoice.__table__.c.opening_balance_id)


class SalesReceiptLine(Line, label=("收款核销明细", "Sales receipt line"), of="SalesReceipt"):
    """What of a receipt settles an invoice."""

    invoice: Mapped[SalesInvoice | None] = link(
        "销售开票单", "Sales invoice", inverse=("receipt_lines", "收款明细", "Receipt lines")
    )
    amount: Mapped[Money] = field("核销金额", "Amount", unit="currency", minimum=0)


class SalesReceipt(
    Document,
    label=("收款单", "Sales receipt"),
    series=Series("SR-{yyyy}{mm}-{seq:05}", gapless=True, at="post"),
    access=Access(read="finance.read", write="finance.write"),
):
    """Money from a customer and the invoices it settles; what is left over is an advance."""

    state: Mapped[ReceiptOfMoneyState] = field("状态", "State", default=ReceiptOfMoneyState.DRAFT)
    customer: Mapped[Customer] = link("客户", "Customer", inverse=("sales_receipts", "收款单", "Sales receipts"))
    sales_invoice: Mapped[SalesInvoice | None] = link("所依据发票", "Made from invoice")
    receipt_date: Mapped[date] = field("收款日期", "Receipt date", default=today, index=True)
    method: Mapped[PaymentMethod] = field("收款方式", "Method", default=PaymentMethod.BANK)
    bank_account: Mapped[BankAccount | None] = link(
        "收款账户", "Bank account", inverse=("sales_receipts", "收款单", "Sales receipts")
    )
    bank_statement: Mapped[BankStatement | None] = link("所依据对账单", "Made from bank statement")
    bank_statement_line: Mapped[BankStatementLine | None] = link("对账单行", "Bank statement line")
    opening_balance: Mapped[OpeningBalance | None] = link("期初余额", "Opening balance", system=True)
    currency: Mapped[Code] = field("币种", "Currency", default="CNY")
    exchange_rate: Mapped[Value] = field("汇率", "Exchange rate", default=Decimal(1), minimum=0)
    amount: Mapped[Money] = field("收款金额", "Amount", unit="currency", minimum=0)
    reference: Mapped[Code | None] = field("流水号", "Reference")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[SalesReceiptLine]] = lines("核销明细", "Lines")
    allocated: Mapped[Money] = derived(
        "已核销", "Allocated", sum_of("SalesReceiptLine", "amount", of="sales_receipt"), unit="currency"
    )

    @step("收款", "Post", source=ReceiptOfMoneyState.DRAFT, target=ReceiptOfMoneyState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Take the money in and settle the invoices that the lines name, none beyond what is open of it."""
        settling.settle(ctx, receivables.SIDE, self)

    @step(
        "核销预收",
        "Allocate",
        source=ReceiptOfMoneyState.POSTED,
        target=ReceiptOfMoneyState.POSTED,
        words={
            "invoice": ("销售开票单", "Sales invoice"),
            "amount": ("核销金额", "Amount"),
            "day": ("核销日期", "Day of the allocation"),
        },
    )
    def allocate(self, ctx: Ctx, invoice: str, amount: Decimal | None = None, day: date | None = None) -> None:
        """Settle an invoice with what is left of the advance: all that both have open, or an amount of it."""
        settling.allocate(ctx, receivables.SIDE, self, invoice, amount, day or today())

    @step(
        "自动核销",
        "Allocate by due date",
        source=ReceiptOfMoneyState.POSTED,
        target=ReceiptOfMoneyState.POSTED,
        words={"day": ("核销日期", "Day of the allocation")},
    )
    def distribute(self, ctx: Ctx, day: date | None = None) -> None:
        """Settle the customer's open invoices with what is left of the advance, those that are due first first."""
        settling.distribute(ctx, receivables.SIDE, self, day or today())

    @step(
        "作废",
        "Cancel",
        source=(ReceiptOfMoneyState.DRAFT, ReceiptOfMoneyState.POSTED),
        target=ReceiptOfMoneyState.CANCELLED,
        words={"day": ("红冲日期", "Day of the reversal")},
    )
    def cancel(self, ctx: Ctx, day: date | None = None) -> None:
        """Take the receipt back, unless it was refunded: the invoices are open again, the books get red entries."""
        Refused.raise_all([*settling.not_opened(self), *adjusting.not_given_back(ctx, self)])
        settling.unsettle(ctx, receivables.SIDE, self)
        money.reverse(ctx, self, day, "day")
