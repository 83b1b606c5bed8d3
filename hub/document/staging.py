"""Set-based writing: COPY into a staging table, then one statement into the real one.

Rows of one call may name different fields; those with the same fields are written together, so a field that a row
does not name keeps its value in a document that exists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Cursor, sql
from psycopg.types.json import Jsonb

from hub.context import Ctx
from hub.document.custom import EXTRA
from hub.document.fields import Choice
from hub.document.sealing import seal_row
from hub.document.spec import DocSpec


@dataclass
class Upserted:
    """The ids by key of all rows, and which of them are new or changed."""

    ids: dict[tuple[Any, ...], UUID] = field(default_factory=dict)
    inserted: set[UUID] = field(default_factory=set)
    updated: set[UUID] = field(default_factory=set)


class Values(dict[str, Any]):
    """The values of one row; `defaults` are those used only when the row is new."""

    def __init__(self, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
        super().__init__(given)
        self.defaults = dict(defaults)


def _cursor(ctx: Ctx) -> Cursor[Any]:
    ctx.session.flush()
    cursor = ctx.session.connection().connection.cursor()
    assert isinstance(cursor, Cursor)
    return cursor


_AS_IT_IS = frozenset({str, int, bool, Decimal, UUID, date, datetime, type(None)})


def _plain(value: Any) -> Any:
    if isinstance(value, Choice):
        return value.value
    return Jsonb(value) if isinstance(value, dict) else value


def _names(columns: Iterable[str], prefix: str = "") -> sql.Composed:
    one = sql.SQL(prefix + "{}") if prefix else sql.SQL("{}")
    return sql.SQL(", ").join(one.format(sql.Identifier(name)) for name in columns)


def _compared(spec: DocSpec, columns: Iterable[str], row: str) -> sql.Composed:
    """Columns as they tell a changed value; of an encrypted one the keyed hash, for ciphertexts always differ."""
    sealed, plain = sql.SQL("split_part({}.{}, ':', 3)"), sql.SQL("{}.{}")

    def told(name: str) -> sql.Composed:
        if name == EXTRA and row == "excluded":
            return _incoming(name)
        form = sealed if name in spec.fields and spec.fields[name].encrypted else plain
        return form.format(sql.SQL(row), sql.Identifier(name))

    return sql.SQL(", ").join(map(told, columns))


def _stage(cursor: Cursor[Any], table: sql.Identifier, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A temporary table of these columns without constraints, holding the rows and their order."""
    cursor.execute("DROP TABLE IF EXISTS stage")
    cursor.execute(
        sql.SQL("CREATE TEMP TABLE stage ON COMMIT DROP AS SELECT {}, 0 AS ordinal FROM {} WITH NO DATA").format(
            _names(columns), table
        )
    )
    with cursor.copy(sql.SQL("COPY stage ({}, ordinal) FROM STDIN").format(_names(columns))) as copy:
        for ordinal, row in enumerate(rows):
            copy.write_row([*(one if type(one) in _AS_IT_IS else _plain(one) for one in row), ordinal])


def _incoming(name: str) -> sql.Composed:
    """What a column becomes in a row that exists: of custom values, those that are named change."""
    if name == EXTRA:
        return sql.SQL("jsonb_strip_nulls(kept.{0} || excluded.{0})").format(sql.Identifier(name))
    return sql.SQL("excluded.{}").format(sql.Identifier(name))


def upsert(ctx: Ctx, spec: DocSpec, rows: Sequence[Values], key: tuple[str, ...]) -> Upserted:
    """Insert or change rows by `key` (within the company where the type has one)."""
    done = Upserted()
    answer = sql.SQL("SELECT id, is_new, {} FROM done").format(_names(key))
    for group in _alike(rows):
        cursor, within = _write(ctx, spec, group, key, answer)
        for id_, is_new, *named in cursor:
            done.ids[tuple(named)] = id_
            (done.inserted if is_new else done.updated).add(id_)
        if cursor.rowcount < len(group):  # some were there and the same
            done.ids.update(_found(cursor, spec, key, within))
    return done


def upsert_lines(ctx: Ctx, spec: DocSpec, rows: Sequence[Values], owner: str) -> set[UUID]:
    """Insert or change lines by document (the column `owner`) and position; the documents whose lines changed."""
    answer = sql.SQL("SELECT DISTINCT {} FROM done").format(sql.Identifier(owner))
    moved: set[UUID] = set()
    for group in _alike(rows):
        cursor, _ = _write(ctx, spec, group, (owner, "position"), answer)
        moved.update(row[0] for row in cursor)
    return moved


def _alike(rows: Iterable[Values]) -> Iterable[list[Values]]:
    """Rows that name the same fields, to be written by one statement."""
    groups: dict[frozenset[str], list[Values]] = defaultdict(list)
    for row in rows:
        groups[frozenset(row)].append(row)
    return groups.values()


