"""Pulls a table of a silo into schema `raw`: every column as text with its exact digits, a key, a hash.

The whole table is copied to a temporary one and merged, so an unchanged row is not written again and a row that
left the silo leaves here too. Rows without a usable key are kept out and returned as problems. Nothing here knows
what the columns mean.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import sql

from assets.problems import Problem
from assets.readers import Rows, open_rows
from assets.sources import Source, SourceError, SourceTable

OWN_COLUMNS = ("_key", "_hash", "_run", "_changed_at")
"""What stands beside the silo's own columns in every raw table."""


@dataclass
class Pulled:
    """What one pull did: rows as the silo gave them, rows written or removed here, rows kept out."""

    rows_read: int = 0
    rows_changed: int = 0
    problems: list[Problem] = field(default_factory=list)


def key_text(values: list[str | None]) -> str:
    """The values of a key as one text, joined with `|`; a bar inside a value of several is doubled."""
    if len(values) == 1:
        return values[0] or ""
    return "|".join((value or "").replace("|", "||") for value in values)


def row_hash(row: list[str | None]) -> str:
    """A fingerprint of a row's texts that tells an empty text from none and does not depend on the run."""
    return hashlib.sha256(json.dumps(row, ensure_ascii=False).encode()).hexdigest()[:32]


def pull(connection: sa.Connection, source: Source, table: SourceTable, values: Mapping[str, str], run: UUID) -> Pulled:
    """Brings `raw.<source>__<table>` up to date inside the caller's transaction. Raises SourceError."""
    with open_rows(source, table, values) as rows:
        cursor = _cursor(connection)
        name = source.raw_name(table.name)
        _prepare(cursor, source, name, rows.columns, f"{source.name} / {source.name_en}: {table.place}")
        pulled = Pulled()
        statement = sql.SQL("copy pulled ({}) from stdin").format(_names([*rows.columns, "_key", "_hash"]))
        with cursor.copy(statement) as copy:
            for row in _usable(rows, table, pulled):
                copy.write_row(row)
        pulled.rows_changed = _merge(cursor, name, rows.columns, run)
        return pulled


def _cursor(connection: sa.Connection) -> psycopg.Cursor[tuple[object, ...]]:
    """psycopg's own cursor inside SQLAlchemy's transaction: COPY has no SQLAlchemy form."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver.cursor()


def _names(columns: list[str] | tuple[str, ...]) -> sql.Composable:
    """Column names, quoted, with commas."""
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _usable(rows: Rows, table: SourceTable, pulled: Pulled) -> Iterator[list[str | None]]:
    """The rows that have the right width and a key of their own, with key and hash; the others become problems."""
    places = [rows.columns.index(name) for name in rows.key]
    seen: set[str] = set()
    for row in rows.rows:
        pulled.rows_read += 1
        if len(row) != len(rows.columns):
            pulled.problems.append(_wrong_width(table, pulled.rows_read, len(row), len(rows.columns)))
            continue
        parts = [row[place] for place in places]
        key = key_text(parts)
        if all(part is None for part in parts):
            pulled.problems.append(_no_key(table, rows.key, pulled.rows_read))
        elif key in seen:
            pulled.problems.append(_double_key(table, rows.key, key))
        else:
            seen.add(key)
            yield [*row, key, row_hash(row)]


def _wrong_width(table: SourceTable, number: int, found: int, wanted: int) -> Problem:
    """A row with more or fewer values than the header has columns."""
    return Problem(
        table.name,
        f"#{number}",
        "ROW_WIDTH",
        "",
        f"第 {number} 行有 {found} 个值,而表头有 {wanted} 列。",
        f"Row {number} has {found} values, the header has {wanted} columns.",
    )


def _no_key(table: SourceTable, key: tuple[str, ...], number: int) -> Problem:
    """A row that nothing identifies."""
    names = ", ".join(key)
    return Problem(
        table.name,
        f"#{number}",
        "KEY_EMPTY",
        names,
        f"第 {number} 行的键 {names} 为空。",
        f"Row {number} has an empty key {names}.",
    )


def _double_key(table: SourceTable, key: tuple[str, ...], value: str) -> Problem:
    """A second row with the same key; the first one stays."""
    names = ", ".join(key)
    return Problem(
        table.name,
        value,
        "KEY_DOUBLE",
        names,
        f"键 {names} = {value} 出现多次,仅保留第一行。",
        f"Key {names} = {value} occurs more than once; only the first row is kept.",
    )


def _prepare(
    cursor: psycopg.Cursor[tuple[object, ...]], source: Source, name: str, columns: tuple[str, ...], comment: str
) -> None:
    """Creates the raw table (again, when the silo's columns changed) and the temporary one beside it."""
    taken = [column for column in columns if column in OWN_COLUMNS]
    if taken:
        raise SourceError(
            "SOURCE_FORMAT",
            f"数据源 {source.code} 的列名 {taken[0]} 由系统占用,请用 rename 改名。",
            f"Column {taken[0]} of source {source.code} is a name of ours: change it with rename.",
        )
    cursor.execute("create schema if not exists raw")
    cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"raw.{name}"])  # two runs may pull the same table
    there = cursor.execute(
        "select column_name from information_schema.columns where table_schema = 'raw' and table_name = %s"
        " order by ordinal_position",
        [name],
    ).fetchall()
    if [one[0] for one in there] != [*columns, *OWN_COLUMNS]:
        target = sql.Identifier("raw", name)
        cursor.execute(sql.SQL("drop table if exists {}").format(target))
        texts = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(column)) for column in columns)
        cursor.execute(
            sql.SQL(
                "create table {} ({}, _key text primary key, _hash text not null, _run uuid not null,"
                " _changed_at timestamptz not null default now())"
            ).format(target, texts)
        )
        cursor.execute(sql.SQL("comment on table {} is {}").format(target, sql.Literal(comment)))
    cursor.execute("drop table if exists pg_temp.pulled")
    texts = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(one)) for one in [*columns, "_key", "_hash"])
    cursor.execute(sql.SQL("create temporary table pulled ({}) on commit drop").format(texts))


def _merge(cursor: psycopg.Cursor[tuple[object, ...]], name: str, columns: tuple[str, ...], run: UUID) -> int:
    """Makes the raw table equal to what was pulled; the number of rows inserted, changed or removed."""
    every = [*columns, "_key", "_hash"]
    changed = [column for column in every if column != "_key"]
    cursor.execute("analyze pulled")
    cursor.execute(
        sql.SQL(
            "merge into {target} as t using pulled as p on t._key = p._key"
            " when matched and t._hash <> p._hash then update set {sets}, _run = {run}, _changed_at = now()"
            " when not matched then insert ({names}, _run) values ({values}, {run})"
            " when not matched by source then delete"
        ).format(
            target=sql.Identifier("raw", name),
            sets=sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(one), sql.Identifier("p", one)) for one in changed
            ),
            names=_names(every),
            values=sql.SQL(", ").join(sql.Identifier("p", one) for one in every),
            run=sql.Literal(run),
        )
    )
    return cursor.rowcount
