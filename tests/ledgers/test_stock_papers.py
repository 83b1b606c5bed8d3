"""What each paper of the stores asks and does: reservations, lots, serial numbers, issues, receipts, counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub import writes
from hub.db.embedded import EmbeddedServer
from hub.document.registry import specs
from hub.errors import Refused
from tests.conftest import copy_of_template
from tests.ledgers.goods import DAY, Store, furnish

LEDGERS = [one.table.name for one in specs().values() if one.kind == "ledger"]


@pytest.fixture
def store(migrated_server: EmbeddedServer) -> Iterator[Store]:
    with copy_of_template(migrated_server, "hub_papers_of_stores") as database:
        yield furnish(database.engine)


def told(deed: Callable[[], Any]) -> set[tuple[str, ...]]:
    """(code, *path) of every problem for which something is refused."""
    with pytest.raises(Refused) as raised:
        deed()
    return {(one.code, *one.path) for one in raised.value.problems}


@pytest.fixture(scope="module")
def used(migrated_server: EmbeddedServer) -> Iterator[Any]:
    """A database whose ledgers may be tried."""
    with copy_of_template(migrated_server, "hub_append_only") as database:
        yield database.engine


@pytest.mark.parametrize("table", LEDGERS)
@pytest.mark.parametrize("statement", ["TRUNCATE hub.{}", "UPDATE hub.{} SET id = id", "DELETE FROM hub.{}"])
def test_postgresql_refuses_to_change_any_ledger(used: Any, table: str, statement: str) -> None:
    """Its owner too. A row trigger needs a row, so one is put there past all others of its triggers and constraints."""
    with used.connect() as connection, connection.begin() as transaction:
        columns = connection.execute(
            text(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'hub' AND table_name = :name"
            ),
            {"name": table},
        ).scalars()
        for name in columns:
            if name != "id":
                connection.execute(text(f'ALTER TABLE hub.{table} ALTER "{name}" DROP NOT NULL'))
        others = connection.execute(
            text(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = cast(:name AS regclass) AND NOT tgisinternal "
                "AND tgname NOT LIKE 'refuse%'"
            ),
            {"name": f"hub.{table}"},
        ).scalars()
        for name in others:
            connection.execute(text(f"DROP TRIGGER {name} ON hub.{table}"))
        connection.execute(text(f"INSERT INTO hub.{table} (id) VALUES (gen_random_uuid())"))
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(statement.format(table)))
        transaction.rollback()


def test_everything_wrong_with_a_paper_is_told_at_once(store: Store) -> None:
    """Not what the document finds first and what stock finds next time."""
    with store.work() as ctx:
        values = {"warehouse": "W1", "issue_date": DAY, "lines": []}
        lines = [{"item": "I1", "quantity": "0"}, {"item": "I2", "quantity": "1"}, {"item": "LT", "quantity": "2"}]
        order = writes.create(ctx, "ProductionOrder", {"item": "I1", "quantity": "5"})
        values |= {"production_order": order.number, "lines": lines}
    assert told(lambda: store.run("MaterialIssue", values, "post")) == {
        ("QUANTITY_NOT_POSITIVE", "lines", "0", "quantity"),
        ("PRODUCTION_NOT_RELEASED", "productionOrder"),
        ("STOCK_SHORT", "lines", "1", "quantity"),
        ("LOT_MISSING", "lines", "2", "lot"),
        ("STOCK_SHORT", "lines", "2", "quantity"),
    }
    lines = [{"item": "I1"}, {"item": "LT", "counted_quantity": "3"}, {"item": "SR", "counted_quantity": "1"}]
    counted = {"warehouse": "W1", "count_date": DAY, "lines": lines}
    assert told(lambda: store.run("Stocktake", counted, "post")) == {
        ("COUNT_MISSING", "lines", "0", "countedQuantity"),
        ("LOT_MISSING", "lines", "1", "lot"),
        ("SERIAL_MISSING", "lines", "2", "serial"),
    }
    assert store.count("SELECT count(*) FROM hub.stock_entry") == 0


def test_lots_are_asked_for_held_and_taken_by_their_expiry(store: Store) -> None:
    with store.work() as ctx:
        for code, expiry in (("OLD", DAY - timedelta(days=1)), ("SOON", DAY + timedelta(days=9))):
            writes.create(ctx, "Lot", {"code": code, "name": code, "item": "LT", "expiry_date": expiry})
        writes.create(ctx, "Lot", {"code": "HELD", "name": "HELD", "item": "LT", "status": "on_hold"})
    for code in ("HELD", "LOT1", "SOON", "OLD"):
        store.adjust("LT", 5, lot=code, unit_cost="1")

    def take(**line: str) -> Any:
        lines = [{"item": "LT", "quantity": "2", **line}]
        return store.run("MaterialIssue", {"warehouse": "W1", "issue_date": DAY, "lines": lines}, "post")

    at = ("lines", "0", "lot")
    assert told(lambda: take(lot="HELD")) == {("LOT_ON_HOLD", *at)}
    assert told(lambda: take(lot="OLD")) == {("LOT_EXPIRED", *at)}
    assert told(take) == {("LOT_MISSING", *at)}
    assert told(lambda: store.adjust("I1", 1, lot="LOT1")) == {("LOT_OF_ANOTHER_ITEM", *at)}
    take(lot="SOON")
    left = {"HELD": 5, "LOT1": 5, "SOON": 3, "OLD": 5}
    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT lot, quantity FROM hub.stock_balance"))
        assert {row.lot: row.quantity for row in rows} == left
    assert store.astray() == []


def test_a_serial_number_is_one_piece_in_one_place(store: Store) -> None:
    at = ("lines", "0")
    assert told(lambda: store.adjust("SR", 1)) == {("SERIAL_MISSING", *at, "serial")}
    assert told(lambda: store.adjust("SR", 2, serial="SN1")) == {("SERIAL_QUANTITY", *at, "quantity")}
    assert told(lambda: store.adjust("I1", 1, serial="SN1")) == {("SERIAL_OF_ANOTHER_ITEM", *at, "serial")}
    twice = [{"item": "SR", "quantity": "1", "serial": "SN1"}] * 2
    values = {"warehouse": "W1", "adjustment_date": DAY, "lines": twice}
    assert told(lambda: store.run("StockAdjustment", values, "post")) == {
        ("SERIAL_TWICE", "lines", str(index), "serial") for index in range(2)
    }
    store.adjust("SR", 1, serial="SN1")
    assert told(lambda: store.adjust("SR", 1, serial="SN1", warehouse="W2")) == {("SERIAL_IN_STOCK", *at, "serial")}
    line = {"item": "SR", "quantity": "1", "serial": "SN1", "to_location": "W2-A"}
    moved = {"warehouse": "W1", "to_warehouse": "W2", "transfer_date": DAY, "lines": [line]}
    store.run("StockTransfer", moved, "post")
    assert told(lambda: store.adjust("SR", -1, serial="SN1")) == {("STOCK_SHORT", *at, "quantity")}
    store.adjust("SR", -1, serial="SN1", warehouse="W2")
    store.adjust("SR", 1, serial="SN1")
    assert store.levels() == {"SR": 1}


def reserved(store: Store) -> Decimal:
    return Decimal(store.count("SELECT coalesce(sum(quantity), 0) FROM hub.stock_reservation"))


def test_what_is_reserved_is_for_its_order_until_that_ends(store: Store) -> None:
    store.adjust("I1", 10, unit_cost="1")
    order = {"customer": "K1", "order_date": DAY, "promised_date": DAY}
    line = {"item": "I1", "quantity": "8", "unit_price": "9"}
    first = store.run("SalesOrder", {**order, "lines": [line]}, "confirm")
    second = store.run("SalesOrder", {**order, "lines": [line]}, "confirm")
    assert reserved(store) == 10  # the second got the two that were left
    free = {"warehouse": "W1", "issue_date": DAY, "lines": [{"item": "I1", "quantity": "1"}]}
    at = ("lines", "0", "quantity")
    assert told(lambda: store.run("MaterialIssue", free, "post")) == {("STOCK_RESERVED", *at)}
    with store.work() as ctx:
        made = writes.convert(ctx, "SalesOrder", first.id, "Delivery", {"warehouse": "W1", "delivery_date": DAY})
        delivery = writes.run_step(ctx, "Delivery", made.id, "confirm")
    assert reserved(store) == 2
    store.step(delivery, "cancel")
    assert reserved(store) == 10
    with store.work() as ctx:
        writes.run_step(ctx, "SalesOrder", first.id, "cancel", {"reason": "不要了"})
    assert reserved(store) == 2
    store.step(second, "close")
    assert reserved(store) == 0
    store.run("MaterialIssue", free, "post")
    store.adjust("I1", -9)
    assert store.levels() == {}


def test_business_goes_on_while_a_stocktake_is_counted(store: Store) -> None:
    """The book is noted, goods leave, the count is posted: only the difference of that moment moves."""
    store.adjust("I1", 10, unit_cost="2")
    store.adjust("LT", 4, lot="LOT1", unit_cost="5", location="W1-A")
    stocktake = store.run("Stocktake", {"warehouse": "W1", "count_date": DAY}, "take_book")
    book = stocktake.lines
    assert [line.book_quantity for line in book] == [10, 4]
    assert [line.lot_id is None or line.location_id is None for line in book] == [True, False]
    store.adjust("I1", -3)
    change = [{"id": line.id, "counted_quantity": found} for line, found in zip(book, ("9", "6"), strict=True)]
    with store.work() as ctx:
        writes.update(ctx, "Stocktake", stocktake.id, {"lines": {"change": change}})
        writes.run_step(ctx, "Stocktake", stocktake.id, "post")
    assert store.levels() == {"I1": 6, "LT": 6}
    assert store.values() == {"I1": (Decimal(6), Decimal(12)), "LT": (Decimal(6), Decimal(30))}
    store.step(stocktake, "cancel")
    assert store.levels() == {"I1": 7, "LT": 4}
    assert store.values() == {"I1": (Decimal(7), Decimal(14)), "LT": (Decimal(4), Decimal(20))}


def test_from_the_plan_to_the_product(store: Store) -> None:
    """Materials out, products in at what the materials cost, origins of lots; and all of it taken back."""
    store.adjust("LT", 20, lot="LOT1", unit_cost="3")
    with store.work() as ctx:
        writes.create(ctx, "Item", {"code": "P", "name": "产品", "unit": "PCS", "lot_tracked": True})
        writes.create(ctx, "Lot", {"code": "MADE", "name": "MADE", "item": "P"})
        materials = [{"item": "LT", "required_quantity": "10"}]
        order = writes.create(ctx, "ProductionOrder", {"item": "P", "quantity": "5", "materials": materials})
        issue = {"warehouse": "W1", "issue_date": DAY, "production_order": order.number}
        issue = writes.create(
            ctx, "MaterialIssue", {**issue, "lines": [{"item": "LT", "quantity": "10", "lot": "LOT1"}]}
        )
        receipt = {"warehouse": "W2", "receipt_date": DAY + timedelta(days=1), "production_order": order.number}
        receipt = writes.create(
            ctx, "ProductReceipt", {**receipt, "lines": [{"item": "P", "quantity": "4", "lot": "MADE"}]}
        )
    assert told(lambda: store.step(issue, "post")) == {("PRODUCTION_NOT_RELEASED", "productionOrder")}
    for made, step in ((order, "release"), (issue, "post"), (receipt, "post")):
        store.step(made, step)
    assert progress(store, order) == (4, 10)
    assert store.values() == {"LT": (Decimal(10), Decimal(30)), "P": (Decimal(4), Decimal(24))}  # 30 for 5 pieces
    origins = "SELECT coalesce(sum(quantity), 0) FROM hub.lot_origin"
    assert store.count(origins) == 10
    assert told(lambda: other_product(store, order)) >= {("ITEM_NOT_PRODUCED", "lines", "0", "item")}
    unnamed = {"warehouse": "W2", "receipt_date": DAY, "lines": [{"item": "P", "quantity": "1"}]}
    assert told(lambda: store.run("ProductReceipt", unnamed, "post")) == {
        ("PRODUCTION_ORDER_MISSING", "productionOrder"),
        ("LOT_MISSING", "lines", "0", "lot"),
    }
    store.step(receipt, "cancel")
    store.step(issue, "cancel")
    assert progress(store, order) == (0, 0)
    assert store.count(origins) == 0
    assert store.values()["LT"] == (Decimal(20), Decimal(60))
    assert store.astray() == []


def other_product(store: Store, order: Any) -> Any:
    lines = [{"item": "I1", "quantity": "1"}]
    values = {"warehouse": "W2", "receipt_date": DAY, "production_order": order.number, "lines": lines}
    return store.run("ProductReceipt", values, "post")


def progress(store: Store, order: Any) -> tuple[Any, Any]:
    """Completed and issued quantity of a production order of one material."""
    with store.engine.connect() as connection:
        kept = text(
            "SELECT o.completed_quantity, m.issued_quantity FROM hub.production_order o "
            "JOIN hub.production_order_material m ON m.production_order_id = o.id WHERE o.id = :id"
        )
        completed, issued = connection.execute(kept, {"id": order.id}).one()
    return completed, issued


def test_an_entry_of_the_past_changes_what_follows_in_the_same_transaction(store: Store) -> None:
    """Before the commit, and only there: later balances, later values, one difference on the later document's day."""
    store.adjust("I1", 10, DAY, unit_cost="1")
    store.adjust("I1", -5, DAY + timedelta(days=40))
    later = DAY + timedelta(days=50)
    assert store.values(later)["I1"] == (Decimal(5), Decimal(5))
    with store.work(dry_run=True) as ctx:
        line = {"item": "I1", "quantity": "10", "unit_cost": "3"}
        values = {"warehouse": "W1", "adjustment_date": DAY, "lines": [line]}
        made = writes.create(ctx, "StockAdjustment", values)
        writes.run_step(ctx, "StockAdjustment", made.id, "post")
        within = ctx.session.execute(text("SELECT entry_date, value FROM hub.cost_entry WHERE is_difference")).all()
        assert [tuple(row) for row in within] == [(DAY + timedelta(days=40), Decimal("-5.00"))]
        kept = text("SELECT sum(given_value + average_value) FROM hub.cost_day")
        assert ctx.session.execute(kept).scalar_one() == 30
        assert ctx.session.execute(text("SELECT sum(quantity) FROM hub.stock_balance")).scalar_one() == 15
    assert store.values(later)["I1"] == (Decimal(5), Decimal(5))
