"""From a raw lot to the customers who got it, over HTTP, each step by who does it; then one query tells it all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hub import identity, writes
from tests.conftest import Database
from tests.inspection.conftest import Plant
from tests.ledgers.test_story import Office
from tests.serving import serving

PEOPLE = {
    "storekeeper": "warehouse",
    "inspector": "quality",
    "planner": "planner",
    "worker": "workshop",
    "seller": "sales",
    "boss": "executive",
}
CHART = """{ controlChart(item: "LT", characteristic: "熔指") {
    size sigma potential actual points { inspection mean spread brokenRules } } }"""
TRACE = """query ($lot: String!) { lotTrace(lot: $lot) {
    lot { lot item distance onHand supplier }
    madeFrom { lot item distance supplierLot by { lot quantity } }
    madeInto { lot distance by { lot quantity } }
    work { productionOrder workCentre mould employee operation hours }
    inspections { inspection kind lot disposition }
    processValues { name value unit passed source }
    deliveries { customer delivery lot quantity returned } } }"""


def test_a_lot_back_to_its_origins_and_forward_to_every_customer(plant: Plant, tmp_path: Path) -> None:
    with plant.work() as ctx:
        rows = [{"code": who, "name": who, "roles": [role]} for who, role in PEOPLE.items()]
        assert writes.load(ctx, "User", rows).problems == []
    with Session(plant.engine) as session, session.begin():
        tokens = {who: identity.issue_token(session, who, purpose="test") for who in PEOPLE}
    database = Database(plant.engine.url, plant.engine)
    with serving(database, tmp_path / "hub.log") as url:
        office = Office(url, tokens)
        raw = _bought(office)
        order = _made(office)
        _shipped(office)
        _charted(office, raw)
        _traced(office, raw, order)


def _bought(office: Office) -> str:
    """A raw lot comes in, waits, is measured and released; returns the inspection's number."""
    measured = {"name": "熔指", "unit": "g/10min", "lowerLimit": "9", "upperLimit": "11", "measured": True}
    standard = {
        "code": "QS",
        "name": "粒料来料",
        "item": "LT",
        "kind": "INCOMING",
        "sampling": "FIXED",
        "sampleSize": 2,
    }
    office.done(
        "inspector", "createInspectionStandard", "inspectionStandard", input={**standard, "characteristics": [measured]}
    )
    line = {"item": "LT", "quantity": "50", "stockedQuantity": "50", "lot": "LOT1"}
    receipt = {"supplier": "S1", "warehouse": "W1", "receiptDate": "2026-03-01", "lines": [line]}
    id_ = office.done("storekeeper", "createPurchaseReceipt", "purchaseReceipt", input=receipt)
    office.done("storekeeper", "confirmPurchaseReceipt", "purchaseReceipt", id=id_)
    found = office.ask(
        "inspector",
        "{ inspections { nodes { id number sampleSize quantity characteristics { id } purchaseReceipt { id } } } }",
    )["inspections"]["nodes"]
    assert [(one["sampleSize"], one["quantity"], one["purchaseReceipt"]["id"]) for one in found] == [
        (2, "50.0000", id_)
    ]
    second = {"name": "熔指", "sampleNumber": 2, "measuredValue": "10", "lowerLimit": "9", "upperLimit": "11"}
    first = {"id": found[0]["characteristics"][0]["id"], "measuredValue": "10.2"}
    value = {"change": [first], "add": [second]}
    figures = {"inspectedQuantity": "2", "qualifiedQuantity": "2", "disposition": "ACCEPT", "characteristics": value}
    office.done("inspector", "updateInspection", "inspection", id=found[0]["id"], input=figures)
    office.done("inspector", "confirmInspection", "inspection", id=found[0]["id"])
    stock = office.ask("storekeeper", '{ stockOfDay(day: "2026-03-01", items: ["LT"]) { places { status quantity } } }')
    assert stock["stockOfDay"][0]["places"] == [{"status": "available", "quantity": "50.0000"}]
    return str(found[0]["number"])


