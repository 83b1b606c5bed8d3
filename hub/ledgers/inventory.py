"""What stock is worth, in the books: each document's cost entries, to the cent, on the account of what its items are.

Booked is always the difference between what the cost ledger says of a document and what the books have of it, so a
back-dated movement, a settled month and a reversal need no rules of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, text

from hub.context import Ctx
from hub.document.registry import spec
from hub.ledgers import money, posting
from hub.rules.chart import STOCK_COUNTERPARTS, STOCK_KINDS
from hub.rules.money import ZERO
from hub.rules.pricing import CENT

_SEEN = "cost entries booked up to"
_FLOOR = text(
    "SELECT cast(lpad(to_hex(cast(extract(epoch FROM now()) * 1000 AS bigint)), 12, '0') "
    "|| '70000000000000000000' AS uuid)"
)
_CHANGED = text(
    "SELECT max(cast(id AS text)) OVER () AS last, document_type, document_number, entry_date FROM hub.cost_entry "
    "WHERE id > :since AND company_id = :company AND document_type = ANY(:types) ORDER BY id"
)
_WORTH = text(
    "SELECT i.kind, sum(c.value) AS value FROM hub.cost_entry c JOIN hub.item i ON i.id = c.item_id "
    "WHERE c.company_id = :company AND c.document_type = :type AND c.document_number = :number GROUP BY i.kind"
)
_BOOKED = text(
    "SELECT account_id, sum(debit - credit) AS value FROM hub.money_entry WHERE company_id = :company "
    "AND document_type = :type AND document_number = :number AND account_id = ANY(:accounts) GROUP BY account_id"
)


class _Paper(NamedTuple):
    document_type: str
    number: str


def book(ctx: Ctx, company_id: UUID) -> None:
    """Enter what this transaction has added to the cost ledger; nothing for a company that keeps its books elsewhere.

    Raises:
        Refused: POSTING_RULE_MISSING, and what `money.enter` refuses.
    """
    if not posting.keeps_books(ctx, company_id):
        return
    changed = _changed(ctx, company_id)
    if not changed:
        return
    sides = [f"Stock.{kind}" for kind in STOCK_KINDS]
    sides += sorted({STOCK_COUNTERPARTS[paper.document_type] for paper in changed})
    accounts = posting.accounts(ctx, company_id, sides)
    assert accounts is not None
    for paper, day in changed.items():
        entries = list(_entries(ctx, company_id, paper, accounts))
        if entries:
            source = money.Source(company_id, paper.document_type, paper.number)
            money.enter(ctx, source, day=day, entries=entries)


def _changed(ctx: Ctx, company_id: UUID) -> dict[_Paper, date]:
    """The documents whose cost this transaction has changed since the last asking, with the day of the change."""
    seen = ctx.session.info.get(_SEEN) or (None, None)
    transaction = ctx.session.get_transaction()
    since = seen[1] if seen[0] is transaction else ctx.session.execute(_FLOOR).scalar_one()
    about = {"since": since, "company": company_id, "types": list(STOCK_COUNTERPARTS)}
    rows = ctx.session.execute(_CHANGED, about).all()
    if rows:
        ctx.session.info[_SEEN] = (transaction, UUID(rows[0].last))
    return {_Paper(row.document_type, row.document_number): row.entry_date for row in rows}


def _entries(ctx: Ctx, company_id: UUID, paper: _Paper, accounts: dict[str, UUID]) -> Iterator[money.Entry]:
    """What is still to be booked of a document, by account, and its counterpart."""
    about = {"company": company_id, "type": paper.document_type, "number": paper.number}
    worth: dict[UUID, Decimal] = defaultdict(Decimal)
    for row in ctx.session.execute(_WORTH, about):
        worth[accounts[f"Stock.{row.kind}"]] += row.value
    known = {accounts[f"Stock.{kind}"] for kind in STOCK_KINDS}
    booked = {row.account_id: row.value for row in ctx.session.execute(_BOOKED, {**about, "accounts": list(known)})}
    partner = _partner(ctx, company_id, paper)
    counterpart = accounts[STOCK_COUNTERPARTS[paper.document_type]]
    for account_id, value in worth.items():
        left = value.quantize(CENT, ROUND_HALF_UP) - booked.get(account_id, ZERO)
        if not left:
            continue
        if paper.document_type in ("Delivery", "MaterialIssue"):  # goods go: red when they come back
            yield money.Entry(counterpart, -left, ZERO, **partner)
            yield money.Entry(account_id, ZERO, -left)
        else:
            yield money.Entry(account_id, left, ZERO)
            yield money.Entry(counterpart, ZERO, left, **partner)


def _partner(ctx: Ctx, company_id: UUID, paper: _Paper) -> dict[str, Any]:
    """The document's customer or supplier, where it has one."""
    table = spec(paper.document_type).table
    names = [name for name in ("customer_id", "supplier_id") if name in table.c]
    if not names:
        return {}
    found = select(*(table.c[name] for name in names)).where(
        table.c.company_id == company_id, table.c.number == paper.number
    )
    return dict(ctx.session.execute(found).mappings().one())
