"""Bad input: one clear error each, nothing leaked, the process lives."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from typing import Any

import pytest

from graph_schema.answer import Answerer
from graph_schema.read.run import limit_statements
from tests.reading.conftest import Factory, with_answerer
from tests.reading.test_answers import Ask

DEEP = "{ departments { nodes " + "{ parent " * 20 + "{ id }" + " }" * 20 + " } }"
LEAKS = ("select ", "psycopg", "traceback", "hub.", "sqlalchemy", "syntax error at or near")


def _doubling(times: int) -> str:
    """Fragments of which each holds the next one twice."""
    names = ["F", *(f"F{n}" for n in range(times))]
    middle = [f"fragment {name} on Query {{ ...{below} ...{below} }}" for name, below in pairwise(names)]
    return " ".join(middle) + f" fragment {names[-1]} on Query {{ me {{ id }} }}"


CASES: list[tuple[str, dict[str, Any] | None, str]] = [
    ("{ salesOrders { nodes { colour } } }", None, "GRAPHQL_VALIDATION_FAILED"),
    ("{ salesOrders { nodes { number }", None, "GRAPHQL_PARSE_FAILED"),
    ("", None, "GRAPHQL_PARSE_FAILED"),
    ('{ salesOrders(after: "rubbish") { nodes { number } } }', None, "CURSOR_INVALID"),
    ('{ salesOrders(after: "") { nodes { number } } }', None, "CURSOR_INVALID"),
    ("query A($c: String) { salesOrders(after: $c) { nodes { number } } }", {"c": "WzFd"}, "CURSOR_INVALID"),
    ("{ salesOrders(first: 1001) { nodes { number } } }", None, "PAGE_SIZE"),
    ("query A($n: Int) { salesOrders(first: $n) { nodes { number } } }", {"n": 2147483647}, "PAGE_SIZE"),
    ("query A($n: Int) { salesOrders(first: $n) { nodes { number } } }", {"n": -1}, "PAGE_SIZE"),
    ("query A($n: Int) { salesOrders(first: $n) { nodes { number } } }", {"n": "x"}, "GRAPHQL_VALIDATION_FAILED"),
    ("query A($n: Int) { salesOrders(first: $n) { nodes { number } } }", {"n": 10**40}, "GRAPHQL_VALIDATION_FAILED"),
    ("{ salesOrders(first: 1, last: 1) { nodes { number } } }", None, "PAGE_BOTH_ENDS"),
    ('{ salesOrders(where: {orderDate: {eq: "2026-13-01"}}) { totalCount } }', None, "VALUE_INVALID"),
    ('{ salesOrders(where: {freight: {gt: "NaN"}}) { totalCount } }', None, "VALUE_INVALID"),
    ('{ salesOrders(where: {freight: {gt: "1e999999"}}) { totalCount } }', None, "VALUE_INVALID"),
    ("query A($d: Decimal) { salesOrders(where: {freight: {gt: $d}}) { totalCount } }", {"d": True}, "VALUE_INVALID"),
    ('{ salesOrders(where: {id: {eq: "7"}}) { totalCount } }', None, "ID_INVALID"),
    ('{ salesOrder(id: "7") { number } }', None, "ID_INVALID"),
    ("{ salesOrder { number } }", None, "KEY_NEEDED"),
    ('{ salesOrder(id: "7", number: "1") { number } }', None, "KEY_NEEDED"),
    ("{ salesOrders(where: {number: {contains: null}}) { totalCount } }", None, "NULL_NOT_ALLOWED"),
    ("{ salesOrders(where: {number: null}) { totalCount } }", None, "NULL_NOT_ALLOWED"),
    ('{ salesOrders(where: {number: {between: ["a"]}}) { totalCount } }', None, "BETWEEN_NEEDS_TWO"),
    ("{ salesOrders(where: {orderDate: {year: null}}) { totalCount } }", None, "NULL_NOT_ALLOWED"),
    ("{ salesOrders(where: {orderDate: {year: {gt: null}}}) { totalCount } }", None, "NULL_NOT_ALLOWED"),
    ("{ salesOrders(where: {lines: {aggregate: {count: null}}}) { totalCount } }", None, "NULL_NOT_ALLOWED"),
    ("{ salesOrders(where: {lines: {aggregate: {sum: {quantity: null}}}}) { totalCount } }", None, "NULL_NOT_ALLOWED"),
    ("{ salesOrders(orderBy: [{number: ASC, state: ASC}]) { totalCount } }", None, "ORDER_AMBIGUOUS"),
    ("{ salesOrders(orderBy: [{}]) { totalCount } }", None, "ORDER_AMBIGUOUS"),
    ("query A($s: String) { salesOrders(where: {number: {eq: $s}}) { totalCount } }", {"s": "a\x00b"}, "VALUE_INVALID"),
    (DEEP, None, "DEPTH_EXCEEDED"),
    ("{ a " * 2000 + "}" * 2000, None, "GRAPHQL_PARSE_FAILED"),
    ("{" + " ".join(f"a{n}: me {{ id }}" for n in range(100)) + "}", None, "ALIASES_EXCEEDED"),
    ("{ " + "me { id } " * 2000 + "}", None, "GRAPHQL_PARSE_FAILED"),
    ("{ me { id } }" + " " * 1_000_000, None, "DOCUMENT_TOO_LONG"),
    ("{" + " ".join(f"a{n}: me {{ id }}" for n in range(31)) + "}", None, "ROOT_FIELDS_EXCEEDED"),
    ("{ me { " + " ".join(f"f{n}" for n in range(201)) + " } }", None, "BREADTH_EXCEEDED"),
    ("{ me { " + "id " * 2_000 + "} }", None, "REPEATS_EXCEEDED"),
    ("{ ...F ...F ...F ...F } " + _doubling(12), None, "FIELDS_EXCEEDED"),
    ("{ " + "... { " * 400 + "me { id }" + " }" * 401, None, "GRAPHQL_PARSE_FAILED"),
    ("{ __schema { " + " ".join(f"a{n}: types {{ name }}" for n in range(7)) + " } }", None, "ALIASES_EXCEEDED"),
    (
        "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }",
        None,
        "GRAPHQL_VALIDATION_FAILED",
    ),
    (
        "query A { me { id } ...F } fragment F on Query { me { id } ...G } fragment G on Query { ...F }",
        None,
        "FRAGMENT_CYCLE",
    ),
    ("query A { me { ...F } } fragment F on Me { id ...F }", None, "FRAGMENT_CYCLE"),
    ('{ salesOrder(number: "\ud800") { number } }', None, "GRAPHQL_PARSE_FAILED"),
    ('{ salesOrder(number: "\\u0000") { number } }', None, "VALUE_INVALID"),
    ("query A($s: String) { salesOrder(number: $s) { number } }", {"s": "\ud800"}, "VALUE_INVALID"),
    (
        "query A($s: [String!]) { salesOrders(where: {number: {in: $s}}) { totalCount } }",
        {"s": ["a", "\x00"]},
        "VALUE_INVALID",
    ),
    (
        "query A($s: OrderState) { salesOrders(where: {state: {eq: $s}}) { totalCount } }",
        {"s": "\udfff"},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    (
        "query A($n: Int) { salesOrders(first: $n) { nodes { number } } }",
        {"n": "x" * 1_000_000},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    (
        "query A($n: Int) { salesOrders(first: $n) { nodes { number } } }",
        {"n": float("nan")},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    (
        "query A($n: Int) { salesOrders(first: $n) { nodes { number } } }",
        {"n": float("inf")},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    ("query A($n: Int!) { salesOrders(first: $n) { nodes { number } } }", {"m": 1}, "GRAPHQL_VALIDATION_FAILED"),
    (
        "query A($d: Decimal) { salesOrders(where: {freight: {gt: $d}}) { totalCount } }",
        {"d": "9" * 200_000},
        "VALUE_INVALID",
    ),
    (
        "query A($d: Date) { salesOrders(where: {orderDate: {gt: $d}}) { totalCount } }",
        {"d": "99999-01-01"},
        "VALUE_INVALID",
    ),
    (
        "query A($w: SalesOrderWhere) { salesOrders(where: $w) { totalCount } }",
        {"w": {"colour": 1}},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    (
        "query A($w: SalesOrderWhere) { salesOrders(where: $w) { totalCount } }",
        {"w": [[[[]]]]},
        "GRAPHQL_VALIDATION_FAILED",
    ),
    (
        'mutation { createCustomer(input: {code: "X", name: "x", salesRep: "nobody\\u0000"}) { customer { code } } }',
        None,
        "VALUE_INVALID",
    ),
    ("query A { ...F } fragment F on Query { me { id } ...F }", None, "FRAGMENT_CYCLE"),
    ("query A { me { id } } query B { me { id } }", None, "OPERATION_UNKNOWN"),
    ('subscription S { documentChanged(type: "SalesOrder") { id } }', None, "SUBSCRIPTION_OVER_HTTP"),
]


@pytest.mark.parametrize(("document", "variables", "code"), CASES, ids=lambda value: str(value)[:40])
def test_one_clear_error(ask: Ask, document: str, variables: dict[str, Any] | None, code: str) -> None:
    answer = ask(document, variables)
    assert len(answer["errors"]) == 1, answer["errors"]
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == code, error
    assert 5 < len(error["message"]) < 400
    assert not [leak for leak in LEAKS if leak in json.dumps(answer).lower()]
    assert ask("{ me { code } }")["data"]["me"]["code"] == "boss"  # it lives


def test_a_cursor_of_another_list_or_order_is_refused(ask: Ask) -> None:
    cursor = ask("{ salesOrders(first: 1) { pageInfo { endCursor } } }")["data"]["salesOrders"]["pageInfo"]["endCursor"]
    document = "query A($c: String) { %s(after: $c%s) { nodes { id } } }"
    assert "errors" not in ask(document % ("salesOrders", ""), {"c": cursor})
    for field, order in (("customers", ""), ("salesOrders", ", orderBy: [{number: ASC}]")):
        answer = ask(document % (field, order), {"c": cursor})
        assert answer["errors"][0]["extensions"]["code"] == "CURSOR_INVALID"
    forged = base64.b64encode(json.dumps([json.loads(base64.b64decode(cursor))[0], {"x": 1}]).encode()).decode()
    answer = ask(document % ("salesOrders", ""), {"c": forged})
    assert answer["errors"][0]["extensions"]["code"] == "CURSOR_INVALID"


def test_messages_come_in_the_viewers_language(ask: Ask, factory: Any) -> None:
    from dataclasses import replace

    document = "{ salesOrders(first: 1001) { nodes { number } } }"
    assert ask(document)["errors"][0]["message"] == "每页条数须在 0 到 1,000 之间。"
    english = ask(document, viewer=replace(factory.viewer, language="en"))
    assert english["errors"][0]["message"] == "A page has between 0 and 1,000 rows."


def test_a_statement_that_takes_too_long_is_stopped(factory: Factory) -> None:
    inner = "nodes { delivered salesOrder { total delivered customer { salesOrders { totalCount } } } }"
    document = f"""{{ salesOrders {{ nodes {{ total delivered
      lines {{ delivered item {{ onHand salesOrderLines(first: 5) {{ totalCount {inner} }} }} }} }} }} }}"""

    async def body(answerer: Answerer) -> bytes:
        return await answerer.answer(document, None, factory.viewer)

    assert "errors" not in json.loads(with_answerer(factory, body))
    stopped = json.loads(with_answerer(factory, body, prepare=lambda pool: limit_statements(pool, 0.001)))
    assert [error["extensions"]["code"] for error in stopped["errors"]] == ["QUERY_TIMEOUT"]


def test_what_nobody_foresaw_shows_a_reference_only(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    """A fault of ours is logged whole and told by its number: here one of no family."""
    from graph_schema.trouble import shown

    (entry,) = shown(RuntimeError("secret inside"), "en")
    assert entry["extensions"]["code"] == "INTERNAL"
    reference = entry["message"].split()[-1].strip(".")
    assert "secret" not in json.dumps(entry)
    assert reference in caplog.text
    assert "secret inside" in caplog.text
