"""From what people call a document to its id, for many at once.

A link is given as an id, as a code or number, or for a line as {"number": …, "position": …}. All the references of
a batch to one type are one SELECT.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Integer, Text, Uuid, any_, bindparam, func, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from hub.context import SYSTEM, Viewer
from hub.document import direct, remembering
from hub.document.registry import spec as spec_of
from hub.document.registry import table as fresh_table
from hub.document.rows import Me, value_of, visible
from hub.document.spec import DocSpec, LinkSpec
from hub.errors import Problem, problem
from hub.round_trips import Statement
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
        """One SELECT per kind of reference, all in one round trip."""
        known = self._session.info.get(KNOWN, {})
        asked: list[tuple[str, Statement]] = []
        for target, keys in self._wanted.items():
            there = (known.get(target, {}), *self._remembered(target))
            self._found[target] = {key: some[key] for key in keys for some in there if key in some}
            asked += [(target, one) for one in self._lookups(target, keys - self._found[target].keys())]
        if asked:
            answers = direct.writer_of(self._session).rows(*(statement for _, statement in asked))
            for (target, _), rows in zip(asked, answers, strict=True):
                told = {row[0] if len(row) == 2 else row[:-1]: row[-1] for row in rows}
                self._found[target].update(told)
                self._remember(target, told)

    def _remembered(self, target: str) -> list[dict[Hashable, UUID]]:
        """What a unit of work of many documents has asked for, of one from whom nothing is hidden: codes, then ids."""
        if self.viewer.user_id != SYSTEM:
            return []
        return [remembering.answers(self._session, read_from) for read_from in ((target, "links"), (f"{target} ids",))]

    def _remember(self, target: str, told: dict[Hashable, UUID]) -> None:
        """Masters by code until one is changed, whatever was there by its id: it stays, and a foreign key says so."""
        if self.viewer.user_id == SYSTEM:
            by_code, by_id = self._remembered(target)
            by_id.update((key, id_) for key, id_ in told.items() if isinstance(key, UUID))
            if spec_of(target).kind == "master":
                by_code.update((key, id_) for key, id_ in told.items() if not isinstance(key, UUID))

    def _lookups(self, target: str, keys: Iterable[Hashable]) -> Iterator[Statement]:
        """The statements that find these keys, with their values; none for what the viewer may not refer to."""
        spec = spec_of(target)
        if not self.viewer.may((spec_of(spec.parent) if spec.parent else spec).access.read):
            return
        for kind in (UUID, str, tuple):
            named = [key for key in keys if isinstance(key, kind)]
            made = _lookup(target, kind, self.viewer.permissions, self._company_id is not None) if named else None
            if made is not None:
                yield made.text, made.values(partial(self._value, named))

    def _value(self, named: list[Any], name: str) -> Any:
        """A value that a lookup asks for: the keys, or the viewer's own."""
        if name == "company_id":
            return self._company_id
        if name in ("numbers", "positions"):
            return [key[name == "positions"] for key in named]
        return named if name == "keys" else value_of(self.viewer, name)

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


@lru_cache(maxsize=1_000)
def _lookup(target: str, kind: type, permissions: frozenset[str], walled: bool) -> direct.Made | None:
    """The SELECT of (key…, id) for one way of naming, of what somebody with these permissions may refer to.

    What he may not see does not exist for him. None where the type cannot be named so. `walled`: within a company.
    """
    spec = spec_of(target)
    table, scoped = spec.table, spec_of(spec.parent) if spec.parent else spec
    found: Any
    if kind is UUID:
        found = select(table.c.id, table.c.id.label("found")).where(table.c.id == any_(_keys("keys", Uuid())))
    elif kind is str and spec.natural_key in ("code", "number"):
        named = table.c[spec.natural_key]
        found = select(named, table.c.id).where(named == any_(_keys("keys", Text())))
    elif kind is tuple and spec.parent:
        # Thousands of pairs in an IN list overflow PostgreSQL's parser; unnested arrays do not.
        pairs = func.unnest(_keys("numbers", Text()), _keys("positions", Integer())).table_valued("number", "position")
        wanted, named = pairs.render_derived(name="wanted"), scoped.table.c[scoped.natural_key]
        found = select(named, table.c.position, table.c.id)
        found = found.where(named == wanted.c.number, table.c.position == wanted.c.position)
    else:
        return None
    if spec.parent:
        found = found.where(table.c[f"{snake(spec.parent)}_id"] == scoped.table.c.id)
    me = Me.whoever(permissions, walled=walled)
    return direct.Made(found.where(*visible(scoped, scoped.table, fresh_table, me)))


def _keys(name: str, type_: TypeEngine[Any]) -> ColumnElement[Any]:
    return bindparam(name, type_=ARRAY(type_))


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
