"""The finite schedule: a checker of its own over random shops, small cases against all orders of doing them, events."""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import Refused
from hub.rules.calendars import Window, WorkingTime
from hub.rules.mixed_runs import mixed
from hub.rules.schedule import dragged, loads, scheduled, sooner
from hub.rules.tasks import Booking, Machine, Task, changeover

NOW = datetime(2026, 5, 4, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)
DAYS = [Window(NOW + timedelta(days=n), NOW + timedelta(days=n, hours=10)) for n in range(-2, 60)]
ALWAYS = [Window(NOW, NOW + timedelta(days=365))]
TRANSFER = timedelta(hours=4)


def at(hours: int) -> datetime:
    return NOW + HOUR * hours


def task(key: str, hours: int, due: int = 500, **more: Any) -> Task:
    return Task(key, more.pop("order", key), HOUR * hours, more.pop("machines", ("m1",)), NOW, at(due), **more)


def machines(*keys: str, windows: Sequence[Window] = DAYS) -> list[Machine]:
    """Machines whose key may name the site: m1, m2@south."""
    return [Machine(key, "centre", WorkingTime(windows), key.partition("@")[2]) for key in keys]


def check(
    bookings: Iterable[Booking],
    tasks: Iterable[Task],
    shop: Iterable[Machine],
    now: datetime = NOW,
    transfer: timedelta = TRANSFER,
) -> None:
    """What any schedule must fulfil, said once more in the plainest way; `now` is that of what had not begun."""
    of, booked = {one.key: one for one in tasks}, {one.task: one for one in bookings}
    there = {one.key: one for one in shop}
    assert booked.keys() == of.keys()
    lanes, moulds = defaultdict(list), defaultdict(list)
    for one in booked.values():
        wanted, machine = of[one.task], there[one.machine]
        assert machine.key in wanted.machines
        assert one.start >= max(now, wanted.earliest)
        assert machine.hours.work(one.start, one.end) == one.setup + one.run == one.setup + wanted.run
        lanes[one.machine].append(one)
        if wanted.mould:
            moulds[wanted.mould].append(one)
        for key in wanted.after:
            if key in booked:
                way = transfer if booked[key].site != one.site else 0 * HOUR
                assert booked[key].end + way <= one.start
        assert one.there == one.end + (transfer if one.site != wanted.site else 0 * HOUR)
    for lane in lanes.values():
        lane.sort(key=lambda one: one.start)
        for index, one in enumerate(lane):
            assert index == 0 or lane[index - 1].end <= one.start
            assert one.setup >= changeover(of[lane[index - 1].task] if index else None, of[one.task])
    for group in moulds.values():
        group.sort(key=lambda one: one.start)
        for before, after in itertools.pairwise(group):
            assert before.end + (transfer if before.site != after.site else 0 * HOUR) <= after.start


KEYS = ("m1", "m2", "m3@south")


@st.composite
def shops(draw: Any) -> tuple[list[Task], list[Machine]]:
    """Up to eight tasks that wait for earlier ones, share two moulds, two families and three machines."""
    tasks: list[Task] = []
    for number in range(draw(st.integers(1, 8))):
        after = tuple(one.key for one in tasks if draw(st.integers(0, 4)) == 0)
        tasks.append(
            Task(
                f"t{number}",
                f"o{number % 3}",
                draw(st.integers(1, 14)) * HOUR,
                draw(st.sampled_from([("m1",), ("m1", "m2"), ("m2", "m3@south"), KEYS])),
                at(draw(st.integers(0, 30))),
                at(draw(st.integers(5, 90))),
                draw(st.integers(0, 3)) * HOUR,
                draw(st.integers(0, 1)) * HOUR,
                draw(st.sampled_from([None, "x", "y"])),
                draw(st.sampled_from(["red", "blue"])),
                after,
                priority=draw(st.integers(1, 2)),
            )
        )
    return tasks, machines(*KEYS)


