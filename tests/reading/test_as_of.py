"""`asOf` against memory: what a query answered at a moment is what it answers later as of that moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from graph_schema.answer import Answerer
from graph_schema.read import as_of
from hub.context import Ctx
from hub.db.engine import make_async_pool
from hub.document.registry import spec, specs
from hub.document.spec import DerivedSpec
from hub.settings import settings as hub_settings
from hub.words import Label
from hub.writes import create, load, unit_of_work, update
from tests.reading.conftest import Factory, boss
from tests.reading.test_answers import Ask
from tests.reading.world import ACTIONS, EVERYTHING, Action, World, creating, discarding, furnish, id_of

EXAMPLES = 150 if hub_settings().prove else 8


@pytest.fixture(scope="module")
def worlds(factory: Factory) -> Iterator[Callable[[], World]]:
    """Makes worlds, each a company of its own with two customers, two items and a warehouse."""
    with asyncio.Runner() as runner:
        pool = make_async_pool(factory.database.url, size=2)
        runner.run(pool.open())

        def make() -> World:
            code = f"C-{uuid4().hex[:10]}"
            with unit_of_work(factory.database.engine, boss(None), "tests") as ctx:
                company = create(ctx, "Company", {"code": code, "name": code}).id
            world = World(factory, runner, Answerer(pool, factory.database.engine), boss(company))
            world.write(furnish)
            return world

        try:
            yield make
        finally:
            runner.run(pool.close())


@given(actions=st.lists(ACTIONS, min_size=4, max_size=14))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
def test_what_was_seen_then_is_answered_now(worlds: Callable[[], World], actions: list[Action]) -> None:
    """Documents, lines, links, lists, filters, orders, counts, derived values and stock of every moment."""
    world = worlds()
    world.remember()
    for action in actions:
        action(world)
        world.remember()
    for moment, seen in world.remembered:
        answer = world.ask(EVERYTHING, asOf=moment.isoformat(), number="O-1")
        assert answer == {"data": seen}, moment


def test_a_transaction_is_seen_whole_and_not_before_its_end(worlds: Callable[[], World]) -> None:
    """The one that began first commits last and overwrites what the other wrote meanwhile."""
    world = worlds()
    document = "query C($asOf: DateTime) { customers(asOf: $asOf, orderBy: [{code: ASC}]) { nodes { name version } } }"
    seen: list[tuple[datetime, Any]] = []

    def look() -> None:
        seen.append((world.now(), world.ask(document)["data"]))

    look()
    with unit_of_work(world.factory.database.engine, world.viewer, "tests") as slow:
        slow.session.execute(text("SELECT 1"))
        look()
        update(slow, "Customer", id_of(slow, "K2"), {"name": "slow"})
        look()
        world.write(lambda ctx: update(ctx, "Customer", id_of(ctx, "K1"), {"name": "quick"}))
        look()
        update(slow, "Customer", id_of(slow, "K1"), {"name": "slow"})
        look()
    look()
    assert [node["name"] for node in seen[4][1]["customers"]["nodes"]] == ["quick", "K2"]
    assert seen[5][1]["customers"]["nodes"] == [{"name": "slow", "version": 3}, {"name": "slow", "version": 2}]
    for moment, answer in seen:
        assert world.ask(document, asOf=moment.isoformat()) == {"data": answer}


def test_whoever_writes_leaves_one_version_at_a_time(worlds: Callable[[], World]) -> None:
    """Also a statement that forgets the stamp: every version begins where the one before ended."""
    world = worlds()
    table = spec("Customer").table
    mine = table.c.company_id == world.viewer.company_id
    world.remember()
    with Session(world.factory.database.engine) as session, session.begin():
        session.execute(table.update().where(mine).values(city="B"))
    world.remember()
    world.write(lambda ctx: update(ctx, "Customer", id_of(ctx, "K1"), {"name": "x"}))
    world.remember()
    for moment, seen in world.remembered:
        assert world.ask(EVERYTHING, asOf=moment.isoformat(), number="O-1") == {"data": seen}
    then = as_of.former("Customer")
    with Session(world.factory.database.engine) as session:
        rows = session.execute(
            select(then.c.valid_from, then.c.valid_to, table.c.updated_at)
            .join(table, table.c.id == then.c.id)
            .where(mine, table.c.code == "K1")
            .order_by(then.c.valid_from)
        ).all()
    assert [row.valid_to for row in rows] == [rows[1].valid_from, rows[1].updated_at]


def test_rights_are_those_of_today(worlds: Callable[[], World], ask: Ask, factory: Factory) -> None:
    """A past moment opens no column, no type and no other company."""
    moment = datetime.now(UTC).isoformat()
    document = "query E($asOf: DateTime) { employees(asOf: $asOf) { nodes { code idNumber } } }"
    sales = factory.with_role("sales")
    assert ask(document, {"asOf": moment})["data"]["employees"]["nodes"][0]["idNumber"] == "320106199001011234"
    assert ask(document, {"asOf": moment}, sales)["data"]["employees"]["nodes"] == [{"code": "E1", "idNumber": None}]
    by_number = """query E($asOf: DateTime) {
      employees(asOf: $asOf, where: {idNumber: {isNull: false}}) { totalCount } }"""
    assert _codes(ask(by_number, {"asOf": moment}, sales)) == ["COLUMN_FORBIDDEN"]
    orders = "query O($asOf: DateTime) { salesOrders(asOf: $asOf) { totalCount } }"
    assert _codes(ask(orders, {"asOf": moment}, factory.with_role("people"))) == ["FORBIDDEN"]
    foreign = "query N($asOf: DateTime, $id: ID!) { node(id: $id, asOf: $asOf) { id } }"
    variables = {"asOf": moment, "id": str(factory.ids["C-B SO1"])}
    assert ask(foreign, variables)["data"] == {"node": None}
    assert ask(foreign, variables, factory.stranger)["data"] == {"node": {"id": variables["id"]}}


def _codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2999-01-01T00:00:00+08:00", "AS_OF_FUTURE"),
        ("yesterday", "GRAPHQL_VALIDATION_FAILED"),
        ("2026-13-01T00:00:00Z", "GRAPHQL_VALIDATION_FAILED"),
        (7, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_moments_that_are_none(ask: Ask, moment: Any, code: str) -> None:
    """In a variable, and written into the document; soon is not now."""
    answer = ask("query C($asOf: DateTime) { customers(asOf: $asOf) { totalCount } }", {"asOf": moment})
    assert [found in (code, "VALUE_INVALID") for found in _codes(answer)] == [True]
    assert len(_codes(ask(f"{{ customers(asOf: {json.dumps(moment)}) {{ totalCount }} }}"))) == 1
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    assert _codes(ask(f'{{ customers(asOf: "{soon}") {{ totalCount }} }}')) == ["AS_OF_FUTURE"]


def test_the_very_beginning_is_empty_and_no_moment_is_now(ask: Ask) -> None:
    answer = ask("""{ old: customers(asOf: "0001-01-01T00:00:00Z") { totalCount nodes { code } }
      one: customer(code: "K1", asOf: "2001-01-01") { code } now: customer(code: "K1", asOf: null) { code } }""")
    assert answer["data"] == {"old": {"totalCount": 0, "nodes": []}, "one": None, "now": {"code": "K1"}}


def test_a_cursor_leads_on_in_the_past(worlds: Callable[[], World]) -> None:
    """Pages of a past list join without loss; a cursor of another moment only says where to go on."""
    world = worlds()
    world.write(lambda ctx: [create(ctx, "Customer", {"code": f"P{n}", "name": f"P{n}"}) for n in range(5)])
    then = world.now().isoformat()
    world.write(lambda ctx: [create(ctx, "Customer", {"code": f"P{n}a", "name": f"P{n}a"}) for n in range(5)])
    document = """query P($asOf: DateTime, $after: String) {
      customers(asOf: $asOf, after: $after, first: 3, orderBy: [{code: ASC}]) {
        nodes { code } pageInfo { endCursor } } }"""
    first = world.ask(document, asOf=then)["data"]["customers"]
    second = world.ask(document, asOf=then, after=first["pageInfo"]["endCursor"])["data"]["customers"]
    assert [node["code"] for page in (first, second) for node in page["nodes"]] == ["K1", "K2", "P0", "P1", "P2", "P3"]
    other = world.ask(document, after=first["pageInfo"]["endCursor"])["data"]["customers"]
    assert [node["code"] for node in other["nodes"]] == ["P0a", "P1", "P1a"]


def test_what_was_thrown_away_is_found_by_itsid_of(worlds: Callable[[], World]) -> None:
    """A discarded draft with its lines, by id and as a node; no step can be taken from the past."""
    world = worlds()
    creating("K1", [{"item": "I1", "quantity": "5"}], confirmed=False)(world)
    then, (order,) = world.now().isoformat(), world.orders
    discarding(0)(world)
    document = """query D($asOf: DateTime, $id: ID!) {
      salesOrder(id: $id, asOf: $asOf) { lines { quantity } availableSteps { name } provenance { source } }
      node(id: $id, asOf: $asOf) { ... on SalesOrder { state } } }"""
    assert world.ask(document, id=str(order))["data"] == {"salesOrder": None, "node": None}
    assert world.ask(document, id=str(order), asOf=then)["data"] == {
        "salesOrder": {"lines": [{"quantity": "5.0000"}], "availableSteps": [], "provenance": []},
        "node": {"state": "DRAFT"},
    }


def test_provenance_is_told_as_it_was_known_then(worlds: Callable[[], World]) -> None:
    world = worlds()
    before = world.now().isoformat()
    row = {"code": "S", "name": "S", "source_table": "t", "source_key": "1", "payload": {"a": 1}}

    def work(ctx: Ctx) -> None:
        create(ctx, "SourceSystem", {"code": f"src-{ctx.viewer.company_id}", "name": "src", "kind": "sql"})
        load(ctx, "Customer", [row], source=f"src-{ctx.viewer.company_id}", run_key="1")

    world.write(work)
    between = world.now().isoformat()
    load_again = {**row, "name": "S2", "payload": {"a": 2}}
    world.write(lambda ctx: load(ctx, "Customer", [load_again], source=f"src-{ctx.viewer.company_id}", run_key="2"))
    document = 'query P($asOf: DateTime) { customer(code: "S", asOf: $asOf) { name provenance { key at } } }'
    now = world.ask(document)["data"]["customer"]
    then = world.ask(document, asOf=between)["data"]["customer"]
    assert (then["name"], now["name"], then["provenance"][0]["key"]) == ("S", "S2", "1")
    assert then["provenance"][0]["at"] < now["provenance"][0]["at"]
    assert world.ask(document, asOf=before)["data"]["customer"] is None


def test_every_derived_value_of_today_has_history() -> None:
    """They read rows of document types only. One that reads a clock or another table has none."""
    found = {f"{each.name}.{one.name}": one for each in specs().values() for one in each.derived.values()}
    assert found
    without = {name for name, one in found.items() if not as_of.has_history(one)}
    reckoned = ("late_risk", "late_level", "late_reason", "late_cause", "late_sentence", "expected_date")
    by_the_clock = {"ApprovalTask.waited", *(f"SalesOrderLine.{name}" for name in reckoned)}
    assert without == by_the_clock, "what still waits, and what may be late, is measured by the clock"
    known = next(iter(spec("SalesOrder").derived.values()))
    for sql in (
        lambda row, tables: func.current_date() - row.c.order_date,
        lambda row, tables: select(func.count()).select_from(spec("Customer").table).scalar_subquery(),
        lambda row, tables: select(text("1")).scalar_subquery(),
    ):
        late = replace(known, name="late", sql=sql)
        spec("SalesOrder").derived["late"] = late
        try:
            assert not as_of.has_history(late)
        finally:
            del spec("SalesOrder").derived["late"]


def test_a_derived_value_without_history(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Null in place with one error where it is shown; refused where it would filter or sort."""

    def has_history(member: DerivedSpec) -> bool:
        return member.label != Label("总额", "Total")

    monkeypatch.setattr("graph_schema.read.plan.has_history", has_history)
    monkeypatch.setattr("graph_schema.read.conditions.has_history", has_history)
    moment = datetime.now(UTC).isoformat()
    shown = "query T($asOf: DateTime) { salesOrders(asOf: $asOf, first: 1) { nodes { number total } } }"
    answer = ask(shown, {"asOf": moment})
    assert answer["data"]["salesOrders"]["nodes"][0]["total"] is None
    assert answer["data"]["salesOrders"]["nodes"][0]["number"]
    assert _codes(answer) == ["AS_OF_UNSUPPORTED"]
    assert answer["errors"][0]["path"] == ["salesOrders"]
    sort = """query T($asOf: DateTime) {
      salesOrders(asOf: $asOf, orderBy: [{total: ASC}]) { totalCount } customers { totalCount } }"""
    sorted_ = ask(sort, {"asOf": moment})
    assert (_codes(sorted_), sorted_["data"]["salesOrders"]) == (["AS_OF_UNSUPPORTED"], None)
    assert sorted_["data"]["customers"]["totalCount"] > 0
    assert "errors" not in ask(shown) | ask(sort)
