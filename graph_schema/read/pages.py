"""Lists as SQL: a page cut from the bare table, numbered, joined to what it shows, and put together as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Text,
    UnaryExpression,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.sql.selectable import LateralFromClause

from graph_schema.naming import connection_type, edge_type
from graph_schema.read import cursor, emit, tallies
from graph_schema.read.aggregates import AggregatePlan
from graph_schema.read.ordering import Key
from graph_schema.read.plan import ConnectionOutput, ListPlan, ObjectPlan
from graph_schema.read.rows import Relation, Rows, rows_of, size_of, within
from graph_schema.read.scope import Emission
from graph_schema.read.selection import Pick
from graph_schema.read.sql import TYPES, Constant, Piece, entries, joined, or_null
from graph_schema.read.values import Slot
from hub.document.spec import FieldSpec, LinkSpec


def array(
    item: ColumnElement[str], order: Sequence[Any], kept: ColumnElement[bool] | None = None
) -> ColumnElement[str]:
    """The rows' texts as one JSON array, in order; `kept` leaves rows out."""
    ordered = aggregate_order_by(Constant(","), *order) if order else Constant(",")
    whole: ColumnElement[Any] = func.string_agg(item, ordered, type_=Text())
    if kept is not None:
        whole = whole.filter(kept)
    return joined(["[", func.coalesce(whole, Constant(""), type_=Text()), "]"])


def nested(emission: Emission, plan: ListPlan, row: FromClause, relation: Relation) -> LateralFromClause:
    """A document's lines or inverse list, joined to its row."""
    listing = _rows if plan.shape == "rows" else connection
    return listing(emission, plan, row, relation).correlate(row).lateral(emission.name(relation.name))


def each(emission: Emission, plan: ListPlan) -> Select[str]:
    """A whole list, a row per document: what an export streams."""
    item, order, rows = _all(emission, plan, None, None)
    return (
        select(joined(item.pieces).label("json"))
        .select_from(item.beside(rows.source))
        .where(*rows.conditions)
        .order_by(*order)
    )


def counted(emission: Emission, plan: ListPlan) -> Select[int]:
    """How many rows the whole list has."""
    return select(_count(emission, plan, None, None))


def connection(emission: Emission, plan: ListPlan, row: FromClause | None, relation: Relation | None) -> Select[Any]:
    """A connection's JSON object; with `row` and `relation` the list of one document, otherwise the whole list."""
    if plan.empty:
        return select(joined(entries([(one.key, _nothing(plan, one)) for one in plan.outputs])).label("json"))
    cut = _cut(emission, plan, row, relation) if any(one.kind in _PAGED for one in plan.outputs) else None
    values = [(one.key, _connection_value(emission, plan, one, cut, row, relation)) for one in plan.outputs]
    found = select(joined(entries(values)).label("json"))
    return found if cut is None else found.select_from(cut.whole)


_PAGED = ("nodes", "edges", "pageInfo")


@dataclass
class Cut:
    """One page: `row` has the columns that are shown, `number` counts from 1 in the direction of reading."""

    row: FromClause
    whole: FromClause
    """The row with the joins of what is shown beside it."""
    size: ColumnElement[int] | None
    """The page's size when one row more was fetched to see whether there is one, otherwise None."""
    keys: list[ColumnElement[Any]]

    @property
    def kept(self) -> ColumnElement[bool] | None:
        """Leaves out the row beyond the page."""
        return None if self.size is None else self.row.c.n <= self.size

    def order(self, *, backward: bool) -> list[Any]:
        """The order of the answer; a page without joins comes in order already."""
        if "n" not in self.row.c:
            return []
        return [self.row.c.n.desc() if backward else self.row.c.n]


def _rows(emission: Emission, plan: ListPlan, row: FromClause, relation: Relation) -> Select[Any]:
    """A plain list: all rows in their order, or the first few."""
    assert plan.node is not None
    if plan.empty:
        return select(Constant("[]").label("json"))
    if plan.size is not None:
        cut = _cut(emission, plan, row, relation)
        text = _document(emission, plan.node, cut)
        return select(array(text, cut.order(backward=False)).label("json")).select_from(cut.whole)
    item, order, rows = _all(emission, plan, row, relation)
    return (
        select(array(joined(item.pieces), order).label("json"))
        .select_from(item.beside(rows.source))
        .where(*rows.conditions)
    )


