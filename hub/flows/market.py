"""From the market to the works: what customers say and want, and what we mean to sell, reaches those who act on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from hub import writes
from hub.context import Ctx
from hub.document import today
from hub.document.flow import on
from hub.document.registry import spec
from hub.rules.versions import next_version

_MET = {"visit": "visit", "call": "call", "online": "message", "exhibition": "meeting"}
"""How people met, by the channel of a survey."""


@on("CustomerSurvey", "complete")
def was_asked(survey: Any, ctx: Ctx) -> None:
    """The conversation stands among the customer's, with its conclusion."""
    if survey.customer_id is None:
        return
    able = ctx.with_all_rights()
    noon = datetime.combine(survey.survey_date, time(12), ZoneInfo(ctx.viewer.time_zone))
    values = {
        "customer": survey.customer_id,
        "interaction_at": noon,
        "kind": _MET[survey.channel.value],
        "contact_name": survey.contact_name,
        "subject": survey.topic,
        "content": survey.needs,
        "sales_rep": survey.sales_rep_id,
        "department": survey.department_id,
    }
    made = writes.create(able, "Interaction", values)
    writes.run_step(able, "Interaction", made.id, "finish", {"outcome": survey.conclusion or survey.topic})


@on("CustomizationRequest", "approve")
def to_be_designed(request: Any, ctx: Ctx) -> None:
    """What is to be made to measure of an item gets the draft of its next design, unless one is named."""
    if request.product_design_id is not None or request.item_id is None:
        return
    design = spec("ProductDesign").table
    known = ctx.session.execute(
        select(design.c.design_version, design.c.start_date)
        .where(design.c.item_id == request.item_id)
        .order_by(design.c.start_date.desc(), design.c.id.desc())
    ).all()
    values = {
        "item": request.item_id,
        "design_version": next_version(known[0].design_version, {row.design_version for row in known})
        if known
        else "A",
        "scheme": request.requirement,
        "change_reason": f"{request.number}：{request.requirement}",
        "start_date": max([request.wanted_date or today(), *(row.start_date for row in known)]),
    }
    request.product_design_id = writes.create(ctx.with_all_rights(), "ProductDesign", values).id


@on("SalesPlan", "approve")
def to_be_foreseen(plan: Any, ctx: Ctx) -> None:
    """What the plan means to sell of items stands as a draft forecast, which production plans from once approved."""
    lines = list(_foreseen(plan))
    if not lines:
        return
    months = [line["month"] for line in lines]
    last = max(months)
    values = {
        "period_from_date": min(months),
        "period_until_date": last.replace(day=28),
        "department": plan.department_id,
        "note": plan.number,
        "lines": lines,
    }
    writes.create(ctx.with_all_rights(), "MarketForecast", values)


def _foreseen(plan: Any) -> Iterator[dict[str, Any]]:
    for line in plan.lines:
        if line.item_id is not None and line.quantity > 0:
            month = date(plan.year, line.month, 1)
            yield {"month": month, "item": line.item_id, "quantity": line.quantity}


@on("QualityComplaint", "accept")
def held(complaint: Any, ctx: Ctx) -> None:
    """What is left of a lot that is fatally complained about is used no further until it is judged."""
    if complaint.lot_id is not None and complaint.severity.value == "critical":
        writes.update(ctx.with_all_rights(), "Lot", complaint.lot_id, {"status": "on_hold"})


_BAD = 2
"""From 1 to 5: whoever gives this or less is called."""


def _to_be_called(survey: Any, ctx: Ctx) -> None:
    """Whoever is not content is to be called on the next day, by his salesperson, about what he said."""
    scores = {name: getattr(survey, name) for name in spec(type(survey).__name__).fields if name.endswith("_score")}
    bad = [name for name, score in scores.items() if score is not None and score <= _BAD]
    if not bad:
        return
    said = "、".join(f"{spec(type(survey).__name__).fields[name].label.chinese} {scores[name]}" for name in bad)
    values = {
        "customer": survey.customer_id,
        "interaction_at": datetime.combine(today() + timedelta(days=1), time(9), ZoneInfo(ctx.viewer.time_zone)),
        "kind": "call",
        "sales_rep": ctx.session.get_one(spec("Customer").model, survey.customer_id).sales_rep_id,
        "contact_name": survey.contact_name,
        "subject": f"{survey.number}：{said}",
        "content": survey.comment,
    }
    writes.create(ctx.with_all_rights(), "Interaction", values)


for _survey in ("SatisfactionSurvey", "ExperienceSurvey"):
    on(_survey, "answer")(_to_be_called)
