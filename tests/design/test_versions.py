"""Versions of designs, bills and routings: one is current, releasing the next retires it, and each item knows them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.document import today
from hub.ledgers.versions import KINDS
from tests.design.conftest import FIRST, Designs

BODIES: dict[str, dict[str, Any]] = {
    "ProductDesign": {},
    "Bom": {"lines": [{"component": "PP", "quantity": "0.05"}]},
    "Routing": {"operations": [{"sequence": 10, "operation": "MOLD"}]},
}
LATER = FIRST + timedelta(days=30)


def draft(designs: Designs, type_: str, version: str, item: str = "COVER", **more: Any) -> Any:
    values = {"item": item, KINDS[type_][0]: version, "start_date": FIRST, **BODIES[type_], **more}
    return designs.create(type_, values)


@pytest.mark.parametrize("type_", KINDS)
def test_a_released_version_is_current_and_retires_the_last(designs: Designs, type_: str) -> None:
    column = f"{KINDS[type_][1]}_id"
    first, second = draft(designs, type_, "A"), draft(designs, type_, "B", start_date=LATER)
    assert designs.item("COVER")._mapping[column] is None
    designs.step(type_, first, "submit")
    designs.step(type_, first, "release")
    assert designs.item("COVER")._mapping[column] == first
    designs.step(type_, second, "release")
    assert designs.item("COVER")._mapping[column] == second
    assert [(designs.row(type_, one).state, designs.row(type_, one).until_date) for one in (first, second)] == [
        ("retired", LATER),
        ("released", None),
    ]
    designs.step(type_, second, "retire", until=str(LATER + timedelta(days=1)))
    assert designs.item("COVER")._mapping[column] is None
    assert designs.row(type_, second).until_date == LATER + timedelta(days=1)
    traces = designs.rows(
        "SELECT changes, version FROM audit.audit_entry WHERE document_type = 'Item' AND verb = 'update'"
    )
    link = KINDS[type_][1]
    assert [row.changes[link] for row in traces] == [[None, str(first)], [str(first), str(second)], [str(second), None]]
    assert [row.version for row in traces] == [2, 3, 4]


@pytest.mark.parametrize("type_", KINDS)
def test_a_version_is_taken_once_and_retired_no_earlier_than_it_began(designs: Designs, type_: str) -> None:
    first, again = draft(designs, type_, "A", start_date=today() + timedelta(days=9)), draft(designs, type_, "A")
    designs.step(type_, first, "release")
    path = "".join(word.title() for word in KINDS[type_][0].split("_"))
    assert designs.refused(type_, again, "release") == [("VERSION_TAKEN", path[0].lower() + path[1:])]
    draft(designs, type_, "A", item="KIT")
    designs.step(type_, first, "retire")
    assert designs.row(type_, first).until_date == today() + timedelta(days=9)
    assert designs.refused(type_, again, "release")[0][0] == "VERSION_TAKEN"


def test_bill_and_routing_belong_to_a_released_design_of_the_same_item(designs: Designs) -> None:
    unreleased, foreign = draft(designs, "ProductDesign", "A"), draft(designs, "ProductDesign", "A", item="KIT")
    designs.step("ProductDesign", foreign, "release")
    for type_ in ("Bom", "Routing"):
        for design, code in ((unreleased, "DESIGN_NOT_RELEASED"), (foreign, "DESIGN_OF_ANOTHER_ITEM")):
            made = draft(designs, type_, "A", product_design=design)
            assert designs.refused(type_, made, "release") == [(code, "productDesign")]
    designs.step("ProductDesign", unreleased, "release")
    designs.step("Bom", draft(designs, "Bom", "A", product_design=unreleased), "release")


def test_a_routing_tells_all_that_is_confused(designs: Designs) -> None:
    operations = [{"sequence": 10, "operation": "MOLD"}, {"sequence": 10, "operation": "PRINT"}]
    parameters = [
        {"sequence": 10, "name": "料温", "unit": "℃", "target": "250", "lower_limit": "210", "upper_limit": "230"},
        {"sequence": 20, "name": "压力", "target": "80"},
    ]
    made = draft(designs, "Routing", "A", operations=operations, parameters=parameters)
    assert designs.refused("Routing", made, "release") == [
        ("SEQUENCE_TWICE", "operations.0.sequence"),
        ("SEQUENCE_TWICE", "operations.1.sequence"),
        ("SEQUENCE_UNKNOWN", "parameters.1.sequence"),
        ("BOUNDS_CROSSED", "parameters.0.target"),
    ]
