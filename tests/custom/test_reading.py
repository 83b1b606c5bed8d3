"""Custom fields in filters and orders against the naive evaluator: random values, operators, gaps, odd characters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub import writes
from hub.settings import settings as hub_settings
from tests.custom.conftest import OPTIONS, Workshop
from tests.reading.naive import Row, holds, ordered

EXAMPLES = 1500 if hub_settings().prove else 80
TEXTS = ["海天塑机", "海", "100%", "a_b", "A\\B", "it's", 'say "no"', "{}", "null", "😀", "Ab", "aB", "'; --"]
POOLS: dict[str, list[Any]] = {
    "remark": TEXTS,
    "thickness": ["0", "1.5", "1.500", "-3.125", "10", "99999.999"],
    "cavities": [-1, 0, 8, 16, 2147483647],
    "coated": [True, False],
    "checked": ["2025-12-31", "2026-01-01", "2026-02-28", "2024-02-29"],
    "seen_at": ["2025-12-31T16:00:00+00:00", "2026-01-01T00:00:00+08:00", "2026-03-29T00:59:00+00:00"],
    "colour": [option["value"] for option in OPTIONS],
    "painter": ["S1", "S2"],
}
READERS: dict[str, Callable[[Any], Any]] = {
    "thickness": Decimal,
    "checked": date.fromisoformat,
    "seen_at": datetime.fromisoformat,
}
LIST = """query L($where: ItemWhere, $orderBy: [ItemOrderBy!]) {
  items(where: $where, orderBy: $orderBy, first: 500) { totalCount nodes { id code } } }"""
NESTED = """query L($where: CustomerWhere) { customers(where: $where, first: 500) { nodes { code } } }"""


@pytest.fixture(scope="module")
def rows(workshop: Workshop) -> list[Row]:
    """Forty items whose values have gaps, as rows of the naive evaluator."""
    found = []
    for index in range(40):
        extra = {
            key: pool[(index * 7 + place) % len(pool)]
            for place, (key, pool) in enumerate(POOLS.items())
            if (index + place) % 3
        }
        if index % 4:
            extra["markets"] = [option["value"] for option in OPTIONS[: index % 4]]
        code = f"R{index:02}"
        id_ = workshop.create("Item", code=code, name=code, unit="u", extra=extra)
        custom = {key: READERS.get(key, lambda one: one)(value) for key, value in extra.items()}
        found.append(Row(id_, {"code": code}, custom=custom))
    return found


def _operators(key: str) -> st.SearchStrategy[dict[str, Any]]:
    pool = POOLS[key]
    values, many = st.sampled_from(pool), st.lists(st.sampled_from(pool), max_size=3)
    forms: dict[str, st.SearchStrategy[Any]] = {
        "eq": st.none() | values,
        "ne": st.none() | values,
        "isNull": st.booleans(),
    }
    if key != "coated":
        forms |= {"in": many, "notIn": many}
    if key not in ("coated", "colour"):
        forms |= dict.fromkeys(("lt", "lte", "gt", "gte"), values)
        forms["between"] = st.tuples(values, values).map(list)
    if key in ("remark", "painter"):
        forms |= {"contains": values, "startsWith": values}
    if key == "checked":
        forms["month"] = st.integers(1, 12).map(lambda month: {"eq": month})
    one = st.sampled_from(sorted(forms)).flatmap(lambda name: st.tuples(st.just(name), forms[name]))
    return st.lists(one, min_size=1, max_size=2).map(lambda found: {"field": key, **dict(found)})


MARKETS = st.sampled_from(OPTIONS).map(lambda option: {"field": "markets", "has": option["value"]})
ONE = st.sampled_from(sorted(POOLS)).flatmap(_operators) | MARKETS
WHERE = st.recursive(
    st.lists(ONE, min_size=1, max_size=2).map(lambda found: {"extra": found}),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: {"and": parts}),
        st.lists(inner, max_size=3).map(lambda parts: {"or": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=4,
)
KEY = st.builds(
    lambda key, way: {"extra": {"field": key, "direction": way}},
    st.sampled_from([key for key in POOLS if key not in ("remark", "painter")]),
    st.sampled_from(["ASC", "DESC"]),
)


@given(where=WHERE, keys=st.lists(KEY, min_size=1, max_size=2, unique_by=lambda key: str(key["extra"]["field"])))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_filters_and_orders_agree(
    workshop: Workshop, rows: list[Row], where: dict[str, Any], keys: list[dict[str, Any]]
) -> None:
    asked = {"and": [{"code": {"startsWith": "R"}}, where]}
    answer = workshop.data(LIST, {"where": asked, "orderBy": keys})["items"]
    expected = ordered([row for row in rows if holds(row, where)], keys)
    assert [node["code"] for node in answer["nodes"]] == [row.values["code"] for row in expected]
    assert answer["totalCount"] == len(expected)


def test_pages_by_a_custom_field_neither_repeat_nor_lose(workshop: Workshop, rows: list[Row]) -> None:
    document = """query P($after: String, $orderBy: [ItemOrderBy!]) { items(where: {code: {startsWith: "R"}},
      orderBy: $orderBy, first: 7, after: $after) { nodes { code } pageInfo { hasNextPage endCursor } } }"""
    for key in ("thickness", "seen_at", "coated", "cavities"):
        order = [{"extra": {"field": key, "direction": "DESC"}}]
        found: list[str] = []
        after: str | None = None
        while True:
            page = workshop.data(document, {"after": after, "orderBy": order})["items"]
            found += [node["code"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert found == [row.values["code"] for row in ordered(rows, order)]


def test_below_links_and_lists(workshop: Workshop, rows: list[Row]) -> None:
    """A filter reaches a custom field of a linked document, and of the rows of a list."""
    with writes.unit_of_work(workshop.database.engine, workshop.boss, "tests") as ctx:
        for code in ("red", "blue"):
            writes.create(ctx, "Customer", {"code": code, "name": code})
        for row, customer in zip(rows[:6], ("red", "blue") * 3, strict=True):
            writes.create(ctx, "SalesOrder", {"customer": customer, "order_date": "2026-01-01",
                "lines": [{"item": row.values["code"], "quantity": "1"}]})  # fmt: skip
    for option in OPTIONS:
        wanted = [{"field": "colour", "eq": option["value"]}]
        where = {"salesOrders": {"some": {"lines": {"some": {"item": {"extra": wanted}}}}}}
        found = {node["code"] for node in workshop.data(NESTED, {"where": where})["customers"]["nodes"]}
        paired = zip(rows[:6], ("red", "blue") * 3, strict=True)
        assert found == {customer for row, customer in paired if holds(row, {"extra": wanted})}


WRONG = [
    ({"field": "colour", "eq": "pink"}, "CHOICE_UNKNOWN"), ({"field": "colour", "lt": "red"}, "OPERATOR_UNFIT"),
    ({"field": "cavities", "eq": "8"}, "VALUE_INVALID"),
    ({"field": "thickness", "between": ["1"]}, "BETWEEN_NEEDS_TWO"),
    ({"field": "checked", "gt": "soon"}, "VALUE_INVALID"),
    ({"field": "nothing", "isNull": True}, "CUSTOM_FIELD_UNKNOWN"),
    ({"field": "thickness", "isNull": None}, "NULL_NOT_ALLOWED"), ({"field": "markets", "eq": "red"}, "OPERATOR_UNFIT"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "code"), WRONG)
def test_a_condition_that_does_not_fit_is_refused(workshop: Workshop, condition: dict[str, Any], code: str) -> None:
    answer = workshop.ask(LIST, {"where": {"extra": [condition]}})
    assert [error["extensions"]["code"] for error in answer["errors"]] == [code]
