"""Simulated meters behind a real Modbus TCP server: the demo site's three, and a replay of a CSV of interval energy.

The meters show the register maps of devices/*.toml. The replay moves on by one interval with each reading of its whole
block, but repeats the last one on a new connection: a collector killed before its commit misses nothing.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from pymodbus import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from edge_collectors import load
from edge_collectors.errors import EdgeError, both
from edge_collectors.model import Model, load_model
from edge_collectors.registers import Point, encode

log = logging.getLogger("edge")

DEMO_METERS = (("EM-01", 1, "eastron-sdm630"), ("EM-02", 2, "eastron-sdm630"), ("EM-03", 3, "acrel-adw300"))
REPLAY_UNIT = 10
POWER_FACTOR = 0.92


def snapshot(meter: str, at: float) -> dict[str, Decimal]:
    """All quantities of a demo meter at a moment (seconds since 1970), by metric, in the units of the device files."""
    watts = load.power_kw(meter, at) * 1000
    energy = load.counter_kwh(meter, at)
    apparent = watts / POWER_FACTOR
    reactive = math.sqrt(apparent**2 - watts**2)
    values: dict[str, float] = {
        "power.active": watts,
        "power.apparent": apparent,
        "power.reactive": reactive,
        "power.factor": POWER_FACTOR,
        "frequency": 50 + 0.02 * math.sin(at / 37),
        "energy.active.import": energy,
        "energy.active.total": energy,
        "energy.reactive.import": energy * math.tan(math.acos(POWER_FACTOR)),
        "energy.reactive.total": energy * math.tan(math.acos(POWER_FACTOR)),
    }
    for phase, share in (("l1", 0.35), ("l2", 0.33), ("l3", 0.32)):
        volts = 230 + 1.5 * math.sin(at / 53 + share)
        values |= {
            f"voltage.{phase}": volts,
            f"current.{phase}": apparent * share / volts,
            f"power.active.{phase}": watts * share,
            f"power.apparent.{phase}": apparent * share,
            f"power.reactive.{phase}": reactive * share,
            f"power.factor.{phase}": POWER_FACTOR,
            f"energy.active.import.{phase}": energy * share,
            f"energy.active.total.{phase}": energy * share,
            f"voltage.thd.{phase}": 2.1 + 0.2 * math.sin(at / 71),
            f"current.thd.{phase}": 9.5 + 0.8 * math.sin(at / 67),
        }
    return {metric: Decimal(repr(value)) for metric, value in values.items()}


def write_points(registers: list[int], first: int, points: Sequence[Point], values: dict[str, Decimal]) -> None:
    """Write values into the registers (the list begins at address `first`); points without a value stand at zero."""
    for point in points:
        words = encode(point, values.get(point.metric, Decimal(0)))
        registers[point.at - first : point.end - first] = words


def demo_meter(meter: str, unit: int, model_name: str, clock: Callable[[], float] = time.time) -> SimDevice:
    """A device that shows the meter's load at the moment of each request."""
    points = load_model(model_name).points()

    async def refresh(_fc: int, first: int, _at: int, _count: int, registers: list[int], writes: object) -> None:
        if writes is None:
            write_points(registers, first, points, snapshot(meter, clock()))

    return SimDevice(unit, _memory(points), action=refresh)


class Replay:
    """Serves (seconds since 1970, counter in 0.01 kWh) one after another through the map of steel-replay.toml."""

    def __init__(self, counter: Sequence[tuple[int, int]]) -> None:
        self.counter = counter
        self.place = 0
        self._repeat = True
        model: Model = load_model("steel-replay")
        if model.clock is None or model.end is None:
            raise ValueError("steel-replay.toml needs a clock and an end flag")
        self._points = [model.clock, *model.points(), model.end]

    def device(self, unit: int = REPLAY_UNIT) -> SimDevice:
        """The device to put on a server."""
        return SimDevice(unit, _memory(self._points), action=self._refresh)

    def connected(self, is_open: bool) -> None:
        """Told by the server: a new client gets the last interval once more."""
        self._repeat = self._repeat or is_open

    async def _refresh(self, _fc: int, first: int, at: int, count: int, registers: list[int], writes: object) -> None:
        if writes is not None:
            return
        is_whole = at <= min(point.at for point in self._points) and at + count >= max(p.end for p in self._points)
        if is_whole and not self._repeat:
            self.place = min(self.place + 1, len(self.counter) - 1)
        if is_whole:
            self._repeat = False
        clock, energy, end = self._points
        seconds, hundredths = self.counter[self.place]
        is_last = self.place == len(self.counter) - 1
        values = {
            clock.metric: Decimal(seconds),
            energy.metric: Decimal(hundredths) * energy.scale,
            end.metric: Decimal(is_last),
        }
        write_points(registers, first, self._points, values)


def _memory(points: Sequence[Point]) -> list[SimData]:
    """One block of registers for every table, as far as the map reaches; beyond it the device answers exception 2."""
    first = min(point.at for point in points)
    count = max(point.end for point in points) - first
    return [SimData(first, count=count, values=0, datatype=DataType.REGISTERS)]


async def serve(
    devices: list[SimDevice],
    host: str,
    port: int,
    connected: Callable[[bool], None] | None = None,
    framer: FramerType = FramerType.SOCKET,
) -> ModbusTcpServer:
    """Start a server and return once it listens; stop it with `await server.shutdown()`. EdgeError when it cannot."""
    make: Any = ModbusTcpServer
    server: ModbusTcpServer = make(devices, framer=framer, address=(host, port), trace_connect=connected)
    try:
        await server.serve_forever(background=True)
    except RuntimeError:
        raise EdgeError(
            f"无法监听 {host}:{port}：端口已被占用或无权使用。",
            f"Cannot listen on {host}:{port}: the port is taken or not permitted.",
        ) from None
    return server


async def simulate(host: str, port: int, replay: Replay | None, stop: asyncio.Event) -> None:
    """Serve the demo meters, and the replay when given, until `stop`."""
    devices = [demo_meter(*meter) for meter in DEMO_METERS]
    if replay is not None:
        devices.append(replay.device())
    server: Any = await serve(devices, host, port, replay.connected if replay else None)
    log.info(both(f"模拟器监听 {host}:{port}。", f"The simulator listens on {host}:{port}."))
    try:
        await stop.wait()
    finally:
        await server.shutdown()
