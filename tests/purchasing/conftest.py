"""A company with books that buys: suppliers with prices, things to buy, a store, made by the verbs themselves."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from hub import writes
from hub.context import Ctx
from hub.db.embedded import EmbeddedServer
from tests.books import Books
from tests.conftest import copy_of_template

DAY = "2026-05-05"


class Buying(Books):
    """Short ways to order, receive, be invoiced and pay; `S2` is admitted as `S1`, `S3` waits for its admission."""

    def furnish(self) -> Buying:
        """Further suppliers, and something that is never in store."""
        with self.work() as ctx:
            for code, admission in (("S2", "admitted"), ("S3", "pending")):
                writes.create(ctx, "Supplier", {"code": code, "name": f"供应商{code}", "admission": admission})
            writes.create(ctx, "Item", {"code": "SV", "name": "外协加工", "unit": "PCS", "kind": "service"})
        return self

    def ordered(self, ctx: Ctx, quantity: str, price: str, **header: Any) -> Any:
        """A confirmed order of one line; what is no field of it belongs to its line."""
        line = {"item": "I1", "quantity": quantity, "unit_price": price}
        line |= {name: header.pop(name) for name in ("item", "discount", "tax_rate") if name in header}
        values = {"supplier": "S1", "order_date": DAY, "promised_date": "2026-05-20", **header, "lines": [line]}
        return self.make(ctx, "PurchaseOrder", values, "confirm")

    def received(self, ctx: Ctx, order: Any, quantity: str, rejected: str = "0", day: str = DAY) -> Any:
        """A confirmed receipt of the order's one line."""
        stocked = str(Decimal(quantity) - Decimal(rejected))
        line = {
            "order_line": str(order.lines[0].id),
            "quantity": quantity,
            "rejected_quantity": rejected,
            "stocked_quantity": stocked,
        }
        values = {"warehouse": "W1", "receipt_date": day, "lines": [line]}
        made = writes.convert(ctx, "PurchaseOrder", order.id, "PurchaseReceipt", values)
        return writes.run_step(ctx, "PurchaseReceipt", made.id, "confirm")

    def invoiced(self, ctx: Ctx, receipt: Any, *steps: str, **line: Any) -> Any:
        """An invoice of a receipt's one line, taken through steps."""
        row = {"receipt_line": str(receipt.lines[0].id), **line}
        values = {"invoice_date": "2026-05-10", "lines": [row]}
        made = writes.convert(ctx, "PurchaseReceipt", receipt.id, "PurchaseInvoice", values)
        for step in steps:
            made = writes.run_step(ctx, "PurchaseInvoice", made.id, step)
        return made

    def paid(self, ctx: Ctx, amount: str, *lines: tuple[Any, str], **header: Any) -> Any:
        """A posted payment to `S1` with what it settles."""
        allocated = [{"invoice": str(invoice), "amount": part} for invoice, part in lines]
        values = {"supplier": "S1", "payment_date": "2026-05-20", "amount": amount, **header, "lines": allocated}
        return self.make(ctx, "PurchasePayment", values, "post")

    def value(self, statement: str, **about: Any) -> Any:
        """One figure."""
        with self.engine.connect() as connection:
            return connection.execute(text(statement), about).scalar_one()


@pytest.fixture
def buying(migrated_server: EmbeddedServer, opened_books: str) -> Iterator[Buying]:
    """A copy of the books of tests/ledgers for one test, furnished for buying."""
    with copy_of_template(migrated_server, template_name=opened_books) as copy:
        yield Buying(copy.engine).furnish()
