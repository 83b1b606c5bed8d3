"""Backflush: with a report of work, or the receipt of what was made, the materials used leave the stores by themselves.

The issue is posted with its cause or not at all; what is short refuses the report. A cause taken back takes its issue
back, and what other causes still need is taken anew. Receipts come here from `plan_to_produce`, when they are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub import writes
from hub.context import Ctx
from hub.document.flow import on
from hub.errors import HubError, Problem, problem
from hub.ledgers import backflush, production
from hub.words import Label

_CAUSES = {
    "OperationReport": ("operation_report_id", "work_date"),
    "ProductReceipt": ("product_receipt_id", "receipt_date"),
}
"""The link by which an issue names its cause, and the cause's day."""


def used(cause: Any, ctx: Ctx) -> Iterator[Problem]:
    """Take what the pieces have used, of orders with materials of this kind."""
    if production.backflushes(ctx, cause):
        yield from _settle(ctx, cause, take=True)


def not_used(cause: Any, ctx: Ctx) -> Iterator[Problem]:
    """Give back what this cause took, and whatever is too much without it."""
    if cause.production_order_id is not None:
        issues = backflush.caused_by(ctx, cause)
        for issue in issues:
            writes.run_step(ctx.with_all_rights(), "MaterialIssue", issue, "cancel")
        yield from _settle(ctx, cause, take=bool(issues))


def _settle(ctx: Ctx, cause: Any, *, take: bool) -> Iterator[Problem]:
    """Take back what is too much, the last issue first; then, if asked or after that, take what is open."""
    order = production.held_order(ctx, cause)
    changes = backflush.changes(ctx, order)
    while much := [material.item_id for material, change in changes if change < 0]:
        writes.run_step(ctx.with_all_rights(), "MaterialIssue", backflush.last_issue(ctx, order, much), "cancel")
        changes, take = backflush.changes(ctx, order), True
    stores: dict[UUID | None, list[tuple[Any, Decimal]]] = defaultdict(list)
    for material, change in changes if take else ():
        stores[material.default_warehouse_id].append((material, change))
    for warehouse, taken in stores.items():
        yield from _homeless(taken) if warehouse is None else _take(ctx, cause, warehouse, taken)


def _homeless(taken: Iterable[tuple[Any, Decimal]]) -> Iterator[Problem]:
    for material, _ in taken:
        yield problem(
            "BACKFLUSH_WITHOUT_WAREHOUSE",
            f"物料 {material.code}（{material.name}）没有默认仓库，不能倒冲。",
            f"The material {material.code} has no default warehouse to be backflushed from.",
            "productionOrder",
            hint=("请在存货档案填写默认仓库，或改为领料。", "Give the item a default warehouse, or have it issued."),
        )


def _take(ctx: Ctx, cause: Any, warehouse: UUID, taken: list[tuple[Any, Decimal]]) -> Iterator[Problem]:
    """A posted issue of some materials from one store, the lots by expiry where none is named."""
    link, day = _CAUSES[type(cause).__name__]
    rights = ctx.with_all_rights()
    when: date = getattr(cause, day)
    lines = [{"item": one.item_id, "quantity": change, "lot": one.lot_id} for one, change in taken]
    body = {"production_order": cause.production_order_id, "warehouse": warehouse, "issue_date": when, "lines": lines}
    issue = writes.create(rights, "MaterialIssue", body)
    setattr(issue, link, cause.id)
    try:
        for step in ("pick", "post"):
            writes.run_step(rights, "MaterialIssue", issue.id, step)
    except HubError as error:
        names = {one.item_id: f"{one.code}（{one.name}）" for one, _ in taken}
        yield from (_named(one, issue, names) for one in error.problems)


def _named(found: Problem, issue: Any, names: dict[UUID, str]) -> Problem:
    """A problem of a line of the issue as whoever reports pieces understands it: by the material."""
    lines = dict(enumerate(issue.lines)) if found.path[:1] == ("lines",) else {}
    line = lines.get(int(found.path[1])) if lines else None
    name = "、".join(names.values()) if line is None else names[line.item_id]
    message = Label(f"倒冲 {name}：{found.message.chinese}", f"Backflush of {name}: {found.message.english}")
    return replace(found, message=message, path=("productionOrder",))


on("OperationReport", "post")(used)
on("OperationReport", "cancel")(not_used)
