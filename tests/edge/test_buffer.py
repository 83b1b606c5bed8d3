"""The buffer: taken means on disk, deleted means acknowledged, full means stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from edge_collectors.buffer import Buffer
from edge_collectors.errors import EdgeError
from edge_collectors.reading import Reading


def reading(at: int, metric: str = "energy") -> Reading:
    return Reading("EM-01", metric, at, f"{at}.00", "kWh", 0)


def with_buffer(path: Path, story: Callable[[Buffer], Awaitable[None]], max_bytes: int = 10_000_000) -> None:
    async def run() -> None:
        buffer = Buffer(path, max_bytes)
        await buffer.open()
        try:
            await story(buffer)
        finally:
            await buffer.close()

    asyncio.run(run())


def test_what_was_taken_is_there_after_kill_nine_between_two_commits(tmp_path: Path) -> None:
    """The child prints a number only after `take` returned, then takes more until it is killed."""
    child = subprocess.Popen(
        [sys.executable, "-c", _TAKE_FOR_EVER, str(tmp_path / "b.db")], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    seen = 0
    for text in child.stdout:
        seen = int(text)
        if seen >= 200:
            break
    child.send_signal(signal.SIGKILL)
    seen = max([seen, *(int(text) for text in child.stdout.read().split("\n")[:-1])])
    child.wait()
    child.stdout.close()

    async def story(buffer: Buffer) -> None:
        stored = [row.at for _, row in await buffer.oldest(1_000_000)]
        assert stored == list(range(1, len(stored) + 1))
        assert len(stored) >= seen
        assert buffer.rows == len(stored)
        assert buffer.last_at == {("EM-01", "energy"): len(stored)}

    with_buffer(tmp_path / "b.db", story)


_TAKE_FOR_EVER = """
import asyncio, sys
from pathlib import Path
from edge_collectors.buffer import Buffer
from edge_collectors.reading import Reading
async def run():
    buffer = Buffer(Path(sys.argv[1]), 10**9)
    await buffer.open()
    at = 0
    while True:
        at += 1
        await buffer.take([Reading("EM-01", "energy", at, "1", "kWh", 0)])
        print(at, flush=True)
