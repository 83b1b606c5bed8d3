"""A sheet brought into the hub by the write verbs: every row's problems at once, then one transaction or none.

A record that exists is compared first, and only what differs is handed to `update`; so what was exported and comes
back unchanged changes nothing, whatever its state. What is made begins as a draft; a step may be taken after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from hub import writes
from hub.context import Ctx
from hub.document.batch import MOST_ROWS, BatchPolicy, each, lock_in_order
from hub.document.custom import EXTRA, CustomSpec
from hub.document.edit import company_of
from hub.document.fields import FieldSpec
from hub.document.registry import spec as spec_of
from hub.document.registry import table as fresh_table
from hub.document.rows import Me, visible
from hub.document.spec import DocSpec, LinkSpec
from hub.document.steps import StepSpec
from hub.document.values import Unfit
from hub.errors import Invalid, Problem, problem
from hub.exchange.columns import Column, Plan
from hub.exchange.mapping import Mapped
from hub.exchange.naming import Names
from hub.exchange.records import Cells, Grouping, Record, Trouble, headings_of
from hub.exchange.same import same, same_custom
from hub.exchange.sheet import Sheet
from hub.exchange.spelling import spelled, word
from hub.words import camel, snake

Mode = Literal["create", "update", "both"]
MODES: tuple[Mode, ...] = ("both", "create", "update")


@dataclass
class Outcome:
    """What became of a file: figures, and every problem by row and heading."""

    rows: int = 0
    documents: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    stepped: int = 0
    troubles: list[Trouble] = field(default_factory=list)


@dataclass
class _Ready:
    """A record in the verbs' own words: values by field name, lines with their position where the file has one.

    What could not be read goes along as it stands, so that the verb tells what else is wrong.
    """

    record: Record
    key: str | None
    values: dict[str, Any]
    lines: dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class _Task:
    """What is to be written: a record, what is stored of it, and what differs."""

    ready: _Ready
    stored: Any
    changes: dict[str, Any]


def step_of(spec: DocSpec, name: str) -> StepSpec:
    """The step to take after the import; Invalid STEP_UNKNOWN for one that is none or asks for more."""
    step = spec.steps.get(name)
    if step is None or any(one.required for one in step.arguments):
        raise Invalid(
            problem("STEP_UNKNOWN", f"导入后不能执行 {name[:60]}。", f"{name[:60]} cannot follow an import.", "step")
        )
    return step


class Importing:
    """One import within a unit of work. The caller rolls back when `run` finds troubles."""

    def __init__(self, ctx: Ctx, plan: Plan, mapping: Sequence[Mapped], mode: Mode, step: str | None) -> None:
        self._ctx, self._plan, self._mapping, self._mode = ctx, plan, mapping, mode
        self._step = step_of(plan.spec, step) if step else None
        self._columns = {one.used.path: one.used for one in mapping if one.used is not None}
        self._heading = {one.used.path: one.heading for one in mapping if one.used is not None}
        self._headings = headings_of(mapping)
        self._names = Names(ctx)
        self._told: set[tuple[int, str]] = set()
        """Cells that could not be read: what the verbs say of them is said already."""
        self.outcome = Outcome()

    def run(self, sheet: Sheet) -> Outcome:
        """Write everything there is; what is wrong is gathered, row by row."""
        grouping = Grouping(self._plan, self._mapping)
        records = grouping.records(sheet)
        out = self.outcome
        out.rows, out.documents = len(sheet.rows), len(records)
        out.troubles += grouping.troubles
        for record in records:
            self._want(record)
        self._names.resolve()
        for begin in range(0, len(records), MOST_ROWS):
            self._bring([self._ready(one) for one in records[begin : begin + MOST_ROWS]])
        out.troubles.sort(key=lambda one: (one.row or 0, one.column))
        return out

    def _want(self, record: Record) -> None:
        for cells in (record.header, *(line.cells for lines in record.lines.values() for line in lines)):
            for link, columns in self._links(cells):
                self._names.want(link, _called(columns, cells))
            for path, cell in cells.items():
                custom = self._columns[path].field
                if isinstance(custom, CustomSpec) and custom.target is not None and cell is not None:
                    self._names.want(custom, word(cell))

    def _links(self, cells: Cells) -> Iterator[tuple[LinkSpec, list[Column]]]:
        """The links among cells, each with the columns that name it."""
        found: dict[str, tuple[LinkSpec, list[Column]]] = {}
        for path in cells:
            column = self._columns[path]
            if column.link is not None:
                found.setdefault(column.name, (column.link, []))[1].append(column)
        yield from found.values()

    def _ready(self, record: Record) -> _Ready:
        """Cells as values; what cannot be read is told here, what does not fit the verbs tell."""
        values = self._values(record.header, record.row)
        lines = {name: [self._values(line.cells, line.row) for line in given] for name, given in record.lines.items()}
        key = values.get(self._plan.key)
        return _Ready(record, str(key).strip() if key else None, values, lines)

    def _values(self, cells: Cells, row: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for path, cell in cells.items():
            column = self._columns[path]
            if isinstance(column.field, CustomSpec):
                values.setdefault(EXTRA, {})[column.field.name] = self._custom(column.field, row, path, cell)
            elif column.field is not None:
                values[column.name] = self._tried(row, path, partial(spelled, column.field), cell)
        for link, columns in self._links(cells):
            called = _called(columns, cells)
            values[link.name] = self._tried(row, columns[0].path, partial(self._names.id_of, link), called)
        return values

    def _custom(self, field: CustomSpec, row: int, path: str, cell: Any) -> Any:
        """A custom value; what a link calls as its id."""
        if field.target is None:
            return self._tried(row, path, partial(spelled, field), cell)
        found = self._tried(row, path, partial(self._names.id_of, field), None if cell is None else word(cell))
        return None if found is None else str(found)

    def _tried(self, row: int, path: str, read: Callable[[Any], Any], given: Any) -> Any:
        try:
            return read(given)
        except Unfit as unfit:
            self.outcome.troubles.append(Trouble(unfit.problem, row, self._heading[path]))
            self._told.add((row, self._heading[path]))
            return given

    def _stored(self, keys: list[str]) -> dict[str, Any]:
        """The documents of these keys that the viewer sees, with their lines."""
        spec = self._plan.spec
        column = getattr(spec.model, self._plan.key)
        seen = visible(spec, spec.table, fresh_table, Me.of(self._ctx.viewer, company_of(self._ctx)))
        asked = select(spec.model).where(column == func.any(keys), *seen)
        asked = asked.options(*(selectinload(getattr(spec.model, name)) for name in spec.lines))
        return {getattr(one, self._plan.key): one for one in self._ctx.session.execute(asked).scalars()}

    def _bring(self, batch: Sequence[_Ready]) -> None:
        """A batch through the verbs, each record behind a savepoint, so that the next ones are tried as well."""
        stored = self._stored([one.key for one in batch if one.key is not None])
        tasks: list[_Task] = []
        for one in batch:
            there = stored.get(one.key) if one.key is not None else None
            refused = self._refused(one, there)
            changes = {} if there is None else self._changes(one, there)
            if refused is not None:
                self._tell(one, refused)
            elif there is not None and not changes:
                self.outcome.unchanged += 1
            else:
                tasks.append(_Task(one, there, changes))
        lock_in_order(self._ctx, self._plan.spec, [one.stored.id for one in tasks if one.stored is not None])
        for task, done in zip(tasks, each(self._ctx, "rows", tasks, self._write, BatchPolicy.EACH), strict=True):
            for found in done.problems:
                self._tell(task.ready, found)
            if not done.problems:
                self.outcome.created += task.stored is None
                self.outcome.updated += task.stored is not None
                self.outcome.stepped += self._step is not None

    def _write(self, task: _Task) -> UUID:
        """One record through its verb, and the step after it."""
        id_ = self._create(task.ready) if task.stored is None else self._update(task.stored, task.changes)
        if self._step is not None:
            writes.run_step(self._ctx, self._plan.spec.name, id_, self._step.name)
        return id_

    def _refused(self, ready: _Ready, stored: Any) -> Problem | None:
        """What speaks against a record because of the mode."""
        label = self._plan.spec.fields[self._plan.key].label
        if stored is not None and self._mode == "create":
            return problem(
                "DUPLICATE",
                f"{label.chinese} {ready.key} 已存在。",
                f"{label.english} {ready.key} exists already.",
                camel(self._plan.key),
                hint=("要修改已有记录，请选择“更新”。", "Choose to update what exists."),
            )
        if stored is None and (self._mode == "update" or self._plan.of_lines):
            shown = ready.key or ""
            return problem(
                "NOT_FOUND",
                f"没有{label.chinese}为“{shown}”的{self._plan.spec.label.chinese}。",
                f"There is no {self._plan.spec.label.english.lower()} {shown}.",
                camel(self._plan.key),
                hint=("要新建记录，请选择“新建”。", "Choose to create what is missing."),
            )
        return None

    def _create(self, ready: _Ready) -> UUID:
        spec = self._plan.spec
        body = {name: value for name, value in ready.values.items() if value is not None}
        if EXTRA in body:
            body[EXTRA] = {key: value for key, value in body[EXTRA].items() if value is not None}
        for name, lines in ready.lines.items():
            body[name] = [
                {key: value for key, value in line.items() if value is not None and key != "position"} for line in lines
            ]
        return UUID(str(writes.create(self._ctx, spec.name, body).id))

    def _update(self, stored: Any, changes: Mapping[str, Any]) -> UUID:
        writes.update(self._ctx, self._plan.spec.name, stored.id, changes, expected_version=stored.version)
        return UUID(str(stored.id))

    def _changes(self, ready: _Ready, stored: Any) -> dict[str, Any]:
        """What differs from what is stored, as `update` takes it. Lines are added and changed, never removed."""
        spec = self._plan.spec
        changes = _different(spec, ready.values, stored)
        changes.pop(self._plan.key, None)
        if custom := self._custom_changes(ready.values.get(EXTRA, {}), stored):
            changes[EXTRA] = custom
        for name, given in ready.lines.items():
            target = spec_of(spec.lines[name].target)
            body, placed = _line_changes(target, given, getattr(stored, name))
            if placed:
                changes[name] = body
                ready.record.placed[camel(name)] = placed
        return changes

    def _custom_changes(self, given: Mapping[str, Any], stored: Any) -> dict[str, Any]:
        """The custom values that are not as stored."""
        fields = {one.field.name: one.field for one in self._plan.open if isinstance(one.field, CustomSpec)}
        return {key: one for key, one in given.items() if not same_custom(fields[key], one, stored.extra.get(key))}

    def _tell(self, ready: _Ready, found: Problem) -> None:
        """A verb's problem at its row and under its heading."""
        path = list(found.path)
        lines = next((name for name in self._plan.spec.lines if path and path[0] == camel(name)), None)
        index, member = None, path[0] if path else ""
        if lines is not None:
            rest = path[1:]
            if len(rest) >= 2 and rest[0] in ("add", "change"):
                index = ready.record.placed.get(path[0], {}).get((rest[0], rest[1]))
                rest = rest[2:]
            elif rest and rest[0].isdigit():
                index, rest = int(rest[0]), rest[1:]
            member = rest[0] if rest else ""
        if member == EXTRA and len(path) > 1:
            member = f"{EXTRA}.{path[1]}"
        name = member if member.startswith(f"{EXTRA}.") else snake(member)
        heading = self._headings.get((lines, name), "") if member else ""
        row = ready.record.row_of(lines, index)
        if (row, heading) not in self._told:
            self.outcome.troubles.append(Trouble(found, row, heading or self._missing_heading(lines, name)))

    def _missing_heading(self, lines: str | None, name: str) -> str:
        """A field of which the file has no column is called by its label."""
        language = self._ctx.viewer.language
        known = (one for one in self._plan.columns if one.lines == lines and one.name == name)
        column = next(known, None)
        return column.label.in_language(language) if column else ""


