"""Orders and deliveries whose figures are awkward on purpose, and what SQL says about them.

Prices that no float holds, shares that never end, late, over-delivered, free, foreign, draft and cancelled ones.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, text

from hub import writes
from hub.context import system_viewer
from hub.identity import hash_password

ANALYST = "analyst"
CUSTOMERS = [("K1", "海天塑机"), ("K2", "宁波汽配"), ("0012.5000", "苏州电器"), ("K4", "海天塑机")]
FIRST_DAY, DAYS = date(2026, 1, 5), 200

_LINES = """
WITH line AS (
  SELECT o.number, to_char(o.order_date, 'YYYY-MM') AS month, c.code, c.name, l.quantity, l.amount,
    coalesce(l.promised_date, o.promised_date) AS promised,
    (SELECT coalesce(sum(d.quantity), 0) FROM hub.delivery_line d JOIN hub.delivery h ON h.id = d.delivery_id
      WHERE d.order_line_id = l.id AND h.state IN ('confirmed', 'signed')) AS delivered,
    (SELECT max(h.delivery_date) FROM hub.delivery_line d JOIN hub.delivery h ON h.id = d.delivery_id
      WHERE d.order_line_id = l.id AND h.state IN ('confirmed', 'signed')) AS last
  FROM hub.sales_order_line l
  JOIN hub.sales_order o ON o.id = l.sales_order_id JOIN hub.customer c ON c.id = o.customer_id
  WHERE o.state IN ('confirmed', 'closed') AND o.currency = 'CNY' AND l.quantity > 0
), judged AS (
  SELECT *, amount::numeric(60, 20) * least(delivered, quantity) / quantity AS brought, coalesce(
    (delivered < quantity AND promised < (now() AT TIME ZONE 'Asia/Shanghai')::date) OR last > promised, false) AS late
  FROM line
)
"""
BY_MONTH = (
    _LINES
    + """SELECT month, count(DISTINCT number), sum(amount), sum(brought), count(DISTINCT number) FILTER (WHERE late)
  FROM judged GROUP BY month ORDER BY month"""
)
BY_CUSTOMER = _LINES + "SELECT code, name, sum(amount) FROM judged GROUP BY code, name ORDER BY 3 DESC LIMIT 10"
WHOLE = (
    _LINES
    + """SELECT count(DISTINCT number), sum(amount), sum(brought), count(DISTINCT number) FILTER (WHERE late)
  FROM judged"""
)


def company(engine: Engine) -> None:
    """A company with an analyst, customers and items, and no order."""
    with writes.unit_of_work(engine, system_viewer("test"), "test") as ctx:
        writes.create(ctx, "Company", {"code": "C1", "name": "测试公司"})
        writes.create(ctx, "UnitOfMeasure", {"code": "KG", "name": "千克"})
        writes.create(ctx, "Item", {"code": "I1", "name": "外壳", "unit": "KG"})
        writes.load(ctx, "Customer", [{"code": code, "name": name} for code, name in CUSTOMERS])
        user = {"code": ANALYST, "name": "分析员", "roles": ["executive"], "language": "zh"}
        writes.load(ctx, "User", [{**user, "password_hash": hash_password("not used")}])


def tell(engine: Engine, count: int, *, delivered: bool = True) -> None:
    """Add `count` orders and what was delivered of them."""
    dice = random.Random(7)  # noqa: S311 (a story, no secret)
    orders = [_order(dice, index) for index in range(count)]
    deliveries = [found for order in orders for found in _deliveries(dice, order)] if delivered else []
    with writes.unit_of_work(engine, system_viewer("test"), "test") as ctx:
        for kind, rows in (("SalesOrder", orders), ("Delivery", deliveries)):
            result = writes.load(ctx, kind, rows)
            assert (result.inserted, result.problems) == (len(rows), [])


def rows(engine: Engine, query: str) -> list[tuple[Any, ...]]:
    """What SQL says."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def _order(dice: random.Random, index: int) -> dict[str, Any]:
    ordered = FIRST_DAY + timedelta(days=dice.randrange(DAYS))
    free = ordered.month == 3  # a month of samples: nothing to divide by
    lines = [
        {
            "item": "I1",
            "quantity": str(Decimal(dice.randrange(1, 90_000)) / 1000),
            "unit_price": "0" if free else str(Decimal(dice.randrange(1, 9_999_999)) / 10_000),
            "promised_date": str(ordered + timedelta(days=dice.randrange(5, 20))) if dice.random() < 0.5 else None,
        }
        for _ in range(dice.randrange(1, 4))
    ]
    return {
        "number": f"SO-{index:05}",
        "state": dice.choices(["confirmed", "closed", "draft", "cancelled"], [8, 4, 1, 1])[0],
        "customer": dice.choice(CUSTOMERS)[0],
        "currency": dice.choices(["CNY", "USD"], [9, 1])[0],
        "order_date": str(ordered),
        "promised_date": str(ordered + timedelta(days=15)) if dice.random() < 0.9 else None,
        "lines": lines,
    }


def _deliveries(dice: random.Random, order: dict[str, Any]) -> list[dict[str, Any]]:
    """None, one or two deliveries of some lines; a share of 1.2 brings too much."""
    made = []
    for part in range(dice.choice([0, 1, 1, 2])):
        share = dice.choice([Decimal("0.3337"), Decimal("0.5"), Decimal(1), Decimal("1.2")])
        lines = [
            {
                "item": "I1",
                "quantity": str(round(Decimal(line["quantity"]) * share, 4)),
                "order_line": {"number": order["number"], "position": position},
            }
            for position, line in enumerate(order["lines"], 1)
            if dice.random() < 0.8
        ]
        if lines:
            made.append(
                {
                    "number": f"DN-{order['number']}-{part}",
                    "state": dice.choices(["confirmed", "signed", "cancelled", "draft"], [5, 5, 1, 1])[0],
                    "customer": order["customer"],
                    "sales_order": order["number"],
                    "delivery_date": str(
                        date.fromisoformat(order["order_date"]) + timedelta(days=dice.randrange(1, 30))
                    ),
                    "lines": lines,
                }
            )
    return made
