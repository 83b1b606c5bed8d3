"""What a viewer may not see is not in the answer, nor to be had by filter, order, count or another company's id."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reading.conftest import Factory
from tests.reading.test_answers import Ask


def _code(answer: dict[str, Any]) -> str:
    assert len(answer["errors"]) == 1, answer
    found: str = answer["errors"][0]["extensions"]["code"]
    return found


def _only_for_encryption(answer: dict[str, Any]) -> bool:
    """Whether whoever holds the right is answered, or refused only because ciphertext has no order."""
    return {error["extensions"]["code"] for error in answer.get("errors", ())} <= {"COLUMN_ENCRYPTED"}


def test_restricted_columns_read_as_null(ask: Ask, factory: Factory) -> None:
    document = "{ employees { nodes { code idNumber } } suppliers { nodes { bankAccount } } }"
    shown = ask(document)["data"]
    assert shown["employees"]["nodes"] == [{"code": "E1", "idNumber": "320106199001011234"}]
    hidden = ask(document, viewer=factory.with_role("sales"))["data"]
    assert hidden["employees"]["nodes"] == [{"code": "E1", "idNumber": None}]
    assert hidden["suppliers"]["nodes"] == [{"bankAccount": None}]


@pytest.mark.parametrize(
    "document",
    [
        '{ employees(where: {idNumber: {startsWith: "3"}}) { totalCount } }',
        "{ employees(orderBy: [{idNumber: ASC}]) { nodes { code } } }",
        "{ items(where: {supplier: {bankAccount: {isNull: false}}}) { totalCount } }",
        '{ items(where: {not: {or: [{supplier: {bankAccount: {eq: "1"}}}]}}) { totalCount } }',
        "{ items(orderBy: [{supplier: {bankAccount: DESC}}]) { nodes { code } } }",
        "{ departments { nodes { employees(where: {idNumber: {isNull: false}}) { totalCount } } } }",
        '{ departments(where: {employees: {aggregate: {max: {birthDate: {gt: "2000-01-01"}}}}}) { totalCount } }',
        "{ departments(where: {employees: {aggregate: {min: {birthDate: {year: {gt: 1900}}}}}}) { totalCount } }",
        """{ departments(where: {employees: {aggregate: {where: {idNumber: {startsWith: "3"}}, count: {gt: 0}}}}) {
            totalCount } }""",
    ],
)
def test_restricted_columns_neither_filter_nor_sort(ask: Ask, factory: Factory, document: str) -> None:
    assert _only_for_encryption(ask(document))
    answer = ask(document, viewer=factory.with_role("sales"))
    assert _code(answer) == "COLUMN_FORBIDDEN"
    assert all(value is None for value in answer["data"].values())


def test_a_forbidden_type_is_one_error_and_leaves_the_rest(ask: Ask, factory: Factory) -> None:
    document = "{ salesOrders { totalCount } items { totalCount } stockEntries { totalCount } }"
    answer = ask(document, viewer=factory.with_role("people"))
    assert answer["data"] == {"salesOrders": None, "items": {"totalCount": 3}, "stockEntries": None}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["salesOrders"], "FORBIDDEN"),
        (["stockEntries"], "FORBIDDEN"),
    ]
    assert answer["errors"][0]["message"] == "您没有查看客户订单的权限。"


def test_forbidden_types_are_empty_below_and_no_filter(ask: Ask, factory: Factory) -> None:
    viewer = factory.with_role("people")
    below = "totalCount nodes { number } pageInfo { hasNextPage endCursor }"
    document = f"{{ customers(first: 1) {{ nodes {{ salesOrders {{ {below} }} }} }} }}"
    found = ask(document, viewer=viewer)
    assert found["data"]["customers"]["nodes"] == [
        {"salesOrders": {"totalCount": 0, "nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}
    ]
    for condition in ("some: {}", "aggregate: {count: {eq: 0}}", "aggregate: {}"):
        answer = ask(f"{{ customers(where: {{salesOrders: {{{condition}}}}}) {{ totalCount }} }}", viewer=viewer)
        assert _code(answer) == "FORBIDDEN"


def test_a_document_of_a_forbidden_type_is_not_found_by_node(ask: Ask, factory: Factory) -> None:
    document = "query N($id: ID!) { node(id: $id) { __typename id ... on SalesOrder { number } } }"
    variables = {"id": str(factory.ids["C-A SO1"])}
    assert ask(document, variables)["data"]["node"]["number"] == "SO-0001"
    assert ask(document, variables, factory.with_role("people"))["data"]["node"] is None


def test_the_company_is_a_wall_at_every_level(ask: Ask, factory: Factory) -> None:
    foreign = {"id": str(factory.ids["C-B SO1"]), "item": str(factory.ids["C-B I1"])}
    document = """query W($id: ID!, $item: ID!) {
      salesOrder(id: $id) { number }
      node(id: $id) { id }
      salesOrders(where: {id: {eq: $id}}) { totalCount nodes { id } }
      salesOrderLines(where: {item: {id: {eq: $item}}}) { totalCount }
      customers(where: {salesOrders: {some: {id: {eq: $id}}}}) { totalCount }
      customersOf: customers(where: {salesOrders: {aggregate: {where: {id: {eq: $id}}, count: {gt: 0}}}}) { totalCount }
      itemsOf: items(where: {salesOrderLines: {aggregate: {where: {salesOrder: {id: {eq: $id}}}, count: {gt: 0}}}}) {
        totalCount }
      companies { nodes { code } }
    }"""
    assert ask(document, foreign)["data"] == {
        "salesOrder": None,
        "node": None,
        "salesOrders": {"totalCount": 0, "nodes": []},
        "salesOrderLines": {"totalCount": 0},
        "customers": {"totalCount": 0},
        "customersOf": {"totalCount": 0},
        "itemsOf": {"totalCount": 0},
        "companies": {"nodes": [{"code": "C-A"}]},
    }
    theirs = ask(document, foreign, factory.stranger)["data"]
    assert theirs["salesOrder"] == {"number": "SO-0001"}
    assert theirs["salesOrders"]["totalCount"] == 1
    assert theirs["customers"]["totalCount"] == 1
    assert theirs["customersOf"]["totalCount"] == 1
    assert theirs["itemsOf"]["totalCount"] > 0


def test_steps_are_offered_to_whom_may_take_them(ask: Ask, factory: Factory) -> None:
    document = '{ salesOrder(number: "SO-0003") { state availableSteps { name target } } }'
    offered = ask(document, viewer=factory.with_role("sales"))["data"]["salesOrder"]
    assert offered["state"] == "CONFIRMED"
    assert offered["availableSteps"] == [
        {"name": "close", "target": "CLOSED"},
        {"name": "cancel", "target": "CANCELLED"},
    ]
    assert ask(document, viewer=factory.with_role("quality"))["data"]["salesOrder"]["availableSteps"] == []


def test_secrets_are_not_in_the_schema() -> None:
    from graph_schema import sdl

    assert "passwordHash" not in sdl()
    assert "idNumber" in sdl()
