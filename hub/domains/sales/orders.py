"""Orders of our customers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Date, FromClause, Text, case, column, false, func, literal, select
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
    mine,
    only,
    our_customer,
    own_department,
    step,
    today,
    written_by_me,
)
from hub.document.derive import followed_by, left_of, part_of, share_of, sum_of, through
from hub.document.fields import DerivedSQL, Tables
from hub.errors import Problem, Refused, problem
from hub.ledgers import credit, fulfilment, offers, reservations, taxing
from hub.rules import lateness
from hub.rules.orders import not_positive, with_reason
from hub.rules.prices import line_amount
from hub.rules.taxes import GENERAL

if TYPE_CHECKING:
    from hub.domains.items import Item, UnitOfMeasure
    from hub.domains.organization import Department
    from hub.domains.parties import Customer
    from hub.domains.people import Employee
    from hub.domains.sales.prices import PriceList
    from hub.domains.sales.quotations import Quotation


class OrderState(Choice):
    """What has been decided about an order."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    CONFIRMED = "confirmed", "已确认", "Confirmed"
    CLOSED = "closed", "已关闭", "Closed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


_INSIDE = "sales.lateness"
"""Who may know what a late order waits for: not the customer."""
_SHIPPED = ("confirmed", "signed")
_shipped = followed_by("DeliveryLine", "quantity", of="order_line", document="Delivery", states=_SHIPPED)
_sent_back = through(
    "DeliveryLine",
    followed_by(
        "SalesReturnLine",
        "quantity",
        of="delivery_line",
        document="SalesReturn",
        states=("posted",),
        unless="credited",
    ),
    of="order_line",
    document="Delivery",
    states=_SHIPPED,
)


