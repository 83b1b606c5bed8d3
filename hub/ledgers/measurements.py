"""What inspections measured, as the subgroups of a control chart: one for each inspection, in order of time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.rules.control_charts import CONSTANTS

_MEASURED = text(
    "SELECT i.number, i.inspection_date, c.measured_value, c.lower_limit, c.upper_limit "
    "FROM hub.inspection_characteristic c JOIN hub.inspection i ON i.id = c.inspection_id "
    "JOIN hub.item ON item.id = i.item_id "
    "WHERE i.company_id = :company AND item.code = :item AND c.name = :characteristic AND c.measured_value IS NOT NULL "
    "AND i.state = 'confirmed' AND i.inspection_date BETWEEN coalesce(cast(:since AS date), '-infinity') "
    "  AND coalesce(cast(:until AS date), 'infinity') "
    "ORDER BY i.inspection_date, i.number, c.sample_number, c.position"
)


@dataclass(frozen=True)
class Subgroup:
    """The values of one inspection."""

    inspection: str
    day: date
    values: tuple[Decimal, ...]


@dataclass(frozen=True)
class Measured:
    """Subgroups of one size, and the limits that the latest inspection was held against."""

    subgroups: tuple[Subgroup, ...]
    lower_limit: Decimal | None
    upper_limit: Decimal | None


def measured(
    ctx: Ctx, company_id: UUID, item: str, characteristic: str, since: date | None, until: date | None
) -> Measured:
    """The subgroups of the size that most inspections have (the smaller of two as frequent); others are left out.

    Inspections with a single value are no subgroups.
    """
    about = {"company": company_id, "item": item, "characteristic": characteristic, "since": since, "until": until}
    rows = ctx.session.execute(_MEASURED, about).all()
    found: dict[tuple[date, str], list[Any]] = defaultdict(list)
    for row in rows:
        found[row.inspection_date, row.number].append(row)
    sizes: dict[int, int] = defaultdict(int)
    for group in found.values():
        sizes[len(group)] += 1
    usual = min((size for size in sizes if size in CONSTANTS), key=lambda size: (-sizes[size], size), default=0)
    chosen = tuple(
        Subgroup(number, day, tuple(row.measured_value for row in group))
        for (day, number), group in found.items()
        if len(group) == usual
    )
    last = rows[-1] if rows else None
    return Measured(chosen, last.lower_limit if last else None, last.upper_limit if last else None)
