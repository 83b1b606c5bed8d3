"""From a production order to its product: what is issued and completed is kept on the order, a sum of its papers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.context import Ctx
from hub.document.flow import on
from hub.document.registry import spec
from hub.errors import Problem
from hub.flows import backflush
from hub.ledgers import production


def _complete(ctx: Ctx, receipt: Any, sign: int) -> None:
    """What is completed of the order; with the last piece it is finished."""
    order = production.held_order(ctx, receipt)
    order.completed_quantity += sign * sum((line.quantity for line in receipt.lines), Decimal(0))
    done = order.completed_quantity + order.scrap_quantity >= order.quantity
    if sign > 0 and done and order.finished_date is None:
        order.finished_date = receipt.receipt_date
    elif sign < 0 and not done:
        order.finished_date = None


def _issue(ctx: Ctx, issue: Any, sign: int) -> None:
    """Each material's issued quantity; what the order does not name as a material is issued all the same."""
    if issue.production_order_id is None:
        return
    order, line = production.held_order(ctx, issue), spec("ProductionOrderMaterial").model
    issued: dict[UUID, Decimal] = defaultdict(Decimal)
    for one in issue.lines:
        issued[one.item_id] += one.quantity
    wanted = select(line).where(line.production_order_id == order.id, line.item_id.in_(issued)).order_by(line.position)
    for material in ctx.session.execute(wanted).scalars():
        material.issued_quantity += sign * issued.pop(material.item_id, Decimal(0))


@on("ProductReceipt", "post")
def completed(receipt: Any, ctx: Ctx) -> Iterator[Problem]:
    """The order has made so much more, and used what goes into finished pieces."""
    _complete(ctx, receipt, 1)
    yield from backflush.used(receipt, ctx)


@on("ProductReceipt", "cancel")
def not_completed(receipt: Any, ctx: Ctx) -> Iterator[Problem]:
    """A receipt that had been posted is taken off again."""
    if _was_posted(ctx, receipt):
        _complete(ctx, receipt, -1)
        yield from backflush.not_used(receipt, ctx)


@on("MaterialIssue", "post")
def issued(issue: Any, ctx: Ctx) -> None:
    """The order's materials are issued."""
    _issue(ctx, issue, 1)


@on("MaterialIssue", "cancel")
def not_issued(issue: Any, ctx: Ctx) -> None:
    """An issue that had been posted is taken off again."""
    if _was_posted(ctx, issue):
        _issue(ctx, issue, -1)


@on("MaterialReturn", "post")
def not_needed(given_back: Any, ctx: Ctx) -> None:
    """What comes back was not issued after all."""
    _issue(ctx, given_back, -1)


@on("MaterialReturn", "cancel")
def needed(given_back: Any, ctx: Ctx) -> None:
    """A return that had been posted is issued again."""
    if _was_posted(ctx, given_back):
        _issue(ctx, given_back, 1)


def _was_posted(ctx: Ctx, document: Any) -> bool:
    """Whether a document that is being cancelled had moved anything: its entries say so."""
    entry = spec("StockEntry").table
    found = select(entry.c.id).where(
        entry.c.company_id == document.company_id,
        entry.c.document_type == type(document).__name__,
        entry.c.document_number == document.number,
    )
    return ctx.session.execute(found.limit(1)).first() is not None
