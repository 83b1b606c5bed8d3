"""What a request costs: known before anything runs, told in every answer, one limit for all of a request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_schema.answer import Answerer, core_schema
from graph_schema.cost import MAX_CONDITIONS, Spending
from graph_schema.document import understand
from graph_schema.limits import MAX_FIRST
from graph_schema.queries import plan_query
from hub.context import SYSTEM, Viewer
from tests.reading.conftest import Factory, with_answerer
from tests.reading.test_answers import Ask
from tests.reading.wire import Counting, count_on

NESTED = """query A($n: Int, $m: Int) { salesOrders(first: $n) { nodes {
  number customer { name } lines(first: $m) { quantity item { name } } } } }"""
DEEP = """{ customers(first: 1000) { nodes { salesOrders(first: 1000) { nodes {
  deliveries(first: 1000) { nodes { number } } } } } } }"""


def cost(document: str, variables: dict[str, Any] | None = None) -> int:
    """The cost of a document for somebody who may read everything."""
    known = understand(core_schema(), document, None)
    values = known.variables(variables or {})
    viewer = Viewer(SYSTEM, "boss", "老板", frozenset({"*"}), SYSTEM)
    return plan_query(known, known.slots(values), viewer).cost.of(values)


def test_what_people_need_is_far_below_the_limit(ask: Ask) -> None:
    for document, variables in (
        (NESTED, {"n": 50, "m": 5}),
        (NESTED, {"n": 500, "m": None}),
        ("{ salesOrders(first: 1000) { nodes { number state orderDate } } }", None),
        ("{ salesOrders(first: 1000) { nodes { number total delivered customer { name } } } }", None),
    ):
        answer = ask(document, variables)
        assert "errors" not in answer, answer["errors"]
        assert 0 < answer["extensions"]["cost"]["requested"] < answer["extensions"]["cost"]["limit"] / 2


def test_what_is_too_much_is_refused_before_anything_runs(factory: Factory) -> None:
    async def body(answerer: Answerer) -> tuple[dict[str, Any], int]:
        before = Counting.exchanges
        answer = json.loads(await answerer.answer(DEEP, None, factory.viewer))
        return answer, Counting.exchanges - before

    answer, exchanges = with_answerer(factory, body, prepare=count_on)
    assert exchanges == 0
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["COST_EXCEEDED"]
    assert answer["extensions"]["cost"]["requested"] > 1_000 * 1_000 * 1_000
    assert "data" not in answer


@given(st.integers(0, MAX_FIRST), st.integers(0, MAX_FIRST))
def test_variables_cost_what_they_say(orders: int, lines: int) -> None:
    """Per order: its row and its customer's, the list of lines, and for each line its row and its item's."""
    assert cost(NESTED, {"n": orders, "m": lines}) == 1 + orders * (1 + 1 + 1 + lines * (1 + 1))


def test_a_size_in_the_document_costs_the_same_as_in_a_variable() -> None:
    written = NESTED.replace("query A($n: Int, $m: Int)", "").replace("$n", "20").replace("$m", "3")
    assert cost(written) == cost(NESTED, {"n": 20, "m": 3})


def test_counts_links_and_derived_values_are_not_for_nothing() -> None:
    plain = cost("{ salesOrders(first: 10) { nodes { number } } }")
    for more in ("total", "customer { name }", "lines { quantity }", "deliveries { totalCount }", "provenance { at }"):
        assert cost(f"{{ salesOrders(first: 10) {{ nodes {{ number {more} }} }} }}") >= plain + 10, more
    filtered = '{ salesOrders(first: 10, where: {lines: {some: {item: {name: {eq: "x"}}}}}) { nodes { number } } }'
    assert cost(filtered) > plain


def test_several_operations_share_one_limit(factory: Factory) -> None:
    document = "{ salesOrders(first: 10) { nodes { number } } }"

    async def body(answerer: Answerer) -> list[dict[str, Any]]:
        spending = Spending(limit=25)
        return [json.loads(await answerer.answer(document, None, factory.viewer, None, spending)) for _ in range(3)]

    answers = with_answerer(factory, body)
    assert ["errors" in answer for answer in answers] == [False, False, True]
    assert answers[2]["extensions"]["cost"] == {"requested": 33, "limit": 25}


def test_a_mutation_costs_too_and_does_nothing_beyond_the_limit(factory: Factory, ask: Ask) -> None:
    document = """mutation { createCustomer(input: {code: "TOO-DEAR", name: "x"}) { customer { code
      salesOrders(first: 1000) { nodes { lines(first: 1000) { quantity } } } } } }"""
    assert ask(document)["errors"][0]["extensions"]["code"] == "COST_EXCEEDED"
    assert ask('{ customer(code: "TOO-DEAR") { code } }')["data"] == {"customer": None}
    cheap = ask('mutation { createCustomer(input: {code: "CHEAP", name: "x"}, dryRun: true) { customer { code } } }')
    assert cheap["extensions"]["cost"]["requested"] == 11


@pytest.mark.parametrize("shape", ["wide", "nested", "order"])
def test_conditions_in_variables_are_limited_before_they_become_sql(ask: Ask, shape: str) -> None:
    """Variables hold no tokens; a filter of ten thousand parts would be a statement of megabytes."""
    many = 200 * MAX_CONDITIONS
    variables: dict[str, Any] = {"where": {"or": [{"number": {"eq": str(n)}} for n in range(many)]}}
    if shape == "nested":
        where: dict[str, Any] = {"number": {"eq": "x"}}
        for _ in range(400):
            where = {"not": where}
        variables = {"where": where}
    if shape == "order":
        variables = {"order": [{"number": "ASC"} for _ in range(many)]}
    document = """query A($where: SalesOrderWhere, $order: [SalesOrderOrderBy!]) {
      salesOrders(where: $where, orderBy: $order) { totalCount } }"""
    (error,) = ask(document, variables)["errors"]
    expected = {"wide": "CONDITIONS_EXCEEDED", "nested": "GRAPHQL_VALIDATION_FAILED", "order": "CONDITIONS_EXCEEDED"}
    assert error["extensions"]["code"] == expected[shape], error


def test_values_in_a_list_are_no_conditions(ask: Ask) -> None:
    numbers = [f"SO-{n:04}" for n in range(5_000)]
    answer = ask("query A($in: [String!]) { salesOrders(where: {number: {in: $in}}) { totalCount } }", {"in": numbers})
    assert answer["data"] == {"salesOrders": {"totalCount": 12}}