asyncio.run(run())
"""


def test_order_ids_and_deletion(tmp_path: Path) -> None:
    async def story(buffer: Buffer) -> None:
        await asyncio.gather(*(buffer.take([reading(at), reading(at, "power")]) for at in range(50)))
        rows = await buffer.oldest(30)
        assert [row.at for _, row in rows] == [at for at in range(15) for _ in range(2)]
        await buffer.delete_through(rows[-1][0], len(rows))
        assert buffer.rows == 70
        assert (await buffer.oldest(1))[0][1] == reading(15)

    with_buffer(tmp_path / "b.db", story)


def test_simultaneous_takers_share_commits(tmp_path: Path) -> None:
    async def story(buffer: Buffer) -> None:
        inserts: list[int] = []
        insert = buffer._insert

        def counted(rows: list[Reading]) -> None:
            inserts.append(len(rows))
            insert(rows)

        buffer._insert = counted  # type: ignore[method-assign,assignment]
        await asyncio.gather(*(buffer.take([reading(at)]) for at in range(200)))
        assert sum(inserts) == 200
        assert len(inserts) < 10

    with_buffer(tmp_path / "b.db", story)


def test_cancelling_the_taker_does_not_undo_the_commit(tmp_path: Path) -> None:
    async def story(buffer: Buffer) -> None:
        task = asyncio.create_task(buffer.take([reading(1)]))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with_buffer(tmp_path / "b.db", story)

    async def after(buffer: Buffer) -> None:
        assert buffer.rows == 1

    with_buffer(tmp_path / "b.db", after)


def test_full_and_room_again(tmp_path: Path) -> None:
    async def story(buffer: Buffer) -> None:
        at = 0
        while not buffer.is_full:
            at += 1
            await buffer.take([reading(at)])
        assert not buffer.room.is_set()
        rows = await buffer.oldest(at)
        assert [row.at for _, row in rows] == list(range(1, at + 1))  # nothing was overwritten
        await buffer.delete_through(rows[0][0], 1)
        assert buffer.is_full  # one row of room is no room: it would flutter
        await buffer.delete_through(rows[-1][0], at - 1)
        assert not buffer.is_full
        assert buffer.room.is_set()

    with_buffer(tmp_path / "b.db", story, 120_000)


def test_a_disk_that_refuses_makes_the_taker_wait_and_then_loses_nothing(tmp_path: Path) -> None:
    """A real refusal of SQLite: the file may not grow, until it may."""

    async def story(buffer: Buffer) -> None:
        assert buffer._connection is not None

        def limit(pages: int) -> None:
            assert buffer._connection is not None
            buffer._connection.execute(f"pragma max_page_count={pages}")

        await buffer._in_thread(lambda: limit(12))
        task = asyncio.create_task(buffer.take([reading(at) for at in range(5_000)]))
        await asyncio.sleep(0.3)
        assert not task.done()
        assert buffer.is_full
        assert buffer.rows == 0
        await buffer._in_thread(lambda: limit(100_000))
        await asyncio.wait_for(task, 5)
        assert buffer.rows == 5_000
        assert not buffer.is_full

    with_buffer(tmp_path / "b.db", story)


def test_gaps_outlive_a_restart_and_are_recorded_once(tmp_path: Path) -> None:
    async def before(buffer: Buffer) -> None:
        assert await buffer.begin_gap("EM-01", "silent", 1_000)
        assert not await buffer.begin_gap("EM-01", "silent", 2_000)

    async def after(buffer: Buffer) -> None:
        assert not await buffer.begin_gap("EM-01", "silent", 3_000)
        assert await buffer.end_gap("EM-01", "silent", 4_000)
        assert not await buffer.end_gap("EM-01", "silent", 5_000)

    with_buffer(tmp_path / "b.db", before)
    with_buffer(tmp_path / "b.db", after)
    connection = sqlite3.connect(tmp_path / "b.db")
    assert connection.execute("select subject, reason, began_at, ended_at from gap").fetchall() == [
        ("EM-01", "silent", 1_000, 4_000)
    ]
    connection.close()


def test_the_time_in_which_nobody_collected_is_a_gap(tmp_path: Path) -> None:
    an_hour_ago = time.time_ns() // 1_000_000 - 3_600_000

    async def before(buffer: Buffer) -> None:
        await buffer.note_alive(an_hour_ago)

    with_buffer(tmp_path / "b.db", before)
    with_buffer(tmp_path / "b.db", lambda buffer: buffer.note_alive(time.time_ns() // 1_000_000))
    with_buffer(tmp_path / "b.db", lambda _: asyncio.sleep(0))
    connection = sqlite3.connect(tmp_path / "b.db")
    ((subject, reason, began, ended),) = connection.execute("select subject, reason, began_at, ended_at from gap")
    connection.close()
    assert (subject, reason, began) == ("collector", "stopped", an_hour_ago)
    assert 3_600_000 <= ended - began < 3_700_000


def test_settings_of_the_file(tmp_path: Path) -> None:
    async def story(buffer: Buffer) -> None:
        assert buffer._connection is not None
        pragmas = await buffer._in_thread(
            lambda: [
                buffer._connection.execute(f"pragma {name}").fetchone()[0]  # type: ignore[union-attr]
                for name in ("journal_mode", "synchronous")
            ]
        )
        assert pragmas == ["wal", 2]  # 2 is FULL
        assert stat.S_IMODE(os.stat(tmp_path / "b.db").st_mode) == 0o600  # noqa: PTH116

    with_buffer(tmp_path / "b.db", story)


def test_two_collectors_cannot_share_a_buffer(tmp_path: Path) -> None:
    async def story(buffer: Buffer) -> None:
        with pytest.raises(EdgeError, match="Another collector"):
            await Buffer(tmp_path / "b.db", 1_000_000).open()
        await buffer.take([reading(1)])  # the first one goes on

    with_buffer(tmp_path / "b.db", story)


def test_a_file_that_is_no_buffer_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "b.db").write_text("this is a letter, not a database, and long enough to be read as one" * 20)
    with pytest.raises(EdgeError, match="cannot be used") as caught:
        with_buffer(tmp_path / "b.db", lambda _: asyncio.sleep(0))
    assert "无法使用" in caught.value.chinese
