"""Loading many rows of one type: the inside of the verb `load`.

Rows are coerced in Python, every reference is resolved with one SELECT per target, and the tables are written
set-based: COPY into a staging table, then one INSERT … ON CONFLICT that leaves unchanged rows alone. A row with
problems stays out and is told; the others go in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub.context import Ctx
from hub.document import audit, extra, provenance
from hub.document.access import LOADS
from hub.document.catalogue import declared_in
from hub.document.custom import EXTRA, CustomSpec
from hub.document.edit import apart, company_of, unknown_names
from hub.document.links import Links
from hub.document.registry import spec as spec_of
from hub.document.sealing import masked_payload
from hub.document.spec import DocSpec
from hub.document.staging import Values, insert_rows, prune_lines, touch, upsert, upsert_lines
from hub.document.values import complete, fill
from hub.document.walls import told
from hub.errors import Problem, Refused, problem
from hub.words import Label, camel, pinyin, snake


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one row: its place in the batch, its key at the source, and the problem."""

    index: int
    source_key: str | None
    code: str
    path: str
    message_zh: str
    message_en: str
    hint: Label | None = None

    @property
    def problem(self) -> Problem:
        """The problem as verbs tell it, its path from the row on."""
        path = tuple(self.path.split(".")) if self.path else ()
        return Problem(self.code, Label(self.message_zh, self.message_en), path, self.hint)


