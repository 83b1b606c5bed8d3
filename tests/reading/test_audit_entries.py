"""`auditEntries`: who sees which, by document, person and period; and a mutation's own entry in its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from hub.context import SYSTEM
from hub.writes import create, unit_of_work, update
from tests.reading.conftest import Factory

Ask = Callable[..., dict[str, Any]]
LIST = """
query ($type: String, $id: ID, $actor: String, $verb: String, $since: DateTime, $until: DateTime, $before: ID,
       $first: Int! = 50) {
  auditEntries(documentType: $type, documentId: $id, actor: $actor, verb: $verb, since: $since, until: $until,
               before: $before, first: $first) {
    id at actor actorId channel documentType documentId version verb changes hash
  }
}
"""


def test_by_document_person_and_period(factory: Factory, ask: Ask) -> None:
    ann = replace(factory.viewer, code="ann-audit")
    with unit_of_work(factory.database.engine, ann, "workbench") as ctx:
        made = create(ctx, "Warehouse", {"code": "AUDIT", "name": "审计仓"}).id
    with unit_of_work(factory.database.engine, ann, "workbench") as ctx:
        update(ctx, "Warehouse", made, {"name": "改名仓"})
    found = ask(LIST, {"id": str(made)})["data"]["auditEntries"]
    assert [(one["verb"], one["version"], one["actor"], one["channel"]) for one in found] == [
        ("update", 2, "ann-audit", "workbench"),
        ("create", 1, "ann-audit", "workbench"),
    ]
    assert found[0]["changes"] == {"name": ["审计仓", "改名仓"]}
    assert (found[0]["documentId"], found[0]["documentType"]) == (str(made), "Warehouse")
    assert found[0]["actorId"] == str(SYSTEM)
    assert len(found[0]["hash"]) == 64
    assert ask(LIST, {"actor": "ann-audit"})["data"]["auditEntries"] == found
    assert ask(LIST, {"actor": "ann-audit", "verb": "create"})["data"]["auditEntries"] == found[1:]
    assert ask(LIST, {"actor": "ann-audit", "before": found[0]["id"]})["data"]["auditEntries"] == found[1:]
    assert ask(LIST, {"actor": "ann-audit", "first": 1})["data"]["auditEntries"] == found[:1]
    assert ask(LIST, {"actor": "ann-audit", "since": found[0]["at"]})["data"]["auditEntries"] == found[:1]
    assert ask(LIST, {"actor": "ann-audit", "until": found[0]["at"]})["data"]["auditEntries"] == found[1:]
    assert ask(LIST, {"actor": "ann-audit", "type": "Item"})["data"]["auditEntries"] == []


def test_only_for_stewards_and_of_what_they_see_wholly(factory: Factory, ask: Ask) -> None:
    everything = {one["documentType"] for one in ask(LIST, {"first": 200})["data"]["auditEntries"]}
    assert "SalesOrder" in everything
    steward = factory.with_role("steward")
    seen = {one["documentType"] for one in ask(LIST, {"first": 200}, steward)["data"]["auditEntries"]}
    assert "SalesOrder" in seen
    assert "Supplier" not in seen  # its bank account is not for him
    refused = ask(LIST, {}, factory.with_role("sales"))
    assert refused["data"]["auditEntries"] is None
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    with factory.database.engine.connect() as connection:
        theirs = connection.execute(
            text("SELECT id::text FROM audit.audit_entry WHERE company_id = :id"), {"id": factory.stranger.company_id}
        ).scalars()
        assert not set(theirs) & {one["id"] for one in ask(LIST, {"first": 200})["data"]["auditEntries"]}


def test_what_does_not_fit_is_told(ask: Ask) -> None:
    for values, code in (
        ({"first": 201}, "PAGE_SIZE"),
        ({"id": "x"}, "VALUE_INVALID"),
        ({"before": "x"}, "VALUE_INVALID"),
    ):
        answer = ask(LIST, values)
        assert [one["extensions"]["code"] for one in answer["errors"]] == [code]


def test_a_mutation_that_asks_for_its_history_finds_itself_in_it(factory: Factory, ask: Ask) -> None:
    document = """
    mutation ($dry: Boolean!) { createWarehouse(input: {code: "AUDIT-2", name: "历史仓"}, dryRun: $dry) {
      warehouse { history { verbs channel } } problems { code } } }
    """
    for dry in (True, False):
        answer = ask(document, {"dry": dry})
        assert answer["data"]["createWarehouse"] == {
            "warehouse": {"history": [{"verbs": ["create"], "channel": "graphql"}]},
            "problems": [],
        }
