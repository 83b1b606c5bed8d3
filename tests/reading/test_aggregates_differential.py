"""Aggregates and groups against the naive evaluator: random measures, keys, conditions and orders on data with gaps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from graph_schema.answer import Answerer
from hub.context import Viewer
from hub.db.engine import make_async_pool
from hub.document.registry import spec
from hub.settings import settings as hub_settings
from hub.words import camel
from hub.writes import create, load, run_step, unit_of_work
from tests.reading.conftest import Asking, Factory, boss
from tests.reading.naive import Row, holds
from tests.reading.naive_aggregates import Measures, aggregate, groups
from tests.reading.test_differential import CHINA, CITIES, LINE, NAMES, ORDER, TYPED, delivered_share

EXAMPLES = 1500 if hub_settings().prove else 60
RELAXED = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
ZONES = ["Asia/Shanghai", "America/New_York", "Asia/Kolkata", "UTC", "Europe/Berlin"]
SCALES = {"freight": 4, "total": 4, "delivered": 4, "quantity": 4, "unitPrice": 4, "amount": 4, "value": 6}


class Bench(Asking):
    """The rows of a company, and who asks for them."""

    def __init__(self, runner: asyncio.Runner, answerer: Answerer, viewer: Viewer, rows: dict[str, list[Row]]) -> None:
        super().__init__(runner, answerer, viewer)
        self.orders, self.customers, self.readings = rows["SalesOrder"], rows["Customer"], rows["Reading"]


@pytest.fixture(scope="module")
def bench(factory: Factory) -> Iterator[Bench]:
    """Orders of several customers with and without representatives, and readings around midnights and clock changes."""
    engine = factory.database.engine
    with unit_of_work(engine, boss(None), "tests") as ctx:
        company = create(ctx, "Company", {"code": "C-G", "name": "汇总"}).id
    viewer = boss(company)
    with unit_of_work(engine, viewer, "tests") as ctx:
        _fill(ctx)
    with asyncio.Runner() as runner:
        pool = make_async_pool(factory.database.url, size=2)
        runner.run(pool.open())
        try:
            yield Bench(runner, Answerer(pool, engine), viewer, _rows(factory, viewer))
        finally:
            runner.run(pool.close())


def _fill(ctx: Any) -> None:
    create(ctx, "UnitOfMeasure", {"code": "u", "name": "u"})
    for code in ("i", "j"):
        create(ctx, "Item", {"code": code, "name": code, "unit": "u"})
    create(ctx, "Department", {"code": "d", "name": "d"})
    for code, name in (("e1", "张伟"), ("e2", "李娜")):
        create(ctx, "Employee", {"code": code, "name": name, "department": "d"})
    for index, name in enumerate(NAMES):
        values = {"code": f"k{index}", "name": name, "city": CITIES[index], "active": index % 4 != 0,
                  "payment_terms_days": None if index % 3 == 0 else index % 5,
                  "credit_limit": None if index % 4 == 1 else f"{index % 3}.5",
                  "sales_rep": (None, "e1", "e2")[index % 3]}  # fmt: skip
        create(ctx, "Customer", values)
    for index in range(36):
        lines = [{"item": "ij"[(index + n) % 2], "quantity": str((index * 7 + n * 3) % 5),
                  "unit_price": f"{index % 7}.{index % 4}3"} for n in range(1 + index % 3)]  # fmt: skip
        values = {"customer": f"k{index * 5 % 11}", "order_date": f"2026-{1 + index % 5:02}-{1 + index * 3 % 28:02}",
                  "note": CITIES[index % 12], "freight": f"{index % 6}.25",
                  "promised_date": None if index % 4 else f"2026-07-{1 + index % 5:02}",
                  "sales_rep": (None, "e1", "e2", None)[index % 4]}  # fmt: skip
        made = create(ctx, "SalesOrder", {**values, "lines": lines})
        if index % 8 == 4:
            run_step(ctx, "SalesOrder", made.id, "submit")
    create(ctx, "EnergyMeter", {"code": "m", "name": "m"})
    starts = ["2025-12-31T15:30", "2026-03-08T05:30", "2026-03-29T00:30", "2026-10-31T23:30", "2026-11-01T04:30"]
    moments = [datetime.fromisoformat(one).replace(tzinfo=UTC) + timedelta(minutes=45 * n) for one in starts
               for n in range(5)]  # fmt: skip
    readings = [{"meter": "m", "metric": "kwh", "read_at": moment, "value": f"{index}.125"} for index, moment in
                enumerate(moments)]  # fmt: skip
    assert load(ctx, "Reading", readings).problems == []


def _rows(factory: Factory, viewer: Viewer) -> dict[str, list[Row]]:
    """What the tables hold, read without the compiler; totals are added up here."""
    found: dict[str, dict[Any, Row]] = {}
    links = {"Employee": (), "Customer": ("sales_rep",), "SalesOrder": ("customer", "sales_rep"), "Reading": (),
             "SalesOrderLine": ("item",), "Item": ()}  # fmt: skip
    targets = {"sales_rep": "Employee", "customer": "Customer", "item": "Item"}
    with factory.database.engine.connect() as connection:
        for name in ("Employee", "Item", "Customer", "SalesOrder", "SalesOrderLine", "Reading"):
            found[name] = {}
            for row in connection.execute(select(spec(name).table)).mappings():
                values = {camel(key): value for key, value in row.items()}
                linked = {camel(one): found[targets[one]].get(row[f"{one}_id"]) for one in links[name]}
                lists: dict[str, list[Row]] = {"lines": [], "salesOrders": []}
                said = {"name": TYPED.get(values["name"], [])} if name == "Customer" else {}
                found[name][row["id"]] = Row(row["id"], values, linked, lists, said)
    for line in found["SalesOrderLine"].values():
        line.values |= {"delivered": Decimal("0.0000"), "openQuantity": line.values["quantity"],
                        "createdAt": line.values["createdAt"].astimezone(CHINA)}  # fmt: skip
        found["SalesOrder"][line.values["salesOrderId"]].lists["lines"].append(line)
    for order in found["SalesOrder"].values():
        order.values["state"] = order.values["state"].upper()
        order.values["delivered"] = delivered_share(order.lists["lines"])
        order.values["createdAt"] = order.values["createdAt"].astimezone(CHINA)
        order.values["total"] = sum((line.values["amount"] for line in order.lists["lines"]), start=0)
        customer = order.links["customer"]
        if customer is not None:
            customer.lists["salesOrders"].append(order)
    return {
        name: [row for row in rows.values() if row.values.get("companyId") == viewer.company_id]
        for name, rows in found.items()
    }


NUMBERS = st.lists(st.sampled_from(["freight", "total"]), max_size=2, unique=True)
EXTREMES = st.lists(
    st.sampled_from(["freight", "total", "orderDate", "promisedDate", "number", "note"]), max_size=3, unique=True
)
DISTINCT = st.lists(
    st.sampled_from(["customer", "salesRep", "note", "state", "promisedDate", "freight", "total"]), max_size=3,
    unique=True,
)  # fmt: skip
FIELDS = {"sum": NUMBERS, "avg": NUMBERS, "stddev": NUMBERS, "min": EXTREMES, "max": EXTREMES, "distinct": DISTINCT}
MEASURES = st.fixed_dictionaries(FIELDS).map(lambda found: {name: fields for name, fields in found.items() if fields})
BUCKETS = st.sampled_from(["YEAR", "QUARTER", "MONTH", "WEEK", "DAY"])
KEYS: list[tuple[str, ...]] = [
    ("state",), ("note",), ("freight",), ("total",), ("orderDate",), ("promisedDate",), ("customer", "city"),
    ("customer", "active"), ("customer", "paymentTermsDays"), ("customer", "creditLimit"), ("salesRep", "code"),
    ("customer", "salesRep", "name"),
]  # fmt: skip
WAY = st.sampled_from(["ASC", "DESC"])


def _nest(path: tuple[str, ...], value: Any) -> dict[str, Any]:
    return {path[0]: value if len(path) == 1 else _nest(path[1:], value)}


@st.composite
def _by(draw: st.DrawFn) -> list[dict[str, Any]]:
    paths = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True))
    return [_nest(path, draw(BUCKETS) if path[-1].endswith("Date") else True) for path in paths]


def _path(entry: Any) -> tuple[str, ...]:
    ((name, value),) = entry.items()
    return (name, *(_path(value) if isinstance(value, dict) else ()))


@st.composite
def _order_by(draw: st.DrawFn, by: list[dict[str, Any]]) -> list[dict[str, Any]]:
    keys = st.sampled_from([_path(entry) for entry in by]).flatmap(
        lambda path: WAY.map(lambda way: {"key": _nest(path, way)})
    )
    values = st.sampled_from(sorted(FIELDS)).flatmap(
        lambda name: st.tuples(st.sampled_from(["freight", "total"]), WAY).map(lambda one: {name: {one[0]: one[1]}})
    )
    entries = st.lists(keys | values | WAY.map(lambda way: {"count": way}), max_size=3)
    return draw(entries)


COUNTS = st.dictionaries(st.sampled_from(["eq", "ne", "gt", "lte"]), st.integers(0, 6), min_size=1, max_size=1)
AMOUNTS = st.dictionaries(
    st.sampled_from(["eq", "lt", "gte"]), st.sampled_from(["0", "1.25", "2.5", "10", "30"]), min_size=1, max_size=1
)
ABSENT = st.booleans().map(lambda value: {"isNull": value})
TEST = st.one_of(
    COUNTS.map(lambda test: {"count": test}),
    st.tuples(st.sampled_from(["sum", "avg", "stddev", "min", "max"]), st.sampled_from(["freight", "total"]),
              AMOUNTS | ABSENT).map(lambda one: {one[0]: {one[1]: one[2]}}),
    st.tuples(st.sampled_from(["customer", "note"]), COUNTS).map(lambda one: {"distinct": {one[0]: one[1]}}),
    st.dates(date(2026, 1, 1), date(2026, 6, 1)).map(
        lambda day: {"max": {"orderDate": {"gte": day.isoformat()}}}
    ),
)  # fmt: skip
HAVING = st.none() | st.recursive(
    TEST,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda parts: {"and": parts}),
        st.lists(inner, max_size=2).map(lambda parts: {"or": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=3,
)


def _selected(measures: Measures) -> str:
    return " ".join(["count", *(f"{name} {{ {' '.join(fields)} }}" for name, fields in measures.items())])


def _key(by: list[dict[str, Any]]) -> str:
    """The selection of `key`: one response name may be written several times."""
    texts = [" { ".join(_path(entry)) + " }" * (len(_path(entry)) - 1) for entry in by]
    return f"key {{ {' '.join(texts)} }}"


@given(where=ORDER, measures=MEASURES)
@RELAXED
def test_aggregates_agree(bench: Bench, where: dict[str, Any], measures: Measures) -> None:
    document = "query A($where: SalesOrderWhere) { salesOrders(where: $where) { totalCount aggregate { %s } } }"
    found = bench.ask(document % _selected(measures), {"where": where})["salesOrders"]
    expected = aggregate([row for row in bench.orders if holds(row, where)], measures, SCALES)
    assert found == {"totalCount": expected["count"], "aggregate": expected}


@given(data=st.data(), where=ORDER, by=_by(), measures=MEASURES, having=HAVING, first=st.integers(0, 12))
@RELAXED
def test_groups_agree(
    bench: Bench,
    data: st.DataObject,
    where: dict[str, Any],
    by: list[dict[str, Any]],
    measures: Measures,
    having: dict[str, Any] | None,
    first: int,
) -> None:
    order_by = data.draw(_order_by(by))
    document = """query G($where: SalesOrderWhere, $by: [SalesOrderGroupBy!]!, $having: SalesOrderHaving,
      $orderBy: [SalesOrderGroupOrder!], $first: Int) {
      salesOrders(where: $where) { groups(by: $by, having: $having, orderBy: $orderBy, first: $first) { %s %s } } }"""
    variables = {"where": where, "by": by, "having": having, "orderBy": order_by, "first": first}
    found = bench.ask(document % (_key(by), _selected(measures)), variables)["salesOrders"]["groups"]
    rows = [row for row in bench.orders if holds(row, where)]
    assert found == groups(rows, by, measures, SCALES, having=having, order_by=order_by, first=first)


@given(where=ORDER, lines=LINE, by=_by(), measures=MEASURES)
@settings(RELAXED, max_examples=EXAMPLES // 3)
def test_nested_aggregates_agree(
    bench: Bench, where: dict[str, Any], lines: dict[str, Any], by: list[dict[str, Any]], measures: Measures
) -> None:
    """In lists of lists each document's own rows are added up, and nothing of its neighbours."""
    document = f"""query N($where: SalesOrderWhere, $lines: SalesOrderLineWhere, $by: [SalesOrderGroupBy!]!) {{
      customers(first: 12) {{ nodes {{ code salesOrders(where: $where, first: 9) {{
        aggregate {{ {_selected(measures)} }}
        groups(by: $by) {{ {_key(by)} {_selected(measures)} }}
        nodes {{ number linesConnection(where: $lines, first: 2) {{
          totalCount nodes {{ position }} pageInfo {{ hasNextPage }}
          aggregate {{ count sum {{ quantity }} avg {{ quantity position }} max {{ amount }} distinct {{ item }} }}
          groups(by: [{{ item: {{ code: true }} }}], first: 3) {{ key {{ item {{ code }} }} count }}
        }} }} }} }} }} }}"""
    answer = bench.ask(document, {"where": where, "lines": lines, "by": by})["customers"]["nodes"]
    of_line = {"sum": ["quantity"], "avg": ["quantity", "position"], "max": ["amount"], "distinct": ["item"]}
    assert len(answer) == len(bench.customers)
    for node in answer:
        customer = next(row for row in bench.customers if row.values["code"] == node["code"])
        orders = [row for row in customer.lists["salesOrders"] if holds(row, where)]
        expected: dict[str, Any] = {
            "aggregate": aggregate(orders, measures, SCALES),
            "groups": groups(orders, by, measures, SCALES),
            "nodes": [],
        }
        for order in sorted(orders, key=lambda row: str(row.values["number"]), reverse=True):
            kept = [line for line in order.lists["lines"] if holds(line, lines)]
            told = {
                "totalCount": len(kept),
                "nodes": sorted(({"position": line.values["position"]} for line in kept), key=itemgetter("position"))[
                    :2
                ],
                "pageInfo": {"hasNextPage": len(kept) > 2},
                "aggregate": aggregate(kept, of_line, SCALES),
                "groups": groups(kept, [{"item": {"code": True}}], {}, {}, first=3),
            }
            expected["nodes"].append({"number": order.values["number"], "linesConnection": told})
        assert node["salesOrders"] == expected


@pytest.mark.parametrize("bucket", ["YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR"])
@pytest.mark.parametrize("zone", ZONES)
def test_moments_are_cut_by_the_companys_clocks(bench: Bench, zone: str, bucket: str) -> None:
    """Midnights, ends of months and years, and the days when clocks change, in zones east and west."""
    document = """query T($by: [ReadingGroupBy!]!) { readings {
      groups(by: $by, first: 1000) { key { readAt } count sum { value } } } }"""
    by = [{"readAt": bucket}]
    found = bench.ask(document, {"by": by}, zone)["readings"]["groups"]
    assert found == groups(bench.readings, by, {"sum": ["value"]}, SCALES, first=1000, zone=zone)
