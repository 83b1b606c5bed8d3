"""Columns with a permission: hunted on every way that leads out of the hub, by walking the schema and the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from graph_schema.answer import core_schema
from hub.context import Viewer
from hub.document.access import ROLES, all_permissions
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec
from hub.identity import issue_token
from hub.web.app import create_app
from hub.web.workbench.columns import key_of
from hub.words import camel
from hub.writes import load, unit_of_work, update
from tests.reading.conftest import boss
from tests.rights.conftest import (
    ACCUMULATED,
    AVAILABLE,
    BANK,
    BIRTH_DATE,
    CARRIED,
    COST,
    CUSTOMER_BANK,
    FREIGHT,
    HOURLY,
    ID_NUMBER,
    INCOMING,
    LOST,
    MACHINE,
    NET,
    ON_HAND,
    ORDERED_ON,
    OWED,
    PIECE,
    POINTS,
    PURCHASED,
    QUALIFIED,
    RECEIVABLE,
    RESERVED,
    SCORE,
    SOLD,
    SOLD_ON,
    Plant,
)
from tests.rights.crawl import Question, questions, selections

MARKS = {
    ("Employee", "id_number"): ID_NUMBER[:-1],
    ("Employee", "birth_date"): BIRTH_DATE,
    ("Supplier", "bank_account"): f"{BANK}S",
    ("Supplier", "bank_name"): f"{BANK}NS",
    ("Supplier", "score"): f'"score":"{SCORE}',
    ("Supplier", "purchased_amount"): f'"purchasedAmount":"{PURCHASED}',
    ("Supplier", "payable"): f'"payable":"{OWED}',
    ("Supplier", "on_time_rate"): '"onTimeRate":"100',
    ("Supplier", "qualified_rate"): f'"qualifiedRate":"{QUALIFIED}',
    ("Supplier", "last_order_date"): f'"lastOrderDate":"{ORDERED_ON}',
    ("Carrier", "bank_account"): f"{BANK}CA",
    ("Carrier", "deliveries_count"): f'"deliveriesCount":{CARRIED}',
    ("Customer", "bank_account"): CUSTOMER_BANK,
    ("Customer", "purchased_amount"): f'"purchasedAmount":"{SOLD}',
    ("Customer", "receivable"): f'"receivable":"{RECEIVABLE}',
    ("Customer", "on_time_rate"): '"onTimeRate":"50',
    ("Customer", "last_order_date"): f'"lastOrderDate":"{SOLD_ON}',
    ("Item", "standard_cost"): COST,
    ("Item", "on_hand"): ON_HAND,
    ("Item", "reserved"): RESERVED,
    ("Item", "available"): AVAILABLE,
    ("Item", "incoming"): f'"incoming":"{INCOMING}',
    ("WorkCentre", "hourly_rate"): HOURLY,
    ("Operation", "piece_rate"): PIECE,
    ("OperationReportLine", "points"): POINTS,
    ("Carrier", "freight_paid"): FREIGHT,
    ("Asset", "cost"): MACHINE,
    ("Asset", "opening_depreciation"): LOST,
    ("Asset", "accumulated_depreciation"): ACCUMULATED,
    ("Asset", "net_value"): NET,
    ("SalesOrderLine", "late_level"): '"lateLevel":"',
    ("SalesOrderLine", "late_reason"): '"lateReason":"',
    ("SalesOrderLine", "late_cause"): '"lateCause":"',
    ("SalesOrderLine", "late_sentence"): '"lateSentence":"',
    ("SalesOrderLine", "expected_date"): '"expectedDate":"',
}
"""A text by which a value of each restricted field would be known, wherever it turned up.

