"""An order on its way through its signatures: submitted, signed, refused, sent back, withdrawn, handed on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, select

from hub import writes
from hub.context import Viewer
from hub.document import catalogue
from hub.document.registry import spec as spec_of
from hub.document.registry import table
from hub.document.rows import Me, visible
from hub.errors import Refused
from tests.approvals.conftest import House, codes, step_of

HEAD = step_of("部门负责人", "department_head")
MONEY = step_of("财务", "role", "finance")
BOTH = step_of("财务会签", "role", "finance", mode="all")


def test_a_guarded_step_is_taken_with_the_last_signature_in_the_submitters_name(house: House) -> None:
    house.flow(HEAD, MONEY)
    order = house.draft()
    house.submit(order)
    assert house.state(order) == "draft"
    assert house.tasks(order) == {"head": "open", "money1": "waiting", "money2": "waiting"}
    house.sign("head", order, comment="同意")
    assert house.tasks(order) == {"head": "approved", "money1": "open", "money2": "open"}
    house.sign("money2", order)
    assert house.state(order) == "confirmed"
    assert house.approval(order)["state"] == "approved"
    assert house.tasks(order) == {"head": "approved", "money1": "cancelled", "money2": "approved"}
    told = house.rows("SELECT * FROM audit.audit_entry WHERE document_id = :id ORDER BY id", id=order)
    assert [(one["verb"], one["actor"]) for one in told] == [
        ("create", "clerk"),
        ("approval_submitted", "clerk"),
        ("confirm", "clerk"),
    ]
    assert told[-1]["changes"]["signed_by"] == [None, ["head先生", "money2先生"]]
    events = house.rows("SELECT event FROM audit.outbox WHERE document_id = :id ORDER BY id", id=told[0]["document_id"])
    assert [one["event"] for one in events][1:] == ["SalesOrder.approval_submitted", "SalesOrder.confirm"]
    signed = house.rows("SELECT event FROM audit.outbox WHERE document_type = 'Approval' ORDER BY id")
    assert [one["event"] for one in signed] == ["Approval.submit", "Approval.approve", "Approval.approve"]


def test_while_it_runs_the_document_is_left_as_it_is(house: House) -> None:
    house.flow(HEAD)
    order = house.draft()
    house.submit(order)

    def change(login: str) -> Any:
        with house.work(login) as ctx:
            return writes.update(ctx, "SalesOrder", order, {"note": "改"})

    def throw_away() -> None:
        with house.work("clerk") as ctx:
            writes.discard(ctx, "SalesOrder", order)

    for login in ("clerk", "hub"):
        assert codes(lambda who=login: change(who)) == ["APPROVAL_RUNNING"]  # type: ignore[misc]
    assert codes(throw_away) == ["APPROVAL_RUNNING"]
    for name in ("submit", "confirm"):
        assert codes(lambda step=name: house.step("clerk", "SalesOrder", order, step)) == ["APPROVAL_RUNNING"]  # type: ignore[misc]
    house.sign("clerk", order, "withdraw")
    assert house.approval(order)["state"] == "withdrawn"
    change("clerk")
    house.submit(order)
    assert house.tasks(order) == {"head": "open"}


def test_the_last_signer_sees_every_problem_and_nothing_changes(house: House) -> None:
    house.flow(HEAD)
    order = house.draft(promised_date=None)
    house.submit(order)
    assert codes(lambda: house.sign("head", order)) == ["PROMISED_DATE_MISSING"]
    assert (house.state(order), house.tasks(order)) == ("draft", {"head": "open"})


def test_rejected_it_goes_back_to_its_owner(house: House) -> None:
    house.flow(HEAD)
    order = house.draft()
    house.step("clerk", "SalesOrder", order, "submit")
    house.submit(order)
    assert codes(lambda: house.sign("head", order, "reject")) == ["FIELD_MISSING"]
    house.sign("head", order, "reject", reason="价格太低")
    assert (house.state(order), house.approval(order)["reason"]) == ("draft", "价格太低")
    with house.work("clerk") as ctx:
        writes.update(ctx, "SalesOrder", order, {"note": "已改价"})
    house.submit(order)


def test_returned_an_earlier_stage_signs_again(house: House) -> None:
    house.flow(HEAD, BOTH, step_of("总经理", "user", "boss"))
    order = house.draft()
    house.submit(order)
    house.sign("head", order)
    house.sign("money1", order)
    assert codes(lambda: house.sign("boss", order)) == ["NOT_YOUR_TURN"]
    house.sign("money2", order)
    assert codes(lambda: house.sign("boss", order, "send_back", stage=3, reason="x")) == ["STAGE_UNKNOWN"]
    house.sign("boss", order, "send_back", stage=2, reason="重新核价")
    assert house.tasks(order) == {"head": "approved", "money1": "open", "money2": "open", "boss": "waiting"}
    for login in ("money2", "money1", "boss"):
        house.sign(login, order)
    assert house.state(order) == "confirmed"


def test_signers_may_be_added_before_after_and_beside(house: House) -> None:
    house.flow(HEAD)
    order = house.draft()
    house.submit(order)
    house.sign("head", order, "add_signer", to="money1", place="before")
    assert house.tasks(order) == {"head": "waiting", "money1": "open"}
    house.sign("money1", order, "add_signer", to="money2", place="beside")
    house.sign("money1", order)
    house.sign("head", order, "add_signer", to="boss", place="after")
    assert house.tasks(order) == {"head": "open", "money1": "approved", "money2": "open", "boss": "waiting"}
    house.sign("head", order)
    house.sign("boss", order)
    assert house.state(order) == "draft"
    house.sign("money2", order)
    assert house.state(order) == "confirmed"
    assert codes(lambda: house.sign("head", order, "add_signer", to="clerk")) == ["STEP_NOT_ALLOWED"]


def test_delegates_sign_within_the_validity_and_never_their_own(house: House) -> None:
    house.flow(HEAD)
    order = house.draft()
    house.submit(order)
    assert codes(lambda: house.sign("money1", order)) == ["NOT_FOUND"]
    day = datetime.now(UTC)
    with house.work("head") as ctx:
        writes.create(ctx, "Delegation", {"delegate_login": "money2", "ends_at": day + timedelta(days=2)})
        late = {"starts_at": day + timedelta(days=1), "ends_at": day + timedelta(days=2)}
        writes.create(ctx, "Delegation", {"delegate_login": "money1", **late})
        writes.create(ctx, "Delegation", {"delegate_login": "clerk"})
    assert codes(lambda: house.sign("money1", order)) == ["NOT_FOUND"]
    assert codes(lambda: house.sign("clerk", order)) == ["SELF_APPROVAL"]
    house.sign("money2", order)
    assert house.state(order) == "confirmed"
    last = house.rows("SELECT changes FROM audit.audit_entry WHERE verb = 'confirm'")[0]["changes"]
    assert last["signed_by"] == [None, ["money2先生（代 for head先生）"]]


def test_one_approval_is_delegated_alone_and_a_delegation_ends(house: House) -> None:
    house.flow(HEAD)
    first, second = house.draft(), house.draft()
    for order in (first, second):
        house.submit(order)
    house.sign("head", first, "delegate", to="money1")
    assert codes(lambda: house.sign("money1", second)) == ["NOT_FOUND"]
    given = house.rows("SELECT id FROM hub.delegation")[0]["id"]
    assert codes(lambda: house.step("other", "Delegation", given, "end")) == ["NOT_FOUND"]
    house.step("head", "Delegation", given, "end")
    assert codes(lambda: house.sign("money1", first)) == ["NOT_FOUND"]
    house.sign("head", second, "delegate", to="money1")
    house.sign("money1", second)
    assert house.state(second) == "confirmed"


def test_repeated_signers_are_skipped_unless_the_flow_says_otherwise(house: House) -> None:
    house.flow(HEAD, step_of("再签", "user", "head"), MONEY)
    order = house.draft()
    house.submit(order)
    house.sign("head", order)
    assert house.tasks(order) == {"head": "skipped", "money1": "open", "money2": "open"}
    house.flow(HEAD, step_of("再签", "user", "head"), code="F0", skip_repeated=False, priority=1)
    again = house.draft()
    house.submit(again)
    house.sign("head", again)
    assert house.state(again) == "draft"
    house.sign("head", again)
    assert house.state(again) == "confirmed"


def test_in_order_one_waits_for_the_other(house: House) -> None:
    house.flow(step_of("依次", "user", "money2", "money1", mode="in_order"))
    order = house.draft()
    house.submit(order)
    assert codes(lambda: house.sign("money1", order)) in (["NOT_FOUND"], ["NOT_YOUR_TURN"])
    house.sign("money2", order)
    house.sign("money1", order)
    assert house.state(order) == "confirmed"


def test_conditions_choose_the_flow_and_its_steps(house: House) -> None:
    house.flow(code="A", condition="total <= 100000", priority=1)
    house.flow(HEAD, {**MONEY, "condition": "total > 500000"}, code="B", priority=2)
    small = house.draft(lines=[{"item": "I1", "quantity": "1", "unit_price": "100000"}])
    house.submit(small)
    assert house.state(small) == "confirmed"
    large = house.draft(lines=[{"item": "I1", "quantity": "1", "unit_price": "100000.01"}])
    house.submit(large)
    assert house.tasks(large) == {"head": "open"}
    with house.work("root") as ctx:  # a flow that changes later changes nothing that runs
        flow = house.rows("SELECT id FROM hub.approval_flow WHERE code = 'B'")[0]["id"]
        writes.update(ctx, "ApprovalFlow", flow, {"active": False})
    assert codes(lambda: house.submit(large)) == ["APPROVAL_RUNNING"]
    house.sign("head", large)
    assert house.state(large) == "confirmed"


def test_what_guards_by_class_counts_until_the_company_has_a_flow(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from hub.document import above

    spec = spec_of("SalesOrder")
    guarded = replace(spec.steps["confirm"], approval=above("total", 100_000))
    monkeypatch.setitem(spec.steps, "confirm", guarded)
    order = house.draft()
    house.submit(order)
    assert house.tasks(order) == {"head": "open"}
    house.sign("clerk", order, "withdraw")
    house.flow()
    house.submit(order)
    assert house.state(order) == "confirmed"


def test_nobody_to_sign_is_told_at_submission(house: House) -> None:
    house.flow(
        step_of("质检", "role", "quality"),
        step_of("某人", "user", "nobody", "store"),
        step_of("本人", "user", "clerk"),
        self_approval="others",
    )
    order = house.draft()
    wanted = ["NOBODY_TO_SIGN", "SIGNER_UNKNOWN", "SIGNER_MAY_NOT_READ", "NOBODY_TO_SIGN"]
    assert codes(lambda: house.submit(order)) == wanted
    assert house.rows("SELECT 1 FROM hub.approval") == []


@pytest.mark.parametrize(("policy", "signer"), [("superior", "boss"), ("allowed", "head")])
def test_a_head_does_not_sign_what_he_submits(house: House, policy: str, signer: str) -> None:
    house.flow(HEAD, self_approval=policy)
    order = house.draft("head")
    house.submit(order, "head")
    assert house.tasks(order) == {signer: "open"}
    house.sign(signer, order)
    assert house.state(order) == "confirmed"


def test_a_flow_that_makes_no_sense_is_refused_with_every_reason(house: House) -> None:
    wrong = [step_of("一", "role", "kaiser", condition="total >"), step_of("二", "user")]
    made = codes(lambda: house.flow(*wrong, condition="totel > 1", step_name="fly"))
    assert made == ["STEP_UNKNOWN", "CONDITION_INVALID", "CONDITION_INVALID", "ROLE_UNKNOWN", "SIGNER_MISSING"]


def test_an_empty_value_never_skips_an_approval(house: House) -> None:
    house.flow(HEAD, condition="promised_date > '2026-06-01'")
    order = house.draft(promised_date=None)
    assert codes(lambda: house.submit(order)) == ["CONDITION_VALUE_EMPTY"]


def test_copied_reminded_and_tracked(house: House) -> None:
    house.flow(HEAD)
    order = house.draft()
    house.submit(order)
    id_ = house.approval(order)["id"]
    assert codes(lambda: house.step("money1", "Approval", id_, "remind")) == ["NOT_FOUND"]
    house.sign("clerk", order, "copy_to", to="money1, boss")
    assert house.tasks(order) == {"head": "open", "money1": "copied", "boss": "copied"}
    assert codes(lambda: house.step("money1", "Approval", id_, "remind")) == ["FORBIDDEN"]
    assert codes(lambda: house.sign("money1", order)) == ["NOT_YOUR_TURN"]
    house.sign("clerk", order, "remind")
    house.sign("clerk", order, "track")
    assert house.rows("SELECT reminded_at FROM hub.approval_task WHERE state = 'open'")[0]["reminded_at"]
    house.sign("head", order)
    assert house.state(order) == "confirmed"


def test_a_signer_sees_what_he_is_asked_to_sign_and_no_more(house: House) -> None:
    """The other clerk's department sees its own orders; the signer of another sees but the one he signs."""
    house.flow(step_of("跨部门", "user", "seller"))
    with house.work() as ctx:
        writes.create(ctx, "Department", {"code": "Z", "name": "另一部门"})
        writes.create(ctx, "User", {"code": "seller", "name": "外人", "roles": ["sales"], "department": "Z"})
    with house.engine.begin() as connection:
        from sqlalchemy import text

        connection.execute(text("UPDATE hub.user SET company_id = (SELECT id FROM hub.company)"))
    order, unseen = house.draft(), house.draft()

    def asked(viewer: Viewer) -> Select[Any]:
        spec = spec_of("SalesOrder")
        return select(spec.table.c.id).where(*visible(spec, spec.table, table, Me.of(viewer, viewer.company_id)))

    def seen() -> list[UUID]:
        """What the seller sees, whether or not it is known which types are ever signed."""
        viewer = house.viewer("seller")
        known = catalogue.informed(house.engine, viewer)
        with house.work("seller") as ctx:
            found, again = (list(ctx.session.execute(asked(one)).scalars()) for one in (viewer, known))
        assert found == again
        return found

    def looks_for_tasks() -> bool:
        return "approval_task" in str(asked(catalogue.informed(house.engine, house.viewer("seller"))))

    assert not looks_for_tasks()
    assert seen() == []
    house.submit(order)
    assert seen() == [order]
    assert looks_for_tasks()
    assert unseen not in seen()
    house.sign("seller", order)
    assert house.state(order) == "confirmed"


