"""The compiler against the naive evaluator: random filters, orders and pages on data with gaps and odd characters."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from graph_schema.answer import Answerer
from hub.context import Viewer
from hub.db.engine import make_async_pool
from hub.document.registry import spec
from hub.settings import settings as hub_settings
from hub.writes import create, load, unit_of_work
from tests.reading.conftest import Asking, Factory, boss
from tests.reading.naive import Row, holds, holds_test, ordered

CHINA = ZoneInfo("Asia/Shanghai")
EXAMPLES = 1500 if hub_settings().prove else 60
NAMES = ["海天塑机", "海", "100%", "a_b", "A\\B", "it's", 'say "no"', "tab\there", "😀 mould", "émile", "Ab", "aB"]
CITIES = [None, "宁波", "", "Ab", "aB", None, "_", "%", "宁", "\\", "{}", "null"]
TYPED = {
    "海天塑机": ["hai tian su ji", "haitiansuji", "htsj"],
    "海": ["hai", "hai", "h"],
    "tab\there": ["tab here"],
}
"""How else people type a name; those without Chinese are typed as they are."""
LIMITS = [None, "0", "10.5", "10.50", "-0", "99999.9999", None, "1", "2", "10.4999", "3", "3"]


class Bench(Asking):
    """The data as rows, and who asks for it."""

    partner: Bench
    """The same as a customer's user sees it."""

    def __init__(self, runner: asyncio.Runner, answerer: Answerer, viewer: Viewer, orders: list[Row]) -> None:
        super().__init__(runner, answerer, viewer)
        self.orders = orders
        for row in orders:
            row.links["customer"].lists.setdefault("salesOrders", []).append(row)  # type: ignore[union-attr]
        linked = [order.links["customer"] for order in orders]
        self.customers = list({row.id: row for row in linked if row is not None}.values())


@pytest.fixture(scope="module")
def bench(factory: Factory) -> Iterator[Bench]:
    """A company of its own with awkward customers and orders."""
    engine = factory.database.engine
    with unit_of_work(engine, boss(None), "tests") as ctx:
        company = create(ctx, "Company", {"code": "C-X", "name": "怪数据"}).id
    viewer = boss(company)
    with unit_of_work(engine, viewer, "tests") as ctx:
        create(ctx, "UnitOfMeasure", {"code": "u", "name": "u"})
        create(ctx, "Item", {"code": "i", "name": "i", "unit": "u"})
        for index, name in enumerate(NAMES):
            terms = None if index % 3 == 0 else index
            limit = LIMITS[index]
            create(
                ctx,
                "Customer",
                {"code": f"k{index}", "name": name, "city": CITIES[index], "payment_terms_days": terms,
                 "credit_limit": limit, "active": index % 4 != 0},
            )  # fmt: skip
        for index in range(30):
            lines = [
                {"item": "i", "quantity": str((index * 7 + n * 3) % 5), "unit_price": f"{index % 4}.35"}
                for n in range(1 + index % 3)
            ]
            create(
                ctx,
                "SalesOrder",
                {"customer": f"k{index * 5 % 12}", "order_date": f"2026-01-{1 + index % 9:02}", "lines": lines,
                 "promised_date": None if index % 4 else f"202{5 + index % 2}-12-{27 + index % 5}",
                 "note": CITIES[index % 12], "number": f"SO-{index}"},
            )  # fmt: skip
        sent = [_delivery(index) for index in range(0, 30, 2)]
        assert load(ctx, "Delivery", sent).problems == []
        create(ctx, "Warehouse", {"code": "w", "name": "w"})
        entry = {"item": "i", "warehouse": "w", "kind": "opening", "document_type": "moments", "quantity": "0"}
        assert (
            load(ctx, "StockEntry", [{**entry, "entry_at": at, "document_number": at} for at in MOMENTS]).inserted == 8
        )
    with asyncio.Runner() as runner:
        pool = make_async_pool(factory.database.url, size=2)
        runner.run(pool.open())
        try:
            answerer = Answerer(pool, engine)
            whole = Bench(runner, answerer, viewer, _rows(factory, company))
            own = next(one for one in whole.customers if one.values["code"] == "k1")
            partner = Viewer(uuid4(), "p", "p", frozenset({"base.read", "sales.read"}), company, customer_id=own.id)
            theirs = [row for row in _rows(factory, company) if row.links["customer"].id == own.id]  # type: ignore[union-attr]
            whole.partner = Bench(runner, answerer, partner, theirs)
            yield whole
        finally:
            runner.run(pool.close())


