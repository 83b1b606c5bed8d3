"""Requests turned into purchases: what is open of them, shared out over what suppliers offer, as lines of a plan.

The arithmetic is `hub.rules.sourcing`; here it is given the requests and offers there are, and its answer is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from hub.context import Ctx
from hub.document.edit import stamp
from hub.document.fields import today
from hub.document.links import Links
from hub.document.registry import spec
from hub.errors import Invalid, Problem, Refused, problem
from hub.ledgers import supply
from hub.ledgers.following import taken
from hub.rules.money import ZERO
from hub.rules.sourcing import Judgement, Need, Offer, Purchase, Sourcing, source

METHODS: Mapping[str, Judgement] = {
    "balanced": Judgement(),
    "price": Judgement(per_point=ZERO, per_day_late=ZERO),
    "lead_time": Judgement(per_day_late=Decimal(1)),
}
"""What counts beside the price, by the plan's method."""
_PLANNED = ("calculated", "approved", "closed")
_LIVE = ("draft", "submitted", "confirmed", "closed")


def calculate(ctx: Ctx, plan: Any) -> None:
    """Replace a plan's lines by what the open lines of all approved requests ask for.

    Raises:
        Refused: NOTHING_TO_PLAN.
    """
    needs = list(_needs(ctx, plan))
    if not needs:
        raise Refused(
            problem(
                "NOTHING_TO_PLAN",
                "没有已批准且未计划的采购需求。",
                "No approved purchase request is open.",
                hint=("请先批准采购需求。", "Approve purchase requests first."),
            )
        )
    supplies = supply.known(ctx, plan.company_id, [UUID(str(need.item)) for need in needs])
    suppliers = {one.offer.supplier: one.supplier_id for one in supplies}
    found = source(needs, _by_item(supplies), today(), METHODS[plan.method.value])
    plan.lines.clear()
    ctx.session.flush()
    model = spec("PurchasePlanLine").model
    for position, values in enumerate(_rows(found, suppliers), 1):
        plan.lines.append(model(**values, position=position))
    stamp(ctx, spec("PurchasePlan"), plan)


def _by_item(supplies: Iterable[supply.Supply]) -> dict[Any, list[Offer]]:
    offers: dict[Any, list[Offer]] = {}
    for one in supplies:
        offers.setdefault(one.item_id, []).append(one.offer)
    return offers


def _needs(ctx: Ctx, plan: Any) -> Iterator[Need[UUID]]:
    """Lines of approved requests, locked, less what other live plans and orders of their own have of them."""
    line, request = spec("PurchaseRequestLine").table, spec("PurchaseRequest").table
    rows = ctx.session.execute(
        select(line.c.id, line.c.item_id, line.c.quantity)
        .add_columns(func.coalesce(line.c.needed_date, request.c.needed_date, request.c.request_date).label("day"))
        .join_from(line, request, request.c.id == line.c.purchase_request_id)
        .where(request.c.company_id == plan.company_id, request.c.state == "approved")
        .order_by(line.c.id)
        .with_for_update(of=line)
    ).all()
    ids = [row.id for row in rows]
    planned = taken(ctx, ids, "PurchasePlan", "request_line", _PLANNED, besides=plan.id)
    # an order's line that a plan made counts as planned
    ordered = taken(ctx, ids, "PurchaseOrder", "request_line", _LIVE, only=lambda line: line.c.plan_line_id.is_(None))
    for row in rows:
        left = row.quantity - planned.get(row.id, ZERO) - ordered.get(row.id, ZERO)
        if left > 0:
            yield Need(row.id, row.item_id, left, row.day)


