"""Encrypted columns in the database: plain values from before are sealed, and PostgreSQL refuses any that come later.

Runs after every migration and, sealing everything anew, after a rotation of the keys. History is sealed too, and the
trigger that would copy the plain value there is off meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Cursor, sql

from hub import ciphers
from hub.document.registry import specs
from hub.document.sealing import sealed_places
from hub.document.spec import DocSpec

_BATCH = 1000


def seal_columns(cursor: Cursor[Any], *, anew: bool = False) -> int:
    """Seal what is plain, with `anew` also what another key than the current one sealed. Returns how many values."""
    sealed = 0
    for spec in specs().values():
        places = sealed_places(spec)
        for name, place in places.items():
            live, kept = sql.Identifier("hub", spec.table.name), sql.Identifier("history", spec.table.name)
            stale = _stale(cursor, live, name, anew=anew)
            if stale:
                cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(live))
                sealed += _seal(cursor, live, name, place, anew=anew)
                cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(live))
            sealed += _seal(cursor, kept, name, place, anew=anew)
            for statement in _walls(spec, name):
                cursor.execute(statement)
    return sealed


def _stale(cursor: Cursor[Any], table: sql.Identifier, name: str, *, anew: bool) -> bool:
    return cursor.execute(_waiting(table, name, 1), _values(anew=anew)).fetchone() is not None


def _waiting(table: sql.Identifier, name: str, most: int) -> sql.Composed:
    """The values that are not sealed with the current key; without `anew`, that are not sealed at all."""
    return sql.SQL(
        "SELECT ctid::text, {name} FROM {table} WHERE {name} IS NOT NULL AND "
        "({name} !~ %(form)s OR (%(anew)s AND split_part({name}, ':', 2) <> %(current)s)) LIMIT {most}"
    ).format(name=sql.Identifier(name), table=table, most=sql.Literal(most))


def _values(*, anew: bool) -> dict[str, Any]:
    return {"form": ciphers.SEALED, "anew": anew, "current": ciphers.ring().current}


def _seal(cursor: Cursor[Any], table: sql.Identifier, name: str, place: str, *, anew: bool) -> int:
    done = 0
    change = sql.SQL("UPDATE {} SET {} = %s WHERE ctid = %s::tid").format(table, sql.Identifier(name))
    while rows := cursor.execute(_waiting(table, name, _BATCH), _values(anew=anew)).fetchall():
        plain = [(ciphers.opened(place, stored) if ciphers.is_sealed(stored) else stored, row) for row, stored in rows]
        cursor.executemany(change, [(ciphers.seal(place, value), row) for value, row in plain])
        done += len(rows)
    return done


def _walls(spec: DocSpec, name: str) -> Iterator[sql.Composed]:
    """The last wall: whatever writes, PostgreSQL takes nothing that is not sealed."""
    wall = f"ck_{spec.table.name}_{name}_sealed"
    yield sql.SQL(
        "DO $$ BEGIN IF NOT EXISTS "
        "(SELECT FROM pg_constraint WHERE conname = {} AND connamespace = 'hub'::regnamespace) THEN "
        "ALTER TABLE {} ADD CONSTRAINT {} CHECK ({} ~ {}); END IF; END $$"
    ).format(
        sql.Literal(wall),
        sql.Identifier("hub", spec.table.name),
        sql.Identifier(wall),
        sql.Identifier(name),
        sql.Literal(ciphers.SEALED),
    )