@settings(deadline=None, max_examples=150)
@given(shops())
def test_machines_moulds_hours_and_order_are_kept(shop: tuple[list[Task], list[Machine]]) -> None:
    check(scheduled(*shop, NOW, transfer=TRANSFER), *shop)


@settings(deadline=None, max_examples=50)
@given(shops(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(shop: tuple[list[Task], list[Machine]], dice: random.Random) -> None:
    tasks, there = list(shop[0]), list(shop[1])
    dice.shuffle(tasks)
    dice.shuffle(there)
    assert scheduled(tasks, there, NOW, transfer=TRANSFER) == scheduled(*shop, NOW, transfer=TRANSFER)


@settings(deadline=None, max_examples=100)
@given(shops(), st.integers(0, 100))
def test_planning_again_without_an_event_changes_nothing(shop: tuple[list[Task], list[Machine]], later: int) -> None:
    first = scheduled(*shop, NOW, transfer=TRANSFER)
    assert scheduled(*shop, at(later), transfer=TRANSFER, previous=first) == first


@settings(deadline=None, max_examples=150)
@given(
    shops(), st.integers(0, 60), st.integers(1, 40), st.sampled_from(KEYS), st.sampled_from(["x", "y"]), st.booleans()
)
def test_after_an_event_all_is_kept_that_had_begun_and_all_fits_again(
    shop: tuple[list[Task], list[Machine]], moment: int, hours: int, broken: str, mould: str, repair: bool
) -> None:
    """A machine stops or a mould goes to repair: whatever had begun stays on its machine, and the rest fits."""
    tasks, there = shop
    first = scheduled(tasks, there, NOW, transfer=TRANSFER)
    out = Window(at(moment), at(moment + hours))
    if not repair:
        there = [replace(one, hours=WorkingTime(DAYS, [out])) if one.key == broken else one for one in there]
    moulds_out = {mould: [out]} if repair else {}
    second = scheduled(tasks, there, at(moment), transfer=TRANSFER, moulds_out=moulds_out, previous=first)
    begun = {one.task: one for one in first if one.start < at(moment)}
    for one in second:
        if one.task in begun:
            assert (one.machine, one.start) == (begun[one.task].machine, begun[one.task].start)
        else:
            assert one.start >= at(moment)
            assert not (repair and one.mould == mould) or one.end <= out.start or one.start >= out.end
    if not repair:
        check(second, tasks, there)


@settings(deadline=None, max_examples=100)
@given(shops(), st.integers(0, 7), st.sampled_from(KEYS), st.integers(0, 60))
def test_a_dragged_task_lies_where_it_was_put_and_all_else_fits(
    shop: tuple[list[Task], list[Machine]], which: int, machine: str, hour: int
) -> None:
    tasks, there = shop
    chosen = tasks[which % len(tasks)]
    first = scheduled(tasks, there, NOW, transfer=TRANSFER)
    refused = None
    try:
        second = dragged(chosen.key, machine, at(hour), first, tasks, there, NOW, transfer=TRANSFER)
    except Refused as error:
        refused = error
    if refused:
        assert refused.problems[0].code == "DRAG_IMPOSSIBLE"
        assert machine not in chosen.machines or chosen.after or at(hour) < chosen.earliest
        return
    check(second, tasks, there)
    (moved,) = (one for one in second if one.task == chosen.key)
    assert (moved.machine, moved.start) == (machine, WorkingTime(DAYS).after(at(hour)))


@settings(deadline=None, max_examples=60)
@given(shops())
def test_a_better_place_is_really_free(shop: tuple[list[Task], list[Machine]]) -> None:
    bookings = scheduled(*shop, NOW, transfer=TRANSFER)
    for one in bookings:
        for better in sooner(one.task, bookings, *shop, NOW, transfer=TRANSFER):
            check([better if other.task == one.task else other for other in bookings], *shop)
            assert better.there < one.there


def test_earliest_due_date_of_heizer_and_render() -> None:
    """J. Heizer, B. Render, C. Munson, Operations Management, chapter 15: jobs A to E; flow time 68, lateness 6."""
    work = {"A": (6, 8), "B": (2, 6), "C": (8, 18), "D": (3, 15), "E": (9, 23)}
    tasks = [task(key, run, due) for key, (run, due) in work.items()]
    result = scheduled(tasks, machines("m1", windows=ALWAYS), NOW)
    assert [one.task for one in result] == ["B", "A", "D", "C", "E"]
    assert sum((one.end - NOW) / HOUR for one in result) == 68
    assert sum(one.late / HOUR for one in result) == 6


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 30)), min_size=1, max_size=6))
def test_one_machine_has_the_least_greatest_lateness(work: list[tuple[int, int]]) -> None:
    """J. R. Jackson, 1955: earliest due date first. Against every order of doing the jobs."""
    tasks = [task(f"t{n}", run, due) for n, (run, due) in enumerate(work)]
    found = max((one.end - one.due) / HOUR for one in scheduled(tasks, machines("m1", windows=ALWAYS), NOW))
    every = (
        max(sum(run for run, _ in order[: n + 1]) - due for n, (_, due) in enumerate(order))
        for order in itertools.permutations(work)
    )
    assert found == min(every)


