"""What surveys, wishes, plans and complaints set going elsewhere; the stories tell the usual case, here is the rest."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from hub import writes
from tests.selling.conftest import Selling, made


def _rows(books: Selling, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with books.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def _request(books: Selling, **more: Any) -> Any:
    values = {"customer": books.customer, "item": books.item, "requirement": "加长", "quantity": "10", "feasible": True}
    return made(books, "CustomizationRequest", {**values, **more}, "submit", "approve")


def test_a_wish_begins_the_version_after_the_last_one_whatever_its_state(books: Selling) -> None:
    versions = """SELECT d.design_version, d.state, d.start_date::text FROM hub.product_design d
        JOIN hub.item i ON i.id = d.item_id WHERE i.code = :item ORDER BY d.start_date, d.id"""
    with books.work() as ctx:
        for version, day in (("A", "2026-05-01"), ("B", "2026-06-01")):
            values = {"item": books.item, "design_version": version, "start_date": day}
            design = writes.create(ctx, "ProductDesign", values)
        writes.run_step(ctx, "ProductDesign", design.id, "cancel")
    first = _request(books, wanted_date="2026-05-15")
    assert _rows(books, versions, item=books.item)[2:] == [("C", "draft", "2026-06-01")]
    assert first.product_design_id is not None
    named = _request(books, product_design=first.product_design_id)
    none = _request(books, item=None)
    assert (named.product_design_id, none.product_design_id) == (first.product_design_id, None)
    assert len(_rows(books, versions, item=books.item)) == 3


def test_a_plan_is_foreseen_for_its_items_alone(books: Selling) -> None:
    forecasts = """SELECT l.month::text, l.quantity::text, f.period_from_date::text, f.period_until_date::text
        FROM hub.market_forecast_line l JOIN hub.market_forecast f ON f.id = l.market_forecast_id
        JOIN hub.item i ON i.id = l.item_id WHERE i.code = :item ORDER BY l.month"""
    lines = [
        {"month": 3, "item": books.item, "quantity": "30"},
        {"month": 2, "item": books.item, "quantity": "20"},
        {"month": 4, "item": books.item, "amount": "100"},
        {"month": 5, "customer": books.customer, "quantity": "9"},
    ]
    made(books, "SalesPlan", {"year": 2027, "lines": lines}, "submit", "approve")
    bounds = ("2027-02-01", "2027-03-28")
    assert _rows(books, forecasts, item=books.item) == [
        ("2027-02-01", "20.0000", *bounds),
        ("2027-03-01", "30.0000", *bounds),
    ]
    before = _rows(books, "SELECT count(*) FROM hub.market_forecast")
    made(books, "SalesPlan", {"year": 2027, "lines": lines[2:]}, "submit", "approve")
    assert _rows(books, "SELECT count(*) FROM hub.market_forecast") == before


@pytest.mark.parametrize(
    ("severity", "status"), [("minor", "released"), ("major", "released"), ("critical", "on_hold")]
)
def test_only_a_fatal_complaint_holds_its_lot(books: Selling, severity: str, status: str) -> None:
    code = f"{books.item}-L"
    with books.work() as ctx:
        lot = writes.create(ctx, "Lot", {"code": code, "name": code, "item": books.item}).id
    about = {"customer": books.customer, "item": books.item, "lot": lot, "severity": severity}
    made(books, "QualityComplaint", {**about, "quantity": "1", "description": "开裂"}, "submit", "accept")
    assert _rows(books, "SELECT status FROM hub.lot WHERE id = :id", id=lot) == [(status,)]


@pytest.mark.parametrize(("price", "calls"), [(3, 0), (2, 1)])
def test_only_who_is_not_content_is_called(books: Selling, price: int, calls: int) -> None:
    survey = made(books, "SatisfactionSurvey", {"customer": books.customer}, "send")
    scores = {"quality": 5, "delivery": 5, "service": 3, "price": price, "comment": "太贵"}
    with books.work() as ctx:
        writes.run_step(ctx, "SatisfactionSurvey", survey.id, "answer", scores)
    talks = """SELECT i.subject, i.content, i.state FROM hub.interaction i
        JOIN hub.customer c ON c.id = i.customer_id WHERE c.code = :customer"""
    found = (f"{survey.number}：价格评分 2", "太贵", "planned")
    assert _rows(books, talks, customer=books.customer) == [found] * calls
