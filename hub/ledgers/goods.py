"""Items as the ledgers lock them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from hub.context import Ctx

_LOCK = text(
    "SELECT id, code, lot_tracked, serial_tracked, standard_cost FROM hub.item WHERE id = ANY(:ids) "
    "ORDER BY id FOR NO KEY UPDATE"
)


def locked(ctx: Ctx, ids: Iterable[UUID]) -> dict[UUID, Row[Any]]:
    """The items by id, locked in one order until the commit: whoever moves or reserves the same goods waits here."""
    return {row.id: row for row in ctx.session.execute(_LOCK, {"ids": sorted(set(ids))})}
