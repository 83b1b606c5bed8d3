"""What a customer has of us at the moment, and whether an order may add to it; the decision is hub.rules.credit.

A customer without a credit limit is not controlled. What an older system took as an order, it bills: of such an order
only what is still open counts here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from hub.context import Ctx
from hub.document import today
from hub.document.registry import spec
from hub.document.remembering import recall
from hub.errors import Problem
from hub.rules import credit
from hub.rules.money import ZERO, to_cents

GRACE_DAYS = 30
"""So many days after its due date an invoice stops further orders."""

_EXPOSURE = text(
    "WITH invoice AS ("
    " SELECT i.due_date, (sum(l.amount + l.tax_amount) - i.received_amount) * i.exchange_rate AS owed"
    " FROM hub.sales_invoice i JOIN hub.sales_invoice_line l ON l.sales_invoice_id = i.id"
    " WHERE i.customer_id = :customer AND i.state = 'posted' GROUP BY i.id"
    "), ordered AS ("
    " SELECT o.state, EXISTS (SELECT FROM hub.source_record s WHERE s.document_id = o.id) AS billed_elsewhere,"
    " l.quantity - (SELECT coalesce(sum(b.quantity), 0) FROM hub.delivery_line d"
    "  JOIN hub.sales_return_line b ON b.delivery_line_id = d.id JOIN hub.sales_return r ON r.id = b.sales_return_id"
    "  WHERE d.order_line_id = l.id AND r.state = 'posted' AND b.credited) AS quantity,"
    " l.amount * (1 + l.tax_rate / 100) * o.exchange_rate / nullif(l.quantity, 0) AS each,"
    " (SELECT coalesce(sum(d.quantity), 0) FROM hub.delivery_line d JOIN hub.delivery h ON h.id = d.delivery_id"
    "  WHERE d.order_line_id = l.id AND h.state IN ('confirmed', 'signed'))"
    " - (SELECT coalesce(sum(b.quantity), 0) FROM hub.delivery_line d JOIN hub.sales_return_line b"
    "  ON b.delivery_line_id = d.id JOIN hub.sales_return r ON r.id = b.sales_return_id"
    "  WHERE d.order_line_id = l.id AND r.state = 'posted') AS shipped,"
    " (SELECT coalesce(sum(s.quantity), 0) FROM hub.sales_invoice_line s JOIN hub.sales_invoice i"
    "  ON i.id = s.sales_invoice_id WHERE s.order_line_id = l.id AND i.state = 'posted') AS invoiced"
    " FROM hub.sales_order o JOIN hub.sales_order_line l ON l.sales_order_id = o.id"
    " WHERE o.customer_id = :customer AND o.state IN ('confirmed', 'closed')"
    ") SELECT"
    " (SELECT coalesce(sum(owed), 0) FROM invoice) AS invoiced,"
    " (SELECT coalesce(sum(owed), 0) FROM invoice WHERE due_date < :day) AS overdue,"
    " (SELECT min(due_date) FROM invoice WHERE due_date < :day AND owed > 0) AS overdue_since,"
    " (SELECT coalesce(sum(greatest(shipped - invoiced, 0) * each), 0) FROM ordered"
    "  WHERE NOT billed_elsewhere) AS shipped,"
    " (SELECT coalesce(sum(greatest(quantity - greatest(shipped, invoiced), 0) * each), 0) FROM ordered"
    "  WHERE state = 'confirmed') AS ordered,"
    " (SELECT coalesce(sum((r.amount - (SELECT coalesce(sum(l.amount), 0) FROM hub.sales_receipt_line l"
    "  WHERE l.sales_receipt_id = r.id)) * r.exchange_rate), 0) FROM hub.sales_receipt r"
    "  WHERE r.customer_id = :customer AND r.state = 'posted') AS advances"
)


def exposure(ctx: Ctx, customer_id: UUID, day: date) -> credit.Exposure:
    """What the customer owes or soon will, with tax, in the currency of the books."""
    row = ctx.session.execute(_EXPOSURE, {"customer": customer_id, "day": day}).one()
    return credit.Exposure(
        invoiced=to_cents(row.invoiced),
        shipped=to_cents(row.shipped),
        ordered=to_cents(row.ordered),
        advances=to_cents(row.advances),
        overdue=to_cents(row.overdue),
        overdue_since=row.overdue_since,
    )


def refusals(ctx: Ctx, order: Any) -> Iterator[Problem]:
    """CREDIT_EXCEEDED and CREDIT_OVERDUE for an order that is about to count.

    The customer is locked, so that of two orders confirmed at once the second sees the first.
    """
    customer = spec("Customer").table
    limit = select(customer.c.credit_limit).where(customer.c.id == order.customer_id)
    key = ("credit limit", order.customer_id)
    if recall(ctx.session, ("Customer",), key, lambda: ctx.session.execute(limit).scalar_one()) is None:
        return
    most: Decimal = ctx.session.execute(limit.with_for_update(key_share=True)).scalar_one()
    day = today()
    yield from credit.refusals(most, exposure(ctx, order.customer_id, day), amount_of(order), day, GRACE_DAYS)


def amount_of(order: Any) -> Decimal:
    """An order's amount with tax and freight, in the currency of the books."""
    lines = sum((line.amount * (100 + line.tax_rate) / 100 for line in order.lines), ZERO)
    return to_cents((lines + order.freight) * order.exchange_rate)
