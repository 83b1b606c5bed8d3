"""Turns raw rows into documents: runs a load's SELECT files and puts header, lines and the raw record together.

What comes out are the rows that `hub.writes.load` takes. No value is converted here: texts stay texts, and the hub
says which of them is no day or number. Lines without a document and documents that come twice are kept out and
returned as problems.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql
from psycopg.rows import dict_row

from assets.problems import Problem
from assets.selects import Select
from assets.sources import Source, SourceError, SourceLoad
from assets.staging import OWN_COLUMNS
from hub.document.spec import DocSpec

LINKING = {"source_key", "header_key"}
"""Columns of a SELECT that tie rows together and are no fields."""

Row = dict[str, Any]


@dataclass
class Conformed:
    """The documents of one load, ready for `hub.writes.load`, and what could not be put together."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def conform(connection: sa.Connection, source: Source, load: SourceLoad, spec: DocSpec) -> Conformed:
    """The documents that a load's SELECT files make of the raw tables as they are now. Raises SourceError."""
    check_columns(load, spec)
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    with driver.cursor(row_factory=dict_row) as cursor:
        lines = {name: _by_header(_run(cursor, source, select)) for name, select in load.lines.items()}
        records = _records(cursor, source, load)
        headers = _run(cursor, source, load.select)
    done = Conformed()
    for row in headers:
        _add_document(done, load, row, lines, records)
    for groups in lines.values():
        done.problems.extend(_no_document(load, key, len(group)) for key, group in groups.items())
    return done


def check_columns(load: SourceLoad, spec: DocSpec) -> None:
    """SourceError naming the first column that the document type does not have, or lines it does not have."""
    _check(load.select, spec)
    for name, select in load.lines.items():
        if name not in spec.lines:
            raise _format(
                f"{load.name}:{spec.label.chinese}没有明细 {name}。", f"{load.name}: {spec.name} has no lines {name}."
            )
        from hub.document.registry import spec as find

        _check(select, find(spec.lines[name].target))


def _check(select: Select, spec: DocSpec) -> None:
    """The columns of one SELECT against the fields and links of one type; `link.number` has a dot."""
    for column in select.columns:
        name = column.partition(".")[0]
        known = name in spec.links or (column in spec.fields and not spec.fields[column].system)
        if not known and column not in LINKING:
            raise _format(
                f"{select.name} 给出的列 {column} 不是{spec.label.chinese}的字段。",
                f"{select.name} gives the column {column}, which is no field of {spec.name}.",
            )


def _format(zh: str, en: str) -> SourceError:
    return SourceError("SOURCE_FORMAT", zh, en)


def _run(cursor: psycopg.Cursor[Row], source: Source, select: Select) -> list[Row]:
    """All rows of a SELECT; what PostgreSQL has against it becomes one sentence."""
    try:
        return cursor.execute(sql.SQL(select.sql)).fetchall()
    except (psycopg.ProgrammingError, psycopg.DataError) as error:
        reason = error.diag.message_primary or str(error)
        raise SourceError(
            "SOURCE_SELECT",
            f"数据源 {source.code} 的 {select.name} 无法执行:{reason}",
            f"{select.name} of source {source.code} cannot run: {reason}",
        ) from error


def _records(cursor: psycopg.Cursor[Row], source: Source, load: SourceLoad) -> dict[str, Row]:
    """The raw rows of the load's table by key, without the columns that the pipeline added."""
    statement = sql.SQL("select t._key, to_jsonb(t) - {own}::text[] as payload from {table} t").format(
        own=sql.Literal(list(OWN_COLUMNS)), table=sql.Identifier("raw", source.raw_name(load.table))
    )
    return {row["_key"]: row["payload"] for row in cursor.execute(statement)}


def _by_header(rows: list[Row]) -> dict[str, list[Row]]:
    """Lines grouped by the document they belong to, in the order of the SELECT."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[str(row.pop("header_key"))].append(row)
    return groups


def _add_document(
    done: Conformed, load: SourceLoad, row: Row, lines: dict[str, dict[str, list[Row]]], records: dict[str, Row]
) -> None:
    """One document with its lines and its record; the record keeps the lines as the SELECT gave them."""
    key = str(row.pop("source_key"))
    payload = dict(records.get(key, {}))
    document = nested(row)
    for name, groups in lines.items():
        group = groups.pop(key, [])
        document[name] = [nested(line) for line in group]
        payload[name] = [{column: None if v is None else str(v) for column, v in line.items()} for line in group]
    done.rows.append({**document, "source_table": load.table, "source_key": key, "payload": payload})


def nested(row: Row) -> Row:
    """`{"order_line.number": "SO-1"}` as `{"order_line": {"number": "SO-1"}}`; a link with nothing in it is None."""
    flat: Row = {name: value for name, value in row.items() if "." not in name}
    deep: dict[str, Row] = defaultdict(dict)
    for name, value in row.items():
        first, dot, rest = name.partition(".")
        if dot:
            deep[first][rest] = value
    flat.update({n: v if any(one is not None for one in v.values()) else None for n, v in deep.items()})
    return flat


def _no_document(load: SourceLoad, key: str, count: int) -> Problem:
    """Lines whose document the SELECT does not give."""
    return Problem(
        load.table,
        key,
        "LINE_WITHOUT_DOCUMENT",
        "lines",
        f"{count} 行明细没有对应的单据 {key}。",
        f"{count} lines belong to {key}, which is not there.",
    )
