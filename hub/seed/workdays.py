"""The demo company's calendar: Sundays and public holidays are off, and the two years that are simulated.

The holiday spans are those a factory in China keeps; the make-up Sundays are left out for simplicity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

HOLIDAYS = (
    (date(2025, 1, 1), date(2025, 1, 1)),
    (date(2025, 1, 27), date(2025, 2, 4)),
    (date(2025, 4, 4), date(2025, 4, 6)),
    (date(2025, 5, 1), date(2025, 5, 3)),
    (date(2025, 5, 31), date(2025, 6, 2)),
    (date(2025, 10, 1), date(2025, 10, 7)),
    (date(2026, 1, 1), date(2026, 1, 2)),
    (date(2026, 2, 14), date(2026, 2, 22)),
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 3)),
    (date(2026, 6, 19), date(2026, 6, 20)),
    (date(2026, 9, 25), date(2026, 9, 26)),
    (date(2026, 10, 1), date(2026, 10, 5)),
)


@dataclass(frozen=True)
class Span:
    """The days of a simulated year, the last one included."""

    first_day: date
    last_day: date

    def days(self) -> Iterator[date]:
        """Every calendar day, first to last."""
        for offset in range((self.last_day - self.first_day).days + 1):
            yield self.first_day + timedelta(days=offset)

    def workdays(self) -> list[date]:
        """The days on which the factory works."""
        return [day for day in self.days() if is_workday(day)]


BEFORE = Span(date(2024, 11, 1), date(2025, 10, 31))
"""The year before the hub: it lies in the departments' silos."""
TOLD = Span(date(2025, 11, 1), date(2026, 10, 31))
"""The first year on the hub: it is told through its verbs."""


def is_workday(day: date) -> bool:
    """Whether the factory works on this day."""
    return day.isoweekday() != 7 and not any(first <= day <= last for first, last in HOLIDAYS)


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
