"""What a client sees: nested documents, pages, counts, null and not found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.reading.conftest import Factory

Ask = Callable[..., dict[str, Any]]

NESTED = """
query Orders($city: String!) {
  salesOrders(where: {customer: {city: {eq: $city}}}, orderBy: [{number: ASC}], first: 2) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { number } }
    nodes {
      __typename number state orderDate total freight note
      customer { code name city salesRep { name department { name } } }
      lines { position quantity unitPrice amount item { name unit { name } supplier { name } } }
      availableSteps { name label target }
      deliveries { totalCount nodes { number } }
      provenance { source table key at }
    }
  }
}
"""


def test_a_nested_list(ask: Ask, factory: Factory) -> None:
    answer = ask(NESTED, {"city": "城K2"})
    assert "errors" not in answer, answer
    found = answer["data"]["salesOrders"]
    assert found["totalCount"] == 3
    assert [node["number"] for node in found["nodes"]] == ["SO-0001", "SO-0005"]
    assert [edge["node"]["number"] for edge in found["edges"]] == ["SO-0001", "SO-0005"]
    assert found["pageInfo"]["hasNextPage"] is True
    assert found["pageInfo"]["endCursor"] == found["edges"][1]["cursor"]
    first = found["nodes"][0]
    assert first["customer"] == {
        "code": "K2", "name": 'Müller "GmbH" \\ 100%', "city": "城K2",
        "salesRep": {"name": "张伟", "department": {"name": "销售部"}},
    }  # fmt: skip
    assert first["lines"][0]["quantity"] == "10.0000"
    assert first["lines"][0]["amount"] == "12.5000"
    assert first["total"] == "26.2500"
    assert first["state"] == "DRAFT"
    assert first["availableSteps"][1] == {"name": "confirm", "label": "确认", "target": "CONFIRMED"}
    assert first["deliveries"] == {"totalCount": 0, "nodes": []}
    assert first["provenance"] == []


def test_lines_are_walked_in_pages_from_both_ends(ask: Callable[..., dict[str, Any]], factory: Factory) -> None:
    """The sibling of a document's lines takes the arguments of every list."""
    document = """query L($number: String!, $first: Int, $after: String, $last: Int, $before: String) {
      salesOrder(number: $number) {
        lines { position }
        linesConnection(first: $first, after: $after, last: $last, before: $before, where: {position: {gte: 1}}) {
          totalCount edges { cursor node { position } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
        }
      }
    }"""
    for ends, cursor in ((("first", "after"), "endCursor"), (("last", "before"), "startCursor")):
        found: list[int] = []
        window: dict[str, Any] = {ends[0]: 1}
        for _ in range(3):
            order = ask(document, {"number": "SO-0002", **window}, factory.reader)["data"]["salesOrder"]
            page = order["linesConnection"]
            assert page["totalCount"] == len(order["lines"]) == 3
            found += [edge["node"]["position"] for edge in page["edges"]]
            window = {ends[0]: 1, ends[1]: page["pageInfo"][cursor]}
        assert page["pageInfo"]["hasNextPage" if ends[0] == "first" else "hasPreviousPage"] is False
        assert found == ([1, 2, 3] if ends[0] == "first" else [3, 2, 1])
    foreign = {"number": "SO-0002", "after": "eyJub25lIjogMX0="}
    errors = ask(document, foreign, factory.reader)["errors"]
    assert [one["extensions"]["code"] for one in errors] == ["CURSOR_INVALID"]
