"""The quarter's count of the packing store, and what planners reckon every month: needs, and the machines' schedule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from random import Random

from sqlalchemy import func, select

from hub.document.registry import spec
from hub.seed.records import Year
from hub.seed.telling.teller import Part, Row, Teller

_COUNTED = "CK02"
_FOUND = 2
"""So many of the counted lots are one unit more than the book says: what was issued and not used up."""


def course(random: Random, year: Year) -> Iterator[tuple[date, Part]]:
    """What happens on which day."""
    last: dict[tuple[int, int], date] = {}
    for day in year.span.workdays():
        if (day.year, day.month) not in last:
            yield day, _reckoned
        last[day.year, day.month] = day
    for day in last.values():
        if day.month % 3 == 0:
            yield day, partial(_counted, Random(random.random()))  # noqa: S311 (a demo must repeat)


def _reckoned(teller: Teller, day: date) -> None:
    """What the month will need, and on which machine the released orders could run: looked at, and not carried out."""
    span: Row = {"from_date": day, "until_date": day + timedelta(days=30)}
    teller.told("ProductionPlan", {**span, "plan_date": day, "source": "orders", "planner": "E014"}, "calculate")
    teller.told("Schedule", {**span, "site": "NB1", "planner": "E014"}, "calculate")


def _counted(picked: Random, teller: Teller, day: date) -> None:
    """Lot by lot; a few are one unit more than the book says."""
    entry, warehouse = spec("StockEntry").table, spec("Warehouse").table
    there = (
        select(entry.c.item_id, entry.c.location_id, entry.c.lot)
        .join_from(entry, warehouse, warehouse.c.id == entry.c.warehouse_id)
        .where(warehouse.c.code == _COUNTED, entry.c.status == "available")
        .group_by(entry.c.item_id, entry.c.location_id, entry.c.lot)
        .having(func.sum(entry.c.quantity) > 0)
        .order_by(entry.c.lot)
    )
    rows = teller.ctx.session.execute(there).all()
    more = set(picked.sample(range(len(rows)), min(_FOUND, len(rows))))
    lines: list[Row] = [{"item": row.item_id, "location": row.location_id, "lot": row.lot} for row in rows]
    about: Row = {"warehouse": _COUNTED, "count_date": day, "note": "季度盘点", "lines": lines}
    document = teller.told("Stocktake", about, "take_book")
    counted = [
        {"id": line.id, "counted_quantity": line.book_quantity + (at in more)} for at, line in enumerate(document.lines)
    ]
    teller.change("Stocktake", document.id, {"lines": {"change": counted}})
    teller.step("Stocktake", document.id, "post")