def _made(office: Office) -> str:
    """A production order takes the raw lot, somebody works on it, a product lot comes of it; returns its number."""
    order = {"item": "I1", "quantity": "20", "materials": [{"item": "LT", "requiredQuantity": "40"}]}
    id_ = office.done("planner", "createProductionOrder", "productionOrder", input=order)
    office.done("planner", "releaseProductionOrder", "productionOrder", id=id_)
    number = str(office.ask("planner", f'{{ productionOrder(id: "{id_}") {{ number }} }}')["productionOrder"]["number"])
    about = {"productionOrder": number, "warehouse": "W1"}
    issue = {**about, "issueDate": "2026-03-02", "lines": [{"item": "LT", "quantity": "40", "lot": "LOT1"}]}
    issued = office.done("storekeeper", "createMaterialIssue", "materialIssue", input=issue)
    office.done("storekeeper", "postMaterialIssue", "materialIssue", id=issued)
    report = _report(number)
    reported = office.done("worker", "createOperationReport", "operationReport", input=report)
    office.done("worker", "postOperationReport", "operationReport", id=reported)
    office.done("storekeeper", "createLot", "lot", input={"code": "P1", "name": "P1", "item": "I1"})
    made = {**about, "receiptDate": "2026-03-02", "lines": [{"item": "I1", "quantity": "20", "lot": "P1"}]}
    received = office.done("storekeeper", "createProductReceipt", "productReceipt", input=made)
    office.done("storekeeper", "postProductReceipt", "productReceipt", id=received)
    return number


def _report(number: str) -> dict[str, Any]:
    line = {"employee": "E1", "operation": "注塑", "hours": "3.5"}
    return {"productionOrder": number, "workDate": "2026-03-02", "lines": [line]}


def _shipped(office: Office) -> None:
    """Two customers get the product, one sends some back."""
    for customer, quantity in (("K1", "8"), ("K2", "5")):
        line = {"item": "I1", "quantity": quantity, "lot": "P1"}
        goods = {"customer": customer, "warehouse": "W1", "deliveryDate": "2026-03-03", "lines": [line]}
        id_ = office.done("storekeeper", "createDelivery", "delivery", input=goods)
        office.done("storekeeper", "confirmDelivery", "delivery", id=id_)
    lines = office.ask("storekeeper", f'{{ delivery(id: "{id_}") {{ lines {{ id }} }} }}')["delivery"]["lines"]
    part = {"returnDate": "2026-03-04", "lines": [{"deliveryLine": lines[0]["id"], "quantity": "2"}]}
    back = office.done("storekeeper", "convertDeliveryToSalesReturn", "salesReturn", id=id_, input=part)
    office.done("storekeeper", "postSalesReturn", "salesReturn", id=back)


def _charted(office: Office, raw: str) -> None:
    """What was measured is on a control chart: 10.2 and 10.0 within 9 to 11."""
    chart = office.ask("inspector", CHART)["controlChart"]
    assert chart["points"] == [{"inspection": raw, "mean": "10.100000", "spread": "0.200000", "brokenRules": []}]
    assert (chart["size"], chart["sigma"], chart["potential"]) == (2, "0.177305", "1.880000")
    assert chart["actual"] == "1.692000"


def _traced(office: Office, raw: str, order: str) -> None:
    """Back from the product, forward from the raw lot: the same story from both ends."""
    product = office.ask("boss", TRACE, lot="P1")["lotTrace"]
    assert (product["lot"]["item"], product["lot"]["onHand"]) == ("I1", "9.0000")
    part = {"lot": "P1", "quantity": "40.0000"}
    assert [(one["lot"], one["distance"], one["by"]) for one in product["madeFrom"]] == [("LOT1", 1, [part])]
    assert [(one["productionOrder"], one["employee"], one["operation"]) for one in product["work"]] == [
        (order, "E1", "注塑")
    ]
    assert [(one["inspection"], one["kind"], one["disposition"]) for one in product["inspections"]] == [
        (raw, "incoming", "accept")
    ]
    measured = [(one["name"], one["value"], one["passed"], one["source"]) for one in product["processValues"]]
    assert measured == [("熔指", value, True, raw) for value in ("10.200000", "10.000000")]
    forward = office.ask("boss", TRACE, lot="LOT1")["lotTrace"]
    assert forward["madeFrom"] == []
    assert [(one["lot"], one["distance"]) for one in forward["madeInto"]] == [("P1", 1)]
    shipped = [(one["customer"], one["lot"], one["quantity"], one["returned"]) for one in forward["deliveries"]]
    assert shipped == [("K1", "P1", "8.0000", "0.0000"), ("K2", "P1", "5.0000", "2.0000")]
    assert office.ask("boss", TRACE, lot="nothing")["lotTrace"] is None
    kept = office.ask("worker", TRACE, lot="LOT1")
    assert kept["lotTrace"] is None or kept["lotTrace"]["deliveries"] is None
