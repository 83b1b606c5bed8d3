"""An order with five lines created through GraphQL, against the same rows by psycopg in one transaction.

The same rows: order, lines, number counter, audit entry, event, idempotency key with its answer; both look up customer
and item by code, read the answer back and commit durably, one order after the other, on connections that are open.
Triggers (audit hashes, notification, the moment of the commit) run for both.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from benchmarks.rounds import compare
from benchmarks.stand.writing import Figure, Stand
from graph_schema.answer import Answerer
from hub.context import SYSTEM
from hub.db.engine import make_async_pool

ORDERS, LINES = 40, 5
NAME = f"create an order with {LINES} lines, {ORDERS} times one after the other, against psycopg by hand"
AIM = 0.5
DOCUMENT = """mutation C($input: CreateSalesOrderInput!, $key: String!) {
  createSalesOrder(input: $input, idempotencyKey: $key) { salesOrder { id number total } problems { code path } }
}"""


def run(stand: Stand) -> list[Figure]:
    """The ratio psycopg / GraphQL."""
    with asyncio.Runner() as runner:
        pool = make_async_pool(size=2)
        runner.run(pool.open())
        answerer = Answerer(pool, stand.engine)
        try:
            found = compare(
                lambda index: runner.run(_by_graphql(answerer, stand, index)),
                lambda index: _by_hand(stand, index),
                rounds=7,
            )
        finally:
            runner.run(pool.close())
    return [
        Figure("psycopg / GraphQL", found.ratio, aim=AIM, note=str(found)),
        Figure("one order through GraphQL", 1000 * found.ours / ORDERS, "ms"),
    ]


async def _by_graphql(answerer: Answerer, stand: Stand, index: int) -> None:
    line = {"item": "1", "quantity": "3", "unitPrice": "9.8"}
    body = {"customer": "1", "orderDate": "2026-01-02", "lines": [line] * LINES}
    for order in range(ORDERS):
        variables = {"input": body, "key": f"{index} {order}"}
        answer = json.loads(await answerer.answer(DOCUMENT, variables, stand.viewer))
        assert answer["data"]["createSalesOrder"]["problems"] == [], answer


def _by_hand(stand: Stand, index: int) -> None:
    """What a program of its own would write: number, order, lines, audit entry, event, key; then the answer is read."""
    raw = stand.engine.raw_connection()
    connection = raw.driver_connection
    assert isinstance(connection, psycopg.Connection)
    try:
        for order in range(ORDERS):
            with connection.transaction():
                _one(connection.cursor(), stand.ids, f"hand {index} {order}")
    finally:
        raw.close()


def _row(cursor: psycopg.Cursor[Any]) -> tuple[Any, ...]:
    found: tuple[Any, ...] | None = cursor.fetchone()
    assert found is not None
    return found


def _one(cursor: psycopg.Cursor[Any], ids: dict[str, UUID], key: str) -> None:
    company = ids["Company"]
    cursor.execute("INSERT INTO audit.idempotency (user_id, key, body_hash) VALUES (%s, %s, 'x')", (SYSTEM, key))
    cursor.execute("SELECT id FROM hub.customer WHERE code = '1' AND company_id = %s", (company,))
    (customer,) = _row(cursor)
    cursor.execute("SELECT id FROM hub.item WHERE code = '1' AND company_id = %s", (company,))
    (item,) = _row(cursor)
    cursor.execute(
        "INSERT INTO hub.series_counter VALUES (%s, 'HAND', 1) ON CONFLICT (company_id, prefix) "
        "DO UPDATE SET last = series_counter.last + 1 RETURNING last",
        (company,),
    )
    (last,) = _row(cursor)
    cursor.execute(
        "INSERT INTO hub.sales_order (company_id, version, number, state, customer_id, order_date, currency, freight, "
        "created_by, updated_by) VALUES (%s, 1, %s, 'draft', %s, '2026-01-02', 'CNY', 0, %s, %s) RETURNING id",
        (company, f"HAND-{last:05}", customer, SYSTEM, SYSTEM),
    )
    (id_,) = _row(cursor)
    rows = [(id_, position, item, SYSTEM, SYSTEM) for position in range(1, LINES + 1)]
    cursor.executemany(
        "INSERT INTO hub.sales_order_line (version, sales_order_id, position, item_id, quantity, unit_price, discount, "
        "tax_rate, amount, created_by, updated_by) VALUES (1, %s, %s, %s, 3, '9.8', 0, 13, '29.40', %s, %s)",
        rows,
    )
    changes = Jsonb({"customer": [None, str(customer)], "lines": [[], [{"item": str(item), "quantity": "3"}] * LINES]})
    cursor.execute(
        "INSERT INTO audit.audit_entry (company_id, actor_id, actor, channel, document_type, document_id, version, "
        "verb, changes) VALUES (%s, %s, 'bench', 'hand', 'SalesOrder', %s, 1, 'create', %s)",
        (company, SYSTEM, id_, changes),
    )
    cursor.execute(
        "INSERT INTO audit.outbox (company_id, document_type, document_id, event, payload) "
        "VALUES (%s, 'SalesOrder', %s, 'SalesOrder.create', %s)",
        (
            company,
            id_,
            Jsonb({"version": 1, "fields": ["customer", "lines"], "actor": "bench", "actor_id": str(SYSTEM)}),
        ),
    )
    cursor.execute("UPDATE audit.idempotency SET answer = %s WHERE user_id = %s AND key = %s", (Jsonb({}), SYSTEM, key))
    cursor.execute(
        "SELECT number, (SELECT sum(amount) FROM hub.sales_order_line WHERE sales_order_id = o.id) "
        "FROM hub.sales_order o WHERE id = %s",
        (id_,),
    )
    cursor.fetchone()
