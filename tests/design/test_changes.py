"""Engineering changes: approval makes the new versions, releases them, and moves the open orders that it names."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from hub import writes
from hub.document import today
from tests.design.conftest import FIRST, Designs

REPLACE = {"item": "COVER", "action": "replace", "component": "SM", "new_component": "INK", "new_quantity": "1.5"}


def quantities(**by_item: str) -> dict[str, Decimal]:
    return {code: Decimal(quantity) for code, quantity in by_item.items()}


@pytest.fixture
def cover(designs: Designs) -> dict[str, UUID]:
    """A cover with a released design, bill and routing; 1,000 need 50 kg of PP, 2 kg of pigment, 10 boxes."""
    design = designs.create(
        "ProductDesign", {"item": "COVER", "design_version": "A", "start_date": FIRST, "scheme": "壁厚 2.0"}
    )
    designs.step("ProductDesign", design, "release")
    parts = {"PP": "0.05", "SM": "0.002", "BOX": "0.01"}
    bom = designs.released("COVER", product_design=design, parts=parts)
    body = {
        "item": "COVER",
        "routing_version": "1",
        "start_date": FIRST,
        "product_design": design,
        "operations": [{"sequence": 10, "operation": "MOLD", "run_minutes": "0.35"}],
        "parameters": [{"sequence": 10, "name": "料温", "unit": "℃", "target": "220"}],
    }
    routing = designs.create("Routing", body)
    designs.step("Routing", routing, "release")
    return {"ProductDesign": design, "Bom": bom, "Routing": routing}


def change(designs: Designs, *lines: dict[str, Any], **more: Any) -> UUID:
    return designs.create("EngineeringChange", {"reason": "缩水", "items": list(lines), **more})


def approved(designs: Designs, *lines: dict[str, Any], **more: Any) -> UUID:
    id_ = change(designs, *lines, **more)
    designs.step("EngineeringChange", id_, "submit")
    designs.step("EngineeringChange", id_, "approve")
    return id_


def required(designs: Designs, order: UUID) -> dict[str, Decimal]:
    return {code: needed for code, (needed, _) in designs.materials(order).items()}


def test_an_order_is_made_by_the_current_versions_and_its_materials_follow(
    designs: Designs, cover: dict[str, UUID]
) -> None:
    order = designs.order("COVER")
    row = designs.row("ProductionOrder", order)
    assert (row.product_design_id, row.bom_id, row.routing_id) == tuple(cover.values())
    assert required(designs, order) == quantities(PP="50", SM="2", BOX="10")
    with designs.work() as ctx:
        writes.update(ctx, "ProductionOrder", order, {"quantity": "500"})
    assert required(designs, order) == quantities(PP="25", SM="1", BOX="5")
    brought = designs.order("COVER", materials=[{"item": "PP", "required_quantity": "7"}])
    assert required(designs, brought) == quantities(PP="7")
    assert required(designs, designs.order("KIT")) == {}
    foreign = designs.released("KIT", parts={"COVER": "1"})
    with pytest.raises(Exception, match="VERSION_OF_ANOTHER_ITEM"):
        designs.order("COVER", bom=foreign)


def test_a_replaced_component_makes_a_new_bill_and_moves_open_orders(designs: Designs, cover: dict[str, UUID]) -> None:
    planned, running = designs.order("COVER"), designs.order("COVER", "1000", "release")
    done, kept = designs.order("COVER", "1000", "release"), designs.order("COVER", "1000")
    issue = {"production_order": running, "warehouse": "W1"}
    issue |= {"lines": [{"item": "SM", "quantity": "0.5"}, {"item": "PP", "quantity": "20"}]}
    designs.step("MaterialIssue", designs.create("MaterialIssue", issue), "post")
    with designs.work() as ctx:
        writes.update(ctx, "ProductionOrder", done, {"completed_quantity": "1"})
    ended = designs.order("COVER", "1000", "cancel")
    orders = [{"production_order": kept, "action": "keep"}]
    made = approved(designs, REPLACE, orders=orders, effective_date=today() + timedelta(days=3))

    new = designs.item("COVER").current_bom_id
    row = designs.row("Bom", new)
    assert (row.bom_version, row.state, row.engineering_change_id) == ("B", "released", made)
    assert (row.start_date, row.product_design_id) == (today() + timedelta(days=3), cover["ProductDesign"])
    assert designs.row("Bom", cover["Bom"]).state == "retired"
    assert designs.row("Bom", cover["Bom"]).until_date == today() + timedelta(days=3)
    assert required(designs, planned) == quantities(PP="50", BOX="10", INK="1500")
    assert designs.materials(running) == {
        "PP": (Decimal(50), Decimal(20)),
        "SM": (Decimal("0.5"), Decimal("0.5")),
        "BOX": (Decimal(10), Decimal(0)),
        "INK": (Decimal(1500), Decimal(0)),
    }
    for order, bom in (
        (planned, new),
        (running, new),
        (done, cover["Bom"]),
        (kept, cover["Bom"]),
        (ended, cover["Bom"]),
    ):
        assert designs.row("ProductionOrder", order).bom_id == bom
    listed = designs.rows("SELECT production_order_id, action FROM hub.engineering_change_order ORDER BY position")
    assert [tuple(one) for one in listed] == [(kept, "keep"), (planned, "move"), (running, "move"), (done, "keep")]
    assert designs.structures(today(), "COVER").of("COVER").version == "A"  # type: ignore[union-attr]
    trace = designs.rows(
        "SELECT changes FROM audit.audit_entry WHERE document_id = :id ORDER BY id DESC LIMIT 1", id=planned
    )
    assert trace[0].changes["bom"] == [str(cover["Bom"]), str(new)]


def test_everything_of_an_item_is_revised_when_nothing_is_named(designs: Designs, cover: dict[str, UUID]) -> None:
    order = designs.order("COVER", "1000", "release")
    made = approved(designs, {"item": "COVER"})
    item, row = designs.item("COVER"), designs.row("ProductionOrder", order)
    assert (row.product_design_id, row.bom_id, row.routing_id) == (
        item.current_design_id,
        item.current_bom_id,
        item.current_routing_id,
    )
    assert set(cover.values()).isdisjoint({row.product_design_id, row.bom_id, row.routing_id})
    design = designs.row("ProductDesign", item.current_design_id)
    assert (design.design_version, design.predecessor_design_id) == ("B", cover["ProductDesign"])
    assert (design.scheme, design.change_reason, design.engineering_change_id) == ("壁厚 2.0", "缩水", made)
    routing = designs.row("Routing", item.current_routing_id)
    assert (routing.routing_version, routing.product_design_id) == ("2", item.current_design_id)
    parameters = "SELECT name, target FROM hub.routing_parameter WHERE routing_id = :id"
    assert [tuple(one) for one in designs.rows(parameters, id=routing.id)] == [("料温", Decimal(220))]
    designs.step("EngineeringChange", made, "close")


def test_what_was_prepared_for_a_change_waits_for_it_and_is_released_as_it_is(
    designs: Designs, cover: dict[str, UUID]
) -> None:
    order = designs.order("COVER")
    made = change(designs, {"item": "COVER", "bom": cover["Bom"]})
    prepared = designs.bom("COVER", "C", engineering_change=made, parts={"PP": "0.06"})
    assert designs.refused("Bom", prepared, "release") == [("CHANGE_NOT_APPROVED", "engineeringChange")]
    late = designs.bom("COVER", "D", engineering_change=made, parts={"PP": "0.07"}, start_date=today())
    designs.step("EngineeringChange", made, "submit")
    designs.step("Bom", late, "cancel")
    designs.step("EngineeringChange", made, "approve")
    assert designs.item("COVER").current_bom_id == prepared
    assert required(designs, order) == quantities(PP="60")
    assert designs.item("COVER").current_routing_id == cover["Routing"]
    further = designs.bom("COVER", "E", engineering_change=made, parts={"PP": "0.08"}, start_date=today())
    assert designs.refused("EngineeringChange", made, "close") == [("CHANGE_UNFINISHED", "")]
    designs.step("Bom", further, "release")
    assert required(designs, order) == quantities(PP="80")
    designs.step("EngineeringChange", made, "close")


def test_components_are_added_removed_and_dosed_in_one_new_version(designs: Designs, cover: dict[str, UUID]) -> None:
    lines = [
        {"item": "COVER", "action": "remove", "component": "BOX"},
        {"item": "COVER", "action": "add", "new_component": "INK", "new_quantity": "0.2", "new_scrap_rate": "10"},
        {"item": "COVER", "action": "replace", "component": "SM", "new_component": "SM", "new_quantity": "0.003"},
    ]
    approved(designs, *lines)
    needed = designs.structures(today(), "COVER").totals({"COVER": Decimal(1000)})
    assert needed == quantities(PP="50", SM="3", INK="220")


def test_a_change_that_says_too_little_is_refused_with_all_of_it(designs: Designs, cover: dict[str, UUID]) -> None:
    kit = designs.released("KIT", parts={"COVER": "1"})
    assert designs.refused("EngineeringChange", change(designs), "submit") == [("CHANGE_EMPTY", "items")]
    lines: list[dict[str, Any]] = [
        {"item": "BLANK"},
        {"item": "COVER", "bom": kit},
        {"item": "COVER", "action": "replace", "component": "BLANK"},
        {"item": "COVER", "action": "add"},
        {"item": "COVER", "action": "remove"},
        {"item": "PP", "action": "remove", "component": "SM"},
    ]
    assert designs.refused("EngineeringChange", change(designs, *lines), "submit") == [
        ("NOTHING_TO_CHANGE", "items.0"),
        ("VERSION_OF_ANOTHER_ITEM", "items.1.bom"),
        ("COMPONENT_MISSING", "items.2.newComponent"),
        ("COMPONENT_MISSING", "items.2.component"),
        ("COMPONENT_MISSING", "items.3.newComponent"),
        ("COMPONENT_MISSING", "items.3.newQuantity"),
        ("COMPONENT_MISSING", "items.4.component"),
        ("NOTHING_TO_CHANGE", "items.5"),
    ]


def test_a_rejected_tried_or_impossible_change_changes_nothing(designs: Designs, cover: dict[str, UUID]) -> None:
    order, before = designs.order("COVER"), designs.item("COVER")
    made = change(designs, REPLACE)
    designs.step("EngineeringChange", made, "submit")
    with designs.work(dry_run=True) as ctx:
        writes.run_step(ctx, "EngineeringChange", made, "approve")
    assert designs.item("COVER") == before
    designs.step("EngineeringChange", made, "reject", reason="成本过高")
    assert designs.row("EngineeringChange", made).note == "成本过高"
    designs.released("BLANK", parts={"COVER": "1"})
    looping = {"item": "COVER", "action": "add", "new_component": "BLANK", "new_quantity": "1"}
    made = change(designs, looping)
    designs.step("EngineeringChange", made, "submit")
    assert designs.refused("EngineeringChange", made, "approve") == [("BOM_LOOP", "")]
    assert designs.row("EngineeringChange", made).state == "submitted"
    assert (designs.item("COVER"), designs.row("ProductionOrder", order).bom_id) == (before, cover["Bom"])
