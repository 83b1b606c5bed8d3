"""What is to be made and bought, and when which machine makes it: the requirements run and the finite schedule.

Both are documents that a step calculates by the rules (`hub.rules.planning`, `hub.rules.schedule`) and another puts
into force. A calculated one may be calculated again; what is in force is never changed, a newer one takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Document,
    Line,
    Quantity,
    Series,
    Value,
    field,
    lines,
    link,
    step,
    today,
)
from hub.errors import Invalid, Problem, problem
from hub.ledgers import requirements, shop_floor

if TYPE_CHECKING:
    from hub.domains.design import Operation
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.people import Employee
    from hub.domains.plant import Shift, Site, WorkCentre
    from hub.domains.production import ProductionOrder, ProductionOrderOperation
    from hub.domains.sales import MarketForecastLine, SalesOrderLine

_PLANNING = Access(read="production.read", write="production.plan")


def _in_a_month() -> date:
    return today() + timedelta(days=30)


def _crossed(document: ProductionPlan | Schedule) -> Iterator[Problem]:
    if document.until_date < document.from_date:
        words = "截止日期早于开始日期。", "It would end before it begins."
        yield problem("BOUNDS_CROSSED", *words, "untilDate")


class PlanState(Choice):
    """What has been decided about a production plan."""

    DRAFT = "draft", "草稿", "Draft"
    CALCULATED = "calculated", "已运算", "Calculated"
    APPROVED = "approved", "已批准", "Approved"
    CLOSED = "closed", "已关闭", "Closed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class PlanSource(Choice):
    """What a plan is made for."""

    ORDERS = "orders", "订单", "Orders"
    FORECAST = "forecast", "预测", "Forecast"
    BOTH = "both", "订单与预测", "Orders and forecast"


class DemandKind(Choice):
    """Why something is needed."""

    MANUAL = "manual", "手工录入", "By hand"
    SALES_ORDER = "sales_order", "客户订单", "Sales order"
    FORECAST = "forecast", "市场预测", "Forecast"
    PRODUCTION = "production", "生产用料", "Material of an order"
    SAFETY_STOCK = "safety_stock", "安全库存", "Safety stock"
    STOCK = "stock", "备库", "Stock"


class ProposalKind(Choice):
    """What a plan proposes to do."""

    PRODUCTION = "production", "生产", "Make"
    PURCHASE = "purchase", "采购", "Buy"
    EXPEDITE = "expedite", "提前", "Expedite"
    POSTPONE = "postpone", "推迟", "Postpone"
    SURPLUS = "surplus", "多余", "Surplus"


class ProductionPlanLine(Line, label=("生产计划明细", "Production plan line"), of="ProductionPlan"):
    """A quantity that is needed; those entered by hand stay when the plan is calculated again."""

    item: Mapped[Item] = link("存货", "Item", inverse=("plan_lines", "计划需求", "Planned needs"))
    demand_kind: Mapped[DemandKind] = field("需求来源", "Kind of need", default=DemandKind.MANUAL, computed=True)
    sales_order_line: Mapped[SalesOrderLine | None] = link(
        "客户订单行", "Sales order line", inverse=("plan_lines", "生产计划", "Production plans")
    )
    market_forecast_line: Mapped[MarketForecastLine | None] = link(
        "市场预测行", "Market forecast line", inverse=("plan_lines", "生产计划", "Production plans")
    )
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    needed_date: Mapped[date] = field("需求日期", "Needed on", default=today)
    expected_date: Mapped[date | None] = field("可满足日期", "Expected on", computed=True)


class ProductionPlanProposal(
    Line, label=("生产计划建议", "Production plan proposal"), of="ProductionPlan", collection="proposals"
):
    """Something to make, to buy, or to do about what is under way; approval carries out what is accepted."""

    item: Mapped[Item] = link("存货", "Item", inverse=("plan_proposals", "计划建议", "Proposals of plans"))
    kind: Mapped[ProposalKind] = field("建议", "Kind", default=ProposalKind.PRODUCTION)
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    start_date: Mapped[date | None] = field("开始日期", "Start")
    due_date: Mapped[date] = field("完成日期", "Due", default=today)
    needed_date: Mapped[date | None] = field("需求日期", "Needed on")
    expected_date: Mapped[date | None] = field("预计可用日期", "Expected on")
    sales_order_line: Mapped[SalesOrderLine | None] = link("客户订单行", "Sales order line")
    parent_item: Mapped[Item | None] = link("用于产品", "Goes into")
    reason: Mapped[str | None] = field("原因", "Reason")
    accepted: Mapped[bool] = field("采纳", "Accepted", default=True)


class ProductionPlanPeg(Line, label=("计划追溯", "Plan peg"), of="ProductionPlan", collection="pegs"):
    """For whom a proposal is: so much of it serves an order line, a forecast or the stock in the end."""

    proposal: Mapped[ProductionPlanProposal | None] = link(
        "计划建议", "Proposal", inverse=("pegs", "服务对象", "Serves")
    )
    demand_kind: Mapped[DemandKind] = field("需求来源", "Kind of need", default=DemandKind.STOCK)
    sales_order_line: Mapped[SalesOrderLine | None] = link(
        "客户订单行", "Sales order line", inverse=("plan_pegs", "计划供应", "Planned supply")
    )
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)


class ProductionPlan(
    Document, label=("生产计划", "Production plan"), series=Series("PP-{yyyy}{mm}-{seq:04}"), access=_PLANNING
):
    """A requirements run: nets stock and open orders, explodes bills of material, proposes what to make and buy.

    Approval makes production orders and a purchase request of the accepted proposals.
    """

    state: Mapped[PlanState] = field("状态", "State", default=PlanState.DRAFT)
    plan_date: Mapped[date] = field("计划日期", "Plan date", default=today, index=True)
    from_date: Mapped[date] = field("开始日期", "From", default=today)
    until_date: Mapped[date] = field("截止日期", "Until", default=_in_a_month)
    source: Mapped[PlanSource] = field("需求来源", "Made for", default=PlanSource.BOTH)
    department: Mapped[Department | None] = link("部门", "Department")
    planner: Mapped[Employee | None] = link("计划员", "Planner")
    calculated_at: Mapped[datetime | None] = field("运算时间", "Calculated at", computed=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    proposals: Mapped[list[ProductionPlanProposal]] = lines("建议", "Proposals")
    pegs: Mapped[list[ProductionPlanPeg]] = lines("追溯", "Pegs")
    lines: Mapped[list[ProductionPlanLine]] = lines("需求", "Needs")

    def prepare(self) -> None:
        """A plan ends after it begins."""
        Invalid.raise_all(_crossed(self))

    @step("运算", "Calculate", source=(PlanState.DRAFT, PlanState.CALCULATED), target=PlanState.CALCULATED)
    def calculate(self, ctx: Ctx) -> None:
        """Net what is needed against what there is and what is under way; propose the rest, level by level."""
        requirements.calculate(ctx, self)

    @step(
        "调整建议",
        "Decide",
        source=PlanState.CALCULATED,
        target=PlanState.CALCULATED,
        words={
            "position": ("行号", "Position"),
            "accepted": ("采纳", "Accepted"),
            "quantity": ("数量", "Quantity"),
        },
    )
    def decide(self, ctx: Ctx, position: int, accepted: bool, quantity: Decimal | None = None) -> Iterator[Problem]:
        """Take a proposal up or leave it out, with another quantity where one is given."""
        one = next((line for line in self.proposals if line.position == position), None)
        if one is None:
            words = f"没有第 {position} 行建议。", f"There is no proposal {position}."
            hint = ("请刷新后重试。", "Reload and try again.")
            yield problem("PROPOSAL_UNKNOWN", *words, "position", hint=hint)
        elif quantity is not None and quantity <= 0:
            yield problem("QUANTITY_NOT_POSITIVE", "数量必须大于零。", "The quantity must be above zero.", "quantity")
        else:
            one.accepted, one.quantity = accepted, quantity or one.quantity

    @step("批准", "Approve", source=PlanState.CALCULATED, target=PlanState.APPROVED)
    def approve(self, ctx: Ctx) -> Iterator[Problem]:
        """Carry out the accepted proposals; after another plan was approved, calculate again first."""
        yield from requirements.outdated(ctx, self)

    @step("关闭", "Close", source=PlanState.APPROVED, target=PlanState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """It is history."""

    @step("取消", "Cancel", source=(PlanState.DRAFT, PlanState.CALCULATED), target=PlanState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Never mind."""