def _delivery(index: int) -> dict[str, Any]:
    """What went out for the first line of an order: less than ordered, or more; drafts do not count."""
    line = {"item": "i", "quantity": str(index % 5), "order_line": {"number": f"SO-{index}", "position": 1}}
    return {"number": f"DN-{index}", "customer": f"k{index * 5 % 12}", "delivery_date": "2026-03-01",
            "state": ("confirmed", "signed", "draft")[index % 3], "lines": [line]}  # fmt: skip


def _rows(factory: Factory, company: UUID) -> list[Row]:
    """What the tables hold, read without the compiler."""

    def table(name: str) -> list[dict[str, Any]]:
        source = spec(name).table
        with factory.database.engine.connect() as connection:
            return [dict(row) for row in connection.execute(select(source)).mappings()]

    customers = {row["id"]: _customer(row) for row in table("Customer") if row["company_id"] == company}
    lines = table("SalesOrderLine")
    shipped = {row["id"] for row in table("Delivery") if row["state"] in ("confirmed", "signed")}
    sent: dict[UUID, Decimal] = {}
    for row in table("DeliveryLine"):
        if row["delivery_id"] in shipped and row["order_line_id"]:
            sent[row["order_line_id"]] = sent.get(row["order_line_id"], Decimal(0)) + row["quantity"]
    orders = []
    for row in table("SalesOrder"):
        if row["company_id"] != company:
            continue
        mine = [_line(line, sent) for line in lines if line["sales_order_id"] == row["id"]]
        values = {
            "number": row["number"], "orderDate": row["order_date"], "promisedDate": row["promised_date"],
            "note": row["note"], "total": sum((line.values["amount"] for line in mine), Decimal("0.0000")),
            "delivered": delivered_share(mine),
        }  # fmt: skip
        orders.append(
            Row(row["id"], values, {"customer": customers[row["customer_id"]], "salesRep": None}, {"lines": mine})
        )
    return orders


def _customer(row: dict[str, Any]) -> Row:
    names = {"code": "code", "name": "name", "city": "city", "paymentTermsDays": "payment_terms_days",
             "creditLimit": "credit_limit", "active": "active"}  # fmt: skip
    values = {graphql: row[column] for graphql, column in names.items()}
    return Row(row["id"], values, said={"name": TYPED.get(row["name"], [])})


def _line(row: dict[str, Any], sent: dict[UUID, Decimal]) -> Row:
    quantity, delivered = row["quantity"], sent.get(row["id"], Decimal("0.0000"))
    left = max(quantity - delivered, Decimal("0.0000"))
    values = {"quantity": quantity, "position": row["position"], "amount": row["amount"], "delivered": delivered,
              "openQuantity": left, "createdAt": row["created_at"].astimezone(CHINA)}  # fmt: skip
    return Row(row["id"], values)


