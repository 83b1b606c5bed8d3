"""Whether a customer's order will be late, by how much, and why: the wait that costs most, or too little time for it.

The way to the goods is walked back from the last booking over what each one waited for. If the work alone would be in
time, the longest wait is the reason; if not, nothing but more capacity or a later promise helps, and the work is it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from hub.rules.calendars import NOTHING
from hub.rules.tasks import Booking, Task
from hub.words import Label

ON_TIME, AT_RISK, LATE = "on_time", "at_risk", "late"
"""How bad it is; at risk is what would be in time with less than the margin left."""

REASONS: dict[str, Label] = {
    "material": Label("物料 {what} 要等到 {until}", "material {what} is not there before {until}"),
    "machine": Label("机台 {what} 被占用，等到 {until}", "machine {what} is taken until {until}"),
    "mould": Label("模具 {what} 被占用，等到 {until}", "mould {what} is taken until {until}"),
    "work": Label("剩余工时超过距承诺日的时间", "the work left takes longer than there is time"),
    "unplanned": Label("尚未安排生产或采购", "neither made nor bought by any plan"),
}
"""The sentence of each reason; `what` is its name, `until` the moment at which the wait ends."""

CAUSES: dict[str, Label] = {
    "material": Label("缺物料 {what}，且未采购", "material {what} is missing and not ordered"),
    "supplier": Label("供应商交期晚：{what}", "a supplier brings {what} too late"),
    "machine": Label("产能不足：机台 {what} 被占用", "no capacity: machine {what} is taken"),
    "mould": Label("模具 {what} 被占用", "mould {what} is taken"),
    "work": Label("生产订单 {what} 完工太晚", "production order {what} ends too late"),
    "paused": Label("生产订单 {what} 已暂停", "production order {what} is paused"),
    "inspection": Label("{what} 待检，未放行", "{what} waits for inspection"),
    "unplanned": Label("{what} 尚未安排生产或采购", "{what} is neither made nor bought by any plan"),
    "unshipped": Label("{what} 已备齐，尚未发货", "{what} is there and was not shipped"),
}
"""Why an order line is late or may be, of what `hub.db.lateness` finds; the codes do not change."""


@dataclass(frozen=True)
class Stage:
    """A part of the way: it could begin at `ready`, waited until `start` for `what`, and was done at `end`."""

    name: str
    ready: datetime
    start: datetime
    end: datetime
    waits_for: str | None = None
    what: str = ""

    @property
    def wait(self) -> timedelta:
        """How long it waited for something that could be mended; the rest of nights is none."""
        return max(self.start - self.ready, NOTHING) if self.waits_for else NOTHING


@dataclass(frozen=True)
class Risk:
    """The judgement; `expected` is None when nobody has planned the goods, `stage` is where the reason lies."""

    level: str
    expected: datetime | None
    late: timedelta = NOTHING
    reason: str | None = None
    stage: Stage | None = None

    @property
    def sentence(self) -> Label | None:
        """The reason in words, None when all is well."""
        if self.reason is None:
            return None
        words, stage = REASONS[self.reason], self.stage
        known = {"what": stage.what, "until": f"{stage.start:%m-%d %H:%M}"} if stage else {}
        return Label(words.chinese.format(**known), words.english.format(**known))


def way(
    last: Booking,
    bookings: Mapping[str, Booking],
    tasks: Mapping[str, Task],
    now: datetime,
    materials: Mapping[str, str] | None = None,
) -> list[Stage]:
    """The stages that lead to a booking, the first one first; `materials` names what a task cannot begin without."""
    stages: list[Stage] = []
    booking: Booking | None = last
    while booking is not None:
        task = tasks[booking.task]
        before = max(
            (bookings[key] for key in task.after if key in bookings), key=lambda one: (one.end, one.task), default=None
        )
        done = max(before.end, now) if before else now
        name = booking.order
        if booking.waits_for in ("machine", "mould"):
            ready = max(done, min(task.earliest, booking.start))
            what = booking.machine if booking.waits_for == "machine" else booking.mould or ""
            stages.append(Stage(name, ready, booking.start, booking.there, booking.waits_for, what))
        else:
            stages.append(Stage(name, booking.start, booking.start, booking.there))
        if min(task.earliest, booking.start) > done:
            arrived = min(task.earliest, booking.start)
            stages.append(Stage(name, done, arrived, arrived, "material", (materials or {}).get(booking.task, "")))
        booking = before
    return stages[::-1]


def risk(promised: datetime, stages: Sequence[Stage], margin: timedelta = NOTHING) -> Risk:
    """Judge what is promised for a moment and comes by these stages; without any, nobody has planned it."""
    if not stages:
        return Risk(LATE, None, reason="unplanned")
    expected = max(stage.end for stage in stages)
    late = max(expected - promised, NOTHING)
    if expected + margin <= promised:
        return Risk(ON_TIME, expected)
    longest = max(stages, key=lambda stage: stage.wait)
    waited = sum((stage.wait for stage in stages), NOTHING)
    level = LATE if late else AT_RISK
    if not longest.wait or expected - waited > promised:
        return Risk(level, expected, late, "work")
    return Risk(level, expected, late, longest.waits_for, longest)


def worst(risks: Iterable[Risk]) -> Risk | None:
    """Of several parts of an order the one that decides: unplanned before late before at risk, the latest first."""
    ranks = (ON_TIME, AT_RISK, LATE)
    return max(
        risks,
        key=lambda one: (
            ranks.index(one.level),
            one.expected is None,
            one.late,
            one.expected.timestamp() if one.expected else 0,
        ),
        default=None,
    )
