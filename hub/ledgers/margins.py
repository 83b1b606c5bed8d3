"""What an order has brought and cost so far: of its lines what was sold and shipped, at the cost the ledger says.

Goods that come back take their cost off again, those sent in their place add theirs and bring nothing; what is given
back in money is an expense. The arithmetic is hub.rules.margin; here is only where its figures come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.rules.margin import Margin, Sold, margins
from hub.rules.money import to_cents

_LINES = text(
    "WITH sent AS ("  # replacements count for the order line that they were asked for
    " SELECT l.id, l.item_id, l.quantity, d.company_id, d.number, d.return_request_id IS NULL AS sold,"
    " coalesce(l.order_line_id, (SELECT r.order_line_id FROM hub.return_request_line r"
    "  WHERE r.return_request_id = d.return_request_id AND r.item_id = l.item_id AND r.order_line_id IS NOT NULL"
    "  ORDER BY r.position LIMIT 1)) AS order_line_id"
    " FROM hub.delivery d JOIN hub.delivery_line l ON l.delivery_id = d.id"
    " WHERE d.customer_id = (SELECT customer_id FROM hub.sales_order WHERE id = :order)"
    " AND d.state IN ('confirmed', 'signed')"
    "), papers AS ("
    " SELECT 'Delivery' AS type, company_id, number, item_id, quantity, order_line_id, sold FROM sent UNION ALL"
    " SELECT 'SalesReturn', r.company_id, r.number, b.item_id, b.quantity, s.order_line_id, false"
    " FROM hub.sales_return r JOIN hub.sales_return_line b ON b.sales_return_id = r.id"
    " LEFT JOIN sent s ON s.id = b.delivery_line_id"
    " WHERE r.customer_id = (SELECT customer_id FROM hub.sales_order WHERE id = :order) AND r.state = 'posted'"
    "), moved AS ("
    " SELECT *, sum(quantity) OVER (PARTITION BY company_id, type, number, item_id) AS together FROM papers"
    "), wanted AS ("
    " SELECT m.* FROM moved m JOIN hub.sales_order_line o ON o.id = m.order_line_id WHERE o.sales_order_id = :order"
    "), costs AS ("
    " SELECT c.document_type, c.document_number, c.item_id, -sum(c.value) AS cost FROM hub.cost_entry c"
    " WHERE (c.company_id, c.document_type, c.document_number) IN (SELECT company_id, type, number FROM wanted)"
    " GROUP BY c.document_type, c.document_number, c.item_id"
    ") SELECT o.position, o.item_id, o.quantity, o.amount * h.exchange_rate AS amount,"
    " coalesce(sum(m.quantity) FILTER (WHERE m.sold), 0) AS shipped,"
    " coalesce(sum(c.cost * m.quantity / nullif(m.together, 0)), 0) AS cost"
    " FROM hub.sales_order_line o JOIN hub.sales_order h ON h.id = o.sales_order_id"
    " LEFT JOIN wanted m ON m.order_line_id = o.id"
    " LEFT JOIN costs c ON c.document_type = m.type AND c.document_number = m.number AND c.item_id = m.item_id"
    " WHERE o.sales_order_id = :order GROUP BY o.id, h.id ORDER BY o.position"
)
_EXPENSES = text(
    "SELECT (SELECT coalesce(sum(d.freight), 0) FROM hub.delivery d"
    "  WHERE d.sales_order_id = :order AND d.state IN ('confirmed', 'signed')) AS freight,"
    " (SELECT coalesce(sum(l.amount * i.exchange_rate), 0) FROM hub.sales_adjustment_line l"
    "  JOIN hub.sales_adjustment a ON a.id = l.sales_adjustment_id JOIN hub.sales_invoice i ON i.id = l.invoice_id"
    "  WHERE i.sales_order_id = :order AND a.state = 'posted') AS adjustments"
)


@dataclass(frozen=True)
class LineMargin:
    """The margin of an order line, and how much of it was shipped."""

    position: int
    item_id: UUID
    shipped: Decimal
    margin: Margin


def of_order(ctx: Ctx, order_id: UUID) -> list[LineMargin]:
    """The margin of each line, freight and what was given back shared out by what the lines brought."""
    rows = ctx.session.execute(_LINES, {"order": order_id}).all()
    spent = ctx.session.execute(_EXPENSES, {"order": order_id}).one()
    sold = [Sold(_revenue(row), to_cents(row.cost)) for row in rows]
    found = margins(sold, to_cents(spent.freight), to_cents(spent.adjustments))
    return [LineMargin(row.position, row.item_id, row.shipped, margin) for row, margin in zip(rows, found, strict=True)]


def _revenue(row: Any) -> Decimal:
    """What was shipped of a line, at its price."""
    return to_cents(row.amount * row.shipped / row.quantity) if row.quantity else Decimal(0)
