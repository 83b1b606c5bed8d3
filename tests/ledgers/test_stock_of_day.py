"""`stockOfDay`: stock and value at the end of any day, for whom the ledgers are open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from graph_schema.answer import Answerer
from graph_schema.current import use
from hub.context import Viewer, system_viewer
from hub.db.embedded import EmbeddedServer
from hub.db.engine import make_async_pool
from hub.document.access import permissions_of
from tests.conftest import Database, copy_of_template
from tests.ledgers.goods import furnish

ASKED = """query ($day: Date!, $items: [String!], $first: Int! = 50, $after: String) {
  stockOfDay(day: $day, items: $items, first: $first, after: $after) {
    item name quantity value places { warehouse location lot status quantity } } }"""


@pytest.fixture(scope="module")
def stocked(migrated_server: EmbeddedServer) -> Iterator[Database]:
    """Two items, one of them kept by lot, over two months."""
    with copy_of_template(migrated_server, "hub_stock_of_day") as database:
        store = furnish(database.engine)
        store.adjust("I1", 10, date(2026, 3, 1), unit_cost="3")
        store.adjust("LT", 4, date(2026, 3, 20), unit_cost="2", lot="LOT1", location="W1-A")
        store.adjust("I1", -4, date(2026, 4, 2))
        line = {"item": "LT", "quantity": "1", "lot": "LOT1", "location": "W1-A", "to_location": "W2-A"}
        moved = {"warehouse": "W1", "to_warehouse": "W2", "transfer_date": date(2026, 4, 3), "lines": [line]}
        store.run("StockTransfer", moved, "post")
        store.adjust("I1", 5, date(2026, 3, 1), unit_cost="6")  # entered last, dated first: 4 a piece
        yield database


def ask(database: Database, viewer: Viewer | None = None, **variables: Any) -> dict[str, Any]:
    async def main() -> dict[str, Any]:
        async with make_async_pool(database.url, size=2) as pool:
            answerer = Answerer(pool, database.engine)
            async with use(answerer):
                text = await answerer.answer(ASKED, variables, viewer or system_viewer("test"))
            return dict(json.loads(text))

    return asyncio.run(main())


def told(answer: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Quantity and value by item."""
    assert "errors" not in answer, answer
    return {
        one["item"]: (Decimal(one["quantity"]), one["value"] and Decimal(one["value"]))
        for one in answer["data"]["stockOfDay"]
    }


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-02-28", {}),
        ("2026-03-01", {"I1": (15, 60)}),
        ("2026-03-20", {"I1": (15, 60), "LT": (4, 8)}),
        ("2026-04-02", {"I1": (11, 44), "LT": (4, 8)}),
        ("2030-01-01", {"I1": (11, 44), "LT": (4, 8)}),
    ],
)
def test_any_day(stocked: Database, day: str, expected: dict[str, Any]) -> None:
    assert told(ask(stocked, day=day)) == expected


def test_where_it_lay(stocked: Database) -> None:
    (before,) = ask(stocked, day="2026-04-02", items=["LT"])["data"]["stockOfDay"]
    place = {"warehouse": "W1", "location": "W1-A", "lot": "LOT1", "status": "available", "quantity": "4.0000"}
    assert before["places"] == [place]
    (after,) = ask(stocked, day="2026-04-03", items=["LT"])["data"]["stockOfDay"]
    there = {**place, "warehouse": "W2", "location": "W2-A", "quantity": "1.0000"}
    assert after["places"] == [{**place, "quantity": "3.0000"}, there]


def test_page_by_page(stocked: Database) -> None:
    (first,) = told(ask(stocked, day="2026-05-01", first=1))
    assert first == "I1"
    assert list(told(ask(stocked, day="2026-05-01", first=1, after=first))) == ["LT"]
    assert told(ask(stocked, day="2026-05-01", after="LT")) == {}
    refused = ask(stocked, day="2026-05-01", first=1_001)
    assert [one["extensions"]["code"] for one in refused["errors"]] == ["PAGE_SIZE"]


def test_for_whom_the_ledgers_are_open(stocked: Database) -> None:
    def seen_by(*roles: str, but: str = "") -> dict[str, Any]:
        held = frozenset(one for one in permissions_of(roles) if one != but)
        return ask(stocked, replace(system_viewer("test"), permissions=held), day="2026-05-01")

    assert told(seen_by("finance")) == {"I1": (11, 44), "LT": (4, 8)}
    assert told(seen_by("warehouse")) == {"I1": (11, None), "LT": (4, None)}
    assert told(seen_by("finance", but="warehouse.all")) == {}
    assert told(seen_by("partner")) == {}
    refused = seen_by("people")
    assert [one["extensions"]["code"] for one in refused["errors"]] == ["FORBIDDEN"]
    assert refused["data"]["stockOfDay"] is None
