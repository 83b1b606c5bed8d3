"""Aggregates and groups, understood: what to add up, by what to group, which groups, in what order.

What a viewer may not read is null where it would be shown; to group, to order or to choose by it is refused, for
that would tell its values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graph_schema import naming
from graph_schema.limits import DEFAULT_FIRST, MAX_GROUP_KEYS, check_first
from graph_schema.measures import FUNCTIONS, Measure, groupable, measured
from graph_schema.read.conditions import (
    Compared,
    Condition,
    Rights,
    comparisons,
    demand_column,
    demand_plain,
    demanded,
    no_null,
)
from graph_schema.read.selection import Pick
from graph_schema.read.values import Slot
from hub.document.registry import spec as spec_of
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, LinkSpec
from hub.errors import Invalid, problem


@dataclass(frozen=True)
class GroupKey:
    """One entry of `by`: the links to follow, the field there, and for a date or moment the span of time."""

    links: tuple[LinkSpec, ...]
    member: FieldSpec | DerivedSpec
    bucket: str | None = None

    @property
    def path(self) -> tuple[str, ...]:
        """("customer", "category")."""
        return (*(link.name for link in self.links), self.member.name)

    @property
    def name(self) -> str:
        """order_date by month."""
        return ".".join(self.path) + (f" by {self.bucket}" if self.bucket else "")


@dataclass(frozen=True)
class Combined:
    """All parts ("and"), at least one ("or"), or not all of them ("not")."""

    how: str
    parts: tuple[Having, ...]


Having = Compared | Combined


@dataclass(frozen=True)
class GroupSort:
    """One key of the groups' order."""

    of: GroupKey | Measure
    descending: bool


@dataclass(frozen=True)
class GroupsPlan:
    """`groups`: `shown` is the JSON of one group."""

    spec: DocSpec
    where: Condition
    by: tuple[GroupKey, ...]
    having: tuple[Having, ...]
    order: tuple[GroupSort, ...]
    size: int | Slot
    shown: Entries


@dataclass(frozen=True)
class AggregatePlan:
    """`aggregate`: one JSON object for all rows."""

    spec: DocSpec
    where: Condition
    shown: Entries


Node = str | Measure | GroupKey | tuple[tuple[str, Any], ...] | None
"""What stands in the JSON: a type's name, a measure, a key, an object of such, or null."""
Entries = tuple[tuple[str, Node], ...]


def aggregate(spec: DocSpec, pick: Pick, where: Condition, rights: Rights) -> AggregatePlan:
    """The plan of `aggregate`."""
    type_name = naming.aggregate_type(spec.name)
    return AggregatePlan(spec, where, tuple((one.key, _shown(spec, one, type_name, rights)) for one in pick.picks))


def _shown(spec: DocSpec, pick: Pick, type_name: str, rights: Rights) -> Node:
    """count, or an object of a function's fields; columns that the viewer may not read are null."""
    if pick.name == "__typename":
        return type_name
    if pick.name == "count":
        return Measure("count")
    known = measured(spec, pick.name)
    found: list[tuple[str, Node]] = []
    for one in pick.picks:
        if one.name == "__typename":
            found.append((one.key, naming.values_type(spec.name, pick.name)))
            continue
        member = known[one.name]
        found.append((one.key, Measure(pick.name, member) if _readable(member, rights) else None))
    return tuple(found)


def _readable(member: FieldSpec | DerivedSpec | LinkSpec, rights: Rights) -> bool:
    if isinstance(member, LinkSpec):
        return rights.readable(spec_of(member.target))
    shown = rights.shows(member)
    if shown:
        demand_plain(member)
    return shown


def groups(spec: DocSpec, pick: Pick, where: Condition, rights: Rights) -> GroupsPlan:
    """The plan of `groups(by, having, orderBy, first)`."""
    arguments = pick.arguments
    by = _keys(spec, arguments["by"], rights)
    size = arguments.get("first")
    shown = tuple(
        (one.key, _key_shown(spec, one, by, ()) if one.name == "key" else
         _shown(spec, one, naming.group_type(spec.name), rights))
        for one in pick.picks
    )  # fmt: skip
    return GroupsPlan(
        spec,
        where,
        by,
        _having(spec, arguments.get("having") or {}, rights),
        _order(spec, arguments.get("orderBy") or (), by, rights),
        DEFAULT_FIRST if size is None else check_first(size) if isinstance(size, int) else size,
        shown,
    )


def _keys(spec: DocSpec, given: Any, rights: Rights) -> tuple[GroupKey, ...]:
    """`by`: one to five different fields."""
    found = tuple(_key(spec, entry, (), rights) for entry in given)
    if not 1 <= len(found) <= MAX_GROUP_KEYS:
        raise _invalid(
            "GROUP_KEYS",
            f"by 须有 1 到 {MAX_GROUP_KEYS} 项。",
            f"`by` has between 1 and {MAX_GROUP_KEYS} entries.",
        )
    for index, key in enumerate(found):
        if key.path in [one.path for one in found[:index]]:
            name = naming.dotted(key.path)
            raise _invalid("GROUP_KEY_TWICE", f"by 中 {name} 出现了两次。", f"`by` names {name} twice.")
    return found


