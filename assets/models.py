"""The small runner of marts: one SELECT file with a header becomes one table of schema `mart`.

The new table is built beside the old one and takes its name in the same transaction, so a dashboard sees the one or
the other, never half. A mart is of one company, whose id the SELECT finds as `current_setting('hub.company')`. The
header says key, tables read, and what each column means; the meanings become comments in the database, which Superset
and the documentation show. A test holds the header's `deps` against what the SELECT really reads.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import sql

from assets.selects import Select

MARTS = Path(__file__).with_name("marts")
"""Where the SELECT files of the marts are."""

AUTOMATIONS = ("nightly", "hourly")
_KEYS = {"table", "label", "key", "deps", "automation", "columns"}
_HEADER = re.compile(r"--(?P<indent> +)(?P<name>[a-z_]+):(?P<text>.*)")


@dataclass(frozen=True)
class Model:
    """One mart table: its SELECT and what the header says of it. Words are (Chinese, English)."""

    table: str
    label: tuple[str, str]
    key: tuple[str, ...]
    deps: tuple[str, ...]
    select: Select
    automation: str = "nightly"
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def code_version(self) -> str:
        """Changes when the SELECT does."""
        return hashlib.sha256(self.select.sql.encode()).hexdigest()[:12]


def read_model(path: Path) -> Model:
    """The model in a file; ValueError naming the file when the header is not complete."""
    header, columns, lines = {}, {}, path.read_text(encoding="utf-8").splitlines()
    body = 0
    for body, line in enumerate(lines):  # noqa: B007 (where the header ends)
        found = _HEADER.fullmatch(line)
        if not found:
            break
        if len(found["indent"]) > 1:
            columns[found["name"]] = _words(path, found["text"])
        else:
            header[found["name"]] = found["text"].strip()
    unknown, missing = set(header) - _KEYS, {"table", "label", "key", "deps", "columns"} - set(header)
    if unknown or missing:
        raise ValueError(f"{path.name}: header has unknown {sorted(unknown)}, lacks {sorted(missing)}")
    automation = header.get("automation", "nightly")
    if automation not in AUTOMATIONS:
        raise ValueError(f"{path.name}: automation is one of {', '.join(AUTOMATIONS)}, not {automation}")
    return Model(
        table=header["table"],
        label=_words(path, header["label"]),
        key=_list(header["key"]),
        deps=_list(header["deps"]),
        select=Select(path.name, "\n".join(lines[body:]).strip().rstrip(";")),
        automation=automation,
        columns=columns,
    )


def read_models(folder: Path = MARTS) -> tuple[Model, ...]:
    """Every model of a folder, in the order of their names."""
    return tuple(read_model(path) for path in sorted(folder.glob("*.sql")))


def _words(path: Path, text: str) -> tuple[str, str]:
    """`中文 | English` as a pair."""
    chinese, bar, english = (part.strip() for part in text.partition("|"))
    if not (chinese and bar and english):
        raise ValueError(f"{path.name}: write 中文 | English, not {text.strip()!r}")
    return chinese, english


def _list(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def build(connection: sa.Connection, model: Model, company: UUID, reader: str | None) -> int:
    """Builds the model's table anew inside the caller's transaction and lets `reader` read it; the number of rows."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    cursor = driver.cursor()
    names = {
        "new": sql.Identifier("mart", f"{model.table}__new"),
        "old": sql.Identifier("mart", model.table),
        "table": sql.Identifier(model.table),
        "new_key": sql.Identifier(f"{model.table}__new_key"),
        "table_key": sql.Identifier(f"{model.table}_key"),
        "columns": sql.SQL(", ").join(map(sql.Identifier, model.key)),
        "reader": sql.Identifier(reader or ""),
    }

    def run(statement: str) -> None:
        cursor.execute(sql.SQL(statement).format(**names))

    cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [f"mart.{model.table}"])  # two runs may build it
    cursor.execute("select set_config('hub.company', %s, true)", [str(company)])
    run("drop table if exists {new}")
    cursor.execute(sql.SQL("create table {} as ").format(names["new"]) + sql.SQL(model.select.sql))
    rows = cursor.rowcount
    run("alter table {new} add constraint {new_key} primary key ({columns})")
    _comment(cursor, model)
    run("analyze {new}")
    run("drop table if exists {old}")
    run("alter table {new} rename to {table}")
    run("alter table {old} rename constraint {new_key} to {table_key}")
    if reader:
        run("grant select on {old} to {reader}")
    return rows


def _comment(cursor: psycopg.Cursor[tuple[object, ...]], model: Model) -> None:
    """Writes what the header says into the database, Chinese first."""
    target = sql.Identifier("mart", f"{model.table}__new")
    cursor.execute(sql.SQL("comment on table {} is {}").format(target, sql.Literal(" / ".join(model.label))))
    for name, words in model.columns.items():
        column = sql.Identifier("mart", f"{model.table}__new", name)
        cursor.execute(sql.SQL("comment on column {} is {}").format(column, sql.Literal(" / ".join(words))))
