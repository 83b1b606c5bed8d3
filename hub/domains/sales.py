"""Orders of our customers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, case, func, select
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
    derived,
    field,
    lines,
    link,
    mine,
    only,
    our_customer,
    own_department,
    step,
    today,
    written_by_me,
)
from hub.document.derive import followed_by, left_of, sum_of
from hub.document.fields import Tables
from hub.errors import Problem, Refused, problem
from hub.ledgers import fulfilment, reservations
from hub.rules.orders import not_positive, with_reason
from hub.rules.prices import line_amount

if TYPE_CHECKING:
    from hub.domains.items import Item, UnitOfMeasure
    from hub.domains.organization import Department
    from hub.domains.parties import Customer
    from hub.domains.people import Employee


class OrderState(Choice):
    """What has been decided about an order."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    CONFIRMED = "confirmed", "已确认", "Confirmed"
    CLOSED = "closed", "已关闭", "Closed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


delivered_quantity = followed_by(
    "DeliveryLine", "quantity", of="order_line", document="Delivery", states=("confirmed", "signed")
)


invoiced_quantity = followed_by(
    "SalesInvoiceLine", "quantity", of="order_line", document="SalesInvoice", states=("posted",)
)


def _received(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What has been paid of an order line, with tax: of each invoice in proportion to the line's part of it."""
    line, invoice, any_line = tables("SalesInvoiceLine"), tables("SalesInvoice"), tables("SalesInvoiceLine")
    total = select(func.sum(any_line.c.amount + any_line.c.tax_amount))
    total_of = total.where(any_line.c.sales_invoice_id == invoice.c.id).correlate(invoice).scalar_subquery()
    part = (line.c.amount + line.c.tax_amount) * invoice.c.received_amount / func.nullif(total_of, 0)
    paid = (
        select(func.round(func.coalesce(func.sum(part), 0), 2))
        .select_from(line.join(invoice, invoice.c.id == line.c.sales_invoice_id))
        .where(line.c.order_line_id == row.c.id, invoice.c.state == "posted")
    )
    return paid.correlate(row).scalar_subquery()


def _delivered_share(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """Delivered of ordered quantity in percent, no line counted beyond what was ordered."""
    line = tables("SalesOrderLine")
    done = func.sum(func.least(delivered_quantity(line, tables), line.c.quantity))
    share = select(case((func.sum(line.c.quantity) > 0, 100 * done / func.sum(line.c.quantity)), else_=0))
    return share.where(line.c.sales_order_id == row.c.id).correlate(row).scalar_subquery()


class SalesOrderLine(Line, label=("客户订单明细", "Sales order line"), of="SalesOrder"):
    """An item the customer wants, with its quantity, price and date."""

    item: Mapped[Item] = link("存货", "Item", inverse=("sales_order_lines", "订单明细", "Sales order lines"))
    description: Mapped[str | None] = field("描述", "Description")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    unit: Mapped[UnitOfMeasure | None] = link("单位", "Unit")
    unit_price: Mapped[Price] = field("单价", "Unit price", default=Decimal(0), unit="currency", minimum=0)
    discount: Mapped[Percent] = field("折扣", "Discount", default=Decimal(0), unit="%", minimum=0, maximum=100)
    tax_rate: Mapped[Percent] = field("税率", "Tax rate", default=Decimal(13), unit="%", minimum=0, maximum=100)
    amount: Mapped[Money] = field("金额", "Amount", computed=True, unit="currency")
    promised_date: Mapped[date | None] = field("承诺日期", "Promised date")
    delivered: Mapped[Quantity] = derived("已发数量", "Delivered quantity", delivered_quantity, filterable=True)
    open_quantity: Mapped[Quantity] = derived("未发数量", "Open quantity", left_of(delivered_quantity), filterable=True)
    invoiced: Mapped[Quantity] = derived("已开票数量", "Invoiced quantity", invoiced_quantity, filterable=True)
    received: Mapped[Money] = derived("已收款", "Received", _received, unit="currency", filterable=True)


class SalesOrder(
    Document,
    label=("客户订单", "Sales order"),
    series=Series("SO-{yyyy}{mm}-{seq:05}"),
    access=Access(
        read="sales.read",
        write="sales.write",
        rows=only(
            own_department("department"),
            mine("sales_rep"),
            written_by_me(),
            our_customer("customer"),
            unless="sales.all",
        ),
    ),
):
    """A customer's firm commitment to buy, line by line."""

    state: Mapped[OrderState] = field("状态", "State", default=OrderState.DRAFT)
    customer: Mapped[Customer] = link("客户", "Customer", inverse=("sales_orders", "客户订单", "Sales orders"))
    customer_order_number: Mapped[Code | None] = field("客户订单号", "Customer's order number")
    order_date: Mapped[date] = field("订单日期", "Order date", default=today, index=True)
    promised_date: Mapped[date | None] = field("承诺日期", "Promised date")
    sales_rep: Mapped[Employee | None] = link("业务员", "Sales representative")
    department: Mapped[Department | None] = link("部门", "Department")
    currency: Mapped[Code] = field("币种", "Currency", default="CNY")
    ship_to: Mapped[str | None] = field("收货地址", "Ship to")
    freight: Mapped[Money] = field("运费", "Freight", default=Decimal(0), unit="currency", minimum=0)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[SalesOrderLine]] = lines("明细", "Lines", at_least=1)
    total: Mapped[Money] = derived(
        "总额", "Total", sum_of("SalesOrderLine", "amount", of="sales_order"), unit="currency", filterable=True
    )
    delivered: Mapped[Percent] = derived("已发", "Delivered", _delivered_share, unit="%", filterable=True)

    def prepare(self) -> None:
        """Own documents round each line to cents."""
        for line in self.lines:
            line.amount = line_amount(line.quantity, line.unit_price, line.discount)

    @step("提交", "Submit", source=OrderState.DRAFT, target=OrderState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Hand the order over for confirmation."""

    @step("确认", "Confirm", source=(OrderState.DRAFT, OrderState.SUBMITTED), target=OrderState.CONFIRMED)
    def confirm(self, ctx: Ctx) -> None:
        """Commit to the order: every line needs a quantity and a date to promise; what is in stock is reserved."""
        Refused.raise_all([*not_positive(line.quantity for line in self.lines), *self._undated()])
        reservations.reserve(ctx, self)

    def _undated(self) -> Iterator[Problem]:
        for index, line in enumerate(self.lines):
            if (line.promised_date or self.promised_date) is None:
                yield problem(
                    "PROMISED_DATE_MISSING",
                    f"第 {index + 1} 行没有承诺日期。",
                    f"Line {index + 1} has no promised date.",
                    *("lines", str(index), "promisedDate"),
                    hint=("请填写该行或订单的承诺日期。", "Fill in the line's or the order's promised date."),
                )

    @step("关闭", "Close", source=OrderState.CONFIRMED, target=OrderState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """Nothing more is expected of this order; what was reserved for it is free again."""
        reservations.release(ctx, self)

    @step(
        "取消",
        "Cancel",
        source=(OrderState.DRAFT, OrderState.SUBMITTED, OrderState.CONFIRMED),
        target=OrderState.CANCELLED,
        words={"reason": ("原因", "Reason")},
    )
    def cancel(self, ctx: Ctx, reason: str) -> None:
        """Take the order back, with the reason kept in the note; what has been shipped stands."""
        Refused.raise_all(fulfilment.nothing_delivered(ctx, self))
        reservations.release(ctx, self)
        self.note = with_reason(self.note, reason)
