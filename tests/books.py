"""A company that keeps its books here, with goods to sell, made by the verbs themselves."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from hub import writes
from hub.context import Ctx, system_viewer
from hub.db.embedded import EmbeddedServer
from hub.seed.books import open_books
from tests.conftest import copy_of_template


class Books:
    """A company's books: units of work, short ways to make papers, and the totals of the ledger."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def work(self, *, dry_run: bool = False) -> Any:
        """`with books.work() as ctx`: one transaction."""
        return writes.unit_of_work(self.engine, system_viewer("test"), "test", dry_run=dry_run)

    def make(self, ctx: Ctx, document_type: str, values: dict[str, Any], *steps: str) -> Any:
        """A document taken through steps."""
        made = writes.create(ctx, document_type, values)
        for step in steps:
            made = writes.run_step(ctx, document_type, made.id, step)
        return made

    def invoice(self, ctx: Ctx, price: str, customer: str = "K1", day: str = "2026-05-05", quantity: str = "1") -> UUID:
        """A posted invoice of one line, 13 % tax."""
        lines = [{"item": "I1", "quantity": quantity, "unit_price": price}]
        values = {"customer": customer, "invoice_date": day, "lines": lines}
        return UUID(str(self.make(ctx, "SalesInvoice", values, "post").id))

    def balances(self, ctx: Ctx) -> dict[str, Decimal]:
        """Debit less credit by account code, of the entries themselves."""
        found = ctx.session.execute(
            text(
                "SELECT a.code, sum(e.debit - e.credit) FROM hub.money_entry e"
                " JOIN hub.account a ON a.id = e.account_id GROUP BY a.code HAVING sum(e.debit - e.credit) <> 0"
            )
        )
        return {row[0]: row[1] for row in found}

    def astray(self, ctx: Ctx) -> list[Any]:
        """Kept balances that are not the sums of their entries; there is none."""
        return list(ctx.session.execute(text(KEPT_AND_SUMMED)))


KEPT_AND_SUMMED = """
    SELECT * FROM (
        SELECT company_id, account_id, period_id, customer_id, supplier_id, sum(debit) AS d, sum(credit) AS c
          FROM hub.money_entry GROUP BY 1, 2, 3, 4, 5) e
    FULL JOIN hub.money_balance b
         ON (b.company_id, b.account_id, b.period_id) = (e.company_id, e.account_id, e.period_id)
         AND b.customer_id IS NOT DISTINCT FROM e.customer_id AND b.supplier_id IS NOT DISTINCT FROM e.supplier_id
    WHERE b.debit IS DISTINCT FROM e.d OR b.credit IS DISTINCT FROM e.c"""


@pytest.fixture(scope="session")
def opened_books(migrated_server: EmbeddedServer) -> Iterator[str]:
    """The name of a database with one company that keeps its books here, partners, people, items and stock."""
    with copy_of_template(migrated_server, "hub_books") as database:
        books = Books(database.engine)
        with books.work() as ctx:
            writes.create(ctx, "Company", {"code": "C1", "name": "测试公司"})
            writes.create(ctx, "UnitOfMeasure", {"code": "PCS", "name": "个"})
            writes.create(ctx, "Customer", {"code": "K1", "name": "海天客户", "payment_terms_days": 30})
            writes.create(ctx, "Customer", {"code": "K2", "name": "宁波客户"})
            writes.create(ctx, "Supplier", {"code": "S1", "name": "塑料供应商", "admission": "admitted"})
            writes.create(ctx, "Warehouse", {"code": "W1", "name": "成品仓"})
            for code in ("I1", "I2"):
                writes.create(ctx, "Item", {"code": code, "name": f"零件{code}", "unit": "PCS"})
            for code in ("E1", "E2"):
                writes.create(ctx, "Employee", {"code": code, "name": f"工人{code}"})
            writes.create(ctx, "Carrier", {"code": "CARRIER", "name": "承运公司"})
            writes.create(ctx, "Asset", {"code": "IDLE", "name": "旧设备", "cost": "100000"})
            assert open_books(ctx) > 80
            assert open_books(ctx) == 0
        database.engine.dispose()
        yield database.name


@pytest.fixture
def books(migrated_server: EmbeddedServer, opened_books: str) -> Iterator[Books]:
    """A copy of those books for one test."""
    with copy_of_template(migrated_server, template_name=opened_books) as copy:
        yield Books(copy.engine)
