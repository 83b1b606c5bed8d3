"""The buffer on disk: a reading is taken once it is committed here, and leaves only after the hub's 200.

SQLite in WAL mode with synchronous=FULL, one writer thread; whatever arrives while a commit runs goes into the next
one. Full means that nothing more is taken and that the gap is recorded: nothing is ever overwritten.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar

from edge_collectors.errors import EdgeError, both
from edge_collectors.reading import Reading

log = logging.getLogger("edge")
T = TypeVar("T")

SCHEMA = """
create table if not exists reading(
    id integer primary key autoincrement, device text not null, metric text not null, at integer not null,
    value text not null, unit text, quality integer not null) strict;
create table if not exists latest(
    device text not null, metric text not null, at integer not null, primary key(device, metric)) strict, without rowid;
create table if not exists gap(
    id integer primary key, subject text not null, reason text not null, began_at integer not null, ended_at integer)
    strict;
create table if not exists state(key text primary key, value text not null) strict, without rowid;
"""
ROOM_AGAIN = 0.95  # after "full", taking starts again below this share, so that it does not flutter
RETRY_SECONDS = 1.0
LEAST_STOP_MS = 10_000  # a restart within this time is no gap worth a line


class Buffer:
    """Readings on their way, the newest timestamp of each point, and the gaps. Open one per collector."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self.rows = 0
        self.taken = 0
        self.is_full = False
        self.room = asyncio.Event()
        self.arrived = asyncio.Event()
        self.last_at: dict[tuple[str, str], int] = {}
        self._used = 0
        self._open_gaps: dict[tuple[str, str], int] = {}
        self._waiting: list[tuple[Sequence[Reading], asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "buffer")
        self._connection: sqlite3.Connection | None = None
        self._lock: IO[str] | None = None

    # Opening and closing

    async def open(self) -> None:
        """Create or reopen the file; EdgeError when it cannot be used or another collector uses it."""
        try:
            await self._in_thread(self._open)
        except EdgeError:
            await self.close()
            raise
        except (sqlite3.Error, OSError) as problem:
            await self.close()
            raise EdgeError(
                f"无法使用缓存文件 {self.path}：{problem}。", f"The buffer {self.path} cannot be used: {problem}."
            ) from None
        self._set_full()
        if self.rows:
            self.arrived.set()

    def _open(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self.path.with_name(self.path.name + ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise EdgeError(
                f"另一个采集程序正在使用缓存 {self.path}。", f"Another collector is using the buffer {self.path}."
            ) from None
        self._connection = connection = sqlite3.connect(self.path, isolation_level=None)
        self.path.chmod(0o600)
        connection.execute("pragma auto_vacuum=incremental")
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")
        connection.executescript(SCHEMA)
        self.rows = connection.execute("select count(*) from reading").fetchone()[0]
        self.last_at = {(d, m): at for d, m, at in connection.execute("select device, metric, at from latest")}
        still_open = connection.execute("select subject, reason, id from gap where ended_at is null")
        self._open_gaps = {(subject, reason): gap for subject, reason, gap in still_open}
        alive = connection.execute("select cast(value as integer) from state where key = 'alive_at'").fetchone()
        if alive and time.time() * 1000 - alive[0] > LEAST_STOP_MS:
            ended = time.time_ns() // 1_000_000
            sql = "insert into gap(subject, reason, began_at, ended_at) values ('collector', 'stopped', ?, ?)"
            connection.execute(sql, (alive[0], ended))
        self._measure(connection)

    async def close(self) -> None:
        """Finish the commits under way, then close the file."""
        if self._writer is not None:
            await asyncio.gather(self._writer, return_exceptions=True)
        await self._in_thread(self._close)
        self._thread.shutdown()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._lock is not None:
            self._lock.close()

    @property
    def is_writing(self) -> bool:
        """Whether readings wait for their commit."""
        return bool(self._waiting) or (self._writer is not None and not self._writer.done())

    # Taking

    async def take(self, readings: Sequence[Reading]) -> None:
        """Return once the readings are on disk.

        While the disk refuses them the caller waits, and so polls nothing more. Cancelling the caller does not undo
        a commit under way.
        """
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((readings, future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await future

    async def _write(self) -> None:
        """Commit what waits, group by group, until nothing does."""
        while self._waiting:
            group, self._waiting = self._waiting, []
            rows = [reading for readings, _ in group for reading in readings]
            try:
                await self._in_thread(lambda rows=rows: self._insert(rows))  # type: ignore[misc]
            except sqlite3.Error as problem:
                log.error(
                    both(f"缓存写入失败：{problem}，暂停采集。", f"The buffer refuses to write: {problem}; waiting.")
                )
                self.is_full = True
                self.room.clear()
                self._waiting = group + self._waiting
                await asyncio.sleep(RETRY_SECONDS)
                if all(future.cancelled() for _, future in group):
                    self._waiting = self._waiting[len(group) :]  # stopping: these were never taken
                continue
            self.rows += len(rows)
            self.taken += len(rows)
            self._set_full()
            self.arrived.set()
            for _, future in group:
                if not future.done():
                    future.set_result(None)

    def _insert(self, rows: Sequence[Reading]) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "insert into reading(device, metric, at, value, unit, quality) values (?,?,?,?,?,?)",
                [(r.device, r.metric, r.at, r.value, r.unit, r.quality) for r in rows],
            )
            connection.executemany(
                "insert into latest(device, metric, at) values (?,?,?) "
                "on conflict(device, metric) do update set at=excluded.at",
                [(r.device, r.metric, r.at) for r in rows],
            )

        self._transaction(work)

    def _set_full(self) -> None:
        """Compare the used size with the limit; tell once when it changes."""
        share = self._used / self.max_bytes
        if not self.is_full and share >= 1:
            self.is_full = True
            log.error(
                both(
                    "缓存已满，停止采集，未覆盖任何数据。", "The buffer is full: taking stops, nothing is overwritten."
                )
            )
        elif self.is_full and share < ROOM_AGAIN:
            self.is_full = False
            log.info(both("缓存恢复可用。", "The buffer has room again."))
        if self.is_full:
            self.room.clear()
        else:
            self.room.set()

    # Sending

    async def oldest(self, limit: int) -> list[tuple[int, Reading]]:
        """The oldest readings with their ids, in the order they were taken."""

        def work(connection: sqlite3.Connection) -> list[tuple[int, Reading]]:
            rows = connection.execute(
                "select id, device, metric, at, value, unit, quality from reading order by id limit ?", (limit,)
            )
            return [(row[0], Reading(*row[1:])) for row in rows]

        return await self._in_thread(lambda: self._transaction(work))

    async def delete_through(self, last_id: int, count: int) -> None:
        """Forget the readings up to `last_id`: the hub has them."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("delete from reading where id <= ?", (last_id,))
            for key, value in (("last_sent_at", time.time_ns() // 1_000_000), ("last_sent_id", last_id)):
                connection.execute("insert or replace into state values (?, ?)", (key, str(value)))
            connection.execute(
                "insert into state values ('sent', ?) on conflict(key) do update "
                "set value = cast(cast(value as integer) + ? as text)",
                (str(count), count),
            )

        await self._in_thread(lambda: self._transaction(work))
        self.rows -= count
        self._set_full()

    # Gaps

    async def note_alive(self, at: int) -> None:
        """Remember that somebody was collecting at `at` (ms); a start later than that records the gap between."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("insert or replace into state values ('alive_at', ?)", (str(at),))

        with suppress(sqlite3.Error):  # a full disk is told by the readings
            await self._in_thread(lambda: self._transaction(work))

    async def begin_gap(self, subject: str, reason: str, at: int) -> bool:
        """Record that readings of `subject` (a device, a line) are missing from `at` (ms) on; False when known."""
        if (subject, reason) in self._open_gaps:
            return False
        self._open_gaps[subject, reason] = -1

        def work(connection: sqlite3.Connection) -> int:
            sql = "insert into gap(subject, reason, began_at) values (?,?,?) returning id"
            return int(connection.execute(sql, (subject, reason, at)).fetchone()[0])

        try:
            self._open_gaps[subject, reason] = await self._in_thread(lambda: self._transaction(work))
        except sqlite3.Error:  # a full disk: asked again as long as the gap lasts
            del self._open_gaps[subject, reason]
        return True

    async def end_gap(self, subject: str, reason: str, at: int) -> bool:
        """Record that a gap ended at `at` (ms); False when there was none."""
        gap = self._open_gaps.pop((subject, reason), None)
        if gap is None:
            return False

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("update gap set ended_at = ? where id = ?", (at, gap))

        try:
            await self._in_thread(lambda: self._transaction(work))
        except sqlite3.Error:
            self._open_gaps[subject, reason] = gap
        return True

    # Plumbing

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection
        if connection is None:
            raise sqlite3.ProgrammingError("the buffer is not open")
        connection.execute("begin immediate")
        try:
            result = work(connection)
            connection.execute("commit")
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
        self._measure(connection)
        return result

    def _measure(self, connection: sqlite3.Connection) -> None:
        """Bytes in use: the file does not shrink when rows are deleted, its free pages are used again."""
        pragmas = ("page_count", "freelist_count", "page_size")
        pages, free, size = (connection.execute(f"pragma {pragma}").fetchone()[0] for pragma in pragmas)
        self._used = (pages - free) * size
