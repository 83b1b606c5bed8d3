"""The plain records of the demo company: what truly happened, before any department wrote it down in its own way.

Documents are filled while the year is simulated. Quantities and money are Decimal; a quantity is in the item's own unit
(pieces or kilograms), money in CNY without tax.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from hub.seed.cast import Customer, Masters, Material, Part, Supplier
from hub.seed.workdays import Span


@dataclass(slots=True, eq=False)
class SalesLine:
    """A line of a customer's order, with what has become of it."""

    order: SalesOrder
    position: int
    part: Part
    quantity: int
    price: Decimal
    discount: Decimal
    amount: Decimal
    promised_date: date
    delivered: int = 0
    planned: int = 0  # promised by production orders, finished or not
    reserved: int = 0  # of the stock that was there when the order was confirmed, not yet delivered

    @property
    def open(self) -> int:
        """What is still to be delivered."""
        return self.quantity - self.delivered


@dataclass(slots=True, eq=False)
class SalesOrder:
    """A customer's order."""

    number: str
    customer: Customer
    customer_number: str
    order_date: date
    promised_date: date
    state: str
    freight: Decimal
    note: str
    lines: list[SalesLine] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class DeliveryLine:
    """What of an order line was on the lorry."""

    position: int
    line: SalesLine
    quantity: int


@dataclass(slots=True, eq=False)
class Delivery:
    """One lorry load for one order."""

    number: str
    order: SalesOrder
    delivery_date: date
    carrier: str
    vehicle: str
    freight: Decimal
    signed_date: date | None
    lines: list[DeliveryLine] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class PurchaseLine:
    """A line of a purchase order."""

    order: PurchaseOrder
    position: int
    material: Material
    quantity: Decimal
    price: Decimal
    amount: Decimal
    received: Decimal = Decimal(0)


@dataclass(slots=True, eq=False)
class PurchaseOrder:
    """An order to a supplier."""

    number: str
    supplier: Supplier
    order_date: date
    promised_date: date
    state: str
    lines: list[PurchaseLine] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class ReceiptLine:
    """What came for a purchase line, and what was turned back."""

    position: int
    line: PurchaseLine
    received: Decimal
    rejected: Decimal

    @property
    def stocked(self) -> Decimal:
        """What went into the store."""
        return self.received - self.rejected


@dataclass(slots=True, eq=False)
class Receipt:
    """One arrival at the gate for one purchase order."""

    number: str
    order: PurchaseOrder
    receipt_date: date
    lines: list[ReceiptLine] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class MaterialLine:
    """A material a production order needs."""

    position: int
    item: str
    required: Decimal
    issued: Decimal = Decimal(0)


@dataclass(slots=True, eq=False)
class ProductionOrder:
    """A run of one part, for one or more order lines."""

    number: str
    part: Part
    quantity: int
    created_date: date
    due_date: date
    planned_start: date
    planned_finish: date
    demands: list[tuple[SalesLine, int]]
    materials: list[MaterialLine]
    state: str = "planned"
    machine: str = ""
    started_date: date | None = None
    finished_date: date | None = None
    completed: int = 0
    scrap: int = 0
    setup_hours: float = 0.0
    note: str = ""
    waits: Counter[str] = field(default_factory=Counter)
    """Days on which it stood, by cause: machine, mould, supply, breakdown."""
    run_days: int = 0

    @property
    def remaining(self) -> int:
        """Pieces still to be moulded."""
        return self.quantity - self.completed - self.scrap


@dataclass(frozen=True, slots=True)
class DailyReport:
    """A machine's output of one order on one day."""

    number: str
    day: date
    order: ProductionOrder
    machine: str
    operator: str
    good: int
    scrap: int
    hours: Decimal
    trouble: str = ""  # a breakdown since the last report


@dataclass(frozen=True, slots=True)
class Inspection:
    """What quality found, incoming or final."""

    number: str
    kind: str
    day: date
    item: str
    inspected: Decimal
    defective: Decimal
    defect: str
    disposition: str
    inspector: str
    production_order: str = ""
    receipt: str = ""
    supplier: str = ""


@dataclass(frozen=True, slots=True)
class StockMove:
    """A movement of one lot of one item."""

    kind: str  # opening, receipt, production, issue, delivery
    day: date
    item: str
    quantity: Decimal  # signed
    lot: str
    document: str
    position: int
    partner: str = ""


@dataclass(slots=True)
class Year:
    """One simulated year: its days, the masters, every document and stock movement, in the order things happened."""

    span: Span
    masters: Masters
    reorder_points: dict[str, Decimal]
    sales_orders: list[SalesOrder]
    deliveries: list[Delivery]
    purchase_orders: list[PurchaseOrder]
    receipts: list[Receipt]
    production_orders: list[ProductionOrder]
    reports: list[DailyReport]
    inspections: list[Inspection]
    moves: list[StockMove]
