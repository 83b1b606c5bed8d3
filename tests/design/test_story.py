"""From the drawing to the workshop over HTTP, each step by who does it: design, bill, routing, order, change, told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from graph_schema.push.duty import hand_on
from hub import identity, writes
from hub.document import today
from hub.seed.plant import RULES
from tests.conftest import Database
from tests.design.conftest import PEOPLE, Designs
from tests.ledgers.test_story import Office
from tests.serving import serving

TREE = """query ($quantity: Decimal) { billOfMaterials(item: "KIT", quantity: $quantity) {
    level item quantity unit version operation } }"""
USES = '{ whereUsed(item: "PP") { item quantity level direct } }'
ITEM = """{ item(code: "COVER") { currentDesign { designVersion } currentBom { bomVersion lines { component { code } } }
    currentRouting { operations { sequence parameters operation { code } } }
    designs(orderBy: [{designVersion: ASC}]) { nodes { designVersion state } } } }"""
ORDER = """query ($id: ID!) { productionOrder(id: $id) { bom { bomVersion } routing { routingVersion }
    materials { item { code } requiredQuantity }
    engineeringChanges { nodes { action engineeringChange { number } } } } }"""
TOLD = "{ notices { nodes { title } } }"


def test_from_the_drawing_to_the_workshop(designs: Designs, tmp_path: Path) -> None:
    with designs.work() as ctx:
        for rule in RULES:
            writes.create(ctx, "NotificationRule", rule)
    hand_on(designs.engine)  # who reads for the first time begins with what comes next
    with Session(designs.engine) as session, session.begin():
        tokens = {who: identity.issue_token(session, who, purpose="test") for who in PEOPLE}
    database = Database(designs.engine.url, designs.engine)
    with serving(database, tmp_path / "hub.log") as url:
        office = Office(url, tokens)
        design = _designed(office)
        _exploded(office)
        _changed(office, designs, design)


def _designed(office: Office) -> str:
    """The engineer draws the cover and says what it and the kit are made of."""
    body: dict[str, Any] = {"item": "COVER", "designVersion": "A", "startDate": "2026-05-04", "drawingNumber": "TH-001"}
    assert office.do("planner", "createProductDesign", "productDesign { id }", input=body)["problems"] == [
        {"code": "FORBIDDEN", "path": []}
    ]
    design = office.done("engineer", "createProductDesign", "productDesign", input=body)
    office.done("engineer", "submitProductDesign", "productDesign", id=design)
    office.done("engineer", "releaseProductDesign", "productDesign", id=design)
    lines = [{"component": "PP", "quantity": "50", "unit": "G", "scrapRate": "2", "operation": "MOLD"}]
    body = {"item": "COVER", "bomVersion": "A", "productDesign": design, "startDate": "2026-05-04", "lines": lines}
    cover = office.done("engineer", "createBom", "bom", input=body)
    office.done("engineer", "releaseBom", "bom", id=cover)
    lines = [{"component": "COVER", "quantity": "2"}, {"component": "BOX", "quantity": "1"}]
    body = {"item": "KIT", "bomVersion": "A", "startDate": "2026-05-04", "lines": lines}
    office.done("engineer", "releaseBom", "bom", id=office.done("engineer", "createBom", "bom", input=body))
    body = {
        "item": "COVER",
        "routingVersion": "1",
        "productDesign": design,
        "startDate": "2026-05-04",
        "operations": [{"sequence": 10, "operation": "MOLD", "runMinutes": "0.35"}],
        "parameters": [
            {"sequence": 10, "name": "料温", "unit": "℃", "target": "220", "lowerLimit": "210", "upperLimit": "230"},
            {"sequence": 10, "name": "保压", "unit": "MPa", "target": "6.5"},
        ],
    }
    office.done(
        "engineer", "releaseRouting", "routing", id=office.done("engineer", "createRouting", "routing", input=body)
    )
    return design


def _exploded(office: Office) -> None:
    """Everybody who plans or buys sees what a kit needs and what the granulate goes into."""
    assert office.ask("planner", TREE, quantity="1000")["billOfMaterials"] == [
        _node(0, "KIT", "1000.0000", "PCS", "A", None),
        _node(1, "COVER", "2000.0000", "PCS", "A", None),
        _node(2, "PP", "102.0000", "KG", None, 10),
        _node(1, "BOX", "1000.0000", "PCS", None, None),
    ]
    assert office.ask("planner", USES)["whereUsed"] == [
        {"item": "COVER", "quantity": "0.0510", "level": 1, "direct": True},
        {"item": "KIT", "quantity": "0.1020", "level": 2, "direct": False},
    ]
    assert office.refused("storekeeper", USES) == ["FORBIDDEN"]
    assert office.refused("planner", '{ billOfMaterials(item: "NONE") { item } }') == ["ITEM_UNKNOWN"]
    assert office.refused("planner", '{ billOfMaterials(item: "KIT", quantity: "0") { item } }') == ["VALUE_INVALID"]
    found = office.ask("workshop", ITEM)["item"]
    assert found["currentRouting"]["operations"] == [
        {"sequence": 10, "parameters": "料温 220 ℃ (210–230); 保压 6.5 MPa", "operation": {"code": "MOLD"}}
    ]


def _node(
    level: int, item: str, quantity: str, unit: str, version: str | None, operation: int | None
) -> dict[str, Any]:
    return {
        "level": level,
        "item": item,
        "quantity": quantity,
        "unit": unit,
        "version": version,
        "operation": operation,
    }


def _changed(office: Office, designs: Designs, design: str) -> None:
    """Covers crack: the change is approved, new versions are there, the running order follows, the workshop is told."""
    order = office.done(
        "planner", "createProductionOrder", "productionOrder", input={"item": "COVER", "quantity": "1000"}
    )
    office.done("planner", "releaseProductionOrder", "productionOrder", id=order)
    assert office.ask("workshop", ORDER, id=order)["productionOrder"]["materials"] == [
        {"item": {"code": "PP"}, "requiredQuantity": "51.0000"}
    ]
    items = [
        {"item": "COVER", "action": "REPLACE", "component": "PP", "newComponent": "SM", "newScrapRate": "0"},
        {"item": "COVER", "productDesign": design},
    ]
    body = {"reason": "外壳开裂", "kind": "QUALITY", "items": items}
    change = office.done("engineer", "createEngineeringChange", "engineeringChange", input=body)
    office.done("engineer", "submitEngineeringChange", "engineeringChange", id=change)
    assert office.ask("workshop", ORDER, id=order)["productionOrder"]["bom"] == {"bomVersion": "A"}
    office.done("engineer", "approveEngineeringChange", "engineeringChange", id=change)

    found = office.ask("engineer", ITEM)["item"]
    assert found["currentDesign"] == {"designVersion": "B"}
    assert found["designs"]["nodes"] == [
        {"designVersion": "A", "state": "RETIRED"},
        {"designVersion": "B", "state": "RELEASED"},
    ]
    assert found["currentBom"] == {"bomVersion": "B", "lines": [{"component": {"code": "SM"}}]}
    moved = office.ask("workshop", ORDER, id=order)["productionOrder"]
    assert (moved["bom"], moved["routing"]) == ({"bomVersion": "B"}, {"routingVersion": "1"})
    assert moved["materials"] == [{"item": {"code": "SM"}, "requiredQuantity": "50.0000"}]
    assert [one["action"] for one in moved["engineeringChanges"]["nodes"]] == ["MOVE"]

    hand_on(designs.engine)
    number = moved["engineeringChanges"]["nodes"][0]["engineeringChange"]["number"]
    for who in ("workshop", "planner"):
        titles = [one["title"] for one in office.ask(who, TOLD)["notices"]["nodes"]]
        assert sorted(titles) == [
            "存货COVER 的设计 A 已发布，2026-05-04 起启用",
            f"存货COVER 的设计 B 已发布，{today()} 起启用",
            f"技术变更 {number} 已批准：外壳开裂",
        ]
    assert office.ask("engineer", TOLD)["notices"]["nodes"] == []
