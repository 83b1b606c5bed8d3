"""What people do in an approval: sign, reject, send back, withdraw, delegate, add a signer, copy, remind, escalate.

Each works on an approval that is locked with its tasks, so of two at once one comes second and sees what the first
has done. The declared steps of the type call these; none commits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from hub.context import Ctx
from hub.document import numbering
from hub.document.approvals.guard import APPROVAL, go_on, settle, task_of, tell_document
from hub.document.approvals.people import People, Person
from hub.document.approvals.words import ApprovalState, Place, SelfApproval, TaskState
from hub.document.edit import stamp
from hub.document.positions import add_lines
from hub.document.registry import spec as spec_of
from hub.errors import Forbidden, Invalid, Refused, problem
from hub.rules import signing

MANAGE = "approvals.write"
"""The right to set up flows and to step in where somebody is away."""
DELEGATION = "Delegation"


def now() -> datetime:
    """The moment of a signature."""
    return datetime.now(UTC)


def approve(ctx: Ctx, approval: Any, comment: str | None) -> None:
    """Sign what the viewer is asked for; with the last signature the approval is approved."""
    for task in _mine(ctx, approval):
        _decide(ctx, task, TaskState.APPROVED, comment)
    if go_on(approval, now()):
        _finish(approval, ApprovalState.APPROVED)


def reject(ctx: Ctx, approval: Any, reason: str) -> None:
    """End the approval; the document goes back to its owner, to its first state if the step can be asked for there."""
    for task in _mine(ctx, approval):
        _decide(ctx, task, TaskState.REJECTED, reason)
    signing.close(approval.tasks)
    _finish(approval, ApprovalState.REJECTED, reason)
    spec = spec_of(approval.document_type)
    document = ctx.session.get(spec.model, approval.document_id, with_for_update=True)
    assert spec.states is not None
    assert document is not None
    first, was = next(iter(spec.states)), document.state
    changes = {"reason": [None, reason]}
    if was != first and first in spec.steps[approval.step_name].sources:
        document.state, changes["state"] = first, [was.value, first.value]
    version = document.version + (1 if document.state != was else 0)  # the verb that is run writes what has changed
    tell_document(ctx, approval, "approval_rejected", version=version, **changes)


def send_back(ctx: Ctx, approval: Any, stage: int, reason: str) -> None:
    """Have an earlier stage sign again, and everything after it; what was signed stays to be read."""
    mine = _mine(ctx, approval)
    if not 1 <= stage < mine[0].stage:
        sentence = ("只能退回到之前的审批步骤。", "An approval can only be sent back to an earlier stage.")
        hint = (f"可选 1 至 {mine[0].stage - 1}。", f"Choose 1 to {mine[0].stage - 1}.") if mine[0].stage > 1 else None
        raise Invalid(problem("STAGE_UNKNOWN", *sentence, "stage", hint=hint))
    for task in mine:
        _decide(ctx, task, TaskState.RETURNED, reason)
    again = [one for one in approval.tasks if _counts(one) and one.stage >= stage]
    for task in again:
        task.past = True
        if task.state in signing.UNDECIDED:
            task.state = TaskState.CANCELLED
    people = _people(ctx, approval)
    for task in again:
        person = people.users.get(task.signer_id) or _person_of(task)
        if not task.escalated:
            _add(ctx, approval, person, task.stage, task.slot, task.waits_for, task.name, task.hours, task.escalate_to)
    go_on(approval, now())


def withdraw(ctx: Ctx, approval: Any, reason: str | None) -> None:
    """Take the document back; only who submitted it may, or who manages approvals."""
    _demand_submitter(ctx, approval, "只有提交人可以撤回。", "Only the submitter can withdraw it.")
    signing.close(approval.tasks)
    settle(approval, now())
    _finish(approval, ApprovalState.WITHDRAWN, reason)
    tell_document(ctx, approval, "approval_withdrawn", reason=[None, reason])


def delegate(ctx: Ctx, approval: Any, to: str, until: datetime | None, reason: str | None) -> None:
    """Let somebody else sign this approval in the viewer's place until a moment, or until it ends."""
    mine = [one for one in approval.tasks if _counts(one) and one.signer_id == ctx.viewer.user_id]
    if not [one for one in mine if one.state in signing.UNDECIDED]:
        raise _not_your_turn(approval)
    person = _named(ctx, approval, to)
    if until is not None and until <= now():
        raise Invalid(problem("VALIDITY_OVER", "有效期已过。", "The validity is over already.", "until"))
    spec = spec_of(DELEGATION)
    made = spec.model(
        company_id=approval.company_id,
        delegate_login=person.code,
        delegate_id=person.id,
        principal_id=ctx.viewer.user_id,
        starts_at=now(),
        ends_at=until,
        approval_id=approval.id,
        reason=reason,
    )
    # Its own check is for what people type; this one is whole.
    made.created_by = made.updated_by = ctx.viewer.user_id
    made.version = 1
    numbering.give(ctx, spec, made)
    ctx.session.add(made)
    for task in mine:
        task.delegated_to = person.name