What is incoming is known by its name too: who sees all lines of orders may add up what is open of them. So are counts
and what is reckoned of a customer or supplier. Why a line is late changes with the days, so any answer is one.
"""
OWNERS = {
    "Employee": "head", "Supplier": "S1", "Item": "I3", "WorkCentre": "WC", "Operation": "OP", "Carrier": "CA",
    "Asset": "AS", "OperationReportLine": "OR line", "OperationReport": "OR", "Customer": "K2",
    "SalesOrderLine": "SO line", "SalesOrder": "SO CG north",
}  # fmt: skip
"""Of each type with such fields the row that has them, and of each document with such lines."""
RESTRICTED: list[tuple[DocSpec, FieldSpec | DerivedSpec]] = [
    (spec, member) for spec in specs().values() for member in spec.fields.values() if member.restricted
]
RESTRICTED += [(spec, one) for spec in specs().values() for one in spec.derived.values() if one.restricted]
NEEDED = {member.restricted for _, member in RESTRICTED}


def test_every_restricted_field_is_hunted() -> None:
    assert {(spec.name, member.name) for spec, member in RESTRICTED} == set(MARKS)
    sensitive = re.compile(r"bank_?acc|id_number|birth|salary|wage|pay_|standard_cost", re.I)
    for spec in specs().values():
        for field in spec.fields.values():
            assert field.restricted or not sensitive.search(field.name), f"{spec.name}.{field.name}"


@pytest.fixture(scope="module")
def curious(plant: Plant) -> Viewer:
    """Somebody who may everything but read a restricted column."""
    return replace(plant.viewer("executive"), permissions=all_permissions() - NEEDED)


def test_no_selection_shows_them(plant: Plant, curious: Viewer, proof_count: Callable[[int, int], int]) -> None:
    """Some steps deep from every list; the administrator is asked too until the hunt has reached every one of them."""
    seen: set[str] = set()
    for document in selections(core_schema(), proof_count(2, 3)):
        shown = plant.text(curious, document)
        leaked = [mark for mark in MARKS.values() if mark in shown]
        assert not leaked, (leaked, document)
        if len(seen) < len(MARKS):
            everything = plant.text(plant.viewer("administrator"), document)
            seen |= {mark for mark in MARKS.values() if mark in everything}
    assert seen == set(MARKS.values())


def _asked() -> Iterator[tuple[str, str, Question]]:
    for spec, member in RESTRICTED:
        for question in questions(core_schema(), spec, member.name):
            yield spec.name, member.name, question


ASKED = list(_asked())


def test_the_walk_finds_filters_and_orders() -> None:
    for spec, member in RESTRICTED:
        kinds = " ".join(one.about for name, field, one in ASKED if (name, field) == (spec.name, member.name))
        assert "OrderBy" in kinds
        if isinstance(member, FieldSpec):
            assert f"{spec.name}Where" in kinds


def _codes(answer: dict[str, Any]) -> set[str]:
    """What an answer was refused for; who holds the right may still ask of ciphertext what it cannot tell."""
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


@pytest.mark.parametrize(("_type", "_field", "question"), ASKED, ids=[one.about for *_, one in ASKED])
def test_no_argument_takes_them(plant: Plant, curious: Viewer, _type: str, _field: str, question: Question) -> None:
    """Neither filter nor order nor group: what could be told by trying is refused, and refused only for the right."""
    allowed = plant.ask(plant.viewer("administrator"), question.document)
    assert _codes(allowed) <= {"COLUMN_ENCRYPTED"}, (allowed, question.document)
    answer = plant.ask(curious, question.document)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["COLUMN_FORBIDDEN"], question.document
    assert answer["data"] is None or all(value is None for value in answer["data"].values())


WRAPPED = [
    "{ items(where: {supplier: {bankAccount: {isNull: false}}}) { totalCount } }",
    '{ items(where: {not: {or: [{supplier: {bankAccount: {startsWith: "6"}}}]}}) { totalCount } }',
    "{ items(orderBy: [{supplier: {bankAccount: DESC}}]) { nodes { code } } }",
    "{ departments { nodes { employees(where: {idNumber: {isNull: false}}) { totalCount } } } }",
    "{ suppliers(where: {items: {some: {standardCost: {gt: \"7\"}}}}) { totalCount } }",
    '{ suppliers(where: {items: {aggregate: {max: {standardCost: {gt: "7"}}}}}) { totalCount } }',
]  # fmt: skip


@pytest.mark.parametrize("document", WRAPPED)
def test_nor_in_disguise(plant: Plant, curious: Viewer, document: str) -> None:
    assert _codes(plant.ask(plant.viewer("administrator"), document)) <= {"COLUMN_ENCRYPTED"}
    codes = [error["extensions"]["code"] for error in plant.ask(curious, document)["errors"]]
    assert codes == ["COLUMN_FORBIDDEN"]


@pytest.mark.parametrize(("spec", "member"), RESTRICTED, ids=[f"{s.name}.{m.name}" for s, m in RESTRICTED])
def test_by_id_by_node_and_in_the_catalogue(
    plant: Plant, curious: Viewer, spec: Any, member: FieldSpec | DerivedSpec
) -> None:
    id_ = plant.ids[OWNERS[spec.name]]
    document = f"""query O($id: ID!) {{ {spec.single}(id: $id) {{ {camel(member.name)} }}
      node(id: $id) {{ ... on {spec.name} {{ {camel(member.name)} }} }}
      documentTypes(names: ["{spec.name}"]) {{ fields {{ name readable }} }} }}"""
    found = plant.data(curious, document, {"id": str(id_)})
    assert found[spec.single] == found["node"] == {camel(member.name): None}
    told = {one["name"]: one["readable"] for one in found["documentTypes"][0]["fields"]}
    assert told[camel(member.name)] is False


@pytest.mark.parametrize("login", ["steward", "executive", "administrator"])
def test_source_records_of_closed_types_are_not_shown(plant: Plant, login: str) -> None:
    """The raw record holds the ID number and the account, whatever the source calls them."""
    found = plant.data(
        plant.viewer(login),
        """{ sourceRecords { totalCount nodes { documentType payload payloadHash } }
             suppliers { nodes { code provenance { table } } }
             sourceSystems { nodes { records { totalCount } } } }""",
    )
    types = {one["documentType"] for one in found["sourceRecords"]["nodes"]}
    open_ = {"Customer", "Employee", "Supplier"} if login == "administrator" else {"Customer"}
    assert types == open_
    assert found["sourceRecords"]["totalCount"] == len(open_)
    assert found["sourceSystems"]["nodes"][0]["records"]["totalCount"] == len(open_)
    assert {one["code"]: one["provenance"] for one in found["suppliers"]["nodes"]}["S1"] == [{"table": "t_Supplier"}]


def test_a_subscription_shows_no_more(plant: Plant, curious: Viewer) -> None:
    document = (
        'subscription { documentChanged(type: "Supplier") { document { ... on Supplier { code bankAccount } } } }'
    )
    changer = boss(plant.ids["R-A"])

    def change(account: str) -> None:
        with unit_of_work(plant.engine, changer, "tests") as ctx:
            update(ctx, "Supplier", plant.ids["S1"], {"bank_account": account})

    async def heard() -> dict[str, Any]:
        import asyncio

        stream = plant.answerer.subscribe(document, {}, curious)
        await anext(stream)  # says that it follows
        await asyncio.to_thread(change, f"{BANK}S10")
        answer: dict[str, Any] = json.loads((await asyncio.wait_for(anext(stream), 20)).answer)
        await stream.aclose()
        return answer

    answer = plant.runner.run(heard())
    change(f"{BANK}S1")
    assert answer["data"]["documentChanged"]["document"] == {"code": "S1", "bankAccount": None}


def test_a_changed_account_is_in_the_audit_without_its_digits(plant: Plant) -> None:
    """What is masked must still be told as changed, or nobody would notice a swapped account."""
    changer = boss(plant.ids["R-A"])
    for account in ("1111", "2222"):
        with unit_of_work(plant.engine, changer, "tests") as ctx:
            update(ctx, "Supplier", plant.ids["S2"], {"bank_account": account})
    with plant.engine.connect() as connection:
        query = text("SELECT changes, version FROM audit.audit_entry WHERE document_id = :id ORDER BY id DESC LIMIT 2")
        entries = connection.execute(query, {"id": plant.ids["S2"]}).all()
    assert [one.changes for one in entries] == [{"bank_account": ["***", "***"]}] * 2
    assert entries[0].version == entries[1].version + 1
    with unit_of_work(plant.engine, changer, "tests") as ctx:
        update(ctx, "Supplier", plant.ids["S2"], {"bank_account": f"{BANK}S2"})


@pytest.fixture(scope="module")
def pages(plant: Plant) -> Iterator[TestClient]:
    with TestClient(create_app(), follow_redirects=True) as client:
        yield client


def _headers(plant: Plant, login: str) -> dict[str, str]:
    with Session(plant.engine) as session, session.begin():
        return {"Authorization": f"Bearer {issue_token(session, f'r-{login}', purpose='pages')}"}


def _addresses(plant: Plant, spec: DocSpec, name: str, mark: str) -> Iterator[str]:
    """Everywhere that the value might be shown; a line has no pages but its document's."""
    shown = specs()[spec.parent] if spec.parent else spec
    key, record = key_of(shown), f"pk={plant.ids[OWNERS[shown.name]]}"
    called = "position" if spec.parent else "code"
    yield from (
        f"/{key}/list?cols={called},{name}",
        f"/{key}/list?q={mark}",
        f"/{key}/list?sort={name}__asc",
        f"/{key}/list?filter={name}__is_not_null",
        f"/{key}/detail?{record}",
        f"/{key}/edit?{record}",
        f"/{key}/create",
        f"/export/{spec.many}.csv",
        f"/export/{spec.many}.ndjson?fields={called},{name}",
        f'/export/{spec.many}.ndjson?where={{"{name}":{{"isNull":false}}}}',
        f"/export/{shown.many}.ndjson",
        "/",
    )


