"""What stands before a verb: a guarded step becomes a submission, a document under approval is left as it is.

`submitted` decides for a step. `plan` says who must sign, also before anybody submits. The tasks are made here from
the flow as it is now, so that a flow changed later does not change an approval that runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, true

from hub.context import SYSTEM, Ctx
from hub.document import audit, numbering
from hub.document.approvals.flows import FlowRule, SignerRule, applicable
from hub.document.approvals.people import People, Person
from hub.document.approvals.values import met
from hub.document.approvals.words import ApprovalState, SignerMode, TaskState
from hub.document.catalogue import submitting
from hub.document.edit import finish
from hub.document.positions import add_lines
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.document.steps import StepSpec
from hub.errors import Problem, Refused, problem
from hub.rules import signing

APPROVAL, TASK, FLOW = "Approval", "ApprovalTask", "ApprovalFlow"
_STATES = {state.value: state for state in TaskState}


@dataclass(frozen=True)
class Planned:
    """A signature that will be asked for."""

    stage: int
    slot: int
    waits_for: int | None
    rule: SignerRule
    person: Person


def in_use(spec: DocSpec) -> ColumnElement[bool]:
    """Whether a type's documents may be under approval: asked with the SELECT that locks a document anyway."""
    if any(step.approval for step in spec.steps.values()):
        return true()
    return _flow_exists(spec.name)


@lru_cache(maxsize=1_000)
def _flow_exists(type_name: str) -> ColumnElement[bool]:
    flow = spec_of(FLOW).table.alias()
    return exists().where(flow.c.document_type == type_name)


def running(ctx: Ctx, spec: DocSpec, document_id: UUID) -> Any | None:
    """The approval that a document is under, as a row, or None."""
    approval = spec_of(APPROVAL).table
    wanted = select(approval.c.id, approval.c.number).where(
        approval.c.document_id == document_id,
        approval.c.document_type == spec.name,
        approval.c.state == ApprovalState.RUNNING,
    )
    return ctx.session.execute(wanted).one_or_none()


def refuse_running(ctx: Ctx, spec: DocSpec, document_id: UUID) -> None:
    """Refused APPROVAL_RUNNING while somebody has still to sign; says who."""
    found = running(ctx, spec, document_id)
    if found is None:
        return
    task = spec_of(TASK).table
    asked = select(task.c.signer_name).where(task.c.approval_id == found.id, task.c.state == TaskState.OPEN)
    names = list(dict.fromkeys(ctx.session.execute(asked.order_by(task.c.position)).scalars()))
    raise Refused(
        problem(
            "APPROVAL_RUNNING",
            f"单据正在审批（{found.number}，等待：{'、'.join(names)}），不能修改或办理。",
            f"This document is under approval ({found.number}, waiting for {', '.join(names)}).",
            hint=("提交人可以先撤回审批。", "The submitter can withdraw the approval first."),
            approval=found.number,
        )
    )


def submitted(ctx: Ctx, spec: DocSpec, step: StepSpec, document: Any, arguments: Mapping[str, Any]) -> Any | None:
    """Submit a document for approval if somebody must sign before `step`; returns the approval, None to go ahead.

    What the hub does by itself (the pipeline, the seed) is not guarded.

    Raises:
        Refused: NOBODY_TO_SIGN, SIGNER_UNKNOWN, SIGNER_MAY_NOT_READ, CONDITION_VALUE_EMPTY, all found at once.
    """
    if ctx.viewer.user_id == SYSTEM:
        return None
    rule, planned = plan(ctx, spec, step, document)
    if rule is None or not planned:
        return None
    approval = _approval(ctx, spec, step, document, arguments, rule)
    submitting(ctx.session, spec.name)
    add_lines(approval, "tasks", map(_task, planned))
    finish(ctx, spec_of(APPROVAL), approval, document.company_id)
    go_on(approval, datetime.now(UTC))
    ctx.session.add(approval)
    ctx.session.flush()
    told = {"document": [None, approval.subject], "step": [None, step.name]}
    told["signers"] = [None, [one.signer_name for one in approval.tasks]]
    audit.record(ctx, APPROVAL, approval.id, "submit", told, version=1, company_id=document.company_id)
    tell_document(ctx, approval, "approval_submitted", version=document.version)
    return approval


