"""Goods that go back, and what they do to stock, orders, genealogy and the books; and which lots are picked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from tests.inspection.conftest import Plant
from tests.ledgers.goods import DAY
from tests.ledgers.test_stock_papers import told


def _book(plant: Plant) -> dict[str, Decimal]:
    """Debit less credit by account."""
    with plant.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT a.code, sum(e.debit - e.credit) FROM hub.money_entry e "
                "JOIN hub.account a ON a.id = e.account_id "
                "GROUP BY a.code HAVING sum(e.debit - e.credit) <> 0"
            )
        )
        return {row[0]: row[1] for row in rows}


@pytest.fixture
def bought(plant: Plant) -> Any:
    """A receipt of 100 pieces at 2.50."""
    line = {"item": "I1", "quantity": "100", "unit_price": "2.5"}
    order = plant.run("PurchaseOrder", {"supplier": "S1", "order_date": DAY, "lines": [line]}, "confirm")
    receipt = plant.convert(order, "PurchaseReceipt", warehouse="W1", receipt_date=DAY)
    plant.step(receipt, "confirm")
    return receipt


def test_no_more_goes_back_to_a_supplier_than_came(plant: Plant, bought: Any) -> None:
    assert _book(plant) == {"1405": 250, "2202": -250}
    part = {"lines": [{"receipt_line": bought.lines[0].id, "quantity": "30"}]}
    first = plant.convert(bought, "PurchaseReturn", return_date=DAY, **part)
    plant.step(first, "post")
    assert plant.stock() == {"available": 70}
    assert _book(plant) == {"1405": 175, "2202": -175}
    line = {"receipt_line": bought.lines[0].id, "item": "I1", "quantity": "71"}
    values = {"supplier": "S1", "warehouse": "W1", "return_date": DAY, "lines": [line]}
    codes = {one[0] for one in told(lambda: plant.run("PurchaseReturn", values, "post"))}
    assert codes == {"RETURN_TOO_MUCH", "STOCK_SHORT"}
    line["quantity"] = "70"
    assert told(lambda: plant.run("PurchaseReturn", {**values, "supplier": "S2"}, "post")) == {
        ("SOURCE_DIFFERS", "lines", "0", "receiptLine")
    }
    assert told(lambda: plant.run("PurchaseReturn", {**values, "lines": [{**line, "item": "I2"}]}, "post")) >= {
        ("ITEM_NOT_RETURNED", "lines", "0", "item")
    }
    assert told(lambda: plant.step(bought, "cancel")) == {("RETURNED_ALREADY", "state")}
    plant.step(first, "cancel")
    assert plant.stock() == {"available": 100}
    assert _book(plant) == {"1405": 250, "2202": -250}
    assert plant.astray() == []


def test_what_the_workshop_gives_back_was_not_issued(plant: Plant) -> None:
    plant.adjust("LT", 50, lot="LOT1", unit_cost="2")
    values = {"item": "I1", "quantity": "10", "materials": [{"item": "LT", "required_quantity": "20"}]}
    order = plant.run("ProductionOrder", values, "release")
    line = {"item": "LT", "quantity": "20", "lot": "LOT1"}
    papers = {"production_order": order.number, "warehouse": "W1"}
    issue = plant.run("MaterialIssue", {**papers, "issue_date": DAY, "lines": [line]}, "post")
    plant.create("Lot", code="MADE", name="MADE", item="I1")
    made = {**papers, "receipt_date": DAY, "lines": [{"item": "I1", "quantity": "10", "lot": "MADE"}]}
    plant.run("ProductReceipt", made, "post")
    origin = "SELECT sum(quantity) FROM hub.lot_origin"
    issued = "SELECT issued_quantity FROM hub.production_order_material"
    assert (plant.count(origin), plant.count(issued)) == (20, 20)
    part = {"lines": [{"issue_line": issue.lines[0].id, "quantity": "5"}]}
    back = plant.convert(issue, "MaterialReturn", return_date=DAY, **part)
    plant.step(back, "post")
    assert (plant.count(origin), plant.count(issued), plant.stock("LT")) == (15, 15, {"available": Decimal(35)})
    assert _book(plant)["4001"] == -10, "the product took out what had gone in; then 5 came back at 2.00"
    line = {"issue_line": issue.lines[0].id, "item": "LT", "quantity": "16", "lot": "LOT1"}
    again = {**papers, "return_date": DAY, "lines": [line]}
    assert told(lambda: plant.run("MaterialReturn", again, "post")) == {("RETURN_TOO_MUCH", "lines", "0", "quantity")}
    plant.step(back, "cancel")
    assert (plant.count(origin), plant.count(issued), plant.stock("LT")) == (20, 20, {"available": Decimal(30)})


def test_what_a_customer_sends_back_can_be_replaced(plant: Plant) -> None:
    plant.adjust("I1", 30, unit_cost="4")
    line = {"item": "I1", "quantity": "10", "unit_price": "9", "promised_date": DAY}
    order = plant.run("SalesOrder", {"customer": "K1", "order_date": DAY, "lines": [line]}, "confirm")
    sent = plant.convert(order, "Delivery", warehouse="W1", delivery_date=DAY)
    plant.step(sent, "confirm")
    more = {"item": "I1", "quantity": "4", "order_line": {"number": order.number, "position": 1}}
    new = {"customer": "K1", "warehouse": "W1", "delivery_date": DAY, "lines": [more]}
    assert told(lambda: plant.run("Delivery", new, "confirm")) == {("MORE_THAN_ORDERED", "lines", "0", "quantity")}
    part = {"lines": [{"delivery_line": sent.lines[0].id, "quantity": "4"}]}
    back = plant.convert(sent, "SalesReturn", return_date=DAY, **part)
    plant.step(back, "post")
    assert plant.stock() == {"available": 20, "quarantine": 4}
    assert _book(plant)["5401"] == 24
    plant.run("Delivery", new, "confirm")
    assert plant.stock() == {"available": 16, "quarantine": 4}
    line = {"delivery_line": sent.lines[0].id, "item": "I1", "quantity": "7"}
    much = {"customer": "K1", "warehouse": "W1", "return_date": DAY, "lines": [line]}
    assert told(lambda: plant.run("SalesReturn", much, "post")) == {("RETURN_TOO_MUCH", "lines", "0", "quantity")}


def test_picking_takes_what_expires_first_and_passes_over_what_is_locked(plant: Plant) -> None:
    lots = {"LATE": "2027-01-01", "SOON": "2026-06-01", "OVER": "2026-02-01", "HELD": "2026-05-01"}
    for code, expiry in lots.items():
        status = "on_hold" if code == "HELD" else "released"
        plant.create("Lot", code=code, name=code, item="LT", expiry_date=expiry, status=status)
        plant.adjust("LT", 10, lot=code)
    plant.adjust("LT", 5, lot="SOON", status="frozen")
    goods = {"customer": "K1", "warehouse": "W1", "delivery_date": DAY, "lines": [{"item": "LT", "quantity": "14"}]}
    picked = plant.take(plant.create("Delivery", **goods), "pick")
    with plant.work(dry_run=True) as ctx:
        codes = {row.id: row.code for row in ctx.session.execute(text("SELECT id, code FROM hub.lot"))}
    assert [(codes[line.lot_id], line.quantity) for line in picked.lines] == [("SOON", 10), ("LATE", 4)]
    plant.step(picked, "confirm")
    issue = {"warehouse": "W1", "issue_date": DAY, "lines": [{"item": "LT", "quantity": "7"}]}
    short = plant.create("MaterialIssue", **issue)
    assert told(lambda: plant.take(short, "pick")) == {("STOCK_SHORT", "lines", "0", "quantity")}


def test_a_trip_takes_shipped_deliveries_and_brings_them_home(plant: Plant) -> None:
    plant.adjust("I1", 30)
    goods = {"warehouse": "W1", "delivery_date": DAY, "lines": [{"item": "I1", "quantity": "5"}]}
    first, second = (plant.create("Delivery", customer=one, **goods) for one in ("K1", "K2"))
    rates = [{"region": "宁波", "basis": "piece", "rate": "0.333", "minimum": "0"}]
    plant.create("Carrier", code="C", name="顺达物流", vehicles=[{"plate": "浙B12345"}], rates=rates)
    stops = [{"delivery": one.number, "stop_number": at} for at, one in enumerate((first, second), start=1)]
    values = {"carrier": "C", "vehicle": "浙B12345", "dispatch_date": DAY, "deliveries": stops}
    trip = plant.create("Dispatch", **values)
    assert told(lambda: plant.take(trip, "quote", region="杭州")) == {("RATE_MISSING", "carrier")}
    assert plant.take(trip, "quote", region="宁波").freight == Decimal("3.33")
    left = {"departed_at": "2026-03-01T08:00:00+08:00"}
    assert told(lambda: plant.take(trip, "depart", **left)) == {
        ("DELIVERY_NOT_SHIPPED", "deliveries", str(at), "delivery") for at in (0, 1)
    }
    for one in (first, second):
        plant.step(one, "confirm")
    plant.take(trip, "depart", **left)
    loaded = "dispatch_id IS NOT NULL AND carrier_id IS NOT NULL AND vehicle = '浙B12345'"
    assert plant.count_of("delivery", loaded) == 2
    shares = [Decimal("1.66"), Decimal("1.67")]
    assert plant.count("SELECT array_agg(freight ORDER BY freight) FROM hub.delivery") == shares
    other = plant.create("Dispatch", dispatch_date=DAY, deliveries=stops[:1])
    assert told(lambda: plant.take(other, "depart", **left)) == {("DELIVERY_DISPATCHED", "deliveries", "0", "delivery")}
    plant.take(trip, "sign_stop", position=1, signed_at="2026-03-01T10:00:00+08:00", signed_by="王先生")
    assert plant.count_of("delivery", "state = 'signed' AND signed_by = '王先生'") == 1
    done = plant.take(trip, "sign", signed_at="2026-03-01T12:00:00+08:00")
    assert done.state.value == "signed"
    assert plant.count_of("delivery", "state = 'signed'") == 2
    with plant.work(dry_run=True) as ctx:
        assert ctx.session.execute(text("SELECT count(*) FROM audit.audit_entry WHERE verb = 'sign'")).scalar_one() == 3
