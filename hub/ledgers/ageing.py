"""How old receivables, payables and stock are, read from the ledgers, so that they add up to the accounts and stores.

A partner's payments settle what was due first; the due day of an entry is its invoice's, else its own day. Goods whose
invoice has not come are a pool of their own, which invoices clear.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.rules.ageing import Due, Received, aged, is_dead, still_open, stock_aged
from hub.rules.money import ZERO, to_cents

_OWED_TO_US = text(
    "SELECT c.code, c.name, false AS accrued, coalesce(i.due_date, max(e.entry_date)) AS due_date, "
    "  sum(e.debit - e.credit) AS amount "
    "FROM hub.money_entry e JOIN hub.account a ON a.id = e.account_id JOIN hub.customer c ON c.id = e.customer_id "
    "LEFT JOIN hub.sales_invoice i ON i.company_id = e.company_id AND i.number = CASE e.document_type "
    "  WHEN 'SalesInvoice' THEN e.document_number "
    "  WHEN 'OpeningBalance' THEN e.document_number || '-' || e.line_position END "
    "WHERE e.company_id = :company AND e.entry_date <= :day AND a.partner = 'customer' "
    "  AND a.code ^@ ANY(cast(:accounts AS text[])) "
    "GROUP BY c.code, c.name, e.document_type, e.document_number, i.due_date HAVING sum(e.debit - e.credit) <> 0 "
    "ORDER BY c.code, 3, e.document_type, e.document_number, i.due_date"
)
_OWED_BY_US = text(
    "SELECT s.code, s.name, side.accrued, coalesce(i.due_date, max(e.entry_date)) AS due_date, "
    "  sum(side.amount) AS amount "
    "FROM hub.money_entry e JOIN hub.account a ON a.id = e.account_id JOIN hub.supplier s ON s.id = e.supplier_id "
    "CROSS JOIN LATERAL (VALUES (e.document_type = ANY(cast(:goods AS text[])), e.credit), "
    "  (e.document_type = ANY(cast(:goods AS text[])) OR e.document_type = 'PurchaseInvoice', -e.debit)) "
    "  AS side (accrued, amount) "
    "LEFT JOIN hub.purchase_invoice i ON i.company_id = e.company_id AND NOT side.accrued "
    "  AND i.number = CASE e.document_type WHEN 'PurchaseInvoice' THEN e.document_number "
    "  WHEN 'OpeningBalance' THEN e.document_number || '-' || e.line_position END "
    "WHERE e.company_id = :company AND e.entry_date <= :day AND a.partner = 'supplier' "
    "  AND a.code ^@ ANY(cast(:accounts AS text[])) "
    "GROUP BY s.code, s.name, side.accrued, e.document_type, e.document_number, i.due_date "
    "HAVING sum(side.amount) <> 0 ORDER BY s.code, 4, e.document_type, e.document_number, i.due_date"
)
_LYING = text(
    "SELECT i.code, i.name, d.day, greatest(d.given_quantity, 0) + greatest(d.average_quantity, 0) AS came, "
    "  d.given_quantity + d.average_quantity AS moved, d.average_quantity < 0 AS went "
    "FROM hub.cost_day d JOIN hub.item i ON i.id = d.item_id "
    "WHERE d.company_id = :company AND d.day <= :day ORDER BY i.code, d.day"
)
_PIECE = Decimal("0.0001")
RECEIVABLE, PAYABLE = ("1122",), ("2202",)
GOODS = ("PurchaseReceipt", "PurchaseReturn")
"""What is owed for goods before their invoice comes; the invoice takes it back and is owed itself."""


@dataclass(frozen=True)
class Aged:
    """A partner's or an item's classes, youngest first."""

    code: str
    name: str
    classes: tuple[Decimal, ...]
    dead: bool = False

    @property
    def total(self) -> Decimal:
        """All classes together."""
        return sum(self.classes, ZERO)


def receivables(ctx: Ctx, company_id: UUID, day: date) -> list[Aged]:
    """What customers owe on a day, by days past due; adds up to 应收账款. A customer's advance is below zero."""
    return _partners(ctx, company_id, day, payable=False)


def payables(ctx: Ctx, company_id: UUID, day: date) -> list[Aged]:
    """What we owe suppliers on a day, by days past due; adds up to 应付账款.

    Goods whose invoice has not come are due since they came, and cleared by invoices, not by payments.
    """
    return _partners(ctx, company_id, day, payable=True)


def _partners(ctx: Ctx, company_id: UUID, day: date, *, payable: bool) -> list[Aged]:
    about = {"company": company_id, "day": day, "accounts": list(PAYABLE if payable else RECEIVABLE)}
    if payable:
        rows = ctx.session.execute(_OWED_BY_US, about | {"goods": list(GOODS)})
    else:
        rows = ctx.session.execute(_OWED_TO_US, about)
    found: dict[tuple[str, str], dict[bool, list[Due]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[row.code, row.name][row.accrued].append(Due(row.amount, row.due_date))
    told = []
    for key, pools in found.items():
        classes = [aged(_open(dues), day) for dues in pools.values()]
        told.append(Aged(*key, tuple(to_cents(sum(parts, ZERO)) for parts in zip(*classes, strict=True))))
    return [one for one in told if any(one.classes)]


def _open(dues: list[Due]) -> list[Due]:
    """What is left of what is owed when everything below zero has settled what was due first."""
    settled = -sum((one.amount for one in dues if one.amount < 0), ZERO)
    return still_open([one for one in dues if one.amount > 0], settled)


def stock(ctx: Ctx, company_id: UUID, day: date) -> list[Aged]:
    """What lies in the stores at the end of a day, by days since it came; `dead` is what has not gone for long."""
    came: dict[tuple[str, str], list[Received]] = defaultdict(list)
    level: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    went: dict[tuple[str, str], date] = {}
    for row in ctx.session.execute(_LYING, {"company": company_id, "day": day}):
        key = (row.code, row.name)
        level[key] += row.moved
        if row.came:
            came[key].append(Received(row.day, row.came))
        if row.went:
            went[key] = row.day
    return [
        Aged(
            *key,
            tuple(one.quantize(_PIECE) for one in stock_aged(quantity, came[key], day)),
            is_dead(quantity, went.get(key), came[key][0].day if came[key] else day, day),
        )
        for key, quantity in level.items()
        if quantity > 0
    ]
