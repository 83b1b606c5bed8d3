"""A custom field that asks for a permission is missing in every path to whom it is closed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from graph_schema.export import plan_export
from hub import writes
from hub.errors import Invalid
from tests.custom.conftest import Workshop

SECRET = "4711.25"
UNKNOWN = [
    {"where": {"extra": [{"field": "margin", "gt": "1"}]}},
    {"where": {"not": {"extra": [{"field": "margin", "isNull": True}]}}},
    {"orderBy": [{"extra": {"field": "margin", "direction": "ASC"}}]},
]
LIST = "query L($where: ItemWhere, $orderBy: [ItemOrderBy!]) { items(where: $where, orderBy: $orderBy) { totalCount } }"


@pytest.fixture(scope="module")
def item(workshop: Workshop) -> Any:
    made = workshop.create("Item", code="P1", name="P1", unit="u", extra={"remark": "open", "margin": SECRET})
    workshop.update("Item", made, extra={"remark": "still open", "margin": "1.00"})
    return made


@pytest.mark.parametrize("arguments", UNKNOWN)
def test_asking_by_it_is_asking_by_nothing(workshop: Workshop, item: Any, arguments: dict[str, Any]) -> None:
    answer = json.dumps(workshop.ask(LIST, arguments, workshop.clerk), ensure_ascii=False)
    other = json.loads(json.dumps(arguments).replace("margin", "nosuch"))
    assert answer == json.dumps(workshop.ask(LIST, other, workshop.clerk), ensure_ascii=False).replace(
        "nosuch", "margin"
    )
    assert "CUSTOM_FIELD_UNKNOWN" in answer
    assert "errors" not in workshop.ask(LIST, arguments)


def test_it_is_in_no_answer(workshop: Workshop, item: Any) -> None:
    document = """{ item(code: "P1") { extra history { changes { field before after } } }
      declaredFields(documentType: "Item") { key label { zh } } }"""
    shown = workshop.data(document)
    assert shown["item"]["extra"]["margin"] == "1.00"
    changed = {one["field"]: one for one in shown["item"]["history"][0]["changes"]}
    assert changed["extra.margin"] == {"field": "extra.margin", "before": SECRET, "after": "1.00"}
    closed = json.dumps(workshop.data(document, viewer=workshop.clerk))
    assert "margin" not in closed
    assert SECRET not in closed
    assert "still open" in closed


def test_it_is_in_no_export(workshop: Workshop, item: Any) -> None:
    viewer = workshop.runner.run(workshop.answerer.informed(workshop.clerk))
    assert "extra.margin" not in [".".join(column.path) for column in plan_export("items", {}, None, viewer).columns]
    with pytest.raises(Invalid):
        plan_export("items", {}, ["code", "extra.margin"], viewer)
    boss = workshop.runner.run(workshop.answerer.informed(workshop.boss))
    assert "extra.margin" in [".".join(column.path) for column in plan_export("items", {}, None, boss).columns]


def test_it_is_not_written_and_the_audit_does_not_tell_it(workshop: Workshop, item: Any) -> None:
    for key in ("margin", "nosuch"):
        with (
            pytest.raises(Invalid) as raised,
            writes.unit_of_work(workshop.database.engine, workshop.clerk, "tests") as ctx,
        ):
            writes.create(ctx, "Item", {"code": "P2", "name": "P2", "unit": "u", "extra": {key: "1"}})
        assert [(one.code, one.path) for one in raised.value.problems] == [("CUSTOM_FIELD_UNKNOWN", ("extra", key))]
    with workshop.database.engine.connect() as connection:
        told = connection.execute(
            text("SELECT changes::text FROM audit.audit_entry WHERE document_id = :id"), {"id": item}
        ).scalars()
        entries = list(told)
    assert entries
    assert all("margin" not in one and SECRET not in one for one in entries)
    assert any("still open" in one for one in entries)


def test_declarations_of_it_are_closed_too(workshop: Workshop, item: Any) -> None:
    document = "{ customFields { nodes { key name } } }"
    assert "margin" in json.dumps(workshop.data(document))
    assert "margin" not in json.dumps(workshop.data(document, viewer=workshop.clerk))
