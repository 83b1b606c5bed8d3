"""One document taken from a request's values to a model instance: the inside of create and update.

Problems of header and lines are gathered and raised together. The session is only asked for links and duplicates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import object_session

from hub.context import SYSTEM, Ctx, Viewer
from hub.document import extra, numbering
from hub.document.catalogue import declared_in
from hub.document.custom import EXTRA, CustomSpec
from hub.document.fields import ANY_STATE, Choice
from hub.document.ids import new_id
from hub.document.links import Links, id_of
from hub.document.positions import replace_lines
from hub.document.registry import spec as spec_of
from hub.document.rows import sees_all
from hub.document.spec import DocSpec
from hub.document.values import complete, fill, missing
from hub.errors import Conflict, Invalid, Problem, Refused, problem
from hub.words import camel, pinyin, snake


def check_number(spec: DocSpec, given: Mapping[str, Any], viewer: Viewer) -> list[Problem]:
    """Who sees only some of the documents takes the number that the series gives: a refusal would tell of others."""
    if spec.series is None or not given.get("number") or sees_all(spec, viewer):
        return []
    return [
        problem(
            "NUMBER_FROM_SERIES",
            "单号由系统编排，不能自填。",
            "The number is given by the hub and cannot be chosen.",
            "number",
        )
    ]


class Draft:
    """Builds one new document; every problem found is raised together."""

    def __init__(self, ctx: Ctx, spec: DocSpec, problems: Iterable[Problem] = ()) -> None:
        """`problems` are those found before, to be told with its own."""
        self._ctx, self._spec = ctx, spec
        self._company_id = company_of(ctx)
        self._links = Links(ctx.session, ctx.viewer, self._company_id)
        self._declared = declared_in(ctx.session, self._company_id) if EXTRA in spec.fields else None
        self._custom = extra.fields_of(self._declared, spec.name, ctx.viewer)
        self._problems: list[Problem] = list(problems)

    def build(self, given: Mapping[str, Any]) -> Any:
        """The instance with its lines, not yet in the session."""
        spec = self._spec
        line_rows = {name: list(given.get(name) or []) for name in spec.lines}
        said, given = apart(spec, given)
        extra.want(self._custom, said, self._links)
        self._want(spec, given, line_rows)
        self._problems += unknown_names(spec, given)
        self._problems += check_number(spec, given, self._ctx.viewer)
        later = numbering.numbered(self._ctx, spec, self._company_id)
        values = self._row(spec, given, (), frozenset({spec.natural_key} if later else ()))
        self._number(values, later=later)
        lists = {
            name: [
                self._line(spec_of(spec.lines[name].target), row, (camel(name), str(index)), index + 1)
                for index, row in enumerate(rows)
            ]
            for name, rows in line_rows.items()
        }
        self._count(lists)
        if self._declared is not None or said is not None:
            custom = extra.read(self._custom, said, self._problems, self._links)
            declared = self._declared.all(spec.name) if self._declared else {}
            values[EXTRA] = extra.begun(self._custom, declared, custom, self._problems)
        if not any(found.code == "NUMBER_FROM_SERIES" for found in self._problems):
            self._unique(values)
        if self._problems:
            raise Invalid(self._problems)
        document = spec.model(**{name: value for name, value in values.items() if name not in ("company_id",)})
        for name, rows in lists.items():
            setattr(document, name, [spec_of(spec.lines[name].target).model(**row) for row in rows])
        finish(self._ctx, spec, document, self._company_id)
        return document

    def _want(self, spec: DocSpec, given: Mapping[str, Any], line_rows: dict[str, list[Any]]) -> None:
        self._links.want(spec, dict(given))
        for name, rows in line_rows.items():
            for row in rows:
                self._links.want(spec_of(spec.lines[name].target), dict(row))
        self._links.resolve()

    def _row(
        self, spec: DocSpec, given: Mapping[str, Any], path: tuple[str, ...], skip: frozenset[str]
    ) -> dict[str, Any]:
        values = fill(spec, given, self._problems, path, viewer=self._ctx.viewer, importing=False)
        self._problems += self._links.fill(spec, dict(given), values, path)
        complete(spec, values, self._problems, path, skip=skip)
        return values

    def _line(self, spec: DocSpec, given: Mapping[str, Any], path: tuple[str, ...], position: int) -> dict[str, Any]:
        self._problems += [found.under(*path) for found in unknown_names(spec, given)]
        skip = frozenset({"position", f"{snake(str(spec.parent))}_id"})
        return {**self._row(spec, given, path, skip), "position": position}

    def _number(self, values: dict[str, Any], *, later: bool) -> None:
        """Where only some of the type are numbered by a rule, the others must bring their code."""
        key = self._spec.natural_key
        if later and values.get(key) is None and not numbering.gives(self._ctx, self._spec, self._company_id, values):
            self._problems.append(missing(*self._spec.fields[key].label, camel(key)))

    def _count(self, lists: dict[str, list[Any]]) -> None:
        for name, rows in lists.items():
            if len(rows) < self._spec.lines[name].at_least:
                self._problems.append(missing(*self._spec.lines[name].label, camel(name)))

    def _unique(self, values: dict[str, Any]) -> None:
        """A code or number that exists is told together with the other problems."""
        key = self._spec.natural_key
        if key not in ("code", "number") or values.get(key) is None:
            return
        table = self._spec.table
        taken = select(table.c.id).where(table.c[key] == values[key])
        if "company_id" in table.columns:
            taken = taken.where(table.c.company_id == self._company_id)
        if self._ctx.session.execute(taken).first():
            label = self._spec.fields[key].label
            found = problem(
                "DUPLICATE",
                f"{label.chinese} {values[key]} 已存在。",
                f"{label.english} {values[key]} exists already.",
                key,
            )
            if not self._problems:
                raise Conflict(found)
            self._problems.append(found)


def apart(spec: DocSpec, given: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """The custom values of a request, None when it names none, and the rest of it."""
    if EXTRA not in given or EXTRA not in spec.fields:
        return None, given
    return {} if given[EXTRA] is None else given[EXTRA], {name: value for name, value in given.items() if name != EXTRA}


def company_of(ctx: Ctx) -> UUID | None:
    """The company that what is written belongs to: the viewer's, or the only one."""
    if ctx.viewer.company_id is not None:
        return ctx.viewer.company_id
    company = spec_of("Company").table
    return ctx.session.execute(select(company.c.id).order_by(company.c.code).limit(1)).scalar_one_or_none()


