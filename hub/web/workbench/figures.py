"""The counts and sums of the home page, all by one GraphQL request.

A figure belongs to a permission; whoever may not read the documents behind it does not see it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.web.workbench.columns import key_of
from hub.words import Label

ORDERS = "SalesOrder"
_LATEST = (
    "latest: salesOrders(orderBy: [{orderDate: DESC}, {number: DESC}], first: 8) "
    "{ nodes { id number state orderDate promisedDate total delivered customer { id code name } } }"
)
_ADDED = (
    (ORDERS, _LATEST),
    (
        "PurchaseOrder",
        "purchaseValue: purchaseOrders(where: {state: {in: [CONFIRMED, CLOSED]}}) { aggregate { sum { total } } }",
    ),
    ("StockEntry", "stockQuantity: stockEntries { aggregate { sum { quantity } } }"),
)
_BY_MONTH = (  # as the dashboard counts them
    'months: salesOrders(where: {orderDate: {gte: "SINCE"}, state: {notIn: [DRAFT, CANCELLED]}}) '
    "{ groups(by: [{orderDate: MONTH}]) { key { orderDate } sum { total } } }"
)


@dataclass(frozen=True)
class Counted:
    """A number of records. `where` is GraphQL's, `filter` the same for the list behind the figure."""

    name: str
    label: Label
    type_name: str
    icon: str
    where: str = "{}"
    filter: str = ""

    @property
    def href(self) -> str:
        """The list behind the figure."""
        return f"/{key_of(spec_of(self.type_name))}/list" + (f"?filter={quote(self.filter)}" if self.filter else "")

    def selection(self) -> str:
        """What to ask of GraphQL for it."""
        return f"{self.name}: {spec_of(self.type_name).many}(where: {self.where}, first: 0) {{ totalCount }}"


TOP = (
    Counted("customers", Label("客户数量", "Customers"), "Customer", "fa-handshake"),
    Counted("orders", Label("客户订单数量", "Sales orders"), ORDERS, "fa-file-signature"),
    Counted("plans", Label("生产计划数量", "Production orders"), "ProductionOrder", "fa-industry"),
    Counted(
        "products", Label("产品数量", "Products"), "Item", "fa-cubes", "{kind: {in: [FINISHED]}}", "kind__in=finished"
    ),
    Counted("suppliers", Label("供应商数量", "Suppliers"), "Supplier", "fa-truck-field"),
    Counted(
        "staff",
        Label("在职人数", "Staff"),
        "Employee",
        "fa-users",
        "{active: {eq: true}, leaveDate: {isNull: true}}",
        "leaveDate__is_null",
    ),
)


_OF_A_MONTH = (
    ("Orders", Label("新客户订单", "New sales orders"), ORDERS, "fa-file-signature", "orderDate"),
    ("Deliveries", Label("发货单", "Deliveries"), "Delivery", "fa-truck", "deliveryDate"),
    ("Purchases", Label("采购订单", "Purchase orders"), "PurchaseOrder", "fa-cart-shopping", "orderDate"),
    ("Inspections", Label("检验单", "Inspections"), "Inspection", "fa-clipboard-check", "inspectionDate"),
)


def months_counts(name: str, start: date, last: date) -> tuple[Counted, ...]:
    """What came from one day to another, both included; `name` begins the figures' names."""
    between = f'{{between: ["{start}", "{last}"]}}'
    return tuple(
        Counted(f"{name}{what}", label, type_name, icon, f"{{{field}: {between}}}", f"{field}__between={start}..{last}")
        for what, label, type_name, icon, field in _OF_A_MONTH
    )


def may_see(viewer: Viewer, one: Counted) -> bool:
    """Whether the viewer may read what a figure counts."""
    return viewer.may(spec_of(one.type_name).access.read)


def home_document(viewer: Viewer, figures: tuple[Counted, ...], since: date) -> str:
    """The one request of the home page, orders by month from `since`; empty for a viewer who may see nothing of it."""
    parts = [one.selection() for one in figures if may_see(viewer, one)]
    parts += [text for type_name, text in _ADDED if viewer.may(spec_of(type_name).access.read)]
    if viewer.may(spec_of(ORDERS).access.read):
        parts.append(_BY_MONTH.replace("SINCE", since.isoformat()))
    return f"query Home {{ {' '.join(parts)} }}" if parts else ""


def by_month(answer: dict[str, Any], since: date, until: date) -> list[tuple[date, Decimal]]:
    """The value of orders in each month from one day to another; nothing when there was no order at all."""
    groups = answer.get("months", {}).get("groups", [])
    known = {date.fromisoformat(one["key"]["orderDate"]): Decimal(one["sum"]["total"]) for one in groups}
    return [(month, known.get(month, Decimal(0))) for month in _months(since, until)] if known else []


def months_before(day: date, count: int) -> date:
    """The first day of the month `count` months earlier."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)


def _months(since: date, until: date) -> list[date]:
    """The first days of all months from one day to another."""
    found = [since]
    while (following := months_before(found[-1], -1)) <= until:
        found.append(following)
    return found