def _rows(found: Sourcing[UUID], suppliers: Mapping[str, UUID]) -> Iterator[dict[str, Any]]:
    """A line for each request served by a purchase, one for what is bought beyond, one for what nobody can bring."""
    for one in found.purchases:
        common = {
            "item_id": one.item,
            "supplier_id": suppliers[one.offer.supplier],
            "unit_price": one.unit_price,
            "reason": _reason(one),
        }
        for share in one.serves:
            yield {
                **common,
                "request_line_id": share.need.key,
                "quantity": share.quantity,
                "needed_date": share.need.needed_date,
            }
        if one.left > 0:
            yield {**common, "quantity": one.left, "reason": "最小批量或批量倍数的余量 Beyond the need, by lots"}
    for short in found.short:
        yield {
            "item_id": short.need.item,
            "request_line_id": short.need.key,
            "quantity": short.quantity,
            "needed_date": short.need.needed_date,
            "reason": "没有准入供应商的有效报价 No admitted supplier offers it",
        }


def _reason(one: Purchase[UUID]) -> str:
    price, score = f"{one.unit_price.normalize():f}", f"{one.offer.score.normalize():f}"
    return f"单价 {price}，{one.arrival_date} 到货，评分 {score} Price, arrival, score"


def assign(ctx: Ctx, plan: Any, position: int, supplier: str, unit_price: Decimal | None) -> None:
    """Let a person choose otherwise for one line: another supplier, at a price.

    Raises:
        Invalid: LINK_UNKNOWN, LINE_UNKNOWN.
    """
    line_spec, given, values = spec("PurchasePlanLine"), {"supplier": supplier}, dict[str, Any]()
    links = Links(ctx.session, ctx.viewer, plan.company_id)
    links.want(line_spec, given)
    links.resolve()
    problems = links.fill(line_spec, given, values, ())
    line = next((one for one in plan.lines if one.position == position), None)
    if line is None:
        problems.append(problem("LINE_UNKNOWN", "单据中没有这一行。", "The document has no such line.", "position"))
    Invalid.raise_all(problems)
    assert line is not None
    line.supplier_id, line.reason = values["supplier_id"], "人工选定 Chosen by a person"
    if unit_price is not None:
        line.unit_price = unit_price


def not_orderable(ctx: Ctx, plan: Any) -> Iterator[Problem]:
    """Lines without a supplier, or with one that is not admitted."""
    asked: dict[UUID, list[Problem]] = {}
    for index, line in enumerate(plan.lines):
        path = ("lines", str(index))
        if line.supplier_id is None:
            yield problem(
                "SUPPLIER_MISSING",
                f"第 {index + 1} 行没有供应商。",
                f"Line {index + 1} has no supplier.",
                *(*path, "supplier"),
                hint=("请询价，或为该行选定供应商。", "Ask for quotations, or choose a supplier for the line."),
            )
            continue
        if line.supplier_id not in asked:
            asked[line.supplier_id] = list(supply.not_admitted(ctx, line.supplier_id))
            yield from (found.under(*path) for found in asked[line.supplier_id])


def compare(ctx: Ctx, inquiry: Any) -> None:
    """Mark the offers of an inquiry that are best together for all it asks for, and how much to buy of each.

    Raises:
        Refused: NO_OFFER when no answer of an admitted supplier holds.
    """
    supplies = supply.quoted(ctx, inquiry)
    if not supplies:
        raise Refused(
            problem(
                "NO_OFFER",
                "没有准入供应商的有效报价。",
                "No offer of an admitted supplier holds.",
                "offers",
                hint=("请先登记报价。", "Enter offers first."),
            )
        )
    suppliers = {one.offer.supplier: one.supplier_id for one in supplies}
    needs = [Need(line.id, line.item_id, line.quantity, line.needed_date or inquiry.rfq_date) for line in inquiry.lines]
    for one in inquiry.offers:
        one.chosen, one.chosen_quantity = False, ZERO
    for purchase in source(needs, _by_item(supplies), today()).purchases:
        theirs = [
            one
            for one in inquiry.offers
            if (one.item_id, one.supplier_id) == (purchase.item, suppliers[purchase.offer.supplier])
        ]
        best = max((one for one in theirs if one.quantity <= purchase.quantity), key=lambda one: one.quantity)
        best.chosen, best.chosen_quantity = True, best.chosen_quantity + purchase.quantity