def finish(ctx: Ctx, spec: DocSpec, document: Any, company_id: UUID | None) -> None:
    """Company, stamps and computed values of a document and its lines."""
    if "company_id" in spec.table.columns and document.company_id is None:
        if company_id is None:
            raise Refused(problem("COMPANY_MISSING", "请先建立公司。", "Create the company first.", "company"))
        document.company_id = company_id
    for field in spec.fields.values():
        if field.pinyin:
            setattr(document, field.pinyin, pinyin(getattr(document, field.name)))
    stamp(ctx, spec, document)
    if spec.kind != "ledger":
        document.prepare()
        Invalid.raise_all(document.check(ctx))


def stamp(ctx: Ctx, spec: DocSpec, document: Any) -> None:
    """Who wrote it, on the document and each line that has no author yet."""
    if spec.kind == "ledger":
        document.recorded_by = ctx.viewer.user_id
        return
    for one in (document, *(line for name in spec.lines for line in getattr(document, name))):
        if one.id is None:
            one.id = new_id()
        if one.created_by is None:
            one.created_by = one.updated_by = ctx.viewer.user_id or SYSTEM
            one.version = 1


def unknown_names(spec: DocSpec, given: Mapping[str, Any]) -> list[Problem]:
    """A name that is no field, link or list of lines is a typing mistake that must not pass."""
    known = spec.known_names
    return [
        problem("FIELD_UNKNOWN", f"{spec.label.chinese}没有字段 {name}。", f"{spec.label.english} has no {name}.", name)
        for name in given
        if name not in known
    ]


def apply_update(ctx: Ctx, spec: DocSpec, document: Any, given: Mapping[str, Any]) -> None:
    """Set fields, links and lines of a loaded document; Invalid or Refused with every problem."""
    problems = unknown_names(spec, given)
    problems += check_number(spec, given, ctx.viewer)
    problems += _locked_fields(spec, document, given)
    links = Links(ctx.session, ctx.viewer, company_of(ctx))
    said, given = apart(spec, given)
    custom = {} if said is None else _custom_fields(ctx, spec, document)
    extra.want(custom, said, links)
    links.want(spec, dict(given))
    for name in spec.lines:
        for row in _line_rows(given.get(name)):
            links.want(spec_of(spec.lines[name].target), dict(row))
    links.resolve()
    values = fill(spec, given, problems, (), viewer=ctx.viewer, importing=False)
    problems += links.fill(spec, dict(given), values, ())
    problems += _emptied(spec, given)
    for name in spec.lines:
        if given.get(name) is not None:
            _apply_lines(spec_of(spec.lines[name].target), document, name, given[name], links, problems)
            if len(getattr(document, name)) < spec.lines[name].at_least:
                problems.append(missing(*spec.lines[name].label, camel(name)))
    if said is not None:
        written = extra.read(custom, said, problems, links)
        values[EXTRA] = extra.changed(custom, document.extra, written, problems)
    if given.get("number") not in (None, getattr(document, "number", None)):
        problems += numbering.given_ahead(ctx, spec, document, str(given["number"]))
    if problems:
        refused = any(found.code == "NOT_EDITABLE" for found in problems)
        raise Refused(problems) if refused else Invalid(problems)
    for name, value in values.items():
        setattr(document, name, value)
    finish(ctx, spec, document, None)


def _custom_fields(ctx: Ctx, spec: DocSpec, document: Any) -> dict[str, CustomSpec]:
    """The custom fields of a stored document that the viewer may see."""
    return extra.fields_of(declared_in(ctx.session, owner_of(document)), spec.name, ctx.viewer)


