"""`load`: many rows at once, new, changed and unchanged, with their record at the source."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from hub import writes
from hub.errors import NotFound
from tests.writing.conftest import Work


def rows_of(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def orders(count: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "number": f"X-{index}",
            "state": "confirmed",
            "customer": "K1",
            "order_date": "2026-01-02",
            "lines": [
                {"item": "I1", "quantity": "2", "unit_price": "1.255", "amount": "2.5100"},
                {"item": "I2", "quantity": "1", "unit_price": "9.8", "amount": "9.3333"},
            ],
            "source_table": "SEOrder",
            "source_key": str(index),
            "payload": {"FInterID": index, **more},
        }
        for index in range(count)
    ]


def test_new_changed_and_unchanged_documents(work: Work, engine: Engine) -> None:
    with work() as ctx:
        first = writes.load(ctx, "SalesOrder", orders(20), source="erp", run_key="r1")
    assert (first.inserted, first.updated, first.unchanged, first.problems) == (20, 0, 0, [])
    with work() as ctx:
        again = writes.load(ctx, "SalesOrder", orders(20), source="erp", run_key="r2")
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 20)
    changed = orders(20)
    changed[3]["note"] = "改"
    changed[4]["lines"][1]["quantity"] = "5"
    changed[5]["lines"].pop()
    with work() as ctx:
        third = writes.load(ctx, "SalesOrder", changed, source="erp", run_key="r3")
    assert (third.inserted, third.updated, third.unchanged) == (0, 3, 17)
    versions = rows_of(engine, "SELECT number FROM hub.sales_order WHERE version = 2 ORDER BY number")
    assert versions == [("X-3",), ("X-4",), ("X-5",)]
    assert rows_of(engine, "SELECT count(*) FROM hub.sales_order_line") == [(39,)]


def test_imported_amounts_keep_the_scale_of_the_source(work: Work, engine: Engine) -> None:
    with work() as ctx:
        writes.load(ctx, "SalesOrder", orders(1), source="erp")
    assert rows_of(engine, "SELECT sum(amount) FROM hub.sales_order_line") == [(Decimal("11.8433"),)]


def test_amounts_that_the_source_lacks_are_computed(work: Work, engine: Engine) -> None:
    bare = orders(1)
    for line in bare[0]["lines"]:
        del line["amount"]
    with work() as ctx:
        writes.load(ctx, "SalesOrder", bare, source="erp")
    assert rows_of(engine, "SELECT amount FROM hub.sales_order_line ORDER BY position") == [
        (Decimal("2.5100"),),
        (Decimal("9.8000"),),
    ]


def test_rows_with_problems_stay_out_and_are_told(work: Work, engine: Engine) -> None:
    batch = orders(5)
    batch[1]["customer"] = "nobody"
    batch[2]["order_date"] = "2026-13-01"
    batch[3] = {**batch[0], "source_key": "3"}
    with work() as ctx:
        result = writes.load(ctx, "SalesOrder", batch, source="erp")
    assert result.inserted == 2
    assert {(found.index, found.source_key, found.code, found.path) for found in result.problems} == {
        (1, "1", "LINK_UNKNOWN", "customer"),
        (2, "2", "VALUE_INVALID", "orderDate"),
        (3, "3", "DUPLICATE_IN_BATCH", "number"),
    }
    assert rows_of(engine, "SELECT count(*) FROM hub.sales_order") == [(2,)]


def test_the_source_record_is_linked_and_every_version_kept(work: Work, engine: Engine) -> None:
    with work() as ctx:
        writes.load(ctx, "SalesOrder", orders(2), source="erp", run_key="r1")
    with work() as ctx:
        writes.load(ctx, "SalesOrder", orders(2, FNote="changed"), source="erp", run_key="r2")
    linked = rows_of(
        engine,
        "SELECT o.number, r.record_key, r.run_key, r.payload->>'FNote' FROM hub.source_record r "
        "JOIN hub.sales_order o ON o.id = r.document_id ORDER BY 1, 3",
    )
    assert linked == [
        ("X-0", "0", "r1", None),
        ("X-0", "0", "r2", "changed"),
        ("X-1", "1", "r1", None),
        ("X-1", "1", "r2", "changed"),
    ]


def test_a_line_is_found_by_number_and_position(work: Work, engine: Engine) -> None:
    delivery = {
        "number": "D-1",
        "state": "confirmed",
        "customer": "K1",
        "sales_order": "X-0",
        "delivery_date": "2026-01-05",
        "lines": [{"item": "I2", "quantity": 1, "order_line": {"number": "X-0", "position": 2}}],
    }
    with work() as ctx:
        writes.load(ctx, "SalesOrder", orders(1), source="erp")
        result = writes.load(ctx, "Delivery", [delivery])
    assert (result.inserted, result.problems) == (1, [])
    found = rows_of(
        engine,
        "SELECT o.position FROM hub.delivery_line d JOIN hub.sales_order_line o ON o.id = d.order_line_id",
    )
    assert found == [(2,)]


def test_thousands_of_line_references_in_one_batch(work: Work) -> None:
    def delivery(index: int) -> dict[str, Any]:
        line = {"item": "I1", "quantity": 1, "order_line": {"number": f"X-{index}", "position": 1}}
        return {"number": f"D-{index}", "customer": "K1", "delivery_date": "2026-01-05", "lines": [line]}

    with work() as ctx:
        writes.load(ctx, "SalesOrder", orders(9_000), source="erp")
        result = writes.load(ctx, "Delivery", [delivery(index) for index in range(9_000)])
    assert (result.inserted, result.problems) == (9_000, [])


def test_a_field_that_rows_do_not_name_keeps_its_value(work: Work, engine: Engine) -> None:
    with work() as ctx:
        writes.load(ctx, "Customer", [{"code": "K1", "name": "海天客户", "city": "宁波"}])
        result = writes.load(ctx, "Customer", [{"code": "K1", "name": "海天集团"}])
    assert result.updated == 1
    assert rows_of(engine, "SELECT name, name_pinyin, city FROM hub.customer") == [
        ("海天集团", "hai tian ji tuan\nhaitianjituan\nhtjt", "宁波")
    ]


def test_ledger_rows_are_added_once_and_a_change_is_told(work: Work, engine: Engine) -> None:
    def entry(key: str, quantity: int) -> dict[str, Any]:
        body = {"entry_at": "2026-01-02T08:00:00+08:00", "item": "I1", "warehouse": "W1", "kind": "opening"}
        about = {"source_table": "期初", "source_key": key, "payload": {"数量": quantity}}
        return {**body, **about, "quantity": quantity}

    with work() as ctx:
        assert writes.load(ctx, "StockEntry", [entry("a", 5), entry("b", 6)], source="erp").inserted == 2
    with work() as ctx:
        result = writes.load(ctx, "StockEntry", [entry("a", 5), entry("b", 7), entry("c", 8)], source="erp")
    assert (result.inserted, result.unchanged) == (1, 1)
    assert [found.code for found in result.problems] == ["LEDGER_ROW_CHANGED"]
    assert rows_of(engine, "SELECT sum(quantity) FROM hub.stock_entry") == [(Decimal(19),)]


def test_a_load_leaves_one_audit_entry(work: Work, engine: Engine) -> None:
    with work() as ctx:
        writes.load(ctx, "SalesOrder", orders(50), source="erp")
    entries = rows_of(engine, "SELECT changes->'inserted' FROM audit.audit_entry WHERE verb = 'load'")
    assert entries == [([None, 50],)]


def test_an_unknown_source_is_refused(work: Work) -> None:
    with pytest.raises(NotFound), work() as ctx:
        writes.load(ctx, "SalesOrder", orders(1), source="nowhere")
