"""One LISTEN connection per process, fanned out to whoever follows a type.

The connection is opened with the first follower and reopened when it breaks. A follower that does not keep up is
ended with an error rather than fed with gaps.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg_pool import AsyncConnectionPool

from hub.document.audit import CHANNEL
from hub.errors import Unavailable, problem

log = logging.getLogger("hub.live")

WAITING_MOST = 1000
_SLOWEST_RETRY_SECONDS = 10.0


@dataclass(frozen=True)
class Change:
    """What the outbox told: the type, the document (None for a batch), the event, the company if it says so."""

    type: str
    id: str | None
    event: str
    company: str | None = None


class Feed:
    """Hears the outbox and hands each change to its followers."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool
        self._followers: dict[str, set[asyncio.Queue[Change | None]]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @contextlib.asynccontextmanager
    async def following(self, type_name: str) -> AsyncIterator[AsyncIterator[Change]]:
        """The changes of a type from now on, in order of commit."""
        if self._listening is None or self._listening.done():
            self._ready = asyncio.Event()
            self._listening = asyncio.create_task(self._listen())
        await self._ready.wait()
        queue: asyncio.Queue[Change | None] = asyncio.Queue(WAITING_MOST)
        followers = self._followers.setdefault(type_name, set())
        followers.add(queue)
        try:
            yield _drained(queue)
        finally:
            followers.discard(queue)

    async def close(self) -> None:
        """Stop hearing."""
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening

    async def _listen(self) -> None:
        """Listen for ever, with growing pauses while the database is away."""
        pause = 0.2
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_arguments(self._pool)) as connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    self._ready.set()
                    pause = 0.2
                    async for notice in connection.notifies():
                        self._tell(notice.payload)
            except psycopg.Error as error:
                log.warning("listening interrupted: %s", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _SLOWEST_RETRY_SECONDS)

    def _tell(self, payload: str) -> None:
        try:
            told = json.loads(payload)
            change = Change(told["type"], told.get("id"), told["event"], told.get("company"))
        except (ValueError, KeyError, TypeError):
            log.warning("unreadable notification on %s", CHANNEL)
            return
        for queue in tuple(self._followers.get(change.type, ())):
            if queue.full():
                queue.get_nowait()  # makes room for the end
                queue.put_nowait(None)
                self._followers[change.type].discard(queue)
            else:
                queue.put_nowait(change)


def _arguments(pool: AsyncConnectionPool[Any]) -> dict[str, Any]:
    """How the pool connects; a listening connection is its own."""
    arguments = pool.kwargs
    assert isinstance(arguments, dict)
    return {**arguments, "autocommit": True, "application_name": "hub-live"}


async def _drained(queue: asyncio.Queue[Change | None]) -> AsyncIterator[Change]:
    while True:
        change = await queue.get()
        if change is None:
            raise Unavailable(
                problem("TOO_SLOW", "接收过慢，订阅已结束。", "The reader was too slow; the subscription has ended.")
            )
        yield change
