"""A reading, and when one is worth keeping: change, deadband, heartbeat, and timestamps that never repeat.

Counters are never deadbanded. A key (device, metric, at) belongs to one value for ever, so two readings of a point
never share a timestamp, even when somebody sets the gateway's clock back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from edge_collectors.registers import Point, plain


@dataclass(frozen=True, slots=True)
class Reading:
    """One taken value; `at` in milliseconds since 1970 (UTC), `value` a plain decimal string in `unit`."""

    device: str
    metric: str
    at: int
    value: str
    unit: str | None
    quality: int


def moment(at: int, zone: tzinfo) -> str:
    """Milliseconds since 1970 as an ISO time with offset, without the fraction when it is zero."""
    seconds, milliseconds = divmod(at, 1000)
    stamp = datetime.fromtimestamp(seconds, UTC).astimezone(zone).replace(microsecond=milliseconds * 1000)
    return stamp.isoformat(timespec="milliseconds" if milliseconds else "seconds")


class Reporter:
    """Decides for each point whether a value is reported, and under which timestamp."""

    def __init__(self, last_at: Mapping[tuple[str, str], int]) -> None:
        """`last_at`: the newest timestamp taken so far, by (device, metric); outlives a restart."""
        self._last_at = dict(last_at)
        self._reported: dict[tuple[str, str], tuple[Decimal, float]] = {}

    def due(self, device: str, point: Point, value: Decimal, now: float) -> bool:
        """Whether `value` is reported at `now` (a steady clock, seconds); the first one after a start always is."""
        last = self._reported.get((device, point.metric))
        if last is None or point.report == "every" or now - last[1] >= point.heartbeat:
            return True
        change = abs(value - last[0])
        return change > 0 and (point.counter or change >= point.deadband)

    def stamp(self, device: str, points: Sequence[Point], now: int) -> int:
        """One timestamp for the points of a block by the gateway's clock (ms): max(now, last + 1)."""
        return max([now, *(self._last_at.get((device, point.metric), now - 1) + 1 for point in points)])

    def is_taken(self, device: str, point: Point, at: int) -> bool:
        """Whether the device's own time `at` was taken before (the device has not moved on)."""
        return self._last_at.get((device, point.metric)) == at

    def report(self, device: str, point: Point, value: Decimal, quality: int, at: int, now: float) -> Reading:
        """The reading to take; remembered as the last one of its point."""
        self._reported[device, point.metric] = (value, now)
        self._last_at[device, point.metric] = at
        return Reading(device, point.metric, at, plain(value), point.unit, quality)
