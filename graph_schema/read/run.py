"""Running a statement: one line for the async read path, one for a write's own connection.

The value comes back as PostgreSQL's bytes, which are UTF-8 JSON, and is not decoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy.orm import Session

from graph_schema.read.compile import Statement
from hub.context import Viewer
from hub.db.reader import Reader
from hub.document.direct import writer_of
from hub.settings import settings

_LIMIT = b"SELECT set_config('statement_timeout', $1, true)"


def limit_statements(pool: AsyncConnectionPool[Any], seconds: float | None = None) -> None:
    """Let the server stop what takes longer than the settings allow, on every connection opened from now on."""
    seconds = seconds or settings().read_timeout_seconds
    arguments = pool.kwargs
    assert isinstance(arguments, dict)
    options = f"{arguments.get('options', '')} -c statement_timeout={int(seconds * 1000)}"
    pool.kwargs = {**arguments, "options": options.strip()}


async def run(
    pool: AsyncConnectionPool[Reader], statement: Statement, variables: Mapping[str, Any], viewer: Viewer
) -> list[bytes]:
    """The statement's columns of its one row; Invalid when a value does not fit."""
    return await fetch(pool, statement, statement.values(variables, viewer))


async def fetch(pool: AsyncConnectionPool[Reader], statement: Statement, values: list[Any]) -> list[bytes]:
    """The same for values that have been made ready."""
    try:
        return await _once(pool, statement, values)
    except psycopg.OperationalError as error:
        if isinstance(error, psycopg.errors.QueryCanceled | PoolTimeout):
            raise
        await pool.check()  # the server was restarted: broken connections go, and a read may be asked again
        return await _once(pool, statement, values)


async def _once(pool: AsyncConnectionPool[Reader], statement: Statement, values: list[Any]) -> list[bytes]:
    connection = await pool.getconn()
    try:
        return [statement.opened(column or b"null") for column in await connection.fetch(statement.sql, values)]
    finally:
        await pool.putconn(connection)


def rows_within(
    session: Session, statement: Statement, variables: Mapping[str, Any], viewer: Viewer
) -> list[list[bytes]]:
    """The rows of a statement inside a unit of work, which sees its own uncommitted rows; the limit is the reads'."""
    values = statement.values(variables, viewer)
    milliseconds = str(int(settings().read_timeout_seconds * 1000))
    _, result = writer_of(session).results((_LIMIT, [milliseconds]), (statement.sql.encode(), values))
    columns = range(result.nfields)
    return [
        [statement.opened(result.get_value(row, column) or b"null") for column in columns]
        for row in range(result.ntuples)
    ]
