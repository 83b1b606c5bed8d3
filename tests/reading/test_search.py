"""Text search goes through an index, whatever is typed: by the plans PostgreSQL makes of the compiled statements.

Two plans are looked at: that of the values at hand, and the generic one a prepared statement ends with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg import RawCursor
from sqlalchemy import text

from graph_schema.answer import core_schema
from graph_schema.document import understand
from graph_schema.queries import plan_query
from hub.context import Viewer
from hub.db.search import SUFFIX, searched_columns
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.words import pinyin
from hub.writes import create, unit_of_work
from tests.conftest import Database, copy_of_template
from tests.reading.conftest import boss

PLACES = "杭州宁波绍兴台州温州嘉兴湖州金华衢州丽水舟山苏州无锡常州镇江扬州泰州南通盐城徐州"
WORDS = "精密海天永兴华盛瑞达中创金鼎博雅恒通新源力诺正泰宏图立信东方长虹三和六合万向九阳"
TRADES = "塑料模具电器机械五金包装光学橡胶轴承汽配玩具文具纺织化工钢构仪表电缆阀门水泵家具"
_FILL = """
WITH words AS (
  SELECT CAST(:places AS text[]) AS p, CAST(:said_places AS text[]) AS sp, CAST(:words AS text[]) AS w,
    CAST(:said_words AS text[]) AS sw, CAST(:trades AS text[]) AS t, CAST(:said_trades AS text[]) AS st
), picked AS (
  SELECT n, 1 + n % 20 AS a, 1 + n / 20 % 20 AS b, 1 + n / 400 % 20 AS c, n % 20011 AS d
  FROM generate_series(1, :count) n
)
INSERT INTO hub.customer (company_id, code, name, name_pinyin, active, grade, currency, version, created_by,
  updated_by)
SELECT :company, 'K-' || lpad(n::text, 7, '0'), p[a] || w[b] || t[c] || chr(19968 + d),
  concat_ws(E'\\n', sp[a] || ' ' || sw[b] || ' ' || st[c], replace(sp[a] || sw[b] || st[c], ' ', ''),
    left(sp[a], 1) || split_part(sp[a], ' ', 2)::char(1) || left(sw[b], 1) || split_part(sw[b], ' ', 2)::char(1)
    || left(st[c], 1) || split_part(st[c], ' ', 2)::char(1)),
  true, 'regular', 'CNY', 1, :actor, :actor
FROM picked, words"""
_ORDERS = """
INSERT INTO hub.sales_order (company_id, number, state, customer_id, order_date, currency, exchange_rate, freight,
  version, created_by, updated_by)
