"""A small factory for the browser tests, told through the write verbs: customers, items, orders, what came of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from hub import writes
from hub.context import Ctx, system_viewer
from hub.document.fields import today
from hub.identity import hash_password
from quality_checks import tables as dq

PASSWORD = "moulding-42"
ORDERS = 45
"""Enough for three pages of twenty."""

Row = dict[str, Any]
CUSTOMERS = [("K001", "宁波海天塑机有限公司"), ("K002", "上海精密电子有限公司"), ("K003", "Bremen Kunststoff GmbH")]
ITEMS = [("P-100", "齿轮箱外壳", "finished"), ("P-200", "连接器插座", "finished"), ("P-300", "透明灯罩", "finished")]


def tell(engine: Engine) -> None:
    """Write everything into an empty, migrated database."""
    with writes.unit_of_work(engine, system_viewer("test"), "test") as ctx:
        writes.create(ctx, "Company", {"code": "C1", "name": "宁波星枢精密注塑有限公司"})
    with writes.unit_of_work(engine, system_viewer("test"), "test") as ctx:
        _masters(ctx)
        _users(ctx)
    with writes.unit_of_work(engine, system_viewer("test"), "test") as ctx:
        orders = [_order(ctx, number) for number in range(ORDERS)]
        for order in orders[: ORDERS - 5]:
            writes.run_step(ctx, "SalesOrder", order.id, "confirm")
        _production(ctx, orders[0])
        _purchases(ctx)
        _source_record(ctx)
    _finding(engine)


def _masters(ctx: Ctx) -> None:
    writes.create(ctx, "UnitOfMeasure", {"code": "PCS", "name": "件"})
    writes.create(ctx, "Department", {"code": "XS", "name": "销售部"})
    writes.create(
        ctx, "Employee", {"code": "E01", "name": "李娜", "department": "XS", "id_number": "330203199001011234"}
    )
    writes.create(ctx, "Warehouse", {"code": "W1", "name": "成品仓"})
    supplier = {"code": "S001", "name": "余姚塑料原料有限公司", "bank_account": "6222000011112222"}
    writes.create(ctx, "Supplier", {**supplier, "admission": "admitted"})
    for code, name in CUSTOMERS:
        writes.create(ctx, "Customer", {"code": code, "name": name, "sales_rep": "E01", "city": "宁波"})
    for code, name, kind in ITEMS:
        writes.create(ctx, "Item", {"code": code, "name": name, "kind": kind, "unit": "PCS", "list_price": "12.80"})
    writes.create(ctx, "Item", {"code": "M-ABS", "name": "ABS 原料", "kind": "raw", "unit": "PCS"})
    writes.create(ctx, "SourceSystem", {"code": "erp", "name": "旧 ERP", "kind": "sql"})


def _users(ctx: Ctx) -> None:
    hashed = hash_password(PASSWORD)
    rows: list[Row] = [
        {"code": "admin", "name": "王强", "roles": ["administrator"], "password_hash": hashed},
        {"code": "lina", "name": "李娜", "roles": ["sales"], "employee": "E01", "password_hash": hashed},
    ]
    result = writes.load(ctx, "User", rows)
    assert not result.problems, result.problems


def _order(ctx: Ctx, number: int) -> Any:
    day = today() - timedelta(days=3 * (ORDERS - number))
    return writes.create(
        ctx,
        "SalesOrder",
        {
            "customer": CUSTOMERS[number % 3][0],
            "order_date": day,
            "promised_date": day + timedelta(days=20),
            "sales_rep": "E01",
            "lines": [
                {"item": ITEMS[number % 3][0], "quantity": str(100 + number), "unit_price": "12.80"},
                {"item": ITEMS[(number + 1) % 3][0], "quantity": "50", "unit_price": "3.455"},
            ],
        },
    )


def _production(ctx: Ctx, order: Any) -> None:
    """A production order for the first sales order, and a delivery of its first line."""
    writes.create(
        ctx,
        "ProductionOrder",
        {
            "item": ITEMS[0][0],
            "quantity": "100",
            "planned_finish_date": today(),
            "demands": [{"order_line": order.lines[0].id, "quantity": "100"}],
            "materials": [{"item": "M-ABS", "required_quantity": "12.5"}],
        },
    )
    writes.create(
        ctx,
        "Delivery",
        {
            "customer": CUSTOMERS[0][0],
            "sales_order": order.number,
            "delivery_date": today(),
            "warehouse": "W1",
            "lines": [{"order_line": order.lines[0].id, "item": ITEMS[0][0], "quantity": "60"}],
        },
    )


def _purchases(ctx: Ctx) -> None:
    lines = [{"item": "M-ABS", "quantity": "1000", "unit_price": "11.50"}]
    order = writes.create(ctx, "PurchaseOrder", {"supplier": "S001", "order_date": date(2026, 1, 5), "lines": lines})
    writes.run_step(ctx, "PurchaseOrder", order.id, "confirm")


def _source_record(ctx: Ctx) -> None:
    """A customer that came from the legacy ERP."""
    row: Row = {
        "code": "K900",
        "name": "慈溪电器配件厂",
        "source_table": "cust",
        "source_key": "900",
        "payload": {"CUSTNO": 900, "CNAME": "慈溪电器配件厂", "TEL": "0574-63001122"},
    }
    result = writes.load(ctx, "Customer", [row], source="erp", run_key="run-1")
    assert not result.problems, result.problems


def _finding(engine: Engine) -> None:
    with engine.begin() as connection:
        dq.ensure(connection)
        connection.execute(
            dq.RESULT.insert().values(
                run_id="run-1",
                asset="delivery",
                code="delivered_without_stock_out",
                label_zh="已发货但仓库没有出库",
                label_en="Delivered, yet no stock-out",
                severity="critical",
                owner="warehouse",
                status="failed",
                failing_count=7,
                checked_at=sa.func.now(),
            )
        )