class ScheduleState(Choice):
    """What has been decided about a schedule."""

    DRAFT = "draft", "草稿", "Draft"
    CALCULATED = "calculated", "已排产", "Calculated"
    PUBLISHED = "published", "已发布", "Published"
    SUPERSEDED = "superseded", "已替换", "Superseded"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class ScheduleMethod(Choice):
    """Whether alike orders run by themselves or together."""

    SINGLE = "single", "逐单", "Order by order"
    MIXED = "mixed", "混单", "Mixed orders"


class ScheduleStop(Line, label=("停机计划", "Schedule stop"), of="Schedule", collection="stops"):
    """A time in which a work centre or a mould cannot be used: breakdown, maintenance, repair."""

    work_centre: Mapped[WorkCentre | None] = link("工作中心", "Work centre")
    mould: Mapped[Code | None] = field("模具", "Mould")
    starts_at: Mapped[datetime] = field("开始时间", "Starts at")
    finishes_at: Mapped[datetime] = field("结束时间", "Finishes at")
    reason: Mapped[str | None] = field("原因", "Reason")


class ScheduleRun(Line, label=("排产明细", "Schedule run"), of="Schedule", collection="runs"):
    """A bar of the Gantt chart: an operation of an order on a work centre, from when to when, and how late it is."""

    production_order: Mapped[ProductionOrder | None] = link(
        "生产订单", "Production order", inverse=("schedule_runs", "排产", "Scheduled")
    )
    order_operation: Mapped[ProductionOrderOperation | None] = link(
        "订单工序", "Operation of the order", on_delete="SET NULL", inverse=("schedule_runs", "排产", "Scheduled")
    )
    operation: Mapped[Operation | None] = link("工序", "Operation")
    work_centre: Mapped[WorkCentre] = link("工作中心", "Work centre", inverse=("schedule_runs", "排产", "Scheduled"))
    lane: Mapped[int] = field("机位", "Lane", default=1, minimum=0)
    mould: Mapped[Code | None] = field("模具", "Mould")
    shift: Mapped[Shift | None] = link("班次", "Shift")
    starts_at: Mapped[datetime] = field("开始时间", "Starts at", index=True)
    finishes_at: Mapped[datetime] = field("结束时间", "Finishes at")
    quantity: Mapped[Quantity] = field("数量", "Quantity", default=Decimal(0), minimum=0)
    setup_minutes: Mapped[Value] = field("换型时间", "Set-up", default=Decimal(0), unit="min", minimum=0)
    run_minutes: Mapped[Value] = field("加工时间", "Run", default=Decimal(0), unit="min", minimum=0)
    changeover: Mapped[bool] = field("换模", "Changeover", default=False)
    locked: Mapped[bool] = field("锁定", "Locked", default=False)
    away: Mapped[bool] = field("异地", "At another site", default=False)
    late_minutes: Mapped[int] = field("延误", "Late", default=0, unit="min", minimum=0)
    reason: Mapped[str | None] = field("延误原因", "Why late")
    reason_code: Mapped[Code | None] = field("延误原因代码", "Code of the reason")
    cause: Mapped[str | None] = field("延误起因", "What makes it late")
    proposal: Mapped[str | None] = field("改善建议", "What would help")


