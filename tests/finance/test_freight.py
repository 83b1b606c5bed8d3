"""Freight: a carrier is paid once for what it drove, and what it is paid is selling expense."""

from __future__ import annotations

from typing import Any

import pytest

from hub import writes
from hub.context import Ctx
from hub.errors import Refused
from tests.books import Books
from tests.finance.test_spending import budget
from tests.ledgers.test_money import codes


def driven(books: Books, ctx: Ctx, carrier: str = "CAR1") -> Any:
    """A delivery that a carrier drove."""
    goods = [{"item": "I1", "quantity": "10", "debit": "40"}]
    opening = {"kind": "stock", "warehouse": "W1", "entry_date": "2026-05-01", "lines": goods}
    books.make(ctx, "OpeningBalance", opening, "post")
    for code in ("CAR1", "CAR2"):
        books.make(ctx, "Carrier", {"code": code, "name": f"承运{code}"})
    values = {"customer": "K1", "warehouse": "W1", "delivery_date": "2026-05-04", "carrier": carrier}
    return books.make(ctx, "Delivery", {**values, "lines": [{"item": "I1", "quantity": "1"}]}, "confirm")


def payment(amount: str, *lines: tuple[Any, str], carrier: str = "CAR1") -> dict[str, Any]:
    told = [{"delivery": str(delivery.id), "amount": part} for delivery, part in lines]
    return {"carrier": carrier, "payment_date": "2026-05-09", "amount": amount, "lines": told}


def test_freight_is_paid_once_and_taken_back(books: Books) -> None:
    with books.work() as ctx:
        delivery = driven(books, ctx)
        paid = books.make(ctx, "FreightPayment", payment("80", (delivery, "80")), "submit", "post")
        balances = books.balances(ctx)
        assert [balances["5601"], balances["1002"]] == [80, -80]
    with pytest.raises(Refused) as raised, books.work() as ctx:
        books.make(ctx, "FreightPayment", payment("80", (delivery, "80"), carrier="CAR2"), "post")
    assert codes(raised) == ["CARRIER_DIFFERS", "FREIGHT_PAID"]
    with books.work() as ctx:
        writes.run_step(ctx, "FreightPayment", paid.id, "cancel")
        assert "5601" not in books.balances(ctx)
        books.make(ctx, "FreightPayment", payment("75", (delivery, "75")), "post")


def test_everything_wrong_with_a_payment_is_told_at_once(books: Books) -> None:
    with books.work() as ctx:
        delivery = driven(books, ctx)
        budget(books, ctx, (5, "5601", "50"))
    wrong = payment("60", (delivery, "60.005"), (delivery, "1"))
    with pytest.raises(Refused) as raised, books.work() as ctx:
        books.make(ctx, "FreightPayment", wrong, "post")
    assert codes(raised) == ["NOT_IN_CENTS", "ALLOCATED_TOO_MUCH", "FREIGHT_PAID", "BUDGET_EXCEEDED"]
