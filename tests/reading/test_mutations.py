"""Writing through GraphQL: create, update, steps, discard; dry runs, idempotency, versions; every problem at once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.reading.conftest import Factory
from tests.reading.test_answers import Ask

CREATE = """mutation C($input: CreateSalesOrderInput!, $key: String, $dry: Boolean) {
  createSalesOrder(input: $input, idempotencyKey: $key, dryRun: $dry) {
    salesOrder { id version number state total customer { name } lines { id position quantity amount item { code } } }
    problems { code message path hint }
  }
}"""
COUNT = '{ salesOrders(where: {note: {eq: "mutation test"}}) { totalCount } }'


def _order(**more: Any) -> dict[str, Any]:
    line = {"item": "I1", "quantity": "3", "unitPrice": "0.335"}
    return {"customer": "K1", "note": "mutation test", "lines": [line], **more}


def _id(ask: Ask, **more: Any) -> str:
    made = ask(CREATE, {"input": _order(**more)})["data"]["createSalesOrder"]
    assert made["problems"] == []
    found: str = made["salesOrder"]["id"]
    return found


def test_create_reads_back_what_was_written(ask: Ask) -> None:
    payload = ask(CREATE, {"input": _order()})["data"]["createSalesOrder"]
    assert payload["problems"] == []
    order = payload["salesOrder"]
    assert order["state"] == "DRAFT"
    assert order["number"].startswith("SO-20")
    assert order["total"] == "1.0100"
    assert order["customer"] == {"name": "海天塑机"}
    assert [(line["quantity"], line["amount"], line["item"]["code"]) for line in order["lines"]] == [
        ("3.0000", "1.0100", "I1")
    ]
    again = ask("query Q($id: ID!) { salesOrder(id: $id) { total } }", {"id": order["id"]})
    assert again["data"]["salesOrder"] == {"total": "1.0100"}


def test_a_dry_run_shows_everything_and_saves_nothing(ask: Ask) -> None:
    before = ask(COUNT)["data"]
    payload = ask(CREATE, {"input": _order(), "dry": True})["data"]["createSalesOrder"]
    assert payload["salesOrder"]["total"] == "1.0100"
    assert ask(COUNT)["data"] == before


def test_an_idempotency_key_is_carried_out_once(ask: Ask) -> None:
    key = str(uuid4())
    first = ask(CREATE, {"input": _order(), "key": key})["data"]["createSalesOrder"]["salesOrder"]
    second = ask(CREATE, {"input": _order(), "key": key})["data"]["createSalesOrder"]["salesOrder"]
    assert first == second
    other = ask(CREATE, {"input": _order(currency="USD"), "key": key})["data"]["createSalesOrder"]
    assert [found["code"] for found in other["problems"]] == ["IDEMPOTENCY_KEY_REUSED"]


def test_every_problem_at_once_with_its_path(ask: Ask) -> None:
    line = {"item": "nothing", "quantity": "-1"}
    payload = ask(CREATE, {"input": {"customer": "K9", "lines": [line]}})["data"]["createSalesOrder"]
    assert payload["salesOrder"] is None
    assert {tuple(found["path"]) for found in payload["problems"]} == {
        ("customer",),
        ("lines", "0", "item"),
        ("lines", "0", "quantity"),
    }


def test_values_of_the_wrong_type_are_problems_too(ask: Ask) -> None:
    line = {"item": "I1", "quantity": "three"}
    answer = ask(CREATE, {"input": {"customer": "K1", "orderDate": "soon", "colour": 1, "lines": [line]}})
    assert "errors" not in answer
    payload = answer["data"]["createSalesOrder"]
    assert payload["salesOrder"] is None
    paths = {tuple(found["path"]) for found in payload["problems"]}
    assert {("orderDate",), ("lines", "0", "quantity")} <= paths


def test_update_changes_fields_and_lines(ask: Ask) -> None:
    id_ = _id(ask)
    document = """mutation U($id: ID!, $input: UpdateSalesOrderInput!, $version: Int) {
      updateSalesOrder(id: $id, input: $input, expectedVersion: $version) {
        salesOrder { version shipTo lines { id position quantity } } problems { code path }
      }
    }"""
    line = ask("query Q($id: ID!) { salesOrder(id: $id) { lines { id } } }", {"id": id_})["data"]["salesOrder"][
        "lines"
    ][0]
    changes = {"change": [{"id": line["id"], "quantity": "5"}], "add": [{"item": "I2", "quantity": "7"}]}
    payload = ask(document, {"id": id_, "input": {"shipTo": "宁波", "lines": changes}, "version": 1})["data"][
        "updateSalesOrder"
    ]
    assert payload["problems"] == []
    assert payload["salesOrder"]["version"] == 2
    assert payload["salesOrder"]["shipTo"] == "宁波"
    assert [one["quantity"] for one in payload["salesOrder"]["lines"]] == ["5.0000", "7.0000"]
    stale = ask(document, {"id": id_, "input": {"shipTo": "上海"}, "version": 1})["data"]["updateSalesOrder"]
    assert stale == {"salesOrder": None, "problems": [{"code": "VERSION_STALE", "path": ["expectedVersion"]}]}
    removed = {"id": id_, "input": {"lines": {"remove": [line["id"]]}}}
    payload = ask(document, removed)["data"]["updateSalesOrder"]
    assert [one["quantity"] for one in payload["salesOrder"]["lines"]] == ["7.0000"]


def test_steps_and_their_arguments(ask: Ask) -> None:
    id_ = _id(ask, promisedDate="2026-12-01")
    document = """mutation S($id: ID!, $reason: String) {
      confirmSalesOrder(id: $id) { salesOrder { state availableSteps { name } } problems { code } }
      again: confirmSalesOrder(id: $id) { problems { code } }
      cancelSalesOrder(id: $id, reason: $reason) { salesOrder { state note } problems { code path } }
    }"""
    data = ask(document, {"id": id_, "reason": "客户取消"})["data"]
    assert data["confirmSalesOrder"]["salesOrder"]["state"] == "CONFIRMED"
    assert data["again"]["problems"] == [{"code": "STEP_NOT_ALLOWED"}]
    assert data["cancelSalesOrder"]["salesOrder"]["state"] == "CANCELLED"
    assert data["cancelSalesOrder"]["salesOrder"]["note"].endswith("客户取消")


def test_discard_takes_a_draft_away(ask: Ask) -> None:
    id_ = _id(ask)
    document = "mutation D($id: ID!) { discardSalesOrder(id: $id) { salesOrder { id } problems { code } } }"
    assert ask(document, {"id": id_})["data"]["discardSalesOrder"] == {"salesOrder": None, "problems": []}
    assert ask("query Q($id: ID!) { salesOrder(id: $id) { id } }", {"id": id_})["data"]["salesOrder"] is None
    gone = ask(document, {"id": id_})["data"]["discardSalesOrder"]
    assert gone["problems"] == [{"code": "NOT_FOUND"}]


def test_rights_and_the_company_hold_for_writes(ask: Ask, factory: Factory) -> None:
    document = "mutation D($id: ID!) { closeSalesOrder(id: $id) { salesOrder { id } problems { code message } } }"
    variables = {"id": str(factory.ids["C-A SO3"])}
    refused = ask(document, variables, factory.with_role("quality"))["data"]["closeSalesOrder"]
    assert [found["code"] for found in refused["problems"]] == ["FORBIDDEN"]
    foreign = ask(document, variables, factory.stranger)["data"]["closeSalesOrder"]
    assert [found["code"] for found in foreign["problems"]] == ["NOT_FOUND"]
