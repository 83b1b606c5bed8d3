"""Credit: what an order adds to, what lowers it, and two orders at once of which one fits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from hub import writes
from hub.document import today
from hub.document.registry import spec
from hub.errors import Refused
from hub.ledgers.credit import exposure
from tests.selling.conftest import Selling, change_customer, made, refused, stepped


@pytest.fixture
def limited(books: Selling) -> Selling:
    """The customer is trusted with 1,000."""
    change_customer(books, books.customer, credit_limit="1000")
    return books


def order(books: Selling, quantity: str, **header: Any) -> Any:
    line = {"item": books.item, "quantity": quantity, "unit_price": "1", "tax_rate": "0"}
    return made(
        books, "SalesOrder", {"customer": books.customer, "promised_date": "2026-12-31", "lines": [line], **header}
    )


def used(books: Selling) -> Decimal:
    with books.work(dry_run=True) as ctx:
        customer = spec("Customer").model
        found = ctx.session.query(customer).filter(customer.code == books.customer).one()
        return exposure(ctx, UUID(str(found.id)), today()).total


def test_orders_add_up_to_the_limit_and_no_further(limited: Selling) -> None:
    first = order(limited, "600")
    stepped(limited, "SalesOrder", first.id, "confirm")
    assert used(limited) == 600
    second = order(limited, "400.01")
    assert refused(limited, "SalesOrder", second.id, "confirm") == {"CREDIT_EXCEEDED"}
    stepped(limited, "SalesOrder", order(limited, "400").id, "confirm")
    stepped(limited, "SalesOrder", second.id, "submit")
    stepped(limited, "SalesOrder", second.id, "release", reason="老客户")
    stepped(limited, "SalesOrder", second.id, "confirm")
    stepped(limited, "SalesOrder", first.id, "cancel", reason="不要了")
    assert used(limited) == Decimal("800.01")


def test_what_is_shipped_invoiced_and_paid_is_counted_once(limited: Selling) -> None:
    limited.stocked("500", "5")
    document = order(limited, "500")
    stepped(limited, "SalesOrder", document.id, "confirm")
    with limited.work() as ctx:
        delivery = writes.convert(ctx, "SalesOrder", document.id, "Delivery", {"warehouse": "W1"})
        writes.run_step(ctx, "Delivery", delivery.id, "confirm")
    assert used(limited) == 500
    with limited.work() as ctx:
        invoice = writes.convert(ctx, "Delivery", delivery.id, "SalesInvoice")
        writes.run_step(ctx, "SalesInvoice", invoice.id, "post")
    assert used(limited) == 500
    made(
        limited,
        "SalesReceipt",
        {"customer": limited.customer, "amount": "700", "lines": [{"invoice": invoice.id, "amount": "500"}]},
        "post",
    )
    assert used(limited) == -200
    stepped(limited, "SalesOrder", order(limited, "1200").id, "confirm")


def test_what_an_older_system_took_it_bills(limited: Selling) -> None:
    """Of its order 800 are shipped and 100 still open: only those count."""
    limited.stocked("800", "5")
    line = {"item": limited.item, "quantity": "900", "unit_price": "1", "tax_rate": "0"}
    origin = {"source_table": "t_SEOrder", "source_key": "1", "payload": {}}
    row = {
        **origin,
        "number": "OLD-1",
        "customer": limited.customer,
        "order_date": "2026-01-05",
        "promised_date": "2026-12-31",
    }
    with limited.work() as ctx:
        writes.create(ctx, "SourceSystem", {"code": "erp", "name": "旧系统", "kind": "sql"})
        writes.load(ctx, "SalesOrder", [{**row, "state": "confirmed", "lines": [line]}], source="erp")
    with limited.work() as ctx:
        table = spec("SalesOrder").table
        id_ = ctx.session.execute(select(table.c.id).where(table.c.number == "OLD-1")).scalar_one()
        lines = [{"order_line": {"number": "OLD-1", "position": 1}, "quantity": "800"}]
        delivery = writes.convert(ctx, "SalesOrder", id_, "Delivery", {"warehouse": "W1", "lines": lines})
        writes.run_step(ctx, "Delivery", delivery.id, "confirm")
    assert used(limited) == 100
    stepped(limited, "SalesOrder", order(limited, "900").id, "confirm")


def test_money_long_overdue_stops_orders(limited: Selling) -> None:
    line = {"item": limited.item, "quantity": "1", "unit_price": "10", "tax_rate": "0"}
    for days, codes in ((30, set()), (31, {"CREDIT_OVERDUE"})):
        due = today() - timedelta(days=days)
        made(limited, "SalesInvoice", {"customer": limited.customer, "due_date": due, "lines": [line]}, "post")
        document = order(limited, "1")
        if codes:
            assert refused(limited, "SalesOrder", document.id, "confirm") == codes
        else:
            stepped(limited, "SalesOrder", document.id, "confirm")


def test_a_customer_without_a_limit_is_not_controlled(books: Selling) -> None:
    stepped(books, "SalesOrder", order(books, "9999999").id, "confirm")


def test_of_two_orders_at_once_that_fit_alone_one_is_refused(limited: Selling) -> None:
    documents = [order(limited, "600") for _ in range(4)]

    def confirm(id_: Any) -> str:
        try:
            stepped(limited, "SalesOrder", id_, "confirm")
        except Refused as error:
            return error.problems[0].code
        return "confirmed"

    with ThreadPoolExecutor(4) as threads:
        found = sorted(threads.map(confirm, [one.id for one in documents]))
    assert found == ["CREDIT_EXCEEDED"] * 3 + ["confirmed"]
