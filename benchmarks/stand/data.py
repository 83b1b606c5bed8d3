"""A company of realistic size, brought in by `load`: 20,000 orders of five lines, 2,000 items, 500 customers.

The asking user is a salesperson: a role that may not see bank accounts, ID numbers or other areas' documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, text

from hub import identity, writes
from hub.context import system_viewer

LINES, ITEMS, CUSTOMERS, CITIES, DAYS = 5, 2_000, 500, 50, 700
FIRST_DAY = date(2024, 1, 1)
_BATCH = 5_000


def fill(engine: Engine, orders: int) -> str:
    """Fill an empty database; returns the salesperson's bearer token."""
    with writes.unit_of_work(engine, system_viewer("bench"), "bench") as ctx:
        company = writes.create(ctx, "Company", {"code": "B", "name": "标杆精密"}).id
    viewer = system_viewer("bench", company)
    masters: dict[str, list[dict[str, Any]]] = {
        "UnitOfMeasure": [{"code": "PCS", "name": "个"}],
        "Department": [{"code": "D1", "name": "销售部"}],
        "User": [{"code": "sally", "name": "莎莉", "roles": ["sales"], "department": "D1"}],
        "Item": [{"code": item(n), "name": f"外壳组件 {n}", "unit": "PCS"} for n in range(ITEMS)],
        "Customer": [{"code": f"K{n:04}", "name": f"客户 {n} 有限公司", "city": city(n)} for n in range(CUSTOMERS)],
    }
    for name, rows in masters.items():
        _load(engine, viewer, name, rows)
    for begin in range(0, orders, _BATCH):
        _load(engine, viewer, "SalesOrder", list(_orders(range(begin, min(begin + _BATCH, orders)))))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)"))
    with writes.unit_of_work(engine, viewer, "bench") as ctx:
        return identity.issue_token(ctx.session, "sally", purpose="bench")


def number(order: int) -> str:
    """An order's number."""
    return f"B-{order:06}"


def item(index: int) -> str:
    """An item's code."""
    return f"I{index:05}"


def city(index: int) -> str:
    """The city of a customer."""
    return f"城市{index % CITIES:02}"


def day(index: int) -> str:
    """A day on which there are orders."""
    return (FIRST_DAY + timedelta(days=index % DAYS)).isoformat()


def _orders(numbers: range) -> Iterator[dict[str, Any]]:
    for order in numbers:
        yield {
            "number": number(order),
            "customer": f"K{order * 7 % CUSTOMERS:04}",
            "order_date": day(order * 11),
            "department": "D1",
            "freight": f"{order % 90}.50",
            "note": f"第 {order} 单，请准时送达",
            "lines": [_line(order, line) for line in range(LINES)],
        }


def _line(order: int, line: int) -> dict[str, Any]:
    quantity, price = 1 + (order + line) % 20, 3 + line
    return {
        "item": item((order * 13 + line * 101) % ITEMS),
        "quantity": str(quantity),
        "unit_price": f"{price}.25",
        "amount": f"{quantity * price + quantity * 0.25:.2f}",
    }


def _load(engine: Engine, viewer: Any, name: str, rows: list[dict[str, Any]]) -> None:
    with writes.unit_of_work(engine, viewer, "bench") as ctx:
        result = writes.load(ctx, name, rows)
    assert result.inserted == len(rows), result.problems[:3]
