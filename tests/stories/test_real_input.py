"""The whole path on real input (../shared/data): silos and a meter in, GraphQL and marts out, every figure exact.

A manufacturer's ERP in a database of its own, a trading company's CSV folder and workbook, and a steel works' meter
read through Modbus go through the same pipeline and the same HTTP doors as a user's would. What the hub answers is
held against figures that `tests/stories/independent.py` computes from the files with csv and Decimal alone. `pytest
-s` shows them side by side. `make prove` replays the whole year of the meter, otherwise its January.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest
import sqlalchemy as sa
from psycopg import sql

from assets.definitions import build_defs
from assets.sources import read_sources
from examples.adventureworks.load_legacy_erp import load_folder
from examples.northwind.make_people_workbook import make_workbook
from hub import writes
from hub.context import system_viewer
from hub.db.embedded import OWNER, EmbeddedServer
from hub.db.engine import database_url
from hub.identity import issue_token
from hub.settings import ROOT, settings
from quality_checks.database import HubDatabase
from quality_checks.reconciliations import RECONCILIATIONS
from quality_checks.run import run
from tests.assets.scenario import bring
from tests.conftest import Database, copy_of_template, need_real_data
from tests.edge.stand_in import Edge, free_port, listens, wait_until
from tests.serving import serving
from tests.stories import independent

JANUARY, YEAR = 31 * 96, 35_040
METER = "STEEL-01"
LEGACY = "legacy_erp_of_the_story"


@dataclass(frozen=True)
class Story:
    """The hub after the pipeline has run: its database, its address, a token, the pipeline and what its run gave."""

    database: Database
    url: str
    token: str
    collector: str
    definitions: dg.Definitions
    nightly: dg.ExecuteInProcessResult

    def everything(self, query: str) -> list[dict[str, Any]]:
        """All nodes of a list, page by page, as a client would fetch them; `$after` is the query's cursor."""
        nodes: list[dict[str, Any]] = []
        after = None
        with httpx.Client(headers={"Authorization": f"Bearer {self.token}"}, timeout=60) as client:
            while True:
                reply = client.post(f"{self.url}/graphql", json={"query": query, "variables": {"after": after}}).json()
                assert not reply.get("errors"), reply
                (page,) = reply["data"].values()
                nodes.extend(page["nodes"])
                if not page["pageInfo"]["hasNextPage"]:
                    assert len(nodes) == page["totalCount"]
                    return nodes
                after = page["pageInfo"]["endCursor"]


@pytest.fixture(scope="module")
def story(migrated_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The legacy ERP's database, the folder, the workbook; one run of the pipeline; a hub that serves."""
    need_real_data(independent.DATA)
    folder = tmp_path_factory.mktemp("story")
    make_workbook(independent.DATA / "northwind" / "employees.csv", folder / "people.xlsx")
    with copy_of_template(migrated_server, "hub_story") as database, _legacy_erp(migrated_server) as legacy:
        token, collector = _begin(database)
        definitions = build_defs(
            settings(),
            read_sources([ROOT / "examples" / "adventureworks", ROOT / "examples" / "northwind"]),
            values={
                "LEGACY_ERP_URL": legacy,
                "NORTHWIND_FOLDER": str(independent.DATA / "northwind"),
                "NORTHWIND_PEOPLE": str(folder / "people.xlsx"),
            },
            database=HubDatabase(database.url, settings().mart_role, settings().time_zone),
            checks=False,
        )
        nightly = definitions.resolve_job_def("nightly").execute_in_process(raise_on_error=False)
        with serving(database, folder / "hub.log") as url:
            yield Story(database, url, token, collector, definitions, nightly)


@contextmanager
def _legacy_erp(server: EmbeddedServer) -> Iterator[str]:
    """A database of its own with the ERP's tables under their own names, dropped at the end; gives its URL."""
    name = sql.Identifier(LEGACY)
    with server.connect() as connection:
        connection.execute(sql.SQL("create database {} owner {}").format(name, sql.Identifier(OWNER)))
    url = database_url().set(database=LEGACY)
    try:
        libpq = url.set(drivername="postgresql").render_as_string(hide_password=False)
        loaded = dict(load_folder(independent.DATA / "adventureworks", libpq))
        assert loaded["Purchasing.PurchaseOrderHeader"] == 4012
        yield url.render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(name))