def _all(
    emission: Emission, plan: ListPlan, parent: FromClause | None, relation: Relation | None
) -> tuple[emit.ObjectText, list[UnaryExpression[Any]], Rows]:
    """All rows of a list: a row's JSON, the order, and where the rows are found."""
    assert plan.node is not None
    rows = rows_of(emission, plan.spec, plan.where, parent, relation)
    values = _key_values(emission, plan, rows)
    item = emit.document(emission, plan.node, rows.row)
    return item, [_sorted(key, value, backward=False) for key, value in zip(plan.keys, values, strict=True)], rows


def _key_values(emission: Emission, plan: ListPlan, rows: Rows) -> list[ColumnElement[Any]]:
    """The values of the sort keys; linked documents are joined."""
    return [emission.value(key.member, rows.linked(emission, key.links)) for key in plan.keys]


def _cut(emission: Emission, plan: ListPlan, parent: FromClause | None, relation: Relation | None) -> Cut:
    """The page: filter, place, sort and limit on the bare table, then a number per row where one is needed."""
    rows = rows_of(emission, plan.spec, plan.where, parent, relation)
    values = _key_values(emission, plan, rows)
    more = any(pick.name in ("hasNextPage", "hasPreviousPage") for one in plan.outputs for pick in one.picks)
    numbered = more or _has_joins(plan) or plan.backward or any(one.kind == "pageInfo" for one in plan.outputs)
    cursors = [value.label(f"k{index}") for index, value in enumerate(values)] if _wants_cursors(plan) else []
    size = size_of(emission, plan.size)
    page = (
        select(*_columns(plan, rows.row), *cursors)
        .select_from(rows.source)
        .where(*rows.conditions, *_places(emission, plan, values))
        .order_by(*(_sorted(key, value, backward=plan.backward) for key, value in zip(plan.keys, values, strict=True)))
        .limit(_limit(plan, size, more=more))
    )
    row = within(page, parent, emission.name("page"))
    if numbered:
        counted = select(*row.c, func.row_number().over().label("n")).select_from(row)
        row = within(counted, parent, emission.name("row"))
    keys: list[ColumnElement[Any]] = [row.c[f"k{index}"] for index in range(len(cursors))]
    return Cut(row, row, size if more else None, keys)


def _limit(plan: ListPlan, size: ColumnElement[int], *, more: bool) -> ColumnElement[int]:
    """The rows to fetch: one beyond the page when it is asked whether there is one."""
    if isinstance(plan.size, Slot):
        return size + literal_column("1", BigInteger()) if more else size
    return literal_column(str(int(plan.size or 0) + more), BigInteger())


def _places(emission: Emission, plan: ListPlan, keys: list[ColumnElement[Any]]) -> list[ColumnElement[bool]]:
    """The conditions of `after` and `before`."""
    found = []
    for given, after in ((plan.after, True), (plan.before, False)):
        if given is not None:
            at = [
                emission.bind(given, TYPES[key.member.kind], _reader(plan, index))
                for index, key in enumerate(plan.keys)
            ]
            found.append(cursor.beyond(plan.keys, keys, at, after=after))
    return found


def _reader(plan: ListPlan, index: int) -> Callable[[Any], Any]:
    return lambda given: cursor.read(given, plan.spec.name, plan.keys)[index]


def _sorted(key: Key, value: ColumnElement[Any], *, backward: bool) -> UnaryExpression[Any]:
    """In the key's direction, or against it; missing values come last, against it first."""
    ordered = value.desc() if key.descending != backward else value.asc()
    if not key.nullable:
        return ordered
    return ordered.nulls_first() if backward else ordered.nulls_last()


def _columns(plan: ListPlan, row: FromClause) -> list[ColumnElement[Any]]:
    """What the page must carry for what is shown; a derived value may need anything."""
    nodes = [plan.node] if plan.node else [one.node for one in plan.outputs if one.node]
    wanted = {"id"}
    for node in nodes:
        for output in node.outputs:
            if output.kind == "derived":
                return list(row.c)
            if output.kind == "steps":
                wanted.add("state")
            elif isinstance(output.member, FieldSpec):
                wanted.add(output.member.name)
            elif isinstance(output.member, LinkSpec):
                wanted.add(output.member.column)
    return [column for column in row.c if column.name in wanted]


