"""What a plan and a schedule set going: production orders, a purchase request, the schedule before it set aside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from hub import writes
from hub.context import Ctx
from hub.document.flow import on
from hub.document.registry import spec
from hub.ledgers import production


@on("ProductionPlan", "approve")
def carried_out(plan: Any, ctx: Ctx) -> None:
    """A production order for each accepted proposal to make, with the order lines it serves; one purchase request."""
    accepted = [one for one in plan.proposals if one.accepted]
    for one in accepted:
        if one.kind == "production":
            writes.create(ctx.with_all_rights(), "ProductionOrder", _order(plan, one))
    bought = [one for one in accepted if one.kind == "purchase"]
    if bought:
        writes.create(ctx.with_all_rights(), "PurchaseRequest", _request(plan, bought))


def _order(plan: Any, proposal: Any) -> dict[str, Any]:
    demands = [
        {"order_line": peg.sales_order_line_id, "quantity": peg.quantity}
        for peg in plan.pegs
        if peg.proposal_id == proposal.id and peg.sales_order_line_id is not None
    ]
    return {
        "item": proposal.item_id,
        "quantity": proposal.quantity,
        "planned_start_date": proposal.start_date,
        "planned_finish_date": proposal.due_date,
        "production_plan": plan.id,
        "planner": plan.planner_id,
        "department": plan.department_id,
        "demands": demands,
    }


def _request(plan: Any, proposals: Sequence[Any]) -> dict[str, Any]:
    """All that is to be bought, each by the day on which it is needed."""
    return {
        "production_plan": plan.id,
        "department": plan.department_id,
        "requester": plan.planner_id,
        "lines": [
            {
                "item": one.item_id,
                "quantity": one.quantity,
                "needed_date": one.due_date,
                "sales_order_line": one.sales_order_line_id,
            }
            for one in proposals
        ],
    }


@on("Schedule", "publish")
def superseded(schedule: Any, ctx: Ctx) -> None:
    """One schedule is in force for a site, and one for all sites together."""
    table = spec("Schedule").table
    found = select(table.c.id).where(
        table.c.company_id == schedule.company_id,
        table.c.site_id.is_not_distinct_from(schedule.site_id),
        table.c.state == "published",
        table.c.id != schedule.id,
    )
    for other in list(ctx.session.scalars(found.order_by(table.c.id))):
        writes.run_step(ctx.with_all_rights(), "Schedule", other, "supersede", {})


@on("OperationReport", "post")
def scrapped(report: Any, ctx: Ctx) -> None:
    """What was scrapped at work is scrap of the order."""
    _scrap(report, ctx, 1)


@on("OperationReport", "cancel")
def not_scrapped(report: Any, ctx: Ctx) -> None:
    """A report that had been posted is taken off again."""
    entry = spec("HoursEntry").table
    posted = select(entry.c.id).where(
        entry.c.company_id == report.company_id,
        entry.c.document_type == "OperationReport",
        entry.c.document_number == report.number,
    )
    if ctx.session.execute(posted.limit(1)).first() is not None:
        _scrap(report, ctx, -1)


def _scrap(report: Any, ctx: Ctx, sign: int) -> None:
    quantity = sum(line.scrap_quantity for line in report.lines)
    if not quantity or report.production_order_id is None:
        return
    order = production.held_order(ctx, report)
    order.scrap_quantity += sign * quantity
