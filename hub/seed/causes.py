"""Why the simulated company was late: every line that left after its day, with what held its production up.

Nothing here is drawn. A production order counts each day on which it could have run and did not, by what it waited for;
the cause of a late line is what the runs of its part waited for longest while the line was open.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

from hub.seed.records import ProductionOrder, SalesLine, Year

CAUSES = ("machine", "mould", "supply", "breakdown")


def late_lines(year: Year) -> dict[tuple[str, int], str]:
    """The cause of each late line, by the order's number and the line's position; "" where nothing explains it."""
    runs: dict[str, list[ProductionOrder]] = defaultdict(list)
    for run in year.production_orders:
        runs[run.part.code].append(run)
    last: dict[int, date] = {}
    for delivery in year.deliveries:
        for loaded in delivery.lines:
            last[id(loaded.line)] = delivery.delivery_date
    found: dict[tuple[str, int], str] = {}
    for order in year.sales_orders:
        for line in order.lines if order.state in ("confirmed", "closed") else ():
            until = year.span.last_day if line.open else last[id(line)]
            if until > line.promised_date:
                found[order.number, line.position] = _cause(line, until, runs[line.part.code])
    return found


def _cause(line: SalesLine, until: date, runs: list[ProductionOrder]) -> str:
    waits: Counter[str] = Counter()
    ran = 0
    for run in runs:
        if run.created_date <= until and (run.finished_date or until) >= line.order.order_date:
            waits += run.waits
            ran += run.run_days
    if waits:
        return max(CAUSES, key=lambda cause: waits[cause])
    return "machine" if ran else ""  # it ran at once, and longer than was promised
