"""The demo company through the real pipeline: silos pulled, conformed and loaded; the checks find what was planted."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from assets.definitions import source_values
from assets.loads import load_documents
from assets.problems import Problem
from assets.pulls import pull_table
from assets.sources import Source, read_sources
from graph_schema.answer import Answerer
from hub.context import system_viewer
from hub.db.engine import make_async_pool
from hub.identity import authenticate, viewer_of
from hub.secret_store import SecretStore, account_secret
from hub.seed import contradictions, run
from hub.seed.people import ACCOUNTS
from hub.seed.silos import demo
from hub.seed.story import SOURCES
from hub.seed.workdays import TOLD
from hub.settings import settings
from hub.trouble import Trouble
from hub.writes import LoadResult, load, unit_of_work
from quality_checks.reconciliations import RECONCILIATIONS
from tests.conftest import Database

OWN = [
    "sales_order",
    "sales_order_line",
    "delivery",
    "purchase_order",
    "purchase_receipt",
    "purchase_receipt_line",
    "production_order",
    "production_order_demand",
    "production_order_material",
]
"""Documents that both years have."""
Loaded = dict[str, tuple[LoadResult, list[Problem]]]


@pytest.fixture(scope="module")
def engine(module_database: Database) -> Engine:
    """A database that the demo company was told to, twice: the second time must change nothing."""
    run(module_database.engine, lambda line: None)
    before = _one(module_database.engine, "select count(*) from audit.audit_entry")
    run(module_database.engine, lambda line: None)
    assert _one(module_database.engine, "select count(*) from audit.audit_entry") == before
    return module_database.engine


@pytest.fixture(scope="module")
def sources() -> tuple[Source, ...]:
    return read_sources([SOURCES])


@pytest.fixture(scope="module")
def pulled(engine: Engine, sources: tuple[Source, ...]) -> dict[str, list[Problem]]:
    """Every table of every silo pulled; what was kept out, by source."""
    kept_out: dict[str, list[Problem]] = defaultdict(list)
    for source in sources:
        for table in source.tables:
            found = pull_table(engine, source, table, source_values(settings()), str(uuid4()))
            kept_out[source.code] += found.problems
    return kept_out


@pytest.fixture(scope="module")
def told(engine: Engine) -> dict[str, int]:
    """How many documents the hub's own year has, before the silos come in."""
    return {table: int(str(_one(engine, f"select count(*) from hub.{table}"))) for table in OWN}


@pytest.fixture(scope="module")
def loaded(
    engine: Engine, sources: tuple[Source, ...], pulled: dict[str, list[Problem]], told: dict[str, int]
) -> Loaded:
    """Every load of every silo, in the order of the files."""
    assert pulled
    assert told["delivery"]
    return _load_all(engine, sources)


def test_every_account_signs_in_with_the_password_in_the_secrets_file(engine: Engine) -> None:
    secrets = SecretStore(settings().secrets_file)
    with Session(engine) as session:
        for login, roles in ACCOUNTS:
            viewer = authenticate(session, login, secrets.get(account_secret(login)))
            assert viewer is not None
            assert viewer.roles == set(roles)
            assert viewer.employee_id
            assert viewer.department_id
        assert authenticate(session, "edge-1", "") is None
    passwords = {secrets.get(account_secret(login)) for login, _ in ACCOUNTS}
    assert len(passwords) == len(ACCOUNTS)


def test_meters_form_a_tree(engine: Engine) -> None:
    with engine.connect() as connection:
        rows = connection.execute(
            sa.text("select m.code, p.code from hub.energy_meter m left join hub.energy_meter p on p.id = m.parent_id")
        )
        assert {(code, parent) for code, parent in rows} == {
            ("EM-01", None),
            ("EM-02", "EM-01"),
            ("EM-03", "EM-01"),
        }


def test_another_companys_database_is_refused(fresh_database: Database) -> None:
    with unit_of_work(fresh_database.engine, system_viewer("tests"), "tests") as ctx:
        load(ctx, "Company", [{"code": "REAL", "name": "真公司"}])
    with pytest.raises(Trouble, match="REAL"):
        run(fresh_database.engine, lambda line: None)


def test_the_pull_keeps_out_the_doubled_rows_and_nothing_else(pulled: dict[str, list[Problem]]) -> None:
    found = {(source, one.record_key) for source, problems in pulled.items() for one in problems}
    assert found == {(one.silo, one.key) for one in contradictions() if one.kind == "duplicated_row"}
    assert {one.code for problems in pulled.values() for one in problems} == {"KEY_DOUBLE"}


def test_the_load_keeps_out_unknown_items_lost_customers_and_wrong_dates(loaded: Loaded) -> None:
    found = {(one.code, one.record_key) for _, problems in loaded.values() for one in problems}
    wanted = {
        *(("LINK_UNKNOWN", one.key) for one in contradictions() if one.kind in ("unknown_item", "missing_customer")),
        *(("VALUE_INVALID", one.key) for one in contradictions() if one.kind == "wrong_date" and one.silo == "quality"),
    }
    assert found == wanted