def plan(ctx: Ctx, spec: DocSpec, step: StepSpec, document: Any) -> tuple[FlowRule | None, list[Planned]]:
    """Who must sign before this step of a stored document: the rule that counts, and the signatures in order.

    Raises:
        Refused: nobody could sign, with every reason.
    """
    zone = ctx.viewer.time_zone
    rule = applicable(ctx.session, spec, step, document.id, document.company_id, zone)
    if rule is None:
        return None, []
    people = People(ctx.session, document.company_id, spec)
    department_id = getattr(document, "department_id", None) or ctx.viewer.department_id
    planned: list[Planned] = []
    problems: list[Problem] = []
    for signers in rule.steps:
        if not met(ctx.session, spec, document.id, signers.condition, zone):
            continue
        found, wrong = people.signers(signers, rule, ctx.viewer, department_id)
        problems += wrong
        planned += _slots(signers, found, planned)
    Refused.raise_all(problems)
    return rule, planned


def _slots(rule: SignerRule, people: Sequence[Person], before: Sequence[Planned]) -> list[Planned]:
    """One slot for any of them, one each for all of them, one waiting for the other when they go in order."""
    stage = max((one.stage for one in before), default=0)
    stage += 0 if rule.together and stage else 1
    slot = max((one.slot for one in before), default=0) + 1
    if rule.mode is SignerMode.ANY:
        return [Planned(stage, slot, None, rule, one) for one in people]
    waits = rule.mode is SignerMode.IN_ORDER
    return [
        Planned(stage, slot + index, slot + index - 1 if waits and index else None, rule, one)
        for index, one in enumerate(people)
    ]


def _approval(
    ctx: Ctx, spec: DocSpec, step: StepSpec, document: Any, arguments: Mapping[str, Any], rule: FlowRule
) -> Any:
    own = spec_of(APPROVAL)
    made = own.model(
        company_id=document.company_id,
        state=ApprovalState.RUNNING,
        document_type=spec.name,
        document_id=document.id,
        document_number=document.number,
        subject=f"{spec.label.chinese} {document.number} · {step.label.chinese}",
        step_name=step.name,
        arguments={name: _plain(value) for name, value in arguments.items() if value is not None},
        flow_id=rule.id,
        submitter_id=ctx.viewer.user_id,
        submitter_name=ctx.viewer.name,
        department_id=ctx.viewer.department_id,
        self_approval=rule.self_approval,
        skip_repeated=rule.skip_repeated,
        extra={},
    )
    numbering.give(ctx, own, made)
    return made


def _plain(value: Any) -> Any:
    """An argument as JSON; the verb that takes the step at the end reads it again."""
    return value if isinstance(value, bool | int | str) else str(value)


def _task(one: Planned) -> Any:
    return task_of(
        one.person,
        stage=one.stage,
        slot=one.slot,
        waits_for=one.waits_for,
        name=one.rule.name,
        hours=one.rule.hours,
        escalate_to=one.rule.escalate_to,
    )


def task_of(person: Person, *, state: TaskState = TaskState.WAITING, **more: Any) -> Any:
    """A new task of somebody's."""
    return spec_of(TASK).model(
        signer_id=person.id,
        signer_name=person.name,
        department_id=person.department_id,
        state=state,
        past=False,
        **more,
    )


def go_on(approval: Any, now: datetime) -> bool:
    """Open what comes next; True when everything is signed. Notes since when and until when somebody is asked."""
    done = signing.advance(approval.tasks, skip_repeated=approval.skip_repeated)
    settle(approval, now)
    return done


def settle(approval: Any, now: datetime) -> None:
    """Stored states, and the clock of those that are open now."""
    for task in approval.tasks:
        task.state = _STATES[task.state]
        if task.state is TaskState.OPEN and task.opened_at is None:
            task.opened_at = now
            task.due_at = now + timedelta(hours=task.hours) if task.hours else None


def signatures(approval: Any) -> dict[str, list[Any]]:
    """What the audit of a step tells of its approval: the number, and who signed in whose place."""
    names = [
        one.signer_name if one.decided_by_id == one.signer_id else f"{one.decided_by_name}（代 for {one.signer_name}）"
        for one in approval.tasks
        if one.state == TaskState.APPROVED and not one.past
    ]
    return {"approval": [None, approval.number], "signed_by": [None, names]}


def tell_document(ctx: Ctx, approval: Any, verb: str, version: int | None = None, **changes: Any) -> None:
    """The document's own audit and event: what became of its approval."""
    told = {"approval": [None, approval.number], "step": [None, approval.step_name], **changes}
    audit.record(
        ctx,
        approval.document_type,
        approval.document_id,
        verb,
        told,
        version=version,
        company_id=approval.company_id,
    )