def _begin(database: Database) -> tuple[str, str]:
    """What exists before any silo: the company, somebody who asks, somebody who delivers readings, the meter."""
    with writes.unit_of_work(database.engine, system_viewer("test"), "test") as ctx:
        writes.create(ctx, "Company", {"code": "C1", "name": "真实数据"})
    bring(database.engine, "EnergyMeter", [{"code": METER, "name": "Steel works", "unit": "kWh"}])
    users = [
        {"code": "asks", "name": "asks", "roles": ["administrator"]},
        {"code": "edge", "name": "edge", "roles": ["collector"]},
    ]
    with writes.unit_of_work(database.engine, system_viewer("test"), "test") as ctx:
        for user in users:
            writes.create(ctx, "User", user)
        return issue_token(ctx.session, "asks", purpose="story"), issue_token(ctx.session, "edge", purpose="story")


@pytest.fixture(scope="module")
def beside() -> Iterator[Callable[[str, dict[str, Decimal], dict[str, Decimal]], None]]:
    """`beside(title, hub, independent)`: equal to the last digit, and shown side by side at the end."""
    lines: list[str] = []

    def compare(title: str, hub: dict[str, Decimal], outside: dict[str, Decimal]) -> None:
        lines.extend(
            f"{title:<24}{name:<28}{hub.get(name)!s:>18}{outside.get(name)!s:>18}"
            for name in sorted({**hub, **outside})
        )
        assert {name: hub[name] for name in sorted(hub)} == dict(sorted(outside.items()))

    yield compare
    print(f"\n{'':<52}{'hub':>18}{'from the files':>18}\n" + "\n".join(lines))  # noqa: T201


Beside = Callable[[str, dict[str, Decimal], dict[str, Decimal]], None]


def totals(rows: list[dict[str, Any]], *names: str) -> dict[str, Decimal]:
    """Sums of decimal strings."""
    return {name: sum((Decimal(row[name]) for row in rows), Decimal()) for name in names}


def by_year(orders: list[dict[str, Any]], value: str) -> dict[str, dict[str, Decimal]]:
    """Orders, lines and the sum of the lines' amounts by the year of the order date."""
    figures: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for order in orders:
        year = figures[order["orderDate"][:4]]
        year["orders"] += 1
        year["lines"] += len(order["lines"])
        year[value] += totals(order["lines"], "amount")["amount"]
    return figures


def flat(figures: dict[str, dict[str, Decimal]]) -> dict[str, Decimal]:
    """`{"2024": {"orders": 1}}` as `{"2024 orders": 1}`."""
    return {f"{outer} {inner}": value for outer, values in figures.items() for inner, value in values.items()}


def test_the_pipeline_takes_everything_in(story: Story) -> None:
    assert story.nightly.success
    with story.database.engine.connect() as connection:
        problems = connection.execute(sa.text("select source, stage, record_key, message_en from dq.row_problem")).all()
        runs = connection.execute(sa.text("select count(*) from hub.sync_run where status = 'succeeded'")).scalar()
    assert problems == []
    assert runs == 24  # one per table: 16 of the ERP, 7 files, 1 sheet


def test_purchase_orders_lines_and_value_by_year(story: Story, beside: Beside) -> None:
    orders = story.everything(
        """query ($after: String) { purchaseOrders(first: 500, after: $after, orderBy: [{number: ASC}]) {
             totalCount pageInfo { hasNextPage endCursor }
             nodes { number orderDate state total lines { quantity amount } } } }"""
    )
    beside("Purchase orders", flat(by_year(orders, "value")), flat(independent.purchases_by_year()))
    states: dict[str, Decimal] = defaultdict(Decimal)
    for order in orders:
        states[order["state"]] += 1
        assert Decimal(order["total"]) == totals(order["lines"], "amount")["amount"]
    beside("Purchase orders", states, independent.purchases_by_state())
    ordered = {"ordered": sum((totals(one["lines"], "quantity")["quantity"] for one in orders), Decimal())}
    beside("Purchased quantity", ordered, {"ordered": independent.purchased_quantities()["ordered"]})


