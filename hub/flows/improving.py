"""From what was improved to what changes by it: the cause found is known to the nonconformance, designs follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from hub import writes
from hub.context import Ctx
from hub.document.flow import conversion, on
from hub.document.registry import spec
from hub.errors import Problem, problem


@on("CorrectiveAction", "verify")
def cause_found(action: Any, ctx: Ctx) -> None:
    """The root cause (D4) is the cause of the nonconformance, unless that names one already."""
    if action.non_conformance_id is None:
        return
    paper = ctx.session.get_one(spec("NonConformance").model, action.non_conformance_id)
    if not paper.cause:
        writes.update(ctx.with_all_rights(), "NonConformance", paper.id, {"cause": action.root_cause})


@on("NonConformance", "close")
def improved_first(paper: Any, ctx: Ctx) -> Iterator[Problem]:
    """A nonconformance stays open as long as an 8D report about it does."""
    action = spec("CorrectiveAction").table
    running = select(action.c.number).where(
        action.c.non_conformance_id == paper.id, action.c.state.in_(("started", "verified"))
    )
    for number in ctx.session.scalars(running.order_by(action.c.number)):
        yield problem(
            "CORRECTION_OPEN",
            f"改进计划 {number} 尚未关闭。",
            f"Corrective action {number} is not closed yet.",
            "state",
            hint=(f"请先关闭或取消 {number}。", f"Close or cancel {number} first."),
        )


@conversion(
    "CorrectiveAction",
    "EngineeringChange",
    label=("转技术变更", "Change the design"),
    states=("started", "verified"),
    link="corrective_action",
    again=True,
)
def change_of(action: Any, ctx: Ctx) -> dict[str, Any]:
    """A change of the item that did not pass, with the root cause as its reason; what changes is for the engineer."""
    paper = None
    if action.non_conformance_id is not None:
        paper = ctx.session.get_one(spec("NonConformance").model, action.non_conformance_id)
    item = None if paper is None else paper.item_id
    return {
        "kind": "quality",
        "item": item,
        "quality_complaint": action.quality_complaint_id,
        "department": action.department_id,
        "requester": action.leader_id,
        "reason": action.root_cause or action.problem,
        "description": action.corrective_measures,
        "items": [{"item": item}] if item is not None else [],
    }
