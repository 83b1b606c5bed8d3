"""What we buy, make, keep and sell, and in which units."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, event, func, inspect, select
from sqlalchemy.orm import Mapped

from hub.document import (
    Access,
    Choice,
    Code,
    Master,
    Name,
    Percent,
    Price,
    Quantity,
    Value,
    derived,
    field,
    link,
    named_by,
    only,
    our_supplier,
)
from hub.document.derive import followed_by, left_of, sum_of
from hub.document.fields import Tables
from hub.ledgers import taxing

if TYPE_CHECKING:
    from hub.domains.design import Bom, ProductDesign, Routing
    from hub.domains.parties import Supplier
    from hub.domains.warehouse import Warehouse

_BASE = Access(read="base.read", write="base.write")
_TRADED = only(
    our_supplier("supplier"),
    named_by("SalesOrderLine", "item"),
    named_by("PurchaseOrderLine", "item"),
    unless="base.all",
)


def _available(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """Stock that may be used and is promised to nobody."""
    entry = tables("StockEntry")
    usable = select(func.coalesce(func.sum(entry.c.quantity), 0)).where(
        entry.c.item_id == row.c.id, entry.c.status == "available"
    )
    reserved = sum_of("StockReservation", "quantity", of="item")(row, tables)
    return usable.correlate(row).scalar_subquery() - reserved


def _incoming(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What confirmed purchase orders still bring."""
    line, order = tables("PurchaseOrderLine"), tables("PurchaseOrder")
    received = followed_by(
        "PurchaseReceiptLine", "quantity", of="order_line", document="PurchaseReceipt", states=("confirmed",)
    )
    open_ = select(func.coalesce(func.sum(left_of(received)(line, tables)), 0)).select_from(
        line.join(order, order.c.id == line.c.purchase_order_id)
    )
    open_ = open_.where(line.c.item_id == row.c.id, order.c.state == "confirmed")
    return open_.correlate(row).scalar_subquery()


class ItemKind(Choice):
    """What an item is to us."""

    RAW = "raw", "原材料", "Raw material"
    SEMI_FINISHED = "semi_finished", "半成品", "Semi-finished"
    FINISHED = "finished", "产成品", "Finished"
    CONSUMABLE = "consumable", "辅料", "Consumable"
    MOULD = "mould", "模具", "Mould"
    SERVICE = "service", "服务", "Service"


class UnitOfMeasure(Master, label=("计量单位档案", "Unit of measure"), access=_BASE, plural="UnitsOfMeasure"):
    """A unit; `factor` converts to the base unit of its dimension."""

    dimension: Mapped[Code] = field("量纲", "Dimension", default="count")
    factor: Mapped[Value] = field("换算系数", "Factor", default=Decimal(1), minimum=0)


class ItemCategory(Master, label=("存货分类档案", "Item category"), access=_BASE):
    """A class of items by nature, use and material; categories form a tree."""

    parent: Mapped[ItemCategory | None] = link(
        "上级分类", "Parent category", inverse=("children", "下级分类", "Categories below")
    )
    kind: Mapped[ItemKind | None] = field("性质", "Kind")
    use: Mapped[Name | None] = field("用途", "Use")
    material: Mapped[Name | None] = field("材质", "Material")


class Item(Master, label=("存货档案", "Item"), access=Access(read="base.read", write="base.write", rows=_TRADED)):
    """Anything that is bought, made, stocked or sold."""

    specification: Mapped[Name | None] = field("规格", "Specification")
    model: Mapped[Name | None] = field("型号", "Model")
    category: Mapped[str | None] = field("分类", "Category")
    item_category: Mapped[ItemCategory | None] = link("存货分类", "Item category", inverse=("items", "存货", "Items"))
    kind: Mapped[ItemKind] = field("性质", "Kind", default=ItemKind.FINISHED)
    lot_tracked: Mapped[bool] = field("批次管理", "Lot tracked", default=False)
    serial_tracked: Mapped[bool] = field("序列号管理", "Serial tracked", default=False)
    shelf_life_days: Mapped[int | None] = field("保质期", "Shelf life", unit="天", minimum=0)
    safety_stock: Mapped[Quantity | None] = field("安全库存", "Safety stock", minimum=0)
    reorder_point: Mapped[Quantity | None] = field("再订货点", "Reorder point", minimum=0)
    lead_time_days: Mapped[int | None] = field("提前期", "Lead time", unit="天", minimum=0)
    minimum_lot: Mapped[Quantity | None] = field("最小批量", "Minimum lot", minimum=0)
    lot_multiple: Mapped[Quantity | None] = field("批量倍数", "Lot multiple", minimum=0)
    standard_cost: Mapped[Price | None] = field(
        "标准成本", "Standard cost", unit="currency", minimum=0, restricted="base.cost"
    )
    list_price: Mapped[Price | None] = field("标准售价", "List price", unit="currency", minimum=0)
    tax_rate: Mapped[Percent | None] = field("税率", "Tax rate", unit="%", minimum=0, maximum=100)
    unit: Mapped[UnitOfMeasure] = link("计量单位", "Unit of measure")
    default_warehouse: Mapped[Warehouse | None] = link("默认仓库", "Default warehouse")
    supplier: Mapped[Supplier | None] = link("主供应商", "Main supplier", inverse=("items", "供应的物料", "Items"))
    current_design: Mapped[ProductDesign | None] = link("现行设计", "Current design", system=True)
    current_bom: Mapped[Bom | None] = link("现行物料清单", "Current bill of material", system=True)
    current_routing: Mapped[Routing | None] = link("现行工艺", "Current routing", system=True)
    on_hand: Mapped[Quantity] = derived(
        "现存量",
        "On hand",
        sum_of("StockEntry", "quantity", of="item"),
        filterable=True,
        restricted="warehouse.all",
    )
    reserved: Mapped[Quantity] = derived(
        "已预留",
        "Reserved",
        sum_of("StockReservation", "quantity", of="item"),
        filterable=True,
        restricted="warehouse.all",
    )
    available: Mapped[Quantity] = derived(
        "可用量", "Available", _available, filterable=True, restricted="warehouse.all"
    )
    incoming: Mapped[Quantity] = derived("在途量", "Incoming", _incoming, filterable=True, restricted="warehouse.all")


def _rate_changed(_mapper: Any, _connection: Any, item: Item) -> None:
    if inspect(item).attrs.tax_rate.history.has_changes():
        taxing.changed(item)


for _change in ("after_insert", "after_update"):
    event.listen(Item, _change, _rate_changed)
