"""What can be asked about approvals beside their rows: who must sign, drafts not yet sent, how long steps wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, Numeric, Text, cast, func, literal, select, union_all

from hub.context import Ctx
from hub.document.approvals.guard import APPROVAL, FLOW, TASK, Planned, plan
from hub.document.approvals.words import TaskState
from hub.document.registry import spec as spec_of
from hub.document.registry import specs, table
from hub.document.rows import Me, visible
from hub.document.spec import DocSpec
from hub.document.steps import StepSpec
from hub.errors import Forbidden, HubError, NotFound, Problem, problem

BY = {
    "DOCUMENT_TYPE": "document_type",
    "STEP": "step",
    "FROM_DEPARTMENT": "from_department",
    "TO_DEPARTMENT": "to_department",
}
"""What waiting times may be grouped by: the submitter's department and the signer's are those between which it went."""


@dataclass(frozen=True)
class Simulated:
    """Who would have to sign before a step: the signatures in order, or why it cannot be submitted."""

    step: StepSpec
    flow: str | None
    signatures: Sequence[Planned]
    skipped: frozenset[int]
    """Slots whose signer will have signed before."""
    problems: Sequence[Problem]


@dataclass(frozen=True)
class DraftToSend:
    """A document of the viewer's own that waits to be submitted."""

    document_type: str
    document_id: UUID
    number: str
    state: str
    updated_at: datetime


@dataclass(frozen=True)
class Waiting:
    """How long signatures took, in hours, within one group; what was not grouped by is None."""

    document_type: str | None
    step: str | None
    from_department: str | None
    to_department: str | None
    count: int
    average: Decimal
    median: Decimal
    longest: Decimal


def who_must_sign(ctx: Ctx, document_type: str, document_id: UUID, step_name: str | None = None) -> list[Simulated]:
    """For the step named, or each that the document's state allows: who would have to sign if the viewer submitted.

    Raises:
        NotFound, Forbidden.
    """
    spec = _readable(ctx, document_type)
    rows = visible(spec, spec.table, table, Me.of(ctx.viewer, ctx.viewer.company_id))
    found = select(spec.model).where(spec.model.id == document_id, *rows)
    document = ctx.session.execute(found).scalar_one_or_none()
    if document is None:
        raise NotFound(
            problem("NOT_FOUND", f"找不到该{spec.label.chinese}。", f"There is no such {spec.label.english}.", "id")
        )
    if not spec.guardable:
        return []
    steps = [one for one in spec.steps.values() if step_name in (None, one.name) and document.state in one.sources]
    return [_simulated(ctx, spec, one, document) for one in steps]


def _simulated(ctx: Ctx, spec: DocSpec, step: StepSpec, document: Any) -> Simulated:
    try:
        rule, planned = plan(ctx, spec, step, document)
    except HubError as error:
        return Simulated(step, None, (), frozenset(), error.problems)
    skips = rule is not None and rule.skip_repeated
    earlier = {one.slot for one in planned for two in planned if two.stage < one.stage and two.person == one.person}
    return Simulated(step, rule.name if rule else None, planned, frozenset(earlier if skips else ()), ())


def drafts_to_send(ctx: Ctx, document_type: str | None = None, most: int = 100) -> list[DraftToSend]:
    """Documents that the viewer made, in a state in which a guarded step can be asked for, never submitted yet."""
    flow, approval = spec_of(FLOW).table, spec_of(APPROVAL).table
    guarded = select(flow.c.document_type, flow.c.step_name).where(flow.c.active).distinct()
    guarded = guarded.where(flow.c.company_id == ctx.viewer.company_id)
    steps = {(row.document_type, row.step_name) for row in ctx.session.execute(guarded)}
    steps |= {(one.name, step.name) for one in specs().values() for step in one.steps.values() if step.approval}
    parts = []
    for name in sorted({type_name for type_name, _ in steps if document_type in (None, type_name)}):
        spec, own = spec_of(name), table(name)
        if not ctx.viewer.may(spec.access.read):
            continue
        states = {state for type_, step in steps if type_ == name for state in spec.steps[step].sources}
        chosen = select(
            literal(name).label("type"),
            own.c.id,
            own.c.number,
            cast(own.c.state, Text).label("state"),
            own.c.updated_at,
        )
        sent = select(approval.c.document_id).where(approval.c.document_type == name)
        rows = visible(spec, own, table, Me.of(ctx.viewer, ctx.viewer.company_id))
        wanted = [own.c.created_by == ctx.viewer.user_id, own.c.state.in_(states), own.c.id.not_in(sent), *rows]
        parts.append(chosen.where(*wanted))
    if not parts:
        return []
    everything = union_all(*parts).subquery("drafts")
    newest = select(everything).order_by(everything.c.updated_at.desc()).limit(most)
    return [DraftToSend(*row) for row in ctx.session.execute(newest)]


def waiting_times(ctx: Ctx, by: Sequence[str]) -> list[Waiting]:
    """How long those who have decided let it wait, by any of document type, step and the two departments.

    Counts the approvals that the viewer sees; the longest average comes first.
    """
    spec = _readable(ctx, APPROVAL)
    approval, task = table(APPROVAL), table(TASK)
    sender, signer = table("Department"), table("Department")
    grouped = _groups(approval, task, sender, signer)
    source = task.join(approval, approval.c.id == task.c.approval_id)
    source = source.outerjoin(sender, sender.c.id == approval.c.department_id)
    source = source.outerjoin(signer, signer.c.id == task.c.department_id)
    hours = func.extract("epoch", task.c.decided_at - task.c.opened_at) / 3600
    figures = [func.avg(hours), func.percentile_cont(0.5).within_group(hours), func.max(hours)]
    chosen = [grouped[one].label(one) if one in by else literal(None).label(one) for one in BY.values()]
    wanted = select(*chosen, func.count(), *(cast(one, Numeric(20, 4)) for one in figures)).select_from(source)
    decided = [TaskState.APPROVED, TaskState.REJECTED, TaskState.RETURNED]
    rows = visible(spec, approval, table, Me.of(ctx.viewer, ctx.viewer.company_id))
    wanted = wanted.where(task.c.state.in_(decided), task.c.opened_at.is_not(None), *rows)
    wanted = wanted.group_by(*(grouped[one] for one in by)).order_by(func.avg(hours).desc())
    return [Waiting(*row[:4], *row[4:8]) for row in ctx.session.execute(wanted) if row[4]]


def _groups(approval: FromClause, task: FromClause, sender: FromClause, signer: FromClause) -> dict[str, Any]:
    return {
        "document_type": approval.c.document_type,
        "step": task.c.name,
        "from_department": sender.c.name,
        "to_department": signer.c.name,
    }


def _readable(ctx: Ctx, document_type: str) -> DocSpec:
    spec = spec_of(document_type)
    if not ctx.viewer.may(spec.access.read):
        chinese, english = spec.label
        raise Forbidden(problem("FORBIDDEN", f"您没有查看{chinese}的权限。", f"You may not read {english}."))
    return spec
