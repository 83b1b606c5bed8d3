"""Working time: which days are worked, when the shifts of a day run, and when a piece of work is done.

`Calendar` answers for days, `WorkingTime` for moments within a stretch of days, with breakdowns and the like taken out.
Moments are local to the calendar's `zone`; a shift that passes midnight belongs to the day on which it begins.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import NamedTuple

from hub.errors import Refused, problem

DAY = timedelta(days=1)
NOTHING = timedelta(0)
LONGEST_REST = 400
"""A calendar that rests longer than so many days has no workdays at all."""


class Window(NamedTuple):
    """A stretch of time, its end not included."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class ShiftHours:
    """A shift: when it begins and how many minutes are worked."""

    start: time
    minutes: int


@dataclass(frozen=True)
class Calendar:
    """Worked are the ISO weekdays (1 Monday to 7 Sunday) but the days `off`, and the days `on` in any case."""

    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()
    shifts: tuple[ShiftHours, ...] = (ShiftHours(time(8), 480),)
    zone: tzinfo | None = None

    def is_workday(self, day: date) -> bool:
        """Whether the day is worked."""
        return day in self.on or (day.isoweekday() in self.weekdays and day not in self.off)

    def on_or_after(self, day: date) -> date:
        """The day itself or the next one that is worked."""
        return self._next(day, DAY)

    def on_or_before(self, day: date) -> date:
        """The day itself or the last one before it that was worked."""
        return self._next(day, -DAY)

    def later(self, day: date, workdays: int) -> date:
        """The workday so many workdays after `day`, before it when negative; `day` itself for none.

        >>> Calendar().later(date(2026, 5, 8), 1), Calendar().later(date(2026, 5, 11), -1)
        (datetime.date(2026, 5, 11), datetime.date(2026, 5, 8))
        """
        onward = DAY if workdays > 0 else -DAY
        for _ in range(abs(workdays)):
            day = self._next(day + onward, onward)
        return day

    def workdays(self, first: date, last: date) -> int:
        """How many days are worked from `first` to `last`, both included."""
        return sum(self.is_workday(first + DAY * offset) for offset in range((last - first).days + 1))

    def windows(self, first: date, last: date) -> list[Window]:
        """When work is done on the days from `first` to `last`: in order, apart from each other."""
        days = (first + DAY * offset for offset in range((last - first).days + 1))
        return joined(
            Window(start, start + timedelta(minutes=shift.minutes))
            for day in days
            if self.is_workday(day)
            for shift in self.shifts
            for start in (datetime.combine(day, shift.start, self.zone),)
        )

    def _next(self, day: date, onward: timedelta) -> date:
        for offset in range(LONGEST_REST):
            if self.is_workday(day + onward * offset):
                return day + onward * offset
        raise Refused(problem("CALENDAR_WITHOUT_WORKDAYS", "工作日历没有工作日。", "The calendar has no workdays."))


def joined(windows: Iterable[Window]) -> list[Window]:
    """The windows in order, those that touch or overlap made one, empty ones left out."""
    result: list[Window] = []
    for window in sorted(window for window in windows if window.start < window.end):
        if result and window.start <= result[-1].end:
            result[-1] = Window(result[-1].start, max(result[-1].end, window.end))
        else:
            result.append(window)
    return result


def without(windows: Iterable[Window], taken: Iterable[Window]) -> list[Window]:
    """What is left of the windows when others are taken out."""
    left = joined(windows)
    for gap in joined(taken):
        left = [
            part
            for window in left
            for part in (
                Window(window.start, min(window.end, gap.start)),
                Window(max(window.start, gap.end), window.end),
            )
            if part.start < part.end
        ]
    return left


class WorkingTime:
    """Moments and amounts of work over a fixed list of windows; each question is a binary search."""

    def __init__(self, windows: Iterable[Window], taken: Iterable[Window] = ()) -> None:
        self.windows: Sequence[Window] = without(windows, taken)
        self._starts = [window.start for window in self.windows]
        self._ends = [window.end for window in self.windows]
        self._before = [NOTHING]
        for window in self.windows:
            self._before.append(self._before[-1] + (window.end - window.start))

    def after(self, moment: datetime) -> datetime:
        """The first moment from `moment` on at which work is done; Refused BEYOND_HORIZON when there is none."""
        index = bisect_right(self._ends, moment)
        if index == len(self._ends):
            raise _beyond()
        return max(moment, self._starts[index])

    def finish(self, start: datetime, work: timedelta) -> datetime:
        """When so much work is done that is begun at `start` and rests outside the windows; Refused BEYOND_HORIZON."""
        if work <= NOTHING:
            return self.after(start)
        done = self._until(start) + work
        index = bisect_left(self._before, done, lo=1)
        if index == len(self._before):
            raise _beyond()
        return self._starts[index - 1] + (done - self._before[index - 1])

    def work(self, start: datetime, end: datetime) -> timedelta:
        """How much time is worked between two moments."""
        return max(self._until(end) - self._until(start), NOTHING)

    def _until(self, moment: datetime) -> timedelta:
        """How much time is worked before a moment."""
        index = bisect_right(self._starts, moment)
        if index == 0:
            return NOTHING
        return self._before[index - 1] + min(moment, self._ends[index - 1]) - self._starts[index - 1]


def _beyond() -> Refused:
    return Refused(
        problem(
            "BEYOND_HORIZON",
            "工作日历的时间不够安排全部工作。",
            "The working time that was given does not hold all the work.",
            hint=("请延长排产期间，或增加班次。", "Plan over a longer time, or add shifts."),
        )
    )
