"""Filters: one input per kind of field and per choice; per type one `where`, and one for lists of it."""

from __future__ import annotations

from typing import Any

from graph_schema.build.assembly import KINDS, Assembly, listed, optional
from graph_schema.measures import COUNT, FUNCTIONS, functions
from graph_schema.naming import (
    CUSTOM_FILTER,
    LinesConnection,
    Member,
    Special,
    aggregate_filter_type,
    description,
    list_where_type,
    members,
    values_filter_type,
    where_type,
)
from graph_schema.operators import LISTS, MEANINGS, OPERATORS, PARTS, SEARCHES
from graph_schema.scalars import CustomKey, Json
from hub.document.custom import has_extra
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, LinkSpec

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
    """`SalesOrderWhere`, `SalesOrderListWhere` and `SalesOrderAggregateFilter` for every type."""
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
                assembly.add(where, name, optional(kind), description(member.label, _spelled(member)))
        among = assembly.input(list_where_type(spec.name), description(spec.label, "列表筛选 · filter on a list"))
        assembly.add(among, "some", optional(where), "至少一行满足 · At least one row fulfils it")
        assembly.add(among, "every", optional(where), "每一行都满足 · Every row fulfils it")
        assembly.add(among, "none", optional(where), "没有一行满足 · No row fulfils it")
        assembly.add(among, "aggregate", optional(_aggregate(assembly, spec, where)), "各行合计 · The rows together")


def _aggregate(assembly: Assembly, spec: DocSpec, where: Any) -> Any:
    """{where, count, sum, avg, min, max, stddev} of a list's rows; the values' filters come with the aggregates."""
    made = assembly.input(
        aggregate_filter_type(spec.name),
        description(spec.label, "汇总筛选：所有条件同时成立 · all conditions hold of the rows together"),
    )
    assembly.add(made, "where", optional(where), "只计满足此条件的行 · Only rows that fulfil this count")
    assembly.add(made, "count", optional(filter_of(assembly, "integer")), COUNT)
    for function in functions(spec):
        if function != "distinct":
            values = assembly.input(values_filter_type(spec.name, function))
            assembly.add(made, function, optional(values), FUNCTIONS[function])
    return made


def _spelled(member: Member) -> str | None:
    """What else finds a name."""
    if isinstance(member, FieldSpec) and member.pinyin:
        return "拼音和首字母也可查到 · contains and startsWith also find its pinyin and initials"
    return None


def _filter(assembly: Assembly, member: Member) -> Any:
    """The input of a field's filter; None when it cannot be filtered."""
    if isinstance(member, LinkSpec):
        return assembly.input(where_type(member.target))
    if isinstance(member, LinesConnection | Special):
        return None
    if isinstance(member, DerivedSpec) and not member.filterable:
        return None
    if isinstance(member, FieldSpec) and has_extra(member):
        return listed(custom_filter(assembly))
    if isinstance(member, FieldSpec | DerivedSpec):
        return _of_kind(assembly, member) if member.kind in OPERATORS else None
    return assembly.input(list_where_type(member.target))


def _of_kind(assembly: Assembly, member: FieldSpec | DerivedSpec) -> Any:
    choices = member.choices if isinstance(member, FieldSpec) else None
    if choices is None:
        return filter_of(assembly, member.kind)
    return _filter_input(assembly, f"{choices.__name__}Filter", member.kind, assembly.kind(member))


def custom_filter(assembly: Assembly) -> Any:
    """The filter of a custom field: the operators of all kinds; the declaration says which of them fit."""
    known = CUSTOM_FILTER in assembly.types
    text = "自定义字段的条件，所列运算同时成立 · Conditions on a custom field, typed by its declaration"
    made = assembly.input(CUSTOM_FILTER, text)
    if not known:
        assembly.add(made, "field", CustomKey, "键 · The key of the field: colour")
        for operator in dict.fromkeys(one for operators in OPERATORS.values() for one in operators):
            forms = {"isNull": bool, **dict.fromkeys((*SEARCHES, "has"), str)}
            taken = forms.get(operator, listed(Json) if operator in LISTS else Json)
            taken = filter_of(assembly, "integer") if operator in PARTS else taken
            assembly.add(made, operator, optional(taken), MEANINGS[operator])
    return made


def filter_of(assembly: Assembly, kind: str) -> Any:
    """The filter of values of a kind, whatever field they are of."""
    return _filter_input(assembly, _NAMES[kind], kind, KINDS["text" if kind == "list" else kind])


def _filter_input(assembly: Assembly, name: str, kind: str, value: Any) -> Any:
    known = name in assembly.types
    made = assembly.input(name, f"对 {name.removesuffix('Filter')} 值的条件 · Conditions on a value")
    if not known:
        for operator in OPERATORS[kind]:
            taken = bool if operator == "isNull" else listed(value) if operator in LISTS else value
            taken = filter_of(assembly, "integer") if operator in PARTS else taken
            assembly.add(made, operator, optional(taken), MEANINGS[operator])
    return made
