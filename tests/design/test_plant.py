"""Shifts and calendars say what is wrong with them; a shift that passes midnight is known to."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from hub import writes
from hub.errors import Invalid
from hub.seed import plant
from hub.seed.partners import machines
from tests.design.conftest import Designs


def codes(designs: Designs, document_type: str, **values: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as raised, designs.work(dry_run=True) as ctx:
        writes.create(ctx, document_type, {"code": "X", "name": "测试", **values})
    return [(one.code, ".".join(one.path)) for one in raised.value.problems]


def test_a_shift_has_times_and_something_beside_its_break(designs: Designs) -> None:
    with designs.work() as ctx:
        day = writes.create(ctx, "Shift", {"code": "D", "name": "白班", "starts_at": "08:00", "ends_at": "20:00"})
        night = writes.create(ctx, "Shift", {"code": "N", "name": "夜班", "starts_at": "20:00", "ends_at": "08:00"})
        assert (day.overnight, night.overnight) == (False, True)
    wrong = {"starts_at": "8 点", "ends_at": "25:00"}
    assert codes(designs, "Shift", **wrong) == [("TIME_INVALID", "startsAt"), ("TIME_INVALID", "endsAt")]
    short = {"starts_at": "08:00", "ends_at": "09:00", "break_minutes": 60}
    assert codes(designs, "Shift", **short) == [("SHIFT_ALL_BREAK", "breakMinutes")]


def test_a_calendar_has_weekdays_and_says_one_thing_of_a_day(designs: Designs) -> None:
    exceptions = [{"day": "2026-10-01"}, {"day": "2026-10-01"}, {"day": "2026-10-01", "working": True}]
    assert codes(designs, "WorkCalendar", weekdays=["1", "8"], exceptions=exceptions) == [
        ("WEEKDAY_INVALID", "weekdays"),
        ("DAY_CONTRADICTORY", "exceptions.2.working"),
    ]
    with designs.work() as ctx:
        made = writes.create(ctx, "WorkCalendar", {"code": "C", "name": "两班", "exceptions": exceptions[:2]})
    assert designs.row("WorkCalendar", made.id).weekdays == list("12345")


def test_the_demo_company_tells_of_its_works_once(designs: Designs) -> None:
    """Every press has its two shifts; a second start adds nothing and leaves what was changed."""
    for _ in range(2):
        with designs.work() as ctx:
            plant.tell(ctx, machines())
            first = ctx.session.execute(text("SELECT id FROM hub.work_centre WHERE code = 'ZS-01'")).scalar_one()
            writes.update(ctx, "WorkCentre", first, {"name": "改过"})
    assert designs.row("WorkCentre", first).name == "改过"
    shifts = """SELECT count(*) FROM hub.work_centre c
                JOIN hub.work_calendar_shift s ON s.work_calendar_id = c.calendar_id"""
    assert designs.rows(shifts)[0][0] == 2 * (16 + 1)
    assert len(designs.rows("SELECT FROM hub.notification_rule")) == len(plant.RULES)
