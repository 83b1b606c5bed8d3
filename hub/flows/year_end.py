"""A December that is opened again: what ended its year is taken back, in red."""

from __future__ import annotations

from typing import Any

from hub.context import Ctx
from hub.document.flow import on
from hub.ledgers import year_end


@on("FiscalPeriod", "reopen")
def not_ended(period: Any, ctx: Ctx) -> None:
    """The period is open by now, so it takes the red entries."""
    ctx.session.flush()
    year_end.reopen(ctx, period)
