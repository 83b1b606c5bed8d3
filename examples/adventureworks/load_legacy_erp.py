"""Plays the legacy ERP: puts a folder of `Schema.Table.csv` files into a database under exactly those names.

    python examples/adventureworks/load_legacy_erp.py FOLDER postgresql://user:password@host/legacy_erp

Column types are read from the values, as an ERP would have them: whole numbers, decimals, days, moments, texts.
A number that begins with a zero is a text. Tables that are there already are replaced.
"""

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql

_TYPES = (
    ("bigint", re.compile(r"-?(0|[1-9]\d{0,17})")),
    ("numeric", re.compile(r"-?(0|[1-9]\d*)?\.?\d+")),
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("timestamp", re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?")),
    ("time", re.compile(r"\d\d:\d\d:\d\d(\.\d+)?")),
)
_LEADING_ZERO = re.compile(r"0\d+")


def column_type(values: Iterable[str]) -> str:
    """The narrowest PostgreSQL type that holds every value without losing a character that counts; empty means null."""
    there = [value for value in values if value]
    if not there or any(_LEADING_ZERO.fullmatch(value) for value in there):
        return "text"
    for name, pattern in _TYPES:
        if all(pattern.fullmatch(value) for value in there):
            return name
    return "text"


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """A CSV file's header and rows."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        return next(reader), list(reader)


def load_table(connection: psycopg.Connection[tuple[object, ...]], path: Path) -> int:
    """Creates the table that the file is named after and fills it; the number of rows."""
    schema, table = path.name.removesuffix(".csv").split(".", 1)
    header, rows = read_table(path)
    target = sql.Identifier(schema, table)
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(column_type(row[place] for row in rows)))
        for place, name in enumerate(header)
    )
    connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    connection.execute(sql.SQL("drop table if exists {}").format(target))
    connection.execute(sql.SQL("create table {} ({})").format(target, columns))
    with connection.cursor() as cursor, cursor.copy(sql.SQL("copy {} from stdin").format(target)) as copy:
        for row in rows:
            copy.write_row([value or None for value in row])
    return len(rows)


def load_folder(folder: Path, url: str) -> Iterator[tuple[str, int]]:
    """Loads every `Schema.Table.csv` of a folder in one transaction; gives the name and row count of each."""
    with psycopg.connect(url) as connection:
        for path in sorted(folder.glob("*.*.csv")):
            yield path.name.removesuffix(".csv"), load_table(connection, path)


def main(arguments: list[str]) -> int:
    """The command line; 0 when every table was loaded."""
    if len(arguments) != 2 or not Path(arguments[0]).is_dir():
        sys.stderr.write("用法 usage: load_legacy_erp.py 文件夹 FOLDER  postgresql://…\n")
        return 2
    try:
        for name, count in load_folder(Path(arguments[0]), arguments[1]):
            sys.stdout.write(f"{count:>8,}  {name}\n")
    except psycopg.OperationalError as error:
        reason = str(error).splitlines()[0]
        sys.stderr.write(f"无法连接数据库:{reason} Cannot reach the database: {reason}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