class Schedule(Document, label=("排产", "Schedule"), series=Series("SC-{yyyy}{mm}-{seq:04}"), access=_PLANNING):
    """A finite-capacity schedule of the open orders' operations; its runs are the Gantt chart.

    It begins with the published one: what has begun goes on, what no stop and no new order touches stays.
    """

    state: Mapped[ScheduleState] = field("状态", "State", default=ScheduleState.DRAFT)
    from_date: Mapped[date] = field("开始日期", "From", default=today, index=True)
    until_date: Mapped[date] = field("截止日期", "Until", default=_in_a_month)
    site: Mapped[Site | None] = link("厂区", "Site")
    planner: Mapped[Employee | None] = link("计划员", "Planner")
    method: Mapped[ScheduleMethod] = field("方法", "Method", default=ScheduleMethod.SINGLE)
    changeover_minutes: Mapped[int] = field("默认换型时间", "Usual changeover", default=30, unit="min", minimum=0)
    transfer_minutes: Mapped[int] = field("厂区间运输", "Between sites", default=240, unit="min", minimum=0)
    from_scratch: Mapped[bool] = field("全部重排", "From scratch", default=False)
    scheduled_at: Mapped[datetime | None] = field("排产时间", "Scheduled at", computed=True)
    left_out: Mapped[str | None] = field("未排订单", "Left out", computed=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    stops: Mapped[list[ScheduleStop]] = lines("停机", "Stops")
    runs: Mapped[list[ScheduleRun]] = lines("排产明细", "Runs")

    def prepare(self) -> None:
        """A schedule ends after it begins, and so does each stop; a stop says what stands still."""
        Invalid.raise_all([*_crossed(self), *self._senseless_stops()])

    def _senseless_stops(self) -> Iterator[Problem]:
        for index, one in enumerate(self.stops):
            if one.finishes_at < one.starts_at:
                words = "结束时间早于开始时间。", "It would end before it begins."
                yield problem("BOUNDS_CROSSED", *words, "stops", str(index), "finishesAt")

    @step(
        "排产",
        "Calculate",
        source=(ScheduleState.DRAFT, ScheduleState.CALCULATED),
        target=ScheduleState.CALCULATED,
    )
    def calculate(self, ctx: Ctx) -> None:
        """Give every open operation a machine and a time."""
        shop_floor.calculate(ctx, self)

    @step(
        "移动",
        "Move",
        source=ScheduleState.CALCULATED,
        target=ScheduleState.CALCULATED,
        words={
            "position": ("行号", "Position"),
            "work_centre": ("工作中心", "Work centre"),
            "starts_at": ("开始时间", "Starts at"),
        },
    )
    def move(self, ctx: Ctx, position: int, starts_at: datetime, work_centre: str | None = None) -> None:
        """Put a run on a work centre from a moment on; what it pushes away finds another place."""
        shop_floor.move(ctx, self, position, starts_at, work_centre)

    @step("发布", "Publish", source=ScheduleState.CALCULATED, target=ScheduleState.PUBLISHED)
    def publish(self, ctx: Ctx) -> None:
        """Let the workshop work by it: the orders take its times, the schedule before it is superseded."""

    @step("替换", "Supersede", source=ScheduleState.PUBLISHED, target=ScheduleState.SUPERSEDED)
    def supersede(self, ctx: Ctx) -> None:
        """A newer one is in force."""

    @step("取消", "Cancel", source=(ScheduleState.DRAFT, ScheduleState.CALCULATED), target=ScheduleState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Never mind."""
