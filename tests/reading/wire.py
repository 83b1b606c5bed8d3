"""Counts what a pool's connections send: a connection class that looks at every exchange with the server."""

from __future__ import annotations

from typing import Any, ClassVar

from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from psycopg_pool import AsyncConnectionPool

from hub.db.reader import Reader


class Counting(Reader):
    """Counts its exchanges, but for the empty query by which a pool asks whether a connection lives."""

    exchanges: ClassVar[int] = 0

    async def wait(self, gen: Any, *arguments: Any, **keywords: Any) -> Any:
        """Every statement of psycopg goes through here; a commit without a transaction sends nothing."""
        idle = self.pgconn.transaction_status == TransactionStatus.IDLE
        Counting.exchanges += not (idle and gen.__name__ == "_commit_gen")
        return await super().wait(gen, *arguments, **keywords)

    async def _result(self) -> PGresult:
        """Every statement of a read's own goes through here; what prepares it brings no rows."""
        result = await super()._result()
        Counting.exchanges += result.status == ExecStatus.TUPLES_OK
        return result

    async def execute(self, query: Any, *arguments: Any, **keywords: Any) -> Any:
        """A statement of the connection's own."""
        if not query:
            Counting.exchanges -= 1
        return await super().execute(query, *arguments, **keywords)


def count_on(pool: AsyncConnectionPool[Any]) -> None:
    """Let the connections that the pool opens from now on count."""
    pool.connection_class = Counting
    Counting.exchanges = 0