def delivered_share(lines: list[Row]) -> Decimal:
    """Delivered of ordered in percent, no line beyond what was ordered; 0 when nothing was."""
    ordered_ = sum(line.values["quantity"] for line in lines)
    done = sum(min(line.values["delivered"], line.values["quantity"]) for line in lines)
    return (100 * done / ordered_ if ordered_ else Decimal(0)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


TEXTS = st.sampled_from(
    [one for one in [*NAMES, *CITIES] if one is not None]
    + ["天", "B", "\\\\", "'", "zzz", "SO-"]
    + ["ht", "HTSJ", "tian", "haitian", "hai t", "h", "sj", "天塑", "塑机", "tab here", "😀", "É", "0%", "SO-1"]
)
DECIMALS = st.sampled_from(["0", "1", "2.0", "3", "10.5", "10.4999", "-1", "99999.9999"])
DATES = st.builds(lambda day: date(2026, 1, day).isoformat(), st.integers(1, 12))
INTEGERS = st.integers(-1, 12)
YEARS, WEEKS = st.integers(2024, 2027), st.sampled_from([0, 1, 2, 3, 26, 52, 53])


def _operators(
    values: st.SearchStrategy[Any], *, text: bool = False, day: bool = False
) -> st.SearchStrategy[dict[str, Any]]:
    """One or two operators on one field; of a day also on its parts."""
    many = st.lists(values, max_size=3)
    forms: dict[str, st.SearchStrategy[Any]] = {
        "eq": st.none() | values, "ne": st.none() | values, "in": many, "notIn": many, "lt": values, "lte": values,
        "gt": values, "gte": values, "between": st.tuples(values, values).map(list), "isNull": st.booleans(),
    }  # fmt: skip
    if text:
        forms |= {"contains": values, "startsWith": values}
    if day:
        forms |= {"year": _operators(YEARS), "week": _operators(WEEKS)}
        forms |= {part: _operators(INTEGERS) for part in ("quarter", "month", "weekday")}
    one = st.sampled_from(sorted(forms)).flatmap(lambda name: st.tuples(st.just(name), forms[name]))
    return st.lists(one, min_size=1, max_size=2).map(dict)


def _where(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """A `where` over these fields with and, or, not."""
    entry = st.sampled_from(sorted(fields)).flatmap(lambda name: st.tuples(st.just(name), fields[name]))
    flat = st.lists(entry, max_size=2).map(dict)
    return st.recursive(
        flat,
        lambda inner: st.one_of(
            st.builds(lambda parts: {"and": parts}, st.lists(inner, max_size=3)),
            st.builds(lambda parts: {"or": parts}, st.lists(inner, max_size=3)),
            st.builds(lambda part: {"not": part}, inner),
        ),
        max_leaves=4,
    )


CUSTOMER = _where(
    {
        "name": _operators(TEXTS, text=True), "city": _operators(TEXTS, text=True),
        "paymentTermsDays": _operators(INTEGERS), "creditLimit": _operators(DECIMALS),
        "active": st.booleans().map(lambda value: {"eq": value}),
    }
)  # fmt: skip
LINE = _where(
    {
        "quantity": _operators(DECIMALS), "position": _operators(INTEGERS), "delivered": _operators(DECIMALS),
        "openQuantity": _operators(DECIMALS),
    }
)  # fmt: skip


def _among(
    part: st.SearchStrategy[dict[str, Any]], numbers: tuple[str, ...], days: tuple[str, ...]
) -> st.SearchStrategy[dict[str, Any]]:
    """Conditions on a list: some, every, none, and what its rows come to."""
    sums = st.dictionaries(st.sampled_from(numbers), _operators(DECIMALS), min_size=1, max_size=2)
    ends = sums
    if days:
        ends |= st.dictionaries(st.sampled_from(days), _operators(DATES, day=True), min_size=1, max_size=2)
    together = st.fixed_dictionaries(
        {},
        optional={"where": part, "count": _operators(INTEGERS), "sum": sums, "avg": sums, "min": ends, "max": ends},
    )
    kinds = st.sampled_from(["some", "every", "none"]).flatmap(lambda kind: part.map(lambda one: {kind: one}))
    return kinds | together.map(lambda one: {"aggregate": one})


LINES = _among(LINE, ("quantity", "amount", "delivered", "openQuantity"), ())
PLAIN_ORDER = _where({"orderDate": _operators(DATES, day=True), "total": _operators(DECIMALS), "lines": LINES})
CUSTOMERS = st.one_of(
    CUSTOMER,
    _among(PLAIN_ORDER, ("total", "delivered"), ("orderDate", "promisedDate")).map(lambda one: {"salesOrders": one}),
)
ORDER = _where(
    {
        "number": _operators(TEXTS, text=True), "note": _operators(TEXTS, text=True),
        "orderDate": _operators(DATES, day=True), "promisedDate": _operators(DATES, day=True), "customer": CUSTOMERS,
        "lines": LINES, "total": _operators(DECIMALS), "delivered": _operators(DECIMALS),
        "salesRep": st.sampled_from([None, {}, {"name": {"eq": "x"}}]),
    }
)  # fmt: skip
DIRECTION = st.sampled_from(["ASC", "DESC"])
OWN_KEYS = st.sampled_from(["number", "orderDate", "promisedDate", "note", "total", "delivered"])
LINKED_KEYS = st.sampled_from(["name", "city", "paymentTermsDays", "creditLimit", "active"])
KEYS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(lambda name, way: {name: way}, OWN_KEYS, DIRECTION),
    st.builds(lambda name, way: {"customer": {name: way}}, LINKED_KEYS, DIRECTION),
)
ORDERING = st.lists(KEYS, min_size=1, max_size=3, unique_by=lambda key: json.dumps(key).replace("DESC", "ASC"))

LIST = """query L($where: SalesOrderWhere, $orderBy: [SalesOrderOrderBy!], $first: Int, $after: String, $last: Int,
    $before: String) {
  salesOrders(where: $where, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    nodes { id number orderDate promisedDate note customer { name creditLimit } lines { quantity } }
  }
}"""


def _shown(row: Row) -> dict[str, Any]:
    customer = row.links["customer"]
    assert customer is not None
    limit, values = customer.values["creditLimit"], row.values
    return {
        "id": str(row.id),
        "number": values["number"],
        "orderDate": values["orderDate"].isoformat(),
        "promisedDate": values["promisedDate"].isoformat() if values["promisedDate"] else None,
        "note": values["note"],
        "customer": {"name": customer.values["name"], "creditLimit": None if limit is None else _four(limit)},
        "lines": [{"quantity": _four(line.values["quantity"])} for line in _by_position(row)],
    }


def _four(value: Decimal) -> str:
    return f"{value:.4f}"


def _by_position(row: Row) -> list[Row]:
    return sorted(row.lists["lines"], key=lambda line: int(line.values["position"]))


SAID = ["ht", "HTSJ", "h", "hai", "hai t", "haitian", "tian", "tiansu", "sj", "su ji", "tab here", "塑", "天塑", "天机"]
EVERY_VALUE: dict[str, list[Any]] = {
    "name": [*NAMES, "天", "", "\\\\", "%%"],
    "city": [one for one in dict.fromkeys(CITIES) if one is not None],
    "paymentTermsDays": [-1, 0, 1, 5, 11, 2147483647],
    "creditLimit": ["0", "10.5", "10.4999", "10.49995", "99999.9999", "-7"],
}


@pytest.mark.parametrize("operator", ["eq", "ne", "lt", "lte", "gt", "gte", "in", "notIn", "between", "isNull"])
@pytest.mark.parametrize("field", sorted(EVERY_VALUE))
def test_every_operator_with_every_value(bench: Bench, field: str, operator: str) -> None:
    """Exhaustive where chance might miss: each operator alone, on missing values and odd characters too."""
    _agree(bench, field, operator, EVERY_VALUE[field])


@pytest.mark.parametrize("operator", ["contains", "startsWith"])
@pytest.mark.parametrize("field", ["name", "city"])
def test_every_text_operator_with_every_value(bench: Bench, field: str, operator: str) -> None:
    _agree(bench, field, operator, [*EVERY_VALUE["name"], *EVERY_VALUE["city"], *SAID])


PARTS = {"year": range(2024, 2028), "quarter": range(6), "month": range(14), "week": range(55), "weekday": range(9)}
MOMENTS = [
    *("2025-12-31T15:59:59Z", "2025-12-31T16:00:00Z", "2026-01-04T23:30:00Z", "2026-03-29T00:59:00Z"),
    *("2024-12-30T00:00:00Z", "2026-07-01T03:00:00Z", "2021-01-03T12:00:00Z", "2026-11-01T05:30:00Z"),
]


@pytest.mark.parametrize("part", sorted(PARTS))
def test_every_part_of_a_day(bench: Bench, part: str) -> None:
    """Days that are missing have no part; weeks and years at their turn."""
    document = "query P($where: SalesOrderWhere) { salesOrders(where: $where, first: 500) { nodes { number } } }"
    for field in ("orderDate", "promisedDate"):
        for condition in [*({"eq": value} for value in PARTS[part]), {"eq": None}, {"in": [1, 52, 2025]}]:
            for where in ({field: {part: condition}}, {"not": {field: {part: condition}}}):
                found = {node["number"] for node in bench.ask(document, {"where": where})["salesOrders"]["nodes"]}
                assert found == {row.values["number"] for row in bench.orders if holds(row, where)}, where


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "America/New_York", "Pacific/Kiritimati", "Europe/Berlin"])
def test_every_part_of_a_moment_in_the_time_zone_of_the_company(bench: Bench, zone: str) -> None:
    document = "query P($where: StockEntryWhere) { stockEntries(where: $where) { nodes { documentNumber } } }"
    for part, values in PARTS.items():
        for value in values:
            where = {"documentType": {"eq": "moments"}, "entryAt": {part: {"eq": value}}}
            found = {
                node["documentNumber"] for node in bench.ask(document, {"where": where}, zone)["stockEntries"]["nodes"]
            }
            local = {one: datetime.fromisoformat(one).astimezone(ZoneInfo(zone)) for one in MOMENTS}
            assert found == {one for one, at in local.items() if holds_test(at, part, {"eq": value})}, (zone, where)


