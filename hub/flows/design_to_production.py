"""From a released version to the workshop: it becomes its item's current one, the last is retired, orders follow."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub import writes
from hub.context import Ctx
from hub.document import audit
from hub.document.flow import on
from hub.document.holding import flush, new_version
from hub.document.registry import spec
from hub.ledgers import versions
from hub.ledgers.changes import RUNNING


def _current(ctx: Ctx, document: Any, former: UUID | None, now: UUID | None) -> None:
    """Let an item's link to its current version lead from one to the other, with its trace."""
    item = versions.locked_item(ctx, document.item_id)
    link = versions.KINDS[type(document).__name__][1]
    before = getattr(item, f"{link}_id")
    if former is None or before == former:
        setattr(item, f"{link}_id", now)
        _trace(ctx, item, {link: [before and str(before), now and str(now)]})


def _trace(ctx: Ctx, row: Any, changes: dict[str, Any]) -> None:
    """What the hub changes of another document is a version of it, with its audit entry and event."""
    new_version(ctx, row)
    flush(ctx)
    audit.record(ctx, type(row).__name__, row.id, "update", changes, version=row.version, company_id=row.company_id)


def _released(document: Any, ctx: Ctx) -> None:
    """Current from now on; whatever was in use is used until this one's first day."""
    _current(ctx, document, None, document.id)
    type_ = type(document).__name__
    for former, before in versions.cut_short(ctx, document):
        _trace(ctx, former, {"until_date": [before and before.isoformat(), former.until_date.isoformat()]})
    for other in versions.others_in_use(ctx, document):
        writes.run_step(ctx.with_all_rights(), type_, other, "retire", {"until": document.start_date})
    if document.engineering_change_id is not None:
        _move_orders(ctx, document)


def _move_orders(ctx: Ctx, document: Any) -> None:
    """Let the open orders that the change of this version names be made by it."""
    line, order = spec("EngineeringChangeOrder").table, spec("ProductionOrder").table
    found = (
        select(order.c.id)
        .join_from(line, order, order.c.id == line.c.production_order_id)
        .where(
            line.c.engineering_change_id == document.engineering_change_id,
            line.c.action == "move",
            order.c.item_id == document.item_id,
            order.c.state.in_(RUNNING),
        )
    )
    name = versions.KINDS[type(document).__name__][2]
    for order_id in list(ctx.session.scalars(found.order_by(order.c.number))):
        writes.update(ctx.with_all_rights(), "ProductionOrder", order_id, {name: document.id})


def _retired(document: Any, ctx: Ctx) -> None:
    """A version that is retired without another in its place leaves its item with none."""
    _current(ctx, document, document.id, None)


for _type in versions.KINDS:
    on(_type, "release")(_released)
    on(_type, "retire")(_retired)
