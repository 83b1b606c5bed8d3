"""A lot's whole story: what it was made from and into, who worked on it where, what was inspected, to whom it went.

The edges between lots come by one recursive statement and are walked by `hub.rules.genealogy`; the rest is a statement
for each kind of paper, whatever the number of lots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from hub.context import Ctx
from hub.ledgers import stock_tables  # noqa: F401  (declares the table that is read here)
from hub.rules.genealogy import Edge, Reached, backward, forward

_EDGES = text(
    "WITH RECURSIVE up (lot) AS (SELECT cast(:lot AS uuid) UNION SELECT o.source_lot_id FROM hub.lot_origin o "
    "  JOIN up ON o.lot_id = up.lot), "
    "down (lot) AS (SELECT cast(:lot AS uuid) UNION SELECT o.lot_id FROM hub.lot_origin o "
    "  JOIN down ON o.source_lot_id = down.lot) "
    "SELECT source_lot_id AS source, lot_id AS lot, sum(quantity) AS quantity FROM hub.lot_origin "
    "WHERE lot_id IN (SELECT lot FROM up) OR source_lot_id IN (SELECT lot FROM down) GROUP BY 1, 2"
)
_LOTS = text(
    "SELECT lot.id, lot.code, lot.status, lot.origin_date, lot.expiry_date, lot.supplier_lot, i.code AS item, "
    "i.name AS item_name, s.code AS supplier, s.name AS supplier_name, round(coalesce((SELECT sum(b.quantity) "
    "  FROM hub.stock_balance b WHERE b.company_id = lot.company_id AND b.item_id = lot.item_id "
    "  AND b.lot = lot.code), 0), 4) AS on_hand FROM hub.lot JOIN hub.item i ON i.id = lot.item_id "
    "LEFT JOIN hub.supplier s ON s.id = lot.supplier_id "
    "WHERE lot.id = ANY(:lots)"
)
_ORDERS = text(
    "SELECT production_order_id FROM hub.lot_origin WHERE lot_id = ANY(:lots) "
    "GROUP BY lot_id, source_lot_id, production_order_id HAVING sum(quantity) <> 0 "
    "UNION SELECT production_order_id FROM hub.lot WHERE id = ANY(:lots) AND production_order_id IS NOT NULL "
    "UNION SELECT r.production_order_id FROM hub.product_receipt_line l "
    "  JOIN hub.product_receipt r ON r.id = l.product_receipt_id "
    "  WHERE l.lot_id = ANY(:lots) AND r.state = 'posted' AND r.production_order_id IS NOT NULL"
)
_WORK = text(
    "WITH work AS (SELECT r.production_order_id, r.work_date, l.employee_id, l.operation, l.order_operation_id, "
    "    l.work_centre_id, l.lot_id, l.good_quantity, l.scrap_quantity, l.hours FROM hub.operation_report r "
    "  JOIN hub.operation_report_line l ON l.operation_report_id = r.id "
    "  WHERE r.production_order_id = ANY(:orders) AND r.state = 'posted' "
    "    AND (l.lot_id IS NULL OR l.lot_id = ANY(:lots)) "
    "  UNION ALL SELECT h.production_order_id, h.work_date, h.employee_id, h.operation, NULL, NULL, NULL, 0, 0, "
    "    h.hours FROM hub.hours_entry h WHERE h.production_order_id = ANY(:orders) "
    "    AND h.document_type IS DISTINCT FROM 'OperationReport') "
    "SELECT o.number AS production_order, coalesce(at.code, planned.code, o.work_centre) AS work_centre, "
    "coalesce(step.mould, o.mould) AS mould, w.work_date, e.code AS employee, e.name AS employee_name, "
    "coalesce(operation.name, w.operation) AS operation, lot.code AS lot, sum(w.good_quantity) AS good_quantity, "
    "sum(w.scrap_quantity) AS scrap_quantity, sum(w.hours) AS hours FROM hub.production_order o "
    "LEFT JOIN work w ON w.production_order_id = o.id LEFT JOIN hub.employee e ON e.id = w.employee_id "
    "LEFT JOIN hub.production_order_operation step ON step.id = w.order_operation_id "
    "LEFT JOIN hub.operation ON operation.id = step.operation_id LEFT JOIN hub.lot ON lot.id = w.lot_id "
    "LEFT JOIN hub.work_centre at ON at.id = w.work_centre_id "
    "LEFT JOIN hub.work_centre planned ON planned.id = step.work_centre_id "
    "WHERE o.id = ANY(:orders) GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, step.sequence ORDER BY 1, 4, step.sequence, 5, 7, 8"
)
_INSPECTIONS = text(
    "SELECT i.id, i.number, i.kind, i.inspection_date, i.disposition, i.inspected_quantity, i.defective_quantity, "
    "lot.code AS lot, o.number AS production_order FROM hub.inspection i LEFT JOIN hub.lot ON lot.id = i.lot_id "
    "LEFT JOIN hub.production_order o ON o.id = i.production_order_id "
    "WHERE i.state = 'confirmed' AND (i.lot_id = ANY(:lots) "
    "  OR (i.lot_id IS NULL AND i.production_order_id = ANY(:orders))) "
    "ORDER BY i.inspection_date, i.number"
)
_VALUES = text(
    "SELECT i.number AS inspection, c.name, c.unit, c.measured_value AS value, c.passed "
    "FROM hub.inspection_characteristic c JOIN hub.inspection i ON i.id = c.inspection_id "
    "WHERE i.id = ANY(:inspections) AND c.measured_value IS NOT NULL ORDER BY i.number, c.position"
)
_DELIVERIES = text(
    "SELECT d.number AS delivery, d.delivery_date, d.state, k.code AS customer, k.name AS customer_name, "
    "lot.code AS lot, i.code AS item, -sum(e.quantity) AS quantity, "
    "round(coalesce((SELECT sum(rl.quantity) FROM hub.sales_return_line rl "
    "  JOIN hub.sales_return r ON r.id = rl.sales_return_id WHERE r.delivery_id = d.id AND r.state = 'posted' "
    "  AND rl.lot_id = lot.id), 0), 4) AS returned "
    "FROM hub.lot JOIN hub.item i ON i.id = lot.item_id "
    "JOIN hub.stock_entry e ON e.item_id = lot.item_id AND e.lot = lot.code AND e.company_id = lot.company_id "
    "  AND e.document_type = 'Delivery' "
    "JOIN hub.delivery d ON d.company_id = e.company_id AND d.number = e.document_number "
    "JOIN hub.customer k ON k.id = d.customer_id WHERE lot.id = ANY(:lots) "
    "GROUP BY d.id, d.number, d.delivery_date, d.state, k.code, k.name, lot.id, lot.code, i.code "
    "HAVING sum(e.quantity) <> 0 ORDER BY k.code, d.delivery_date, d.number, lot.code"
)


@dataclass(frozen=True)
class Traced:
    """A lot of the story: its row of `_LOTS`, how far away it is, and how much of which lots leads to it."""

    lot: Row[Any]
    distance: int
    by: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class Story:
    """Rows as the statements above give them; deliveries are those of the lot and of all it went into."""

    lot: Row[Any]
    made_from: Sequence[Traced]
    made_into: Sequence[Traced]
    work: Sequence[Row[Any]]
    inspections: Sequence[Row[Any]]
    values: Sequence[Row[Any]]
    deliveries: Sequence[Row[Any]]


def story(ctx: Ctx, company_id: UUID, code: str) -> Story | None:
    """The story of a lot by its code; None when there is none."""
    found = text("SELECT id FROM hub.lot WHERE company_id = :company AND code = :code")
    lot_id = ctx.session.execute(found, {"company": company_id, "code": code}).scalar_one_or_none()
    if lot_id is None:
        return None
    edges = [Edge(row.source, row.lot, row.quantity) for row in ctx.session.execute(_EDGES, {"lot": lot_id})]
    back, onward = backward(edges, lot_id), forward(edges, lot_id)
    made = [lot_id, *(one.lot for one in back)]
    shipped = [lot_id, *(one.lot for one in onward)]
    every = sorted({*made, *shipped})
    lots = {row.id: row for row in ctx.session.execute(_LOTS, {"lots": every})}
    of_work = sorted({row.production_order_id for row in ctx.session.execute(_ORDERS, {"lots": every})})
    inspections = ctx.session.execute(_INSPECTIONS, {"lots": every, "orders": of_work}).all()
    asked = {"inspections": sorted(row.id for row in inspections)}
    return Story(
        lot=lots[lot_id],
        made_from=[_traced(one, lots) for one in back],
        made_into=[_traced(one, lots) for one in onward],
        work=ctx.session.execute(_WORK, {"orders": of_work, "lots": every}).all(),
        inspections=inspections,
        values=ctx.session.execute(_VALUES, asked).all(),
        deliveries=ctx.session.execute(_DELIVERIES, {"lots": shipped}).all(),
    )


def _traced(one: Reached[UUID], lots: dict[UUID, Row[Any]]) -> Traced:
    return Traced(lots[one.lot], one.distance, tuple((lots[by].code, quantity) for by, quantity in one.by))
