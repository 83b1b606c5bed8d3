"""What customers ordered of items, month by month: what forecasts are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import extract, func, select

from hub.context import Ctx
from hub.document.registry import spec
from hub.rules.forecasting import forecast, month_number

_COUNTED = ("confirmed", "closed")


def by_month(ctx: Ctx, company_id: UUID, before: date) -> dict[UUID, dict[int, Decimal]]:
    """The quantity of each item ordered in each month (hub.rules.forecasting.month_number) before a day's month."""
    line, order = spec("SalesOrderLine").table, spec("SalesOrder").table
    year, month = (extract(part, order.c.order_date) for part in ("year", "month"))
    found = (
        select(line.c.item_id, year, month, func.sum(line.c.quantity))
        .join_from(line, order, order.c.id == line.c.sales_order_id)
        .where(order.c.company_id == company_id, order.c.state.in_(_COUNTED))
        .where(order.c.order_date < before.replace(day=1))
        .group_by(line.c.item_id, year, month)
    )
    sold: dict[UUID, dict[int, Decimal]] = defaultdict(dict)
    for item_id, in_year, in_month, quantity in ctx.session.execute(found):
        sold[item_id][month_number(int(in_year), int(in_month))] = quantity
    return sold


def foresee(ctx: Ctx, company_id: UUID, lines: Iterable[Any], day: date) -> None:
    """Set the quantity of lines with `item_id` (none: all items) and `month` by what was sold before a day's month."""
    sold, last = by_month(ctx, company_id, day), month_number(day.year, day.month) - 1
    total: dict[int, Decimal] = defaultdict(Decimal)
    for months in sold.values():
        for month, quantity in months.items():
            total[month] += quantity
    for line in lines:
        past = total if line.item_id is None else sold.get(line.item_id, {})
        line.quantity = forecast(past, [month_number(line.month.year, line.month.month)], last)[0]
