"""The read connection: values of every kind, statements that come and go, faults, and what is given up halfway."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from hub.db.engine import make_async_pool
from hub.db.reader import PREPARED, Reader
from tests.conftest import Database

Result = TypeVar("Result")


def on_pool(database: Database, body: Callable[[AsyncConnectionPool[Reader]], Awaitable[Result]]) -> Result:
    """Run `body` with a pool of read connections."""

    async def main() -> Result:
        async with make_async_pool(database.url, size=2) as pool:
            return await body(pool)

    return asyncio.run(main())


async def fetch(pool: AsyncConnectionPool[Reader], statement: str, *values: Any) -> list[bytes | None]:
    async with pool.connection() as connection:
        return await connection.fetch(statement, values)


VALUES: list[tuple[str, Any, str | None]] = [
    ("text", "海天'\\\"塑机\n", "海天'\\\"塑机\n"),
    ("integer", -7, "-7"),
    ("bigint", 2**40, str(2**40)),
    ("numeric", Decimal("12.3400"), "12.3400"),
    ("boolean", True, "true"),
    ("date", date(2026, 1, 31), "2026-01-31"),
    ("timestamptz", datetime(2026, 1, 31, 16, tzinfo=UTC), "2026-02-01 00:00:00+08"),
    ("uuid", UUID(int=5), str(UUID(int=5))),
    ("text[]", ["a", 'b,"c'], '{a,"b,\\"c"}'),
    ("text", None, None),
    ("text", "x" * 3_000_000, "x" * 3_000_000),  # more than a socket takes at once
]


@pytest.mark.parametrize(("kind", "value", "shown"), VALUES, ids=lambda one: str(one)[:20])
def test_a_value_of_every_kind_comes_back_as_text(database: Database, kind: str, value: Any, shown: str | None) -> None:
    async def body(pool: AsyncConnectionPool[Reader]) -> list[bytes | None]:
        return await fetch(pool, f"SELECT $1::{kind}::text, 'b'", value)

    assert on_pool(database, body) == [None if shown is None else shown.encode(), b"b"]


def test_no_more_statements_are_kept_than_allowed(database: Database) -> None:
    async def body(pool: AsyncConnectionPool[Reader]) -> int:
        async with pool.connection() as connection:
            for turn in range(2):
                for index in range(PREPARED + 20):
                    found = await connection.fetch(f"SELECT $1::integer + {index}", [turn])
                    assert found == [str(turn + index).encode()]
            (kept,) = await connection.fetch("SELECT count(*) FROM pg_prepared_statements", [])
            return int(kept or 0)

    assert on_pool(database, body) == PREPARED


def test_a_statement_that_fails_leaves_the_connection_usable(database: Database) -> None:
    async def body(pool: AsyncConnectionPool[Reader]) -> None:
        async with pool.connection() as connection:
            with pytest.raises(psycopg.errors.UndefinedTable):
                await connection.fetch("SELECT 1 FROM nowhere", [])
            with pytest.raises(psycopg.errors.DivisionByZero):
                await connection.fetch("SELECT 1 / $1::integer", [0])
            assert await connection.fetch("SELECT 1 / $1::integer", [1]) == [b"1"]

    on_pool(database, body)


def test_a_broken_connection_is_an_operational_error(database: Database) -> None:
    async def body(pool: AsyncConnectionPool[Reader]) -> None:
        async with pool.connection() as connection, pool.connection() as other:
            waiting = asyncio.create_task(connection.fetch("SELECT pg_sleep(30)::text", []))
            await asyncio.sleep(0.1)
            await other.fetch("SELECT pg_terminate_backend($1::integer)::text", [connection.info.backend_pid])
            with pytest.raises(psycopg.OperationalError):
                await waiting
            with pytest.raises(psycopg.OperationalError):
                await connection.fetch("SELECT 1", [])

    on_pool(database, body)


def test_what_is_given_up_halfway_answers_nobody_else(database: Database) -> None:
    async def body(pool: AsyncConnectionPool[Reader]) -> None:
        for index in range(4):
            waiting = asyncio.create_task(fetch(pool, "SELECT pg_sleep(0.2)::text || 'late'"))
            await asyncio.sleep(0.05)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            assert await fetch(pool, "SELECT $1::integer", index) == [str(index).encode()]

    on_pool(database, body)
