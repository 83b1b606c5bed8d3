"""A small company to write into, made by the verbs themselves."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

import pytest
from sqlalchemy import Engine

from hub import writes
from hub.context import Ctx, Viewer, system_viewer
from tests.conftest import Database


class Work(Protocol):
    """Opens a unit of work as somebody."""

    def __call__(
        self, viewer: Viewer | None = None, *, dry_run: bool = False, many: bool = False
    ) -> AbstractContextManager[Ctx]: ...


@pytest.fixture
def engine(fresh_database: Database) -> Engine:
    """A fresh database with one company, customer, unit, warehouse, two items and a source system."""
    engine = fresh_database.engine
    with writes.unit_of_work(engine, system_viewer("test"), "test") as ctx:
        writes.create(ctx, "Company", {"code": "C1", "name": "测试公司"})
        writes.create(ctx, "UnitOfMeasure", {"code": "PCS", "name": "个"})
        writes.create(ctx, "Customer", {"code": "K1", "name": "海天客户"})
        writes.create(ctx, "Supplier", {"code": "S1", "name": "塑料供应商", "admission": "admitted"})
        writes.create(ctx, "Warehouse", {"code": "W1", "name": "成品仓"})
        for code in ("I1", "I2"):
            writes.create(ctx, "Item", {"code": code, "name": f"零件{code}", "unit": "PCS"})
        writes.create(ctx, "SourceSystem", {"code": "erp", "name": "旧系统", "kind": "sql"})
    return engine


@pytest.fixture
def work(engine: Engine) -> Work:
    """`with work() as ctx`: a unit of work as the hub itself, or as a given viewer."""

    def open_(viewer: Viewer | None = None, **how: bool) -> Any:
        return writes.unit_of_work(engine, viewer or system_viewer("test"), "test", **how)

    return open_


@pytest.fixture
def order() -> dict[str, Any]:
    """The values of a good sales order with two lines, 3 × 0.335 and 10 × 9.80 less 5 %."""
    return {
        "customer": "K1",
        "order_date": "2026-03-05",
        "promised_date": "2026-03-20",
        "lines": [
            {"item": "I1", "quantity": "3", "unit_price": "0.335"},
            {"item": "I2", "quantity": "10", "unit_price": "9.80", "discount": "5"},
        ],
    }
