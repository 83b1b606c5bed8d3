"""Many documents in one request: all or nothing, each by itself, loads, keys, sizes and what they cost."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.reading.conftest import Factory
from tests.reading.test_answers import Ask
from tests.reading.test_mutations import _order

CREATE = """mutation C($inputs: [CreateSalesOrderInput!]!, $policy: BatchPolicy, $key: String, $dry: Boolean) {
  createSalesOrders(inputs: $inputs, policy: $policy, idempotencyKey: $key, dryRun: $dry) {
    done problems { code path }
    results { salesOrder { id number note lines { quantity } } problems { code path } }
  }
}"""
LOAD = """mutation L($rows: [JSON!]!, $key: String, $dry: Boolean) {
  loadCustomers(rows: $rows, idempotencyKey: $key, dryRun: $dry) {
    inserted updated unchanged problems { code path message hint }
  }
}"""


@pytest.fixture
def note() -> str:
    """A text by which a test's own orders are found."""
    return f"batch {uuid4()}"


def _count(ask: Ask, note: str) -> int:
    document = "query Q($note: String) { salesOrders(where: {note: {eq: $note}}) { totalCount } }"
    found: int = ask(document, {"note": note})["data"]["salesOrders"]["totalCount"]
    return found


def _create(ask: Ask, inputs: list[Any], **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = ask(CREATE, {"inputs": inputs, **more})["data"]["createSalesOrders"]
    return found


def _made(ask: Ask, note: str, count: int = 3) -> list[str]:
    answer = _create(ask, [_order(note=note, promisedDate="2026-12-01") for _ in range(count)])
    assert answer["done"] == count
    return [row["salesOrder"]["id"] for row in answer["results"]]


def test_all_or_nothing_tells_every_rows_problems(ask: Ask, note: str) -> None:
    bad = _order(note=note, customer="K9", lines=[{"item": "I1", "quantity": "-1"}])
    answer = _create(ask, [_order(note=note), bad, _order(note=note, customer="K8")])
    assert (answer["done"], _count(ask, note)) == (0, 0)
    assert {tuple(found["path"]) for found in answer["problems"]} == {
        ("inputs", "1", "customer"),
        ("inputs", "1", "lines", "0", "quantity"),
        ("inputs", "2", "customer"),
    }
    assert [len(row["problems"]) for row in answer["results"]] == [0, 2, 1]
    assert all(row["salesOrder"] is None for row in answer["results"])


def test_each_by_itself_keeps_the_good_ones_in_order(ask: Ask, note: str) -> None:
    rows = [_order(note=note, lines=[{"item": "I1", "quantity": str(n)}]) for n in (1, 2, 3)]
    rows[1]["customer"] = "K9"
    answer = _create(ask, rows, policy="EACH")
    assert (answer["done"], _count(ask, note)) == (2, 2)
    shown = [row["salesOrder"] and row["salesOrder"]["lines"][0]["quantity"] for row in answer["results"]]
    assert shown == ["1.0000", None, "3.0000"]
    assert [found["code"] for found in answer["results"][1]["problems"]] == ["LINK_UNKNOWN"]
    numbers = sorted(row["salesOrder"]["number"] for row in answer["results"] if row["salesOrder"])
    assert int(numbers[1][-5:]) == int(numbers[0][-5:]) + 1, "a refused row takes no number"


def test_a_key_gives_the_same_rows_again_problems_included(ask: Ask, note: str) -> None:
    rows, key = [_order(note=note), _order(note=note, customer="K9")], str(uuid4())
    first = _create(ask, rows, policy="EACH", key=key)
    assert _create(ask, rows, policy="EACH", key=key) == first
    assert _count(ask, note) == 1
    other = _create(ask, rows[:1], policy="EACH", key=key)
    assert [found["code"] for found in other["problems"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert (other["done"], other["results"]) == (0, [])


def test_a_dry_run_shows_the_rows_and_keeps_none(ask: Ask, note: str) -> None:
    answer = _create(ask, [_order(note=note)], dry=True)
    assert answer["done"] == 1
    assert answer["results"][0]["salesOrder"]["note"] == note
    assert _count(ask, note) == 0


def test_update_steps_and_discard_of_many(ask: Ask, note: str) -> None:
    ids = _made(ask, note)
    update = """mutation U($rows: [UpdateSalesOrderRow!]!, $policy: BatchPolicy) { updateSalesOrders(inputs: $rows,
      policy: $policy) { done problems { code path } results { salesOrder { shipTo version } } } }"""
    rows = [{"id": id_, "input": {"shipTo": "宁波"}, "expectedVersion": 1} for id_ in ids]
    rows[2]["expectedVersion"] = 7
    refused = ask(update, {"rows": rows})["data"]["updateSalesOrders"]
    stale = {"code": "VERSION_STALE", "path": ["inputs", "2", "expectedVersion"]}
    assert (refused["done"], refused["problems"]) == (0, [stale])
    done = ask(update, {"rows": rows, "policy": "EACH"})["data"]["updateSalesOrders"]
    assert [row["salesOrder"] for row in done["results"]] == [{"shipTo": "宁波", "version": 2}] * 2 + [None]
    confirm = """mutation S($ids: [ID!]!) { confirmSalesOrders(ids: $ids, policy: EACH) {
      done problems { code path } results { salesOrder { state } } } }"""
    asked = [*ids, ids[0], str(uuid4())]
    answer = ask(confirm, {"ids": asked})["data"]["confirmSalesOrders"]
    assert answer["done"] == 3
    assert [(found["code"], found["path"][1]) for found in answer["problems"]] == [
        ("STEP_NOT_ALLOWED", "3"),
        ("NOT_FOUND", "4"),
    ]
    discard = "mutation D($ids: [ID!]!) { discardSalesOrders(ids: $ids) { done problems { code } } }"
    assert ask(discard, {"ids": ids})["data"]["discardSalesOrders"]["done"] == 0, "confirmed ones stay"
    drafts = _made(ask, note)
    assert ask(discard, {"ids": drafts})["data"]["discardSalesOrders"] == {"done": 3, "problems": []}
    assert _count(ask, note) == 3


def test_conversion_of_one_and_of_many(ask: Ask, note: str) -> None:
    ids = _made(ask, note)
    ask("mutation S($ids: [ID!]!) { confirmSalesOrders(ids: $ids) { done } }", {"ids": ids})
    one = """mutation O($id: ID!, $input: CreateDeliveryInput) { convertSalesOrderToDelivery(id: $id, input: $input) {
      delivery { state salesOrder { id } warehouse { code } lines { quantity item { code } } }
      problems { code path } } }"""
    chosen = {"warehouse": "W1"}
    made = ask(one, {"id": ids[0], "input": chosen})["data"]["convertSalesOrderToDelivery"]
    assert made["problems"] == []
    assert made["delivery"] == {
        "state": "DRAFT",
        "salesOrder": {"id": ids[0]},
        "warehouse": {"code": "W1"},
        "lines": [{"quantity": "3.0000", "item": {"code": "I1"}}],
    }
    many = """mutation M($ids: [ID!]!) { convertSalesOrdersToDeliveries(ids: $ids, policy: EACH) {
      done results { delivery { salesOrder { id } } problems { code } } } }"""
    answer = ask(many, {"ids": ids})["data"]["convertSalesOrdersToDeliveries"]
    assert answer["done"] == 2
    assert answer["results"][0] == {"delivery": None, "problems": [{"code": "CONVERTED_ALREADY"}]}
    assert [row["delivery"]["salesOrder"]["id"] for row in answer["results"][1:]] == ids[1:]


def test_a_cancelled_order_is_amended(ask: Ask, note: str) -> None:
    (id_,) = _made(ask, note, 1)
    ask('mutation S($id: ID!) { cancelSalesOrder(id: $id, reason: "改价") { problems { code } } }', {"id": id_})
    document = """mutation A($id: ID!) { amendSalesOrder(id: $id) {
      salesOrder { state predecessor { id } lines { quantity } } problems { code } } }"""
    made = ask(document, {"id": id_})["data"]["amendSalesOrder"]
    wanted = {"state": "DRAFT", "predecessor": {"id": id_}, "lines": [{"quantity": "3.0000"}]}
    assert made == {"salesOrder": wanted, "problems": []}


def test_load_keeps_good_rows_and_tells_of_each_other(ask: Ask, factory: Factory) -> None:
    codes = [f"L{uuid4().hex[:8]}" for _ in range(3)]
    rows: list[Any] = [{"code": code, "name": "导入客户", "shortName": "导入"} for code in codes]
    rows[1]["salesRep"] = "nobody"
    rows.append({"code": codes[0], "name": "again", "colour": "red"})
    rows.append("no row")
    key = str(uuid4())
    dry = ask(LOAD, {"rows": rows, "dry": True})["data"]["loadCustomers"]
    first = ask(LOAD, {"rows": rows, "key": key})["data"]["loadCustomers"]
    assert dry == first
    assert (first["inserted"], first["updated"], first["unchanged"]) == (2, 0, 0)
    found = {(one["code"], *one["path"][:3]) for one in first["problems"]}
    assert {("LINK_UNKNOWN", "rows", "1", "salesRep"), ("FIELD_UNKNOWN", "rows", "3", "colour")} <= found
    assert any(one["path"][1] == "4" for one in first["problems"])
    assert ask(LOAD, {"rows": rows, "key": key})["data"]["loadCustomers"] == first, "the first answer again"
    again = ask(LOAD, {"rows": rows[:1]})["data"]["loadCustomers"]
    assert (again["inserted"], again["unchanged"]) == (0, 1)


def test_loading_documents_past_their_steps_needs_a_right_of_its_own(ask: Ask, factory: Factory) -> None:
    document = "mutation L($rows: [JSON!]!) { loadSalesOrders(rows: $rows) { inserted problems { code } } }"
    row = {"number": f"X{uuid4().hex[:8]}", "customer": "K1", "state": "confirmed"}
    row |= {"lines": [{"item": "I1", "quantity": "1"}]}  # type: ignore[dict-item]
    seller = ask(document, {"rows": [row]}, factory.with_role("sales"))["data"]["loadSalesOrders"]
    assert seller == {"inserted": 0, "problems": [{"code": "FORBIDDEN"}]}
    assert ask(document, {"rows": [row]})["data"]["loadSalesOrders"]["inserted"] == 1


def test_a_batch_has_a_size_and_costs_its_rows(ask: Ask, note: str) -> None:
    one = ask(CREATE, {"inputs": [_order(note=note)], "dry": True})
    two = ask(CREATE, {"inputs": [_order(note=note)] * 2, "dry": True})
    single = one["extensions"]["cost"]["requested"]
    assert two["extensions"]["cost"]["requested"] == 2 * single
    many = _create(ask, [{}] * 1_001)
    assert [(found["code"], found["path"]) for found in many["problems"]] == [("TOO_MANY_ROWS", ["inputs"])]
    loads = ask(LOAD, {"rows": [{}] * 10_001})["data"]["loadCustomers"]
    assert [found["code"] for found in loads["problems"]] == ["TOO_MANY_ROWS"]


def test_values_of_the_wrong_type_are_told_with_their_rows(ask: Ask, note: str) -> None:
    answer = _create(ask, [_order(note=note), _order(note=note, orderDate="soon")])
    assert [found["path"] for found in answer["problems"]] == [["inputs", "1", "orderDate"]]
    assert _count(ask, note) == 0
