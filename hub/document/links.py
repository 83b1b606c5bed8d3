"""From what people call a document to its id, for many at once.

A link is given as an id, as a code or number, or for a line as {"number": …, "position": …}. All the references of
a batch to one type are one SELECT.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, Text, cast, false, func, select
from sqlalchemy.orm import Session

from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.document.registry import table as fresh_table
from hub.document.rows import Me, visible
from hub.document.spec import DocSpec, LinkSpec
from hub.errors import Problem, problem
from hub.words import camel, snake


def key_of(given: Any) -> Hashable:
    """What a reference is looked up by: a UUID, a text, or (number, position); None for no reference."""
    if isinstance(given, dict):
        number, position = given.get("number"), given.get("position")
        if number is None or position is None:
            return None
        return str(number).strip(), int(position) if str(position).isdecimal() and len(str(position)) < 10 else -1
    if given is None or isinstance(given, UUID):
        return given
    word = str(given).strip()
    try:
        return UUID(word) if len(word) == 36 else (word or None)
    except ValueError:
        return word


def id_of(given: Any) -> UUID | None:
    """An id as it was given, None for what is none."""
    try:
        return given if isinstance(given, UUID) else UUID(str(given))
    except ValueError:
        return None


KNOWN = "known_links"
"""A session's info may hold what its unit of work has looked up for many documents: {target: {key: id}}."""


class Links:
    """Collects references while rows are read, resolves them together, answers afterwards."""

    def __init__(self, session: Session, viewer: Viewer, company_id: UUID | None) -> None:
        self._session, self.viewer, self._company_id = session, viewer, company_id
        self._wanted: dict[str, set[Hashable]] = defaultdict(set)
        self._found: dict[str, dict[Hashable, UUID]] = {}

    def want(self, spec: DocSpec, given: dict[str, Any]) -> None:
        """Note every reference of one row."""
        for name, link in spec.links.items():
            key = key_of(given.get(name))
            if key is not None:
                self._wanted[link.target].add(key)

    def want_key(self, target: str, key: Hashable) -> None:
        """Note one reference to a document of type `target`."""
        if key is not None:
            self._wanted[target].add(key)

    def led(self, target: str, key: Hashable) -> UUID | None:
        """The id behind a noted reference; None where it leads nowhere."""
        return self._found.get(target, {}).get(key)

    def resolve(self) -> None:
        """One SELECT per kind of reference."""
        known = self._session.info.get(KNOWN, {})
        for target, keys in self._wanted.items():
            spec = spec_of(target)
            there = known.get(target, {})
            found: dict[Hashable, UUID] = {key: there[key] for key in keys if key in there}
            for statement in _lookups(spec, keys - found.keys()):
                for row in self._session.execute(self._scoped(spec, statement)):
                    found[tuple(row[:-1]) if len(row) > 2 else row[0]] = row[-1]
            self._found[target] = found

    def _scoped(self, spec: DocSpec, statement: Select[Any]) -> Select[Any]:
        """Only what the viewer may see: what he may not refer to does not exist for him."""
        scoped = spec_of(spec.parent) if spec.parent else spec
        if not self.viewer.may(scoped.access.read):
            return statement.where(false())
        return statement.where(*visible(scoped, scoped.table, fresh_table, Me.of(self.viewer, self._company_id)))

    def fill(
        self, spec: DocSpec, given: dict[str, Any], values: dict[str, Any], path: tuple[str, ...]
    ) -> list[Problem]:
        """Put the ids of a row's references into `values`; the problems of those that lead nowhere."""
        problems = []
        for name, link in spec.links.items():
            if name not in given:
                continue
            key = key_of(given[name])
            values[link.column] = None if key is None else self._found[link.target].get(key)
            if key is not None and values[link.column] is None:
                problems.append(_unknown(link, key, *path, camel(name)))
        return problems


def _lookups(spec: DocSpec, keys: Iterable[Hashable]) -> Iterable[Select[Any]]:
    """SELECTs of (key…, id) for the three ways of naming."""
    table = spec.table
    ids = [key for key in keys if isinstance(key, UUID)]
    words = [key for key in keys if isinstance(key, str)]
    pairs = [key for key in keys if isinstance(key, tuple)]
    condition: ColumnElement[bool] | None = None
    if spec.parent:
        parent = spec_of(spec.parent)
        condition = table.c[f"{snake(spec.parent)}_id"] == parent.table.c.id
        if pairs:
            named = parent.table.c[parent.natural_key]
            # Thousands of pairs in an IN list overflow PostgreSQL's parser; unnested arrays do not.
            numbers = cast([number for number, _ in pairs], ARRAY(Text))
            positions = cast([position for _, position in pairs], ARRAY(Integer))
            unnested = func.unnest(numbers, positions).table_valued("number", "position")
            wanted = unnested.render_derived(name="wanted")
            yield select(named, table.c.position, table.c.id).where(
                condition, named == wanted.c.number, table.c.position == wanted.c.position
            )
    if ids:
        by_id = select(table.c.id, table.c.id.label("found")).where(table.c.id == func.any(ids))
        yield by_id if condition is None else by_id.where(condition)
    if words and spec.natural_key in ("code", "number"):
        named = table.c[spec.natural_key]
        yield select(named, table.c.id).where(named == func.any(words))


def _unknown(link: LinkSpec, key: Hashable, *path: str) -> Problem:
    shown = " / ".join(map(str, key)) if isinstance(key, tuple) else str(key)
    return problem(
        "LINK_UNKNOWN",
        f"{link.label.chinese}“{shown}”不存在。",
        f"{link.label.english} {shown} does not exist.",
        *path,
        target=link.target,
        key=shown,
    )
