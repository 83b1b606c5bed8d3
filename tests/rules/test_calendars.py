"""Working time against a count minute by minute, and days against a walk along the calendar."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import Refused
from hub.rules.calendars import Calendar, ShiftHours, Window, WorkingTime, joined, without

MONDAY = date(2026, 5, 4)
MINUTE = timedelta(minutes=1)
START = datetime(2026, 5, 4, tzinfo=ZoneInfo("Asia/Shanghai"))
DAYS = st.dates(date(2026, 4, 27), date(2026, 6, 14))
SHIFTS = st.lists(
    st.builds(
        ShiftHours,
        st.times(time(0), time(23)).map(lambda at: at.replace(second=0, microsecond=0)),
        st.integers(30, 600),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
CALENDARS = st.builds(
    Calendar,
    st.frozensets(st.integers(1, 7), min_size=1),
    st.frozensets(DAYS, max_size=5),
    st.frozensets(DAYS, max_size=3),
    SHIFTS,
)


@given(CALENDARS, DAYS, st.integers(0, 12))
def test_workdays_are_counted_there_and_back(calendar: Calendar, day: date, count: int) -> None:
    first = calendar.on_or_after(day)
    last = calendar.later(first, count)
    assert calendar.workdays(first, last) == count + 1
    assert calendar.later(last, -count) == first
    assert calendar.on_or_before(day) <= day <= first


def test_a_make_up_sunday_is_worked_and_a_holiday_is_not() -> None:
    """China's Labour Day 2026 as announced: 1 to 5 May off, Saturday 9 May worked."""
    off = frozenset(date(2026, 5, day) for day in range(1, 6))
    calendar = Calendar(off=off, on=frozenset({date(2026, 5, 9)}))
    assert calendar.on_or_after(date(2026, 5, 1)) == date(2026, 5, 6)
    assert calendar.later(date(2026, 5, 8), 1) == date(2026, 5, 9)
    assert calendar.later(date(2026, 5, 9), 1) == date(2026, 5, 11)


def test_a_calendar_without_workdays_says_so() -> None:
    with pytest.raises(Refused) as caught:
        Calendar(weekdays=frozenset()).on_or_after(MONDAY)
    assert caught.value.problems[0].code == "CALENDAR_WITHOUT_WORKDAYS"


def test_a_night_shift_belongs_to_the_evening_before() -> None:
    nights = Calendar(weekdays=frozenset({5}), shifts=(ShiftHours(time(20), 720),), zone=ZoneInfo("Asia/Shanghai"))
    (window,) = nights.windows(MONDAY, MONDAY + timedelta(days=6))
    assert (window.start.isoformat(), window.end.isoformat()) == (
        "2026-05-08T20:00:00+08:00",
        "2026-05-09T08:00:00+08:00",
    )


def _minutes(windows: list[Window]) -> list[datetime]:
    """Every minute that is worked, one by one."""
    return sorted({one.start + MINUTE * at for one in windows for at in range(int((one.end - one.start) / MINUTE))})


WINDOWS = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 300)).map(
        lambda pair: Window(START + MINUTE * pair[0], START + MINUTE * (pair[0] + pair[1]))
    ),
    max_size=6,
)


@given(WINDOWS, WINDOWS)
def test_windows_are_joined_and_taken_out_minute_by_minute(some: list[Window], taken: list[Window]) -> None:
    assert _minutes(joined(some)) == _minutes(some)
    assert _minutes(without(some, taken)) == sorted(set(_minutes(some)) - set(_minutes(taken)))
    one = without(some, taken)
    assert all(before.end < after.start for before, after in pairwise(one))


@settings(deadline=None)
@given(WINDOWS, st.integers(0, 2300), st.integers(0, 500))
def test_work_is_done_minute_by_minute(windows: list[Window], begin: int, work: int) -> None:
    start, minutes = START + MINUTE * begin, _minutes(windows)
    coming = [minute for minute in minutes if minute >= start]
    time_ = WorkingTime(windows)
    if len(coming) < max(work, 1):
        with pytest.raises(Refused) as caught:
            time_.finish(start, MINUTE * work)
        assert caught.value.problems[0].code == "BEYOND_HORIZON"
        return
    end = time_.finish(start, MINUTE * work)
    assert time_.after(start) == coming[0]
    assert end == (coming[work - 1] + MINUTE if work else coming[0])
    assert time_.work(start, end) == MINUTE * work
