"""`whoMustSign`, `draftsToSend`, `approvalWaiting`: what is asked about approvals beside their rows."""

from __future__ import annotations

import enum

import strawberry

from graph_schema.custom.asking import ask
from graph_schema.limits import MAX_FIRST
from graph_schema.plain import Asked
from graph_schema.read.scope import as_id
from graph_schema.scalars import DateTime, Decimal
from hub.context import Viewer
from hub.document.approvals import looking
from hub.errors import Problem


@strawberry.type(name="Signature", description="一个需要的签署 · A signature that would be asked for")
class Signature:
    """One signer of one stage."""

    stage: int = strawberry.field(description="阶段，从 1 起 · Stage, from 1")
    name: str = strawberry.field(description="步骤名称 · Name of the step")
    mode: str = strawberry.field(description="any 或签，all 会签，in_order 依次 · Any of them, all, in order")
    login: str = strawberry.field(description="登录名 · Login")
    signer: str = strawberry.field(description="姓名 · Name")
    hours: int | None = strawberry.field(description="时限（小时） · Time limit in hours")
    skipped: bool = strawberry.field(description="届时已签过，将跳过 · Will have signed before and is skipped")


@strawberry.type(name="SignatureProblem", description="不能提交的原因 · Why it could not be submitted")
class SignatureProblem:
    """A problem as mutations tell it."""

    code: str
    message: str
    hint: str | None


@strawberry.type(name="Signing", description="一个步骤需要谁签 · Who must sign before a step")
class Signing:
    """The simulation of one step; without signatures and problems it may be taken at once."""

    step: str = strawberry.field(description="步骤 · Step")
    label: str = strawberry.field(description="步骤名称 · Its name")
    flow: str | None = strawberry.field(description="适用流程 · The flow that counts")
    signatures: list[Signature]
    problems: list[SignatureProblem]


@strawberry.type(name="DraftToSend", description="未提交的单据 · A document not submitted yet")
class DraftToSend:
    """Names the document."""

    document_type: str
    document_id: strawberry.ID
    number: str
    state: str
    updated_at: DateTime


@strawberry.type(name="DraftsToSend", description="待发的单据 · Documents to send")
class DraftsToSend:
    """The newest, and how many there are, at most a thousand."""

    total_count: int
    nodes: list[DraftToSend]


@strawberry.enum(description="分组方式，部门为提交人与审批人的 · Departments are the submitter's and the signer's")
class WaitingBy(enum.Enum):
    """What waiting times may be grouped by."""

    DOCUMENT_TYPE = "document_type"
    STEP = "step"
    FROM_DEPARTMENT = "from_department"
    TO_DEPARTMENT = "to_department"


@strawberry.type(name="ApprovalWaiting", description="审批等待时长（小时） · How long signatures took, in hours")
class ApprovalWaiting:
    """One group."""

    document_type: str | None
    step: str | None
    from_department: str | None
    to_department: str | None
    count: int
    average: Decimal
    median: Decimal
    longest: Decimal


async def who_must_sign(
    info: strawberry.Info[Asked, None], document_type: str, document_id: strawberry.ID, step: str | None = None
) -> list[Signing]:
    """The simulation, nothing is submitted."""
    viewer, wanted = info.context.viewer, as_id(document_id)
    found = await ask(viewer, lambda ctx: looking.who_must_sign(ctx, document_type, wanted, step))
    return [_signing(one, viewer) for one in found]


async def drafts_to_send(
    info: strawberry.Info[Asked, None], document_type: str | None = None, first: int = 100
) -> DraftsToSend:
    """The viewer's own."""
    found = await ask(info.context.viewer, lambda ctx: looking.drafts_to_send(ctx, document_type, MAX_FIRST))
    nodes = [
        DraftToSend(
            document_type=one.document_type,
            document_id=strawberry.ID(str(one.document_id)),
            number=one.number,
            state=one.state,
            updated_at=DateTime(one.updated_at),
        )
        for one in found[: max(0, first)]
    ]
    return DraftsToSend(total_count=len(found), nodes=nodes)


async def approval_waiting(info: strawberry.Info[Asked, None], by: list[WaitingBy]) -> list[ApprovalWaiting]:
    """By any of four; the slowest first."""
    groups = [one.value for one in by]
    found = await ask(info.context.viewer, lambda ctx: looking.waiting_times(ctx, groups))
    return [ApprovalWaiting(**vars(one)) for one in found]


def _signing(one: looking.Simulated, viewer: Viewer) -> Signing:
    signatures = [
        Signature(
            stage=planned.stage,
            name=planned.rule.name,
            mode=planned.rule.mode.value,
            login=planned.person.code,
            signer=planned.person.name,
            hours=planned.rule.hours,
            skipped=planned.slot in one.skipped,
        )
        for planned in one.signatures
    ]
    label = one.step.label.in_language(viewer.language)
    problems = [_problem(found, viewer) for found in one.problems]
    return Signing(step=one.step.name, label=label, flow=one.flow, signatures=signatures, problems=problems)


def _problem(found: Problem, viewer: Viewer) -> SignatureProblem:
    hint = found.hint.in_language(viewer.language) if found.hint else None
    return SignatureProblem(code=found.code, message=found.message.in_language(viewer.language), hint=hint)
