"""What we make: production orders, whom they serve, what they need."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, case
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
    derived,
    field,
    lines,
    link,
    step,
)
from hub.document.fields import Tables
from hub.errors import Problem
from hub.ledgers import order_versions

if TYPE_CHECKING:
    from hub.domains.design import Bom, ProductDesign, Routing
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.people import Employee
    from hub.domains.sales import SalesOrderLine


class ProductionState(Choice):
    """What has been decided about a production order; started and completed are progress."""

    PLANNED = "planned", "已计划", "Planned"
    RELEASED = "released", "已下达", "Released"
    PAUSED = "paused", "已暂停", "Paused"
    CLOSED = "closed", "已关闭", "Closed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


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
    required_quantity: Mapped[Quantity] = field("应领数量", "Required quantity", minimum=0)
    issued_quantity: Mapped[Quantity] = field("已领数量", "Issued quantity", default=Decimal(0), minimum=0)


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
    priority: Mapped[int] = field("优先级", "Priority", default=5)
    planner: Mapped[Employee | None] = link("计划员", "Planner")
    department: Mapped[Department | None] = link("部门", "Department")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    demands: Mapped[list[ProductionOrderDemand]] = lines("服务的订单行", "Demands")
    materials: Mapped[list[ProductionOrderMaterial]] = lines("用料", "Materials")
    progress: Mapped[Percent] = derived("进度", "Progress", _progress, unit="%", filterable=True)

    def check(self, ctx: Ctx) -> Iterable[Problem]:
        """A new order is made by its item's current versions unless it names others; its materials follow its bill."""
        return order_versions.follow(ctx, self)

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
