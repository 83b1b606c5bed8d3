"""The requirements run over the verbs: what it proposes, for whom, and what approval makes of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.planning.conftest import MONDAY, Factory

PROPOSALS = """SELECT i.code, p.kind, p.quantity, p.start_date, p.due_date, p.expected_date, p.reason, x.code AS parent
    FROM hub.production_plan_proposal p JOIN hub.item i ON i.id = p.item_id
    LEFT JOIN hub.item x ON x.id = p.parent_item_id
    WHERE p.production_plan_id = :id ORDER BY p.position"""
PEGS = """SELECT i.code, g.demand_kind, g.quantity, g.sales_order_line_id AS line FROM hub.production_plan_peg g
    JOIN hub.production_plan_proposal p ON p.id = g.proposal_id JOIN hub.item i ON i.id = p.item_id
    WHERE g.production_plan_id = :id ORDER BY g.position"""
D = Decimal


def calculated(factory: Factory, **more: Any) -> UUID:
    values = {"from_date": MONDAY, "until_date": date(2026, 6, 30), "source": "orders", **more}
    return factory.create("ProductionPlan", values, "calculate")


def stocked(factory: Factory, item: str, quantity: str) -> None:
    values = {"warehouse": "W1", "adjustment_date": MONDAY, "lines": [{"item": item, "quantity": quantity}]}
    factory.create("StockAdjustment", values, "post")


def test_a_run_nets_explodes_offsets_and_pegs(factory: Factory) -> None:
    stocked(factory, "CUP", "100")
    stocked(factory, "PP", "10")
    first = factory.sold("CUP", "600", date(2026, 5, 20))
    second = factory.sold("CUP", "500", date(2026, 5, 20))
    plan = calculated(factory)
    found = [
        (row.code, row.kind, row.quantity, row.due_date.day, row.parent) for row in factory.rows(PROPOSALS, id=plan)
    ]
    assert found == [
        ("CUP", "production", D(1000), 20, None),
        ("LID", "production", D(1000), 18, "CUP"),
        ("PP", "purchase", D(10), 16, "LID"),
        ("PP", "purchase", D(50), 18, "CUP"),
    ]
    pegs = factory.rows(PEGS, id=plan)
    assert {(row.line, row.quantity) for row in pegs if row.code == "CUP"} in (
        {(first, D(500)), (second, D(500))},
        {(first, D(600)), (second, D(400))},
    )
    assert sum(row.quantity for row in pegs if row.code == "PP") == D(60)
    assert {row.line for row in pegs} == {first, second}
    lines = factory.rows("SELECT expected_date FROM hub.production_plan_line WHERE production_plan_id = :id", id=plan)
    assert [row.expected_date for row in lines] == [date(2026, 5, 20)] * 2


def test_a_forecast_is_planned_as_far_as_orders_leave_of_it(factory: Factory) -> None:
    period = {"period_from_date": "2026-05-01", "period_until_date": "2026-06-30"}
    months = [
        {"month": "2026-05-01", "item": "CUP", "quantity": "1000", "probability": "80"},
        {"month": "2026-06-01", "item": "CUP", "quantity": "300"},
    ]
    forecast = factory.create("MarketForecast", {**period, "lines": months})
    factory.sold("CUP", "500", date(2026, 5, 20))
    needs = """SELECT l.demand_kind, l.quantity, l.needed_date, f.month FROM hub.production_plan_line l
        LEFT JOIN hub.market_forecast_line f ON f.id = l.market_forecast_line_id
        WHERE l.production_plan_id = :id ORDER BY l.needed_date"""
    of_orders = ("sales_order", D(500), date(2026, 5, 20), None)
    before = factory.rows(needs, id=calculated(factory, source="both"))
    assert [tuple(row) for row in before] == [of_orders]  # nobody has approved the forecast
    factory.step("MarketForecast", forecast, "approve")
    found = factory.rows(needs, id=calculated(factory, source="both"))
    assert [tuple(row) for row in found] == [
        ("forecast", D(300), MONDAY, date(2026, 5, 1)),  # four fifths of 1,000, less what was ordered
        of_orders,
        ("forecast", D(300), date(2026, 6, 1), date(2026, 6, 1)),
    ]
    assert [tuple(row) for row in factory.rows(needs, id=calculated(factory))] == [of_orders]


def test_approval_makes_the_orders_and_planning_again_makes_no_second_ones(factory: Factory) -> None:
    line = factory.sold("CUP", "1000", date(2026, 5, 20))
    plan, other = calculated(factory), calculated(factory)
    factory.step("ProductionPlan", plan, "approve")
    orders = factory.rows(
        """SELECT o.id, i.code, o.quantity, d.order_line_id, d.quantity AS part
           FROM hub.production_order o JOIN hub.item i ON i.id = o.item_id
           JOIN hub.production_order_demand d ON d.production_order_id = o.id
           WHERE o.production_plan_id = :id ORDER BY i.code""",
        id=plan,
    )
    assert [(row.code, row.quantity, row.order_line_id, row.part) for row in orders] == [
        ("CUP", D(1000), line, D(1000)),
        ("LID", D(1000), line, D(1000)),
    ]
    operations = factory.rows(
        """SELECT p.sequence, c.code FROM hub.production_order_operation p JOIN hub.work_centre c
           ON c.id = p.work_centre_id WHERE p.production_order_id = :id ORDER BY p.sequence""",
        id=orders[0].id,
    )
    assert [tuple(row) for row in operations] == [(10, "SHOP"), (20, "BENCH")]
    assert factory.refused("ProductionPlan", other, "approve") == [("PLAN_OUTDATED", "calculatedAt")]
    requests = factory.rows(
        """SELECT r.state, i.code, l.quantity, l.needed_date, l.sales_order_line_id FROM hub.purchase_request_line l
           JOIN hub.purchase_request r ON r.id = l.purchase_request_id JOIN hub.item i ON i.id = l.item_id
           WHERE r.production_plan_id = :id ORDER BY l.quantity""",
        id=plan,
    )
    assert [tuple(row) for row in requests] == [
        ("draft", "PP", D(20), date(2026, 5, 16), line),
        ("draft", "PP", D(50), date(2026, 5, 18), line),
    ]
    assert factory.rows(PROPOSALS, id=calculated(factory)) == []


def test_what_is_not_accepted_is_not_made_and_what_is_changed_is_made_so(factory: Factory) -> None:
    factory.sold("MUG", "100", date(2026, 5, 20))
    factory.sold("LID", "100", date(2026, 5, 20))
    plan = calculated(factory)
    query = """SELECT p.position FROM hub.production_plan_proposal p JOIN hub.item i ON i.id = p.item_id
        WHERE p.production_plan_id = :id AND i.code = :code"""
    mug, lid = (factory.rows(query, id=plan, code=code)[0].position for code in ("MUG", "LID"))
    factory.step("ProductionPlan", plan, "decide", position=mug, accepted=False)
    factory.step("ProductionPlan", plan, "decide", position=lid, accepted=True, quantity="150")
    refused = factory.refused("ProductionPlan", plan, "decide", position=999, accepted=True)
    assert refused == [("PROPOSAL_UNKNOWN", "position")]
    factory.step("ProductionPlan", plan, "approve")
    assert [row.quantity for row in factory.rows("SELECT quantity FROM hub.production_order")] == [D(150)]


def test_needs_by_hand_stay_and_a_late_material_is_named(factory: Factory) -> None:
    lines = [{"item": "MUG", "quantity": "100", "needed_date": date(2026, 5, 6)}]
    plan = calculated(factory, lines=lines)
    factory.step("ProductionPlan", plan, "calculate")
    (line,) = factory.rows("SELECT * FROM hub.production_plan_line WHERE production_plan_id = :id", id=plan)
    assert (line.demand_kind, line.quantity, line.expected_date) == ("manual", D(100), date(2026, 5, 12))
    mug, resin = factory.rows(PROPOSALS, id=plan)
    assert (mug.due_date, mug.expected_date) == (date(2026, 5, 6), date(2026, 5, 12))
    assert mug.reason.startswith("等待 PP")
    assert (resin.code, resin.quantity, resin.expected_date) == ("PP", D(8), date(2026, 5, 9))


def test_an_open_purchase_is_hurried_or_said_to_be_too_much(factory: Factory) -> None:
    lines = [{"item": "PP", "quantity": "100", "promised_date": date(2026, 5, 8)}]
    factory.create("PurchaseOrder", {"supplier": "S1", "order_date": MONDAY, "lines": lines}, "confirm")
    plan = calculated(factory, lines=[{"item": "PP", "quantity": "30", "needed_date": MONDAY}])
    found = [(row.kind, row.quantity, row.due_date) for row in factory.rows(PROPOSALS, id=plan)]
    assert found == [("expedite", D(30), date(2026, 5, 8)), ("surplus", D(70), date(2026, 5, 8))]
