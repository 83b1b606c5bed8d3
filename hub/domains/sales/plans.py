"""What we expect and mean to sell, held against what was ordered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, extract, func, or_, select
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
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
    own_department,
    step,
    today,
    written_by_me,
)
from hub.document.fields import DerivedSQL, Tables
from hub.errors import Invalid
from hub.ledgers import sold
from hub.rules.validity import crossed

if TYPE_CHECKING:
    from hub.domains.items import Item, ItemCategory
    from hub.domains.organization import Department
    from hub.domains.parties import Customer
    from hub.domains.people import Employee

_COUNTED = ("confirmed", "closed")


class SalesPlanState(Choice):
    """What has been decided about a plan."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    APPROVED = "approved", "已批准", "Approved"
    CLOSED = "closed", "已关闭", "Closed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


def _actual(what: str) -> DerivedSQL:
    """What was ordered in a line's month by its customer, of its item, through its salesperson; any where empty."""

    def sql(row: FromClause, tables: Tables) -> ColumnElement[Any]:
        line, order, plan = tables("SalesOrderLine"), tables("SalesOrder"), tables("SalesPlan")
        year, company = (
            select(plan.c[name]).where(plan.c.id == row.c.sales_plan_id).correlate(row).scalar_subquery()
            for name in ("year", "company_id")
        )
        value = line.c.quantity if what == "quantity" else func.round(line.c.amount * order.c.exchange_rate, 2)
        first = func.make_date(year, row.c.month, 1)
        total = select(func.coalesce(func.sum(value), 0))
        total = total.select_from(line.join(order, order.c.id == line.c.sales_order_id))
        total = total.where(
            order.c.company_id == company,
            order.c.state.in_(_COUNTED),
            order.c.order_date >= first,
            order.c.order_date < first + func.make_interval(0, 1),
            or_(row.c.customer_id.is_(None), order.c.customer_id == row.c.customer_id),
            or_(row.c.item_id.is_(None), line.c.item_id == row.c.item_id),
            or_(row.c.sales_rep_id.is_(None), order.c.sales_rep_id == row.c.sales_rep_id),
        )
        return total.correlate(row).scalar_subquery()

    return sql


