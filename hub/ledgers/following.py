"""What further documents have taken of a line or document: received of an order, invoiced of a receipt, given back.

As `derive.followed_by` tells it of one row, here for many at once, for a step that must not let more be taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, Table, func, select

from hub.context import Ctx
from hub.document.registry import spec


def taken(
    ctx: Ctx,
    ids: Sequence[UUID],
    document: str,
    link: str,
    states: Sequence[str],
    *,
    amount: Callable[[Table], ColumnElement[Decimal]] = lambda line: line.c.quantity,
    besides: UUID | None = None,
    only: Callable[[Table], ColumnElement[bool]] | None = None,
) -> dict[UUID, Decimal]:
    """The sum of `amount` over the lines of documents in one of `states`, by what these lines name by `link`.

    Of `ids` those that no such line names are left out; `besides` is a document that does not count, `only` what must
    hold of a line that does.
    """
    if not ids:
        return {}
    head, lines = spec(document).table, spec(document).lines["lines"]
    line = spec(lines.target).table
    named = line.c[f"{link}_id"]
    found = (
        select(named, func.sum(amount(line)))
        .join_from(line, head, head.c.id == line.c[lines.column])
        .where(named.in_(ids), head.c.state.in_(states))
    )
    if besides is not None:
        found = found.where(head.c.id != besides)
    if only is not None:
        found = found.where(only(line))
    return {row[0]: row[1] for row in ctx.session.execute(found.group_by(named))}
