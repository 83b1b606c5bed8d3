"""Forms: filled in by their definition, kept with its version, seen by whom they let."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from hub import writes
from hub.errors import Invalid, NotFound
from tests.custom.conftest import Workshop


@pytest.fixture(scope="module")
def form(workshop: Workshop) -> str:
    for key, more in (("days", {"kind": "integer", "minimum": "1"}), ("reason", {}), ("foreign", {})):
        workshop.declare("FormRecord", key, **more)
    fields = [
        {"section": "申请", "custom_field": "FormRecord.days", "required": True},
        {"section": "说明", "custom_field": "FormRecord.reason"},
    ]
    workshop.create("FormDefinition", code="LEAVE", name="请假单", english_name="Leave", fields=fields,
                    read_permission="people.private")  # fmt: skip
    return "LEAVE"


DECLARED = '{ customFields(where: {documentType: {eq: "FormRecord"}}) { nodes { id key name } } }'
RECORD = "query R($id: ID!) { formRecord(id: $id) { number formVersion layout extra state } }"


def test_a_record_is_held_to_its_definition(workshop: Workshop, form: str) -> None:
    with pytest.raises(Invalid) as raised:
        workshop.create("FormRecord", form=form, extra={"foreign": "x"})
    assert {(one.code, one.path) for one in raised.value.problems} == {
        ("NOT_IN_FORM", ("extra", "foreign")), ("FIELD_MISSING", ("extra", "days"))}  # fmt: skip
    made = workshop.create("FormRecord", form=form, extra={"days": 3})
    with writes.unit_of_work(workshop.database.engine, workshop.boss, "tests") as ctx:
        definition = ctx.session.connection().exec_driver_sql(
            "SELECT d.id, l.id FROM hub.form_definition d JOIN hub.form_field l ON l.form_definition_id = d.id "
            "WHERE d.code = 'LEAVE' ORDER BY l.position DESC LIMIT 1").one()  # fmt: skip
        change = {"change": [{"id": str(definition[1]), "required": True}]}
        writes.update(ctx, "FormDefinition", definition[0], {"fields": change})
    with writes.unit_of_work(workshop.database.engine, workshop.boss, "tests") as ctx:
        writes.update(ctx, "FormRecord", made, {"extra": {"days": 4}})
        writes.run_step(ctx, "FormRecord", made, "submit")
    shown = workshop.data(RECORD, {"id": str(made)})["formRecord"]
    assert (shown["formVersion"], shown["extra"], shown["state"]) == (1, {"days": 4}, "SUBMITTED")
    declared = workshop.data(DECLARED)["customFields"]["nodes"]
    keys = {one["id"]: one["key"] for one in declared}
    laid_out = [[keys[field["id"]] for field in section["fields"]] for section in shown["layout"]["sections"]]
    assert laid_out == [["days"], ["reason"]]
    assert not any(word in str(shown["layout"]) for one in declared for word in (one["key"], one["name"]))
    with pytest.raises(Invalid) as raised:
        workshop.create("FormRecord", form=form, extra={"days": 1})
    assert [one.path for one in raised.value.problems] == [("extra", "reason")]


def test_who_may_read_and_fill_in(workshop: Workshop, form: str) -> None:
    clerk = workshop.clerk
    mine = workshop.create("FormRecord", clerk, form=form, extra={"days": 2, "reason": "病"})
    other = replace(clerk, user_id=uuid4(), code="other")
    people = replace(other, permissions=clerk.permissions | {"people.private"})
    for viewer, sees in ((clerk, True), (other, False), (people, True)):
        assert (workshop.data(RECORD, {"id": str(mine)}, viewer)["formRecord"] is not None) == sees
    with pytest.raises(NotFound):
        workshop.update("FormRecord", mine, other, extra={"days": 9})
    closed = {"custom_field": "FormRecord.reason"}
    workshop.create("FormDefinition", code="BOARD", name="董事会", english_name="Board", fields=[closed],
                    fill_permission="base.cost")  # fmt: skip
    with pytest.raises(Invalid) as raised:
        workshop.create("FormRecord", clerk, form="BOARD", extra={})
    assert [one.code for one in raised.value.problems] == ["LINK_UNKNOWN"]
