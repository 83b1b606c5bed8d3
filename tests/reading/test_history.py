"""`history`: every revision of a row, and what it changed, against the documents as they stood before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph_schema.read.history import Watched, watched
from hub.context import Viewer
from hub.document.registry import spec, specs
from hub.document.spec import LinkSpec
from hub.settings import settings as hub_settings
from hub.words import camel
from hub.writes import create, load, run_step, update
from tests.reading.conftest import Factory
from tests.reading.test_answers import Ask
from tests.reading.test_as_of import worlds
from tests.reading.world import ACTIONS, Action, World, id_of

__all__ = ["worlds"]
EXAMPLES = 100 if hub_settings().prove else 6
CHANGES = "changes { kind field label list line position before after }"


def _selection(members: tuple[Watched, ...]) -> str:
    return " ".join(camel(one.name) + (" { id }" if isinstance(one, LinkSpec) else "") for one in members)


def _values(members: tuple[Watched, ...], row: dict[str, Any] | None) -> dict[str, Any]:
    """A row's watched values; a link as the id it leads to."""
    if row is None:
        return {camel(one.name): None for one in members}
    found = {camel(one.name): row[camel(one.name)] for one in members}
    return {name: value["id"] if isinstance(value, dict) and "id" in value else value for name, value in found.items()}


def _differences(
    viewer: Viewer, name: str, before: dict[str, Any], after: dict[str, Any]
) -> Iterator[tuple[str, str | None, str | None, str, Any, Any]]:
    """(kind, list, line, field, before, after) of all that differs between two looks at a document."""
    members = watched(spec(name), viewer)
    old, new = _values(members, before), _values(members, after)
    yield from (("CHANGED", None, None, one, old[one], new[one]) for one in old if old[one] != new[one])
    for lines in spec(name).lines.values():
        members = watched(spec(lines.target), viewer)
        was = {one["id"]: one for one in before[camel(lines.name)]}
        is_ = {one["id"]: one for one in after[camel(lines.name)]}
        for id_ in {**was, **is_}:
            kind = "CHANGED" if id_ in was and id_ in is_ else "ADDED" if id_ in is_ else "REMOVED"
            old, new = _values(members, was.get(id_)), _values(members, is_.get(id_))
            yield from ((kind, camel(lines.name), id_, one, old[one], new[one]) for one in old if old[one] != new[one])


def _told(change: dict[str, Any]) -> tuple[str, str | None, str | None, str, Any, Any]:
    """A change as told, a link as its id."""
    sides = [
        one["id"] if isinstance(one, dict) and "key" in one else one for one in (change["before"], change["after"])
    ]
    return change["kind"], change["list"], change["line"], change["field"], *sides


@given(actions=st.lists(ACTIONS, min_size=4, max_size=14))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
def test_revisions_and_their_differences(worlds: Callable[[], World], actions: list[Action]) -> None:
    """As of its moment a revision is the document, and its changes lead there from the one before."""
    world = worlds()
    for action in actions:
        action(world)
    order, line = watched(spec("SalesOrder"), world.viewer), watched(spec("SalesOrderLine"), world.viewer)
    document = f"""query D($asOf: DateTime, $id: ID!) {{ salesOrder(id: $id, asOf: $asOf) {{
      version updatedAt {_selection(order)} lines {{ id {_selection(line)} }} }} }}"""
    listed = f"{{ salesOrders {{ nodes {{ id version history {{ version at until by byCode {CHANGES} }} }} }} }}"
    for node in world.ask(listed)["data"]["salesOrders"]["nodes"]:
        revisions = node["history"]
        seen = [world.ask(document, id=node["id"], asOf=one["at"])["data"]["salesOrder"] for one in revisions]
        assert [one["version"] for one in revisions] == [one["version"] for one in seen]
        assert [one["version"] for one in revisions] == sorted({one["version"] for one in revisions}, reverse=True)
        assert [one["until"] for one in revisions] == [None, *(one["at"] for one in revisions[:-1])]
        assert revisions[0]["version"] == node["version"]
        assert revisions[-1]["changes"] == []
        for revision, after, before in zip(revisions, seen, seen[1:], strict=False):
            expected = list(_differences(world.viewer, "SalesOrder", before, after))
            assert sorted(map(_told, revision["changes"]), key=repr) == sorted(expected, key=repr)
            assert all(change["label"] for change in revision["changes"])


