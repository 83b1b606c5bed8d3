"""Work calendars and shifts as the rules take them: of a work centre, or the company's first one for whole days."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.document.fields import CHINA
from hub.rules.calendars import Calendar, ShiftHours

_CALENDARS = text("SELECT id, weekdays FROM hub.work_calendar WHERE company_id = :company AND active ORDER BY code")
_SHIFTS = text(
    "SELECT c.work_calendar_id AS calendar, s.id, s.starts_at, s.ends_at, s.break_minutes, s.overnight "
    "FROM hub.work_calendar_shift c JOIN hub.shift s ON s.id = c.shift_id WHERE s.company_id = :company "
    "ORDER BY c.work_calendar_id, c.position"
)
_EXCEPTIONS = text(
    "SELECT e.work_calendar_id AS calendar, e.day, e.working FROM hub.work_calendar_exception e "
    "JOIN hub.work_calendar c ON c.id = e.work_calendar_id WHERE c.company_id = :company"
)


def calendars(ctx: Ctx, company_id: UUID) -> dict[UUID, Calendar]:
    """Every active calendar of a company, in the order of their codes; one without shifts works eight hours from 8."""
    about = {"company": company_id}
    shifts: dict[UUID, list[ShiftHours]] = defaultdict(list)
    for row in ctx.session.execute(_SHIFTS, about):
        shifts[row.calendar].append(_hours(row))
    off, on = defaultdict[UUID, set[date]](set), defaultdict[UUID, set[date]](set)
    for row in ctx.session.execute(_EXCEPTIONS, about):
        (on if row.working else off)[row.calendar].add(row.day)
    return {
        row.id: Calendar(
            frozenset(int(day) for day in row.weekdays),
            frozenset(off[row.id]),
            frozenset(on[row.id]),
            tuple(shifts[row.id]) or Calendar().shifts,
            CHINA,
        )
        for row in ctx.session.execute(_CALENDARS, about)
    }


def of_company(ctx: Ctx, company_id: UUID) -> Calendar:
    """The company's first calendar; Monday to Friday when it has none."""
    return next(iter(calendars(ctx, company_id).values()), Calendar(zone=CHINA))


def shifts(ctx: Ctx, company_id: UUID) -> list[tuple[UUID, UUID, ShiftHours]]:
    """The shifts of a company's calendars: calendar, shift, its hours."""
    return [(row.calendar, row.id, _hours(row)) for row in ctx.session.execute(_SHIFTS, {"company": company_id})]


def shift_at(shifts: list[tuple[UUID, UUID, ShiftHours]], calendar_id: UUID | None, moment: datetime) -> UUID | None:
    """The shift of a calendar that works at a moment."""
    minute = moment.hour * 60 + moment.minute
    for calendar, id_, hours in shifts:
        since = (minute - hours.start.hour * 60 - hours.start.minute) % 1440
        if calendar == calendar_id and since < hours.minutes:
            return id_
    return None


def _hours(row: Any) -> ShiftHours:
    """A shift without its break, which is taken off its end."""
    start, end = time.fromisoformat(row.starts_at), time.fromisoformat(row.ends_at)
    length = (end.hour - start.hour) * 60 + end.minute - start.minute + 1440 * row.overnight
    return ShiftHours(start, length - row.break_minutes)
