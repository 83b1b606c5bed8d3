"""From the market to the works: what customers say and want, and what we mean to sell, reaches those who act on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from hub import writes
from hub.context import Ctx
from hub.document import today
from hub.document.fields import CHINA
from hub.document.flow import on
from hub.document.registry import spec
from hub.ledgers import stock
from hub.rules.versions import next_version

_MET = {"visit": "visit", "call": "call", "online": "message", "exhibition": "meeting"}
"""How people met, by the channel of a survey."""


@on("CustomerSurvey", "complete")
def was_asked(survey: Any, ctx: Ctx) -> None:
    """The conversation stands among the customer's, with its conclusion."""
    if survey.customer_id is None:
        return
    able = ctx.with_all_rights()
    values = {
        "customer": survey.customer_id,
        "interaction_at": stock.moment(survey.survey_date),
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
    taken = [row.design_version for row in known]
    values = {
        "item": request.item_id,
        "design_version": next_version(taken[0], taken) if taken else "A",
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
    values = {
        "period_from_date": min(months),
        "period_until_date": max(months).replace(day=28),
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


_BAD = 2
"""From 1 to 5: whoever gives this or less is called."""


def _to_be_called(survey: Any, ctx: Ctx) -> None:
    """Whoever is not content is to be called on the next day, by his salesperson, about what he said."""
    asked = [one for name, one in spec(type(survey).__name__).fields.items() if name.endswith("_score")]
    scores = [(one.label.chinese, getattr(survey, one.name)) for one in asked]
    said = "、".join(f"{label} {score}" for label, score in scores if score is not None and score <= _BAD)
    if not said:
        return
    values = {
        "customer": survey.customer_id,
        "interaction_at": datetime.combine(today() + timedelta(days=1), time(9), CHINA),
        "kind": "call",
        "sales_rep": ctx.session.get_one(spec("Customer").model, survey.customer_id).sales_rep_id,
        "contact_name": survey.contact_name,
        "subject": f"{survey.number}：{said}",
        "content": survey.comment,
    }
    writes.create(ctx.with_all_rights(), "Interaction", values)


for _survey in ("SatisfactionSurvey", "ExperienceSurvey"):
    on(_survey, "answer")(_to_be_called)
