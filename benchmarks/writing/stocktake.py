"""A stocktake of 5,000 lines through GraphQL: entered with 50 wrong lines, told all of them, corrected, posted.

Wrong twice: 50 values that cannot be (unknown items, counts below zero) when it is entered, and 50 lines that only
posting can judge (no count, no lot, a location of another warehouse). Users of ERPNext report 10 to 15 minutes for as
many lines, one error at a time.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from benchmarks.stand.writing import Figure, Stand
from graph_schema.answer import Answerer
from hub import writes
from hub.db.engine import make_async_pool

LINES, WRONG = 5_000, 50
NAME = f"a stocktake of {LINES} lines, {WRONG} of them wrong when entered and {WRONG} wrong when posted"
MUST = 10.0
CREATE = """mutation C($input: CreateStocktakeInput!) {
  createStocktake(input: $input) { stocktake { id lines { id position } } problems { code path } } }"""
POST = "mutation P($id: ID!) { postStocktake(id: $id) { stocktake { state } problems { code path } } }"
CORRECT = """mutation U($id: ID!, $input: UpdateStocktakeInput!) {
  updateStocktake(id: $id, input: $input) { stocktake { id } problems { code path } } }"""
UNKNOWN, BELOW, COUNT, LOT, PLACE = "LINK_UNKNOWN", "TOO_SMALL", "COUNT_MISSING", "LOT_MISSING", "LOCATION_ELSEWHERE"

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]


def run(stand: Stand) -> list[Figure]:
    """What each part takes, and all of them together."""
    _furnish(stand)
    with asyncio.Runner() as runner:
        pool = make_async_pool(size=2)
        runner.run(pool.open())
        answerer = Answerer(pool, stand.engine)

        def ask(document: str, variables: dict[str, Any]) -> dict[str, Any]:
            answer = json.loads(runner.run(answerer.answer(document, variables, stand.viewer)))
            assert "errors" not in answer, answer["errors"]
            (payload,) = answer["data"].values()
            return dict(payload)

        try:
            parts = _counted(ask)
        finally:
            runner.run(pool.close())
    with stand.engine.connect() as connection:
        company = {"company": stand.ids["Company"]}
        moved = text("SELECT count(*) FROM hub.stock_entry WHERE company_id = :company AND kind = 'stocktake'")
        assert connection.execute(moved, company).scalar_one() == LINES
    figures = [Figure(what, seconds, "s") for what, seconds in parts.items()]
    return [*figures, Figure("all of it, posted and committed", sum(parts.values()), "s", must=MUST)]


def _furnish(stand: Stand) -> None:
    """Items with stock in one warehouse, the first of them kept by lot, and a location of another warehouse."""
    with writes.unit_of_work(stand.engine, stand.viewer, "bench") as ctx:
        items = [
            {"code": f"S{index}", "name": f"存货 {index}", "unit": "1", "lot_tracked": index < WRONG}
            for index in range(LINES)
        ]
        writes.load(ctx, "Item", items)
        writes.load(ctx, "Lot", [{"code": f"L{index}", "name": "批次", "item": f"S{index}"} for index in range(WRONG)])
        writes.create(ctx, "Warehouse", {"code": "2", "name": "别处"})
        writes.create(ctx, "Location", {"code": "2-A", "name": "别处的架", "warehouse": "2"})
        opening = [_opening(index) for index in range(LINES)]
        assert writes.load(ctx, "StockEntry", opening).inserted == LINES


def _opening(index: int) -> dict[str, Any]:
    at = {"entry_at": "2026-01-02T12:00:00+08:00", "kind": "opening", "warehouse": "1"}
    return {**at, "item": f"S{index}", "lot": f"L{index}" if index < WRONG else None, "quantity": 100}


def _line(index: int) -> dict[str, Any]:
    """Every line finds something else than the book says."""
    line = {"item": f"S{index}", "countedQuantity": str(90 + index % 7)}
    return {**line, "lot": f"L{index}"} if index < WRONG else line


def _counted(ask: Ask) -> dict[str, float]:
    """The seconds of each part."""
    lines = [_line(index) for index in range(LINES)]
    stocktake = {"warehouse": "1", "countDate": "2026-11-22"}
    took: dict[str, float] = {}

    def timed(what: str, document: str, variables: dict[str, Any], *expected: str) -> dict[str, Any]:
        began = time.perf_counter()
        payload = ask(document, variables)
        took[what] = time.perf_counter() - began
        found = Counter(one["code"] for one in payload["problems"])
        assert found == {code: WRONG // len(expected) for code in expected}, (what, found)
        return payload

    ask(CREATE, {"input": {**stocktake, "lines": lines[-1:]}})  # a hub that is up knows its questions
    bad = [*lines]
    for index in range(0, WRONG, 2):
        bad[100 * index] = {**lines[100 * index], "item": "nobody knows it"}
        bad[100 * index + 1] = {**lines[100 * index + 1], "countedQuantity": "-1"}
    timed("entered with 50 impossible values, told", CREATE, {"input": {**stocktake, "lines": bad}}, UNKNOWN, BELOW)
    worse, wanted = _worse(lines)
    made = timed("entered", CREATE, {"input": {**stocktake, "lines": worse}})["stocktake"]
    timed("posted with 50 wrong lines, told", POST, {"id": made["id"]}, *wanted)
    ids = {line["position"] - 1: line["id"] for line in made["lines"]}
    change = [{"id": ids[index], **_mended(lines[index])} for index in range(LINES) if worse[index] != lines[index]]
    assert len(change) == WRONG
    timed("corrected", CORRECT, {"id": made["id"], "input": {"lines": {"change": change}}})
    timed("posted", POST, {"id": made["id"]})
    return took


def _worse(lines: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The lines with half of the wrong ones lacking a lot, half a count; and what posting must say."""
    worse = [*lines]
    for index in range(0, WRONG, 2):
        worse[index] = {name: value for name, value in lines[index].items() if name != "lot"}
        worse[LINES - 1 - index] = {"item": lines[LINES - 1 - index]["item"]}
    return worse, (COUNT, LOT)


def _mended(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name != "item"}
