"""Stock as of any day, in quantity and value, and whether what is kept is what the entries add up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from hub.context import Ctx

_AS_OF = text(
    "SELECT b.item_id, b.warehouse_id, b.location_id, b.lot, b.serial, b.status, level.quantity, w.code AS warehouse, "
    "  l.code AS location "
    "FROM hub.stock_balance b CROSS JOIN LATERAL (SELECT sum(changed.quantity) AS quantity FROM ("
    "    SELECT quantity FROM hub.stock_change WHERE balance_id = b.id AND span = 'month' "
    "      AND begins < date_trunc('month', cast(:day AS date)) "
    "    UNION ALL SELECT quantity FROM hub.stock_change WHERE balance_id = b.id AND span = 'day' "
    "      AND begins BETWEEN date_trunc('month', cast(:day AS date)) AND :day) AS changed) AS level "
    "JOIN hub.warehouse w ON w.id = b.warehouse_id LEFT JOIN hub.location l ON l.id = b.location_id "
    "WHERE b.company_id = :company AND (:anything OR b.item_id = ANY(:items)) AND b.first_day <= :day "
    "AND level.quantity <> 0"
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
    """What lay where at the end of a day: ids, lot, serial, status, quantity, codes of the places; zero left out."""
    return ctx.session.execute(_AS_OF, _asked(company_id, day, items)).all()


def value_as_of(ctx: Ctx, company_id: UUID, day: date, items: Sequence[UUID] | None = None) -> Sequence[Row[Any]]:
    """What each item's stock was worth at the end of a day: item_id, quantity, value."""
    return ctx.session.execute(_VALUE_AS_OF, _asked(company_id, day, items)).all()


@dataclass(frozen=True)
class Page:
    """Which items: of these codes (all with None), at most `first`, in order of their codes from `after` on."""

    codes: Sequence[str] | None
    first: int
    after: str = ""


@dataclass(frozen=True)
class ItemOfDay:
    """An item's stock at the end of a day; `places` are rows as `as_of` gives them."""

    id: UUID
    code: str
    name: str
    value: Decimal
    places: Sequence[Row[Any]]


_ITEMS = text(
    "SELECT i.id, i.code, i.name FROM hub.item i WHERE i.company_id = :company AND i.code > :after "
    "AND (:anything OR i.code = ANY(:codes)) AND EXISTS (SELECT FROM hub.stock_balance b "
    "  WHERE b.company_id = :company AND b.item_id = i.id AND b.first_day <= :day) ORDER BY i.code LIMIT :first"
)


def of_day(ctx: Ctx, company_id: UUID, day: date, page: Page) -> list[ItemOfDay]:
    """The items that had moved by the end of a day, what lay where of them and what they were worth in the company."""
    about = {"company": company_id, "day": day, "after": page.after, "first": page.first}
    about |= {"anything": page.codes is None, "codes": list(page.codes or ())}
    items = ctx.session.execute(_ITEMS, about).all()
    asked = _asked(company_id, day, [item.id for item in items])
    places: dict[UUID, list[Row[Any]]] = defaultdict(list)
    for row in sorted(ctx.session.execute(_AS_OF, asked), key=_place):
        places[row.item_id].append(row)
    worth = {row.item_id: row.value for row in ctx.session.execute(_VALUE_AS_OF, asked)}
    return [ItemOfDay(one.id, one.code, one.name, worth.get(one.id, Decimal(0)), places[one.id]) for one in items]


def _place(row: Row[Any]) -> tuple[str, ...]:
    return (row.warehouse, row.location or "", row.lot or "", row.serial or "", row.status)


def _asked(company_id: UUID, day: date, items: Sequence[UUID] | None) -> dict[str, Any]:
    return {"company": company_id, "day": day, "anything": items is None, "items": list(items or ())}


def differences(ctx: Ctx) -> list[Row[Any]]:
    """Every kept sum of stock and cost that is not the sum of its entries, over all companies; none is well."""
    return [row for query in (STOCK_DIFFERENCES, COST_DIFFERENCES) for row in ctx.session.execute(text(query))]
