"""Aggregates and groups: what is refused and how, who sees what in them, and exact answers where they matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from graph_schema import explain
from hub.document.access import Access
from hub.document.registry import specs
from hub.document.rows import Way, only
from hub.words import Label
from tests.reading.conftest import Factory
from tests.reading.test_answers import Ask

HIDDEN = "{ sum { quantity } min { number } avg { quantity } distinct { orderLine } count }"


def _code(answer: dict[str, Any]) -> str:
    assert len(answer["errors"]) == 1, answer
    found: str = answer["errors"][0]["extensions"]["code"]
    return found


def _only_for_encryption(answer: dict[str, Any]) -> bool:
    """Whether whoever holds the right is answered, or refused only because ciphertext has no order."""
    return {error["extensions"]["code"] for error in answer.get("errors", ())} <= {"COLUMN_ENCRYPTED"}


@pytest.mark.parametrize(
    ("groups", "code"),
    [
        ("by: []", "GROUP_KEYS"),
        ("by: [{}]", "GROUP_AMBIGUOUS"),
        ("by: [{state: true, note: true}]", "GROUP_AMBIGUOUS"),
        ("by: [{state: false}]", "GROUP_AMBIGUOUS"),
        ("by: [{customer: {}}]", "GROUP_AMBIGUOUS"),
        ("by: [{orderDate: YEAR}, {orderDate: MONTH}]", "GROUP_KEY_TWICE"),
        ("by: [{orderDate: HOUR}]", "BUCKET_TOO_FINE"),
        ("by: [{state: true}, {note: true}, {number: true}, {freight: true}, {currency: true}, {shipTo: true}]",
         "GROUP_KEYS"),
        ("by: [{state: true}], first: 1001", "PAGE_SIZE"),
        ("by: [{state: true}], first: -1", "PAGE_SIZE"),
        ("by: [{state: true}], orderBy: [{key: {note: ASC}}]", "GROUP_KEY_UNKNOWN"),
        ("by: [{state: true}], orderBy: [{count: ASC, sum: {freight: ASC}}]", "GROUP_AMBIGUOUS"),
        ("by: [{state: true}], having: {count: {gt: null}}", "NULL_NOT_ALLOWED"),
        ("by: [{state: true}], having: {sum: {freight: null}}", "NULL_NOT_ALLOWED"),
        ("by: [{state: true}], having: {sum: {note: {gt: 1}}}", "GRAPHQL_VALIDATION_FAILED"),
        ("by: [{lines: true}]", "GRAPHQL_VALIDATION_FAILED"),
        ("by: [{orderDate: true}]", "GRAPHQL_VALIDATION_FAILED"),
    ],
)  # fmt: skip
def test_one_clear_error_each(ask: Ask, groups: str, code: str) -> None:
    answer = ask(f"{{ salesOrders {{ groups({groups}) {{ count }} }} items {{ totalCount }} }}")
    assert _code(answer) == code
    if code != "GRAPHQL_VALIDATION_FAILED":
        assert answer["data"] == {"salesOrders": None, "items": {"totalCount": 3}}


def test_a_key_that_rows_are_not_grouped_by_cannot_be_shown(ask: Ask) -> None:
    answer = ask("{ salesOrders { groups(by: [{state: true}]) { key { customer { city } } } } }")
    assert _code(answer) == "GROUP_KEY_UNKNOWN"
    assert "customer.city" in answer["errors"][0]["message"]


def test_a_restricted_column_reads_as_null_and_takes_no_part(ask: Ask, factory: Factory) -> None:
    viewer = factory.with_role("sales")
    document = "{ employees { aggregate { count max { birthDate name } distinct { birthDate } } } }"
    assert ask(document)["data"]["employees"]["aggregate"] == {
        "count": 1, "max": {"birthDate": "1990-01-01", "name": "张伟"}, "distinct": {"birthDate": 1}
    }  # fmt: skip
    assert ask(document, viewer=viewer)["data"]["employees"]["aggregate"] == {
        "count": 1, "max": {"birthDate": None, "name": "张伟"}, "distinct": {"birthDate": None}
    }  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [
        "{ employees { groups(by: [{idNumber: true}]) { count } } }",
        "{ employees { groups(by: [{code: true}], having: {max: {idNumber: {startsWith: \"3\"}}}) { count } } }",
        "{ employees { groups(by: [{code: true}], having: {not: {distinct: {idNumber: {eq: 1}}}}) { count } } }",
        "{ employees { groups(by: [{code: true}], orderBy: [{min: {idNumber: ASC}}]) { count } } }",
        "{ items { groups(by: [{supplier: {bankAccount: true}}]) { count } } }",
        "{ departments { nodes { employees { groups(by: [{idNumber: true}]) { count } } } } }",
        "{ departments(where: {employees: {aggregate: {max: {idNumber: {gt: \"3\"}}}}}) { totalCount } }",
    ],
)  # fmt: skip
def test_restricted_columns_neither_group_nor_choose_nor_sort(ask: Ask, factory: Factory, document: str) -> None:
    assert _only_for_encryption(ask(document))
    assert _code(ask(document, viewer=factory.with_role("sales"))) == "COLUMN_FORBIDDEN"


def test_forbidden_types_add_up_to_nothing_below_and_are_refused_at_the_root(ask: Ask, factory: Factory) -> None:
    viewer = factory.with_role("people")
    assert _code(ask("{ salesOrders { aggregate { count } } }", viewer=viewer)) == "FORBIDDEN"
    assert _code(ask("{ salesOrders { groups(by: [{state: true}]) { count } } }", viewer=viewer)) == "FORBIDDEN"
    assert _code(ask("{ departments { groups(by: [{manager: {salesOrders: true}}]) { count } } }")) == (
        "GRAPHQL_VALIDATION_FAILED"
    )
    below = "aggregate { count sum { total } max { orderDate } distinct { note } }"
    document = (
        f"{{ customers(first: 1) {{ nodes {{ salesOrders {{ {below} groups(by: [{{note: true}}]) {{count}} }} }} }} }}"
    )
    assert ask(document, viewer=viewer)["data"]["customers"]["nodes"] == [
        {"salesOrders": {
            "aggregate": {"count": 0, "sum": {"total": "0.0000"}, "max": {"orderDate": None}, "distinct": {"note": 0}},
            "groups": [],
        }}
    ]  # fmt: skip
    shown = "{ items { aggregate { count distinct { supplier } } } }"
    assert ask(shown, viewer=viewer)["data"]["items"]["aggregate"] == {"count": 3, "distinct": {"supplier": 1}}


def test_links_to_forbidden_types_are_neither_counted_nor_grouped_by(ask: Ask, factory: Factory) -> None:
    viewer = replace(factory.viewer, permissions=frozenset({"quality.read"}))
    document = "{ inspections { aggregate { count distinct { item } } } }"
    assert ask(document, viewer=viewer)["data"]["inspections"]["aggregate"] == {"count": 0, "distinct": {"item": None}}
    grouped = "{ inspections { groups(by: [{item: {code: true}}]) { count } } }"
    assert _code(ask(grouped, viewer=viewer)) == "FORBIDDEN"
    having = "{ inspections { groups(by: [{state: true}], having: {distinct: {item: {gt: 0}}}) { count } } }"
    assert _code(ask(having, viewer=viewer)) == "FORBIDDEN"


def test_the_company_is_a_wall_inside_aggregates(ask: Ask, factory: Factory) -> None:
    document = """query W($id: ID!) {
      salesOrders { aggregate { count sum { total } } }
      salesOrderLines(where: {item: {id: {eq: $id}}}) {
        aggregate { count sum { quantity } } groups(by: [{item: {code: true}}]) { count }
      }
      companies { aggregate { count } groups(by: [{code: true}]) { key { code } } }
    }"""
    found = ask(document, {"id": str(factory.ids["C-B I1"])}, replace(factory.reader))["data"]
    assert found["salesOrders"]["aggregate"] == {"count": 12, "sum": {"total": "1920.0000"}}
    assert found["salesOrderLines"] == {"aggregate": {"count": 0, "sum": {"quantity": "0.0000"}}, "groups": []}
    assert found["companies"] == {"aggregate": {"count": 1}, "groups": [{"key": {"code": "C-C"}}]}


def test_row_rules_hold_inside(ask: Ask, factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule on customers hides them from counts, from keys and from distinct links, wherever they are."""
    customer = specs()["Customer"]
    _only_first_two(monkeypatch, customer)
    document = """{
      customers { totalCount aggregate { count min { code } max { code } } groups(by: [{code: true}]) { key { code } } }
      salesOrders {
        aggregate { count distinct { customer } }
        groups(by: [{customer: {code: true}}]) { key { customer { code } } count distinct { customer } }
      }
    }"""
    found = ask(document, viewer=factory.reader)["data"]
    assert found["customers"] == {
        "totalCount": 2,
        "aggregate": {"count": 2, "min": {"code": "K1"}, "max": {"code": "K2"}},
        "groups": [{"key": {"code": "K1"}}, {"key": {"code": "K2"}}],
    }
    assert found["salesOrders"]["aggregate"] == {"count": 12, "distinct": {"customer": 2}}
    assert found["salesOrders"]["groups"] == [
        {"key": {"customer": {"code": "K1"}}, "count": 3, "distinct": {"customer": 1}},
        {"key": {"customer": {"code": "K2"}}, "count": 3, "distinct": {"customer": 1}},
        {"key": {"customer": {"code": None}}, "count": 6, "distinct": {"customer": 0}},
    ]


