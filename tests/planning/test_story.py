"""From the customer's order to the workshop over HTTP: plan, orders, schedule, Gantt chart, report and its answer."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from hub import identity
from tests.conftest import Database
from tests.ledgers.test_story import Office
from tests.planning.conftest import PEOPLE, Factory
from tests.serving import serving

PLAN = """query ($id: ID!) { productionPlan(id: $id) { proposals { item { code } kind quantity
    pegs { nodes { quantity salesOrderLine { quantity } } } }
    productionOrders { nodes { id item { code } demands { quantity } operations { sequence } } } } }"""
GANTT = """query ($id: ID!) { schedule(id: $id) { runs { startsAt finishesAt lateMinutes changeover
    workCentre { code site { code } } productionOrder { id item { code } } orderOperation { sequence } } } }"""
ORDER = """query ($id: ID!) { productionOrder(id: $id) { reported issued stored inspected
    operations { id sequence goodQuantity plannedStartAt } } }"""
ANSWER = """query ($id: ID!) { operationReport(id: $id) { goodQuantity totalHours
    lines { answer dayQuantity nextOperation } } }"""


def test_from_the_order_to_the_answer_at_the_machine(factory: Factory, tmp_path: Path) -> None:
    factory.sold("CUP", "1000", date(2026, 5, 20))
    with Session(factory.engine) as session, session.begin():
        tokens = {who: identity.issue_token(session, who, purpose="test") for who in PEOPLE}
    database = Database(factory.engine.url, factory.engine)
    with serving(database, tmp_path / "hub.log") as url:
        office = Office(url, tokens)
        order = _planned(office)
        _scheduled(office, order)
        _reported(office, order)


def _planned(office: Office) -> str:
    """The planner runs the plan and approves it: orders with their operations, for the customer's line."""
    body = {"fromDate": "2026-05-04", "untilDate": "2026-06-30", "source": "ORDERS"}
    assert office.do("storekeeper", "createProductionPlan", "productionPlan { id }", input=body)["problems"] == [
        {"code": "FORBIDDEN", "path": []}
    ]
    plan = office.done("planner", "createProductionPlan", "productionPlan", input=body)
    office.done("planner", "calculateProductionPlan", "productionPlan", id=plan)
    office.done("planner", "approveProductionPlan", "productionPlan", id=plan)
    found = office.ask("planner", PLAN, id=plan)["productionPlan"]
    assert [(one["item"]["code"], one["kind"], one["quantity"]) for one in found["proposals"]] == [
        ("CUP", "PRODUCTION", "1000.0000"),
        ("LID", "PRODUCTION", "1000.0000"),
        ("PP", "PURCHASE", "20.0000"),
        ("PP", "PURCHASE", "50.0000"),
    ]
    assert all(
        peg["salesOrderLine"] == {"quantity": "1000.0000"} for one in found["proposals"] for peg in one["pegs"]["nodes"]
    )
    cup, lid = sorted(found["productionOrders"]["nodes"], key=lambda one: str(one["item"]["code"]))
    assert (cup["demands"], cup["operations"]) == ([{"quantity": "1000.0000"}], [{"sequence": 10}, {"sequence": 20}])
    assert lid["operations"] == [{"sequence": 10}]
    for one in (cup, lid):
        office.done("planner", "releaseProductionOrder", "productionOrder", id=one["id"])
    return str(cup["id"])


def _scheduled(office: Office, order: str) -> None:
    """The schedule is a Gantt chart for everybody who may read production; the order's operations tell its times."""
    body = {"fromDate": "2026-05-04", "untilDate": "2026-06-30"}
    schedule = office.done("planner", "createSchedule", "schedule", input=body)
    office.done("planner", "calculateSchedule", "schedule", id=schedule)
    office.done("planner", "publishSchedule", "schedule", id=schedule)
    runs = office.ask("workshop", GANTT, id=schedule)["schedule"]["runs"]
    assert sorted((one["productionOrder"]["item"]["code"], one["orderOperation"]["sequence"]) for one in runs) == [
        ("CUP", 10),
        ("CUP", 20),
        ("LID", 10),
    ]
    assert {one["workCentre"]["site"]["code"] for one in runs} == {"NORTH"}
    assert all(one["startsAt"] < one["finishesAt"] and one["lateMinutes"] == 0 for one in runs)
    mine = {one["orderOperation"]["sequence"]: one["startsAt"] for one in runs if one["productionOrder"]["id"] == order}
    told = office.ask("workshop", ORDER, id=order)["productionOrder"]["operations"]
    assert {one["sequence"]: one["plannedStartAt"] for one in told} == mine


def _reported(office: Office, order: str) -> None:
    """Two reports of one person and day: the answer adds them up and names the next operation."""
    operation = office.ask("workshop", ORDER, id=order)["productionOrder"]["operations"][0]["id"]
    for quantity in ("120", "80.5"):
        line = {"employee": "E1", "orderOperation": operation, "goodQuantity": quantity, "minutes": "60"}
        body = {"productionOrder": order, "workDate": "2026-05-04", "lines": [line]}
        report = office.done("workshop", "createOperationReport", "operationReport", input=body)
        office.done("workshop", "postOperationReport", "operationReport", id=report)
    assert office.ask("workshop", ANSWER, id=report)["operationReport"] == {
        "goodQuantity": "80.5000",
        "totalHours": "1.0000",
        "lines": [{"answer": "已完成！今日累计完成 200.5 件", "dayQuantity": "200.5000", "nextOperation": "20 包装"}],
    }
    found = office.ask("planner", ORDER, id=order)["productionOrder"]
    assert (found["reported"], found["stored"]) == ("0.0000", "0.0000")
    assert found["operations"][0]["goodQuantity"] == "200.5000"
