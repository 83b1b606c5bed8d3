"""One task per line: asks its devices in turn, block by block, and hands what is worth keeping to the buffer.

A device that is silent has its own breaker and its own gap, so the others on the line go on. When the line cannot be
opened or the buffer is full, nothing is asked at all: an answer that cannot be kept is better not taken.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edge_collectors.breaker import Breaker
from edge_collectors.buffer import Buffer
from edge_collectors.errors import both
from edge_collectors.modbus import Bus, LineDownError, RefusedError, SilentError
from edge_collectors.plan import Block, plan_device, split
from edge_collectors.reading import Reading, Reporter
from edge_collectors.registers import Point, Raw, exact
from edge_collectors.site import Device, Line

log = logging.getLogger("edge")

ILLEGAL = (2, 3)  # "illegal address", and what some devices say instead, for a read across undefined registers
REFUSED_PAUSE = 600.0  # a block the device refuses is asked again after this many seconds: firmware gets updated
ENDED_PERIOD = 10.0  # a replay at its end is only asked whether it starts again
RECONNECT = (1.0, 30.0)
CLOCK_STEP = 1_000  # milliseconds
CLOCK_FROM, CLOCK_BEFORE = 946_684_800, 4_102_444_800  # a device clock outside 2000 to 2099 was never set


@dataclass(slots=True)
class Watch:
    """A device of the line and what is known of it while running."""

    device: Device
    breaker: Breaker
    is_at_end: bool = False
    has_ended: bool = False
    refused: dict[tuple[str, int, int], float] = field(default_factory=dict)  # block -> when to ask again


@dataclass(slots=True)
class Group:
    """The blocks of one device that are read in the same period."""

    watch: Watch
    every: float
    blocks: list[Block]


def now_ms() -> int:
    """The gateway's clock in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Poller:
    """Polls one line until cancelled."""

    def __init__(self, line: Line, buffer: Buffer, reporter: Reporter) -> None:
        self.line = line
        self.watches = [Watch(device, Breaker()) for device in line.devices]
        self._bus = Bus(line)
        self._buffer = buffer
        self._reporter = reporter
        self._groups: list[Group] = []
        for watch in self.watches:
            for every, blocks in itertools.groupby(plan_device(watch.device, line), key=lambda block: block.every):
                self._groups.append(Group(watch, every, list(blocks)))

    @property
    def has_ended(self) -> bool:
        """Whether every device has said that it has no more data."""
        return all(watch.has_ended for watch in self.watches)

    async def run(self) -> None:
        """Poll each group in its period, all once at the start."""
        queue = [(time.monotonic(), number) for number in range(len(self._groups))]
        try:
            while True:
                due, number = heapq.heappop(queue)
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                await self._wait_for_room()
                group = self._groups[number]
                if group.watch.breaker.allows(time.monotonic()):
                    await self._poll_or_reconnect(group)
                heapq.heappush(queue, (self._next_due(group), number))
        finally:
            self._bus.close()

    def _next_due(self, group: Group) -> float:
        """The next multiple of the period on the wall clock, so that meters are read at the same moments."""
        every = max(group.every, ENDED_PERIOD) if group.watch.has_ended else group.every
        now = time.monotonic()
        if not every:
            return now
        return max(
            now + every - time.time() % every, group.watch.breaker.retry_at if group.watch.breaker.is_open else 0
        )

    async def _wait_for_room(self) -> None:
        if not self._buffer.is_full:
            return
        await self._buffer.begin_gap(self.line.url, "buffer full", now_ms())
        await self._buffer.room.wait()
        await self._buffer.end_gap(self.line.url, "buffer full", now_ms())

    async def _poll_or_reconnect(self, group: Group) -> None:
        """Poll the group; with the line down, keep trying to open it, ever more slowly."""
        wait = RECONNECT[0]
        while True:
            try:
                await self._poll(group)
            except LineDownError:
                if await self._buffer.begin_gap(self.line.url, "line down", now_ms()):
                    log.warning(
                        both(f"无法连接线路 {self.line.url}，将重试。", f"Cannot reach {self.line.url}; will retry.")
                    )
                await asyncio.sleep(wait)
                wait = min(wait * 2, RECONNECT[1])
            else:
                if await self._buffer.end_gap(self.line.url, "line down", now_ms()):
                    log.info(both(f"线路 {self.line.url} 已恢复。", f"The line {self.line.url} is back."))
                return

    async def _poll(self, group: Group) -> None:
        """Read the blocks of a group and take their readings in one commit; stop at the first silence."""
        watch, taken = group.watch, list[Reading]()
        try:
            for block in list(group.blocks):
                if watch.refused.get(_key(block), 0) > time.monotonic():
                    continue
                try:
                    registers = await self._bus.read(block.table, block.unit, block.start, block.count)
                except SilentError as problem:
                    await self._on_silence(watch, str(problem))
                    break
                except RefusedError as problem:
                    watch.breaker.answered()
                    await self._on_refusal(group, block, problem.code)
                    continue
                await self._on_answer(watch, block)
                taken += await self._interpret(watch, block, block.decoder.decode(registers))
        finally:  # what was read is kept, also when the line breaks or the collector stops meanwhile
            if taken:
                await self._buffer.take(taken)
        watch.has_ended = watch.is_at_end  # only now that its last reading is safe

    async def _on_answer(self, watch: Watch, block: Block) -> None:
        watch.breaker.answered()
        device = watch.device.id
        if await self._buffer.end_gap(device, "silent", now_ms()):
            log.info(both(f"设备 {device} 恢复应答。", f"Device {device} answers again."))
        if watch.refused.pop(_key(block), None) is not None:
            await self._buffer.end_gap(f"{device} {_named(block)}", "refused", now_ms())

    async def _on_silence(self, watch: Watch, problem: str) -> None:
        watch.breaker.silent(time.monotonic())
        device = watch.device.id
        if await self._buffer.begin_gap(device, "silent", now_ms()):
            log.warning(both(f"设备 {device} 无应答。", f"Device {device} does not answer ({problem})."))

    async def _on_refusal(self, group: Group, block: Block, code: int) -> None:
        """Read around undefined registers from now on; a block that cannot be divided rests for a while."""
        watch = group.watch
        device = watch.device.id
        parts = split(block) if code in ILLEGAL and watch.device.clock is None else [block]
        if len(parts) > 1:
            place = group.blocks.index(block)
            group.blocks[place : place + 1] = parts
            log.info(
                both(
                    f"设备 {device} 不允许连读 {block.start}+{block.count}，改为 {len(parts)} 次请求。",
                    f"Device {device} refuses {block.start}+{block.count} in one; reading it in {len(parts)} requests.",
                )
            )
            return
        watch.refused[_key(block)] = time.monotonic() + REFUSED_PAUSE
        if await self._buffer.begin_gap(f"{device} {_named(block)}", "refused", now_ms()):
            log.warning(
                both(
                    f"设备 {device} 拒绝读取 {_named(block)}（Modbus 异常 {code}）。",
                    f"Device {device} refuses to give {_named(block)} (Modbus exception {code}).",
                )
            )

    async def _interpret(self, watch: Watch, block: Block, raws: Sequence[Raw]) -> list[Reading]:
        """The readings of a block that are worth keeping."""
        device = watch.device
        values = dict(zip(block.points, raws, strict=True))
        points = [point for point in block.points if point is not device.clock and point is not device.end]
        if device.end is not None:
            watch.is_at_end = bool(values[device.end])
        at = await self._timestamp(device, points, values)
        if at is None:
            return []
        taken, now = [], time.monotonic()
        for point in points:
            if device.clock is not None and self._reporter.is_taken(device.id, point, at):
                continue
            result = exact(point, values[point])
            if result is None:
                await self._buffer.begin_gap(f"{device.id} {point.metric}", "no value", at)
                continue
            await self._buffer.end_gap(f"{device.id} {point.metric}", "no value", at)
            if self._reporter.due(device.id, point, result[0], now):
                taken.append(self._reporter.report(device.id, point, *result, at, now))
        return taken

    async def _timestamp(self, device: Device, points: Sequence[Point], values: Mapping[Point, Raw]) -> int | None:
        """The time of a block in ms: the device's own (None if it is none), or the gateway's past the newest taken."""
        now = now_ms()
        if device.clock is not None:
            clock = exact(device.clock, values[device.clock])
            if clock is None or not CLOCK_FROM <= clock[0] < CLOCK_BEFORE:
                if await self._buffer.begin_gap(device.id, "device clock not set", now):
                    log.warning(
                        both(f"设备 {device.id} 的时钟未设置。", f"The clock of device {device.id} is not set.")
                    )
                return None
            await self._buffer.end_gap(device.id, "device clock not set", now)
            return int(clock[0] * 1000)
        at = self._reporter.stamp(device.id, points, now)
        if at - now > CLOCK_STEP:
            if await self._buffer.begin_gap(device.id, "clock set back", now):
                log.warning(
                    both(
                        "网关时钟被调回，读数时间暂用上次时间顺延。",
                        "The gateway's clock went back; readings are stamped just after the last ones.",
                    )
                )
        else:
            await self._buffer.end_gap(device.id, "clock set back", now)
        return at


def _key(block: Block) -> tuple[str, int, int]:
    return block.table, block.start, block.count


def _named(block: Block) -> str:
    names = [point.metric for point in block.points]
    return names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}"
