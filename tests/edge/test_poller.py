"""Polling real servers: a silent device does not hold up the others, refused blocks are divided, gaps are records."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from pymodbus.simulator import DataType, SimData, SimDevice

from edge_collectors import poller as polling
from edge_collectors.breaker import Breaker
from edge_collectors.buffer import Buffer
from edge_collectors.poller import Poller
from edge_collectors.reading import Reading, Reporter
from edge_collectors.registers import Point
from edge_collectors.simulator import serve
from edge_collectors.site import Device, Line
from tests.edge.bad_server import BadServer
from tests.edge.stand_in import free_port


def line(port: int, *devices: Device, timeout: float = 0.1) -> Line:
    return Line(f"modbus+tcp://127.0.0.1:{port}", "tcp", "127.0.0.1", port, None, "N", timeout, 0, 0.0, devices)


def device(name: str, unit: int, *points: Point, **more: Any) -> Device:
    return Device(name, unit, "m", points, **more)


async def poll_until(
    where: Line, folder: Path, enough: Callable[[Poller, list[Reading]], bool], seconds: float = 10
) -> list[Reading]:
    """Run a poller into a buffer until `enough`; the readings, in the order they were taken."""
    buffer = Buffer(folder / "buffer.db", 10_000_000)
    await buffer.open()
    poller = Poller(where, buffer, Reporter(buffer.last_at))
    task = asyncio.create_task(poller.run())
    deadline = time.monotonic() + seconds
    try:
        while True:
            readings = [reading for _, reading in await buffer.oldest(10_000)]
            if enough(poller, readings):
                return readings
            assert time.monotonic() < deadline, f"not enough in {seconds} s: {readings}"
            assert not task.done(), task.exception()
            await asyncio.sleep(0.02)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await buffer.close()


def gaps(folder: Path) -> list[tuple[str, str, bool]]:
    connection = sqlite3.connect(folder / "buffer.db")
    try:
        return [
            (row[0], row[1], row[2] is not None)
            for row in connection.execute("select subject, reason, ended_at from gap order by id")
        ]
    finally:
        connection.close()


def fast(metric: str, at: int, **more: Any) -> Point:
    return Point(metric, at, every=0.05, report="every", **more)


def test_a_silent_device_costs_its_neighbours_three_timeouts_and_is_a_gap(tmp_path: Path) -> None:
    async def story() -> None:
        async with BadServer(rtu=False, silent_units={9}) as server:
            where = line(server.port, device("DEAD", 9, fast("x", 0)), device("ALIVE", 1, fast("x", 7)))
            readings = await poll_until(where, tmp_path, lambda _, rows: len(rows) >= 30)
            assert {reading.device for reading in readings} == {"ALIVE"}
            assert {reading.value for reading in readings} == {"7"}
            assert server.connections <= 6  # three silences, each with a new connection, then the breaker is open

    asyncio.run(story())
    assert gaps(tmp_path) == [("DEAD", "silent", False)]


def test_a_device_that_answers_again_ends_its_gap(tmp_path: Path) -> None:
    async def story() -> None:
        async with BadServer(rtu=False, moods=deque(["silent", "silent"])) as server:
            where = line(server.port, device("EM", 1, fast("x", 7)))
            await poll_until(where, tmp_path, lambda _, rows: len(rows) >= 2)

    asyncio.run(story())
    assert gaps(tmp_path) == [("EM", "silent", True)]


def test_a_block_across_undefined_registers_is_divided_once(tmp_path: Path) -> None:
    registers = [
        SimData(0, values=[11, 12], datatype=DataType.REGISTERS),
        SimData(2, count=8, datatype=DataType.INVALID),
        SimData(10, values=[13], datatype=DataType.REGISTERS),
    ]
    asked: list[tuple[int, int]] = []

    async def note(_fc: int, _first: int, at: int, count: int, _registers: list[int], _writes: object) -> None:
        asked.append((at, count))

    async def story() -> None:
        port = free_port()
        server: Any = await serve([SimDevice(1, registers, action=note)], "127.0.0.1", port)
        where = line(port, device("EM", 1, fast("a", 0), fast("b", 1), fast("c", 10), fast("gone", 5)))
        try:
            readings = await poll_until(where, tmp_path, lambda _, rows: len(rows) >= 9)
        finally:
            await server.shutdown()
        assert {(r.metric, r.value) for r in readings} == {("a", "11"), ("b", "12"), ("c", "13")}
        assert set(asked) == {(0, 2), (10, 1)}  # only what exists reaches the memory; a and b stay one request

    asyncio.run(story())
    assert gaps(tmp_path) == [("EM gone", "refused", False)]


def test_points_of_one_block_share_one_timestamp_that_rises(tmp_path: Path) -> None:
    async def story() -> list[Reading]:
        async with BadServer(rtu=False) as server:
            where = line(server.port, device("EM", 1, fast("a", 0), fast("b", 1)))
            return await poll_until(where, tmp_path, lambda _, rows: len(rows) >= 10)

    readings = asyncio.run(story())
    times = [reading.at for reading in readings]
    assert times[0::2] == times[1::2]
    assert times[0::2] == sorted(set(times))


def test_a_clock_set_back_never_repeats_a_timestamp_also_after_a_restart(tmp_path: Path) -> None:
    ahead = polling.now_ms() + 3_600_000

    async def story() -> None:
        buffer = Buffer(tmp_path / "buffer.db", 10_000_000)
        await buffer.open()
        await buffer.take([Reading("EM", "a", ahead, "1", None, 0)])
        await buffer.close()
        async with BadServer(rtu=False) as server:
            where = line(server.port, device("EM", 1, fast("a", 0)))
            readings = await poll_until(where, tmp_path, lambda _, rows: len(rows) >= 4)
        assert [reading.at for reading in readings][:4] == [ahead, ahead + 1, ahead + 2, ahead + 3]

    asyncio.run(story())
    assert ("EM", "clock set back", False) in gaps(tmp_path)


def test_a_sentinel_is_a_gap_and_no_reading(tmp_path: Path) -> None:
    async def story() -> None:
        async with BadServer(rtu=False) as server:
            points = (fast("a", 0), fast("b", 7, invalid=frozenset({7})), fast("c", 9, valid=(Decimal(0), Decimal(5))))
            readings = await poll_until(line(server.port, device("EM", 1, *points)), tmp_path, lambda _, r: len(r) >= 4)
        assert {(r.metric, r.quality) for r in readings} == {("a", 0), ("c", 1)}

    asyncio.run(story())
    assert gaps(tmp_path) == [("EM b", "no value", False)]


def test_a_line_that_comes_up_later_is_a_gap_that_ends(tmp_path: Path) -> None:
    port = free_port()
    meter = SimDevice(1, [SimData(0, values=[42], datatype=DataType.REGISTERS)])

    async def story() -> None:
        async def later() -> Any:
            await asyncio.sleep(0.5)
            return await serve([meter], "127.0.0.1", port)

        starting = asyncio.create_task(later())
        readings = await poll_until(line(port, device("EM", 1, fast("a", 0))), tmp_path, lambda _, r: len(r) >= 2)
        await (await starting).shutdown()
        assert {reading.value for reading in readings} == {"42"}

    asyncio.run(story())
    assert gaps(tmp_path) == [(f"modbus+tcp://127.0.0.1:{port}", "line down", True)]


def test_a_full_buffer_stops_the_asking_itself(tmp_path: Path) -> None:
    """Nothing is asked while full, because a replay or a device's own store moves on with each answer."""

    async def story() -> None:
        async with BadServer(rtu=False) as server:
            where = line(server.port, device("EM", 1, *(fast(f"metric.{n}", n) for n in range(100))))
            buffer = Buffer(tmp_path / "buffer.db", 200_000)
            await buffer.open()
            task = asyncio.create_task(Poller(where, buffer, Reporter({})).run())
            while not buffer.is_full:
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.1)
            rows, asked = buffer.rows, server.asked
            await asyncio.sleep(0.5)
            assert (buffer.rows, server.asked) == (rows, asked)
            kept = await buffer.oldest(rows)
            assert [reading.metric for _, reading in kept] == [f"metric.{n % 100}" for n in range(rows)]
            await buffer.delete_through(kept[-1][0], rows)
            while buffer.rows < 100:
                await asyncio.sleep(0.02)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await buffer.close()

    asyncio.run(story())
    (gap,) = gaps(tmp_path)
    assert gap[1:] == ("buffer full", True)


