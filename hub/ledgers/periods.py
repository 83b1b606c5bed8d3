"""Accounting periods: calendar months, as China's accounting law has them, open or closed.

Whoever posts holds the period's row shared until the commit, whoever closes it holds it alone: a closing and a posting
at the same time cannot both win. A month nobody has opened is opened by its first posting.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert

from hub.context import Ctx
from hub.document import audit, remembering
from hub.document.registry import spec
from hub.errors import Problem, Refused, problem
from hub.words import pinyin


def code_of(day: date) -> str:
    """The code of a day's period: 2026-05."""
    return f"{day:%Y-%m}"


def _periods() -> Table:
    return spec("FiscalPeriod").table


def opened(ctx: Ctx, company_id: UUID, day: date, *path: str) -> UUID:
    """The id of the open period of a day; it cannot be closed before this transaction ends.

    Raises:
        Refused: PERIOD_CLOSED at `path`, the field that holds the day.
    """
    key = (company_id, code_of(day))
    return remembering.recall(ctx.session, ("FiscalPeriod",), key, lambda: _held_open(ctx, company_id, day, path))


def _held_open(ctx: Ctx, company_id: UUID, day: date, path: tuple[str, ...]) -> UUID:
    period = _periods()
    held = (
        select(period.c.id, period.c.state)
        .where(period.c.company_id == company_id, period.c.code == code_of(day))
        .with_for_update(read=True)
    )
    found = ctx.session.execute(held).one_or_none()
    if found is None and not _closed_after(ctx, company_id, day):
        _open(ctx, company_id, day)
        found = ctx.session.execute(held).one()
    if found is None or found.state != "open":
        raise Refused(_closed(day, path))
    return UUID(str(found.id))


def _closed_after(ctx: Ctx, company_id: UUID, day: date) -> bool:
    """Whether a later period is closed: then everything before it is, opened or not."""
    period = _periods()
    later = select(period.c.id).where(
        period.c.company_id == company_id, period.c.state == "closed", period.c.code > code_of(day)
    )
    return ctx.session.execute(later.limit(1)).first() is not None


def _open(ctx: Ctx, company_id: UUID, day: date) -> None:
    """The month's row, unless somebody else is making it: then that transaction is waited for."""
    name = f"{day.year}年{day.month}月"
    made = ctx.session.execute(
        insert(_periods())
        .values(
            company_id=company_id,
            code=code_of(day),
            name=name,
            name_pinyin=pinyin(name),
            active=True,
            state="open",
            version=1,
            created_by=ctx.viewer.user_id,
            updated_by=ctx.viewer.user_id,
        )
        .on_conflict_do_nothing()
        .returning(_periods().c.id)
    ).scalar_one_or_none()
    if made is not None:
        changes = {"code": [None, code_of(day)], "name": [None, name]}
        audit.record(ctx, "FiscalPeriod", made, "create", changes, version=1, company_id=company_id)


def _closed(day: date, path: tuple[str, ...]) -> Problem:
    return problem(
        "PERIOD_CLOSED",
        f"会计期间 {code_of(day)} 已结账，不能再记账。",
        f"The accounting period {code_of(day)} is closed; nothing can be posted in it.",
        *path,
        hint=("请改用未结账期间的日期，或反结账。", "Choose a day in an open period, or reopen this one."),
        period=code_of(day),
    )


def not_closable(ctx: Ctx, period: Any) -> Iterator[Problem]:
    """PERIOD_EARLIER_OPEN: periods are closed in their order."""
    table = _periods()
    earlier = select(table.c.code).where(
        table.c.company_id == period.company_id, table.c.state == "open", table.c.code < period.code
    )
    for code in ctx.session.execute(earlier.order_by(table.c.code).limit(1)).scalars():
        yield problem(
            "PERIOD_EARLIER_OPEN",
            f"会计期间 {code} 还没有结账，请先结账。",
            f"The earlier period {code} is still open; close it first.",
            "state",
        )


def not_reopenable(ctx: Ctx, period: Any) -> Iterator[Problem]:
    """PERIOD_LATER_CLOSED: only the last closed period can be opened again."""
    table = _periods()
    later = select(table.c.code).where(
        table.c.company_id == period.company_id, table.c.state == "closed", table.c.code > period.code
    )
    for code in ctx.session.execute(later.order_by(table.c.code.desc()).limit(1)).scalars():
        yield problem(
            "PERIOD_LATER_CLOSED",
            f"之后的会计期间 {code} 已结账，请先对其反结账。",
            f"The later period {code} is closed; reopen it first.",
            "state",
        )
