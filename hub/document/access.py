"""Who may what: permissions by role, and what a document type asks for.

A permission is `<area>.<right>`: sales.read, sales.write, people.private. Roles are named sets of them. Types
name the permissions they need; the read compiler and the verbs ask `Viewer.may`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause

from hub.context import Viewer
from hub.words import Label

RowRule = Callable[[FromClause, Viewer], ColumnElement[bool] | None]
"""The rows a viewer may see of a table; None when all."""


@dataclass(frozen=True)
class Access:
    """What a type asks for: a permission to read, one to write, and optionally a rule for its rows."""

    read: str
    write: str
    rows: RowRule | None = None


@dataclass(frozen=True)
class Role:
    """A named set of permissions."""

    label: Label
    permissions: frozenset[str]


AREAS = (
    "base",
    "sales",
    "production",
    "quality",
    "purchasing",
    "warehouse",
    "energy",
    "people",
    "finance",
    "integration",
)
"""Each has the rights .read and .write."""


def _role(chinese: str, english: str, writes: str, *more: str, reads: str = "") -> Role:
    """A role that reads `reads` and whatever it writes."""
    granted = {f"{area}.write" for area in writes.split()}
    granted |= {f"{area}.read" for area in (writes + " " + reads + " base").split()}
    return Role(Label(chinese, english), frozenset(granted | set(more)))


_EVERYTHING = " ".join(AREAS)
_OPERATIONS = "sales production quality purchasing warehouse energy"

ROLES: dict[str, Role] = {
    "administrator": Role(Label("管理员", "Administrator"), frozenset({"*"})),
    "sales": _role("销售", "Sales", "sales", reads="production quality warehouse"),
    "purchasing": _role("采购", "Purchasing", "purchasing", "purchasing.bank", reads="warehouse quality production"),
    "planner": _role("计划", "Planner", "production", reads="sales purchasing warehouse quality energy"),
    "workshop": _role("车间", "Workshop", "production", reads="quality energy"),
    "warehouse": _role("仓库", "Warehouse", "warehouse", reads="sales purchasing production"),
    "quality": _role("质量", "Quality", "quality", reads="production purchasing warehouse sales"),
    "finance": _role("财务", "Finance", "finance", "purchasing.bank", reads=_OPERATIONS),
    "people": _role("人事", "People", "people", "people.private"),
    "executive": _role("高管", "Executive", "", reads=_EVERYTHING),
    "steward": _role("数据管家", "Data steward", "base integration", reads=_EVERYTHING),
    "partner": Role(Label("伙伴", "Partner"), frozenset({"base.read"})),
    "collector": Role(Label("采集器", "Collector"), frozenset({"energy.collect"})),
}


def permissions_of(roles: Any) -> frozenset[str]:
    """The union of the permissions of the named roles; unknown names give nothing."""
    return frozenset().union(*(ROLES[role].permissions for role in roles if role in ROLES))