def test_everything_else_is_in_the_hub(engine: Engine, loaded: Loaded, told: dict[str, int]) -> None:
    year = demo()[0]
    lost = [one.kind for one in contradictions()]
    counts = {
        "employee": 52,
        "department": 9,
        "item": 95,
        "customer": 35 + lost.count("customer_spelling"),
        "supplier": 18,
        "location": len(year.masters.locations),
        "sales_order": len(year.sales_orders),
        "sales_order_line": sum(len(order.lines) for order in year.sales_orders),
        "delivery": len(year.deliveries) - lost.count("stock_out_without_delivery"),
        "purchase_order": len(year.purchase_orders),
        "purchase_receipt": len(year.receipts),
        "purchase_receipt_line": sum(len(receipt.lines) for receipt in year.receipts),
        "production_order": len(year.production_orders),
        "production_order_demand": sum(len(order.demands) for order in year.production_orders),
        "production_order_material": sum(len(order.materials) for order in year.production_orders),
    }
    assert loaded
    for table, count in counts.items():
        assert _one(engine, f"select count(*) from hub.{table}") == count + told.get(table, 0), table
    value = sum(line.amount for order in year.sales_orders for line in order.lines)
    assert _sum_before(engine, "sales_order") == value
    bought = sum(line.amount for order in year.purchase_orders for line in order.lines)
    assert _sum_before(engine, "purchase_order") == bought


def test_stock_in_the_hub_is_the_true_stock_but_for_what_was_planted(engine: Engine, loaded: Loaded) -> None:
    true: dict[str, object] = {}
    for move in demo()[0].moves:
        true[move.item] = true.get(move.item, 0) + move.quantity  # type: ignore[operator]
    assert loaded
    with engine.connect() as connection:
        query = (
            "select i.code, sum(e.quantity) from hub.stock_entry e join hub.item i on i.id = e.item_id"
            f" where e.entry_at < '{TOLD.first_day}' and e.kind <> 'adjustment' group by 1"
        )
        hub = {row.code: row.sum for row in connection.execute(sa.text(query))}
    bent = {one.key.split("/")[1] for one in contradictions() if "/" in one.key}
    bent |= {one.truth for one in contradictions() if one.kind == "unknown_item"}
    assert {code for code in true if hub[code] != true[code]} <= bent
    assert len(bent) < len(true) * 2 / 3


def test_the_old_book_is_closed_and_what_the_hub_has_is_its_own_year(engine: Engine, loaded: Loaded) -> None:
    assert loaded
    left = (
        "select count(*) from (select 1 from hub.stock_entry {} group by item_id, lot having sum(quantity) <> 0) as l"
    )
    before = f"where entry_at < '{TOLD.first_day}'"
    assert _one(engine, left.format(before)) == 0
    assert _one(engine, left.format("")) == _one(engine, left.format(before.replace("<", ">=")))


def test_documents_of_the_hub_are_as_the_hub_left_them(engine: Engine, loaded: Loaded) -> None:
    """The pipeline knows masters by their codes; documents of the two years share no number."""
    assert loaded
    for table in OWN:
        if not table.endswith(("_line", "_demand", "_material")):
            both = f"select count(*) - count(distinct number) from hub.{table}"
            assert _one(engine, both) == 0, table
    changed = "select count(*) from audit.audit_entry where channel = 'pipeline' and document_id in (select id from {})"
    assert _one(engine, changed.format(f"hub.sales_order where order_date >= '{TOLD.first_day}'")) == 0


def test_the_reconciliations_find_exactly_what_was_planted(engine: Engine, loaded: Loaded) -> None:
    kinds = {
        "delivered_has_stock_out": "delivered_without_stock_out",
        "stock_out_has_delivery": "stock_out_without_delivery",
        "delivered_equals_stock_out": "quantity_differs",
        "completed_equals_inspected": "completed_over_inspected",
    }
    assert loaded
    checked = 0
    for rules in RECONCILIATIONS:
        for rule in rules.rules:
            kind = kinds.get(rule.code)
            if kind is None:
                continue
            query = rule.arguments["unexpected_rows_query"].format(batch=f"hub.{rules.table}")
            with engine.connect() as connection:
                rows = connection.execute(sa.text(query)).mappings().all()
            found = {"/".join(str(row[name]) for name in rule.key) for row in rows}
            assert found == {one.key for one in contradictions() if one.kind == kind}, rule.code
            checked += 1
    assert checked == len(kinds)