def add_signer(ctx: Ctx, approval: Any, to: str, place: str, comment: str | None) -> None:
    """Ask one more: before the viewer signs, after, or beside; whoever is added must sign."""
    places = {one.value: one for one in Place}
    if place not in places:
        known = ", ".join(places)
        sentence = (f"位置只能是 {known}。", f"The place is one of {known}.")
        raise Invalid(problem("PLACE_UNKNOWN", *sentence, "place"))
    task, person = _mine(ctx, approval)[0], _named(ctx, approval, to)
    slot = max(one.slot for one in approval.tasks) + 1
    waits = task.slot if place == Place.AFTER else None
    _add(
        ctx,
        approval,
        person,
        task.stage,
        slot,
        waits,
        f"{task.name}（{places[place].label.chinese}）",
        task.hours,
        None,
    )
    if place == Place.BEFORE:
        for one in _mine(ctx, approval):
            one.state, one.waits_for, one.opened_at, one.due_at = TaskState.WAITING, slot, None, None
    if comment:
        task.comment = comment
    go_on(approval, now())


def copy_to(ctx: Ctx, approval: Any, to: str) -> None:
    """Let others read along: logins, separated by commas or blanks."""
    for person in _people(ctx, approval).named(to.replace("，", ",").replace(" ", ",").split(","), "to"):
        if not any(one.signer_id == person.id and one.state == TaskState.COPIED for one in approval.tasks):
            _add(ctx, approval, person, 0, 0, None, TaskState.COPIED.label.chinese, None, None, TaskState.COPIED)


def remind(ctx: Ctx, approval: Any) -> None:
    """Note that somebody waits; the event tells those who are asked."""
    _demand_submitter(ctx, approval, "只有提交人可以催办。", "Only the submitter can remind.")
    for task in approval.tasks:
        if task.state == TaskState.OPEN and not task.past:
            task.reminded_at = now()


def track(ctx: Ctx, approval: Any, *, on: bool) -> None:
    """Put the approval on the viewer's list of what he tracks, or take it off."""
    own = [one for one in approval.tasks if one.state == TaskState.TRACKING and one.signer_id == ctx.viewer.user_id]
    if on and not own:
        person = _people(ctx, approval).users.get(ctx.viewer.user_id)
        if person is None:
            raise Forbidden(problem("FORBIDDEN", "系统账号不能跟踪。", "The hub itself tracks nothing."))
        _add(ctx, approval, person, 0, 0, None, TaskState.TRACKING.label.chinese, None, None, TaskState.TRACKING)
    for task in own:
        task.past = not on


def escalate(ctx: Ctx, approval: Any, at: datetime) -> None:
    """Ask the superior, or the role that the flow names, beside everybody who has let his time run out by `at`."""
    if not ctx.viewer.may(MANAGE):
        raise Forbidden(problem("FORBIDDEN", "您没有管理审批的权限。", "You may not manage approvals."))
    people = _people(ctx, approval)
    late = [one for one in approval.tasks if one.state == TaskState.OPEN and not one.past and _is_late(one, at)]
    for task in late:
        task.escalated_at = at
        asked = {one.signer_id for one in approval.tasks if one.slot == task.slot and not one.past}
        for person in _instead(people, approval, task):
            if person.id not in asked:
                name = f"{task.name}（超时升级）"
                _add(ctx, approval, person, task.stage, task.slot, None, name, task.hours, None, escalated=True)
    go_on(approval, at)


def _is_late(task: Any, at: datetime) -> bool:
    return task.due_at is not None and task.due_at <= at and task.escalated_at is None


def _instead(people: People, approval: Any, task: Any) -> list[Person]:
    """Who is asked when a signer lets his time run out; never the submitter where he may not sign."""
    if task.escalate_to:
        found = people.in_roles([task.escalate_to])
    else:
        signer = people.users.get(task.signer_id) or _person_of(task)
        found = [one for one in [people.superior(signer)] if one is not None]
    allowed = approval.self_approval == SelfApproval.ALLOWED
    return [one for one in found if allowed or one.id != approval.submitter_id]


