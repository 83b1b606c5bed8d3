"""What the hub does about approvals by itself: what waits too long goes to the superior or the role its flow names."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Engine, select

from hub.context import system_viewer
from hub.document.approvals import ApprovalState, TaskState
from hub.document.registry import spec as spec_of
from hub.duties import Duty
from hub.errors import HubError
from hub.writes import run_step, unit_of_work

log = logging.getLogger("hub.approvals")

SECONDS = 60.0
"""How often it is looked; time limits are hours."""


def overdue(engine: Engine, now: datetime) -> list[UUID]:
    """The running approvals in which somebody has let his time run out by `now` and has not been escalated yet."""
    approval, task = spec_of("Approval").table, spec_of("ApprovalTask").table
    late = select(approval.c.id).join_from(task, approval, approval.c.id == task.c.approval_id).distinct()
    late = late.where(
        task.c.due_at <= now,
        task.c.escalated_at.is_(None),
        task.c.state == TaskState.OPEN,
        ~task.c.past,
        approval.c.state == ApprovalState.RUNNING,
    )
    with engine.connect() as connection:
        return list(connection.execute(late.order_by(approval.c.id)).scalars())


def escalate_overdue(engine: Engine, now: datetime | None = None) -> list[UUID]:
    """Escalate what is overdue by `now`, each approval in a transaction of its own; returns which."""
    moment = now or datetime.now(UTC)
    found = overdue(engine, moment)
    for approval_id in found:
        try:
            with unit_of_work(engine, system_viewer("approvals"), "duty") as ctx:
                run_step(ctx, "Approval", approval_id, "escalate", {"at": moment})
        except HubError as error:  # signed or withdrawn meanwhile; the others are escalated all the same
            log.info("approval %s was not escalated: %s", approval_id, error)
    return found


ESCALATION = Duty("approvals", SECONDS, escalate_overdue)