def delivered_quantity(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What the customer has got of an order line, without what he gave back to have it replaced.

    What he was credited was delivered, and is not owed again (see `hub.ledgers.fulfilment`).
    """
    return _shipped(row, tables) - _sent_back(row, tables)


invoiced_quantity = followed_by(
    "SalesInvoiceLine", "quantity", of="order_line", document="SalesInvoice", states=("posted",)
)
received_amount = part_of(
    "SalesInvoiceLine", of="order_line", document="SalesInvoice", kept="received_amount", states=("posted",)
)
_SERVED = ("planned", "released", "paused", "closed")
planned_quantity = followed_by(
    "ProductionOrderDemand", "quantity", of="order_line", document="ProductionOrder", states=_SERVED
)


def _of_runs(row: FromClause, demand: Any, run: Any, joined: FromClause, done: Any) -> ColumnElement[Any]:
    """What runs did for an order line: of each in proportion to the line's demand, no more than it asked for."""
    part = func.least(demand.c.quantity * done / func.nullif(run.c.quantity, 0), demand.c.quantity)
    total = select(func.round(func.coalesce(func.sum(part), 0), 4)).select_from(joined)
    return total.where(demand.c.order_line_id == row.c.id, run.c.state.in_(_SERVED)).correlate(row).scalar_subquery()


def _produced(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What production has made for an order line."""
    demand, run = tables("ProductionOrderDemand"), tables("ProductionOrder")
    joined = demand.join(run, run.c.id == demand.c.production_order_id)
    return _of_runs(row, demand, run, joined, run.c.completed_quantity)


def _released(seen: FromClause) -> ColumnElement[Any]:
    """What an inspection releases of its lot, as `Inspection.released_quantity` says it."""
    size = func.coalesce(func.nullif(seen.c.quantity, 0), seen.c.inspected_quantity)
    return case(
        (seen.c.disposition == "concession", size),
        (seen.c.disposition == "accept", func.greatest(size - seen.c.defective_quantity, 0)),
        (seen.c.inspected_quantity >= size, seen.c.qualified_quantity),
        else_=0,
    )


def _inspected(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What final inspections released of it."""
    demand, run, seen = tables("ProductionOrderDemand"), tables("ProductionOrder"), tables("Inspection")
    passed = select(func.coalesce(func.sum(_released(seen)), 0)).where(
        seen.c.production_order_id == run.c.id, seen.c.state == "confirmed", seen.c.kind == "final"
    )
    joined = demand.join(run, run.c.id == demand.c.production_order_id)
    return _of_runs(row, demand, run, joined, passed.correlate(run).scalar_subquery())


def _lateness(name: str) -> DerivedSQL:
    """What the database finds of a line that is still to be shipped (see `hub.db.lateness`), else null."""

    def sql(row: FromClause, tables: Tables) -> ColumnElement[Any]:
        open_ = left_of(delivered_quantity)(row, tables)
        found = func.hub.lateness(row.c.id, open_, func.now())
        judged = found.table_valued(
            column("level", Text), column("expected", Date), column("reason", Text), column("cause", Text)
        )
        return case((open_ > 0, select(judged.c[name]).scalar_subquery()))  # most lines of years are asked nothing

    return sql


def _promised(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """The line's own day, else the order's."""
    order = tables("SalesOrder")
    of_order = select(order.c.promised_date).where(order.c.id == row.c.sales_order_id).correlate(row).scalar_subquery()
    return func.coalesce(row.c.promised_date, of_order)


def _late_risk(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """Something is still to be shipped, and will not be there on the day promised."""
    return func.coalesce(_lateness("level")(row, tables) == lateness.LATE, false())


def _late_sentence(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """The reason in both languages, with what causes it."""
    reason, cause = (_lateness(one)(row, tables) for one in ("reason", "cause"))
    words = case({code: literal(str(label)) for code, label in lateness.CAUSES.items()}, value=reason)
    return func.replace(words, "{what}", cause)


_delivered_share = share_of("SalesOrderLine", delivered_quantity, of="sales_order")


class SalesOrderLine(Line, label=("客户订单明细", "Sales order line"), of="SalesOrder"):
    """An item the customer wants, with its quantity, price and date."""

    item: Mapped[Item] = link("存货", "Item", inverse=("sales_order_lines", "订单明细", "Sales order lines"))
    description: Mapped[str | None] = field("描述", "Description")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    unit: Mapped[UnitOfMeasure | None] = link("单位", "Unit")
    unit_price: Mapped[Price] = field("单价", "Unit price", default=Decimal(0), unit="currency", minimum=0)
    discount: Mapped[Percent] = field("折扣", "Discount", default=Decimal(0), unit="%", minimum=0, maximum=100)
    tax_rate: Mapped[Percent] = field("税率", "Tax rate", default=GENERAL, unit="%", minimum=0, maximum=100)
    amount: Mapped[Money] = field("金额", "Amount", computed=True, unit="currency")
    promised_date: Mapped[date | None] = field("承诺日期", "Promised date")
    planned: Mapped[Quantity] = derived("已排产数量", "Planned quantity", planned_quantity, filterable=True)
    produced: Mapped[Quantity] = derived("已完工数量", "Produced quantity", _produced)
    inspected: Mapped[Quantity] = derived("已检合格数量", "Inspected quantity", _inspected)
    delivered: Mapped[Quantity] = derived("已发数量", "Delivered quantity", delivered_quantity, filterable=True)
    open_quantity: Mapped[Quantity] = derived("未发数量", "Open quantity", left_of(delivered_quantity), filterable=True)
    invoiced: Mapped[Quantity] = derived("已开票数量", "Invoiced quantity", invoiced_quantity, filterable=True)
    received: Mapped[Money] = derived("已收款", "Received", received_amount, unit="currency", filterable=True)
    late_risk: Mapped[bool] = derived("延期风险", "May be late", _late_risk, filterable=True)
    due_date: Mapped[date | None] = derived("应发日期", "Promised for", _promised)
    expected_date: Mapped[date | None] = derived("预计齐备", "Expected", _lateness("expected"), restricted=_INSIDE)
    late_level: Mapped[str | None] = derived("交期状况", "Lateness", _lateness("level"), restricted=_INSIDE)
    late_reason: Mapped[str | None] = derived("延期原因代码", "Why late", _lateness("reason"), restricted=_INSIDE)
    late_cause: Mapped[str | None] = derived("延期起因", "What makes it late", _lateness("cause"), restricted=_INSIDE)
    late_sentence: Mapped[str | None] = derived("延期原因", "Why late, in words", _late_sentence, restricted=_INSIDE)


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
    exchange_rate: Mapped[Value] = field("汇率", "Exchange rate", default=Decimal(1), minimum=Decimal("0.000001"))
    price_list: Mapped[PriceList | None] = link("价格表", "Price list")
    payment_terms_days: Mapped[int | None] = field("账期", "Payment terms", unit="天", minimum=0)
    quotation: Mapped[Quotation | None] = link(
        "报价单", "Quotation", inverse=("sales_orders", "客户订单", "Sales orders")
    )
    ship_to: Mapped[str | None] = field("收货地址", "Ship to")
    freight: Mapped[Money] = field("运费", "Freight", default=Decimal(0), unit="currency", minimum=0)
    release_reason: Mapped[str | None] = field("特批原因", "Why released", computed=True)
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

    def check(self, ctx: Ctx) -> Iterable[Problem]:
        """Nothing is wrong with a rate that was left out: it is proposed."""
        taxing.propose(ctx, self, self.order_date)
        return ()

    @step("提交", "Submit", source=OrderState.DRAFT, target=OrderState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Hand the order over for confirmation."""

    @step("确认", "Confirm", source=(OrderState.DRAFT, OrderState.SUBMITTED), target=OrderState.CONFIRMED)
    def confirm(self, ctx: Ctx) -> None:
        """Commit to the order: every line needs a quantity and a date to promise; what is in stock is reserved.

        Neither below the price lists nor above the customer's credit, unless it was released.
        """
        found = [*not_positive(line.quantity for line in self.lines), *self._undated()]
        if self.release_reason is None:
            found += [*offers.below_list(ctx, self, self.order_date), *credit.refusals(ctx, self)]
        Refused.raise_all(found)
        reservations.reserve(ctx, self)

    @step("取价", "Find prices", source=OrderState.DRAFT, target=OrderState.DRAFT)
    def find_prices(self, ctx: Ctx) -> None:
        """Set each line's price by price lists, else the last price, else the standard one; and the exchange rate."""
        offers.find_prices(ctx, self, self.order_date)
        self.exchange_rate = offers.exchange_rate(ctx, self, self.order_date)

    @step(
        "特批",
        "Release",
        source=OrderState.SUBMITTED,
        target=OrderState.SUBMITTED,
        by="sales.release",
        words={"reason": ("原因", "Reason")},
    )
    def release(self, ctx: Ctx, reason: str) -> None:
        """Let it be confirmed whatever the price lists and the credit say; a submitted order is changed no more."""
        self.release_reason = reason

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
