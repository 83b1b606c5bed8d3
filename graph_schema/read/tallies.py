"""Aggregates and groups as SQL: rows added up on the bare table, JSON made of what comes out.

Only links that are grouped by or counted are joined. A derived value is computed once per row, in a sub-select that
OFFSET 0 keeps apart: PostgreSQL would otherwise repeat it for each function that takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Select,
    Text,
    UnaryExpression,
    and_,
    case,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)

from graph_schema.measures import Measure, Measured
from graph_schema.read import pages
from graph_schema.read.aggregates import (
    AggregatePlan,
    Combined,
    Entries,
    GroupKey,
    GroupSort,
    GroupsPlan,
    Having,
    Node,
)
from graph_schema.read.conditions import Compared
from graph_schema.read.predicates import tested
from graph_schema.read.rows import Relation, Rows, rows_of, size_of, within
from graph_schema.read.scope import Emission
from graph_schema.read.sql import Constant, Piece, aggregated, entries, joined, json_of, or_null
from hub.document.spec import DerivedSpec, LinkSpec

Parent = FromClause | None


def told(
    emission: Emission, plan: AggregatePlan | GroupsPlan, parent: Parent, relation: Relation | None
) -> ColumnElement[str]:
    """The JSON of an aggregate or of groups as one value, beside a list's nodes."""
    if isinstance(plan, AggregatePlan):
        found = _aggregate(emission, plan, parent, relation)
    else:
        found = _groups(emission, plan, parent, relation)
    return (found if parent is None else found.correlate(parent)).scalar_subquery()


def nothing(plan: AggregatePlan) -> list[Piece]:
    """What rows add up to for whom their type is closed."""
    return _object(plan.shown, lambda node: [_of_nothing(node)])


def _of_nothing(node: Node) -> str:
    assert isinstance(node, Measure)
    if node.kind == "integer" and node.function not in ("min", "max"):
        return "0"
    return f'"{0:.{node.scale}f}"' if node.function == "sum" else "null"


def _aggregate(emission: Emission, plan: AggregatePlan, parent: Parent, relation: Relation | None) -> Select[Any]:
    """One row of JSON."""
    measures = list(_measures(plan.shown))
    tally = _tally(emission, plan, (), measures, parent, relation) if measures else None

    def value(node: Node) -> list[Piece]:
        assert isinstance(node, Measure)
        assert tally is not None
        return json_of(node.kind, tally.of(node), required=_is_there(node))

    found = select(joined(_object(plan.shown, value)).label("json"))
    return found if tally is None else found.select_from(tally.source).where(*tally.conditions)


def _is_there(measure: Measure) -> bool:
    """Whether a measure has a value even of nothing."""
    return measure.function in ("count", "distinct", "sum")


def _groups(emission: Emission, plan: GroupsPlan, parent: Parent, relation: Relation | None) -> Select[Any]:
    """Group, choose, order and limit; then JSON of the groups that are left."""
    shown = list(dict.fromkeys(_measures(plan.shown)))
    others = [*_compared(plan.having), *(one.of for one in plan.order if isinstance(one.of, Measure))]
    tally = _tally(emission, plan, plan.by, [*shown, *others], parent, relation)
    numbers: dict[GroupKey, ColumnElement[Any]]
    numbers = {key: literal_column(str(index)) for index, key in enumerate(plan.by, 1)}
    values = [(numbers[one.of] if isinstance(one.of, GroupKey) else tally.of(one.of)) for one in plan.order]
    grouped = (
        select(
            *(tally.key(key).label(f"k{index}") for index, key in enumerate(plan.by)),
            *(tally.of(measure).label(f"v{index}") for index, measure in enumerate(shown)),
        )
        .select_from(tally.source)
        .where(*tally.conditions)
        .group_by(*numbers.values())
        .having(*_having(tally, plan.having))
        .order_by(*(_sorted(value, one) for value, one in zip(values, plan.order, strict=True)))
        .limit(size_of(emission, plan.size))
    )
    table = within(grouped, parent, emission.name("group"))

    def value(node: Node) -> list[Piece]:
        if isinstance(node, GroupKey):
            return _key_text(emission, node, table.c[f"k{plan.by.index(node)}"])
        assert isinstance(node, Measure)
        return json_of(node.kind, table.c[f"v{shown.index(node)}"], required=_is_there(node))

    return select(pages.array(joined(_object(plan.shown, value)), []).label("json")).select_from(table)


def _sorted(value: ColumnElement[Any], key: GroupSort) -> UnaryExpression[Any]:
    return (value.desc() if key.descending else value.asc()).nulls_last()


