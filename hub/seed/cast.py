"""Who and what the demo company works with: people, partners, items, places and machines, all of them frozen.

Quantities and money are Decimal; a quantity is in the item's own unit (pieces or kilograms), money in CNY without tax.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    credit_limit: Decimal | None
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
