"""The operations of a production order: taken from its routing when it is made, renewed while nothing is reported."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import inspect, text

from hub.context import Ctx
from hub.document.edit import stamp
from hub.document.positions import replace_lines
from hub.document.registry import spec
from hub.document.remembering import recall

_ROUTING = text(
    "SELECT l.sequence, l.operation_id, coalesce(l.work_centre_id, o.work_centre_id) AS work_centre_id, "
    "m.code AS mould, l.setup_minutes, l.run_minutes "
    "FROM hub.routing_operation l JOIN hub.operation o ON o.id = l.operation_id "
    "LEFT JOIN hub.asset m ON m.id = l.mould_id "
    "WHERE l.routing_id = :routing ORDER BY l.sequence, l.position"
)
_REPORTED = text(
    "SELECT l.id FROM hub.operation_report_line l JOIN hub.production_order_operation p ON p.id = l.order_operation_id "
    "WHERE p.production_order_id = :order LIMIT 1"
)


def follow(ctx: Ctx, order: Any) -> None:
    """Give a new order the operations of its routing; an order whose routing is another one now gets that one's.

    Operations that a request brings with it stay, and so do all once work has been reported.
    """
    state = inspect(order)
    with ctx.session.no_autoflush:
        if order.routing_id is None or state.attrs.operations.history.added:
            return
        if not state.transient:
            past = state.attrs.routing_id.history
            if not past.has_changes() or ctx.session.execute(_REPORTED, {"order": order.id}).first() is not None:
                return
        _renew(ctx, order, order.routing_id)


def _renew(ctx: Ctx, order: Any, routing_id: UUID) -> None:
    model = spec("ProductionOrderOperation").model
    about = {"routing": routing_id}
    rows = recall(ctx.session, ("Routing", "Operation"), routing_id, lambda: ctx.session.execute(_ROUTING, about).all())
    found = [
        model(
            sequence=row.sequence,
            operation_id=row.operation_id,
            work_centre_id=row.work_centre_id,
            mould=order.mould or row.mould,
            setup_minutes=row.setup_minutes,
            run_minutes=row.run_minutes,
        )
        for row in rows
    ]
    replace_lines(order, "operations", [], found)
    stamp(ctx, spec("ProductionOrder"), order)
