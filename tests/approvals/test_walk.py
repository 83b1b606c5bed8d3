"""Orders walked at random through a real flow by the real verbs, held against a model of a few lines.

`test_machine` tries the rule by itself; here the database, the locks, the rights and the step at the end take part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hub import writes
from tests.approvals.conftest import House, codes, step_of

STAGES = ({"head"}, {"money1", "money2"}, {"boss"})
SEES_ALL = {"boss"}
SIGNERS = st.sampled_from(["head", "money1", "money2", "boss"])


class Walk(RuleBasedStateMachine):
    """One order: its state, whether it is under approval, and who has signed in each stage."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self.house = house

    @initialize(dated=st.booleans())
    def draft(self, dated: bool) -> None:
        more: dict[str, Any] = {} if dated else {"promised_date": None}
        self.order: UUID = self.house.draft(**more)
        self.dated, self.state, self.approval = dated, "draft", ""
        self.signed: list[set[str]] = [set() for _ in STAGES]
        self.seen = set(SEES_ALL)

    @property
    def running(self) -> bool:
        return self.approval == "running"

    def stage(self) -> int:
        """The first stage in which a signature is missing."""
        return next(index for index, needed in enumerate(STAGES) if needed - self.signed[index])

    def asked(self) -> set[str]:
        return STAGES[self.stage()] - self.signed[self.stage()] if self.running else set()

    def by(self, login: str, step: str, **arguments: Any) -> list[str]:
        """The codes with which a verb of the approval is refused."""
        return codes(lambda: self.house.sign(login, self.order, step, **arguments))

    def refused(self, told: list[str], login: str, code: str) -> None:
        """Who has never been asked does not see the approval at all."""
        assert told == [code if login in self.seen else "NOT_FOUND"]

    @rule()
    def submit(self) -> None:
        told = codes(lambda: self.house.submit(self.order))
        if self.running:
            assert told == ["APPROVAL_RUNNING"]
        elif self.state != "draft":
            assert told == ["STEP_NOT_ALLOWED"]
        else:
            assert told == []
            self.approval, self.signed, self.seen = "running", [set() for _ in STAGES], set(SEES_ALL)

    @precondition(lambda self: self.approval)
    @rule(login=SIGNERS)
    def approve(self, login: str) -> None:
        told = self.by(login, "approve")
        if not self.running:
            self.refused(told, login, "STEP_NOT_ALLOWED")
        elif login not in self.asked():
            self.refused(told, login, "NOT_YOUR_TURN")
        elif login == "boss" and not self.dated:
            assert told == ["PROMISED_DATE_MISSING"]  # the last signature takes the step, and it cannot be taken
        else:
            assert told == []
            self.signed[self.stage()].add(login)
            if self.signed[-1]:
                self.state, self.approval = "confirmed", "approved"

    @precondition(lambda self: self.approval)
    @rule(login=SIGNERS)
    def reject(self, login: str) -> None:
        told = self.by(login, "reject", reason="不同意")
        if not self.running:
            self.refused(told, login, "STEP_NOT_ALLOWED")
        elif login in self.asked():
            assert told == []
            self.approval = "rejected"
        else:
            self.refused(told, login, "NOT_YOUR_TURN")

    @precondition(lambda self: self.running)
    @rule(login=SIGNERS, stage=st.integers(1, 3))
    def send_back(self, login: str, stage: int) -> None:
        told = self.by(login, "send_back", stage=stage, reason="重签")
        if login not in self.asked():
            self.refused(told, login, "NOT_YOUR_TURN")
        elif stage > self.stage():
            assert told == ["STAGE_UNKNOWN"]
        else:
            assert told == []
            self.signed = [found if index < stage - 1 else set() for index, found in enumerate(self.signed)]

    @precondition(lambda self: self.running)
    @rule(login=st.sampled_from(["clerk", "head"]))
    def withdraw(self, login: str) -> None:
        told = self.by(login, "withdraw")
        assert (told == []) == (login == "clerk")
        if not told:
            self.approval = "withdrawn"

    @rule(cancel=st.integers(0, 7).map(lambda drawn: drawn == 0))
    def touch(self, cancel: bool) -> None:
        """The owner changes the note, or now and then cancels the order."""

        def change() -> None:
            with self.house.work("clerk") as ctx:
                writes.update(ctx, "SalesOrder", self.order, {"note": "改"})

        def end() -> None:
            self.house.step("clerk", "SalesOrder", self.order, "cancel", reason="不要了")

        verb: Callable[[], None] = end if cancel else change
        told = codes(verb)
        if self.running:
            assert told == ["APPROVAL_RUNNING"]
        elif cancel:
            assert told == (["STEP_NOT_ALLOWED"] if self.state == "cancelled" else [])
            self.state = "cancelled"

    @invariant()
    def the_hub_and_the_model_agree(self) -> None:
        if not hasattr(self, "order"):
            return
        assert self.house.state(self.order) == self.state
        if self.approval:
            assert self.house.approval(self.order)["state"] == self.approval
            tasks = self.house.tasks(self.order)
            assert {login for login, state in tasks.items() if state == "open"} == self.asked()
            self.seen |= self.asked()


def test_random_walks_through_a_real_flow(house: House, proof_count: Callable[[int, int], int]) -> None:
    house.flow(
        step_of("部门负责人", "department_head"),
        step_of("财务会签", "role", "finance", mode="all"),
        step_of("总经理", "user", "boss", condition="total > 100000"),
    )

    class InHouse(Walk):
        def __init__(self) -> None:
            super().__init__(house)

    run_state_machine_as_test(
        InHouse,
        settings=settings(
            max_examples=proof_count(12, 200),
            stateful_step_count=14,
            deadline=None,
            phases=[Phase.generate],  # shrinking would take minutes, and a walk is short
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