def _key(spec: DocSpec, entry: Mapping[str, Any], links: tuple[LinkSpec, ...], rights: Rights) -> GroupKey:
    """{customer: {category: true}} → a key; each object holds exactly one."""
    name, value = _only(entry, "by")
    member = groupable(spec)[name]
    if isinstance(member, LinkSpec):
        target = spec_of(member.target)
        rights.demand(target)
        return _key(target, value, (*links, member), rights)
    demand_column(member, rights)
    demand_plain(member)
    bucket = None if value is True else str(getattr(value, "value", value))
    if bucket == "hour" and member.kind == "date":
        raise _invalid("BUCKET_TOO_FINE", f"{name} 是日期，没有小时。", f"{name} is a day and has no hours.")
    return GroupKey(links, member, bucket)


def _only(entry: Mapping[str, Any], argument: str) -> tuple[str, Any]:
    """The one thing that an entry names."""
    given = [(name, value) for name, value in entry.items() if value is not None and value is not False]
    if len(given) != 1:
        raise _invalid(
            "GROUP_AMBIGUOUS",
            f"{argument} 的每一项写且只写一个字段，多个字段请分成多项。",
            f"Each entry of {argument} names exactly one field; write several entries for several fields.",
            argument,
        )
    return given[0]


def _key_shown(spec: DocSpec, pick: Pick, by: tuple[GroupKey, ...], path: tuple[str, ...]) -> Entries:
    """The selection of `key`, down the links; only what rows were grouped by has a value."""
    found: list[tuple[str, Node]] = []
    for one in pick.picks:
        if one.name == "__typename":
            found.append((one.key, naming.group_key_type(spec.name)))
            continue
        member = groupable(spec)[one.name]
        below = (*path, member.name)
        if isinstance(member, LinkSpec):
            found.append((one.key, _key_shown(spec_of(member.target), one, by, below)))
        else:
            found.append((one.key, _named(by, below)))
    return tuple(found)


def _named(by: tuple[GroupKey, ...], path: tuple[str, ...]) -> GroupKey:
    """The entry of `by` for a field; Invalid GROUP_KEY_UNKNOWN when rows are not grouped by it."""
    found = next((key for key in by if key.path == path), None)
    if found is None:
        name = naming.dotted(path)
        raise _invalid("GROUP_KEY_UNKNOWN", f"by 中没有 {name}。", f"Rows are not grouped by {name}.")
    return found


def _having(spec: DocSpec, given: Mapping[str, Any], rights: Rights) -> tuple[Having, ...]:
    """The conditions of a `having`, all of which hold."""
    return tuple(part for name, value in given.items() for part in _condition(spec, name, value, rights))


def _condition(spec: DocSpec, name: str, value: Any, rights: Rights) -> Iterator[Having]:
    """One entry of `having`."""
    if value is None:
        raise no_null(name)
    if name in ("and", "or"):
        yield Combined(name, tuple(Combined("and", _having(spec, part, rights)) for part in value))
    elif name == "not":
        yield Combined("not", _having(spec, value, rights))
    else:
        yield from comparisons(spec, name, value, rights)


def _order(spec: DocSpec, order_by: Any, by: tuple[GroupKey, ...], rights: Rights) -> tuple[GroupSort, ...]:
    """The groups' order, made total by the keys that are not in it yet."""
    found = [_sort(spec, entry, by, rights) for entry in order_by]
    named = [one.of for one in found]
    return (*found, *(GroupSort(key, descending=False) for key in by if key not in named))


def _sort(spec: DocSpec, entry: Mapping[str, Any], by: tuple[GroupKey, ...], rights: Rights) -> GroupSort:
    """{key: {customer: {category: ASC}}}, {count: DESC}, {sum: {total: DESC}}."""
    name, value = _only(entry, "orderBy")
    if name == "count":
        return GroupSort(Measure("count"), _is_descending(value))
    if name in FUNCTIONS:
        field, way = _only(value, "orderBy")
        return GroupSort(demanded(spec, name, field, rights), _is_descending(way))
    path: tuple[str, ...] = ()
    while isinstance(value, Mapping):
        field, value = _only(value, "orderBy")
        member = naming.members(spec)[field]
        path = (*path, member.name)
        spec = spec_of(member.target) if isinstance(member, LinkSpec) else spec
    return GroupSort(_named(by, path), _is_descending(value))


def _is_descending(way: Any) -> bool:
    return str(getattr(way, "value", way)) == "DESC"


def _invalid(code: str, chinese: str, english: str, *path: str) -> Invalid:
    return Invalid(problem(code, chinese, english, *path))
