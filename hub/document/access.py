"""Who may what: permissions by role, and what a document type asks for.

A permission is `<area>.<right>`: sales.read, sales.write, sales.all (every row), people.private. Roles are named sets
of them. Types name the permissions they need; the read compiler and the verbs ask `Viewer.may`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from hub.document.rows import RowRule
from hub.errors import Invalid, Refused, problem
from hub.words import Label

ALL_ROWS = ".all"
"""The right that lifts the row rules of an area. It is the user's reach, so a token's scopes do not cut it."""


LOADS = "integration.write"
"""The right to load documents with state and computed values, past their steps: what another system has decided."""


@dataclass(frozen=True)
class Access:
    """What a type asks for: a permission to read, one to write, and optionally a rule for its rows.

    What is `made_by_hub` nobody creates, changes, loads or discards by hand; people take its steps.
    """

    read: str
    write: str
    rows: RowRule | None = None
    made_by_hub: bool = False

    def to_write(self, step: str | None = None) -> tuple[str, ...]:
        """The permissions that a verb needs, for a step that names one of its own too."""
        return (self.write,) if step is None else (self.write, step)


@dataclass(frozen=True)
class Role:
    """A named set of permissions."""

    label: Label
    permissions: frozenset[str]


AREAS = (
    "base",
    "sales",
    "design",
    "aftersales",
    "production",
    "quality",
    "purchasing",
    "warehouse",
    "energy",
    "people",
    "finance",
    "office",
    "integration",
)
"""Each has the rights .read, .write and .all."""

SPECIAL: dict[str, Label] = {
    "users.read": Label("查看用户账号", "See the accounts of users"),
    "users.write": Label("管理用户账号", "Manage the accounts of users"),
    "companies.write": Label("管理公司", "Manage companies"),
    "people.private": Label("查看身份证号与出生日期", "See ID numbers and dates of birth"),
    "purchasing.bank": Label("查看供应商银行账户", "See suppliers' bank accounts"),
    "production.plan": Label("编制生产计划与排产", "Make production plans and schedules"),
    "base.cost": Label("查看标准成本", "See standard costs"),
    "approvals.write": Label("管理审批流程与委托", "Manage approval flows and delegations"),
    "office.design": Label("设计自定义字段与表单", "Design custom fields and forms"),
    "sales.credit": Label(
        "查看客户的应收、订货额与银行账户", "See what customers owe and buy, and their bank accounts"
    ),
    "sales.lateness": Label("查看交期延误的原因", "See why orders are or may be late"),
    "sales.release": Label("特批低价与超信用订单", "Confirm orders below price or above credit"),
    "energy.collect": Label("上报读数", "Deliver readings"),
}
"""Rights that stand for themselves, beside those of the areas."""


def _role(chinese: str, english: str, writes: str, *more: str, reads: str = "", own: str = "") -> Role:
    """A role that reads `reads` and whatever it writes: every row, but of the areas `own` only its own."""
    readable = {"base", *writes.split(), *reads.split()}
    granted = {f"{area}.read" for area in readable} | {"office.read", "office.write"}
    granted |= {f"{area}.write" for area in writes.split()}
    granted |= {area + ALL_ROWS for area in readable - set(own.split())}
    return Role(Label(chinese, english), frozenset(granted | set(more)))


_EVERYTHING = " ".join(AREAS)
_OPERATIONS = "sales aftersales design production quality purchasing warehouse energy"
_PARTNERS_READ = ("base", "sales", "aftersales", "purchasing", "warehouse")

ROLES: dict[str, Role] = {
    "administrator": Role(Label("管理员", "Administrator"), frozenset({"*"})),
    "sales": _role(
        "销售",
        "Sales",
        "sales aftersales",
        "sales.credit",
        "sales.lateness",
        reads="design production quality warehouse",
        own="sales",
    ),
    "sales_manager": _role(
        "销售经理",
        "Sales manager",
        "sales aftersales",
        "sales.credit",
        "sales.lateness",
        "sales.release",
        reads="design production quality warehouse",
    ),
    "purchasing": _role(
        "采购", "Purchasing", "purchasing", "purchasing.bank", "base.cost", reads="design warehouse quality production"
    ),
    "engineer": _role(
        "技术",
        "Engineering",
        "design",
        "base.cost",
        "sales.lateness",
        reads="sales aftersales production quality warehouse",
    ),
    "planner": _role(
        "计划",
        "Planner",
        "production",
        "production.plan",
        "sales.lateness",
        "base.cost",
        reads="sales aftersales design purchasing warehouse quality energy",
    ),
    "workshop": _role("车间", "Workshop", "production", reads="aftersales design quality warehouse energy"),
    "warehouse": _role(
        "仓库", "Warehouse", "warehouse", "sales.lateness", reads="sales aftersales purchasing production quality"
    ),
    "quality": _role(
        "质量", "Quality", "quality aftersales", "sales.lateness", reads="design production purchasing warehouse sales"
    ),
    "finance": _role(
        "财务",
        "Finance",
        "finance",
        "purchasing.bank",
        "sales.credit",
        "sales.lateness",
        "base.cost",
        reads=_OPERATIONS,
    ),
    "people": _role("人事", "People", "people", "people.private", "users.read", "office.all"),
    "executive": _role("高管", "Executive", "", "base.cost", "sales.credit", "sales.lateness", reads=_EVERYTHING),
    "steward": _role(
        "数据管家",
        "Data steward",
        "base integration",
        "users.read",
        "sales.credit",
        "sales.lateness",
        "base.cost",
        "office.design",
        "office.all",
        reads=_EVERYTHING,
    ),
    "partner": Role(Label("伙伴", "Partner"), frozenset(f"{area}.read" for area in _PARTNERS_READ)),
    "collector": Role(Label("采集器", "Collector"), frozenset({"energy.collect"})),
}


def permissions_of(roles: Any) -> frozenset[str]:
    """The union of the permissions of the named roles; unknown names give nothing."""
    return frozenset().union(*(ROLES[role].permissions for role in roles if role in ROLES))


def all_permissions() -> frozenset[str]:
    """Every permission there is."""
    return frozenset(f"{area}.{right}" for area in AREAS for right in ("read", "write", "all")) | frozenset(SPECIAL)


def limited(permissions: frozenset[str], scopes: Iterable[str] | None) -> frozenset[str]:
    """What a token with these scopes may of what its user may; None is everything.

    A scope says what may be done; which rows that concerns is the user's reach and stays.
    """
    if scopes is None:
        return permissions
    held = all_permissions() if "*" in permissions else permissions
    asked = frozenset(scopes)
    return frozenset(one for one in held if one in asked or one.endswith(ALL_ROWS))


def check_scopes(permissions: frozenset[str], scopes: Iterable[str]) -> None:
    """Invalid SCOPE_UNKNOWN or Refused SCOPE_NOT_HELD when a token with these scopes would not do what it says."""
    known, given = all_permissions(), list(scopes)
    Invalid.raise_all(
        problem("SCOPE_UNKNOWN", f"没有权限 {one}。", f"There is no permission {one}.", "scopes")
        for one in given
        if one not in known
    )
    Refused.raise_all(
        problem("SCOPE_NOT_HELD", f"该用户没有权限 {one}。", f"The user does not hold {one}.", "scopes")
        for one in given
        if one not in limited(permissions, given)
    )
