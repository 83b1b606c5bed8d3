"""The demo company's calendar: Sundays and the public holidays of the simulated year are off.

The holiday spans are those a factory in China would keep in 2026; the make-up Sundays are left out for simplicity.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

FIRST_DAY = date(2025, 11, 1)
LAST_DAY = date(2026, 10, 31)
HOLIDAYS = (
    (date(2026, 1, 1), date(2026, 1, 2)),
    (date(2026, 2, 14), date(2026, 2, 22)),
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 3)),
    (date(2026, 6, 19), date(2026, 6, 20)),
    (date(2026, 9, 25), date(2026, 9, 26)),
    (date(2026, 10, 1), date(2026, 10, 5)),
)


def is_workday(day: date) -> bool:
    """Whether the factory works on this day."""
    return day.isoweekday() != 7 and not any(first <= day <= last for first, last in HOLIDAYS)


def days() -> Iterator[date]:
    """Every calendar day of the simulated year, first to last."""
    for offset in range((LAST_DAY - FIRST_DAY).days + 1):
        yield FIRST_DAY + timedelta(days=offset)


def workday_from(day: date) -> date:
    """The day itself or the next one on which the factory works."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def workdays_before(day: date, count: int) -> date:
    """The workday `count` workdays ahead of `day`."""
    while count > 0:
        day -= timedelta(days=1)
        count -= is_workday(day)
    return day