def _write(
    ctx: Ctx, spec: DocSpec, rows: list[Values], key: tuple[str, ...], answer: sql.Composed
) -> tuple[Cursor[Any], tuple[str, ...]]:
    """Insert or change rows that name the same fields; `answer` reads `done` (id, is_new, key) of those that it wrote.

    The cursor, and the columns by which a row is known.
    """
    cursor, table = _cursor(ctx), sql.Identifier("hub", spec.table.name)
    named, filled = sorted(rows[0]), sorted(rows[0].defaults)
    columns = [*named, *filled]
    _stage(cursor, table, columns, _sealed(spec, rows, named, filled))
    within = ("company_id", *key) if "company_id" in columns else key
    changing = [name for name in named if name not in within]
    statement = sql.SQL(
        "WITH done AS (INSERT INTO {table} AS kept ({columns}, version, created_by, updated_by) "
        "SELECT {columns}, 1, %(actor)s, %(actor)s FROM stage ORDER BY ordinal "
        "ON CONFLICT ({within}) DO UPDATE SET {settings}version = kept.version + 1, updated_at = now(), "
        "updated_by = %(actor)s WHERE {changed} RETURNING id, (xmax = 0) AS is_new, {key}) {answer}"
    ).format(
        table=table,
        columns=_names(columns),
        within=_names(within),
        settings=sql.SQL("").join(
            sql.SQL("{} = {}, ").format(sql.Identifier(name), _incoming(name)) for name in changing
        ),
        changed=sql.SQL("({}) IS DISTINCT FROM ({})").format(
            _compared(spec, changing, "kept"), _compared(spec, changing, "excluded")
        )
        if changing
        else sql.SQL("false"),
        key=_names(key),
        answer=answer,
    )
    return cursor.execute(statement, {"actor": ctx.viewer.user_id}), within


def _sealed(spec: DocSpec, rows: list[Values], named: list[str], filled: list[str]) -> Iterator[list[Any]]:
    """The values of each row in the order of the columns, encrypted where they are stored so."""
    for row in rows:
        if spec.encrypted:
            sealed = seal_row(spec, {**row.defaults, **row})
            yield [sealed[name] for name in (*named, *filled)]
        else:
            yield [*map(row.__getitem__, named), *map(row.defaults.__getitem__, filled)]


def _found(
    cursor: Cursor[Any], spec: DocSpec, key: tuple[str, ...], within: tuple[str, ...]
) -> Iterator[tuple[tuple[Any, ...], UUID]]:
    """Key and id of every staged row."""
    matching = sql.SQL(" AND ").join(sql.SQL("kept.{0} = stage.{0}").format(sql.Identifier(name)) for name in within)
    table = sql.Identifier("hub", spec.table.name)
    statement = sql.SQL("SELECT kept.id, {} FROM stage JOIN {} AS kept ON {}")
    cursor.execute(statement.format(_names(key, "kept."), table, matching))
    return ((tuple(row[1:]), row[0]) for row in cursor)


def insert_rows(ctx: Ctx, spec: DocSpec, rows: Sequence[dict[str, Any]], unique: tuple[str, ...]) -> list[UUID | None]:
    """Append ledger rows; the id of each in order, None where a row with the same `unique` columns was there."""
    if not rows:
        return []
    cursor, table = _cursor(ctx), sql.Identifier("hub", spec.table.name)
    columns = sorted({name for row in rows for name in row})
    _stage(cursor, table, columns, ([row.get(name) for name in columns] for row in rows))
    cursor.execute("ALTER TABLE stage ADD COLUMN id uuid DEFAULT uuidv7()")
    conflict = sql.SQL("ON CONFLICT ({}) DO NOTHING").format(_names(unique)) if unique else sql.SQL("")
    statement = sql.SQL(
        "WITH added AS (INSERT INTO {table} (id, {columns}, recorded_by) SELECT id, {columns}, %(actor)s FROM stage "
        "ORDER BY {order} {conflict} RETURNING id) "
        "SELECT added.id FROM stage LEFT JOIN added USING (id) ORDER BY stage.ordinal"
    ).format(
        table=table,
        columns=_names(columns),
        order=_names(unique) if unique else sql.SQL("ordinal"),
        conflict=conflict,
    )
    return [row[0] for row in cursor.execute(statement, {"actor": ctx.viewer.user_id}).fetchall()]


def touch(ctx: Ctx, spec: DocSpec, ids: set[UUID]) -> None:
    """A new version for documents of which only lines changed."""
    if ids:
        _cursor(ctx).execute(
            sql.SQL(
                "UPDATE {} SET version = version + 1, updated_at = now(), updated_by = %s WHERE id = ANY(%s)"
            ).format(sql.Identifier("hub", spec.table.name)),
            (ctx.viewer.user_id, list(ids)),
        )


def prune_lines(ctx: Ctx, spec: DocSpec, column: str, kept: Mapping[UUID, int]) -> set[UUID]:
    """Delete lines beyond the last position that each document now has; returns the documents that lost any."""
    if not kept:
        return set()
    statement = sql.SQL(
        "DELETE FROM {table} AS line USING unnest(%s::uuid[], %s::int[]) AS wanted (owner, last) "
        "WHERE line.{column} = wanted.owner AND line.position > wanted.last RETURNING line.{column}"
    ).format(table=sql.Identifier("hub", spec.table.name), column=sql.Identifier(column))
    cursor = _cursor(ctx)
    cursor.execute(statement, (list(kept), list(kept.values())))
    return {row[0] for row in cursor.fetchall()}
