"""The outbox read once per process, in order, and handed to whoever follows; LISTEN/NOTIFY only wakes it up.

One connection listens and reads. Each transaction names the tables it has changed when it commits: the outbox is
read on from where it was, live queries hear which tables they must look at again. When the connection breaks, the
next one reads on from the same place, and every live query looks again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg_pool import AsyncConnectionPool

from graph_schema.live.token import START, Place, impossible, place_of
from hub.document.audit import CHANNEL, outbox
from hub.errors import Unavailable, problem

log = logging.getLogger("hub.live")

WAITING_MOST = 1000
"""Events that may wait for one follower before it is ended as too slow."""
PAGE = 500
_SILENCE_SECONDS = 10.0
"""How long nothing may be heard before the connection is tried by reading."""
_READY_SECONDS = 10.0
_SLOWEST_RETRY_SECONDS = 5.0
_ALIVE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}

_LAST = "SELECT id, at FROM audit.outbox ORDER BY id DESC LIMIT 1"
_EVENTS = """SELECT id, at, document_type, document_id::text, event, company_id::text, (payload->>'version')::int
FROM audit.outbox WHERE id > %(after)s"""
_ON = sql.SQL(_EVENTS + " ORDER BY id LIMIT %(page)s")
_SOME = sql.SQL(
    _EVENTS
    + """ AND id <= %(upto)s AND document_type = %(type)s
    AND (%(id)s::uuid IS NULL OR document_id IS NULL OR document_id = %(id)s::uuid)
    ORDER BY id LIMIT %(page)s"""
)


@dataclass(frozen=True)
class Event:
    """A row of the outbox: `id` is None for a batch, `version` the document's after it (None once discarded)."""

    place: Place
    type: str
    id: str | None
    event: str
    company: str | None
    version: int | None


Waiting = asyncio.Queue[Event | None]
Touched = Callable[[frozenset[str] | None], None]
"""Told the tables that were changed; None: any may have been."""


class Feed:
    """Where the outbox has been read up to, and who waits for what comes."""

    def __init__(self, pool: AsyncConnectionPool[Any], gate: asyncio.Semaphore, touched: Touched) -> None:
        self._pool, self._gate, self._touched = pool, gate, touched
        self._followers: dict[str, dict[str | None, set[Waiting]]] = {}
        self._listening: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._place: Place | None = None

    async def started(self) -> Place:
        """Listen if nobody does yet; the place up to which everything has been handed on."""
        if self._listening is None:
            self._listening = asyncio.create_task(self._listen())
        try:
            await asyncio.wait_for(self._ready.wait(), _READY_SECONDS)
        except TimeoutError as error:
            raise Unavailable(
                problem(
                    "UNAVAILABLE", "数据库暂时不可用，请稍后再试。", "The database cannot be reached; try again soon."
                )
            ) from error
        return self.place

    @property
    def place(self) -> Place:
        """The last event that was read."""
        assert self._place is not None
        return self._place

    async def check(self, place: Place) -> None:
        """Invalid RESUME_IMPOSSIBLE unless the event of this place is kept here."""
        if place == START:
            return
        async with self._gate, self._pool.connection() as connection:
            found = await connection.execute("SELECT id, at FROM audit.outbox WHERE id = %s", (place.id,))
            row = await found.fetchone()
        if row is None or place_of(*row) != place:
            raise impossible()

    async def events(self, type_name: str, id_: str | None, after: Place) -> AsyncGenerator[Event, None]:
        """Everything of a type, or of one document with the type's batches, after a place: each once, in order.

        What lies behind the feed is read from the outbox at the reader's own pace; what comes later is handed on.

        Raises:
            Unavailable: TOO_SLOW, more waits than WAITING_MOST; the reader may resume.
        """
        done = after.id
        while done < (upto := self.place.id):
            page = await self._page(type_name, id_, done, upto)
            for event in page:
                yield event
            done = page[-1].place.id if len(page) == PAGE else upto
        with self._waiting(type_name, id_) as queue:  # no await since the comparison: nothing falls between
            while (heard := await queue.get()) is not None:
                if heard.place.id > done:
                    yield heard
        raise Unavailable(
            problem(
                "TOO_SLOW",
                "接收过慢，订阅已结束；可用续传标记继续。",
                "The reader was too slow and the subscription has ended; resume it with the last token.",
            )
        )

    async def close(self) -> None:
        """Stop hearing."""
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening

    @contextlib.contextmanager
    def _waiting(self, type_name: str, id_: str | None) -> Iterator[Waiting]:
        queue: Waiting = asyncio.Queue()
        of_type = self._followers.setdefault(type_name, {})
        of_type.setdefault(id_, set()).add(queue)
        try:
            yield queue
        finally:
            of_type[id_].discard(queue)
            if not of_type[id_]:
                del of_type[id_]

    async def _page(self, type_name: str, id_: str | None, after: int, upto: int) -> list[Event]:
        values = {"type": type_name, "id": id_, "after": after, "upto": upto, "page": PAGE}
        async with self._gate, self._pool.connection() as connection:
            return [_event(row) for row in await (await connection.execute(_SOME, values)).fetchall()]

    async def _listen(self) -> None:
        """Listen for ever, with growing pauses while the database is away."""
        pause = 0.1
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_arguments(self._pool)) as connection:
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
                    await self._read_on(connection)
                    self._touched(None)  # whatever was told while nobody listened
                    self._ready.set()
                    pause = 0.1
                    await self._hear(connection)
            except psycopg.Error as error:
                log.warning("listening interrupted: %s", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _SLOWEST_RETRY_SECONDS)

    async def _hear(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while True:
            heard = connection.notifies(timeout=_SILENCE_SECONDS, stop_after=1)
            tables = frozenset([notice.payload async for notice in heard])
            if not tables or outbox.name in tables:
                await self._read_on(connection)
            self._touched(tables)

    async def _read_on(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Hand on what the outbox has beyond our place; the first time, find the place."""
        if self._place is None:
            row = await (await connection.execute(_LAST)).fetchone()
            self._place = START if row is None else place_of(*row)
            return
        full = True
        while full:
            values = {"after": self._place.id, "page": PAGE}
            events = [_event(row) for row in await (await connection.execute(_ON, values)).fetchall()]
            for event in events:
                self._hand_on(event)
            full = len(events) == PAGE

    def _hand_on(self, event: Event) -> None:
        self._place = event.place
        of_type = self._followers.get(event.type)
        if not of_type:
            return
        wanted = tuple(of_type) if event.id is None else (None, event.id)
        for queue in [one for id_ in wanted for one in of_type.get(id_, ())]:
            if queue.qsize() < WAITING_MOST:
                queue.put_nowait(event)
            elif queue.qsize() == WAITING_MOST:
                queue.put_nowait(None)


def _event(row: tuple[Any, ...]) -> Event:
    id_, at, type_name, document_id, event, company, version = row
    return Event(place_of(id_, at), type_name, document_id, event, company, version)


def _arguments(pool: AsyncConnectionPool[Any]) -> dict[str, Any]:
    """How the pool connects; a listening connection is its own."""
    arguments = pool.kwargs
    assert isinstance(arguments, dict)
    return {**arguments, **_ALIVE, "autocommit": True, "application_name": "hub-live"}
