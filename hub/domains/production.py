"""What we make: production orders, whom they serve, what they need."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, case, func, or_, select
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Document,
    Line,
    Percent,
    Quantity,
    Series,
    Value,
    derived,
    field,
    lines,
    link,
    step,
)
from hub.document.derive import followed_by, share_of
from hub.document.fields import DerivedSQL, Tables
from hub.errors import Problem
from hub.ledgers import order_operations, order_versions
from hub.ledgers.backflush import IssueMethod

if TYPE_CHECKING:
    from hub.domains.design import Bom, Operation, ProductDesign, Routing
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.people import Employee
    from hub.domains.planning import ProductionPlan
    from hub.domains.plant import Site, WorkCentre
    from hub.domains.sales import SalesOrderLine
    from hub.domains.warehouse import Lot


class ProductionState(Choice):
    """What has been decided about a production order; started and completed are progress."""

    PLANNED = "planned", "已计划", "Planned"
    RELEASED = "released", "已下达", "Released"
    PAUSED = "paused", "已暂停", "Paused"
    CLOSED = "closed", "已关闭", "Closed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


def _reported(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """The good pieces reported at the order's last operation, or without operations at all."""
    line, report, done, any_ = (
        tables(name)
        for name in (
            "OperationReportLine",
            "OperationReport",
            "ProductionOrderOperation",
            "ProductionOrderOperation",
        )
    )
    last = select(func.max(any_.c.sequence)).where(any_.c.production_order_id == row.c.id).correlate(row)
    good = (
        select(func.coalesce(func.sum(line.c.good_quantity), 0))
        .select_from(
            line.join(report, report.c.id == line.c.operation_report_id).outerjoin(
                done, done.c.id == line.c.order_operation_id
            )
        )
        .where(
            report.c.production_order_id == row.c.id,
            report.c.state == "posted",
            or_(done.c.id.is_(None), done.c.sequence == last.scalar_subquery()),
        )
    )
    return good.correlate(row).scalar_subquery()


