"""`lotTrace`: one lot back to raw lots, work, machines and inspections, and forward to every customer, in one query.

It is for whoever reads the whole ledger of lots; work, inspections and deliveries are told to whoever reads those
whole.
"""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from graph_schema.custom.asking import ask
from graph_schema.plain import Asked
from graph_schema.scalars import Date, Decimal
from hub.context import Ctx, Viewer
from hub.document.edit import company_of
from hub.document.registry import spec
from hub.document.rows import open_types, whole_types
from hub.errors import Forbidden, problem
from hub.ledgers import tracing


@strawberry.type(name="TracedPart", description="经由批次与数量 · A lot next to it, and how much of it")
class TracedPart:
    """An edge."""

    lot: str = strawberry.field(description="批次 · Lot")
    quantity: Decimal = strawberry.field(description="数量 · Quantity")


@strawberry.type(name="TracedLot", description="谱系中的批次 · A lot of the story")
class TracedLot:
    """A lot."""

    lot: str = strawberry.field(description="批次 · Lot")
    item: str = strawberry.field(description="存货编码 · Code of the item")
    item_name: str = strawberry.field(description="存货 · The item")
    distance: int = strawberry.field(description="步数 · Steps away; 0 is the lot that was asked for")
    by: list[TracedPart] = strawberry.field(description="经由 · The lots one step nearer, with the quantities")
    supplier: str | None = strawberry.field(description="供应商 · Supplier")
    supplier_lot: str | None = strawberry.field(description="供应商批号 · Supplier's lot")
    origin_date: Date | None = strawberry.field(description="生产/到货日期 · Made or received on")
    status: str = strawberry.field(description="批次状态 · released or on_hold")
    on_hand: Decimal = strawberry.field(description="现存量 · Still in stock")


@strawberry.type(name="TracedWork", description="生产记录 · Work on the orders that made the lots")
class TracedWork:
    """What a person reported of an order: where, how many, how long; an order without work is told once, alone."""

    production_order: str = strawberry.field(description="生产订单 · Production order")
    work_centre: str | None = strawberry.field(description="工作中心（机台）· Work centre: the machine")
    mould: str | None = strawberry.field(description="模具 · Mould")
    work_date: Date | None = strawberry.field(description="日期 · Day")
    employee: str | None = strawberry.field(description="操作工 · Operator")
    employee_name: str | None = strawberry.field(description="姓名 · The operator's name")
    operation: str | None = strawberry.field(description="工序 · Operation")
    lot: str | None = strawberry.field(description="批次 · Lot, where the report names one")
    good_quantity: Decimal | None = strawberry.field(description="合格数量 · Good pieces")
    scrap_quantity: Decimal | None = strawberry.field(description="报废数量 · Scrapped pieces")
    hours: Decimal | None = strawberry.field(description="工时 · Hours")


@strawberry.type(name="TracedInspection", description="检验 · An inspection of the lots or of their orders")
class TracedInspection:
    """An inspection."""

    inspection: str = strawberry.field(description="检验单 · Inspection")
    kind: str = strawberry.field(description="检验类型 · Kind")
    inspection_date: Date = strawberry.field(description="日期 · Day")
    lot: str | None = strawberry.field(description="批次 · Lot")
    disposition: str | None = strawberry.field(description="处置 · Disposition")
    inspected_quantity: Decimal = strawberry.field(description="检验数量 · Inspected")
    defective_quantity: Decimal = strawberry.field(description="不合格数量 · Defective")


@strawberry.type(name="TracedValue", description="测量值 · A value measured in making or inspecting")
class TracedValue:
    """A process value; `source` names the inspection it was measured in (devices will name themselves)."""

    name: str = strawberry.field(description="项目 · What was measured")
    value: Decimal = strawberry.field(description="值 · Value")
    unit: str | None = strawberry.field(description="单位 · Unit")
    passed: bool | None = strawberry.field(description="合格 · Within its limits")
    source: str = strawberry.field(description="来源 · Where it was measured")