def owner_of(document: Any) -> UUID | None:
    """The company of a document; the company itself is its own."""
    found: UUID | None = getattr(document, "company_id", document.id)
    return found


def _locked_fields(spec: DocSpec, document: Any, given: Mapping[str, Any]) -> Iterable[Problem]:
    """A document past its first state keeps its fields, but for those declared otherwise."""
    if spec.states is None or document.state == next(iter(spec.states)):
        return
    for name in given:
        part = spec.fields.get(name) or spec.links.get(name) or spec.lines.get(name)
        if part is not None and getattr(part, "editable_in", None) != ANY_STATE:
            yield problem(
                "NOT_EDITABLE",
                f"“{document.state.label.chinese}”状态下{part.label.chinese}不能修改。",
                f"{part.label.english} cannot be changed in state {document.state.label.english}.",
                camel(name),
            )


def _emptied(spec: DocSpec, given: Mapping[str, Any]) -> Iterable[Problem]:
    """Required values that the request sets to nothing."""
    for name in given:
        if name in spec.fields and spec.fields[name].required and not spec.fields[name].system:
            empty = given[name] is None or (isinstance(given[name], str) and not given[name].strip())
            if empty:
                yield missing(*spec.fields[name].label, camel(name))
        link = spec.links.get(name)
        if link and link.required and given[name] in (None, ""):
            yield missing(*link.label, camel(name))


def _line_rows(given: Any) -> list[Mapping[str, Any]]:
    return [*(given or {}).get("add", ()), *(given or {}).get("change", ())]


def _apply_lines(
    spec: DocSpec, document: Any, name: str, given: Mapping[str, Any], links: Links, problems: list[Problem]
) -> None:
    """Add, change and remove lines; added ones come last."""
    rows = getattr(document, name)
    by_id, gone = {row.id: row for row in rows}, set()
    for index, removed in enumerate(given.get("remove") or ()):
        row = by_id.get(id_of(removed))
        if row is None:
            problems.append(_no_line(camel(name), "remove", str(index)))
        else:
            gone.add(row)
    for index, change in enumerate(given.get("change") or ()):
        path = (camel(name), "change", str(index))
        row = by_id.get(id_of(change.get("id")))
        if row is None:
            problems.append(_no_line(*path))
            continue
        body = {key: value for key, value in change.items() if key != "id"}
        for key, value in _line_values(spec, body, links, problems, path).items():
            setattr(row, key, value)
    skip = frozenset({"position", f"{snake(str(spec.parent))}_id"})
    fresh = []
    for index, added in enumerate(given.get("add") or ()):
        path = (camel(name), "add", str(index))
        values = _line_values(spec, added, links, problems, path)
        complete(spec, values, problems, path, skip=skip)
        fresh.append(spec.model(**values))
    replace_lines(document, name, [row for row in rows if row not in gone], fresh)


def _line_values(
    spec: DocSpec, body: Mapping[str, Any], links: Links, problems: list[Problem], path: tuple[str, ...]
) -> dict[str, Any]:
    problems += [found.under(*path) for found in unknown_names(spec, body)]
    values = fill(spec, body, problems, path, viewer=links.viewer, importing=False)
    problems += links.fill(spec, dict(body), values, path)
    problems += [found.under(*path) for found in _emptied(spec, body)]
    return values


def _no_line(*path: str) -> Problem:
    return problem("LINE_UNKNOWN", "单据中没有这一行。", "The document has no such line.", *path)


def stored_values(spec: DocSpec, document: Any) -> dict[str, Any]:
    """The business values of a document and its lines as JSON, secrets too: to compare, never to tell."""
    values = {name: _plain(getattr(document, name)) for name, field in spec.fields.items() if not field.system}
    values |= {name: _plain(getattr(document, link.column)) for name, link in spec.links.items()}
    for name, lines in spec.lines.items():
        line_spec = spec_of(lines.target)
        values[name] = [stored_values(line_spec, row) for row in getattr(document, name)]
    if EXTRA in spec.fields and document.extra:
        values |= _custom_values(spec, document)
    return values


def _custom_values(spec: DocSpec, document: Any) -> dict[str, Any]:
    """The custom values of a document by path; what not everybody may see is wrapped, so that it is never told."""
    session = object_session(document)
    assert session is not None
    return dict(extra.told(declared_in(session, owner_of(document)), spec.name, document.extra))


def told_values(spec: DocSpec, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Stored values as the audit tells them: what is secret or restricted only as set or not."""
    told: dict[str, Any] = {}
    for name, value in stored.items():
        field = spec.fields.get(name)
        if isinstance(value, extra.Hidden):
            told[name] = "***"
        elif field is not None and (field.secret or field.restricted):
            told[name] = "***" if value is not None else None
        elif name in spec.lines:
            line_spec = spec_of(spec.lines[name].target)
            told[name] = [told_values(line_spec, line) for line in value]
        else:
            told[name] = value
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, Choice):
        return value.value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