def _line_changes(
    spec: DocSpec, given: Sequence[Mapping[str, Any]], rows: Sequence[Any]
) -> tuple[dict[str, list[Any]], dict[tuple[str, str], int]]:
    """Lines to add and to change, and which line of the file each entry is."""
    at_position = {row.position: row for row in rows}
    body: dict[str, list[Any]] = {"add": [], "change": []}
    placed: dict[tuple[str, str], int] = {}
    for index, line in enumerate(given):
        values = {name: value for name, value in line.items() if name != "position"}
        row = at_position.get(_position(line, rows, index))
        if row is None:
            verb, entry = "add", {name: value for name, value in values.items() if value is not None}
        else:
            verb, entry = "change", _different(spec, values, row)
        if entry:
            placed[verb, str(len(body[verb]))] = index
            body[verb].append(entry if row is None else {**entry, "id": row.id})
    return body, placed


def _position(line: Mapping[str, Any], rows: Sequence[Any], index: int) -> int:
    """Where a line belongs: at its position, without one in the order of the file."""
    given = str(line.get("position") or "")
    if given.isdigit():
        return int(given)
    return int(rows[index].position) if index < len(rows) else -1


def _called(columns: Sequence[Column], cells: Cells) -> Any:
    """What the cells of a link say: the code before the name; number and position of a line together."""
    parts = {column.part: cells[column.path] for column in columns if cells[column.path] is not None}
    if "number" in parts or "position" in parts:
        number, position = parts.get("number"), word(parts.get("position") or "")
        if number is None:
            return None
        return {"number": word(number), "position": position if position.isdigit() else 0}
    found = parts.get("key", parts.get("name"))
    return None if found is None else word(found)


def _different(spec: DocSpec, values: Mapping[str, Any], stored: Any) -> dict[str, Any]:
    """The values that are not as stored."""
    found = {}
    for name, value in values.items():
        if name == EXTRA:
            continue
        one: FieldSpec | None = spec.fields.get(name)
        if one is not None:
            differs = not same(one, value, getattr(stored, name))
        else:
            differs = value != getattr(stored, spec.links[name].column)
        if differs:
            found[name] = value
    return found
