"""Late-order risk: the level by the promise, the reason by what would have helped."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.calendars import Window, WorkingTime
from hub.rules.lateness import AT_RISK, LATE, ON_TIME, REASONS, Stage, risk, way, worst
from hub.rules.schedule import scheduled, sooner
from hub.rules.tasks import Machine, Task

NOW = datetime(2026, 5, 4, 8, tzinfo=ZoneInfo("Asia/Shanghai"))
HOUR = timedelta(hours=1)
ALWAYS = WorkingTime([Window(NOW, NOW + timedelta(days=90))])


def at(hours: int) -> datetime:
    return NOW + HOUR * hours


@st.composite
def ways(draw: st.DrawFn) -> list[Stage]:
    """A way of one to five stages, each ready when the one before it is done."""
    stages, moment = [], 0
    for number in range(draw(st.integers(1, 5))):
        wait, work = draw(st.integers(0, 20)), draw(st.integers(1, 20))
        kind = draw(st.sampled_from(["material", "machine", "mould", None])) if wait else None
        stages.append(Stage(f"s{number}", at(moment), at(moment + wait), at(moment + wait + work), kind, "it"))
        moment += wait + work
    return stages


@given(ways(), st.integers(0, 150), st.integers(0, 20))
def test_the_level_is_by_the_promise_and_the_reason_would_have_helped(
    stages: list[Stage], promised: int, margin: int
) -> None:
    found = risk(at(promised), stages, HOUR * margin)
    end = stages[-1].end
    assert found.expected == end
    assert found.level == (LATE if end > at(promised) else AT_RISK if end + HOUR * margin > at(promised) else ON_TIME)
    assert found.late == max(end - at(promised), 0 * HOUR)
    assert (found.reason is None) == (found.level == ON_TIME)
    if found.stage is not None:
        assert found.stage.wait == max(one.wait for one in stages) > 0 * HOUR
        assert found.reason == found.stage.waits_for
    elif found.level == LATE:
        waited = sum((one.wait for one in stages), 0 * HOUR)
        assert not waited or end - waited > at(promised)


@given(ways(), st.integers(0, 150), st.integers(0, 50))
def test_a_later_promise_is_never_riskier(stages: list[Stage], promised: int, more: int) -> None:
    levels = (ON_TIME, AT_RISK, LATE)
    sooner_, later = (levels.index(risk(at(day), stages, HOUR).level) for day in (promised, promised + more))
    assert later <= sooner_


def test_the_mould_is_the_reason_and_another_machine_is_no_help_but_a_copy_is() -> None:
    """Two orders share a mould; the second is late for it alone, so the reason names the mould."""
    first = Task("a", "MO-1", 10 * HOUR, ("m1",), NOW, at(11), mould="cup", priority=1)
    second = Task("b", "MO-2", 10 * HOUR, ("m1", "m2"), NOW, at(12), mould="cup")
    machines = [Machine(key, "moulding", ALWAYS) for key in ("m1", "m2")]
    tasks = {one.key: one for one in (first, second)}
    booked = {one.task: one for one in scheduled(tasks.values(), machines, NOW)}
    found = risk(at(12), way(booked["b"], booked, tasks, NOW))
    assert (found.level, found.late, found.reason) == (LATE, 8 * HOUR, "mould")
    assert found.sentence is not None
    assert found.sentence.english == "mould cup is taken until 05-04 18:00"
    assert sooner("b", list(booked.values()), tasks.values(), machines, NOW) == []
    copied = {**tasks, "b": replace(second, mould="cup 2")}
    (proposal,) = sooner("b", list(booked.values()), copied.values(), machines, NOW)
    assert (proposal.machine, proposal.there) == ("m2", at(10))


def test_a_late_material_is_named_through_the_part_that_waits_for_it() -> None:
    part = Task("a", "MO-1", 2 * HOUR, ("m1",), at(30), at(40))
    whole = Task("b", "MO-2", 3 * HOUR, ("m2",), NOW, at(20), after=("a",))
    machines = [Machine(key, "moulding", ALWAYS) for key in ("m1", "m2")]
    tasks = {one.key: one for one in (part, whole)}
    booked = {one.task: one for one in scheduled(tasks.values(), machines, NOW)}
    stages = way(booked["b"], booked, tasks, NOW, {"a": "resin"})
    assert [(one.name, one.waits_for, one.wait) for one in stages] == [
        ("MO-1", "material", 30 * HOUR),
        ("MO-1", None, 0 * HOUR),
        ("MO-2", None, 0 * HOUR),
    ]
    found = risk(at(20), stages)
    assert (found.reason, found.stage and found.stage.what, found.late) == ("material", "resin", 15 * HOUR)


def test_the_worst_part_decides_and_what_nobody_plans_is_worse_than_late() -> None:
    late = risk(at(1), [Stage("s", NOW, NOW, at(5))])
    fine = risk(at(9), [Stage("s", NOW, NOW, at(5))])
    assert (late.reason, fine.reason) == ("work", None)
    assert worst([fine, late]) is late
    assert worst([late, risk(at(9), [])]) == risk(at(9), [])
    assert worst([]) is None
    assert REASONS.keys() == {"work", "unplanned", "machine", "mould", "material"}
