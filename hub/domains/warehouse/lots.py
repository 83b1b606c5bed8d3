"""Lots and serial numbers: what is told apart of one item."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import Mapped

from hub.document import ANY_STATE, Choice, Code, Master, Quantity, derived, field, link
from hub.document.fields import Tables
from hub.domains.warehouse.places import BOOKS

if TYPE_CHECKING:
    from hub.domains.items import Item
    from hub.domains.parties import Supplier
    from hub.domains.production import ProductionOrder


class LotStatus(Choice):
    """Whether a lot may be used."""

    RELEASED = "released", "可用", "Released"
    ON_HOLD = "on_hold", "冻结", "On hold"


def _held(column: str) -> Any:
    """The quantity in stock under the code of a lot or serial number."""

    def sql(row: FromClause, tables: Tables) -> ColumnElement[Any]:
        entry = tables("StockEntry")
        total = select(func.coalesce(func.sum(entry.c.quantity), 0)).where(
            entry.c.company_id == row.c.company_id, entry.c.item_id == row.c.item_id, entry.c[column] == row.c.code
        )
        return total.correlate(row).scalar_subquery()

    return sql


class Lot(Master, label=("批次", "Lot"), access=BOOKS):
    """A quantity of an item that was received or made together; its code is unique in the company."""

    item: Mapped[Item] = link("存货", "Item", inverse=("lots", "批次", "Lots"))
    status: Mapped[LotStatus] = field("批次状态", "Status", default=LotStatus.RELEASED, editable_in=ANY_STATE)
    origin_date: Mapped[date | None] = field("生产/到货日期", "Made or received on")
    expiry_date: Mapped[date | None] = field("有效期至", "Expires on")
    supplier: Mapped[Supplier | None] = link("供应商", "Supplier")
    supplier_lot: Mapped[Code | None] = field("供应商批号", "Supplier's lot")
    production_order: Mapped[ProductionOrder | None] = link(
        "生产订单", "Production order", inverse=("lots", "批次", "Lots")
    )
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    on_hand: Mapped[Quantity] = derived("现存量", "On hand", _held("lot"))


class SerialStatus(Choice):
    """Whether a piece may be used."""

    RELEASED = "released", "可用", "Released"
    ON_HOLD = "on_hold", "冻结", "On hold"
    SCRAPPED = "scrapped", "已报废", "Scrapped"


class SerialNumber(Master, label=("序列号", "Serial number"), access=BOOKS):
    """One piece of an item; it is in one place or nowhere."""

    item: Mapped[Item] = link("存货", "Item", inverse=("serial_numbers", "序列号", "Serial numbers"))
    lot: Mapped[Lot | None] = link("批次", "Lot", inverse=("serial_numbers", "序列号", "Serial numbers"))
    status: Mapped[SerialStatus] = field("序列号状态", "Status", default=SerialStatus.RELEASED, editable_in=ANY_STATE)
    made_date: Mapped[date | None] = field("生产日期", "Made on")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    on_hand: Mapped[Quantity] = derived("现存量", "On hand", _held("serial"))
