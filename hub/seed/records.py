"""The plain records of the demo company: what truly happened, before any department wrote it down in its own way.

Master records are frozen; documents are filled while the year is simulated. Quantities and money are Decimal; a
quantity is in the item's own unit (pieces or kilograms), money in CNY without tax.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Department:
    """A department with the code of its head."""

    code: str
    name: str
    manager: str


@dataclass(frozen=True, slots=True)
class Employee:
    """A person who works here."""

    code: str
    name: str
    login: str
    department: str
    job_title: str
    is_male: bool
    birth_date: date
    identity_number: str
    hire_date: date
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure; `factor` converts to the base unit of its dimension."""

    code: str
    name: str
    dimension: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer, and how it orders."""

    code: str
    name: str
    short_name: str
    uscc: str
    contact: str
    phone: str
    email: str
    city: str
    address: str
    distance: int  # kilometres by road, sets freight and days on the road
    credit_limit: Decimal
    payment_days: int
    lead_days: int  # what sales promise this customer
    weight: float  # its share of the orders
    sales_rep: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Supplier:
    """A supplier, and how it delivers."""

    code: str
    name: str
    short_name: str
    uscc: str
    category: str
    contact: str
    phone: str
    email: str
    city: str
    address: str
    payment_days: int
    lead_days: int
    reliability: float  # share of deliveries on the agreed day
    admission: str
    bank_account: str


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A store and who keeps it."""

    code: str
    name: str
    kind: str
    keeper: str


@dataclass(frozen=True, slots=True)
class Location:
    """A rack in a warehouse."""

    code: str
    name: str
    warehouse: str


@dataclass(frozen=True, slots=True)
class Material:
    """A bought material."""

    code: str
    name: str
    specification: str
    category: str
    kind: str
    unit: str
    price: Decimal
    pack: Decimal  # bought in multiples of this
    supplier: str
    lead_days: int
    shelf_life_days: int | None
    warehouse: str
    location: str


@dataclass(frozen=True, slots=True)
class Part:
    """A finished part: mould, cycle, packing, price and recipe."""

    code: str
    name: str
    specification: str
    category: str
    mould: str
    tonnage: int  # the smallest machine the mould fits
    cycle_seconds: int
    cavities: int
    carton_pieces: int
    lot_cartons: int
    price: Decimal
    cost: Decimal
    per_piece: tuple[tuple[str, Decimal], ...]
    per_carton: tuple[str, ...]
    location: str

    @property
    def pieces_per_hour(self) -> float:
        """Output of a machine that runs without a stop."""
        return 3600 / self.cycle_seconds * self.cavities


@dataclass(frozen=True, slots=True)
class Machine:
    """An injection moulding machine."""

    code: str
    tonnage: int


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
class Masters:
    """Who and what the company works with."""

    departments: list[Department]
    employees: list[Employee]
    units: list[Unit]
    customers: list[Customer]
    suppliers: list[Supplier]
    warehouses: list[Warehouse]
    locations: list[Location]
    materials: list[Material]
    parts: list[Part]
    machines: list[Machine]


@dataclass(slots=True)
class Year:
    """One simulated year: the masters, every document and every stock movement, in the order things happened."""

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