def test_received_rejected_and_stocked_quantities(story: Story, beside: Beside) -> None:
    receipts = story.everything(
        """query ($after: String) { purchaseReceipts(first: 500, after: $after, orderBy: [{number: ASC}]) {
             totalCount pageInfo { hasNextPage endCursor }
             nodes { lines {
               quantity rejectedQuantity stockedQuantity orderLine { item { code } } item { code } } } } }"""
    )
    lines = [line for receipt in receipts for line in receipt["lines"]]
    assert all(line["orderLine"]["item"]["code"] == line["item"]["code"] for line in lines)
    sums = totals(lines, "quantity", "rejectedQuantity", "stockedQuantity")
    hub = {"received": sums["quantity"], "rejected": sums["rejectedQuantity"], "stocked": sums["stockedQuantity"]}
    outside = independent.purchased_quantities()
    beside("Purchased quantity", hub, {name: outside[name] for name in hub})


def test_sales_orders_and_unrounded_revenue_by_year(story: Story, beside: Beside) -> None:
    orders = story.everything(
        """query ($after: String) { salesOrders(first: 500, after: $after, orderBy: [{number: ASC}]) {
             totalCount pageInfo { hasNextPage endCursor }
             nodes { orderDate salesRep { name } customer { code } lines { amount } deliveries { totalCount } } } }"""
    )
    figures, outside = by_year(orders, "revenue"), independent.sales_by_year()
    beside("Sales orders", flat(figures), flat(outside))
    whole = sum((year["revenue"] for year in figures.values()), Decimal())
    beside("Sales orders", {"revenue, unrounded": whole}, {"revenue, unrounded": Decimal("1265793.0395")})
    assert all(order["salesRep"]["name"] for order in orders)  # from the workbook
    shipped = sum(bool(row["shipped_date"]) for row in independent.table("northwind/orders.csv"))
    beside(
        "Sales orders",
        {"delivered": Decimal(sum(order["deliveries"]["totalCount"] for order in orders))},
        {"delivered": Decimal(shipped)},
    )


def test_stock_by_location(story: Story, beside: Beside) -> None:
    entries = story.everything(
        """query ($after: String) { stockEntries(first: 500, after: $after) {
             totalCount pageInfo { hasNextPage endCursor }
             nodes { quantity warehouse { name } location { code } } } }"""
    )
    stock: dict[str, Decimal] = defaultdict(Decimal)
    for entry in entries:
        assert entry["location"]["code"]
        stock[entry["warehouse"]["name"]] += Decimal(entry["quantity"])
    beside("Stock", stock, independent.stock_by_location())


def test_employees_by_department(story: Story, beside: Beside) -> None:
    people = story.everything(
        """query ($after: String) { employees(first: 500, after: $after) {
             totalCount pageInfo { hasNextPage endCursor } nodes { code department { name } } } }"""
    )
    departments: dict[str, Decimal] = defaultdict(Decimal)
    for person in people:
        if person["department"]:  # the trading company's workbook has none
            departments[person["department"]["name"]] += 1
    beside("Employees", departments, independent.employees_by_department())


def test_every_document_knows_the_record_that_it_came_from(story: Story) -> None:
    query = """{ purchaseOrder(number: "PO1") { provenance { source table key } } }"""
    answer = httpx.post(
        f"{story.url}/graphql", json={"query": query}, headers={"Authorization": f"Bearer {story.token}"}, timeout=30
    ).json()
    assert answer["data"]["purchaseOrder"]["provenance"] == [
        {"source": "legacy_erp", "table": "purchase_order_header", "key": "1"}
    ]
    with story.database.engine.connect() as connection:
        payload = connection.execute(
            sa.text("select payload from hub.source_record where document_type = 'PurchaseOrder' and record_key = '1'")
        ).scalar_one()
    assert payload["TotalDue"] == "222.1492"
    assert payload["lines"][0]["amount"] == "201.0400"


