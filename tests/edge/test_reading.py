"""When a value is reported, and that two readings of a point never share a timestamp."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from edge_collectors.reading import Reporter, moment
from edge_collectors.registers import Point

VOLTAGE = Point("voltage.l1", 0, unit="V", deadband=Decimal("0.5"), heartbeat=300)
COUNTER = Point("energy", 0, unit="kWh", counter=True, heartbeat=300)


def reported(point: Point, values: list[str], every: float = 10) -> list[str]:
    reporter, kept = Reporter({}), []
    for place, text in enumerate(values):
        value, now = Decimal(text), place * every
        if reporter.due("EM", point, value, now):
            reporter.report("EM", point, value, 0, int(now * 1000), now)
            kept.append(text)
    return kept


def test_deadband_compares_with_the_last_reported_value_so_that_a_drift_is_seen() -> None:
    assert reported(VOLTAGE, ["230", "230.4", "229.6", "230.5", "230.9", "231.0"]) == ["230", "230.5", "231.0"]


def test_counters_report_the_smallest_step_and_nothing_without_one() -> None:
    assert reported(COUNTER, ["1.00", "1.00", "1.01", "1.01", "1.02"]) == ["1.00", "1.01", "1.02"]


def test_the_heartbeat_tells_still_from_dead() -> None:
    assert len(reported(VOLTAGE, ["230"] * 91)) == 4  # 0, 300, 600, 900 s


def test_every_value_when_asked_for() -> None:
    assert reported(Point("x", 0, report="every"), ["1"] * 5) == ["1"] * 5


@given(st.lists(st.integers(-5_000, 5_000), min_size=1, max_size=50))
def test_timestamps_rise_whatever_the_clock_does(steps: list[int]) -> None:
    reporter, now, last = Reporter({("EM", "voltage.l1"): 1_000_000}), 1_000_000, 1_000_000
    for step in steps:
        now += step
        at = reporter.stamp("EM", [VOLTAGE], now)
        reporter.report("EM", VOLTAGE, Decimal(1), 0, at, 0.0)
        assert at > last
        assert at in (now, last + 1)
        last = at


def test_the_same_device_time_is_taken_once_also_after_a_restart() -> None:
    reporter = Reporter({("EM", "energy"): 5_000})
    assert reporter.is_taken("EM", COUNTER, 5_000)
    assert not reporter.is_taken("EM", COUNTER, 6_000)
    assert not reporter.is_taken("EM", COUNTER, 4_000)  # a replay from the start: the hub knows by the key


def test_times_carry_the_offset_of_the_site() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    assert moment(1514736900_000, zone) == "2018-01-01T00:15:00+08:00"
    assert moment(1514736900_007, zone) == "2018-01-01T00:15:00.007+08:00"
