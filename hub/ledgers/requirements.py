"""The requirements run of a production plan: gathers needs, stock and what is under way, and writes what the rule says.

Items are known to the rule by their codes, as the bills of material are. Needs are the open lines of confirmed orders,
forecasts, the open materials of running production and what the plan's own lines say; stock is what may be used.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from hub.context import Ctx
from hub.document.edit import stamp
from hub.document.fields import CHINA
from hub.document.positions import replace_lines
from hub.document.registry import spec
from hub.errors import Problem, problem
from hub.ledgers import structures, working_time
from hub.rules.bom import Structures
from hub.rules.lots import LotRule
from hub.rules.planning import (
    SAFETY,
    STOCK,
    Demand,
    Material,
    Message,
    Plan,
    Proposal,
    Supply,
    left_of_forecast,
    planned,
)

_ITEMS = text(
    "SELECT i.id, i.code, i.kind, i.supplier_id, coalesce(i.lead_time_days, 0) AS lead_time_days, "
    "coalesce(i.safety_stock, 0) AS safety_stock, coalesce(i.minimum_lot, 0) AS minimum_lot, "
    "coalesce(i.lot_multiple, 0) AS lot_multiple, "
    "coalesce((SELECT sum(b.quantity) FROM hub.stock_balance b WHERE b.item_id = i.id AND b.company_id = :company "
    "          AND b.status = 'available'), 0) AS on_hand "
    "FROM hub.item i WHERE i.company_id = :company AND i.kind <> 'service'"
)
_ORDERS = text(
    "SELECT l.id, i.code AS item, coalesce(l.promised_date, o.promised_date, o.order_date) AS day, "
    "l.quantity - coalesce((SELECT sum(d.quantity) FROM hub.delivery_line d "
    "  JOIN hub.delivery h ON h.id = d.delivery_id WHERE d.order_line_id = l.id "
    "  AND h.state IN ('confirmed', 'signed')), 0) "
    "+ coalesce((SELECT sum(b.quantity) FROM hub.delivery_line d "
    "  JOIN hub.sales_return_line b ON b.delivery_line_id = d.id JOIN hub.sales_return r ON r.id = b.sales_return_id "
    "  WHERE d.order_line_id = l.id AND r.state = 'posted' AND NOT b.credited), 0) AS quantity "
    "FROM hub.sales_order_line l JOIN hub.sales_order o ON o.id = l.sales_order_id JOIN hub.item i ON i.id = l.item_id "
    "WHERE o.company_id = :company AND o.state = 'confirmed' AND i.kind <> 'service' "
    "AND coalesce(l.promised_date, o.promised_date, o.order_date) <= :until"
)
_FORECAST = text(
    "SELECT l.id, i.code AS item, greatest(l.month, cast(:since AS date)) AS day, "
    "round(l.quantity * l.probability / 100, 4) AS quantity "
    "FROM hub.market_forecast_line l JOIN hub.market_forecast f ON f.id = l.market_forecast_id "
    "JOIN hub.item i ON i.id = l.item_id WHERE f.company_id = :company AND f.state = 'approved' "
    "AND l.month <= :until AND l.month >= date_trunc('month', cast(:since AS date))"
)
_MATERIALS = text(
    "SELECT m.id, i.code AS item, coalesce(o.planned_start_date, :today) AS day, "
    "m.required_quantity - m.issued_quantity AS quantity "
    "FROM hub.production_order_material m JOIN hub.production_order o ON o.id = m.production_order_id "
    "JOIN hub.item i ON i.id = m.item_id WHERE o.company_id = :company AND i.kind <> 'service' "
    "AND o.state IN ('planned', 'released', 'paused') AND m.required_quantity > m.issued_quantity"
)
_RUNNING = text(
    "SELECT o.id, o.number AS name, i.code AS item, coalesce(o.planned_finish_date, :today) AS day, "
    "o.quantity - o.completed_quantity AS quantity FROM hub.production_order o JOIN hub.item i ON i.id = o.item_id "
    "WHERE o.company_id = :company AND o.state IN ('planned', 'released', 'paused') "
    "AND o.quantity > o.completed_quantity AND i.kind <> 'service'"
)
_BOUGHT = text(
    "SELECT l.id, o.number || '/' || l.position AS name, i.code AS item, "
    "coalesce(l.promised_date, o.promised_date, o.order_date) AS day, "
    "l.quantity - coalesce((SELECT sum(r.quantity) FROM hub.purchase_receipt_line r "
    "  JOIN hub.purchase_receipt h ON h.id = r.purchase_receipt_id "
    "  WHERE r.order_line_id = l.id AND h.state = 'confirmed'), 0) AS quantity "
    "FROM hub.purchase_order_line l JOIN hub.purchase_order o ON o.id = l.purchase_order_id "
    "JOIN hub.item i ON i.id = l.item_id "
    "WHERE o.company_id = :company AND o.state = 'confirmed' AND i.kind <> 'service'"
)
_REQUESTED = text(
    "SELECT l.id, r.number || '/' || l.position AS name, i.code AS item, "
    "coalesce(l.needed_date, r.needed_date, r.request_date) AS day, "
    "l.quantity - coalesce((SELECT sum(p.quantity) FROM hub.purchase_order_line p "
    "  JOIN hub.purchase_order o ON o.id = p.purchase_order_id "
    "  WHERE p.request_line_id = l.id AND o.state IN ('confirmed', 'closed')), 0) AS quantity "
    "FROM hub.purchase_request_line l JOIN hub.purchase_request r ON r.id = l.purchase_request_id "
    "JOIN hub.item i ON i.id = l.item_id "
    "WHERE r.company_id = :company AND r.state IN ('draft', 'submitted', 'approved') AND i.kind <> 'service'"
)
_MADE = ("semi_finished", "finished")


@dataclass
class _World:
    """What a run knows, with the names that the rule's keys stand for."""

    ids: dict[str, UUID]
    materials: list[Material]
    demands: list[Demand]
    supplies: list[Supply]
    kinds: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def calculate(ctx: Ctx, plan: Any) -> None:
    """Run the rule and write its outcome into the plan: needs with their days, proposals, pegs.

    Raises:
        Refused: BOM_LOOP, UNIT_UNUSABLE, CALENDAR_WITHOUT_WORKDAYS. Invalid: ITEM_NOT_PLANNED, LOT_RULE_CONTRADICTS.
    """
    day = plan.from_date
    made_of = structures.of_items(ctx, plan.company_id, day)
    world = _gathered(ctx, plan, day, made_of)
    calendar = working_time.of_company(ctx, plan.company_id)
    outcome = planned(world.materials, world.demands, world.supplies, made_of, calendar, day)
    _write_needs(plan, world, outcome)
    _write_proposals(plan, world, outcome)
    plan.calculated_at = datetime.now(CHINA)
    stamp(ctx, spec("ProductionPlan"), plan)


