"""The guard, against a server that misbehaves: a wrong value is never returned, an error always is."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest
from pymodbus import FramerType
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.simulator import DataType, SimData, SimDevice

from edge_collectors.errors import EdgeError
from edge_collectors.modbus import Bus, LineDownError, RefusedError, SilentError
from edge_collectors.simulator import serve
from edge_collectors.site import Line
from tests.edge.bad_server import BadServer
from tests.edge.stand_in import free_port


def line(server: BadServer | int, timeout: float = 0.15, retries: int = 0) -> Line:
    port, kind = (server, "tcp") if isinstance(server, int) else (server.port, "rtu+tcp" if server.rtu else "tcp")
    return Line(f"modbus+{kind}://127.0.0.1:{port}", kind, "127.0.0.1", port, None, "N", timeout, retries, 0.0, ())


def test_pymodbus_alone_returns_a_late_answer_to_the_next_question() -> None:
    """The reason for the guard: when this fails, pymodbus has learnt it and the guard may go."""

    async def story() -> list[int]:
        async with BadServer(moods=deque(["late"]), delay=0.25) as server:
            client: Any = AsyncModbusTcpClient(
                "127.0.0.1", port=server.port, framer=FramerType.RTU, timeout=0.15, retries=0, reconnect_delay=0
            )
            await client.connect()
            with contextlib.suppress(ModbusException):
                await client.read_holding_registers(0, count=3, device_id=1)
            answer = await client.read_holding_registers(100, count=3, device_id=1)
            client.close()
            return list(answer.registers)

    assert asyncio.run(story()) == [0, 1, 2]


@pytest.mark.parametrize("rtu", [True, False])
@pytest.mark.parametrize("delay", [0.2, 0.4])
def test_after_a_late_answer_the_next_question_gets_its_own(rtu: bool, delay: float) -> None:
    async def story() -> None:
        async with BadServer(rtu=rtu, moods=deque(["late"]), delay=delay) as server:
            bus = Bus(line(server))
            with pytest.raises(SilentError):
                await bus.read("holding", 1, 0, 3)
            for start in (100, 200, 300):
                assert await bus.read("holding", 1, start, 3) == [start, start + 1, start + 2]
            assert server.connections == 2
            bus.close()

    asyncio.run(story())


def test_after_a_cancelled_question_the_next_gets_its_own() -> None:
    async def story() -> None:
        async with BadServer(moods=deque(["late"]), delay=0.1) as server:
            bus = Bus(line(server, timeout=1.0))
            task = asyncio.create_task(bus.read("holding", 1, 0, 3))
            await asyncio.sleep(0.05)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert await bus.read("holding", 1, 100, 3) == [100, 101, 102]
            bus.close()

    asyncio.run(story())


@pytest.mark.parametrize("rtu", [True, False])
@pytest.mark.parametrize("mood", ["silent", "short", "close", "garbage", "wrong-unit", "exc-11", "exc-10"])
def test_what_is_no_answer_is_a_silence_and_then_all_is_well(rtu: bool, mood: str) -> None:
    async def story() -> None:
        async with BadServer(rtu=rtu, moods=deque([mood])) as server:
            bus = Bus(line(server))
            with pytest.raises(SilentError):
                await bus.read("input", 1, 5, 4)
            assert await bus.read("input", 1, 50, 4) == [50, 51, 52, 53]
            bus.close()

    asyncio.run(story())


def test_an_exception_of_the_device_is_an_answer_and_not_retried() -> None:
    async def story() -> None:
        async with BadServer(rtu=False, moods=deque(["exc-2"])) as server:
            bus = Bus(line(server, retries=3))
            with pytest.raises(RefusedError) as caught:
                await bus.read("holding", 1, 0, 2)
            assert (caught.value.code, server.asked, server.connections) == (2, 1, 1)
            assert await bus.read("holding", 1, 0, 2) == [0, 1]
            assert server.connections == 1
            bus.close()

    asyncio.run(story())


def test_silence_costs_one_timeout_per_attempt_and_no_more() -> None:
    async def story() -> None:
        async with BadServer(rtu=False, silent_units={9}) as server:
            bus = Bus(line(server, timeout=0.15, retries=1))
            began = time.monotonic()
            with pytest.raises(SilentError):
                await bus.read("holding", 9, 0, 2)
            assert 0.28 < time.monotonic() - began < 1.0
            assert server.asked == 2
            bus.close()

    asyncio.run(story())


def test_a_retry_answers() -> None:
    async def story() -> None:
        async with BadServer(moods=deque(["silent"])) as server:
            bus = Bus(line(server, retries=1))
            assert await bus.read("holding", 1, 7, 2) == [7, 8]
            bus.close()

    asyncio.run(story())


def test_nobody_listens() -> None:
    async def story() -> None:
        bus = Bus(line(free_port()))
        with pytest.raises(LineDownError):
            await bus.read("holding", 1, 0, 1)

    asyncio.run(story())


@pytest.mark.parametrize("rtu", [True, False])
def test_noise_of_any_kind_is_an_error_of_ours_and_never_a_value(
    rtu: bool, proof_count: Callable[[int, int], int]
) -> None:
    """Random bytes, and answers with one byte changed, in place of an answer."""
    chance = random.Random(7)  # noqa: S311
    good = b"\x01\x03\x04\x00\x64\x00\x65"

    async def story() -> int:
        refused = 0
        async with BadServer(rtu=rtu) as server:
            bus = Bus(line(server, timeout=0.03))
            for _ in range(proof_count(40, 1_500)):
                if chance.random() < 0.5:
                    server.noise = chance.randbytes(chance.randrange(1, 40))
                else:
                    place = chance.randrange(len(good) if rtu else 3)  # MBAP has no checksum: TCP keeps the data
                    server.noise = good[:place] + bytes([good[place] ^ 1 << chance.randrange(8)]) + good[place + 1 :]
                with pytest.raises((SilentError, RefusedError)):
                    await bus.read("holding", 1, 100, 2)
                refused += 1
                server.noise = None
                assert await bus.read("holding", 1, 100, 2) == [100, 101]
            bus.close()
        return refused

    assert asyncio.run(story()) > 0


def test_bits_of_coils_and_discrete_inputs() -> None:
    async def story() -> None:
        bits = [SimData(0, values=[True, False, False, True] * 4, datatype=DataType.BITS)]
        words = [SimData(0, values=0, datatype=DataType.REGISTERS)]
        port = free_port()
        server: Any = await serve([SimDevice(1, (bits, bits, words, words))], "127.0.0.1", port)
        bus = Bus(line(port))
        assert await bus.read("coil", 1, 0, 5) == [1, 0, 0, 1, 1]
        assert await bus.read("discrete", 1, 3, 2) == [1, 1]
        bus.close()
        await server.shutdown()

    asyncio.run(story())


def test_a_serial_line_without_its_package_or_port_is_told() -> None:
    async def story() -> None:
        where = Line("modbus+serial:///dev/none", "serial", "/dev/none", 0, 9600, "N", 0.1, 0, 0.0, ())
        with pytest.raises((EdgeError, LineDownError)):
            await Bus(where).read("holding", 1, 0, 1)

    asyncio.run(story())
