"""The finite schedule over the verbs: one mould in one machine, events, drags, sites, and why something is late."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.planning.conftest import MONDAY, Factory

CHINA = ZoneInfo("Asia/Shanghai")
TUESDAY = MONDAY + timedelta(days=1)


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=CHINA)


def number(factory: Factory, order: UUID) -> str:
    found: str = factory.rows("SELECT number FROM hub.production_order WHERE id = :id", id=order)[0].number
    return found


def test_a_mould_is_shared_by_two_orders_of_the_same_day(factory: Factory) -> None:
    """Both are in the shop with two free machines; the second waits for the mould and needs no changeover of it."""
    first = factory.order("MUG", "375", MONDAY, "release", mould="MJ-1")
    second = factory.order("MUG", "250", MONDAY, "release", mould="MJ-1")
    runs = factory.runs(factory.scheduled())
    one, two = runs[number(factory, first)], runs[number(factory, second)]
    assert (one.centre, one.starts, one.finishes, one.setup_minutes) == ("M1", "04 08:00", "04 12:00", Decimal(60))
    assert (two.centre, two.starts, two.finishes, two.changeover) == ("M1", "04 12:00", "04 14:00", False)
    assert one.late_minutes == two.late_minutes == 0


def test_what_is_published_is_told_by_the_orders_and_one_schedule_is_in_force(factory: Factory) -> None:
    order = factory.order("CUP", "500", date(2026, 5, 8), "release")
    first = factory.scheduled()
    factory.step("Schedule", first, "publish")
    second = factory.scheduled()
    factory.step("Schedule", second, "publish")
    states = factory.rows("SELECT state FROM hub.schedule WHERE id IN (:a, :b) ORDER BY id", a=first, b=second)
    assert [row.state for row in states] == ["superseded", "published"]
    runs = factory.rows(
        "SELECT p.sequence, r.starts_at FROM hub.schedule_run r JOIN hub.production_order_operation p"
        " ON p.id = r.order_operation_id WHERE r.schedule_id = :id AND r.production_order_id = :order ORDER BY 1",
        id=second,
        order=order,
    )
    assert [(row.sequence, row.starts_at) for row in runs] == [(10, at(4, 8)), (20, at(4, 13))]


def test_after_a_breakdown_what_it_does_not_touch_stays(factory: Factory) -> None:
    """Both run from Monday into Tuesday; one machine stops on Tuesday for two days."""
    first = factory.order("MUG", "1500", date(2026, 5, 5), "release", mould="MJ-1")
    second = factory.order("LID", "7200", date(2026, 5, 5), "release", mould="MJ-2")
    published = factory.scheduled()
    factory.step("Schedule", published, "publish")
    before = factory.runs(published)
    stop = {"work_centre": "M1", "starts_at": at(5, 8), "finishes_at": at(7, 8), "reason": "液压故障"}
    after = factory.runs(factory.scheduled(from_date=TUESDAY, stops=[stop]))
    one, two = number(factory, first), number(factory, second)
    assert (before[one].centre, before[one].starts, before[one].finishes) == ("M1", "04 08:00", "05 13:00")
    assert (after[one].centre, after[one].starts, after[one].finishes) == ("M1", "04 08:00", "07 13:00")
    assert (before[two].centre, before[two].starts, before[two].finishes) == ("M2", "04 08:00", "05 13:00")
    assert (after[two].centre, after[two].starts, after[two].finishes) == ("M2", "04 08:00", "05 13:00")


def test_a_run_is_dragged_and_what_it_pushes_finds_another_place(factory: Factory) -> None:
    first = factory.order("MUG", "375", date(2026, 5, 8), "release", mould="MJ-1")
    second = factory.order("MUG", "375", date(2026, 5, 9), "release", mould="MJ-2")
    schedule = factory.scheduled()
    before = factory.runs(schedule)
    one, two = before[number(factory, first)], before[number(factory, second)]
    assert (one.centre, two.centre) == ("M1", "M2")
    factory.step("Schedule", schedule, "move", position=two.position, starts_at=at(4, 10), work_centre="M1")
    after = factory.runs(schedule)
    assert (after[two.number].centre, after[two.number].starts, after[two.number].locked) == ("M1", "04 10:00", True)
    assert after[one.number].centre == "M2"
    assert after[one.number].starts == "04 08:00"
    position = after[two.number].position
    assert factory.refused(
        "Schedule", schedule, "move", position=position, starts_at=at(4, 8), work_centre="BENCH"
    ) == [("DRAG_IMPOSSIBLE", "")]
    assert factory.refused("Schedule", schedule, "move", position=999, starts_at=at(4, 8)) == [
        ("RUN_UNKNOWN", "position")
    ]


def test_the_other_site_helps_when_home_is_late_and_the_rest_is_explained(factory: Factory) -> None:
    """Four orders for one day, two machines at home: one goes south, the last one is late and says for what."""
    orders = [factory.order("MUG", "875", MONDAY, "release", mould=f"MJ-{at_}", priority=at_ + 1) for at_ in range(3)]
    late = factory.order("MUG", "875", MONDAY, "release", mould="MJ-0", priority=9)
    runs = factory.runs(factory.scheduled(transfer_minutes=60))
    assert [runs[number(factory, one)].centre for one in orders] == ["M1", "M2", "M3"]
    assert runs[number(factory, orders[2])].away
    last = runs[number(factory, late)]
    assert last.late_minutes > 0
    assert "MJ-0" in last.reason
    assert "mould" in last.reason or "machine" in last.reason


def test_alike_orders_run_together_when_the_method_says_so(factory: Factory) -> None:
    first = factory.order("MUG", "375", date(2026, 5, 6), "release", mould="MJ-1")
    between = factory.order("LID", "1000", date(2026, 5, 7), "release", mould="MJ-2")
    second = factory.order("MUG", "375", date(2026, 5, 8), "release", mould="MJ-1")
    runs = factory.runs(factory.scheduled(method="mixed"))
    one, two = runs[number(factory, first)], runs[number(factory, second)]
    assert two.starts_at == one.finishes_at
    assert (one.centre, two.changeover) == (two.centre, False)
    assert runs[number(factory, between)].finishes_at > runs[number(factory, between)].starts_at


def test_orders_without_operations_are_named(factory: Factory) -> None:
    order = factory.create("ProductionOrder", {"item": "PP", "quantity": "5", "planned_finish_date": MONDAY})
    schedule = factory.scheduled()
    (row,) = factory.rows("SELECT left_out FROM hub.schedule WHERE id = :id", id=schedule)
    assert row.left_out == number(factory, order)