def _mine(ctx: Ctx, approval: Any) -> list[Any]:
    """The open tasks that the viewer may decide: his own, else those of whom he stands in for."""
    tasks = [one for one in approval.tasks if one.state == TaskState.OPEN and not one.past]
    own = [one for one in tasks if one.signer_id == ctx.viewer.user_id]
    if own:
        return own
    for_others = [one for one in tasks if one.signer_id in _principals(ctx, approval)]
    if not for_others:
        raise _not_your_turn(approval)
    if approval.submitter_id == ctx.viewer.user_id and approval.self_approval != SelfApproval.ALLOWED:
        sentence = ("提交人不能代他人审批自己的单据。", "A submitter cannot sign for others what he has submitted.")
        raise Refused(problem("SELF_APPROVAL", *sentence))
    return for_others


def _principals(ctx: Ctx, approval: Any) -> set[UUID]:
    """In whose place the viewer may sign this approval now."""
    table = spec_of(DELEGATION).table
    found = select(table.c.principal_id).where(
        table.c.delegate_id == ctx.viewer.user_id,
        table.c.state == "active",
        table.c.starts_at <= now(),
        or_(table.c.ends_at.is_(None), table.c.ends_at > now()),
        or_(table.c.approval_id.is_(None), table.c.approval_id == approval.id),
        or_(table.c.document_type.is_(None), table.c.document_type == approval.document_type),
    )
    return set(ctx.session.execute(found).scalars())


def _not_your_turn(approval: Any) -> Refused:
    open_ = [one.signer_name for one in approval.tasks if one.state == TaskState.OPEN and not one.past]
    names = list(dict.fromkeys(open_))
    return Refused(
        problem(
            "NOT_YOUR_TURN",
            f"现在不由您审批，正在等待：{'、'.join(names)}。",
            f"It is not your turn to sign; it waits for {', '.join(names)}.",
        )
    )


def _decide(ctx: Ctx, task: Any, state: TaskState, comment: str | None) -> None:
    task.state, task.comment, task.decided_at = state, comment or task.comment, now()
    task.decided_by_id, task.decided_by_name = ctx.viewer.user_id, ctx.viewer.name


def _finish(approval: Any, state: ApprovalState, reason: str | None = None) -> None:
    settle(approval, now())
    approval.state, approval.finished_at, approval.reason = state, now(), reason


def _counts(task: Any) -> bool:
    """Whether a task is a signature of the present round."""
    return not task.past and task.state not in (TaskState.COPIED, TaskState.TRACKING)


def _add(
    ctx: Ctx,
    approval: Any,
    person: Person,
    stage: int,
    slot: int,
    waits_for: int | None,
    name: str,
    hours: int | None,
    escalate_to: str | None,
    state: TaskState = TaskState.WAITING,
    *,
    escalated: bool = False,
) -> None:
    more = {"stage": stage, "slot": slot, "waits_for": waits_for, "name": name, "hours": hours}
    made = task_of(person, state=state, **more, escalate_to=escalate_to, escalated=escalated)
    add_lines(approval, "tasks", [made])
    stamp(ctx, spec_of(APPROVAL), approval)


def _named(ctx: Ctx, approval: Any, login: str) -> Person:
    """A signer by login; never the submitter where he may not sign."""
    found = _people(ctx, approval).named([login], "to")
    if not found:
        raise Invalid(problem("SIGNER_MISSING", "请指定人员。", "Name somebody.", "to"))
    if found[0].id == approval.submitter_id and approval.self_approval != SelfApproval.ALLOWED:
        sentence = ("提交人不能审批自己的单据。", "A submitter cannot sign what he has submitted.")
        raise Refused(problem("SELF_APPROVAL", *sentence, "to"))
    return found[0]


def _people(ctx: Ctx, approval: Any) -> People:
    return People(ctx.session, approval.company_id, spec_of(approval.document_type))


def _person_of(task: Any) -> Person:
    """A signer who is no user any more: asked again he waits for his time to run out, or for a delegate."""
    return Person(task.signer_id, "", task.signer_name, frozenset(), task.department_id, None)


def _demand_submitter(ctx: Ctx, approval: Any, chinese: str, english: str) -> None:
    if ctx.viewer.user_id != approval.submitter_id and not ctx.viewer.may(MANAGE):
        raise Forbidden(problem("FORBIDDEN", chinese, english))


def standing_for(ctx: Ctx, logins: Iterable[str]) -> dict[str, UUID]:
    """The ids of active users of the company by login."""
    user = spec_of("User").table
    wanted = select(user.c.code, user.c.id).where(user.c.code.in_(list(logins)), user.c.active)
    if ctx.viewer.company_id is not None:
        wanted = wanted.where(user.c.company_id == ctx.viewer.company_id)
    return {row.code: row.id for row in ctx.session.execute(wanted)}


__all__ = [
    "MANAGE",
    "add_signer",
    "approve",
    "copy_to",
    "delegate",
    "escalate",
    "reject",
    "remind",
    "send_back",
    "standing_for",
    "track",
    "withdraw",
]
