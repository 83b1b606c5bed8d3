"""`load` of sales orders with their lines against plain COPY of the same rows into the same tables."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import Engine, text

from benchmarks.rounds import compare, scratch_database
from hub import writes
from hub.context import SYSTEM, system_viewer

ORDERS = 4_000
LINES = 5


def run() -> None:
    """Print the ratio."""
    with scratch_database() as engine:
        ids = _masters(engine)
        figure = compare(lambda index: _load(engine, index), lambda index: _copy(engine, ids, index))
        print(f"load {ORDERS} orders with {LINES} lines each, against COPY: {figure}")


def _masters(engine: Engine) -> dict[str, UUID]:
    with writes.unit_of_work(engine, system_viewer("bench"), "bench") as ctx:
        company = writes.create(ctx, "Company", {"code": "C", "name": "公司"})
        writes.create(ctx, "UnitOfMeasure", {"code": "PCS", "name": "个"})
        customer = writes.create(ctx, "Customer", {"code": "K", "name": "客户"})
        item = writes.create(ctx, "Item", {"code": "I", "name": "零件", "unit": "PCS"})
        return {"company": company.id, "customer": customer.id, "item": item.id}


def _load(engine: Engine, index: int) -> None:
    line = {"item": "I", "quantity": "3", "unit_price": "9.8", "amount": "29.40"}
    rows: list[dict[str, Any]] = [
        {"number": f"L{index}-{row}", "customer": "K", "order_date": "2026-01-02", "lines": [dict(line)] * LINES}
        for row in range(ORDERS)
    ]
    with writes.unit_of_work(engine, system_viewer("bench"), "bench") as ctx:
        result = writes.load(ctx, "SalesOrder", rows)
    assert result.inserted == ORDERS, result.problems[:3]


def _copy(engine: Engine, ids: dict[str, UUID], index: int) -> None:
    """The same rows, ready made, by one COPY for each table; nothing is checked, nothing is audited."""
    orders = [(uuid4(), f"P{index}-{row}") for row in range(ORDERS)]
    with engine.begin() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        with raw.cursor().copy(
            "COPY hub.sales_order (id, company_id, version, number, state, customer_id, order_date, currency, freight, "
            "created_by, updated_by) FROM STDIN"
        ) as copy:
            for id_, number in orders:
                row = (id_, ids["company"], 1, number, "draft", ids["customer"], "2026-01-02", "CNY", 0, SYSTEM, SYSTEM)
                copy.write_row(row)
        with raw.cursor().copy(
            "COPY hub.sales_order_line (version, sales_order_id, position, item_id, quantity, unit_price, discount, "
            "tax_rate, amount, created_by, updated_by) FROM STDIN"
        ) as copy:
            for id_, _ in orders:
                for position in range(1, LINES + 1):
                    copy.write_row((1, id_, position, ids["item"], 3, "9.8", 0, 13, "29.40", SYSTEM, SYSTEM))
        connection.execute(text("SELECT 1"))
