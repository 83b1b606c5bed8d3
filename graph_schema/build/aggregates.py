"""Aggregates: what a list adds up to, and its groups, for every connection.

Types are shared as far as functions take the same fields: sum, avg and stddev are one type, min and max another.
"""

from __future__ import annotations

import enum
from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument

from graph_schema import naming
from graph_schema.build.assembly import KINDS, Assembly, argument, listed, optional
from graph_schema.build.filters import filter_of
from graph_schema.build.orders import SortDirection
from graph_schema.limits import DEFAULT_FIRST, MAX_FIRST, MAX_GROUP_KEYS
from graph_schema.measures import COUNT, FUNCTIONS, Measure, functions, groupable, measured
from graph_schema.naming import description
from hub.document.registry import specs
from hub.document.spec import DocSpec, LinkSpec

KINDS_WITH_BUCKETS = ("date", "moment")


@strawberry.enum(
    description="时间段，按公司时区，周从周一开始 · A span of time, in the company's time zone; weeks begin on Monday"
)
class TimeBucket(enum.Enum):
    """What a date or moment is cut down to; a group's key is the span's first day or moment."""

    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAY = "day"
    HOUR = "hour"


def aggregates(assembly: Assembly) -> None:
    """`aggregate` and `groups` of every connection."""
    for spec in specs().values():
        for function in functions(spec):
            _values(assembly, spec, function)
        _aggregate(assembly, spec)
        _group(assembly, spec)
        _group_by(assembly, spec)
        _having(assembly, spec)
        _order(assembly, spec)
        connection = assembly.object(naming.connection_type(spec.name))
        whole = assembly.object(naming.aggregate_type(spec.name))
        assembly.add(connection, "aggregate", whole, "全部行的汇总 · What all rows of the list add up to")
        _groups(assembly, connection, spec)


def _aggregate(assembly: Assembly, spec: DocSpec) -> None:
    made = assembly.object(naming.aggregate_type(spec.name), description(spec.label, "汇总 · aggregated"))
    _measures(assembly, made, spec)


def _group(assembly: Assembly, spec: DocSpec) -> None:
    made = assembly.object(naming.group_type(spec.name), description(spec.label, "一组 · a group of rows"))
    key = assembly.object(naming.group_key_type(spec.name), description(spec.label, "分组的值 · what a group shares"))
    assembly.add(made, "key", key, "by 中的各项 · The values of the entries of `by`")
    _measures(assembly, made, spec)
    for name, member in groupable(spec).items():
        kind = (
            assembly.object(naming.group_key_type(member.target))
            if isinstance(member, LinkSpec)
            else assembly.kind(member)
        )
        assembly.add(key, name, optional(kind), description(member.label))


def _measures(assembly: Assembly, made: Any, spec: DocSpec) -> None:
    """count, and an object per function."""
    assembly.add(made, "count", int, COUNT)
    for function in functions(spec):
        assembly.add(made, function, assembly.object(naming.values_type(spec.name, function)), FUNCTIONS[function])


def _values(assembly: Assembly, spec: DocSpec, function: str) -> None:
    """The object, the filter and the order of a function's fields, made by the first function that has them."""
    name = naming.values_type(spec.name, function)
    if name in assembly.types:
        return
    made = assembly.object(name, description(spec.label, "汇总值 · aggregated values"))
    conditions = assembly.input(
        naming.values_filter_type(spec.name, function), description(spec.label, "对汇总值的条件 · conditions on them")
    )
    order = assembly.input(
        naming.values_order_type(spec.name, function), description(spec.label, "按汇总值排序 · exactly one field")
    )
    for field, member in measured(spec, function).items():
        kind = Measure(function, member).kind
        assembly.add(made, field, optional(KINDS[kind]), description(member.label))
        assembly.add(conditions, field, optional(filter_of(assembly, kind)))
        assembly.add(order, field, optional(SortDirection))


def _groups(assembly: Assembly, made: Any, spec: DocSpec) -> None:
    group = assembly.object(naming.group_type(spec.name))
    text = "分组汇总 · Groups of rows that share the values of `by`"
    assembly.add(made, "groups", listed(group), text, arguments=_group_arguments(assembly, spec))


def _group_arguments(assembly: Assembly, spec: DocSpec) -> list[StrawberryArgument]:
    by = listed(assembly.input(naming.group_by_type(spec.name)))
    order = optional(listed(assembly.input(naming.group_order_type(spec.name))))
    size = f"组数，默认 {DEFAULT_FIRST}，最多 {MAX_FIRST:,} · How many groups"
    return [
        argument("by", by, f"分组依据，1 到 {MAX_GROUP_KEYS} 项 · What rows must share, 1 to {MAX_GROUP_KEYS} entries"),
        argument("having", optional(assembly.input(naming.having_type(spec.name))), "对组的条件 · Which groups"),
        argument("orderBy", order, "组的排序，默认按 by · Order, one key per entry; by the keys when left out"),
        argument("first", optional(int), f"{size}; default {DEFAULT_FIRST}, at most {MAX_FIRST:,}"),
    ]


def _group_by(assembly: Assembly, spec: DocSpec) -> None:
    by = assembly.input(
        naming.group_by_type(spec.name), description(spec.label, "分组依据，只写一个字段 · exactly one field")
    )
    for name, member in groupable(spec).items():
        if isinstance(member, LinkSpec):
            kind = assembly.input(naming.group_by_type(member.target))
        else:
            kind = TimeBucket if member.kind in KINDS_WITH_BUCKETS else bool
        assembly.add(by, name, optional(kind))


def _having(assembly: Assembly, spec: DocSpec) -> None:
    having = assembly.input(
        naming.having_type(spec.name), description(spec.label, "对组的条件，同时成立 · all conditions hold")
    )
    assembly.add(having, "and", optional(listed(having)), "全部成立 · All of these hold")
    assembly.add(having, "or", optional(listed(having)), "至少一项成立 · At least one of these holds")
    assembly.add(having, "not", optional(having), "不成立 · This does not hold")
    assembly.add(having, "count", optional(filter_of(assembly, "integer")), COUNT)
    for function in functions(spec):
        kind = assembly.input(naming.values_filter_type(spec.name, function))
        assembly.add(having, function, optional(kind), FUNCTIONS[function])


def _order(assembly: Assembly, spec: DocSpec) -> None:
    order = assembly.input(
        naming.group_order_type(spec.name), description(spec.label, "组的排序，只写一项 · exactly one key")
    )
    by = assembly.input(naming.order_type(spec.name))
    assembly.add(order, "key", optional(by), "按 by 中的一项 · By an entry of `by`")
    assembly.add(order, "count", optional(SortDirection), COUNT)
    for function in functions(spec):
        kind = assembly.input(naming.values_order_type(spec.name, function))
        assembly.add(order, function, optional(kind), FUNCTIONS[function])
