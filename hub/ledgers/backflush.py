"""What production orders use by backflush (倒冲): the rule of `hub.rules.backflush` over what was reported and issued.

What is taken is an ordinary material issue that names the report or receipt which caused it; so stock, cost, books,
origins of lots and the order's progress know it without a word said twice.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from hub.context import Ctx
from hub.document import Choice
from hub.rules.backflush import Material, backflush, passed
from hub.rules.bom import Component


class IssueMethod(Choice):
    """How a material leaves the stores for production."""

    ISSUE = "issue", "领料", "Issued by the stores"
    BACKFLUSH = "backflush", "倒冲", "Backflushed"


_MATERIALS = text(
    "SELECT m.id, m.item_id, m.lot_id, item.code, item.name, item.default_warehouse_id, m.required_quantity, "
    "m.issued_quantity - taken.posted AS by_hand, taken.quantity AS flushed, "
    "(SELECT min(p.sequence) FROM hub.production_order_operation p "
    "  WHERE p.production_order_id = m.production_order_id AND p.operation_id = m.operation_id) AS sequence "
    "FROM hub.production_order_material m JOIN hub.item ON item.id = m.item_id "
    "CROSS JOIN LATERAL (SELECT coalesce(sum(l.quantity), 0) AS quantity, "
    "    coalesce(sum(l.quantity) FILTER (WHERE i.state = 'posted'), 0) AS posted "
    "  FROM hub.material_issue_line l JOIN hub.material_issue i ON i.id = l.material_issue_id "
    "  WHERE i.production_order_id = m.production_order_id AND l.item_id = m.item_id AND i.state <> 'cancelled' "
    "  AND (i.operation_report_id IS NOT NULL OR i.product_receipt_id IS NOT NULL)) taken "
    "WHERE m.production_order_id = :order AND m.issue_method = 'backflush' ORDER BY m.position"
)
_REPORTED = text(
    "SELECT p.sequence, coalesce((SELECT sum(l.good_quantity + l.scrap_quantity) FROM hub.operation_report_line l "
    "  JOIN hub.operation_report r ON r.id = l.operation_report_id "
    "  WHERE l.order_operation_id = p.id AND r.state = 'posted'), 0) AS pieces "
    "FROM hub.production_order_operation p WHERE p.production_order_id = :order ORDER BY p.sequence, pieces"
)
_LAST = text(
    "SELECT i.id FROM hub.material_issue i WHERE i.production_order_id = :order AND i.state <> 'cancelled' "
    "AND (i.operation_report_id IS NOT NULL OR i.product_receipt_id IS NOT NULL) "
    "AND EXISTS (SELECT FROM hub.material_issue_line l WHERE l.material_issue_id = i.id "
    "  AND l.item_id = ANY(cast(:items AS uuid[]))) ORDER BY i.id DESC LIMIT 1"
)
_CAUSED = text(
    "SELECT i.id FROM hub.material_issue i WHERE i.production_order_id = :order AND i.state <> 'cancelled' "
    "AND (i.operation_report_id = :cause OR i.product_receipt_id = :cause) ORDER BY i.id DESC"
)


def changes(ctx: Ctx, order: Any) -> list[tuple[Row[Any], Decimal]]:
    """What is to be taken of each material of a locked order by now, below zero what was taken too much of it."""
    about = {"order": order.id}
    rows = {row.id: row for row in ctx.session.execute(_MATERIALS, about)} if order.quantity else {}
    if not rows:
        return []
    reported = {row.sequence: row.pieces for row in ctx.session.execute(_REPORTED, about)}
    pieces = passed(sorted(reported), reported, order.completed_quantity)
    materials = (
        Material(
            Component(row.id, row.required_quantity, operation=row.sequence),
            order.quantity,
            by_hand=row.by_hand,
            flushed=row.flushed,
        )
        for row in rows.values()
    )
    return [(rows[material.component.item], change) for material, change in backflush(materials, pieces)]


def last_issue(ctx: Ctx, order: Any, item_ids: Collection[UUID]) -> UUID:
    """The last issue by backflush for an order that took some of these items."""
    found: UUID = ctx.session.execute(_LAST, {"order": order.id, "items": list(item_ids)}).scalar_one()
    return found


def caused_by(ctx: Ctx, document: Any) -> list[UUID]:
    """The issues that a report or receipt has caused, the last one first."""
    return list(ctx.session.scalars(_CAUSED, {"order": document.production_order_id, "cause": document.id}))