def outdated(ctx: Ctx, plan: Any) -> Iterator[Problem]:
    """PLAN_OUTDATED when another plan has been approved since this one was calculated: both would make the same."""
    table = spec("ProductionPlan").table
    since = select(table.c.number).where(
        table.c.company_id == plan.company_id,
        table.c.id != plan.id,
        table.c.state == "approved",
        table.c.updated_at > plan.calculated_at,
    )
    if number := ctx.session.scalars(since.order_by(table.c.number).limit(1)).first():
        yield problem(
            "PLAN_OUTDATED",
            f"运算之后 {number} 已批准。",
            f"{number} has been approved since this was calculated.",
            "calculatedAt",
            hint=("请重新运算。", "Calculate it again."),
        )


def _gathered(ctx: Ctx, plan: Any, day: date, made_of: Structures[str]) -> _World:
    about = {"company": plan.company_id, "until": plan.until_date, "since": day, "today": day}
    rows = ctx.session.execute(_ITEMS, about).all()
    world = _World({row.code: row.id for row in rows}, [_material(row, made_of) for row in rows], [], [])
    code = {id_: one for one, id_ in world.ids.items()}
    orders = list(_demands(ctx, _ORDERS, about))
    if plan.source in ("orders", "both"):
        _need(world, orders, "sales_order")
    if plan.source in ("forecast", "both"):
        _need(world, left_of_forecast(_demands(ctx, _FORECAST, about), orders), "forecast")
    _need(world, _demands(ctx, _MATERIALS, about), "production")
    by_hand = (line for line in plan.lines if line.demand_kind == "manual" and line.item_id in code)
    _need(
        world, [Demand(f"{line.id}", code[line.item_id], line.quantity, line.needed_date) for line in by_hand], "manual"
    )
    for query in (_RUNNING, _BOUGHT, _REQUESTED):
        for row in ctx.session.execute(query, about):
            if row.quantity > 0:
                world.names[str(row.id)] = row.name
                world.supplies.append(Supply(str(row.id), row.item, row.quantity, row.day))
    return world


