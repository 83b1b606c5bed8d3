"""Random flows walked at random, held against a plain model that is written otherwise than `hub.rules.signing`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hub.rules import signing

PEOPLE = ("a", "b", "c", "d", "e")


@dataclass
class Task:
    """What the engine works on."""

    stage: int
    slot: int
    waits_for: int | None
    signer_id: str
    state: str = "waiting"
    past: bool = False


@dataclass
class Need:
    """The model: a slot is a need of one signature by any of `by`, after another need when it has one."""

    stage: int
    by: list[str]
    after: int | None = None
    met_by: str | None = None
    paused: dict[str, int] = field(default_factory=dict)
    """Who of `by` waits for which other need."""


class Signing(RuleBasedStateMachine):
    """One approval from its submission to its end."""

    @initialize(
        stages=st.lists(
            st.tuples(
                st.sampled_from(["any", "all", "in_order"]), st.lists(st.sampled_from(PEOPLE), min_size=1, unique=True)
            ),
            min_size=1,
            max_size=4,
        ),
        skips=st.booleans(),
    )
    def submit(self, stages: list[tuple[str, list[str]]], skips: bool) -> None:
        self.tasks: list[Task] = []
        self.needs: dict[int, Need] = {}
        self.skips, self.ended = skips, False
        for stage, (mode, who) in enumerate(stages, 1):
            groups = [who] if mode == "any" else [[one] for one in who]
            for index, group in enumerate(groups):
                slot = len(self.needs) + 1
                waits = slot - 1 if mode == "in_order" and index else None
                self.needs[slot] = Need(stage, list(group), waits)
                self.tasks += [Task(stage, slot, waits, one) for one in group]
        self.go()

    def go(self) -> None:
        self.ended = signing.advance(self.tasks, skip_repeated=self.skips)
        self.model_go()

    def stage(self) -> int | None:
        return min((one.stage for one in self.needs.values() if one.met_by is None), default=None)

    def model_asked(self) -> set[tuple[int, str]]:
        """Who is asked for which need now."""
        met = {slot for slot, one in self.needs.items() if one.met_by is not None}
        return {
            (slot, who)
            for slot, one in self.needs.items()
            if one.met_by is None and one.stage == self.stage()
            for who in one.by
            if one.paused.get(who, one.after) is None or one.paused.get(who, one.after) in met
        }

    def model_go(self) -> None:
        """Nobody is asked twice where repeated signers are skipped — but who was asked already stays asked."""
        while self.skips:
            asked = {(task.slot, task.signer_id) for task in self.tasks if task.state == "open" and not task.past}
            fresh = [one for one in sorted(self.model_asked()) if one not in asked and one[1] in self.signed()]
            if not fresh:
                return
            for slot, who in fresh:
                if self.needs[slot].met_by is None:
                    self.needs[slot].met_by = f"skip {who}"

    def signed(self) -> set[str]:
        return {one.met_by for one in self.needs.values() if one.met_by is not None}

    def open(self) -> list[Task]:
        return [task for task in self.tasks if task.state == "open" and not task.past]

    def chosen(self, data: Any) -> Task:
        found: Task = data.draw(st.sampled_from(self.open()))
        return found

    @precondition(lambda self: not self.ended and self.open())
    @rule(data=st.data())
    def approve(self, data: Any) -> None:
        task = self.chosen(data)
        for one in self.open():
            if one.signer_id == task.signer_id:
                one.state = "approved"
                self.needs[one.slot].met_by = one.signer_id
        self.go()

    @precondition(lambda self: not self.ended and self.open())
    @rule(data=st.data(), who=st.sampled_from(PEOPLE), place=st.sampled_from(["before", "after", "beside"]))
    def add_signer(self, data: Any, who: str, place: str) -> None:
        task = self.chosen(data)
        slot = max(self.needs) + 1
        waits = task.slot if place == "after" else None
        self.needs[slot] = Need(task.stage, [who], waits)
        self.tasks.append(Task(task.stage, slot, waits, who))
        if place == "before":
            task.state, task.waits_for = "waiting", slot
            self.needs[task.slot].paused[task.signer_id] = slot
        self.go()

    @precondition(lambda self: not self.ended and self.open() and (self.stage() or 1) > 1)
    @rule(data=st.data())
    def send_back(self, data: Any) -> None:
        here = self.stage()
        assert here is not None
        to = data.draw(st.integers(1, here - 1))
        again = [task for task in self.tasks if not task.past and task.stage >= to]
        for task in again:
            task.past = True
        self.tasks += [Task(task.stage, task.slot, task.waits_for, task.signer_id) for task in again]
        for one in self.needs.values():
            if one.stage >= to:
                one.met_by = None
        self.go()

    @rule()
    def look_again(self) -> None:
        """Advancing when nothing has happened changes nothing."""
        before = [task.state for task in self.tasks]
        if not self.ended:
            self.go()
            assert [task.state for task in self.tasks] == before

    @precondition(lambda self: not self.ended)
    @rule()
    def withdraw(self) -> None:
        if len(self.tasks) % 5 == 0:  # now and then, else every walk ends here
            signing.close(self.tasks)
            assert not self.open()
            self.ended = True
            self.needs = {}

    @invariant()
    def engine_and_model_ask_the_same(self) -> None:
        if not hasattr(self, "tasks") or not self.needs:
            return
        asked = {(task.slot, task.signer_id) for task in self.open()}
        assert asked == self.model_asked()
        assert self.ended == (self.stage() is None)
        assert self.ended or asked, "somebody is always asked: nothing is ever stuck"


Signing.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestSigning = Signing.TestCase