def test_lines_are_added_up_only_of_documents_that_can_be_seen(
    ask: Ask, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = """{ salesOrderLines {
      aggregate { count } groups(by: [{salesOrder: {number: true}}]) { key { salesOrder { number } } count } } }"""
    everything = ask(document, viewer=factory.reader)["data"]["salesOrderLines"]
    assert everything["aggregate"]["count"] == sum(one["count"] for one in everything["groups"]) == 24
    _only(monkeypatch, specs()["SalesOrder"], "number", ("SO-0001", "SO-0004"))
    found = ask(document, viewer=factory.reader)["data"]["salesOrderLines"]
    assert found["aggregate"] == {"count": 4}
    assert [one["key"]["salesOrder"]["number"] for one in found["groups"]] == ["SO-0001", "SO-0004"]


def _only_first_two(monkeypatch: pytest.MonkeyPatch, spec: Any) -> None:
    _only(monkeypatch, spec, "code", ("K1", "K2"))


def _only(monkeypatch: pytest.MonkeyPatch, spec: Any, column: str, values: tuple[str, ...]) -> None:
    way = Way(Label("试验", "Test"), lambda row, _tables, _me: row.c[column].in_(values))
    rule = Access(spec.access.read, spec.access.write, only(way))
    for one in specs().values():
        if one is spec or one.parent == spec.name:
            monkeypatch.setitem(one.__dict__, "access", rule)


def test_explain_tells_what_is_added_up(factory: Factory) -> None:
    document = """{ salesOrders { aggregate { count sum { total } } groups(
      by: [{customer: {city: true}}, {orderDate: MONTH}], orderBy: [{sum: {total: DESC}}], first: 3) {
      key { orderDate } avg { total } } } }"""
    text = explain(document, factory.viewer)
    assert "by customer.city, order_date by month order by sum of total desc, customer.city asc" in text
    assert "total: sum of total" in text
    assert "orderDate: order_date by month" in text


def test_parts_of_a_day_choose_groups_too(ask: Ask, factory: Factory) -> None:
    document = """{ salesOrders { groups(by: [{orderDate: MONTH}], having: {max: {orderDate: {month: {gte: 5}}}}) {
      key { orderDate } count } } }"""
    found = ask(document, viewer=factory.reader)["data"]["salesOrders"]["groups"]
    assert found == [
        {"key": {"orderDate": "2026-05-01"}, "count": 2}, {"key": {"orderDate": "2026-06-01"}, "count": 2}
    ]  # fmt: skip


def test_the_past_adds_up_as_it_was(ask: Ask, factory: Factory) -> None:
    """As of a moment after the last change the past is the present; before the first there was nothing."""
    document = """query P($asOf: DateTime) {
      salesOrders(asOf: $asOf, where: {customer: {code: {ne: "K1"}}}) {
        aggregate { count sum { total freight } distinct { customer } }
        groups(by: [{customer: {code: true}}, {orderDate: QUARTER}]) { key { customer { code } orderDate } avg {total} }
        nodes { linesConnection { aggregate { count max { quantity } } } }
      }
      salesOrderLines(asOf: $asOf) { groups(by: [{salesOrder: {number: true}}]) { count sum { amount } } }
    }"""
    now = ask(document, viewer=factory.reader)["data"]
    later = ask(document, {"asOf": datetime.now(UTC).isoformat()}, factory.reader)["data"]
    assert later == now
    assert now["salesOrders"]["aggregate"]["count"] == 9
    before = ask(document, {"asOf": "2020-01-01T00:00:00Z"}, factory.reader)["data"]
    assert before["salesOrders"] == {
        "aggregate": {"count": 0, "sum": {"total": "0.0000", "freight": "0.0000"}, "distinct": {"customer": 0}},
        "groups": [],
        "nodes": [],
    }
