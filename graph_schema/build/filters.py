"""Filters: one input per kind of field and per choice, one `where` and one list filter per type."""

from __future__ import annotations

from typing import Any

from graph_schema.build.assembly import KINDS, Assembly, listed, optional
from graph_schema.naming import Member, Special, description, list_where_type, members, where_type
from graph_schema.operators import LISTS, MEANINGS, OPERATORS
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, FieldSpec, LinkSpec

_NAMES = {
    "text": "TextFilter",
    "integer": "IntFilter",
    "decimal": "DecimalFilter",
    "date": "DateFilter",
    "moment": "DateTimeFilter",
    "boolean": "BooleanFilter",
    "id": "IDFilter",
    "list": "TextListFilter",
}


def filters(assembly: Assembly) -> None:
    """`SalesOrderWhere` and `SalesOrderListWhere` for every type."""
    for spec in specs().values():
        where = assembly.input(
            where_type(spec.name), description(spec.label, "筛选：所有条件同时成立 · all conditions hold")
        )
        assembly.add(where, "and", optional(listed(where)), "全部成立 · All of these hold")
        assembly.add(where, "or", optional(listed(where)), "至少一项成立 · At least one of these holds")
        assembly.add(where, "not", optional(where), "不成立 · This does not hold")
        for name, member in members(spec).items():
            kind = _filter(assembly, member)
            if kind is not None:
                assembly.add(where, name, optional(kind), description(member.label))
        among = assembly.input(list_where_type(spec.name), description(spec.label, "列表筛选 · filter on a list"))
        assembly.add(among, "some", optional(where), "至少一行满足 · At least one row fulfils it")
        assembly.add(among, "every", optional(where), "每一行都满足 · Every row fulfils it")
        assembly.add(among, "none", optional(where), "没有一行满足 · No row fulfils it")


def _filter(assembly: Assembly, member: Member) -> Any:
    """The input of a field's filter; None when it cannot be filtered."""
    if isinstance(member, LinkSpec):
        return assembly.input(where_type(member.target))
    if isinstance(member, Special):
        return None
    if isinstance(member, DerivedSpec) and not member.filterable:
        return None
    if isinstance(member, FieldSpec | DerivedSpec):
        return _of_kind(assembly, member) if member.kind in OPERATORS else None
    return assembly.input(list_where_type(member.target))


def _of_kind(assembly: Assembly, member: FieldSpec | DerivedSpec) -> Any:
    choices = member.choices if isinstance(member, FieldSpec) else None
    name = f"{choices.__name__}Filter" if choices is not None else _NAMES[member.kind]
    known = name in assembly.types
    made = assembly.input(name, f"对 {name.removesuffix('Filter')} 值的条件 · Conditions on a value")
    if not known:
        value = assembly.kind(member) if member.kind != "list" else KINDS["text"]
        for operator in OPERATORS[member.kind]:
            kind = bool if operator == "isNull" else listed(value) if operator in LISTS else value
            assembly.add(made, operator, optional(kind), MEANINGS[operator])
    return made
