"""A new document and its lines written by one statement, then known to the session as rows that are there.

The ORM's unit of work sorts, groups and reads back what a new document needs none of: its ids are made by the hub,
its lines go with it. The rows travel as JSON, so the statement is the same for any number of lines.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from psycopg import IntegrityError, sql
from sqlalchemy import inspect
from sqlalchemy.orm import make_transient_to_detached

from hub.context import Ctx
from hub.document import direct
from hub.document.holding import explained
from hub.document.registry import spec as spec_of
from hub.document.sealing import seal_row
from hub.document.spec import DocSpec
from hub.document.values import default_of
from hub.words import snake


def insert(ctx: Ctx, spec: DocSpec, document: Any) -> None:
    """Write a document that is complete but not in the session; its stamps are read when somebody asks for them.

    Raises:
        Conflict (DUPLICATE), Refused (IN_USE), Invalid (CONSTRAINT): what PostgreSQL's constraints forbid.
    """
    values = [direct.as_json([_row(spec, document)])]
    for name, lines in spec.lines.items():
        target = spec_of(lines.target)
        rows = getattr(document, name)
        for row in rows:
            setattr(row, f"{snake(spec.name)}_id", document.id)
        values.append(direct.as_json([_row(target, row) for row in rows]))
    try:
        direct.send(ctx.session, (_statement(spec.name), values))
    except IntegrityError as error:
        raise explained(error) from error
    for row in (document, *(row for name in spec.lines for row in getattr(document, name))):
        make_transient_to_detached(row)
    ctx.session.add(document)


def _row(spec: DocSpec, document: Any) -> dict[str, Any]:
    """The values of a row, which the instance then has too: what was not set is the column's default."""
    values: dict[str, Any] = inspect(document).dict
    for name in _columns(spec.name):
        if name not in values:
            values[name] = default_of(spec, name)
    return seal_row(spec, {name: values[name] for name in _columns(spec.name)})


@lru_cache(maxsize=1_000)
def _columns(type_name: str) -> tuple[str, ...]:
    """All but those that PostgreSQL alone fills in: when the row was made."""
    columns = spec_of(type_name).table.columns
    return tuple(one.name for one in columns if one.server_default is None or one.default or one.primary_key)


@lru_cache(maxsize=1_000)
def _statement(type_name: str) -> bytes:
    spec = spec_of(type_name)
    parts = [_one(name, at + 1) for at, name in enumerate([type_name, *(one.target for one in spec.lines.values())])]
    *first, last = parts
    named = (sql.SQL("{} AS ({})").format(sql.Identifier(f"part{at}"), part) for at, part in enumerate(first))
    leading = sql.SQL("WITH {} ").format(sql.SQL(", ").join(named)) if first else sql.SQL("")
    return (leading + last).as_string().encode()


def _one(type_name: str, parameter: int) -> sql.Composed:
    """The INSERT of the rows of one table from a parameter."""
    return sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM json_populate_recordset(NULL::{0}, {2})").format(
        sql.Identifier("hub", spec_of(type_name).table.name),
        sql.SQL(", ").join(map(sql.Identifier, _columns(type_name))),
        sql.SQL("${}").format(sql.Literal(parameter)),
    )