def test_of_two_signers_at_once_exactly_one_advances(house: House) -> None:
    house.flow(MONEY, step_of("总经理", "user", "boss"))
    for _ in range(5):
        order = house.draft()
        house.submit(order)
        barrier = Barrier(2)
        found: list[Any] = []

        def sign(login: str, barrier: Barrier = barrier, order: UUID = order, found: list[Any] = found) -> None:
            barrier.wait()
            found.append(codes(lambda: house.sign(login, order)))

        threads = [Thread(target=sign, args=(login,)) for login in ("money1", "money2")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == [[], ["NOT_YOUR_TURN"]]
        assert sorted(house.tasks(order).values()) == ["approved", "cancelled", "open"]


def test_a_change_that_waited_for_the_submission_is_refused(house: House) -> None:
    """The lock is waited for; what was submitted meanwhile is seen all the same."""
    house.flow(HEAD)
    order = house.draft()
    found: list[Any] = []

    def change() -> None:
        with house.work("clerk") as ctx:
            writes.update(ctx, "SalesOrder", order, {"note": "迟到"})

    with house.work("clerk") as ctx:
        writes.run_step(ctx, "SalesOrder", order, "confirm")
        late = Thread(target=lambda: found.append(codes(change)))
        late.start()
        while not house.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            assert late.is_alive()
    late.join()
    assert found == [["APPROVAL_RUNNING"]]


def test_approvals_are_made_by_the_hub_alone(house: House) -> None:
    house.flow(HEAD)
    order = house.draft()
    house.submit(order)
    with house.work("root") as ctx:
        for call in (
            lambda: writes.create(ctx, "Approval", {}),
            lambda: writes.load(ctx, "Approval", [{}]),
            lambda: writes.update(ctx, "Approval", house.approval(order)["id"], {}),
            lambda: writes.discard(ctx, "Approval", house.approval(order)["id"]),
        ):
            assert codes(call) == ["MADE_BY_HUB"]
    with pytest.raises(Refused):
        house.submit(order)