def _inspected(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    inspection = tables("Inspection")
    total = select(func.coalesce(func.sum(inspection.c.inspected_quantity), 0)).where(
        inspection.c.production_order_id == row.c.id, inspection.c.state == "confirmed"
    )
    return total.correlate(row).scalar_subquery()


def _stored(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    line, receipt = tables("ProductReceiptLine"), tables("ProductReceipt")
    total = (
        select(func.coalesce(func.sum(line.c.quantity), 0))
        .select_from(line.join(receipt, receipt.c.id == line.c.product_receipt_id))
        .where(receipt.c.production_order_id == row.c.id, receipt.c.state == "posted")
    )
    return total.correlate(row).scalar_subquery()


def _taken(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What was issued of a material, as it is kept."""
    return row.c.issued_quantity


_issued = share_of("ProductionOrderMaterial", _taken, of="production_order", wanted="required_quantity")


def _done(column: str) -> DerivedSQL:
    """What posted reports say of an operation."""
    return followed_by(
        "OperationReportLine", column, of="order_operation", document="OperationReport", states=("posted",)
    )


def _published(column: str) -> DerivedSQL:
    """A moment of an operation in the schedule that is in force."""

    def sql(row: FromClause, tables: Tables) -> ColumnElement[Any]:
        run, schedule = tables("ScheduleRun"), tables("Schedule")
        found = (
            select(func.max(run.c[column]))
            .select_from(run.join(schedule, schedule.c.id == run.c.schedule_id))
            .where(run.c.order_operation_id == row.c.id, schedule.c.state == "published")
        )
        return found.correlate(row).scalar_subquery()

    return sql


def _progress(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return case((row.c.quantity > 0, 100 * row.c.completed_quantity / row.c.quantity), else_=0)


class ProductionOrderDemand(
    Line, label=("生产订单需求", "Production order demand"), of="ProductionOrder", collection="demands"
):
    """A customer's order line that this production serves; several may share one run."""

    order_line: Mapped[SalesOrderLine] = link(
        "客户订单行", "Sales order line", inverse=("production_demands", "生产订单", "Production orders")
    )
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)


class ProductionOrderMaterial(
    Line, label=("生产订单用料", "Production order material"), of="ProductionOrder", collection="materials"
):
    """A material the production needs and what has been issued of it."""

    item: Mapped[Item] = link("物料", "Material", inverse=("used_in", "用于生产", "Used in production"))
    operation: Mapped[Operation | None] = link("工序", "Operation")
    issue_method: Mapped[IssueMethod] = field("发料方式", "How it is issued", default=IssueMethod.ISSUE)
    lot: Mapped[Lot | None] = link("指定批次", "Lot")
    required_quantity: Mapped[Quantity] = field("应领数量", "Required quantity", minimum=0)
    issued_quantity: Mapped[Quantity] = field("已领数量", "Issued quantity", default=Decimal(0), minimum=0)


class ProductionOrderOperation(
    Line, label=("生产订单工序", "Production order operation"), of="ProductionOrder", collection="operations"
):
    """An operation of the order, as its routing says: where, with which mould, how long, and what is done of it."""

    sequence: Mapped[int] = field("工序号", "Sequence", minimum=0)
    operation: Mapped[Operation | None] = link(
        "工序", "Operation", inverse=("order_operations", "生产订单工序", "Operations of orders")
    )
    work_centre: Mapped[WorkCentre | None] = link("工作中心", "Work centre")
    mould: Mapped[Code | None] = field("模具", "Mould")
    setup_minutes: Mapped[Value] = field("换型时间", "Set-up", default=Decimal(0), unit="min", minimum=0)
    run_minutes: Mapped[Value] = field("单件工时", "Minutes a piece", default=Decimal(0), unit="min", minimum=0)
    planned_start_at: Mapped[datetime | None] = derived("计划开始", "Planned start", _published("starts_at"))
    planned_finish_at: Mapped[datetime | None] = derived("计划完成", "Planned finish", _published("finishes_at"))
    good_quantity: Mapped[Quantity] = derived("合格数量", "Good quantity", _done("good_quantity"), filterable=True)
    scrap_quantity: Mapped[Quantity] = derived("报废数量", "Scrap quantity", _done("scrap_quantity"))


class ProductionOrder(
    Document,
    label=("生产订单", "Production order"),
    series=Series("MO-{yyyy}{mm}-{seq:05}"),
    access=Access(read="production.read", write="production.write"),
):
    """An instruction to make a quantity of an item by a date."""

    state: Mapped[ProductionState] = field("状态", "State", default=ProductionState.PLANNED)
    item: Mapped[Item] = link("产品", "Item", inverse=("production_orders", "生产订单", "Production orders"))
    quantity: Mapped[Quantity] = field("计划数量", "Quantity", minimum=0)
    completed_quantity: Mapped[Quantity] = field(
        "完工数量", "Completed quantity", default=Decimal(0), minimum=0, editable_in=ANY_STATE
    )
    scrap_quantity: Mapped[Quantity] = field(
        "报废数量", "Scrap quantity", default=Decimal(0), minimum=0, editable_in=ANY_STATE
    )
    planned_start_date: Mapped[date | None] = field("计划开工", "Planned start")
    planned_finish_date: Mapped[date | None] = field("计划完工", "Planned finish", index=True)
    finished_date: Mapped[date | None] = field("实际完工", "Finished", editable_in=ANY_STATE)
    product_design: Mapped[ProductDesign | None] = link(
        "产品设计",
        "Product design",
        editable_in=ANY_STATE,
        inverse=("production_orders", "生产订单", "Production orders"),
    )
    bom: Mapped[Bom | None] = link(
        "物料清单",
        "Bill of material",
        editable_in=ANY_STATE,
        inverse=("production_orders", "生产订单", "Production orders"),
    )
    routing: Mapped[Routing | None] = link(
        "工艺设计", "Routing", editable_in=ANY_STATE, inverse=("production_orders", "生产订单", "Production orders")
    )
    mould: Mapped[Code | None] = field("模具", "Mould")
    work_centre: Mapped[Code | None] = field("工作中心", "Work centre")
    site: Mapped[Site | None] = link("厂区", "Site", inverse=("production_orders", "生产订单", "Production orders"))
    batch_number: Mapped[Code | None] = field("生产批号", "Batch number")
    production_plan: Mapped[ProductionPlan | None] = link(
        "生产计划", "Production plan", inverse=("production_orders", "生产订单", "Production orders")
    )
    priority: Mapped[int] = field("优先级", "Priority", default=5)
    planner: Mapped[Employee | None] = link("计划员", "Planner")
    department: Mapped[Department | None] = link("部门", "Department")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    demands: Mapped[list[ProductionOrderDemand]] = lines("服务的订单行", "Demands")
    materials: Mapped[list[ProductionOrderMaterial]] = lines("用料", "Materials")
    operations: Mapped[list[ProductionOrderOperation]] = lines("工序", "Operations")
    issued: Mapped[Percent] = derived("已领料", "Issued", _issued, unit="%")
    reported: Mapped[Quantity] = derived("已报工", "Reported", _reported, filterable=True)
    inspected: Mapped[Quantity] = derived("已检验", "Inspected", _inspected, filterable=True)
    stored: Mapped[Quantity] = derived("已入库", "Stored", _stored, filterable=True)
    progress: Mapped[Percent] = derived("进度", "Progress", _progress, unit="%", filterable=True)

    def check(self, ctx: Ctx) -> Iterable[Problem]:
        """A new order is made by its item's current versions unless it names others; lines follow bill and routing."""
        found = order_versions.follow(ctx, self)
        if not found:
            order_operations.follow(ctx, self)
        return found

    @step(
        "下达",
        "Release",
        source=(ProductionState.PLANNED, ProductionState.PAUSED),
        target=ProductionState.RELEASED,
    )
    def release(self, ctx: Ctx) -> None:
        """Let the workshop begin, or go on."""

    @step("暂停", "Pause", source=ProductionState.RELEASED, target=ProductionState.PAUSED)
    def pause(self, ctx: Ctx) -> None:
        """Hold the work."""

    @step("关闭", "Close", source=(ProductionState.RELEASED, ProductionState.PAUSED), target=ProductionState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """No more will be made on this order."""

    @step("取消", "Cancel", source=ProductionState.PLANNED, target=ProductionState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Never mind; nothing had begun."""