def test_a_second_night_changes_nothing(story: Story) -> None:
    again = story.definitions.resolve_job_def("nightly").execute_in_process()
    for event in again.get_asset_materialization_events():
        figures = {name: one.value for name, one in event.materialization.metadata.items()}
        assert figures.get("rows changed", 0) == 0, event.asset_key
        assert figures.get("inserted", 0) == figures.get("updated", 0) == 0, event.asset_key


def test_the_reconciliation_finds_that_no_warehouse_kept_a_ledger(story: Story) -> None:
    """Northwind delivered, and nobody issued: every delivered item is a failing row, none is missed."""
    found = {one.rule.code: one for one in run(RECONCILIATIONS[0], story.database.url, time_zone=settings().time_zone)}
    shipped = {row["order_id"] for row in independent.table("northwind/orders.csv") if row["shipped_date"]}
    lines = [row for row in independent.table("northwind/order_details.csv") if row["order_id"] in shipped]
    assert found["delivered_has_stock_out"].failing == len(lines)
    assert found["stock_out_has_delivery"].status == found["delivered_equals_stock_out"].status == "passed"


def test_energy_by_day_and_year_through_modbus(
    story: Story, beside: Beside, tmp_path: Path, proof_count: Callable[[int, int], int]
) -> None:
    intervals = proof_count(JANUARY, YEAR)
    _replay(story, tmp_path, intervals)
    outside = independent.energy_by_day(intervals)
    readings = story.everything(
        f"""query ($after: String) {{ readings(first: 500, after: $after,
             where: {{meter: {{code: {{eq: "{METER}"}}}}}}, orderBy: [{{readAt: ASC}}]) {{
             totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ readAt value quality }} }} }}"""
    )
    assert len(readings) == intervals + 1  # the counter stands at nothing before the first interval
    counter = [Decimal(reading["value"]) for reading in readings]
    total = {"kWh": counter[-1] - counter[0]}
    beside("Energy", total, {"kWh": sum(outside.values(), Decimal())})
    marts = dg.AssetSelection.assets(["mart", "energy_interval"], ["mart", "energy_daily"])
    chosen = [one for one in story.definitions.assets or () if isinstance(one, dg.AssetsDefinition)]
    resources = story.definitions.resources or {}
    assert dg.materialize(chosen, selection=marts, resources=dict(resources)).success
    with story.database.engine.connect() as connection:
        rows = connection.execute(
            sa.text("select day::text, consumption from mart.energy_daily where meter_code = :meter"), {"meter": METER}
        ).all()
    days = {row[0]: row[1] for row in rows}
    assert days == outside
    months: dict[str, Decimal] = defaultdict(Decimal)
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for figures, target in ((days, months), (outside, expected)):
        for day, consumption in figures.items():
            target[f"{day[:7]} kWh"] += consumption
    beside("Energy", months, expected)


def _replay(story: Story, folder: Path, intervals: int) -> None:
    """The meter as the simulator shows it, polled over Modbus TCP by the collector, delivered to the hub."""
    whole = (independent.DATA / "steel" / "Steel_industry_data.csv").read_text(encoding="utf-8-sig").splitlines()
    (folder / "steel.csv").write_text("\n".join(whole[: intervals + 1]) + "\n", encoding="utf-8")
    port = free_port()
    meter = Edge(folder, "simulate", "--replay", str(folder / "steel.csv"), EDGE_LINE=f"127.0.0.1:{port}")
    try:
        wait_until(lambda: listens(port), what="the simulator")
        collector = Edge(
            folder,
            *("run", "steel-replay", "--until-idle"),
            EDGE_HUB=story.url,
            EDGE_LINE=f"127.0.0.1:{port}",
            EDGE_BUFFER=str(folder / "buffer.db"),
            EDGE_TOKEN=story.collector,
        )
        assert collector.wait(300) == 0, collector.log
    finally:
        meter.kill()
