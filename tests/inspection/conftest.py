"""A store whose items have standards, and short ways to receive and inspect."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from hub import writes
from hub.db.embedded import EmbeddedServer
from hub.seed.books import open_books
from tests.conftest import copy_of_template
from tests.ledgers.goods import DAY, Store, furnish

BY_TABLE = {"item": "I1", "kind": "incoming", "sampling": "by_table", "acceptance_quality_limit": "1.0"}
"""The incoming inspection of item I1: level II, limit 1.0."""


class Plant(Store):
    """A store that inspects."""

    def create(self, document_type: str, **values: Any) -> Any:
        """A document or master."""
        with self.work() as ctx:
            return writes.create(ctx, document_type, values)

    def convert(self, made: Any, target: str, **values: Any) -> Any:
        """What a document leads to."""
        with self.work() as ctx:
            return writes.convert(ctx, type(made).__name__, made.id, target, values)

    def take(self, made: Any, step: str, **given: Any) -> Any:
        """A step with arguments; the document as it is then."""
        with self.work() as ctx:
            return writes.run_step(ctx, type(made).__name__, made.id, step, given)

    def receive(self, quantity: int, *, item: str = "I1", supplier: str = "S1", **line: Any) -> Any:
        """A confirmed receipt of one line."""
        row = {"item": item, "quantity": str(quantity), "stocked_quantity": str(quantity), **line}
        values = {"supplier": supplier, "warehouse": "W1", "receipt_date": DAY, "lines": [row]}
        return self.run("PurchaseReceipt", values, "confirm")

    def inspection_of(self, receipt: Any) -> Any:
        """The inspection that a receipt has led to."""
        column = "purchase_receipt_id" if type(receipt).__name__ == "PurchaseReceipt" else "product_receipt_id"
        return self.only("Inspection", column, receipt.id)

    def only(self, document_type: str, column: str, id_: UUID) -> Any:
        """The one document whose link says so."""
        from hub.document.registry import spec

        model = spec(document_type).model
        with self.work(dry_run=True) as ctx:
            found = ctx.session.query(model).filter(getattr(model, column) == id_).one()
            ctx.session.expunge(found)
            return found

    def judge(self, receipt: Any, disposition: str, *, bad: int = 0, **values: Any) -> Any:
        """The receipt's inspection decided: the whole sample looked at, so many bad pieces found."""
        found = self.inspection_of(receipt)
        looked = values.pop("inspected_quantity", found.sample_size)
        given = {
            "inspected_quantity": str(looked),
            "qualified_quantity": str(looked - bad),
            "defective_quantity": str(bad),
            "disposition": disposition,
            **values,
        }
        with self.work() as ctx:
            writes.update(ctx, "Inspection", found.id, given)
            return writes.run_step(ctx, "Inspection", found.id, "confirm")

    def stock(self, item: str = "I1") -> dict[str, Decimal]:
        """What lies there by status."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT b.status, sum(b.quantity) FROM hub.stock_balance b JOIN hub.item i ON i.id = b.item_id "
                    "WHERE i.code = :item GROUP BY b.status HAVING sum(b.quantity) <> 0"
                ),
                {"item": item},
            )
            return {row[0]: row[1] for row in rows}

    def count_of(self, table: str, where: str = "true") -> int:
        """How many rows."""
        return int(self.count(f"SELECT count(*) FROM hub.{table} WHERE {where}"))


@pytest.fixture(scope="session")
def furnished_plant(migrated_server: EmbeddedServer) -> Iterator[str]:
    with copy_of_template(migrated_server, "hub_plant_of_inspections") as database:
        furnish(database.engine)
        plant = Plant(database.engine)
        with plant.work() as ctx:
            open_books(ctx)
            writes.create(ctx, "Supplier", {"code": "S2", "name": "另一供应商"})
            writes.create(ctx, "Customer", {"code": "K2", "name": "另一客户"})
            writes.create(ctx, "Employee", {"code": "E1", "name": "张工"})
            writes.create(ctx, "DefectCode", {"code": "D1", "name": "缩水"})
            writes.create(ctx, "DefectCode", {"code": "D2", "name": "飞边"})
        database.engine.dispose()
        yield database.name


@pytest.fixture
def plant(migrated_server: EmbeddedServer, furnished_plant: str) -> Iterator[Plant]:
    with copy_of_template(migrated_server, template_name=furnished_plant) as copy:
        yield Plant(copy.engine)
