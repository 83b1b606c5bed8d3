"""`load` of sales orders with their lines against plain COPY of the same rows into the same tables."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import text

from benchmarks.rounds import compare
from benchmarks.stand.writing import Figure, Stand
from hub import writes
from hub.context import SYSTEM

ORDERS, LINES = 4_000, 5
NAME = f"load {ORDERS} orders with {LINES} lines each, against COPY of the same rows"
AIM = 0.4


def run(stand: Stand) -> list[Figure]:
    """The ratio COPY / load."""
    found = compare(lambda index: _load(stand, index), lambda index: _copy(stand, index))
    return [Figure("load / COPY", found.ratio, aim=AIM, note=str(found))]


def _load(stand: Stand, index: int) -> None:
    line = {"item": "1", "quantity": "3", "unit_price": "9.8", "amount": "29.40"}
    rows: list[dict[str, Any]] = [
        {"number": f"L{index}-{row}", "customer": "1", "order_date": "2026-01-02", "lines": [dict(line)] * LINES}
        for row in range(ORDERS)
    ]
    with writes.unit_of_work(stand.engine, stand.viewer, "bench") as ctx:
        result = writes.load(ctx, "SalesOrder", rows)
    assert result.inserted == ORDERS, result.problems[:3]


def _copy(stand: Stand, index: int) -> None:
    """The same rows, ready made, by one COPY for each table; nothing is checked, nothing is audited."""
    ids = stand.ids
    orders = [(uuid4(), f"P{index}-{row}") for row in range(ORDERS)]
    with stand.engine.begin() as connection:
        raw = connection.connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        with raw.cursor().copy(
            "COPY hub.sales_order (id, company_id, version, number, state, customer_id, order_date, currency, freight, "
            "created_by, updated_by) FROM STDIN"
        ) as copy:
            for id_, number in orders:
                row = (id_, ids["Company"], 1, number, "draft", ids["Customer"], "2026-01-02", "CNY", 0, SYSTEM, SYSTEM)
                copy.write_row(row)
        with raw.cursor().copy(
            "COPY hub.sales_order_line (version, sales_order_id, position, item_id, quantity, unit_price, discount, "
            "tax_rate, amount, created_by, updated_by) FROM STDIN"
        ) as copy:
            for id_, _ in orders:
                for position in range(1, LINES + 1):
                    copy.write_row((1, id_, position, ids["Item"], 3, "9.8", 0, 13, "29.40", SYSTEM, SYSTEM))
        connection.execute(text("SELECT 1"))