@strawberry.type(name="TracedDelivery", description="去向 · What of it went to a customer")
class TracedDelivery:
    """A delivery of one lot."""

    customer: str = strawberry.field(description="客户编码 · Code of the customer")
    customer_name: str = strawberry.field(description="客户 · The customer")
    delivery: str = strawberry.field(description="送货单 · Delivery")
    delivery_date: Date = strawberry.field(description="发货日期 · Shipped on")
    lot: str = strawberry.field(description="批次 · Lot")
    item: str = strawberry.field(description="存货编码 · Code of the item")
    quantity: Decimal = strawberry.field(description="数量 · Quantity")
    returned: Decimal = strawberry.field(description="已退 · Returned of it")


@strawberry.type(name="LotTrace", description="批次追溯 · A lot's story, back and forward")
class LotTrace:
    """The story; a part that the viewer may not read whole is null."""

    lot: TracedLot
    made_from: list[TracedLot] = strawberry.field(description="用料批次 · What it was made from, nearest first")
    made_into: list[TracedLot] = strawberry.field(description="去向批次 · What it went into, nearest first")
    work: list[TracedWork] | None = strawberry.field(description="生产 · Who made them, where")
    inspections: list[TracedInspection] | None = strawberry.field(description="检验 · Inspections")
    process_values: list[TracedValue] | None = strawberry.field(description="测量值 · Measured values")
    deliveries: list[TracedDelivery] | None = strawberry.field(description="客户 · The customers who got it")


Code = Annotated[str, strawberry.argument(description="批次编码 · Code of the lot")]


async def lot_trace(info: strawberry.Info[Asked, None], lot: Code) -> LotTrace | None:
    """The story of a lot of the viewer's company; null when there is no such lot."""
    viewer = info.context.viewer
    if not (viewer.may(spec("LotOrigin").access.read) and viewer.may(spec("Lot").access.read)):
        raise Forbidden(problem("FORBIDDEN", "您没有查看批次的权限。", "You may not read lots.", "lotTrace"))
    if not {"Lot", "Item"} <= set(whole_types(viewer.permissions)):
        return None

    def read(ctx: Ctx) -> tracing.Story | None:
        company_id = company_of(ctx)
        return None if company_id is None else tracing.story(ctx, company_id, lot)

    found = await ask(viewer, read)
    return None if found is None else _told(found, viewer)


def _told(found: tracing.Story, viewer: Viewer) -> LotTrace:
    """The parts that the viewer may read whole."""
    whole = {*whole_types(viewer.permissions), *open_types(viewer.permissions)}
    works, inspects = {"ProductionOrder", "HoursEntry", "Employee"} <= whole, "Inspection" in whole
    ships = {"Delivery", "Customer"} <= whole
    supplies = "Supplier" in whole
    return LotTrace(
        lot=_lot(tracing.Traced(found.lot, 0, ()), supplies),
        made_from=[_lot(one, supplies) for one in found.made_from],
        made_into=[_lot(one, supplies) for one in found.made_into],
        work=[_filled(TracedWork, row) for row in found.work] if works else None,
        inspections=[_filled(TracedInspection, row, inspection=row.number) for row in found.inspections]
        if inspects
        else None,
        process_values=[_filled(TracedValue, row, source=row.inspection) for row in found.values] if inspects else None,
        deliveries=[_filled(TracedDelivery, row) for row in found.deliveries] if ships else None,
    )


def _lot(one: tracing.Traced, supplies: bool) -> TracedLot:
    by = [TracedPart(lot=lot, quantity=Decimal(quantity)) for lot, quantity in one.by]
    supplier = one.lot.supplier_name if supplies else None
    told: TracedLot = _filled(TracedLot, one.lot, lot=one.lot.code, distance=one.distance, by=by, supplier=supplier)
    return told


def _filled(kind: Any, row: Any, **more: Any) -> Any:
    """An object of a kind: its fields from a row by their names, but for those given."""
    names = [one.name for one in kind.__strawberry_definition__.fields]
    return kind(**{name: more[name] if name in more else getattr(row, name) for name in names})