def _achieved(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """Actual of planned amount, in percent."""
    return 100 * _actual("amount")(row, tables) / func.nullif(row.c.amount, 0)


class SalesPlanLine(Line, label=("销售计划明细", "Sales plan line"), of="SalesPlan"):
    """A goal for a month: of a customer, an item or a salesperson, or for whatever is left empty."""

    month: Mapped[int] = field("月份", "Month", minimum=1, maximum=12)
    customer: Mapped[Customer | None] = link("客户", "Customer")
    item: Mapped[Item | None] = link("存货", "Item")
    sales_rep: Mapped[Employee | None] = link("业务员", "Sales representative")
    quantity: Mapped[Quantity] = field("计划数量", "Planned quantity", default=Decimal(0), minimum=0)
    amount: Mapped[Money] = field("计划金额", "Planned amount", default=Decimal(0), unit="currency", minimum=0)
    actual_quantity: Mapped[Quantity] = derived("实际数量", "Actual quantity", _actual("quantity"))
    actual_amount: Mapped[Money] = derived("实际金额", "Actual amount", _actual("amount"), unit="currency")
    achieved: Mapped[Percent] = derived("完成率", "Achieved", _achieved, unit="%")


class SalesPlan(
    Document,
    label=("销售计划", "Sales plan"),
    series=Series("SP-{yyyy}-{seq:04}"),
    access=Access(
        read="sales.read",
        write="sales.write",
        rows=only(own_department("department"), mine("sales_rep"), written_by_me(), unless="sales.all"),
    ),
):
    """What we mean to sell in a year, month by month; each line tells what was ordered of it."""

    state: Mapped[SalesPlanState] = field("状态", "State", default=SalesPlanState.DRAFT)
    plan_date: Mapped[date] = field("编制日期", "Date", default=today, index=True)
    year: Mapped[int] = field("年度", "Year", minimum=1, maximum=9999)
    department: Mapped[Department | None] = link("部门", "Department")
    sales_rep: Mapped[Employee | None] = link("业务员", "Sales representative")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[SalesPlanLine]] = lines("明细", "Lines", at_least=1)

    @step("提交", "Submit", source=SalesPlanState.DRAFT, target=SalesPlanState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Hand the plan over for approval."""

    @step("批准", "Approve", source=SalesPlanState.SUBMITTED, target=SalesPlanState.APPROVED)
    def approve(self, ctx: Ctx) -> None:
        """It is what we mean to do."""

    @step("关闭", "Close", source=SalesPlanState.APPROVED, target=SalesPlanState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """The year is over."""

    @step("取消", "Cancel", source=(SalesPlanState.DRAFT, SalesPlanState.SUBMITTED), target=SalesPlanState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Take the plan back; it can be amended."""


class ForecastState(Choice):
    """What has been decided about a forecast."""

    DRAFT = "draft", "草稿", "Draft"
    APPROVED = "approved", "已批准", "Approved"
    CLOSED = "closed", "已关闭", "Closed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class ForecastMethod(Choice):
    """How a forecast was found."""

    JUDGEMENT = "judgement", "经验判断", "Judgement"
    HISTORY = "history", "历史推算", "History"
    SURVEY = "survey", "市场调研", "Survey"


def _ordered_in_month(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What was ordered of the line's item in its month; of all items where it names none."""
    line, order, head = tables("SalesOrderLine"), tables("SalesOrder"), tables("MarketForecast")
    company = select(head.c.company_id).where(head.c.id == row.c.market_forecast_id).correlate(row).scalar_subquery()
    total = select(func.coalesce(func.sum(line.c.quantity), 0))
    total = total.select_from(line.join(order, order.c.id == line.c.sales_order_id))
    total = total.where(
        order.c.company_id == company,
        order.c.state.in_(_COUNTED),
        extract("year", order.c.order_date) == extract("year", row.c.month),
        extract("month", order.c.order_date) == extract("month", row.c.month),
        or_(row.c.item_id.is_(None), line.c.item_id == row.c.item_id),
    )
    return total.correlate(row).scalar_subquery()


class MarketForecastLine(Line, label=("市场预测明细", "Market forecast line"), of="MarketForecast"):
    """What may be sold of an item in a month, and how probably."""

    month: Mapped[date] = field("月份", "Month")
    item: Mapped[Item | None] = link("存货", "Item", inverse=("forecast_lines", "市场预测", "Forecasts"))
    item_category: Mapped[ItemCategory | None] = link("存货分类", "Item category")
    region: Mapped[str | None] = field("地区", "Region")
    quantity: Mapped[Quantity] = field("预测数量", "Quantity", minimum=0)
    unit_price: Mapped[Price] = field("预计单价", "Unit price", default=Decimal(0), unit="currency", minimum=0)
    probability: Mapped[Percent] = field("概率", "Probability", default=Decimal(100), unit="%", minimum=0, maximum=100)
    actual_quantity: Mapped[Quantity] = derived("实际数量", "Actual quantity", _ordered_in_month)


class MarketForecast(
    Document,
    label=("市场快速分析预测表", "Market forecast"),
    series=Series("MF-{yyyy}{mm}-{seq:04}"),
    access=Access(
        read="sales.read",
        write="sales.write",
        rows=only(own_department("department"), written_by_me(), unless="sales.all"),
    ),
):
    """What the market may take in the months to come; production plans from those that are approved."""

    state: Mapped[ForecastState] = field("状态", "State", default=ForecastState.DRAFT)
    forecast_date: Mapped[date] = field("日期", "Date", default=today, index=True)
    period_from_date: Mapped[date] = field("预测期起", "From")
    period_until_date: Mapped[date] = field("预测期止", "Until")
    department: Mapped[Department | None] = link("部门", "Department")
    method: Mapped[ForecastMethod] = field("方法", "Method", default=ForecastMethod.JUDGEMENT)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[MarketForecastLine]] = lines("明细", "Lines", at_least=1)

    def prepare(self) -> None:
        """A month is told by its first day."""
        Invalid.raise_all(crossed(self.period_from_date, self.period_until_date, "periodUntilDate"))
        for line in self.lines:
            line.month = line.month.replace(day=1)

    @step("按历史推算", "Foresee", source=ForecastState.DRAFT, target=ForecastState.DRAFT)
    def foresee(self, ctx: Ctx) -> None:
        """Set each line's quantity by what was ordered of its item in the months before the forecast's day."""
        sold.foresee(ctx, self.company_id, self.lines, self.forecast_date)  # type: ignore[attr-defined]  # of the base
        self.method = ForecastMethod.HISTORY

    @step("批准", "Approve", source=ForecastState.DRAFT, target=ForecastState.APPROVED)
    def approve(self, ctx: Ctx) -> None:
        """Plan by it."""

    @step("关闭", "Close", source=ForecastState.APPROVED, target=ForecastState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """Plan by it no more."""

    @step("取消", "Cancel", source=ForecastState.DRAFT, target=ForecastState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """It was wrong; it can be amended."""
