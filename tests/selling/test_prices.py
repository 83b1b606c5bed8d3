"""Prices as orders and quotations find them, and the guard that keeps them from being given away."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from hub import writes
from hub.errors import Invalid
from tests.selling.conftest import Selling, change_customer, made, refused, stepped


def line_of(books: Selling, **values: Any) -> dict[str, Any]:
    """Ten of the test's item."""
    return {"item": books.item, "quantity": "10", **values}


def order(books: Selling, *lines: dict[str, Any], **header: Any) -> Any:
    dated = {"customer": books.customer, "order_date": "2026-05-05", "promised_date": "2026-05-20"}
    return made(books, "SalesOrder", {**dated, **header, "lines": list(lines) or [line_of(books)]})


def prices(books: Selling, **header: Any) -> Any:
    lines = [
        {"item": books.item, "minimum_quantity": "0", "unit_price": "10"},
        {"item": books.item, "minimum_quantity": "100", "unit_price": "9", "discount": "10"},
    ]
    return made(books, "PriceList", {"code": f"P-{books.item}", "name": "价格表", "lines": lines, **header})


def found(books: Selling, **header: Any) -> list[tuple[Decimal, Decimal]]:
    """Price and discount of an order of 10 and one of 100, as the step finds them."""
    lines = [line_of(books), line_of(books, quantity="100")]
    document = order(books, *lines, **header)
    priced = stepped(books, "SalesOrder", document.id, "find_prices")
    return [(line.unit_price, line.discount) for line in priced.lines]


def test_a_list_gives_prices_by_quantity_and_amounts_follow(books: Selling) -> None:
    prices(books)
    document = order(books, line_of(books), line_of(books, quantity="100"))
    priced = stepped(books, "SalesOrder", document.id, "find_prices")
    assert [(line.unit_price, line.discount) for line in priced.lines] == [(10, 0), (9, 10)]
    assert [line.amount for line in priced.lines] == [Decimal(100), Decimal(810)]


def test_another_customers_list_or_another_days_gives_no_price(books: Selling) -> None:
    one_day = {"valid_from_date": "2026-05-05", "valid_until_date": "2026-05-05", "customer": books.customer}
    cases: tuple[tuple[dict[str, Any], int], ...] = (
        ({"customer": books.other}, 0),
        ({"customer_group": "A"}, 0),
        ({"valid_from_date": "2026-06-01"}, 0),
        ({"valid_until_date": "2026-05-04"}, 0),
        ({"active": False}, 0),
        ({"kind": "purchase"}, 0),
        (one_day, 10),
    )
    for case, (header, expected) in enumerate(cases):
        prices(books, code=f"P{case}-{books.item}", **header)
        assert found(books)[0][0] == expected, header


def test_the_customers_group_the_last_price_and_the_standard_one(books: Selling) -> None:
    with books.work() as ctx:
        writes.create(ctx, "Item", {"code": f"I9-{books.item}", "name": "零件", "unit": "PCS", "list_price": "20"})
    line = {"item": f"I9-{books.item}", "quantity": "1"}
    first = stepped(books, "SalesOrder", order(books, line).id, "find_prices")
    assert first.lines[0].unit_price == 20
    agreed = order(books, {**line, "unit_price": "18", "discount": "50"})
    stepped(books, "SalesOrder", agreed.id, "confirm")
    again = stepped(books, "SalesOrder", order(books, line, order_date="2026-05-06").id, "find_prices")
    assert again.lines[0].unit_price == 9
    before = stepped(books, "SalesOrder", order(books, line, order_date="2026-05-04").id, "find_prices")
    assert before.lines[0].unit_price == 20
    lines = [{"item": f"I9-{books.item}", "unit_price": "15"}]
    made(books, "PriceList", {"code": f"G-{books.item}", "name": "A 组", "customer_group": "A", "lines": lines})
    third = stepped(books, "SalesOrder", order(books, line, order_date="2026-05-06").id, "find_prices")
    assert third.lines[0].unit_price == 9
    _into_group(books, books.customer, "A")
    fourth = stepped(books, "SalesOrder", order(books, line, order_date="2026-05-06").id, "find_prices")
    assert fourth.lines[0].unit_price == 15


