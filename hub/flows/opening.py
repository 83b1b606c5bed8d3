"""What an opening balance brings in of customers and suppliers becomes papers that can be settled."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hub import writes
from hub.context import Ctx
from hub.document import audit
from hub.document.flow import on
from hub.ledgers import opening as opening_items
from hub.ledgers.settling import Side


@on("OpeningBalance", "post")
def become_open_items(opening: Any, ctx: Ctx) -> None:
    """A posted invoice for each line that is owed, a posted receipt or payment for each advance."""
    side = opening_items.SIDES.get(opening.kind.value)
    if side is None:
        return
    acting = ctx.with_all_rights()
    for line in opening.lines:
        amount = opening_items.amount_of(side, line)
        kind, values = _invoice(side, opening, line, amount) if amount > 0 else _advance(side, opening, line, -amount)
        values |= {
            "number": opening_items.number_of(opening, line),
            side.partner: side.partner_of(line),
            "exchange_rate": line.exchange_rate,
            "note": line.note,
        }
        if line.currency:
            values["currency"] = line.currency
        made = writes.create(acting, kind, values)
        changes = {"state": [made.state.value, "posted"], "by": [None, opening.number]}
        made.opening_balance_id, made.state = opening.id, type(made.state)("posted")
        audit.record(ctx, kind, made.id, "open", changes, version=made.version + 1)


def _invoice(side: Side, opening: Any, line: Any, amount: Decimal) -> tuple[str, dict[str, Any]]:
    """What is owed, as it was invoiced before: one line, its tax was told then."""
    values = {
        "invoice_date": line.invoice_date or opening.entry_date,
        "due_date": line.due_date,
        "tax_invoice_number": line.invoice_number,
        "lines": [{"quantity": 1, "unit_price": amount, "tax_rate": 0}],
    }
    return side.invoice, values


def _advance(side: Side, opening: Any, line: Any, amount: Decimal) -> tuple[str, dict[str, Any]]:
    """What was paid ahead; it settles invoices when somebody says so."""
    return side.payment, {
        side.day: line.invoice_date or opening.entry_date,
        "amount": amount,
        "reference": line.invoice_number,
    }
