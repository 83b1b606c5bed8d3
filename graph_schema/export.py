"""A list taken away whole: the same filter, order and rights as the list itself, one row after the other.

The columns are paths through links ("customer.name"). They are written as a GraphQL document and read like any
other, so an export can show nothing that a query would not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from psycopg import AsyncRawCursor, AsyncRawServerCursor
from psycopg.rows import scalar_row
from sqlalchemy import Select

from graph_schema.answer import Answerer, core_schema
from graph_schema.cost import cost_of
from graph_schema.document import understand
from graph_schema.naming import members
from graph_schema.read import pages
from graph_schema.read.compile import Statement, compiled
from graph_schema.read.conditions import demand_plain
from graph_schema.read.plan import ListPlan, Planner, Root
from graph_schema.read.scope import Emission
from graph_schema.read.selection import Source, pick, roots
from hub.context import Viewer
from hub.document.custom import EXTRA, CustomSpec, has_extra, shown
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, LinkSpec
from hub.errors import Invalid, NotFound, Unavailable, problem
from hub.words import Label, camel

BATCH = 500
"""Rows held at a time."""
WAIT_SECONDS = 20.0
"""How long an export waits for a place."""
LONGEST_SECONDS = 600
"""How long the server may work on one batch, the sorting before the first one included."""
_NOT_BY_ITSELF = ("id", "extra", "name_pinyin", "payload", "payload_hash")


@dataclass(frozen=True)
class ExportColumn:
    """One column: the way to it from the row, its words, and the field at the end."""

    path: tuple[str, ...]
    label: Label
    member: FieldSpec | DerivedSpec

    def value(self, row: Mapping[str, Any]) -> Any:
        """The JSON value in a row; None where a link leads nowhere."""
        found: Any = row
        for step in self.path:
            found = None if found is None else found.get(step)
        return found


@dataclass(frozen=True)
class Export:
    """A list as it will be taken away, for one viewer."""

    spec: DocSpec
    columns: tuple[ExportColumn, ...]
    rows: Statement
    count: Statement
    given: dict[str, Any]
    viewer: Viewer

    @asynccontextmanager
    async def open(self, answerer: Answerer) -> AsyncIterator[tuple[int, AsyncIterator[list[str]]]]:
        """The number of rows, and the rows' JSON texts in batches; both as of one moment.

        Raises:
            Unavailable: EXPORTS_BUSY.
        """
        async with (
            _place(answerer.exports),
            answerer.pool.connection() as connection,
            connection.transaction(),
        ):
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            await connection.execute("SELECT set_config('statement_timeout', %s, true)", [f"{LONGEST_SECONDS}s"])
            counting: AsyncRawCursor[Any] = AsyncRawCursor(connection, row_factory=scalar_row)
            await counting.execute(self.count.sql.encode(), self.count.values(self.given, self.viewer))
            async with AsyncRawServerCursor(connection, "export", row_factory=scalar_row) as cursor:
                await cursor.execute(self.rows.sql.encode(), self.rows.values(self.given, self.viewer))
                total: int = await counting.fetchone() or 0
                yield total, _batches(cursor)


@asynccontextmanager
async def _place(places: asyncio.Semaphore) -> AsyncIterator[None]:
    """One of the places for exports, when it is free soon."""
    try:
        await asyncio.wait_for(places.acquire(), WAIT_SECONDS)
    except TimeoutError as error:
        sentence = "正在进行的导出太多，请稍后再试。", "Too many exports are running; try again soon."
        raise Unavailable(problem("EXPORTS_BUSY", *sentence)) from error
    try:
        yield
    finally:
        places.release()


def plan_export(many: str, arguments: Mapping[str, Any], paths: Iterable[str] | None, viewer: Viewer) -> Export:
    """Plan the export of a list by its GraphQL name (salesOrders), with the list's arguments.

    Raises:
        NotFound: LIST_UNKNOWN.
        Forbidden: the viewer may not read the type, or not filter by a column.
        Invalid: FIELD_UNKNOWN, ARGUMENT_UNKNOWN, CONDITIONS_EXCEEDED.
        Faulty: a filter or order that does not fit the schema.
    """
    spec = next((one for one in specs().values() if one.many == many), None)
    if spec is None:
        raise NotFound(problem("LIST_UNKNOWN", f"没有名为 {many} 的列表。", f"There is no list {many}."))
    columns = tuple(
        _column(spec, path, viewer) for path in (opening_paths(spec, viewer) if paths is None else dict.fromkeys(paths))
    )
    known = understand(core_schema(), _document(spec, arguments, columns), None)
    given = known.variables(arguments)
    source = Source(known.schema, known.fragments, known.slots(given))
    ((key, nodes),) = roots(source, known.operation).items()
    query = known.schema.query_type
    assert query is not None
    root = Planner(viewer).list(pick(source, query, key, nodes), spec)
    cost_of([root])  # refuses what has too many conditions; an export's rows are not limited
    rows, count = _statement(pages.each, root, viewer), _statement(pages.counted, root, viewer)
    return Export(spec, columns, rows, count, given, viewer)


def _statement(emitted: Callable[[Emission, ListPlan], Select[Any]], root: Root, viewer: Viewer) -> Statement:
    """A statement over the whole list, as of the moment that is asked for."""
    assert isinstance(root.plan, ListPlan)
    emission = Emission(viewer)
    with emission.at(root.as_of):
        found = emitted(emission, replace(root.plan, size=None, node=root.plan.outputs[0].node))
    return compiled(found, emission.bindings)


def opening_paths(spec: DocSpec, viewer: Viewer) -> list[str]:
    """What an export shows when nothing is chosen: every field the viewer may read, links by what they are called."""
    found: list[str] = []
    for name, member in members(spec).items():
        if isinstance(member, LinkSpec):
            found += [f"{name}.{part}" for part in title_paths(spec_of(member.target))]
        elif isinstance(member, FieldSpec) and has_extra(member):
            found += [one.path for one in shown(viewer, spec.name).values() if _open(one, viewer)]
        elif isinstance(member, FieldSpec | DerivedSpec) and member.name not in _NOT_BY_ITSELF:
            found += [name] if viewer.may(member.restricted) and not getattr(member, "encrypted", False) else []
    return found


def title_paths(spec: DocSpec) -> list[str]:
    """The fields by which people know a linked record."""
    if spec.kind == "line" and spec.parent is not None:
        return [f"{camel(spec.parent)}.number", "position"]
    return {"master": ["code", "name"], "document": ["number"]}.get(spec.kind, ["id"])


def _open(field: CustomSpec, viewer: Viewer) -> bool:
    """Whether what a custom field links to may be read."""
    return field.target is None or viewer.may(spec_of(field.target).access.read)


def _column(spec: DocSpec, path: str, viewer: Viewer) -> ExportColumn:
    """A dotted path as a column; Invalid FIELD_UNKNOWN."""
    *links, last = path.split(".")
    labels, current = [], spec
    custom = bool(links) and links[-1] == EXTRA
    steps, links = links, links[:-1] if custom else links
    for name in links:
        link = members(current).get(name)
        if not isinstance(link, LinkSpec):
            raise _unknown(path)
        labels.append(link.label)
        current = spec_of(link.target)
    member = shown(viewer, current.name).get(last) if custom else members(current).get(last)
    if not isinstance(member, FieldSpec | DerivedSpec):
        raise _unknown(path)
    demand_plain(member)  # a file lies about where no right of ours reaches
    if custom or last not in ("name", "number") or not labels:
        labels.append(member.label)
    chinese, english = (" ".join(words) for words in zip(*labels, strict=True))
    return ExportColumn((*steps, last), Label(chinese, english), member)


def _unknown(path: str) -> Invalid:
    shown = path[:60]
    return Invalid(
        problem(
            "FIELD_UNKNOWN",
            f"没有字段 {shown}；可用本身的字段，或经关联到达的字段，如 customer.name。",
            f"There is no field {shown}; use a field of the list, or one through links such as customer.name.",
            "fields",
        )
    )


def _document(spec: DocSpec, arguments: Mapping[str, Any], columns: Iterable[ExportColumn]) -> str:
    """The GraphQL document that asks for these columns."""
    query = core_schema().query_type
    assert query is not None
    known = query.fields[spec.many].args
    for name in arguments:
        if name not in known or name in ("first", "last", "after", "before"):
            raise Invalid(
                problem("ARGUMENT_UNKNOWN", f"没有参数 {name[:60]}。", f"There is no argument {name[:60]}.", name[:60])
            )
    declared = ", ".join(f"${name}: {known[name].type}" for name in arguments)
    passed = ", ".join(f"{name}: ${name}" for name in arguments)
    tree: dict[str, Any] = {}
    for column in columns:
        place = tree
        path = column.path[:-1] if isinstance(column.member, CustomSpec) else column.path
        for step in path[:-1]:
            place = place.setdefault(step, {})
        place[path[-1]] = None
    head = f"query Export({declared})" if declared else "query Export"
    listed = f"{spec.many}({passed})" if passed else spec.many
    return f"{head} {{ {listed} {{ nodes {_selection(tree)} }} }}"


def _selection(tree: Mapping[str, Any]) -> str:
    inner = " ".join(name if below is None else f"{name} {_selection(below)}" for name, below in tree.items())
    return f"{{ {inner} }}"


async def _batches(cursor: AsyncRawServerCursor[Any]) -> AsyncIterator[list[str]]:
    while batch := await cursor.fetchmany(BATCH):
        yield batch