def test_who_did_what_over_which_way(worlds: Callable[[], World]) -> None:
    """Verbs and their labels in the viewer's language; a link tells what it led to; pages go back by version."""
    world = worlds()
    line = {"item": "I1", "quantity": "5", "promised_date": "2026-02-01"}
    made: list[Any] = []
    world.write(
        lambda ctx: made.append(
            create(ctx, "SalesOrder", {"customer": "K1", "order_date": "2026-01-01", "lines": [line]}).id
        )
    )
    order = made[0]
    world.write(lambda ctx: update(ctx, "SalesOrder", order, {"customer": "K2", "lines": {"add": [line]}}))
    world.write(lambda ctx: run_step(ctx, "SalesOrder", order, "confirm"))
    document = f"""query H($id: ID!, $first: Int, $before: Int) {{ salesOrder(id: $id) {{
      history(first: $first, beforeVersion: $before) {{ version byCode byName verbs label channel {CHANGES} }} }} }}"""
    third, second, first = world.ask(document, id=str(order))["data"]["salesOrder"]["history"]
    assert [one["verbs"] for one in (first, second, third)] == [["create"], ["update"], ["confirm"]]
    assert [one["label"] for one in (first, second, third)] == ["新建", "修改", "确认"]
    assert (second["channel"], second["byName"]) == ("tests", "boss")
    state = {"kind": "CHANGED", "field": "state", "label": "状态", "list": None, "line": None, "position": None}
    assert third["changes"] == [{**state, "before": "DRAFT", "after": "CONFIRMED"}]
    customer, *added = second["changes"]
    assert (customer["before"]["key"], customer["after"]["key"], customer["after"]["name"]) == ("K1", "K2", "K2")
    assert {(one["kind"], one["list"], one["position"]) for one in added} == {("ADDED", "lines", 2)}
    assert {one["field"]: one["after"] for one in added}["quantity"] == "5.0000"
    assert {one["before"] for one in added} == {None}
    page = world.ask(document, id=str(order), first=1, before=3)["data"]["salesOrder"]["history"]
    assert page == [second]
    assert [error["extensions"]["code"] for error in world.ask(document, id=str(order), first=5000)["errors"]] == [
        "PAGE_SIZE"
    ]


def test_logins_are_shown_to_whom_users_are_open(worlds: Callable[[], World], factory: Factory) -> None:
    """A name stands at every revision, a login only where the viewer may see that user; services have neither."""
    world = worlds()
    made: list[Any] = []
    world.write(lambda ctx: made.append(create(ctx, "User", {"code": f"u-{ctx.viewer.company_id}", "name": "小王"}).id))
    boss = world.viewer
    world.viewer = replace(boss, user_id=made[0], code=f"u-{boss.company_id}")
    world.write(lambda ctx: update(ctx, "Customer", id_of(ctx, "K1"), {"name": "x"}))
    document = '{ customer(code: "K1") { history { byName byCode } } }'
    world.viewer = boss
    service = {"byName": "boss", "byCode": "boss"}
    full = [{"byName": "小王", "byCode": f"u-{boss.company_id}"}, service]
    assert world.ask(document)["data"]["customer"]["history"] == full
    world.viewer = _with(boss, factory.with_role("sales").permissions)
    assert world.ask(document)["data"]["customer"]["history"] == [{"byName": "小王", "byCode": None}, service]