def test_one_mould_is_in_one_machine_at_a_time() -> None:
    """Two orders of the same day share a mould: two machines are free, and still one waits for the other."""
    both = [task("a", 4, 10, mould="x", machines=("m1", "m2")), task("b", 4, 12, mould="x", machines=("m1", "m2"))]
    first, second = scheduled(both, machines("m1", "m2"), NOW)
    assert (first.task, second.task, second.start) == ("a", "b", first.end)
    assert (second.waits_for, second.behind, second.setup) == ("mould", "a", 0 * HOUR)
    other = [both[0], replace(both[1], machines=("m2",))]
    first, second = scheduled(other, machines("m1", "m2"), NOW)
    assert (second.machine, second.start, second.waits_for, second.behind) == ("m2", first.end, "mould", "a")


def test_a_changeover_is_counted_and_saved_where_it_can_be() -> None:
    change = {"setup": 2 * HOUR, "cleaning": HOUR, "machines": ("m1", "m2")}
    tasks = [
        task("a", 3, 10, mould="x", family="red", **change),
        task("b", 3, 20, mould="y", family="red", **change),
        task("c", 3, 30, mould="x", family="red", **change),
        task("d", 3, 40, mould="x", family="blue", **change),
    ]
    found = {one.task: one for one in scheduled(tasks, machines("m1", "m2", windows=ALWAYS), NOW)}
    assert [found[key].machine for key in "abcd"] == ["m1", "m2", "m1", "m1"]
    assert [found[key].setup // HOUR for key in "abcd"] == [2, 2, 0, 1]
    assert found["d"].end == at(12)


def test_nothing_is_put_before_a_task_that_counts_on_its_mould_being_there() -> None:
    tasks = [
        task("a", 3, 10, mould="x", setup=2 * HOUR, priority=1),
        replace(task("b", 3, 20, mould="x", setup=2 * HOUR, priority=1), earliest=at(11)),
        task("c", 3, 12, mould="y", setup=2 * HOUR),
    ]
    there = machines("m1", windows=ALWAYS)
    bookings = scheduled(tasks, there, NOW)
    check(bookings, tasks, there)
    assert [(one.task, one.start) for one in bookings] == [("a", at(0)), ("b", at(11)), ("c", at(14))]


def test_another_site_helps_only_when_home_is_late() -> None:
    two = ("m1", "m2@south")
    tasks = [task("a", 10, 10, machines=two), task("b", 10, 20, machines=two), task("c", 5, 19, machines=two)]
    found = {one.task: one for one in scheduled(tasks, machines(*two, windows=ALWAYS), NOW, transfer=TRANSFER)}
    assert [found[key].machine for key in "abc"] == ["m1", "m2@south", "m1"]
    assert (found["b"].end, found["b"].there, found["b"].late) == (at(10), at(14), 0 * HOUR)


def test_a_breakdown_moves_what_it_touches_and_nothing_else() -> None:
    tasks = [task("a", 10, 10), task("b", 10, 48, machines=("m1", "m2")), task("c", 5, 60, machines=("m2",))]
    there = machines("m1", "m2")
    first = {one.task: one for one in scheduled(tasks, there, NOW)}
    assert [first[key].machine for key in "abc"] == ["m1", "m2", "m2"]
    down = [replace(there[0], hours=WorkingTime(DAYS, [Window(at(5), at(29))])), there[1]]
    second = {one.task: one for one in scheduled(tasks, down, at(5), previous=list(first.values()))}
    assert second["a"].start == first["a"].start
    assert second["a"].end == at(34)
    assert (second["b"], second["c"]) == (first["b"], first["c"])


def test_what_cannot_be_scheduled_is_named() -> None:
    with pytest.raises(Refused) as caught:
        scheduled([task("a", 1, after=("b",)), task("b", 1, after=("a",))], machines("m1"), NOW)
    assert caught.value.problems[0].code == "SCHEDULE_LOOP"
    assert "a → b → a" in caught.value.problems[0].message.english
    with pytest.raises(Refused) as caught:
        scheduled([task("a", 1, machines=("m9",))], machines("m1"), NOW)
    assert caught.value.problems[0].code == "TASK_WITHOUT_PLACE"


@settings(deadline=None, max_examples=80)
@given(shops(), st.integers(0, 60))
def test_mixed_runs_hold_every_task_once(shop: tuple[list[Task], list[Machine]], hours: int) -> None:
    tasks, there = shop
    kind = {one.key: f"{one.mould}" for one in tasks}
    runs = mixed(tasks, kind, HOUR * hours)
    assert sorted(one.key for run in runs for one in run.members) == sorted(one.key for one in tasks)
    assert sum((run.task.run for run in runs), 0 * HOUR) == sum((one.run for one in tasks), 0 * HOUR)
    together = [run.task for run in runs]
    bookings = scheduled(together, there, NOW, transfer=TRANSFER)
    check(bookings, together, there)
    of, hours_of = {one.task: one for one in bookings}, {one.key: one.hours for one in there}
    done: dict[str, datetime] = {}
    for run in runs:
        booking = of[run.task.key]
        parts = run.done(booking, hours_of[booking.machine])
        assert list(parts.values()) == sorted(parts.values())
        assert parts[run.members[-1].key] == booking.end
        done |= parts
    assert done.keys() == {one.key for one in tasks}


def test_two_orders_of_one_product_are_one_run() -> None:
    orders = [
        task("a", 4, 20, mould="x", setup=HOUR),
        task("b", 6, 30, mould="x", setup=HOUR),
        task("c", 6, 90, mould="x", setup=HOUR),
    ]
    runs = mixed(orders, dict.fromkeys("abc", "cup"), 24 * HOUR)
    assert [(one.task.key, one.task.run) for one in runs] == [("a+b", 10 * HOUR), ("c", 6 * HOUR)]
    there = machines("m1", windows=ALWAYS)
    booking = scheduled([one.task for one in runs], there, NOW)[0]
    assert runs[0].done(booking, there[0].hours) == {"a": at(5), "b": at(11)}


def test_loads_add_up_to_the_work() -> None:
    there = machines("m1")
    bookings = scheduled([task("a", 12), task("b", 3)], there, NOW)
    found = [(booked // HOUR, there_ // HOUR) for _, _, booked, there_ in loads(bookings, there, DAYS[2:5])]
    assert found == [(10, 10), (5, 10), (0, 10)]
