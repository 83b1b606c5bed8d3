"""A small factory in which everything agrees: orders, deliveries, stock, purchases, production, inspections, readings.

Brought in through `hub.writes.load`, as a silo would be. Tests start from it and break one thing at a time.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, select

from hub.context import system_viewer
from hub.document.registry import spec
from hub.writes import create, load, unit_of_work

Rows = list[dict[str, Any]]
MIRRORED = {"negative_allowed": True}
"""A warehouse whose book is kept elsewhere: what is wrong in it is found by the checks, not refused."""


def company(engine: Engine, code: str = "C1") -> None:
    """The company that everything belongs to that is brought in from now on."""
    with unit_of_work(engine, system_viewer("test"), "test") as ctx:
        create(ctx, "Company", {"code": code, "name": "衡山注塑"})


def bring(engine: Engine, document: str, rows: Rows) -> None:
    """Loads rows into the newest company and insists that every one got in."""
    table = spec("Company").table
    with engine.connect() as connection:
        newest = connection.scalar(select(table.c.id).order_by(table.c.created_at.desc()).limit(1))
    with unit_of_work(engine, system_viewer("test", newest), "test") as ctx:
        found = load(ctx, document, rows)
    assert not found.problems, found.problems


def populate(engine: Engine, code: str = "C1") -> None:
    """A company and one of each story: an order on time, an order late, a purchase, a production, a meter."""
    company(engine, code)
    _masters(engine)
    _sales(engine)
    _supply(engine)
    _energy(engine)


def _masters(engine: Engine) -> None:
    bring(engine, "UnitOfMeasure", [{"code": "PC", "name": "件"}])
    bring(engine, "Department", [{"code": "D1", "name": "销售部"}])
    bring(engine, "Employee", [{"code": "E1", "name": "李明", "department": "D1"}])
    bring(engine, "Customer", [{"code": "K1", "name": "海天塑机"}, {"code": "K2", "name": "东方家电"}])
    bring(engine, "Supplier", [{"code": "S1", "name": "华塑"}, {"code": "S2", "name": "中石化"}])
    bring(
        engine,
        "Item",
        [{"code": f"P{n}", "name": f"外壳{n}", "unit": "PC", "category": "外壳", "kind": "finished"} for n in (1, 2)],
    )
    bring(
        engine,
        "Warehouse",
        [{"code": "W1", "name": "成品仓", **MIRRORED}, {"code": "W2", "name": "原料仓", "kind": "raw", **MIRRORED}],
    )
    bring(engine, "Location", [{"code": f"{w}-A", "name": "A 区", "warehouse": w} for w in ("W1", "W2")])


def order(number: str, customer: str, promised: str, quantity: str, **more: Any) -> dict[str, Any]:
    """A sales order with one line of item P1 at 2.50."""
    line = {"item": "P1", "quantity": quantity, "unit": "PC", "unit_price": "2.5", "promised_date": promised}
    return {
        "number": number,
        "state": "confirmed",
        "customer": customer,
        "order_date": "2026-01-05",
        "sales_rep": "E1",
        "department": "D1",
        "lines": [line],
        **more,
    }


def delivery(number: str, of_order: str, customer: str, day: str, quantity: str) -> dict[str, Any]:
    """A confirmed delivery of one order's first line."""
    line = {"order_line": {"number": of_order, "position": 1}, "item": "P1", "quantity": quantity}
    return {
        "number": number,
        "state": "confirmed",
        "customer": customer,
        "sales_order": of_order,
        "delivery_date": day,
        "carrier_name": "顺达物流",
        "lines": [line],
    }


def stock(kind: str, quantity: str, number: str | None = None, **more: Any) -> dict[str, Any]:
    """A movement of item P1 in warehouse W1."""
    return {
        "kind": kind,
        "item": "P1",
        "warehouse": "W1",
        "location": "W1-A",
        "quantity": quantity,
        "entry_at": "2026-01-09T10:00:00+08:00",
        "document_number": number,
        **more,
    }


def _sales(engine: Engine) -> None:
    bring(engine, "SalesOrder", [order("SO-1", "K1", "2026-01-10", "100"), order("SO-2", "K2", "2026-01-10", "40")])
    bring(
        engine,
        "Delivery",
        [delivery("DN-1", "SO-1", "K1", "2026-01-09", "100"), delivery("DN-2", "SO-2", "K2", "2026-01-13", "30")],
    )
    bring(
        engine,
        "StockEntry",
        [stock("opening", "500"), stock("delivery", "-100", "DN-1"), stock("delivery", "-30", "DN-2")],
    )


def _supply(engine: Engine) -> None:
    line = {"item": "P2", "quantity": "10", "unit_price": "3"}
    bring(
        engine,
        "PurchaseOrder",
        [{"number": "PO-1", "state": "confirmed", "supplier": "S1", "order_date": "2026-01-02", "lines": [line]}],
    )
    received = {"item": "P2", "quantity": "10", "rejected_quantity": "1", "stocked_quantity": "9"}
    bring(
        engine,
        "PurchaseReceipt",
        [
            {
                "number": "GR-1",
                "state": "confirmed",
                "supplier": "S1",
                "purchase_order": "PO-1",
                "receipt_date": "2026-01-04",
                "warehouse": "W2",
                "lines": [{**received, "order_line": {"number": "PO-1", "position": 1}}],
            }
        ],
    )
    bring(
        engine,
        "ProductionOrder",
        [{"number": "MO-1", "state": "released", "item": "P1", "quantity": "100", "completed_quantity": "100"}],
    )
    figures = {"inspected_quantity": "100", "qualified_quantity": "99", "defective_quantity": "1"}
    bring(
        engine,
        "Inspection",
        [
            {
                "number": "QI-1",
                "state": "confirmed",
                "kind": "final",
                "item": "P1",
                "production_order": "MO-1",
                **figures,
            }
        ],
    )


def _energy(engine: Engine) -> None:
    bring(engine, "EnergyMeter", [{"code": "EM-01", "name": "总表", "department": "D1", "multiplier": "2"}])
    moments = [("2026-01-01T23:45:00", "100"), ("2026-01-02T00:00:00", "103.5"), ("2026-01-02T00:15:00", "104.25")]
    bring(
        engine,
        "Reading",
        [
            {"meter": "EM-01", "metric": "energy.active.import", "read_at": f"{at}+08:00", "value": value}
            for at, value in moments
        ],
    )