@dataclass
class LoadResult:
    """What became of a batch."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)


@dataclass
class _Row:
    """A row on its way in: its place, what was given, its values and those of its lines."""

    index: int
    given: dict[str, Any]
    values: Values
    lines: dict[str, list[Values]]
    id: UUID | None = None

    @property
    def origin(self) -> tuple[str, str] | None:
        """Table and key at the source."""
        table, key = self.given.get("source_table"), self.given.get("source_key")
        return (str(table), str(key)) if table is not None and key is not None else None


_ABOUT_SOURCE = {"source_table", "source_key", "payload"}


def load_rows(
    ctx: Ctx, spec: DocSpec, given: Sequence[dict[str, Any]], *, source: str | None, run_key: str | None
) -> LoadResult:
    """Bring rows in by natural key (code, number; ledgers by their unique columns or source key).

    A row is a dict of field names; links by code, number or {"number", "position"}; `lines` as lists of dicts;
    `source_table`, `source_key`, `payload` link the record at the source (which `source` must then name).

    Raises:
        NotFound: SOURCE_UNKNOWN. Refused: COMPANY_MISSING.
    """
    result = LoadResult()
    company_id = company_of(ctx)
    if company_id is None and "company_id" in spec.table.columns:
        raise Refused(problem("COMPANY_MISSING", "请先建立公司。", "Create the company first.", "company"))
    origin = provenance.Origin.of(ctx, source, run_key) if source is not None else None
    rows = _read(ctx, spec, given, company_id, result)
    rows = _without_doubles(spec, rows, result)
    if spec.kind == "ledger":
        rows = _append(ctx, spec, rows, origin, result)
    else:
        _upsert_documents(ctx, spec, rows, result)
    if origin is not None:
        origin.keep(ctx, spec, [(row.origin, row.id, _payload(spec, row)) for row in rows])
    if result.inserted or result.updated:
        figures = {"inserted": result.inserted, "updated": result.updated, "problems": len(result.problems)}
        changes = {"source": [None, source], **{name: [None, figure] for name, figure in figures.items()}}
        audit.record(ctx, spec.name, None, "load", changes, company_id=company_id)
    return result


def _read(
    ctx: Ctx, spec: DocSpec, given: Sequence[dict[str, Any]], company_id: UUID | None, result: LoadResult
) -> list[_Row]:
    """Coerce every row and resolve its references; rows with problems are told and left out."""
    links = Links(ctx.session, ctx.viewer, company_id)
    for one in given:
        links.want(spec, one)
        for name in spec.lines:
            for line in one.get(name) or ():
                links.want(spec_of(spec.lines[name].target), line)
    custom = None
    if any(EXTRA in one for one in given) and EXTRA in spec.fields:
        custom = extra.fields_of(declared_in(ctx.session, company_id), spec.name, ctx.viewer)
        for one in given:
            extra.want(custom, one.get(EXTRA), links)
    links.resolve()
    rows = []
    for index, one in enumerate(given):
        problems: list[Problem] = []
        row = _one(spec, index, one, links, problems, custom)
        if problems:
            _tell(result, index, one, problems)
        else:
            if "company_id" in spec.table.columns:
                row.values["company_id"] = company_id
            rows.append(row)
    return rows


def _one(
    spec: DocSpec,
    index: int,
    given: dict[str, Any],
    links: Links,
    problems: list[Problem],
    custom: Mapping[str, CustomSpec] | None,
) -> _Row:
    said, known = (None, given) if custom is None else apart(spec, given)
    values = _values(spec, dict(known), links, problems, (), frozenset())
    if custom is not None and said is not None:
        read = extra.read(custom, said, problems, links)
        extra.changed(custom, {}, read, problems)  # for its problems: what is emptied although it is needed
        values[EXTRA] = read
    lines: dict[str, list[Values]] = {}
    for name, lines_spec in spec.lines.items():
        if name not in given:
            continue
        target = spec_of(lines_spec.target)
        skip = frozenset({f"{snake(spec.name)}_id", "position"})
        lines[name] = []
        for at, line in enumerate(given[name] or ()):
            path = (camel(name), str(at))
            found = _values(target, line, links, problems, path, skip)
            found.setdefault("position", at + 1)
            lines[name].append(found)
    for one in spec.fields.values():
        if one.pinyin and one.name in values:
            values[one.pinyin] = pinyin(values[one.name])
    if not problems:
        _compute(spec, values, lines)
    return _Row(index, given, values, lines)


def _values(
    spec: DocSpec,
    given: dict[str, Any],
    links: Links,
    problems: list[Problem],
    path: tuple[str, ...],
    skip: frozenset[str],
) -> Values:
    known = {name: value for name, value in given.items() if name not in _ABOUT_SOURCE}
    problems += [found.under(*path) for found in unknown_names(spec, known)]
    values = fill(spec, known, problems, path, viewer=links.viewer, importing=links.viewer.may(LOADS))
    problems += links.fill(spec, known, values, path)
    # Defaults are for rows that turn out to be new; what exists keeps what its source does not name.
    defaults: dict[str, Any] = dict(values)
    complete(spec, defaults, problems, path, skip=skip)
    return Values(values, {name: value for name, value in defaults.items() if name not in values})


def _compute(spec: DocSpec, values: Values, lines: dict[str, list[Values]]) -> None:
    """Computed values that the source does not have are computed as for own documents."""
    lacking = [
        (spec_of(spec.lines[name].target), name)
        for name, rows in lines.items()
        if any(row.get(one) is None for row in rows for one in spec_of(spec.lines[name].target).computed)
    ]
    if not lacking:
        return
    document = spec.model(**values.defaults, **values)
    for target, name in lacking:
        setattr(document, name, [target.model(**row.defaults, **row) for row in lines[name]])
    document.prepare()
    for target, name in lacking:
        for row, model in zip(lines[name], getattr(document, name), strict=True):
            for one in target.computed:
                if row.get(one) is None:
                    row.defaults.pop(one, None)
                    row[one] = getattr(model, one)


def _without_doubles(spec: DocSpec, rows: list[_Row], result: LoadResult) -> list[_Row]:
    """The first of rows with one key; the others are told."""
    seen: dict[Any, int] = {}
    kept = []
    for row in rows:
        key = _key(spec, row)
        if key is None or key not in seen:
            seen[key] = row.index
            kept.append(row)
            continue
        shown = key[-1] if isinstance(key, tuple) else key
        found = problem(
            "DUPLICATE_IN_BATCH",
            f"与第 {seen[key] + 1} 行重复：{shown}。",
            f"The same as row {seen[key] + 1}: {shown}.",
            spec.natural_key,
        )
        _tell(result, row.index, row.given, [found])
    return kept


def _key(spec: DocSpec, row: _Row) -> Any:
    if spec.unique:
        return tuple(row.values.get(name) for name in spec.unique)
    return row.origin if spec.kind == "ledger" else row.values.get(spec.natural_key)


def _tell(result: LoadResult, index: int, given: dict[str, Any], problems: Iterable[Problem]) -> None:
    key = given.get("source_key")
    result.problems += [
        RowProblem(index, None if key is None else str(key), one.code, ".".join(one.path), *one.message, one.hint)
        for one in problems
    ]


def _upsert_documents(ctx: Ctx, spec: DocSpec, rows: list[_Row], result: LoadResult) -> None:
    """Write headers, then lines; a document whose lines alone changed counts as updated."""
    done = upsert(ctx, spec, [row.values for row in rows], (spec.natural_key,))
    for row in rows:
        row.id = done.ids[(row.values[spec.natural_key],)]
    changed = done.inserted | done.updated
    for name in spec.lines:
        moved = _upsert_lines(ctx, spec_of(spec.lines[name].target), snake(spec.name), name, rows)
        touch(ctx, spec, moved - changed)
        done.updated |= moved - done.inserted
        changed |= moved
    result.inserted, result.updated = len(done.inserted), len(done.updated)
    result.unchanged = len(rows) - len(changed)


def _upsert_lines(ctx: Ctx, target: DocSpec, parent: str, name: str, rows: list[_Row]) -> set[UUID]:
    """Write the lines of all documents; returns the documents whose lines changed."""
    column = f"{parent}_id"
    given = [row for row in rows if name in row.lines]
    flat = [line for row in given for line in row.lines[name]]
    for row in given:
        for line in row.lines[name]:
            line[column] = row.id
    moved = upsert_lines(ctx, target, flat, column)
    kept: dict[UUID, int] = defaultdict(int)
    for row in given:
        assert row.id is not None
        kept[row.id] = max((line["position"] for line in row.lines[name]), default=0)
    return moved | prune_lines(ctx, target, column, kept)


def _payload(spec: DocSpec, row: _Row) -> dict[str, Any]:
    return masked_payload(spec, row.given, row.given.get("payload") or {})


def _append(
    ctx: Ctx, spec: DocSpec, rows: list[_Row], origin: provenance.Origin | None, result: LoadResult
) -> list[_Row]:
    """Ledger rows are only added: one known by its source key is left as it is, or told when the source changed it."""
    known = origin.known(ctx, spec, [row.origin for row in rows if row.origin]) if origin else {}
    fresh = []
    for row in rows:
        earlier = known.get(row.origin) if row.origin else None
        if earlier is None:
            fresh.append(row)
        elif earlier == provenance.digest(_payload(spec, row)):
            result.unchanged += 1
        else:
            found = problem(
                "LEDGER_ROW_CHANGED",
                "来源中的记录已改变；账本只能追加，请冲销后重记。",
                "The record has changed at the source; a ledger is only added to: reverse it and enter it anew.",
            )
            _tell(result, row.index, row.given, [found])
    with told():
        ids = insert_rows(ctx, spec, [{**row.values.defaults, **row.values} for row in fresh], spec.unique)
    added = []
    for row, id_ in zip(fresh, ids, strict=True):
        row.id = id_
        if id_ is None:
            result.unchanged += 1
        else:
            added.append(row)
    result.inserted = len(added)
    return added