def test_a_device_clock_that_was_never_set_is_a_gap(tmp_path: Path) -> None:
    """The bad server answers a register with its address: 0x00000001 as seconds is the year 1970."""

    async def story() -> None:
        async with BadServer(rtu=False) as server:
            clock = Point("clock", 0, type="uint32")
            broken = device("EM", 1, fast("a", 4), clock=clock)
            where = line(server.port, broken, device("OTHER", 2, fast("a", 4)))
            readings = await poll_until(where, tmp_path, lambda _, rows: len(rows) >= 5)
        assert {reading.device for reading in readings} == {"OTHER"}

    asyncio.run(story())
    assert gaps(tmp_path) == [("EM", "device clock not set", False)]


def test_the_breaker_opens_after_three_silences_and_doubles_its_pause() -> None:
    breaker = Breaker(failures=3, pause=10, longest=35)
    pauses = []
    for now in (0.0, 1.0):
        breaker.silent(now)
        assert breaker.allows(now)
    now = 2.0
    for _ in range(4):
        breaker.silent(now)
        assert not breaker.allows(now)
        pauses.append(breaker.retry_at - now)
        now = breaker.retry_at
        assert breaker.allows(now)
    assert pauses == [10, 20, 35, 35]
    breaker.answered()
    breaker.silent(now)
    assert breaker.allows(now)
