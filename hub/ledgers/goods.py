"""Items as the ledgers lock them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from hub.context import Ctx
from hub.document import direct, remembering

_LOCK = direct.Asked(
    "SELECT id, code, lot_tracked, serial_tracked, standard_cost, "
    "(SELECT jsonb_agg(jsonb_build_array(s.kind, s.customer_id, s.valid_from_date)) FROM hub.inspection_standard s "
    " WHERE s.item_id = item.id AND s.active AND s.operation_id IS NULL) AS inspected "
    "FROM hub.item WHERE id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE"
)


def locked(ctx: Ctx, ids: Iterable[UUID]) -> dict[UUID, Row[Any]]:
    """The items by id, locked in one order until the commit: whoever moves or reserves the same goods waits here.

    `inspected` lists [kind, customer, valid from] of an item's inspection standards, None for most.
    """

    def lock(wanted: list[UUID]) -> dict[UUID, Row[Any]]:
        return {row.id: row for row in _LOCK.rows(ctx.session, {"ids": wanted})}

    return remembering.recall_each(ctx.session, ("Item", "InspectionStandard"), ids, lock)
