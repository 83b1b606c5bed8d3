"""Declarations: what is refused, what a change does to what is stored, indexes on demand, views for marts."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from graph_schema import explain
from hub import writes
from hub.db.custom import align
from hub.document.catalogue import FRESH_SECONDS, Catalogue
from hub.errors import HubError, Invalid
from tests.custom.conftest import OPTIONS, Workshop

SENSELESS: list[tuple[dict[str, Any], set[str]]] = [
    ({"document_type": "Nothing", "key": "Bad Key", "read_permission": "no.such"},
     {"TYPE_UNKNOWN", "KEY_INVALID", "PERMISSION_UNKNOWN"}),
    ({"kind": "choice"}, {"OPTIONS_MISSING"}),
    ({"kind": "choice", "options": [OPTIONS[0], {**OPTIONS[1], "value": "RED"}, {**OPTIONS[2], "value": "a b"}]},
     {"OPTION_TWICE", "OPTION_INVALID"}),
    ({"kind": "integer", "minimum": "5", "maximum": "1", "default_value": "x"}, {"BOUNDS_CROSSED", "VALUE_INVALID"}),
    ({"kind": "link", "target_type": "SalesOrderLine"}, {"TYPE_UNKNOWN"}),
    ({"document_type": "SalesOrderLine"}, {"TYPE_UNKNOWN"}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "codes"), SENSELESS)
def test_a_senseless_declaration_is_refused_with_all_that_is_wrong(
    workshop: Workshop, given: dict[str, Any], codes: set[str]
) -> None:
    with pytest.raises(Invalid) as raised:
        workshop.declare(**{"document_type": "Supplier", "key": "x", **given})
    assert {one.code for one in raised.value.problems} == codes


def test_a_kind_changes_only_when_every_value_fits(workshop: Workshop) -> None:
    field = workshop.declare("Department", "size")
    for code, size in (("D1", "12"), ("D2", "large"), ("D3", "huge")):
        workshop.create("Department", code=code, name=code, extra={"size": size})
    with pytest.raises(Invalid) as raised:
        workshop.update("CustomField", field, kind="integer")
    assert [one.code for one in raised.value.problems] == ["VALUES_UNFIT"]
    assert "2" in raised.value.problems[0].message.chinese
    with writes.unit_of_work(workshop.database.engine, workshop.boss, "tests") as ctx:
        rows = [{"code": code, "name": code, "extra": {"size": size}} for code, size in (("D2", "7"), ("D3", None))]
        assert writes.load(ctx, "Department", rows).updated == 2
    workshop.update("CustomField", field, kind="integer")
    where = {"extra": [{"field": "size", "gt": 7}]}
    document = "query D($where: DepartmentWhere) { departments(where: $where) { nodes { code extra } } }"
    shown = workshop.data(document, {"where": where})["departments"]["nodes"]
    assert shown == [{"code": "D1", "extra": {"size": 12}}]
    with pytest.raises(HubError):
        workshop.update("CustomField", field, key="other")
    workshop.update("CustomField", field, active=False)
    assert workshop.data(document)["departments"]["nodes"][0]["extra"] == {}
    workshop.update("CustomField", field, active=True)
    assert workshop.data(document, {"where": where})["departments"]["nodes"] == shown


def test_an_option_in_use_stays(workshop: Workshop) -> None:
    field = workshop.declare("Location", "zone", kind="choice", options=OPTIONS)
    workshop.create("Warehouse", code="Z", name="Z", extra={})
    workshop.create("Location", code="L1", name="L1", warehouse="Z", extra={"zone": "red"})
    options = workshop.data('{ customFields(where: {key: {eq: "zone"}}) { nodes { options { id value } } } }')
    ids = {one["value"]: one["id"] for one in options["customFields"]["nodes"][0]["options"]}
    workshop.update("CustomField", field, options={"remove": [ids["G-1"]]})
    with pytest.raises(Invalid) as raised:
        workshop.update("CustomField", field, options={"remove": [ids["red"]]})
    assert [one.code for one in raised.value.problems] == ["VALUES_UNFIT"]


def test_another_process_notices_within_seconds(workshop: Workshop) -> None:
    """A catalogue of its own, as another process has it; its plans are not those of the old declarations."""
    other = Catalogue()
    other.refresh_from(workshop.database.engine)
    before = other.of(workshop.boss.company_id)
    other.refresh_from(workshop.database.engine)
    assert other.of(workshop.boss.company_id) is before
    workshop.declare("Supplier", "rating", kind="integer")
    time.sleep(FRESH_SECONDS + 0.1)
    assert other.stale
    other.refresh_from(workshop.database.engine)
    after = other.of(workshop.boss.company_id)
    assert after is not None
    assert after is not before
    assert "rating" in after.all("Supplier")


def test_what_a_unit_of_work_declares_is_its_own_until_committed(workshop: Workshop) -> None:
    body = {"code": "t", "name": "临时", "english_name": "Temporary", "document_type": "Supplier", "key": "temporary"}
    with writes.unit_of_work(workshop.database.engine, workshop.boss, "tests", dry_run=True) as ctx:
        writes.create(ctx, "CustomField", body)
        writes.create(ctx, "Supplier", {"code": "T", "name": "T", "extra": {"temporary": "x"}})
    with pytest.raises(Invalid):
        workshop.create("Supplier", code="T", name="T", extra={"temporary": "x"})


def test_an_index_comes_on_demand_is_used_and_goes(workshop: Workshop) -> None:
    field = workshop.declare("Customer", "score", kind="decimal", scale=1)
    with writes.unit_of_work(workshop.database.engine, workshop.boss, "tests") as ctx:
        rows = [{"code": f"I{n}", "name": f"I{n}", "extra": {"score": f"{n}.5"}} for n in range(3000)]
        assert writes.load(ctx, "Customer", rows).problems == []
    workshop.update("CustomField", field, indexed=True)
    made = [name for name in align(workshop.database.engine) if "_score_" in name]
    assert len(made) == 1
    viewer = workshop.runner.run(workshop.answerer.informed(workshop.boss))
    document = '{ customers(where: {extra: [{field: "score", eq: "17.5"}]}) { nodes { code } } }'
    assert "hub.extra_decimal" in explain(document, viewer)
    known = workshop.answerer.known(document, None)
    statement = workshop.answerer.plan(known, {}, viewer).statement
    assert statement is not None
    with workshop.database.engine.connect() as connection:
        driver = connection.connection.cursor()
        driver.execute("ANALYZE hub.customer")
        names = ", ".join("unknown" for _ in statement.bindings)
        driver.execute(f"PREPARE asked ({names}) AS {statement.sql}")
        given = ", ".join("'" + str(one).replace("'", "''") + "'" for one in statement.values({}, viewer))
        driver.execute(f"EXPLAIN EXECUTE asked ({given})")
        plan = "\n".join(row[0] for row in driver.fetchall())
    assert made[0] in plan, plan
    assert workshop.data(document)["customers"]["nodes"] == [{"code": "I17"}]
    workshop.update("CustomField", field, indexed=False)
    assert made[0] in align(workshop.database.engine)
    with workshop.database.engine.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass(:name)"), {"name": f"hub.{made[0]}"}) is None


def test_marts_have_typed_columns(workshop: Workshop) -> None:
    workshop.create("Item", code="M1", name="M1", unit="u", extra={
        "thickness": "1.5", "checked": "2026-01-01", "colour": "red", "painter": "S1", "margin": "9"})  # fmt: skip
    align(workshop.database.engine)
    assert align(workshop.database.engine) == []
    with workshop.database.engine.connect() as connection:
        row = dict(connection.execute(text("SELECT * FROM mart.custom_item WHERE record_key = 'M1'")).mappings().one())
    assert str(row["thickness"]) == "1.500"
    assert (row["checked"].isoformat(), row["colour"], row["painter"]) == ("2026-01-01", "红", "S1")
    assert "margin" not in row


def test_companies_declare_apart(workshop: Workshop) -> None:
    with writes.unit_of_work(workshop.database.engine, replace(workshop.boss, company_id=None), "tests") as ctx:
        other = writes.create(ctx, "Company", {"code": "C2", "name": "别家"}).id
    stranger = replace(workshop.boss, company_id=other)
    assert workshop.data('{ declaredFields(documentType: "Item") { key } }', viewer=stranger) == {"declaredFields": []}
    answer = workshop.ask('{ items(where: {extra: [{field: "colour", eq: "red"}]}) { totalCount } }', viewer=stranger)
    assert answer["errors"][0]["extensions"]["code"] == "CUSTOM_FIELD_UNKNOWN"