def _agree(bench: Bench, field: str, operator: str, values: list[Any]) -> None:
    operands: list[Any] = values
    if operator in ("eq", "ne"):
        operands = [*values, None]
    elif operator == "isNull":
        operands = [True, False]
    elif operator in ("in", "notIn"):
        operands = [[], values, *([one] for one in values)]
    elif operator == "between":
        operands = [[low, high] for low in values for high in values]
    document = "query C($where: CustomerWhere) { customers(where: $where, first: 500) { nodes { code } } }"
    for operand in operands:
        for where in ({field: {operator: operand}}, {"not": {field: {operator: operand}}}):
            found = {node["code"] for node in bench.ask(document, {"where": where})["customers"]["nodes"]}
            assert found == {row.values["code"] for row in bench.customers if holds(row, where)}, where


@given(where=ORDER, order_by=ORDERING, size=st.integers(1, 40), backward=st.booleans(), partner=st.booleans())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_lists_agree(
    bench: Bench, where: dict[str, Any], order_by: list[dict[str, Any]], size: int, backward: bool, partner: bool
) -> None:
    """All pages together, in either direction, are the naive evaluator's list; a customer's user sees the own rows."""
    bench = bench.partner if partner else bench
    expected = [_shown(row) for row in ordered([row for row in bench.orders if holds(row, where)], order_by)]
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(len(expected) // size + 2):
        page = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        answer = bench.ask(LIST, {"where": where, "orderBy": order_by, **page})["salesOrders"]
        assert answer["totalCount"] == len(expected)
        info = answer["pageInfo"]
        found = [*answer["nodes"], *found] if backward else [*found, *answer["nodes"]]
        cursor = info["startCursor"] if backward else info["endCursor"]
        more = info["hasPreviousPage"] if backward else info["hasNextPage"]
        assert more == (len(found) < len(expected))
        if not more:
            break
    assert found == expected


@given(where=LINE, size=st.integers(1, 3))
@settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=list(HealthCheck))
def test_nested_lists_agree(bench: Bench, where: dict[str, Any], size: int) -> None:
    document = """query N($where: SalesOrderLineWhere, $first: Int) {
      salesOrders(first: 500) { nodes { id lines(where: $where, first: $first) { position } } } }"""
    answer = bench.ask(document, {"where": where, "first": size})["salesOrders"]["nodes"]
    for node in answer:
        row = next(row for row in bench.orders if str(row.id) == node["id"])
        kept = [line.values["position"] for line in _by_position(row) if holds(line, where)]
        assert [line["position"] for line in node["lines"]] == kept[:size]


def test_pages_are_stable_under_inserts(bench: Bench, factory: Factory) -> None:
    """A row that arrives before the cursor's place shifts nothing."""
    keys = {"orderBy": [{"orderDate": "ASC"}], "first": 10}
    first = bench.ask(LIST, keys)["salesOrders"]
    company = factory.ids.get("C-B")
    before = bench.ask(LIST, {**keys, "after": first["pageInfo"]["endCursor"]})["salesOrders"]["nodes"]
    viewer = bench._viewer
    assert company != viewer.company_id
    with unit_of_work(factory.database.engine, viewer, "tests") as ctx:
        values = {"customer": "k1", "order_date": "2025-12-31", "lines": [{"item": "i", "quantity": "1"}]}
        create(ctx, "SalesOrder", values)
    after = bench.ask(LIST, {**keys, "after": first["pageInfo"]["endCursor"]})["salesOrders"]["nodes"]
    assert after == before
