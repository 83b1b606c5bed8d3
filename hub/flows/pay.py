"""Pay items and their formulas: all of a company's must fit together whenever one of them is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from hub.context import Ctx
from hub.document.flow import on
from hub.document.registry import spec
from hub.errors import Problem
from hub.rules.pay_formulas import faults


@on("PayItem", "create")
@on("PayItem", "update")
def formulas_fit(item: Any, ctx: Ctx) -> Iterator[Problem]:
    """FORMULA_UNREADABLE, FORMULA_UNKNOWN_NAME, FORMULA_LOOP. An item that is not active any more names nothing."""
    ctx.session.flush()
    table = spec("PayItem").table
    mine = select(table.c.code, table.c.formula, table.c.active).where(table.c.company_id == item.company_id)
    rows = ctx.session.execute(mine.order_by(table.c.code)).all()
    formulas = {row.code: row.formula for row in rows if row.active and row.formula}
    yield from faults(formulas, {row.code for row in rows if row.active})