def _material(row: Any, made_of: Structures[str]) -> Material:
    """Made is what has a bill of material, and products that no supplier delivers."""
    is_made = made_of.of(row.code) is not None or (row.kind in _MADE and row.supplier_id is None)
    lot = LotRule(row.minimum_lot, row.lot_multiple)
    return Material(row.code, is_made, row.lead_time_days, row.on_hand, row.safety_stock, lot)


def _demands(ctx: Ctx, query: Any, about: Mapping[str, Any]) -> Iterator[Demand]:
    for row in ctx.session.execute(query, about):
        if row.quantity > 0:
            yield Demand(str(row.id), row.item, row.quantity, row.day)


def _need(world: _World, demands: Any, kind: str) -> None:
    for one in demands:
        world.demands.append(one)
        world.kinds[one.key] = kind


def _write_needs(plan: Any, world: _World, outcome: Plan) -> None:
    """The plan's lines: by hand as they were, the others anew, each with the day on which all of it is there."""
    kept = [line for line in plan.lines if line.demand_kind == "manual"]
    for line in kept:
        line.expected_date = outcome.expected.get(str(line.id))
    model = spec("ProductionPlanLine").model
    wanted = (one for one in world.demands if world.kinds[one.key] in ("sales_order", "forecast"))
    found = [
        model(
            item_id=world.ids[one.item],
            demand_kind=world.kinds[one.key],
            quantity=one.quantity,
            needed_date=one.day,
            expected_date=outcome.expected[one.key],
            market_forecast_line_id=UUID(one.key) if world.kinds[one.key] == "forecast" else None,
            **_served(world, one.key),
        )
        for one in sorted(wanted, key=lambda one: (one.day, one.item, one.key))
    ]
    replace_lines(plan, "lines", kept, found)


def _write_proposals(plan: Any, world: _World, outcome: Plan) -> None:
    model, peg_model = spec("ProductionPlanProposal").model, spec("ProductionPlanPeg").model
    item_of = {one.key: one.item for one in outcome.proposals}
    served: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    parents: dict[str, list[str]] = defaultdict(list)
    for peg in outcome.pegs:
        served[peg.source][peg.origin] += peg.quantity
        if peg.parent is not None:
            parents[peg.source].append(item_of[peg.parent])
    proposals, pegs = [], []
    for one in outcome.proposals:
        row = model(**_proposed(world, one, served[one.key], parents[one.key]))
        proposals.append(row)
        pegs += [
            peg_model(proposal=row, demand_kind=_kind(world, origin), quantity=quantity, **_served(world, origin))
            for origin, quantity in served[one.key].items()
        ]
    proposals += [model(**_advised(world, one)) for one in outcome.messages]
    replace_lines(plan, "pegs", [], pegs)
    replace_lines(plan, "proposals", [], proposals)


def _proposed(world: _World, one: Proposal, served: Mapping[str, Decimal], parents: list[str]) -> dict[str, Any]:
    first = next((_served(world, origin) for origin in served if _served(world, origin)), {})
    reason = None
    if one.waits_for is not None:
        reason = f"等待 {one.waits_for}，到 {one.expected} (waits for {one.waits_for} until {one.expected})"
    elif one.finish > one.needed:
        reason = f"提前期不足，需要 {one.needed} (lead time: needed on {one.needed})"
    return {
        "item_id": world.ids[one.item],
        "kind": "production" if one.is_made else "purchase",
        "quantity": one.quantity,
        "start_date": one.start,
        "due_date": one.finish,
        "needed_date": one.needed,
        "expected_date": one.expected,
        "parent_item_id": world.ids[parents[0]] if parents else None,
        "reason": reason,
        "accepted": True,
        **first,
    }


def _advised(world: _World, message: Message) -> dict[str, Any]:
    """What to do about something under way: its document's number stands in the reason."""
    name = world.names[message.supply]
    return {
        "item_id": world.ids[message.item],
        "kind": message.kind,
        "quantity": message.quantity,
        "due_date": message.day,
        "needed_date": message.to,
        "reason": f"{name}：{message.day}" + (f" → {message.to}" if message.to else ""),
        "accepted": False,
    }


def _kind(world: _World, origin: str) -> str:
    return {SAFETY: "safety_stock", STOCK: "stock"}.get(origin) or world.kinds[origin]


def _served(world: _World, origin: str) -> dict[str, Any]:
    """The link to the order line that an origin is."""
    return {"sales_order_line_id": UUID(origin)} if world.kinds.get(origin) == "sales_order" else {}
