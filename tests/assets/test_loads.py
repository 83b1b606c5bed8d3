"""Conform and load: raw rows become documents, the record is linked, what does not fit is told and kept out."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from assets.conform import nested
from assets.loads import load_documents, waves
from assets.problems import Problem
from assets.pulls import pull_table
from assets.sources import Source, SourceError
from hub.document.registry import spec
from hub.writes import LoadResult
from quality_checks.database import HubDatabase
from tests.assets.conftest import WriteSource
from tests.assets.scenario import bring

TOML = """
code = "crm"
name = "销售系统"
kind = "csv"
folder = "."
[tables.customers]
file = "customers.csv"
key = ["id"]
[tables.orders]
file = "orders.csv"
key = ["nr"]
[tables.lines]
file = "lines.csv"
key = ["nr", "pos"]
[[loads]]
document = "Customer"
table = "customers"
select = "customer.sql"
[[loads]]
document = "SalesOrder"
table = "orders"
select = "order.sql"
lines = { lines = "line.sql" }
"""
FILES = {
    "customers.csv": "id,name,colour\nK1,海天,red\nK2,东方,\n",
    "orders.csv": "nr,customer,day\nSO-1,K1,2026-01-05\nSO-2,K9,2026-01-06\nSO-3,K2,soon\n",
    "lines.csv": "nr,pos,item,quantity,amount\nSO-1,10,P1,2,19.9999\nSO-1,20,P1,3,1\nSO-2,10,P1,1,1\nSO-3,10,P1,1,1\n"
    "SO-7,10,P1,1,1\n",
    "customer.sql": "select c._key as source_key, c.id as code, c.name from raw.crm__customers c order by c.id",
    "order.sql": "select o._key as source_key, o.nr as number, 'confirmed' as state, o.customer, o.day as order_date"
    " from raw.crm__orders o order by o.nr",
    "line.sql": "select l.nr as header_key, l.item, l.quantity, l.amount from raw.crm__lines l"
    " order by l.nr, l.pos::int",
}


@pytest.fixture
def crm(hub: HubDatabase, write_source: WriteSource) -> Source:
    """The source above, pulled, with the item that its lines name."""
    source = write_source(TOML, FILES)
    with hub.engine() as engine:
        bring(engine, "UnitOfMeasure", [{"code": "PC", "name": "件"}])
        bring(engine, "Item", [{"code": "P1", "name": "外壳", "unit": "PC"}])
        pull_all(hub, source)
    return source


def pull_all(hub: HubDatabase, source: Source) -> None:
    with hub.engine() as engine:
        for table in source.tables:
            pull_table(engine, source, table, {}, str(uuid4()))


def loaded(hub: HubDatabase, source: Source, name: str) -> tuple[LoadResult, list[Problem]]:
    with hub.engine() as engine:
        load = next(one for one in source.loads if one.name == name)
        return load_documents(engine, source, load, str(uuid4()))


def rows(hub: HubDatabase, query: str) -> list[tuple[Any, ...]]:
    with hub.engine() as engine, engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_documents_arrive_with_their_lines_and_their_record(hub: HubDatabase, crm: Source) -> None:
    loaded(hub, crm, "customer")
    result, _ = loaded(hub, crm, "sales_order")
    assert (result.inserted, result.updated) == (1, 0)
    lines = rows(
        hub,
        "select o.number, o.state, c.name, l.position, l.quantity::text, l.amount::text from hub.sales_order o"
        "  join hub.customer c on c.id = o.customer_id join hub.sales_order_line l on l.sales_order_id = o.id"
        " order by l.position",
    )
    assert lines == [  # the source's own amounts, not 2 × unit price
        ("SO-1", "confirmed", "海天", 1, "2.0000", "19.9999"),
        ("SO-1", "confirmed", "海天", 2, "3.0000", "1.0000"),
    ]
    record = rows(
        hub, "select table_name, record_key, document_type, payload from hub.source_record where table_name = 'orders'"
    )
    assert record[0][:3] == ("orders", "SO-1", "SalesOrder")
    assert record[0][3]["customer"] == "K1"
    assert [line["quantity"] for line in record[0][3]["lines"]] == ["2", "3"]
    assert "_hash" not in record[0][3]
    customer = rows(hub, "select payload from hub.source_record where record_key = 'K1'")
    assert customer == [({"id": "K1", "name": "海天", "colour": "red"},)]  # also what the hub has no field for


def test_a_second_load_changes_only_what_changed(hub: HubDatabase, crm: Source) -> None:
    loaded(hub, crm, "customer")
    loaded(hub, crm, "sales_order")
    assert loaded(hub, crm, "customer")[0].unchanged == 2
    (Path(crm.home) / "lines.csv").write_text(
        FILES["lines.csv"].replace("SO-1,20,P1,3", "SO-1,20,P1,4"), encoding="utf-8"
    )
    pull_all(hub, crm)
    result, _ = loaded(hub, crm, "sales_order")
    assert (result.inserted, result.updated) == (0, 1)
    assert rows(hub, "select count(*) from hub.source_record where record_key = 'SO-1'") == [(2,)]


def test_what_does_not_fit_is_told_in_both_languages_and_kept(hub: HubDatabase, crm: Source) -> None:
    loaded(hub, crm, "customer")
    _, problems = loaded(hub, crm, "sales_order")
    found = {(one.record_key, one.code, one.path) for one in problems}
    assert found == {
        ("SO-2", "LINK_UNKNOWN", "customer"),
        ("SO-3", "VALUE_INVALID", "orderDate"),
        ("SO-7", "LINE_WITHOUT_DOCUMENT", "lines"),
    }
    kept = rows(
        hub, "select record_key, stage, message_zh, message_en from dq.row_problem where is_open order by record_key"
    )
    assert [row[0] for row in kept] == ["SO-2", "SO-3", "SO-7"]
    assert kept[0][1] == "load:sales_order"
    assert "K9" in kept[0][2]
    assert "K9 does not exist" in kept[0][3]


def test_a_mended_row_closes_its_problem(hub: HubDatabase, crm: Source) -> None:
    loaded(hub, crm, "customer")
    loaded(hub, crm, "sales_order")
    (Path(crm.home) / "orders.csv").write_text(FILES["orders.csv"].replace("K9", "K2"), encoding="utf-8")
    pull_all(hub, crm)
    loaded(hub, crm, "sales_order")
    assert rows(hub, "select is_open from dq.row_problem where record_key = 'SO-2'") == [(False,)]


@pytest.mark.parametrize(
    ("file", "select", "wanted"),
    [
        ("customer.sql", "select c._key as source_key, c.id as code, c.name as nmae from raw.crm__customers c", "nmae"),
        ("customer.sql", "select c._key as source_key, c.gone as code from raw.crm__customers c", "gone"),
        ("customer.sql", "select c._key as source_key, c.id::date as code from raw.crm__customers c", "cannot run"),
        ("customer.sql", "select 'x' as source_key, 'y' as code from raw.other__gone c", "raw.other__gone"),
        ("line.sql", "select l.nr as header_key, l.item as thing from raw.crm__lines l", "thing"),
    ],
)
def test_a_wrong_select_is_one_sentence(
    hub: HubDatabase, crm: Source, write_source: WriteSource, file: str, select: str, wanted: str
) -> None:
    broken = write_source(TOML, {**FILES, file: select})
    with pytest.raises(SourceError) as raised:
        loaded(hub, broken, "customer" if file == "customer.sql" else "sales_order")
    assert wanted in raised.value.message_en
    assert "\n" not in raised.value.message_en


def test_a_dot_in_a_column_makes_a_nested_value() -> None:
    row = {"item": "P1", "order_line.number": "SO-1", "order_line.position": 2, "parent.number": None}
    assert nested(row) == {"item": "P1", "order_line": {"number": "SO-1", "position": 2}, "parent": None}


def test_parents_of_a_tree_come_before_their_children() -> None:
    tree: list[dict[str, Any]] = [
        {"code": "C", "parent": "B"},
        {"code": "B", "parent": "A"},
        {"code": "A", "parent": None},
    ]
    assert [[row["code"] for row in wave] for wave in waves(tree, spec("Department"))] == [["A"], ["B"], ["C"]]
    circle: list[dict[str, Any]] = [{"code": "X", "parent": "Y"}, {"code": "Y", "parent": "X"}]
    assert len(waves(circle, spec("Department"))) == 1


def test_nothing_is_loaded_before_there_is_a_company(fresh_database: Any, write_source: WriteSource) -> None:
    source = write_source(TOML, FILES)
    with pytest.raises(SourceError) as raised:
        pull_table(fresh_database.engine, source, source.tables[0], {}, str(uuid4()))
    assert raised.value.code == "COMPANY_MISSING"
