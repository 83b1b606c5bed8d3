"""Planning: every point in exactly one request, within the limits, and no plan has fewer requests."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_collectors.errors import EdgeError
from edge_collectors.plan import Block, bus_seconds, join, plan_device, split
from edge_collectors.registers import TYPES, Point
from edge_collectors.site import Device, Line, load_site

POINTS = st.lists(
    st.builds(
        lambda at, kind, table, every: (at, kind, table, every),
        st.integers(0, 400),
        st.sampled_from(sorted(set(TYPES) - {"bit"})),
        st.sampled_from(["holding", "input"]),
        st.sampled_from([1.0, 10.0]),
    ),
    min_size=1,
    max_size=30,
).map(
    lambda rows: tuple(
        Point(f"m{n}", at, type=kind, table=table, every=every) for n, (at, kind, table, every) in enumerate(rows)
    )
)


def line(device: Device, baud: int | None = None) -> Line:
    kind = "tcp" if baud is None else "serial"
    return Line("modbus+tcp://x", kind, "x", 502, baud, "N", 1.0, 0, 0.0, (device,))


@given(points=POINTS, max_gap=st.integers(0, 125), max_registers=st.integers(4, 125))
def test_every_point_is_read_once_within_the_limits(
    points: tuple[Point, ...], max_gap: int, max_registers: int
) -> None:
    device = Device("D", 1, "m", points, max_registers=max_registers, max_gap=max_gap)
    blocks = plan_device(device, line(device))
    assert sorted(point.metric for block in blocks for point in block.points) == sorted(p.metric for p in points)
    for block in blocks:
        assert 1 <= block.count <= max_registers
        assert {(point.table, point.every) for point in block.points} == {(block.table, block.every)}
        assert block.start == min(point.at for point in block.points)
        assert block.start + block.count == max(point.end for point in block.points)
        covered = sorted(block.points, key=lambda point: point.at)
        reach = covered[0].end
        for point in covered[1:]:
            assert point.at - reach <= max_gap
            reach = max(reach, point.end)


@given(points=POINTS, max_gap=st.integers(0, 40), max_registers=st.integers(4, 60))
def test_no_plan_of_neighbours_has_fewer_requests(points: tuple[Point, ...], max_gap: int, max_registers: int) -> None:
    """Against a dynamic programme over all ways to cut the sorted points."""
    ordered = sorted(points, key=lambda point: (point.at, point.end))
    fewest = [0] + [len(ordered) + 1] * len(ordered)
    for last in range(1, len(ordered) + 1):
        for first in range(last):
            run = ordered[first:last]
            reach, fits = run[0].end, True
            for point in run[1:]:
                fits = fits and point.at - reach <= max_gap
                reach = max(reach, point.end)
            if fits and (reach - run[0].at <= max_registers or len(run) == 1):
                fewest[last] = min(fewest[last], fewest[first] + 1)
    assert len(join(points, max_gap, max_registers)) == fewest[-1]


@given(points=POINTS)
def test_split_loses_no_point_and_reads_no_hole(points: tuple[Point, ...]) -> None:
    device = Device("D", 1, "m", points, max_gap=125)
    for block in plan_device(device, line(device)):
        parts = split(block)
        assert sorted(p.metric for part in parts for p in part.points) == sorted(p.metric for p in block.points)
        wanted = {address for point in block.points for address in range(point.at, point.end)}
        assert all(address in wanted for part in parts for address in range(part.start, part.start + part.count))
        assert len(parts) > 1 or len(block.points) == 1


def test_repeated_splitting_ends_at_single_points() -> None:
    device = Device("D", 1, "m", tuple(Point(f"m{at}", at) for at in (0, 1, 2, 9)), max_gap=125)
    todo, single = plan_device(device, line(device)), list[Block]()
    while todo:
        parts = split(todo.pop())
        if len(parts) == 1:
            single.append(parts[0])
        else:
            todo += parts
    assert sorted(block.start for block in single) == [0, 1, 2, 9]


def test_the_clock_rides_with_every_request() -> None:
    site = load_site("steel-replay")
    (block,) = plan_device(site.lines[0].devices[0], site.lines[0])
    assert [(point.metric, point.at) for point in block.points] == [
        ("clock", 0),
        ("energy.active.import", 2),
        ("end", 4),
    ]


def test_a_clock_too_far_away_is_one_sentence() -> None:
    clock = Point("clock", 0, type="uint32")
    device = Device("D-7", 1, "m", (Point("x", 500),), clock=clock)
    with pytest.raises(EdgeError, match="D-7") as caught:
        plan_device(device, line(device))
    assert "时钟" in caught.value.chinese
    other_table = Device("D-7", 1, "m", (Point("x", 5, table="input"),), clock=clock)
    with pytest.raises(EdgeError):
        plan_device(other_table, line(other_table))


def test_small_holes_are_cheaper_on_serial_lines_large_ones_are_not(tmp_path: Path) -> None:
    near = Device("D", 1, "m", (Point("a", 0), Point("b", 20)))
    far = Device("D", 1, "m", (Point("a", 0), Point("b", 60)))
    serial, network = line(near, 9600), line(near)
    assert [len(plan_device(device, serial)) for device in (near, far)] == [1, 2]
    assert [len(plan_device(device, network)) for device in (near, far)] == [1, 1]
    # 41 ms for one register at 9600 baud and 2.3 ms for each further one: the figures the defaults rest on
    one = bus_seconds(plan_device(far, serial)[0], serial)
    joined = bus_seconds(plan_device(near, serial)[0], serial)
    assert one < joined < 2 * one + 0.001


def test_a_slow_counter_does_not_ride_with_fast_points() -> None:
    site = load_site("demo")
    blocks = plan_device(site.lines[0].devices[0], site.lines[0])
    assert {block.every for block in blocks} == {10.0, 60.0}
    for first, second in pairwise(blocks):
        assert first.every <= second.every