def _into_group(books: Selling, code: str, group: str) -> None:
    change_customer(books, code, price_group=group)


def test_a_price_in_another_currency_is_converted_and_needs_a_rate(books: Selling) -> None:
    prices(books, tax_included=True)
    document = order(books, currency="USD")
    assert refused(books, "SalesOrder", document.id, "find_prices") == {"EXCHANGE_RATE_MISSING"}
    made(books, "Currency", {"code": "USD", "name": "美元"})
    rate = {"code": "USD1", "name": "美元", "currency": "USD", "rate_date": "2026-05-01", "rate": "8"}
    made(books, "ExchangeRate", rate)
    priced = stepped(books, "SalesOrder", document.id, "find_prices")
    assert priced.exchange_rate == 8
    assert priced.lines[0].unit_price == Decimal("1.1062")  # 10 ÷ 1.13 ÷ 8


def test_an_order_below_the_list_is_refused_unless_somebody_may_release_it(books: Selling) -> None:
    prices(books, tolerance="5")
    good = order(books, line_of(books, unit_price="9.5"))
    stepped(books, "SalesOrder", good.id, "confirm")
    bad = order(books, line_of(books, unit_price="10", discount="5.01"), line_of(books, quantity="0", unit_price="10"))
    assert refused(books, "SalesOrder", bad.id, "confirm") == {"PRICE_BELOW_LIST", "QUANTITY_NOT_POSITIVE"}
    low = order(books, line_of(books, unit_price="1"))
    assert refused(books, "SalesOrder", low.id, "confirm") == {"PRICE_BELOW_LIST"}
    assert refused(books, "SalesOrder", low.id, "release", reason="样品") == {"STEP_NOT_ALLOWED"}  # it could be changed
    stepped(books, "SalesOrder", low.id, "submit")
    stepped(books, "SalesOrder", low.id, "release", reason="样品")
    released = stepped(books, "SalesOrder", low.id, "confirm")
    assert (released.state, released.release_reason) == ("confirmed", "样品")
    quoted = {"customer": books.customer, "quotation_date": "2026-05-05", "lines": [line_of(books, unit_price="1")]}
    assert refused(books, "Quotation", made(books, "Quotation", quoted).id, "submit") == {"PRICE_BELOW_LIST"}


def test_days_that_are_crossed_are_refused(books: Selling) -> None:
    with pytest.raises(Invalid) as raised:
        prices(books, valid_from_date="2026-05-02", valid_until_date="2026-05-01")
    assert [one.code for one in raised.value.problems] == ["DATES_CROSSED"]


def test_a_category_has_a_price_where_its_item_has_none_and_the_items_tax_rate_counts(books: Selling) -> None:
    made(books, "ItemCategory", {"code": "CAT", "name": "连接器"})
    for code in ("C1", "C2"):
        item = {"code": code, "name": code, "unit": "PCS", "item_category": "CAT", "tax_rate": "6"}
        made(books, "Item", item)
    lines = [{"item_category": "CAT", "unit_price": "7"}, {"item": "C1", "unit_price": "8"}]
    made(books, "PriceList", {"code": "P2", "name": "价格表", "lines": lines})
    document = order(books, *({"item": code, "quantity": "1"} for code in ("C1", "C2", books.item)))
    priced = stepped(books, "SalesOrder", document.id, "find_prices")
    assert [(line.unit_price, line.tax_rate) for line in priced.lines] == [(8, 6), (7, 6), (0, 13)]
    with pytest.raises(Invalid) as raised:
        made(books, "PriceList", {"code": "P3", "name": "价格表", "lines": [{"unit_price": "7"}]})
    assert [one.code for one in raised.value.problems] == ["PRICED_NOTHING"]
