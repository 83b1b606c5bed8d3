"""What can be taken of stock on a day: what lies there then, less what later days need of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.document import direct, remembering
from hub.ledgers import stock_tables  # noqa: F401  (declares the tables that are read here)
from hub.rules.picking import Held, first_out, take


@dataclass(frozen=True)
class Balance:
    """A balance that something can be taken from: `level` on the day, `free` is the least from that day on."""

    location_id: UUID | None
    lot: str | None
    serial: str | None
    status: str
    level: Decimal
    free: Decimal
    least_day: date | None


_BALANCES = direct.Asked(
    "SELECT b.warehouse_id, b.item_id, b.location_id, b.lot, b.serial, b.status, b.first_day, lot.expiry_date, "
    "  level.now AS level, level.least, level.least_day "
    "FROM hub.stock_balance b LEFT JOIN hub.lot ON lot.company_id = b.company_id AND lot.item_id = b.item_id "
    "  AND lot.code = b.lot "
    "CROSS JOIN LATERAL ( "
    "  SELECT b.quantity AS now, b.quantity AS least, NULL::date AS least_day WHERE b.last_day <= :day "
    "  UNION ALL "
    "  SELECT min(running) FILTER (WHERE begins = :day), min(running), "
    "    (array_agg(begins ORDER BY running, begins))[1] "
    "  FROM (SELECT begins, b.quantity - coalesce(sum(quantity) OVER (ORDER BY begins DESC "
    "          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS running "
    "        FROM (SELECT begins, sum(quantity) AS quantity FROM ("
    "                SELECT begins, quantity FROM hub.stock_change "
    "                WHERE balance_id = b.id AND span = 'day' AND begins >= :day "
    "                UNION ALL SELECT cast(:day AS date), 0) AS days GROUP BY begins) AS daily) AS levels "
    "  WHERE b.last_day > :day) AS level "
    "WHERE b.company_id = :company AND b.quantity > 0 "
    "AND (b.warehouse_id, b.item_id) IN (SELECT * FROM unnest(cast(:warehouses AS uuid[]), cast(:items AS uuid[]))) "
    "AND level.now IS NOT NULL"
)


class Holdings:
    """The balances that the moves of one document may take from; what is taken is no longer free."""

    def __init__(self, negative: frozenset[UUID]) -> None:
        self._held: dict[tuple[UUID, UUID], list[Held[Balance]]] = defaultdict(list)
        self._negative = negative

    @classmethod
    def read(cls, ctx: Ctx, company_id: UUID, moves: Sequence[Any], day: date) -> Holdings:
        """Read what moves out of stock may find; one statement whatever their number."""
        out = sorted({(move.warehouse_id, move.item_id) for move in moves if move.quantity < 0})
        if not out:
            return cls(frozenset())
        allowing = text("SELECT id FROM hub.warehouse WHERE id = ANY(:ids) AND negative_allowed")
        ids = sorted({warehouse for warehouse, _ in out})
        holdings = cls(
            remembering.recall(
                ctx.session,
                ("Warehouse",),
                tuple(ids),
                lambda: frozenset(ctx.session.execute(allowing, {"ids": ids}).scalars()),
            )
        )
        wanted = {"warehouses": [one for one, _ in out], "items": [one for _, one in out]}
        for row in _BALANCES.rows(ctx.session, {"company": company_id, "day": day} | wanted):
            free = max(row.least, Decimal(0))
            balance = Balance(row.location_id, row.lot, row.serial, row.status, row.level, free, row.least_day)
            order = first_out(row.first_day, row.expiry_date, row.lot, str(row.location_id))
            holdings._held[row.warehouse_id, row.item_id].append(Held(balance, free, order))
        return holdings

    def may_be_negative(self, warehouse_id: UUID) -> bool:
        """Whether a warehouse may hold less than nothing."""
        return warehouse_id in self._negative

    def take(
        self, move: Any, lot: str | None, serial: str | None, wanted: Decimal
    ) -> Iterator[tuple[Balance, Decimal]]:
        """Take from the balances that fit the move, first in first out."""
        yield from take(self._fitting(move, lot, serial), wanted)

    def _fitting(self, move: Any, lot: str | None, serial: str | None) -> list[Held[Balance]]:
        return [
            held
            for held in self._held[move.warehouse_id, move.item_id]
            if held.key.status == move.status
            and move.location_id in (None, held.key.location_id)
            and lot in (None, held.key.lot)
            and serial in (None, held.key.serial)
        ]

    def later_shortage(self, move: Any, wanted: Decimal) -> date | None:
        """The day that would fall below zero, when it is not the day of the move itself that lacks something."""
        fitting = self._fitting(move, None, None)
        if sum((held.key.level for held in fitting), Decimal(0)) < wanted:
            return None
        days = [held.key.least_day for held in fitting if held.key.least_day and held.key.free < held.key.level]
        return min(days, default=None)
