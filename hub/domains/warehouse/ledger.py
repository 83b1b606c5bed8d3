"""The books of the warehouse: movements, what is reserved of stock, what stock is worth, what lots were made from."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.document import Access, Choice, Code, Ledger, Money, Quantity, field, link
from hub.domains.warehouse.places import BOOKS, Location, Warehouse

if TYPE_CHECKING:
    from hub.domains.items import Item
    from hub.domains.production import ProductionOrder
    from hub.domains.sales import SalesOrderLine
    from hub.domains.warehouse.lots import Lot


class StockStatus(Choice):
    """Whether stock may be used."""

    AVAILABLE = "available", "可用", "Available"
    QUARANTINE = "quarantine", "待检", "Quarantine"
    FROZEN = "frozen", "冻结", "Frozen"


class StockEntryKind(Choice):
    """Why stock moved."""

    OPENING = "opening", "期初", "Opening"
    RECEIPT = "receipt", "采购入库", "Receipt"
    PRODUCTION = "production", "产品入库", "Production"
    ISSUE = "issue", "材料出库", "Issue"
    DELIVERY = "delivery", "发货出库", "Delivery"
    ADJUSTMENT = "adjustment", "调整", "Adjustment"
    STOCKTAKE = "stocktake", "盘点", "Stocktake"
    TRANSFER = "transfer", "移库", "Transfer"
    PURCHASE_RETURN = "purchase_return", "采购退货", "Purchase return"
    MATERIAL_RETURN = "material_return", "材料退库", "Material return"
    SALES_RETURN = "sales_return", "销售退货", "Sales return"
    INSPECTION = "inspection", "检验判定", "Inspection"
    SCRAP = "scrap", "不合格报废", "Scrap"


class StockEntry(Ledger, label=("库存流水", "Stock entry"), access=BOOKS, plural="StockEntries"):
    """One movement; the balance is always the sum. Lots and serial numbers stand here as their codes."""

    entry_at: Mapped[datetime] = field("业务时间", "Entry time", index=True)
    item: Mapped[Item] = link("存货", "Item", inverse=("stock_entries", "库存流水", "Stock entries"))
    warehouse: Mapped[Warehouse] = link("仓库", "Warehouse", inverse=("stock_entries", "库存流水", "Stock entries"))
    location: Mapped[Location | None] = link("库位", "Location", inverse=("stock_entries", "库存流水", "Stock entries"))
    lot: Mapped[Code | None] = field("批次", "Lot")
    serial: Mapped[Code | None] = field("序列号", "Serial number")
    status: Mapped[StockStatus] = field("库存状态", "Status", default=StockStatus.AVAILABLE)
    quantity: Mapped[Quantity] = field("数量", "Quantity")
    kind: Mapped[StockEntryKind] = field("类型", "Kind")
    document_type: Mapped[Code | None] = field("单据类型", "Document type")
    document_number: Mapped[Code | None] = field("单据号", "Document number", index=True)
    line_position: Mapped[int | None] = field("单据行", "Document line")
    note: Mapped[str | None] = field("备注", "Note")


class StockReservation(Ledger, label=("库存预留", "Stock reservation"), access=BOOKS):
    """Stock promised to an order's line, or given back (below zero); what is reserved is the sum."""

    item: Mapped[Item] = link("存货", "Item", inverse=("stock_reservations", "库存预留", "Reservations"))
    order_line: Mapped[SalesOrderLine] = link(
        "客户订单行", "Sales order line", inverse=("stock_reservations", "库存预留", "Reservations")
    )
    quantity: Mapped[Quantity] = field("数量", "Quantity")
    document_type: Mapped[Code | None] = field("单据类型", "Document type")
    document_number: Mapped[Code | None] = field("单据号", "Document number")


class CostBasis(Choice):
    """Where a value comes from."""

    GIVEN = "given", "按单价", "Given price"
    AVERAGE = "average", "按平均价", "Average"


class CostEntry(
    Ledger,
    label=("存货成本流水", "Cost entry"),
    access=Access(read="base.cost", write="finance.write"),
    plural="CostEntries",
):
    """What a movement was worth, or by how much an earlier value was wrong; per company and item."""

    entry_date: Mapped[date] = field("业务日期", "Entry date")
    item: Mapped[Item] = link("存货", "Item", inverse=("cost_entries", "成本流水", "Cost entries"))
    quantity: Mapped[Quantity] = field("数量", "Quantity", default=Decimal(0))
    value: Mapped[Money] = field("金额", "Value", unit="currency")
    basis: Mapped[CostBasis] = field("计价依据", "Basis")
    is_difference: Mapped[bool] = field("差异", "Difference", default=False)
    document_type: Mapped[Code | None] = field("单据类型", "Document type")
    document_number: Mapped[Code | None] = field("单据号", "Document number", index=True)


class LotOrigin(Ledger, label=("批次谱系", "Lot origin"), access=BOOKS):
    """What a lot was made from: the quantity of another lot that went into its production order."""

    lot: Mapped[Lot] = link("批次", "Lot", inverse=("origins", "用料批次", "Made from"))
    source_lot: Mapped[Lot] = link("来源批次", "Source lot", inverse=("uses", "去向批次", "Made into"))
    production_order: Mapped[ProductionOrder] = link("生产订单", "Production order")
    quantity: Mapped[Quantity] = field("数量", "Quantity")
    document_type: Mapped[Code | None] = field("单据类型", "Document type")
    document_number: Mapped[Code | None] = field("单据号", "Document number")
