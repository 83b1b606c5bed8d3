"""Over 1,100,000 movements: the balance as of any day, and a movement dated before 1,000,000 of them.

10,000 of the later ones are of the same item and warehouse, and the new one has another price, so each later issue of
the item is worth something else. In one company at the moving average, in one at the monthly weighted average; the
movement is a stock adjustment, made and posted by the verbs and committed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from sqlalchemy import text

from benchmarks.stand.movements import History, fill
from benchmarks.stand.writing import Figure, Stand, stand
from hub import writes
from hub.ledgers import stock_levels

BEFORE, AFTER, OF_ONE = 100_000, 1_000_000, 10_000
TURN = date(2025, 11, 22)
NAME = f"{BEFORE + AFTER:,} movements: the balance of any day; one dated before {AFTER:,} later, {OF_ONE:,} of its item"
MUST = 1.0
ROUNDS = 5


def run(given: Stand) -> list[Figure]:
    """The longest of some days and of some movements."""
    figures = []
    for method in ("moving", "monthly"):
        there = given if method == "moving" else stand(given.engine, f"{method} average")
        with writes.unit_of_work(there.engine, there.viewer, "bench") as ctx:
            writes.update(ctx, "Company", there.ids["Company"], {"valuation": method})
        fill(there, History(TURN, BEFORE, AFTER, AFTER // OF_ONE))
        if method == "moving":
            figures += _as_of(there)
        figures += _backdated(there, method)
        with writes.unit_of_work(there.engine, there.viewer, "bench") as ctx:
            assert stock_levels.differences(ctx) == []
    return figures


def _as_of(there: Stand) -> list[Figure]:
    """Each of some days asked once; what is told is what the entries add up to."""
    days = [TURN + timedelta(days=offset) for offset in (-400, -30, 0, 100, 190, 300, 364)]
    figures = []
    asked: list[tuple[str, Callable[..., Any], list[Any] | None]] = [
        ("quantities of a day, all 2,001 items in 3 warehouses", stock_levels.as_of, None),
        ("values of a day, all items", stock_levels.value_as_of, None),
        ("quantities of a day, one item", stock_levels.as_of, [there.ids["Item"]]),
    ]
    for what, question, items in asked:
        took = []
        with writes.unit_of_work(there.engine, there.viewer, "bench", dry_run=True) as ctx:
            for day in days:
                began = time.perf_counter()
                rows = question(ctx, there.ids["Company"], day, items)
                took.append(time.perf_counter() - began)
                if items is None:
                    assert _by_item(rows) == _added_up(ctx, there, day), (what, day)
        figures.append(Figure(what, max(took), "s", must=MUST, note=f"longest of {len(days)} days"))
    return figures


def _by_item(rows: Any) -> dict[Any, Decimal]:
    found: dict[Any, Decimal] = defaultdict(Decimal)
    for row in rows:
        found[row.item_id] += row.quantity
    return dict(found)


def _added_up(ctx: Any, there: Stand, day: date) -> dict[Any, Decimal]:
    """The same from the entries alone."""
    summed = text(
        "SELECT item_id, sum(quantity) FROM hub.stock_entry WHERE company_id = :company "
        "AND (entry_at AT TIME ZONE 'Asia/Shanghai')::date <= :day GROUP BY item_id"
    )
    return {row[0]: row[1] for row in ctx.session.execute(summed, {"company": there.ids["Company"], "day": day})}


def _backdated(there: Stand, method: str) -> list[Figure]:
    took, told = [], 0
    counting = text("SELECT count(*) FROM hub.cost_entry WHERE company_id = :company AND is_difference")
    for index in range(ROUNDS):
        line = {"item": "1", "quantity": "100", "unit_cost": str(20 + index)}
        values = {"warehouse": "1", "adjustment_date": TURN, "lines": [line]}
        began = time.perf_counter()
        with writes.unit_of_work(there.engine, there.viewer, "bench") as ctx:
            made = writes.create(ctx, "StockAdjustment", values)
            writes.run_step(ctx, "StockAdjustment", made.id, "post")
        took.append(time.perf_counter() - began)
    with there.engine.connect() as connection:
        told = connection.execute(counting, {"company": there.ids["Company"]}).scalar_one()
    assert told >= ROUNDS * OF_ONE * 0.4, told
    what = f"a movement dated a year back, {method} average"
    figure = Figure(what, max(took), "s", must=MUST)
    return [
        replace(figure, note=f"longest of {ROUNDS}, middle {median(took):.2f} s; {told // ROUNDS:,} differences each")
    ]
