"""Where things are and how they come and go, a module per story; all of them are one chapter."""

from hub.domains.warehouse.adjusting import StockAdjustment, Stocktake, StockTransfer
from hub.domains.warehouse.carriers import Carrier
from hub.domains.warehouse.dispatching import Dispatch
from hub.domains.warehouse.goods import Delivery, DeliveryLine, PurchaseReceipt, PurchaseReceiptLine
from hub.domains.warehouse.ledger import CostEntry, LotOrigin, StockEntry, StockReservation
from hub.domains.warehouse.lots import Lot, SerialNumber
from hub.domains.warehouse.places import Location, Warehouse
from hub.domains.warehouse.returning import MaterialReturn, PurchaseReturn, SalesReturn
from hub.domains.warehouse.workshop import MaterialIssue, ProductReceipt

__all__ = [
    "Carrier",
    "CostEntry",
    "Delivery",
    "DeliveryLine",
    "Dispatch",
    "Location",
    "Lot",
    "LotOrigin",
    "MaterialIssue",
    "MaterialReturn",
    "ProductReceipt",
    "PurchaseReceipt",
    "PurchaseReceiptLine",
    "PurchaseReturn",
    "SalesReturn",
    "SerialNumber",
    "StockAdjustment",
    "StockEntry",
    "StockReservation",
    "StockTransfer",
    "Stocktake",
    "Warehouse",
]
