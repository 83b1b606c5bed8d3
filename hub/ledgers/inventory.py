"""What stock is worth, in the books: each document's cost entries, to the cent, on the account of what its items are.

Booked is always the difference between what the cost ledger says of a document and what the books have of it, so a
back-dated movement, a settled month and a reversal need no rules of their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text

from hub.context import Ctx
from hub.document.registry import spec
from hub.ledgers import money, posting
from hub.rules.chart import STOCK_COUNTERPARTS, STOCK_KINDS
from hub.rules.money import CENT, ZERO

_GOING = ("Delivery", "SalesReturn", "MaterialIssue", "MaterialReturn", "NonConformance")
"""What takes goods out of stock, and what brings the same back."""
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
    "SELECT paper.type, paper.number, i.kind, sum(c.value) AS value "
    "FROM unnest(cast(:types AS text[]), cast(:numbers AS text[])) AS paper (type, number) "
    "JOIN hub.cost_entry c ON c.company_id = :company AND c.document_type = paper.type "
    "  AND c.document_number = paper.number "
    "JOIN hub.item i ON i.id = c.item_id GROUP BY paper.type, paper.number, i.kind"
)
_BOOKED = text(
    "SELECT paper.type, paper.number, e.account_id, sum(e.debit - e.credit) AS value "
    "FROM unnest(cast(:types AS text[]), cast(:numbers AS text[])) AS paper (type, number) "
    "JOIN hub.money_entry e ON e.company_id = :company AND e.document_type = paper.type "
    "  AND e.document_number = paper.number AND e.account_id = ANY(:accounts) "
    "GROUP BY paper.type, paper.number, e.account_id"
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
    papers = list(changed)
    partners = _partners(ctx, company_id, papers)
    left = _left(ctx, company_id, papers, accounts)
    if not left:
        return
    money.enter_many(
        ctx,
        company_id,
        [
            money.Posting(
                money.Source(company_id, paper.document_type, paper.number),
                changed[paper],
                list(_entries(paper, values, accounts[STOCK_COUNTERPARTS[paper.document_type]], partners[paper])),
            )
            for paper, values in left.items()
        ],
    )


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


def _left(
    ctx: Ctx, company_id: UUID, papers: Sequence[_Paper], accounts: Mapping[str, UUID]
) -> dict[_Paper, dict[UUID, Decimal]]:
    """What is still to be booked of documents, by account; those of which nothing is left are left out."""
    kinds = [accounts[f"Stock.{kind}"] for kind in STOCK_KINDS]
    about = {
        "company": company_id,
        "types": [paper.document_type for paper in papers],
        "numbers": [paper.number for paper in papers],
        "accounts": sorted(set(kinds)),
    }
    worth: dict[_Paper, dict[UUID, Decimal]] = {paper: defaultdict(Decimal) for paper in papers}
    for row in ctx.session.execute(_WORTH, about):
        worth[_Paper(row.type, row.number)][accounts[f"Stock.{row.kind}"]] += row.value
    left = {
        paper: {account: value.quantize(CENT, ROUND_HALF_UP) for account, value in values.items()}
        for paper, values in worth.items()
    }
    for row in ctx.session.execute(_BOOKED, about):
        values = left[_Paper(row.type, row.number)]
        if row.account_id in values:
            values[row.account_id] -= row.value
    wanted = {paper: {account: value for account, value in values.items() if value} for paper, values in left.items()}
    return {paper: values for paper, values in wanted.items() if values}


def _entries(
    paper: _Paper, values: Mapping[UUID, Decimal], counterpart: UUID, partner: Mapping[str, Any]
) -> Iterator[money.Entry]:
    """The two sides of each account that something is left for."""
    for account_id, left in values.items():
        if paper.document_type in _GOING:  # goods go: red when they come back
            yield money.Entry(counterpart, -left, ZERO, **partner)
            yield money.Entry(account_id, ZERO, -left)
        else:
            yield money.Entry(account_id, left, ZERO)
            yield money.Entry(counterpart, ZERO, left, **partner)


def _partners(ctx: Ctx, company_id: UUID, papers: Sequence[_Paper]) -> dict[_Paper, dict[str, Any]]:
    """The documents' customers or suppliers, where their type has one."""
    found: dict[_Paper, dict[str, Any]] = {paper: {} for paper in papers}
    for document_type in sorted({paper.document_type for paper in papers}):
        table = spec(document_type).table
        names = [name for name in ("customer_id", "supplier_id") if name in table.c]
        if not names:
            continue
        numbers = [paper.number for paper in papers if paper.document_type == document_type]
        rows = select(table.c.number, *(table.c[name] for name in names)).where(
            table.c.company_id == company_id, table.c.number == func.any(numbers)
        )
        for row in ctx.session.execute(rows).mappings():
            found[_Paper(document_type, row["number"])] = {name: row[name] for name in names}
    return found