SELECT company_id, 'SO-' || code, 'draft', id, DATE '2026-01-01', 'CNY', 1, 0, 1, created_by, updated_by
FROM hub.customer"""


@pytest.fixture(scope="module")
def many(migrated_server: Any, proof_count: Callable[[int, int], int]) -> Iterator[tuple[Database, Viewer]]:
    """A database with many customers of one company; their indexes are made as an upgrade makes them."""
    from hub.db.migrate import upgrade

    with copy_of_template(migrated_server, "hub_search") as database:
        with unit_of_work(database.engine, boss(None), "tests") as ctx:
            company = create(ctx, "Company", {"code": "C", "name": "测试"}).id
        pools = {"places": PLACES, "words": WORDS, "trades": TRADES}
        pairs = {name: [pool[at : at + 2] for at in range(0, len(pool), 2)] for name, pool in pools.items()}
        said = {f"said_{name}": [str(pinyin(one)).split("\n")[0] for one in pool] for name, pool in pairs.items()}
        values = {**pairs, **said, "company": company, "actor": company, "count": proof_count(30_000, 200_000)}
        with database.engine.begin() as connection:
            for column in searched_columns(spec_of("Customer")):
                connection.exec_driver_sql(f"DROP INDEX hub.ix_customer_{column}{SUFFIX}")
            connection.execute(text(_FILL), values)
            connection.execute(text(_ORDERS))
        upgrade(database.engine)
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE hub.customer, hub.sales_order")
        yield database, boss(company)


LIST = "query S($where: CustomerWhere) { customers(where: $where) { nodes { code name } } }"
ORDERS = "query S($where: SalesOrderWhere) { salesOrders(where: $where) { totalCount } }"
TYPED = {
    "one character": ("name", "咉"),
    "two characters": ("name", "舟山"),
    "two characters, apart from a word's border": ("name", "山精"),
    "three characters": ("name", "波永兴"),
    "many characters": ("name", "绍兴恒通橡胶"),
    "initials": ("name", "zsjmsl"),
    "some initials": ("name", "sjms"),
    "pinyin, joined": ("name", "zhoushanjing"),
    "pinyin, apart": ("name", "zhou shan jing mi"),
    "Latin letters": ("code", "k-00012"),
    "digits": ("code", "0012345"),
    "one character that nobody has": ("name", "€"),
    "odd characters": ("name", "100%_\\"),
}


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _explained(database: Database, sql: str, values: list[Any]) -> list[dict[str, Any]]:
    """The scans of customers in the plan of a statement, with those below them."""
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        cursor = RawCursor(driver)
        cursor.execute(sql.encode(), values or None)
        (row,) = cursor.fetchall()
    return [node for node in _nodes(row[0][0]["Plan"]) if node.get("Relation Name") == "customer"]


def _indexes(scan: dict[str, Any]) -> set[str]:
    """The indexes by which a scan finds its rows; empty when it reads all of them."""
    return {node["Index Name"] for node in _nodes(scan) if "Index Cond" in node}


@pytest.mark.parametrize("operator", ["contains", "startsWith"])
@pytest.mark.parametrize("typed", sorted(TYPED))
def test_what_is_typed_is_found_by_an_index(many: tuple[Database, Viewer], typed: str, operator: str) -> None:
    """By the compiled statement itself, company and order included, planned for these values and for any."""
    field, value = TYPED[typed]
    database, viewer = many
    known = understand(core_schema(), LIST, None)
    given = known.variables({"where": {field: {operator: value}}})
    statement = plan_query(known, known.slots(given), viewer).statement
    assert statement is not None
    columns = [field, "name_pinyin"] if field == "name" else [field]
    terms = {f"ix_customer_{column}{SUFFIX}" for column in columns}
    (generic,) = _explained(database, f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {statement.sql}", [])
    assert _indexes(generic) == terms
    (now,) = _explained(database, f"EXPLAIN (FORMAT JSON) {statement.sql}", statement.values(given, viewer))
    # A beginning without letters is also a range of the unique index on the code; what a twentieth of all rows bear
    # is met soonest by walking the index of the list's order, until the page is full.
    other = f"(({field})::text >= " in now.get("Index Cond", "")
    walked = typed == "two characters" and now.get("Index Name") == "ix_customer_name_pinyin"
    assert _indexes(now) == terms or other or walked


def test_a_linked_name_is_found_by_an_index(many: tuple[Database, Viewer]) -> None:
    """The orders of whoever is called so, and records that any of several fields names."""
    database, viewer = many
    texts = [{name: {"contains": "山精"}} for name in ("code", "name", "shortName", "contactName")]
    for document, where, indexes in (
        (ORDERS, {"customer": {"name": {"contains": "山精"}}}, 2),
        (LIST, {"or": texts}, 6),
    ):
        known = understand(core_schema(), document, None)
        given = known.variables({"where": where})
        statement = plan_query(known, known.slots(given), viewer).statement
        assert statement is not None
        (scan,) = _explained(database, f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {statement.sql}", [])
        assert len(_indexes(scan)) == indexes
        assert all(name.endswith(SUFFIX) for name in _indexes(scan))


def test_codes_and_names_have_an_index_and_nothing_else(many: tuple[Database, Viewer]) -> None:
    """One rule decides: codes and names of masters and documents; no notes, no settings, no ledgers."""
    with many[0].engine.connect() as connection:
        found = set(
            connection.execute(text("SELECT indexname FROM pg_indexes WHERE indexname LIKE '%\\_terms'")).scalars()
        )
    wanted = {f"ix_{one.table.name}_{column}{SUFFIX}" for one in specs().values() for column in searched_columns(one)}
    assert found == wanted
    for spec in specs().values():
        searched = {name for name, field in spec.fields.items() if field.searched}
        if spec.kind in ("master", "document"):
            assert spec.natural_key in searched
            assert searched.isdisjoint({"note", "currency", "address"})
        else:
            assert not searched
    assert {"name", "short_name"} <= {name for name, field in spec_of("Customer").fields.items() if field.pinyin}
