"""Warehouses and the locations in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.document import Access, Choice, Master, field, link, only

if TYPE_CHECKING:
    from hub.domains.people import Employee

PLACES = Access(read="base.read", write="warehouse.write", rows=only(unless="base.all"))
BOOKS = Access(read="warehouse.read", write="warehouse.write", rows=only(unless="warehouse.all"))
"""Who reads the ledgers of the warehouse and who writes its papers."""


class WarehouseKind(Choice):
    """What a warehouse is for."""

    RAW = "raw", "原料仓", "Raw materials"
    WIP = "wip", "线边仓", "Work in progress"
    FINISHED = "finished", "成品仓", "Finished goods"
    CONSUMABLE = "consumable", "辅料仓", "Consumables"
    QUARANTINE = "quarantine", "待检仓", "Quarantine"


class LocationKind(Choice):
    """What a location is for."""

    STORAGE = "storage", "存储", "Storage"
    PICKING = "picking", "拣货", "Picking"
    RECEIVING = "receiving", "收货", "Receiving"
    SHIPPING = "shipping", "发货", "Shipping"
    QUARANTINE = "quarantine", "待检", "Quarantine"


class Warehouse(Master, label=("仓库档案", "Warehouse"), access=PLACES):
    """A place with its own stock; `negative_allowed` is for books that are kept elsewhere and only mirrored here."""

    kind: Mapped[WarehouseKind] = field("类型", "Kind", default=WarehouseKind.FINISHED)
    site: Mapped[str | None] = field("厂区", "Site")
    keeper: Mapped[Employee | None] = link("仓管员", "Keeper")
    negative_allowed: Mapped[bool] = field("允许负库存", "May fall below zero", default=False)


class Location(Master, label=("库位", "Location"), access=PLACES):
    """A place inside a warehouse; locations form a tree."""

    warehouse: Mapped[Warehouse] = link("仓库", "Warehouse", inverse=("locations", "库位", "Locations"))
    kind: Mapped[LocationKind] = field("库位类型", "Kind", default=LocationKind.STORAGE)
    pick_order: Mapped[int | None] = field("拣货顺序", "Pick order", minimum=0)
    parent: Mapped[Location | None] = link("上级库位", "Parent location")