def test_a_line_has_a_history_of_its_own(worlds: Callable[[], World]) -> None:
    """Told with the verbs of its document; a load is told as such."""
    world = worlds()
    row = {"number": "L", "customer": "K1", "order_date": "2026-01-01"}
    for quantity in ("1", "2"):
        rows = [{**row, "lines": [{"item": "I1", "quantity": quantity}]}]
        world.write(partial(load, document_type="SalesOrder", rows=rows))
    document = f"{{ salesOrderLines {{ nodes {{ history {{ version verbs label {CHANGES} }} }} }} }}"
    second, first = world.ask(document)["data"]["salesOrderLines"]["nodes"][0]["history"]
    assert (second["verbs"], second["label"], first["verbs"]) == (["load"], "导入", ["load"])
    assert [(one["field"], one["before"], one["after"]) for one in second["changes"]] == [
        ("quantity", "1.0000", "2.0000")
    ]


def test_a_mutation_answers_with_the_revision_it_made(ask: Ask, factory: Factory) -> None:
    """Before it is committed, and also of a dry run."""
    document = """mutation N($id: ID!) { updateCustomer(id: $id, input: {city: "新城"}, dryRun: true) {
      customer { history(first: 1) { verbs changes { field before after } } } problems { code } } }"""
    answer = ask(document, {"id": str(factory.ids["C-C K1"])}, factory.reader)["data"]["updateCustomer"]
    change = {"field": "city", "before": "城K1", "after": "新城"}
    assert answer == {"customer": {"history": [{"verbs": ["update"], "changes": [change]}]}, "problems": []}


def test_what_the_viewer_may_not_read_is_left_out(worlds: Callable[[], World], factory: Factory) -> None:
    """Restricted columns, and links to closed types."""
    world = worlds()
    made: list[Any] = []
    world.write(lambda ctx: made.append(create(ctx, "Supplier", {"code": "S", "name": "S", "bank_account": "1"}).id))
    world.write(lambda ctx: update(ctx, "Supplier", made[0], {"bank_account": "2", "name": "T"}))
    order = {"customer": "K1", "order_date": "2026-01-01", "lines": [{"item": "I1", "quantity": "1"}]}
    world.write(lambda ctx: made.append(create(ctx, "SalesOrder", order).id))
    world.write(lambda ctx: update(ctx, "SalesOrder", made[1], {"customer": "K2", "note": "x"}))
    document = '{ supplier(code: "S") { history { version byName changes { field before after } } } }'
    full = world.ask(document)["data"]["supplier"]["history"][0]
    assert {one["field"]: one["after"] for one in full["changes"]} == {"bankAccount": "2", "name": "T"}
    boss, world.viewer = world.viewer, _with(world.viewer, factory.with_role("sales").permissions)
    hidden = world.ask(document)["data"]["supplier"]["history"][0]
    assert hidden["changes"] == [{"field": "name", "before": "S", "after": "T"}]
    world.viewer = _with(boss, frozenset({"sales.read"}))
    orders = "{ salesOrders { nodes { history { byName byCode changes { field } } } } }"
    shown = world.ask(orders)["data"]["salesOrders"]["nodes"][0]["history"][0]
    assert shown == {"byName": "boss", "byCode": "boss", "changes": [{"field": "note"}]}


def _with(viewer: Viewer, permissions: frozenset[str]) -> Viewer:
    return replace(viewer, permissions=permissions)


@pytest.mark.parametrize("name", [one.name for one in specs().values() if one.kind != "ledger"])
def test_every_type_has_a_history(ask: Ask, factory: Factory, name: str) -> None:
    """The statement of each is one that PostgreSQL takes, also as of a moment."""
    one = spec(name)
    text = f"history {{ version at until by byCode byName verbs label channel {CHANGES} }}"
    for as_of in ("", ', asOf: "2026-01-01T00:00:00Z"'):
        answer = ask(f"{{ {one.many}(first: 2{as_of}) {{ nodes {{ {text} }} }} }}", viewer=factory.reader)
        assert "errors" not in answer, answer
