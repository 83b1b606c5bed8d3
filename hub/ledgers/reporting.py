"""What stands behind a report of work: the order must be in work, the operation one of it, and its pieces possible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.context import Ctx
from hub.document import direct
from hub.errors import Problem, problem
from hub.ledgers import production

_OPERATIONS = direct.Asked(
    "SELECT p.id, p.sequence, coalesce(g.piece_rate, 0) AS piece_rate, "
    "coalesce((SELECT sum(l.good_quantity + l.scrap_quantity) FROM hub.operation_report_line l "
    "  JOIN hub.operation_report r ON r.id = l.operation_report_id "
    "  WHERE l.order_operation_id = p.id AND r.state = 'posted'), 0) AS done, "
    "coalesce((SELECT sum(l.good_quantity) FROM hub.operation_report_line l "
    "  JOIN hub.operation_report r ON r.id = l.operation_report_id "
    "  WHERE l.order_operation_id = p.id AND r.state = 'posted'), 0) AS good "
    "FROM hub.production_order_operation p LEFT JOIN hub.operation g ON g.id = p.operation_id "
    "WHERE p.production_order_id = :order ORDER BY p.sequence"
)


def unfit(ctx: Ctx, report: Any) -> Iterator[Problem]:
    """Everything that keeps a report from being posted; on the way each line gets its points: pieces by their rate.

    Raises nothing; yields PRODUCTION_ORDER_MISSING, PRODUCTION_NOT_RELEASED, OPERATION_OF_ANOTHER_ORDER and
    MORE_THAN_ARRIVED for pieces that the operation before has not let through.
    """
    if not any(line.good_quantity or line.scrap_quantity or line.order_operation_id for line in report.lines):
        return
    if report.production_order_id is None:
        words = "报数量时请填写生产订单。", "Name the production order of the pieces."
        yield problem("PRODUCTION_ORDER_MISSING", *words, "productionOrder")
        return
    yield from production.not_released(ctx, report)
    rows = _OPERATIONS.rows(ctx.session, {"order": report.production_order_id})
    known = {row.id: row for row in rows}
    reported: dict[UUID, Decimal] = defaultdict(Decimal)
    for index, line in enumerate(report.lines):
        if line.order_operation_id is None:
            continue
        row = known.get(line.order_operation_id)
        if row is None:
            words = f"第 {index + 1} 行：该工序不属于此生产订单。", f"Line {index + 1}: an operation of another order."
            hint = ("请选择该生产订单的工序。", "Choose an operation of the production order.")
            yield problem("OPERATION_OF_ANOTHER_ORDER", *words, "lines", str(index), "orderOperation", hint=hint)
            continue
        line.points = line.good_quantity * row.piece_rate
        reported[row.id] += line.good_quantity + line.scrap_quantity
        yield from _beyond(rows, row, reported, index)


def _beyond(rows: Any, row: Any, reported: dict[UUID, Decimal], index: int) -> Iterator[Problem]:
    """More pieces than the operation before has let through, when that one is reported at all."""
    before = [one for one in rows if one.sequence < row.sequence and one.good > 0]
    if not before or row.done + reported[row.id] <= before[-1].good:
        return
    left = f"{max(before[-1].good - row.done, Decimal(0)).normalize():f}"
    yield problem(
        "MORE_THAN_ARRIVED",
        f"第 {index + 1} 行：上道工序只转来 {left} 件。",
        f"Line {index + 1}: the operation before has let only {left} pieces through.",
        *("lines", str(index), "goodQuantity"),
        hint=("请先报上道工序，或核对数量。", "Report the operation before first, or check the quantity."),
    )
