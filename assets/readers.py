"""Reads the rows of one table of a silo as text, whatever the kind of silo, without changing a digit.

Everything that can go wrong outside (server away, file gone, column renamed) becomes a SourceError with one
sentence.
"""

import csv
import datetime as dt
import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, NoSuchTableError, SQLAlchemyError

from assets.sources import Source, SourceError, SourceTable

MAX_NAME_BYTES = 63
"""PostgreSQL cuts longer names in silence, and two Chinese columns would become one."""

CONNECT_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "postgresql": {"connect_timeout": 10},
    "mysql": {"connect_timeout": 10},
    "mariadb": {"connect_timeout": 10},
}

csv.field_size_limit(16 * 1024 * 1024)


@dataclass(frozen=True)
class Rows:
    """The rows of one table: column names as they will stand in `raw`, and lists of texts of that width."""

    columns: tuple[str, ...]
    key: tuple[str, ...]
    rows: Iterator[list[str | None]]


def exact(value: Any) -> str | None:
    """A value of the silo as text that loses nothing: every digit of a decimal, a float's shortest faithful form."""
    if value is None:
        return None
    for types, write in _WRITERS:
        if isinstance(value, types):
            return write(value)
    return str(value)


def _float(value: float) -> str:
    text = format(Decimal(repr(value)), "f") if math.isfinite(value) else repr(value)
    return text.removesuffix(".0")


_WRITERS: tuple[tuple[Any, Callable[[Any], str]], ...] = (  # a bool is an int, a moment is a day: the narrow ones first
    (str, lambda value: value.replace("\x00", "")),  # PostgreSQL takes no such character
    (bool, lambda value: "true" if value else "false"),
    (float, _float),
    (Decimal, lambda value: format(value, "f")),
    (dt.datetime, lambda value: value.isoformat(sep=" ")),
    ((dt.date, dt.time), lambda value: value.isoformat()),
    ((bytes, memoryview), lambda value: "\\x" + bytes(value).hex()),
    ((dict, list), lambda value: json.dumps(value, ensure_ascii=False, default=str)),
)


@contextmanager
def open_rows(source: Source, table: SourceTable, values: Mapping[str, str]) -> Iterator[Rows]:
    """The table's rows, read as they are consumed; the silo is closed at the end. Raises SourceError."""
    where = source.where(values)
    with _OPENERS[source.kind](source, table, where) as (names, rows):
        picked = _pick(source, table, names)
        columns = tuple(table.rename.get(names[index], names[index]) for index in picked)
        _refuse_long(source, columns)
        key = tuple(table.rename.get(name, name) for name in table.key)
        whole = list(picked) == list(range(len(names)))
        nulls = frozenset(table.null)

        def texts() -> Iterator[list[str | None]]:
            for row in rows:
                if len(row) == len(names) and not whole:
                    row = [row[index] for index in picked]
                yield [None if text is None or text in nulls else exact(text) for text in row]

        yield Rows(columns, key, texts())


def _pick(source: Source, table: SourceTable, names: list[str]) -> list[int]:
    """The positions of the wanted columns; SourceError for one that the silo does not have, or has twice."""
    wanted = list(table.columns) or [name for name in names if name]
    for name in [*wanted, *table.key, *table.rename]:
        if names.count(name) != 1:
            zh, en = ("缺少列", "has no column") if name not in names else ("有重复的列", "has more than one column")
            raise SourceError(
                "SOURCE_COLUMN_MISSING",
                f"数据源 {source.code} 的 {table.place} {zh} {name}。",
                f"{table.place} of source {source.code} {en} {name}.",
            )
    missing = [name for name in table.key if name not in wanted]
    return [names.index(name) for name in [*missing, *wanted]]


def _refuse_long(source: Source, columns: tuple[str, ...]) -> None:
    """SourceError for a name that PostgreSQL would cut."""
    for name in columns:
        if len(name.encode()) > MAX_NAME_BYTES:
            raise SourceError(
                "SOURCE_FORMAT",
                f"数据源 {source.code} 的列名 {name} 超过 {MAX_NAME_BYTES} 字节,请用 rename 改短。",
                f"Column {name} of source {source.code} is over {MAX_NAME_BYTES} bytes: shorten it with rename.",
            )


def _unreachable(source: Source, reason: object) -> SourceError:
    """The one sentence for a silo that does not answer; the driver's first line says why."""
    line = next(iter(str(reason).strip().splitlines()), "?")
    return SourceError(
        "SOURCE_UNREACHABLE",
        f"无法连接数据源 {source.code}({source.name}):{line}",
        f"Source {source.code} ({source.name_en}) cannot be reached: {line}",
    )