QUESTION = """query ($number: String!) { salesOrder(number: $number) {
  number total delivered
  customer { name } salesRep { name department { name } }
  lines {
    quantity delivered
    item { name onHand stockEntries(first: 5) { nodes { kind quantity } } }
    productionDemands { nodes { productionOrder {
      number progress planner { name }
      inspections { nodes { number qualifiedRate inspector { name } } }
      materials { requiredQuantity item { name supplier { name contactName } } }
    } } }
    deliveryLines { nodes { quantity delivery { number deliveryDate carrierName } } }
  }
  provenance { source }
} }"""


def test_one_request_answers_what_was_three_silos_before(engine: Engine, loaded: Loaded) -> None:
    """Order, customer, lines, items, production, inspections, deliveries, stock, suppliers, the people in charge."""
    assert loaded
    order = max((one for one in demo()[0].sales_orders if one.state == "closed"), key=lambda one: len(one.lines))
    answer = asyncio.run(_ask(engine, QUESTION, {"number": order.number}))
    assert "errors" not in answer
    found = answer["data"]["salesOrder"]
    assert Decimal(found["total"]) == sum((line.amount for line in order.lines), Decimal())
    assert Decimal(found["delivered"]) == 100
    assert found["customer"]["name"]
    assert found["salesRep"]["department"]["name"] == "销售部"
    assert [one["source"] for one in found["provenance"]] == ["erp"]
    assert len(found["lines"]) == len(order.lines)
    made = [one["productionOrder"] for line in found["lines"] for one in line["productionDemands"]["nodes"]]
    assert made
    assert all(one["planner"]["name"] for one in made)
    assert any(one["inspector"]["name"] for order in made for one in order["inspections"]["nodes"])
    assert all(material["item"]["supplier"]["name"] for one in made for material in one["materials"])
    for line in found["lines"]:
        assert sum(Decimal(one["quantity"]) for one in line["deliveryLines"]["nodes"]) == Decimal(line["delivered"])
        assert line["item"]["stockEntries"]["nodes"]


def test_an_order_is_created_and_confirmed_by_the_salesman(engine: Engine, loaded: Loaded) -> None:
    assert loaded
    create = """mutation ($input: CreateSalesOrderInput!, $key: String!) {
      createSalesOrder(input: $input, idempotencyKey: $key) {
        salesOrder { id number state total } problems { code message path hint } } }"""
    line = {"item": demo()[0].sales_orders[0].lines[0].part.code, "quantity": "1000", "unitPrice": "1.255"}
    body = {"customer": demo()[0].sales_orders[0].customer.code, "promisedDate": "2026-12-01", "lines": [line]}
    first = asyncio.run(_ask(engine, create, {"input": body, "key": "story-1"}))["data"]["createSalesOrder"]
    again = asyncio.run(_ask(engine, create, {"input": body, "key": "story-1"}))["data"]["createSalesOrder"]
    assert first["problems"] == []
    assert first == again
    assert (first["salesOrder"]["state"], first["salesOrder"]["total"]) == ("DRAFT", "1255.0000")
    confirm = """mutation ($id: ID!) { confirmSalesOrder(id: $id) {
      salesOrder { state } problems { code message path } } }"""
    values = {"id": first["salesOrder"]["id"]}
    done = asyncio.run(_ask(engine, confirm, values))["data"]["confirmSalesOrder"]
    assert done == {"salesOrder": {"state": "CONFIRMED"}, "problems": []}
    refused = asyncio.run(_ask(engine, confirm, values))["data"]["confirmSalesOrder"]
    assert [one["code"] for one in refused["problems"]] == ["STEP_NOT_ALLOWED"]


async def _ask(engine: Engine, document: str, variables: dict[str, Any]) -> dict[str, Any]:
    """Ask the demo's own database as the salesman zhangwei."""
    with Session(engine) as session:
        viewer = viewer_of(session, code="zhangwei")
    assert viewer is not None
    pool = make_async_pool(engine.url, size=2)
    await pool.open()
    answerer = Answerer(pool, engine)
    try:
        found: dict[str, Any] = json.loads(await answerer.answer(document, variables, viewer))
        return found
    finally:
        await answerer.close()
        await pool.close()


def test_a_second_run_changes_nothing(engine: Engine, sources: tuple[Source, ...], loaded: Loaded) -> None:
    assert loaded
    for name, (result, _) in _load_all(engine, sources).items():
        assert (result.inserted, result.updated) == (0, 0), name


def _load_all(engine: Engine, sources: tuple[Source, ...]) -> Loaded:
    return {
        f"{source.code}/{load.name}": load_documents(engine, source, load, str(uuid4()))
        for source in sources
        for load in source.loads
    }


def _sum_before(engine: Engine, table: str) -> object:
    """What the lines of a type amount to, of the year before the hub."""
    lines = f"hub.{table}_line l join hub.{table} o on o.id = l.{table}_id"
    return _one(engine, f"select sum(l.amount) from {lines} where o.order_date < '{TOLD.first_day}'")


def _one(engine: Engine, query: str) -> object:
    with engine.connect() as connection:
        return connection.execute(sa.text(query)).scalar_one()