@dataclass
class _Tally:
    """Rows ready to be added up: where each key's and each measured member's value is found."""

    emission: Emission
    source: FromClause
    conditions: list[ColumnElement[bool]]
    values: dict[GroupKey | Measured, ColumnElement[Any]]

    def of(self, measure: Measure) -> ColumnElement[Any]:
        """A measure of the rows, or of a group."""
        return aggregated(measure, None if measure.member is None else self.values[measure.member])

    def key(self, key: GroupKey) -> ColumnElement[Any]:
        """What the rows of a group share; of a span of time its first day or moment."""
        value = self.values[key]
        if key.bucket is None:
            return value
        if key.member.kind == "moment":
            return func.date_trunc(Constant(key.bucket), value, self.emission.time_zone())
        return value if key.bucket == "day" else cast(
            func.date_trunc(Constant(key.bucket), cast(value, DateTime())), Date()
        )  # fmt: skip


def _tally(
    emission: Emission,
    plan: AggregatePlan | GroupsPlan,
    by: tuple[GroupKey, ...],
    measures: list[Measure],
    parent: Parent,
    relation: Relation | None,
) -> _Tally:
    rows = rows_of(emission, plan.spec, plan.where, parent, relation)
    wanted: list[GroupKey | Measured] = [*by, *(one.member for one in measures if one.member is not None)]
    values = {one: _value(emission, rows, one) for one in dict.fromkeys(wanted)}
    if not any(isinstance(one.member if isinstance(one, GroupKey) else one, DerivedSpec) for one in values):
        return _Tally(emission, rows.source, rows.conditions, values)
    computed = select(*(value.label(f"c{index}") for index, value in enumerate(values.values())))
    computed = computed.select_from(rows.source).where(*rows.conditions).offset(literal_column("0"))
    table = within(computed, parent, emission.name("computed"))
    return _Tally(emission, table, [], {one: table.c[f"c{index}"] for index, one in enumerate(values)})


def _value(emission: Emission, rows: Rows, wanted: GroupKey | Measured) -> ColumnElement[Any]:
    """The value of a key or member in one row."""
    if isinstance(wanted, GroupKey):
        return emission.value(wanted.member, rows.linked(emission, wanted.links))
    if isinstance(wanted, LinkSpec):
        return rows.linked(emission, (wanted,)).c.id
    return emission.value(wanted, rows.row)


def _having(tally: _Tally, parts: tuple[Having, ...]) -> list[ColumnElement[bool]]:
    """The SQL of conditions on a group; none is ever NULL."""
    return [_holds(tally, part) for part in parts]


def _holds(tally: _Tally, part: Having) -> ColumnElement[bool]:
    if isinstance(part, Compared):
        return tested(tally.emission, part.test, tally.of(part.measure), part.measure.kind)
    parts = _having(tally, part.parts)
    if part.how == "not":
        return and_(true(), *parts).is_not(true())
    return and_(true(), *parts) if part.how == "and" else or_(false(), *parts)


def _compared(parts: tuple[Having, ...]) -> Iterator[Measure]:
    """The measures that a `having` looks at."""
    for part in parts:
        if isinstance(part, Combined):
            yield from _compared(part.parts)
        else:
            yield part.measure


def _measures(node: Node) -> Iterator[Measure]:
    """The measures that an object shows."""
    if isinstance(node, Measure):
        yield node
    elif isinstance(node, tuple):
        for _, one in node:
            yield from _measures(one)


def _object(shown: Entries, value: Callable[[Node], list[Piece]]) -> list[Piece]:
    """A JSON object whose measures and keys `value` writes."""

    def written(node: Node) -> list[Piece]:
        if node is None:
            return ["null"]
        if isinstance(node, str):
            return [f'"{node}"']
        return _object(node, value) if isinstance(node, tuple) else value(node)

    return entries([(key, written(node)) for key, node in shown])


def _key_text(emission: Emission, key: GroupKey, value: ColumnElement[Any]) -> list[Piece]:
    """A key's JSON; the first moment of a span of time is told as the company's clocks show it."""
    if key.bucket is None or key.member.kind == "date":
        return json_of(key.member.kind, value, required=False)
    local = func.timezone(emission.time_zone(), value)
    ahead = local - func.timezone(Constant("UTC"), value)
    clock = func.rtrim(cast(func.to_json(local), Text), Constant('"'))
    sign = case((local < func.timezone(Constant("UTC"), value), Constant("-")), else_=Constant("+"))
    offset = func.to_char(func.greatest(ahead, -ahead), Constant("HH24:MI"))
    return [or_null(joined([clock, sign, offset, '"']))]
