"""From points to requests: neighbouring points are read together, holes included when that is cheaper.

A request costs a turnaround (about 45 ms at 9600 baud), an extra register 2 ms, so small holes are read along.
Points are grouped by table and period, so slow points do not ride with fast ones, and a point is never split.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from edge_collectors.errors import EdgeError
from edge_collectors.registers import Decoder, Point
from edge_collectors.site import Device, Line


@dataclass(frozen=True, slots=True)
class Block:
    """One request: `count` registers of `table` from `start`, and the points inside."""

    unit: int
    table: str
    every: float
    start: int
    count: int
    points: tuple[Point, ...]
    decoder: Decoder = field(repr=False, compare=False)


def plan_device(device: Device, line: Line) -> list[Block]:
    """The requests that read all points of a device, sorted by period, table and address.

    With a device clock every request must hold the clock (and the end flag), because a value and its time belong to
    the same moment: raises EdgeError when one request cannot.
    """
    together = tuple(point for point in (device.clock, device.end) if point is not None)
    max_gap = device.max_registers if together else (line.max_gap if device.max_gap is None else device.max_gap)
    blocks: list[Block] = []
    ordered = sorted(device.points, key=lambda point: (point.every, point.table, point.at, point.metric))
    for (every, table), group in groupby(ordered, key=lambda point: (point.every, point.table)):
        members = [*group, *together]
        runs = join(members, max_gap, device.max_registers)
        if together and (len(runs) > 1 or any(point.table != table for point in together)):
            raise EdgeError(
                f"设备 {device.id} 的时钟与测点不能在一次请求中读出"
                f"（最多 {device.max_registers} 个寄存器，同一张表）。",
                f"Device {device.id}: its clock and points do not fit in one request "
                f"(at most {device.max_registers} registers, one table).",
            )
        blocks.extend(block_of(device.unit, table, every, run) for run in runs)
    return blocks


def join(points: Iterable[Point], max_gap: int, max_registers: int) -> list[list[Point]]:
    """Runs of points, each to be read by one request: holes up to `max_gap`, length up to `max_registers`."""
    runs: list[list[Point]] = []
    start = end = 0
    for point in sorted(points, key=lambda point: (point.at, point.end, point.metric)):
        reach = max(end, point.end)
        if runs and point.at - end <= max_gap and reach - start <= max_registers:
            runs[-1].append(point)
            end = reach
        else:
            runs.append([point])
            start, end = point.at, point.end
    return runs


def block_of(unit: int, table: str, every: float, points: Sequence[Point]) -> Block:
    """The request that covers these points and nothing else."""
    start = min(point.at for point in points)
    count = max(point.end for point in points) - start
    return Block(unit, table, every, start, count, tuple(points), Decoder(start, count, points))


def split(block: Block) -> list[Block]:
    """The same points without any hole, for a device that refuses to read across undefined registers.

    A block that cannot be divided further comes back alone.
    """
    runs = join(block.points, 0, block.count)
    if len(runs) == 1:
        runs = [[point] for point in block.points]
    return [block_of(block.unit, block.table, block.every, run) for run in runs]


def bus_seconds(block: Block, line: Line) -> float:
    """Estimated time of one request on its line.

    Serial: 8 bytes out, 5 + 2 per register back, 11 bits a byte, 30 ms turnaround; network: 20 ms, which real
    gateways need (measured 5 to 100 ms).
    """
    if line.baud is None:
        return 0.020 + line.pause
    return (8 + 5 + 2 * block.count) * 11 / line.baud + 0.030 + line.pause
