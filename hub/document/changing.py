"""Changed rows of documents written in one round trip, where only values of rows that are there have changed.

The ORM's unit of work sorts, groups and counts what a step needs none of: nearly always it has changed a few plain
columns of the document and of rows beside it. All else (new and removed lines, masters, savepoints) is left to the ORM.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import Any

from psycopg import sql
from sqlalchemy import ClauseElement, inspect
from sqlalchemy.orm import Session

from hub.document import direct
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.sealing import seal_row

_STAMP = "updated_at"
"""Set by the trigger that keeps history; what the ORM would write for it is the same."""


class DocumentSession(Session):
    """A session whose flush writes plain changes of documents by itself."""

    def flush(self, objects: Any = None) -> None:
        """Write what is pending."""
        if self.identity_map.check_modified() and not self._flushing and objects is None:
            _write(self)
        super().flush(objects)


def _write(session: Session) -> None:
    """Write all changes, or none of them when one is not plain."""
    if session.new or session.deleted or session.in_nested_transaction():
        return
    rows = list(session.dirty)
    plain = [_changes(row) for row in rows]
    if not all(one is not None for one in plain):
        return
    groups: dict[tuple[str, tuple[str, ...]], list[dict[str, Any]]] = defaultdict(list)
    for row, changes in zip(rows, plain, strict=True):
        if changes:
            spec = spec_of(type(row).__name__)
            groups[spec.name, tuple(changes)].append({"id": row.id, **seal_row(spec, changes)})
    for row in rows:
        state = inspect(row)
        state._commit_all(state.dict, session.identity_map)
        session.expire(row, [_STAMP])
    if groups:
        direct.send(
            session,
            *(
                (_statement(name, columns), [direct.as_json(sorted(group, key=lambda one: str(one["id"])))])
                for (name, columns), group in sorted(groups.items())
            ),
        )


def _changes(row: Any) -> dict[str, Any] | None:
    """The changed columns of a row with their values; None when the ORM must see to it."""
    if not _is_plain(type(row).__name__):
        return None
    state = inspect(row)
    columns, found = state.mapper.columns, {}
    for name, before in state.committed_state.items():
        if name == _STAMP:
            continue
        if name not in columns:
            if state.attrs[name].history.has_changes():
                return None
            continue
        now = state.dict.get(name)
        if name == "id" or name not in state.dict or isinstance(now, ClauseElement):
            return None
        if now is not before and not (now == before and type(now) is type(before)):
            found[name] = now
    return dict(sorted(found.items()))


@lru_cache(maxsize=1_000)
def _is_plain(type_name: str) -> bool:
    """Whether rows of a type are those of documents, whose changes nothing in this process listens to."""
    found = specs().get(type_name)
    if found is None:
        return False
    return found.kind == "document" or (found.parent is not None and spec_of(found.parent).kind == "document")


@lru_cache(maxsize=1_000)
def _statement(type_name: str, columns: tuple[str, ...]) -> bytes:
    table = sql.Identifier("hub", spec_of(type_name).table.name)
    values = sql.SQL(", ").join(sql.SQL("{0} = new.{0}").format(sql.Identifier(name)) for name in columns)
    made = sql.SQL(
        "UPDATE {0} AS kept SET {1} FROM json_populate_recordset(NULL::{0}, $1) AS new WHERE kept.id = new.id"
    )
    return made.format(table, values).as_string().encode()
