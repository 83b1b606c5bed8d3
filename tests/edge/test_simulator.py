"""The simulated meters: the same moment shows the same counter, energy is the integral of power, children fit in."""

from __future__ import annotations

import asyncio
import struct
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.client import AsyncModbusTcpClient

from edge_collectors import load
from edge_collectors.errors import EdgeError
from edge_collectors.simulator import Replay, demo_meter, serve
from tests.edge.stand_in import free_port

MOMENTS = st.floats(load.EPOCH, load.EPOCH + 3 * 365 * 86_400)


@given(at=MOMENTS, step=st.floats(0.0, 3 * 86_400.0))
def test_energy_is_the_integral_of_power(at: float, step: float) -> None:
    for meter in load.METERS:
        pieces = max(200, int(step / 60))
        width = step / pieces
        summed = sum(load.power_kw(meter, at + (n + 0.5) * width) for n in range(pieces)) * width / 3600
        counted = load.counter_kwh(meter, at + step) - load.counter_kwh(meter, at)
        assert counted == pytest.approx(summed, rel=1e-3, abs=1e-4)


@given(at=MOMENTS, step=st.floats(1.0, 86_400.0))
def test_children_never_exceed_the_main_meter_and_counters_never_fall(at: float, step: float) -> None:
    used = {meter: load.counter_kwh(meter, at + step) - load.counter_kwh(meter, at) for meter in load.METERS}
    assert all(kwh > 0 for kwh in used.values())
    assert used["EM-02"] + used["EM-03"] < used["EM-01"]
    assert min(load.power_kw(meter, at) for meter in load.METERS) > 0


def test_a_plausible_plant() -> None:
    """A working day of a 52-person moulder: some 2 to 4 MWh, the night below a third of the day, Sunday quiet."""

    def day(text: str) -> float:
        start = datetime.fromisoformat(f"{text}T00:00:00+08:00").timestamp()
        return load.counter_kwh("EM-01", start + 86_400) - load.counter_kwh("EM-01", start)

    assert 2_000 < day("2026-03-04") < 4_000
    assert day("2026-03-08") < day("2026-03-04") / 2
    night, noon = (datetime.fromisoformat(f"2026-03-04T{h}:00:00+08:00").timestamp() for h in ("03", "10"))
    assert load.power_kw("EM-01", night) < load.power_kw("EM-01", noon) / 3


def ask(port: int, unit: int, table: str, start: int, count: int) -> list[int]:
    """An independent client: pymodbus's own, without anything of ours."""

    async def run() -> list[int]:
        client: Any = AsyncModbusTcpClient("127.0.0.1", port=port)
        await client.connect()
        reader = client.read_input_registers if table == "input" else client.read_holding_registers
        answer = await reader(start, count=count, device_id=unit)
        client.close()
        assert not answer.isError()
        return list(answer.registers)

    return asyncio.run(run())


def float32(registers: list[int]) -> float:
    number: float = struct.unpack(">f", struct.pack(">2H", *registers))[0]
    return number


class AtPort:
    """A server in a thread of its own event loop, so that `ask` is truly another party."""

    def __init__(self, devices: list[Any], connected: Any = None) -> None:
        import threading

        self.port = free_port()
        self._ready, self._loop = threading.Event(), asyncio.new_event_loop()
        self._stop = asyncio.Event()

        async def run() -> None:
            server: Any = await serve(devices, "127.0.0.1", self.port, connected)
            self._ready.set()
            await self._stop.wait()
            await server.shutdown()

        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(run()))

    def __enter__(self) -> int:
        self._thread.start()
        assert self._ready.wait(5)
        return self.port

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)
        self._loop.close()


def test_registers_as_the_manuals_have_them_and_the_same_after_a_restart() -> None:
    at = datetime.fromisoformat("2026-03-04T10:00:00+08:00").timestamp()

    def meters() -> list[Any]:
        return [
            demo_meter("EM-01", 1, "eastron-sdm630", lambda: at),
            demo_meter("EM-03", 3, "acrel-adw300", lambda: at),
        ]

    shown = []
    for _ in range(2):
        with AtPort(meters()) as port:
            kwh = float32(ask(port, 1, "input", 0x48, 2))
            watts = float32(ask(port, 1, "input", 0x34, 2))
            phases = [float32(ask(port, 1, "input", address, 2)) for address in (0x0C, 0x0E, 0x10)]
            high, low = ask(port, 3, "holding", 62, 2)
            volts = ask(port, 3, "holding", 20, 3)
        assert kwh == pytest.approx(load.counter_kwh("EM-01", at), rel=1e-6)
        assert watts == pytest.approx(load.power_kw("EM-01", at) * 1000, rel=1e-6)
        assert sum(phases) == pytest.approx(watts, rel=1e-5)
        assert (high << 16 | low) / 100 == pytest.approx(load.counter_kwh("EM-03", at), abs=0.0051)
        assert all(2250 < volt < 2350 for volt in volts)
        shown.append((kwh, watts, high, low))
    assert shown[0] == shown[1]


def test_the_replay_moves_on_with_each_whole_reading_and_repeats_on_a_new_connection() -> None:
    replay = Replay([(1_000, 0), (1_900, 317), (2_800, 717)])

    async def story(port: int) -> list[list[int]]:
        seen = []
        for readings in (1, 2, 1, 3):
            client: Any = AsyncModbusTcpClient("127.0.0.1", port=port)
            await client.connect()
            for _ in range(readings):
                await client.read_holding_registers(2, count=2, device_id=10)  # a part alone does not move it
                seen.append((await client.read_holding_registers(0, count=5, device_id=10)).registers)
            client.close()
            await asyncio.sleep(0.05)
        return seen

    with AtPort([replay.device()], replay.connected) as port:
        seen = asyncio.run(story(port))
    first, second, last = [0, 1_000, 0, 0, 0], [0, 1_900, 0, 317, 0], [0, 2_800, 0, 717, 1]
    assert seen == [first, first, second, second, second, last, last]


def test_a_taken_port_is_one_sentence() -> None:
    with AtPort([demo_meter("EM-01", 1, "eastron-sdm630")]) as port:

        async def again() -> None:
            await serve([demo_meter("EM-01", 1, "eastron-sdm630")], "127.0.0.1", port)

        with pytest.raises(EdgeError, match=str(port)):
            asyncio.run(again())
