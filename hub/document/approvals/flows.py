"""Which rule guards a step: the company's flows as data, else what the class declares beside the step."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.document.approvals.values import met
from hub.document.approvals.words import SelfApproval, SignerKind, SignerMode
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
from hub.document.steps import StepSpec


@dataclass(frozen=True)
class SignerRule:
    """One step of a flow: by what its signers are found and how many of them must sign.

    `together` runs beside the step before. After `hours` (None: never) it goes to `escalate_to`, a role, or to the
    signer's superior.
    """

    name: str
    kind: SignerKind
    who: tuple[str, ...] = ()
    mode: SignerMode = SignerMode.ANY
    together: bool = False
    condition: str | None = None
    hours: int | None = None
    escalate_to: str | None = None


@dataclass(frozen=True)
class FlowRule:
    """A flow as it is when somebody submits; without steps nobody needs to sign. `id` is None for a class's own."""

    condition: str | None
    steps: tuple[SignerRule, ...]
    name: str = ""
    id: UUID | None = None
    self_approval: SelfApproval = SelfApproval.SUPERIOR
    skip_repeated: bool = True


@dataclass(frozen=True)
class Default:
    """`@step(…, approval=above("total", 100_000))`: what guards a step where a company has no flow of its own."""

    condition: str
    steps: tuple[SignerRule, ...] = field(
        default=(SignerRule("部门负责人 Department head", SignerKind.DEPARTMENT_HEAD),),
    )

    def rule(self) -> FlowRule:
        """As a flow."""
        return FlowRule(self.condition, self.steps)


def above(member: str, limit: Decimal | int) -> Default:
    """Above this amount the head of the document's department signs."""
    return Default(f"{member} > {limit}")


def applicable(
    session: Session, spec: DocSpec, step: StepSpec, document_id: UUID, company_id: UUID | None, zone: str
) -> FlowRule | None:
    """The rule for a stored document, or None when the step may simply be taken.

    Of a company's active flows for the step the first by priority and code whose condition holds counts; the class's
    own rule counts only where the company has no active flow for the step.

    Raises:
        Refused: the condition cannot be told of this document.
    """
    found = flows_of(session, spec.name, step.name, company_id)
    if not found and step.approval is not None:
        found = [step.approval.rule()]
    return next((one for one in found if met(session, spec, document_id, one.condition, zone)), None)


def flows_of(session: Session, document_type: str, step_name: str, company_id: UUID | None) -> list[FlowRule]:
    """A company's active flows for a step, the first to be tried first."""
    flow, line = spec_of("ApprovalFlow").table, spec_of("ApprovalFlowStep").table
    wanted = select(flow).where(flow.c.document_type == document_type, flow.c.step_name == step_name, flow.c.active)
    wanted = wanted.where(flow.c.company_id == company_id).order_by(flow.c.priority, flow.c.code)
    rows = session.execute(wanted).mappings().all()
    if not rows:
        return []
    steps: dict[UUID, list[SignerRule]] = {row["id"]: [] for row in rows}
    lines = select(line).where(line.c.approval_flow_id.in_(steps)).order_by(line.c.position)
    for row in session.execute(lines).mappings():
        steps[row["approval_flow_id"]].append(_signer_rule(row))
    return [
        FlowRule(
            row["condition"],
            tuple(steps[row["id"]]),
            row["name"],
            row["id"],
            row["self_approval"],
            row["skip_repeated"],
        )
        for row in rows
    ]


def _signer_rule(row: Any) -> SignerRule:
    return SignerRule(
        row["name"],
        row["kind"],
        tuple(row["who"]),
        row["mode"],
        row["together"],
        row["condition"],
        row["hours"],
        row["escalate_to"],
    )