@pytest.mark.parametrize("login", ["executive", "steward", "sales", "k1"])
def test_no_page_and_no_file_shows_them(plant: Plant, pages: TestClient, login: str) -> None:
    """Lists with every column, search, details, forms and exports of the types that have something to hide."""
    role = login if login in ROLES else "partner"
    hidden = [MARKS[spec.name, one.name] for spec, one in RESTRICTED if one.restricted not in ROLES[role].permissions]
    headers = _headers(plant, login)
    for spec, member in RESTRICTED:
        mark = MARKS[spec.name, member.name]
        unseen = login == "k1" or (login, spec.name) == ("sales", "SalesOrderLine")  # whose rows are others'
        for address in _addresses(plant, spec, camel(member.name), mark):
            answer = pages.get(address, headers=headers)
            assert answer.status_code < 500, (address, answer.text[:400])
            assert answer.status_code != 404 or unseen, address
            found = [
                one for one in hidden if one in answer.text.replace(f"q={mark}", "").replace(f'value="{mark}"', "")
            ]
            assert not found, (address, found)


def test_what_may_not_be_read_may_not_be_written_or_guessed(plant: Plant) -> None:
    """An update that would not change a hidden value is refused like any other: no trying of values."""
    clerk = replace(plant.viewer("purchasing"), permissions=ROLES["purchasing"].permissions - {"purchasing.bank"})
    document = """mutation U($id: ID!, $account: String) { updateSupplier(id: $id, input: {bankAccount: $account}) {
      supplier { bankAccount } problems { code path } } }"""
    answers = {
        plant.text(clerk, document, {"id": str(plant.ids["S1"]), "account": account})
        for account in (f"{BANK}S1", "0000", None)
    }
    assert len(answers) == 1
    assert "FIELD_FORBIDDEN" in answers.pop()


def test_loading_leaves_no_trace_of_them_in_what_is_told(plant: Plant) -> None:
    with unit_of_work(plant.engine, boss(plant.ids["R-A"]), "tests") as ctx:
        rows = [{"code": "S1", "name": "供应商S1", "bank_account": f"{BANK}S1"}, {"code": "S3", "bank_account": BANK}]
        result = load(ctx, "Supplier", rows)
    assert BANK not in str([one for one in result.problems if one.path != "bankAccount"])
    with plant.engine.connect() as connection:
        query = text("SELECT count(*) FROM audit.audit_entry WHERE changes::text LIKE :mark")
        assert connection.scalar(query, {"mark": f"%{BANK}%"}) == 0
        assert (
            connection.scalar(
                text("SELECT count(*) FROM audit.outbox WHERE payload::text LIKE :mark"), {"mark": f"%{BANK}%"}
            )
            == 0
        )