@contextmanager
def _open_sql(source: Source, table: SourceTable, where: str) -> Iterator[tuple[list[str], Iterator[list[str | None]]]]:
    """A table or view of any database that SQLAlchemy speaks, streamed in portions."""
    try:
        url = sa.make_url(where)
        options = dict(CONNECT_ARGUMENTS.get(url.get_backend_name(), {}))
        engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=options)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise SourceError(
            "SOURCE_FORMAT",
            f"数据源 {source.code} 的数据库地址无效或缺少驱动:{_harmless(error)}",
            f"The database URL of source {source.code} is wrong or its driver is missing: {_harmless(error)}",
        ) from error
    try:
        with engine.connect() as connection:
            schema, _, name = table.place.rpartition(".")
            names = _sql_columns(source, table, connection, schema or None, name)
            wanted: sa.Select[*tuple[Any, ...]] = sa.select(*(sa.column(one) for one in names)).select_from(
                sa.table(name, *(sa.column(one) for one in names), schema=schema or None)
            )
            result = connection.execution_options(stream_results=True, yield_per=2000).execute(wanted)
            yield names, ([exact(value) for value in row] for row in result)
    except SQLAlchemyError as error:
        raise _unreachable(source, getattr(error, "orig", None) or error) from error
    finally:
        engine.dispose()


def _harmless(error: Exception) -> str:
    """What is wrong with a URL, without the URL: it may hold a password."""
    if isinstance(error, ArgumentError):
        return "driver://user:password@host/database"
    return str(error)


def _sql_columns(
    source: Source, table: SourceTable, connection: sa.Connection, schema: str | None, name: str
) -> list[str]:
    """The table's columns as the database itself reports them."""
    try:
        return [column["name"] for column in sa.inspect(connection).get_columns(name, schema=schema)]
    except NoSuchTableError as error:
        raise _no_table(source, table) from error


def _no_table(source: Source, table: SourceTable) -> SourceError:
    """The sentence for a table, file or sheet that is not there."""
    return SourceError(
        "SOURCE_TABLE_MISSING",
        f"数据源 {source.code} 中找不到 {table.place}。",
        f"Source {source.code} has no {table.place}.",
    )


@contextmanager
def _open_csv(source: Source, table: SourceTable, where: str) -> Iterator[tuple[list[str], Iterator[list[str | None]]]]:
    """A CSV file with a header line."""
    folder = Path(where)
    if not folder.is_dir():
        raise _unreachable(source, f"{folder}: 文件夹不存在 / no such folder")
    path = folder / table.place
    if not path.is_file():
        raise _no_table(source, table)
    try:
        file = path.open(encoding=table.encoding, newline="")
    except (OSError, LookupError) as error:
        raise _unreadable(source, table, error) from error
    with file:
        try:
            reader = csv.reader(file, delimiter=table.delimiter)
        except TypeError as error:
            raise _unreadable(source, table, error) from error
        try:
            names = next(reader, [])
            yield names, (list(row) for row in reader if row)
        except (UnicodeDecodeError, csv.Error) as error:
            raise _unreadable(source, table, error) from error


def _unreadable(source: Source, table: SourceTable, error: Exception) -> SourceError:
    """The sentence for a file that is not what its definition says."""
    return SourceError(
        "SOURCE_UNREADABLE",
        f"数据源 {source.code} 的 {table.place} 无法按编码 {table.encoding}、分隔符 {table.delimiter!r} 读取:{error}",
        f"{table.place} of source {source.code} cannot be read with encoding {table.encoding} and delimiter "
        f"{table.delimiter!r}: {error}",
    )


@contextmanager
def _open_excel(
    source: Source, table: SourceTable, where: str
) -> Iterator[tuple[list[str], Iterator[list[str | None]]]]:
    """A sheet of a workbook; formulas give their last computed value, wholly empty rows are skipped."""
    from assets.workbook import open_sheet

    path = Path(where)
    if not path.is_file():
        raise _unreachable(source, f"{path}: 文件不存在 / no such file")
    try:
        workbook, sheet = open_sheet(path, table.place)
    except Exception as error:  # a damaged workbook raises whatever zip, XML or openpyxl feels like
        raise SourceError(
            "SOURCE_UNREADABLE",
            f"数据源 {source.code} 的工作簿 {path.name} 无法打开:{error}",
            f"Workbook {path.name} of source {source.code} cannot be opened: {error}",
        ) from error
    try:
        if sheet is None:
            raise _no_table(source, table)
        cells = sheet.iter_rows(min_row=table.header_row, values_only=True)
        names = [(_cell(value) or "").strip() for value in next(cells, ())]
        while names and not names[-1]:
            names.pop()
        rows = ([_cell(value) for value in row[: len(names)]] for row in cells)
        yield names, ([*row, *[None] * (len(names) - len(row))] for row in rows if any(row))
    finally:
        workbook.close()


def _cell(value: Any) -> str | None:
    """A cell as text; a moment at midnight is the day that the user typed."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return exact(value)


Opener = Callable[[Source, SourceTable, str], Any]
_OPENERS: Mapping[str, Opener] = {"sql": _open_sql, "csv": _open_csv, "excel": _open_excel}
