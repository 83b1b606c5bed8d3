"""Backflush: what pieces have used leaves the stores with their report, by expiry, and comes back with it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest

from hub import writes
from tests.planning.conftest import MONDAY, Factory, released
from tests.planning.test_reports import operations, report

D = Decimal
TAKEN = (
    "SELECT item.code, -sum(e.quantity) AS quantity FROM hub.stock_entry e JOIN hub.item ON item.id = e.item_id "
    "WHERE e.kind = 'issue' GROUP BY 1 HAVING sum(e.quantity) <> 0"
)


@pytest.fixture
def shop(factory: Factory) -> Factory:
    """A box of granulate by lot (taken at moulding, 2 % lost), ink (at packing) and a carton (when it is finished)."""
    with factory.work() as ctx:
        writes.create(ctx, "Warehouse", {"code": "W9", "name": "线边仓"})
        for code, more in (("GRAN", {"lot_tracked": True}), ("INK", {}), ("CARTON", {})):
            writes.create(ctx, "Item", {"code": code, "name": code, "unit": "KG", "default_warehouse": "W9", **more})
        writes.create(ctx, "Item", {"code": "BOX", "name": "盒", "unit": "PCS"})
        for lot, expiry in (("OLD", 30), ("NEW", 400)):
            day = MONDAY + timedelta(days=expiry)
            writes.create(ctx, "Lot", {"code": lot, "name": lot, "item": "GRAN", "expiry_date": day})
        how = {"issue_method": "backflush"}
        lines = [
            {"component": "GRAN", "quantity": "0.05", "scrap_rate": "2", "operation": "MOLD", **how},
            {"component": "INK", "quantity": "0.003", "operation": "PACK", **how},
            {"component": "CARTON", "quantity": "0.1", **how},
        ]
        released(ctx, "Bom", {"item": "BOX", "bom_version": "A", "lines": lines})
        steps = [{"sequence": 10, "operation": "MOLD"}, {"sequence": 20, "operation": "PACK"}]
        released(ctx, "Routing", {"item": "BOX", "routing_version": "1", "operations": steps})
    return factory


def stock(shop: Factory, *lines: tuple[str, str, str | None]) -> None:
    """Goods that are there from Monday on, a crown each."""
    body = [{"item": item, "quantity": quantity, "unit_cost": "1", "lot": lot} for item, quantity, lot in lines]
    values = {"warehouse": "W9", "adjustment_date": MONDAY - timedelta(days=1), "reason": "期初", "lines": body}
    shop.create("StockAdjustment", values, "post")


def taken(shop: Factory) -> dict[str, Decimal]:
    return {row.code: row.quantity for row in shop.rows(TAKEN)}


def receipt(shop: Factory, order: UUID, quantity: str) -> UUID:
    lines = [{"item": "BOX", "quantity": quantity}]
    return shop.create(
        "ProductReceipt", {"production_order": order, "warehouse": "W9", "receipt_date": MONDAY, "lines": lines}
    )


def test_a_report_takes_the_lots_that_expire_first_and_gives_them_back(shop: Factory) -> None:
    stock(shop, ("GRAN", "4", "OLD"), ("GRAN", "50", "NEW"), ("INK", "9", None), ("CARTON", "90", None))
    order = shop.order("BOX", "1000", date(2026, 5, 8), "release")
    mould, pack = operations(shop, order)
    made = report(shop, order, {"order_operation": mould, "good_quantity": "96", "scrap_quantity": "4", "minutes": "9"})
    shop.step("OperationReport", made, "post")
    lots = "SELECT lot, -sum(quantity) AS quantity FROM hub.stock_entry WHERE kind = 'issue' GROUP BY 1 ORDER BY 1 DESC"
    assert [tuple(row) for row in shop.rows(lots)] == [("OLD", D(4)), ("NEW", D("1.1"))]
    packed = report(shop, order, {"order_operation": pack, "good_quantity": "90", "minutes": "9"})
    shop.step("OperationReport", packed, "post")
    stored = receipt(shop, order, "90")
    shop.step("ProductReceipt", stored, "post")
    assert taken(shop) == {"GRAN": D("5.1"), "INK": D("0.27"), "CARTON": D(9)}
    (worth,) = shop.rows("SELECT value / quantity AS price FROM hub.cost_entry WHERE document_type = 'ProductReceipt'")
    assert worth.price == D("0.154"), "0.051 + 0.003 + 0.1, though the carton leaves after the receipt is valued"
    shop.step("ProductReceipt", stored, "cancel")
    assert taken(shop) == {"GRAN": D("5.1"), "INK": D("0.27")}
    shop.step("OperationReport", made, "cancel")
    assert taken(shop) == {"GRAN": D("4.59"), "INK": D("0.27")}, "90 have passed the mould, whoever reported them"
    shop.step("OperationReport", packed, "cancel")
    assert taken(shop) == {}


def test_what_is_short_refuses_the_report_by_the_names_of_the_materials(shop: Factory) -> None:
    stock(shop, ("GRAN", "1", "OLD"))
    order = shop.order("BOX", "1000", date(2026, 5, 8), "release")
    mould, pack = operations(shop, order)
    made = report(shop, order, {"order_operation": mould, "good_quantity": "100", "minutes": "9"})
    assert shop.refused("OperationReport", made, "post") == [("STOCK_SHORT", "productionOrder")]
    with pytest.raises(Exception, match="GRAN") as raised:
        shop.step("OperationReport", made, "post")
    assert "INK" not in str(raised.value)
    assert taken(shop) == {}
    with shop.work() as ctx:
        (item,) = shop.rows("SELECT id FROM hub.item WHERE code = 'INK'")
        writes.update(ctx, "Item", item.id, {"default_warehouse": None})
    packed = report(shop, order, {"order_operation": pack, "good_quantity": "1", "minutes": "9"})
    assert shop.refused("OperationReport", packed, "post") == [("BACKFLUSH_WITHOUT_WAREHOUSE", "productionOrder")]


def test_what_the_stores_issue_by_hand_is_not_taken_again(shop: Factory) -> None:
    stock(shop, ("GRAN", "50", "NEW"))
    order = shop.order("BOX", "1000", date(2026, 5, 8), "release")
    mould, _ = operations(shop, order)
    lines = [{"item": "GRAN", "quantity": "2", "lot": "NEW"}]
    by_hand = {"production_order": order, "warehouse": "W9", "issue_date": MONDAY, "lines": lines}
    shop.create("MaterialIssue", by_hand, "post")
    made = report(shop, order, {"order_operation": mould, "good_quantity": "100", "minutes": "9"})
    shop.step("OperationReport", made, "post")
    (row,) = shop.rows(
        "SELECT m.issued_quantity FROM hub.production_order_material m JOIN hub.item i ON i.id = m.item_id "
        "WHERE i.code = 'GRAN'"
    )
    assert row.issued_quantity == D("5.1") == taken(shop)["GRAN"]


@pytest.mark.parametrize("seed", range(3))
def test_however_reports_come_and_go_stock_has_lost_what_the_pieces_used(shop: Factory, seed: int) -> None:
    """Pieces at the end have passed all before it; counted anew from what is posted, without the product's rule."""
    stock(shop, ("GRAN", "20", "OLD"), ("GRAN", "500", "NEW"), ("INK", "90", None), ("CARTON", "900", None))
    random = Random(seed)  # noqa: S311 (no secret)
    order = shop.order("BOX", "1000", date(2026, 5, 8), "release")
    steps = dict(zip((10, 20), operations(shop, order), strict=True))
    posted: dict[tuple[str, UUID], tuple[int | None, Decimal]] = {}
    for _ in range(9):
        if posted and random.random() < 0.4:
            gone = random.choice(list(posted))
            shop.step(*gone, "cancel")
            del posted[gone]
        else:
            at, count = random.choice([10, 20, None]), str(random.randint(1, 60))
            if at is None:
                paper = "ProductReceipt", receipt(shop, order, count)
            else:
                line = {"order_operation": steps[at], "scrap_quantity": count, "minutes": "1"}
                paper = "OperationReport", report(shop, order, line)
            shop.step(*paper, "post")
            posted[paper] = (at, D(count))
        finished, moulded, packed = (
            sum((count for at, count in posted.values() if at == step), D(0)) for step in (None, 10, 20)
        )
        packed = max(packed, finished)
        used = {"GRAN": max(moulded, packed) * D("0.051"), "INK": packed * D("0.003"), "CARTON": finished * D("0.1")}
        assert taken(shop) == {item: quantity for item, quantity in used.items() if quantity}
