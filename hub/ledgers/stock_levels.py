"""Stock as of any day, in quantity and value, and whether what is kept is what the entries add up to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from hub.context import Ctx

_AS_OF = text(
    "SELECT b.item_id, b.warehouse_id, b.location_id, b.lot, b.serial, b.status, sum(c.quantity) AS quantity "
    "FROM hub.stock_balance b JOIN hub.stock_change c ON c.balance_id = b.id "
    "WHERE b.company_id = :company AND (:anything OR b.item_id = ANY(:items)) AND b.first_day <= :day "
    "AND ((c.span = 'month' AND c.begins < date_trunc('month', cast(:day AS date))) "
    "  OR (c.span = 'day' AND c.begins BETWEEN date_trunc('month', cast(:day AS date)) AND :day)) "
    "GROUP BY b.id HAVING sum(c.quantity) <> 0"
)
_VALUE_AS_OF = text(
    "SELECT item_id, sum(given_quantity + average_quantity) AS quantity, sum(given_value + average_value) AS value "
    "FROM hub.cost_day WHERE company_id = :company AND (:anything OR item_id = ANY(:items)) AND day <= :day "
    "GROUP BY item_id"
)
STOCK_DIFFERENCES = """
SELECT 'balance' AS kept, coalesce(e.company_id, b.company_id) AS company_id, coalesce(e.item_id, b.item_id) AS item_id,
       e.quantity AS entries, b.quantity AS sums
  FROM (SELECT company_id, item_id, warehouse_id, location_id, lot, serial, status, sum(quantity) AS quantity
          FROM hub.stock_entry GROUP BY 1, 2, 3, 4, 5, 6, 7) e
  FULL JOIN hub.stock_balance b ON b.company_id = e.company_id AND b.item_id = e.item_id
   AND b.warehouse_id = e.warehouse_id AND b.status = e.status
   AND coalesce(b.location_id, b.company_id) = coalesce(e.location_id, e.company_id)
   AND coalesce(b.lot, chr(1)) = coalesce(e.lot, chr(1)) AND coalesce(b.serial, chr(1)) = coalesce(e.serial, chr(1))
 WHERE coalesce(e.quantity, 0) <> coalesce(b.quantity, 0)
UNION ALL
SELECT 'day', b.company_id, b.item_id, e.quantity, c.quantity
  FROM (SELECT b.id, (e.entry_at AT TIME ZONE 'Asia/Shanghai')::date AS day, sum(e.quantity) AS quantity
          FROM hub.stock_entry e JOIN hub.stock_balance b ON b.company_id = e.company_id AND b.item_id = e.item_id
           AND b.warehouse_id = e.warehouse_id AND b.status = e.status
           AND coalesce(b.location_id, b.company_id) = coalesce(e.location_id, e.company_id)
           AND coalesce(b.lot, chr(1)) = coalesce(e.lot, chr(1))
           AND coalesce(b.serial, chr(1)) = coalesce(e.serial, chr(1))
         GROUP BY 1, 2) e
  FULL JOIN (SELECT * FROM hub.stock_change WHERE span = 'day') c ON c.balance_id = e.id AND c.begins = e.day
  JOIN hub.stock_balance b ON b.id = coalesce(e.id, c.balance_id)
 WHERE coalesce(e.quantity, 0) <> coalesce(c.quantity, 0)
UNION ALL
SELECT 'month', b.company_id, b.item_id, d.quantity, m.quantity
  FROM (SELECT balance_id, date_trunc('month', begins)::date AS begins, sum(quantity) AS quantity
          FROM hub.stock_change WHERE span = 'day' GROUP BY 1, 2) d
  FULL JOIN (SELECT * FROM hub.stock_change WHERE span = 'month') m USING (balance_id, begins)
  JOIN hub.stock_balance b ON b.id = balance_id
 WHERE coalesce(d.quantity, 0) <> coalesce(m.quantity, 0)"""
"""Rows where a kept sum is not the sum of the entries; there is none."""
COST_DIFFERENCES = """
SELECT coalesce(e.company_id, d.company_id) AS company_id, coalesce(e.item_id, d.item_id) AS item_id,
       coalesce(e.day, d.day) AS day, e.quantity, e.value, d.given_quantity + d.average_quantity AS kept_quantity,
       d.given_value + d.average_value AS kept_value
  FROM (SELECT company_id, item_id, entry_date AS day, sum(quantity) AS quantity, sum(value) AS value
          FROM hub.cost_entry GROUP BY 1, 2, 3) e
  FULL JOIN hub.cost_day d ON d.company_id = e.company_id AND d.item_id = e.item_id AND d.day = e.day
 WHERE coalesce(e.quantity, 0) <> coalesce(d.given_quantity + d.average_quantity, 0)
    OR coalesce(e.value, 0) <> coalesce(d.given_value + d.average_value, 0)"""
"""The same for the days of the cost ledger."""


def as_of(ctx: Ctx, company_id: UUID, day: date, items: Sequence[UUID] | None = None) -> Sequence[Row[Any]]:
    """What lay where at the end of a day: item, warehouse, location, lot, serial, status, quantity; zero left out."""
    return ctx.session.execute(_AS_OF, _asked(company_id, day, items)).all()


def value_as_of(ctx: Ctx, company_id: UUID, day: date, items: Sequence[UUID] | None = None) -> Sequence[Row[Any]]:
    """What each item's stock was worth at the end of a day: item_id, quantity, value."""
    return ctx.session.execute(_VALUE_AS_OF, _asked(company_id, day, items)).all()


def _asked(company_id: UUID, day: date, items: Sequence[UUID] | None) -> dict[str, Any]:
    return {"company": company_id, "day": day, "anything": items is None, "items": list(items or ())}


def differences(ctx: Ctx) -> list[Row[Any]]:
    """Every kept sum of stock and cost that is not the sum of its entries, over all companies; none is well."""
    return [row for query in (STOCK_DIFFERENCES, COST_DIFFERENCES) for row in ctx.session.execute(text(query))]