_JOINING = ("link", "rows", "connection", "provenance", "history")


def _has_joins(plan: ListPlan) -> bool:
    nodes = [plan.node] if plan.node else [one.node for one in plan.outputs if one.node]
    return any(output.kind in _JOINING for node in nodes for output in node.outputs)


def _wants_cursors(plan: ListPlan) -> bool:
    wanted = ("cursor", "startCursor", "endCursor")
    return any(pick.name in wanted for one in plan.outputs for pick in one.picks)


def _document(emission: Emission, node: ObjectPlan, cut: Cut) -> ColumnElement[str]:
    """A node's JSON; its joins are added to the page's."""
    text = emit.document(emission, node, cut.row)
    cut.whole = text.beside(cut.whole)
    return joined(text.pieces)


def _connection_value(
    emission: Emission,
    plan: ListPlan,
    output: ConnectionOutput,
    cut: Cut | None,
    row: FromClause | None,
    relation: Relation | None,
) -> list[Piece]:
    if output.kind == "__typename":
        return [f'"{connection_type(plan.spec.name)}"']
    if output.kind == "totalCount":
        return [cast(_count(emission, plan, row, relation), Text)]
    if output.aggregate is not None:
        return [tallies.told(emission, output.aggregate, row, relation)]
    assert cut is not None
    if output.kind == "pageInfo":
        return entries([(pick.key, _page_info(plan, pick, cut)) for pick in output.picks])
    node = joined(["{}"]) if output.node is None else _document(emission, output.node, cut)
    if output.kind == "edges":
        node = joined(entries([(pick.key, _edge(plan, pick, node, cut)) for pick in output.picks]))
    return [array(node, cut.order(backward=plan.backward), cut.kept)]


def _count(emission: Emission, plan: ListPlan, row: FromClause | None, relation: Relation | None) -> ColumnElement[int]:
    """All rows of the list, whatever the page."""
    rows = rows_of(emission, plan.spec, plan.where, row, relation)
    counting = select(func.count()).select_from(rows.source).where(*rows.conditions)
    return (counting if row is None else counting.correlate(row)).scalar_subquery()


def _edge(plan: ListPlan, pick: Pick, node: ColumnElement[str], cut: Cut) -> list[Piece]:
    if pick.name == "cursor":
        return ['"', cursor.written(plan.spec.name, plan.keys, cut.keys), '"']
    return [node] if pick.name == "node" else [f'"{edge_type(plan.spec.name)}"']


def _page_info(plan: ListPlan, pick: Pick, cut: Cut) -> list[Piece]:
    """hasNextPage and hasPreviousPage, startCursor and endCursor."""
    if pick.name == "__typename":
        return ['"PageInfo"']
    if pick.name in ("startCursor", "endCursor"):
        return [_outermost(plan, cut, first=(pick.name == "startCursor") != plan.backward)]
    if (pick.name == "hasPreviousPage") == plan.backward:
        return [cast(func.count() > cut.size, Text)]
    return ["true" if (plan.before if plan.backward else plan.after) is not None else "false"]


def _outermost(plan: ListPlan, cut: Cut, *, first: bool) -> ColumnElement[str]:
    """The cursor of the first or last row read."""
    text = cursor.written(plan.spec.name, plan.keys, cut.keys)
    number = cut.row.c.n
    listed: ColumnElement[Any] = func.array_agg(
        aggregate_order_by(text, number if first else number.desc()), type_=ARRAY(Text())
    )
    if cut.kept is not None:
        listed = listed.filter(cut.kept)
    return or_null(joined(['"', listed[literal_column("1")], '"']))


def _nothing(plan: ListPlan, output: ConnectionOutput) -> list[Piece]:
    """What a list shows to whom its type is closed."""
    if output.kind == "__typename":
        return [f'"{connection_type(plan.spec.name)}"']
    if output.kind == "totalCount":
        return ["0"]
    if isinstance(output.aggregate, AggregatePlan):
        return tallies.nothing(output.aggregate)
    if output.kind != "pageInfo":
        return ["[]"]
    values = {"__typename": '"PageInfo"', "startCursor": "null", "endCursor": "null"}
    return entries([(pick.key, [values.get(pick.name, "false")]) for pick in output.picks])
