"""The money ledger: what a document debits and credits, balanced to the cent, never changed, reversed in red.

Checks that a person can mend are made here, all at once. PostgreSQL checks again whatever is inserted by whomever
(`hub.db.books`): each document balanced, no closed period, and the balances by account, partner and period kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Index, Numeric, Table, Uuid, func, select

from hub.context import Ctx
from hub.document import direct, numbering, remembering
from hub.document.registry import metadata, spec
from hub.errors import Problem, Refused, problem
from hub.ledgers import periods
from hub.rules.money import ZERO, in_cents

money_balance = Table(
    "money_balance",
    metadata,
    Column("company_id", Uuid, ForeignKey("hub.company.id"), nullable=False),
    Column("account_id", Uuid, ForeignKey("hub.account.id"), nullable=False),
    Column("period_id", Uuid, ForeignKey("hub.fiscal_period.id"), nullable=False),
    Column("customer_id", Uuid, ForeignKey("hub.customer.id")),
    Column("supplier_id", Uuid, ForeignKey("hub.supplier.id")),
    Column("debit", Numeric(20, 2), nullable=False),
    Column("credit", Numeric(20, 2), nullable=False),
    Index(
        "uq_money_balance_key",
        *("company_id", "account_id", "period_id", "customer_id", "supplier_id"),
        unique=True,
        postgresql_nulls_not_distinct=True,
    ),
    schema="hub",
    comment="科目余额 (Turnover per account, partner and period, kept by the ledger's trigger)",
)


@dataclass(frozen=True)
class Entry:
    """One side of a posting; `path` leads to what it comes from in the document, for the problems."""

    account_id: UUID
    debit: Decimal = ZERO
    credit: Decimal = ZERO
    customer_id: UUID | None = None
    supplier_id: UUID | None = None
    department_id: UUID | None = None
    position: int | None = None
    note: str | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """The document that entries come from."""

    company_id: UUID
    document_type: str
    number: str

    @classmethod
    def of(cls, document: Any) -> Source:
        """A document as the source of its own entries."""
        return cls(document.company_id, type(document).__name__, document.number)


@dataclass(frozen=True)
class Posting:
    """What a document enters on a day."""

    source: Source
    day: date
    entries: Sequence[Entry]


def post(ctx: Ctx, document: Any, *, day: date, entries: Iterable[Entry], day_path: str = "entryDate") -> None:
    """Write a document's entries, under the number it has from now on: see `enter`."""
    numbering.settle(ctx, document)
    enter(ctx, Source.of(document), day=day, entries=entries, day_path=day_path)


def enter(ctx: Ctx, source: Source, *, day: date, entries: Iterable[Entry], day_path: str = "entryDate") -> None:
    """Write entries that come from a document; sides of nothing are left out.

    Raises:
        Refused: all of PERIOD_CLOSED, UNBALANCED, NOT_IN_CENTS, ONE_SIDE_ONLY, ACCOUNT_UNUSABLE, PARTNER_MISSING.
    """
    enter_many(ctx, source.company_id, [Posting(source, day, list(entries))], day_path)


def enter_many(ctx: Ctx, company_id: UUID, postings: Iterable[Posting], day_path: str = "entryDate") -> None:
    """Write what many documents of a company enter, by one statement, whatever their number: see `enter`."""
    given = [replace(one, entries=[side for side in one.entries if side.debit or side.credit]) for one in postings]
    problems = [found for one in given for found in _amounts(one.entries)]
    problems += _accounts(ctx, company_id, [side for one in given for side in one.entries])
    closed: list[Problem] = []
    open_: dict[str, UUID] = {}
    for code, day in sorted({periods.code_of(one.day): one.day for one in given}.items()):
        try:
            open_[code] = periods.opened(ctx, company_id, day, day_path)
        except Refused as refused:
            closed += refused.problems
    Refused.raise_all([*closed, *problems])
    _append(ctx, company_id, [(one, open_[periods.code_of(one.day)]) for one in given])


def _amounts(entries: Sequence[Entry]) -> Iterator[Problem]:
    """What is wrong with the amounts: parts of cents, both sides at once, sides that differ."""
    for one in entries:
        if not (in_cents(one.debit) and in_cents(one.credit)):
            yield problem("NOT_IN_CENTS", "金额最多两位小数。", "Amounts have no parts of a cent.", *one.path)
        if one.debit and one.credit:
            yield problem("ONE_SIDE_ONLY", "一行只能有借方或贷方。", "A line is debit or credit, not both.", *one.path)
    debit, credit = (sum((getattr(one, side) for one in entries), ZERO) for side in ("debit", "credit"))
    if debit != credit or not entries:
        yield problem(
            "UNBALANCED",
            f"借贷不平：借方 {debit.normalize():f}，贷方 {credit.normalize():f}。",
            f"Debit {debit.normalize():f} and credit {credit.normalize():f} do not balance.",
            "lines",
            debit=f"{debit.normalize():f}",
            credit=f"{credit.normalize():f}",
        )


def _accounts(ctx: Ctx, company_id: UUID, entries: Sequence[Entry]) -> Iterator[Problem]:
    """Entries on accounts that are no leaves, closed or another company's, or that lack the partner they are about."""
    used = {one.account_id for one in entries}
    known = remembering.recall_each(ctx.session, ("Account",), used, lambda ids: _usable(ctx, company_id, ids))
    for one in entries:
        found = known.get(one.account_id)
        if found is None or not found.usable:
            shown = found.code if found else "?"
            yield problem(
                "ACCOUNT_UNUSABLE",
                f"科目 {shown} 不是启用的末级科目，不能记账。",
                f"Account {shown} is not an active account without sub-accounts; nothing is posted to it.",
                *(*one.path, "account"),
            )
        elif found.partner != "none" and getattr(one, f"{found.partner}_id") is None:
            chinese = {"customer": "客户", "supplier": "供应商"}[found.partner]
            yield problem(
                "PARTNER_MISSING",
                f"科目 {found.code} 按{chinese}核算，请填写{chinese}。",
                f"Account {found.code} is kept by {found.partner}; name one.",
                *(*one.path, found.partner),
            )


def _usable(ctx: Ctx, company_id: UUID, ids: list[UUID]) -> dict[UUID, Any]:
    """Accounts of the company by id: code, whose partner they are kept by, whether they may be posted to."""
    account, child = spec("Account").table, spec("Account").table.alias()
    leaf = ~select(child.c.id).where(child.c.parent_id == account.c.id).exists()
    found = select(account.c.id, account.c.code, account.c.partner, (account.c.active & leaf).label("usable"))
    rows = ctx.session.execute(found.where(account.c.company_id == company_id, account.c.id.in_(ids)))
    return {row.id: row for row in rows}


_INSERT = direct.Asked(
    "INSERT INTO hub.money_entry (company_id, entry_date, period_id, account_id, debit, credit, customer_id,"
    " supplier_id, department_id, document_type, document_number, line_position, note, recorded_by) "
    "SELECT cast(:company AS uuid), entry_date, period_id, account_id, debit, credit, customer_id, supplier_id,"
    " department_id, document_type, document_number, line_position, note, "
    "cast(:actor AS uuid) "
    "FROM jsonb_populate_recordset(NULL::hub.money_entry, cast(:entries AS jsonb))"
)


def _append(ctx: Ctx, company_id: UUID, postings: Iterable[tuple[Posting, UUID]]) -> None:
    """All entries, with their periods, in one statement: PostgreSQL holds each document of it to be balanced."""
    rows = [
        {
            "entry_date": posting.day.isoformat(),
            "period_id": str(period_id),
            "document_type": posting.source.document_type,
            "document_number": posting.source.number,
            "account_id": str(one.account_id),
            "debit": str(one.debit),
            "credit": str(one.credit),
            **{name: _text(getattr(one, name)) for name in ("customer_id", "supplier_id", "department_id")},
            "line_position": one.position,
            "note": one.note,
        }
        for posting, period_id in postings
        for one in posting.entries
    ]
    about = {"company": company_id, "actor": ctx.viewer.user_id, "entries": json.dumps(rows)}
    _INSERT.run(ctx.session, about)


def _text(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)


def reverse(ctx: Ctx, document: Any, day: date | None = None, *day_path: str) -> None:
    """Red entries (红冲) for what a document still has in the books: the same sides, negative.

    They bear the date of the document's last entry, or `day` where that period is closed.

    Raises:
        Refused: PERIOD_CLOSED.
    """
    reverse_source(ctx, Source.of(document), day, *day_path)


def reverse_source(ctx: Ctx, source: Source, day: date | None = None, *day_path: str) -> None:
    """The same for a source that is no document: see `reverse`."""
    entry = spec("MoneyEntry").table
    sides = ("account_id", "customer_id", "supplier_id", "department_id", "line_position")
    debit, credit = func.sum(entry.c.debit), func.sum(entry.c.credit)
    left = ctx.session.execute(
        select(*(entry.c[name] for name in sides), debit.label("debit"), credit.label("credit"))
        .add_columns(func.max(func.max(entry.c.entry_date, type_=Date)).over().label("last"))
        .where(
            entry.c.company_id == source.company_id,
            entry.c.document_type == source.document_type,
            entry.c.document_number == source.number,
        )
        .group_by(*(entry.c[name] for name in sides))
        .having((debit != 0) | (credit != 0))
    ).all()
    if not left:
        return
    when = day or left[0].last
    period_id = periods.opened(ctx, source.company_id, when, *day_path)
    _append(ctx, source.company_id, [(Posting(source, when, list(_red(left))), period_id)])


def _red(rows: Iterable[Any]) -> Iterator[Entry]:
    """The opposite of summed entries; one whose both sides are left becomes two."""
    for row in rows:
        common = (row.customer_id, row.supplier_id, row.department_id, row.line_position, "红冲 Reversal")
        if row.debit:
            yield Entry(row.account_id, -row.debit, ZERO, *common)
        if row.credit:
            yield Entry(row.account_id, ZERO, -row.credit, *common)


@dataclass(frozen=True)
class AccountBalance:
    """A line of the trial balance, in the company's currency; opening and closing are debit less credit."""

    code: str
    name: str
    opening: Decimal
    debit: Decimal
    credit: Decimal

    @property
    def closing(self) -> Decimal:
        """What the account holds at the end."""
        return self.opening + self.debit - self.credit


def trial_balance(ctx: Ctx, company_id: UUID, until: str, since: str = "") -> list[AccountBalance]:
    """The accounts that were used up to the period `until` (2026-05), with their turnover since the period `since`.

    They come from the kept balances, in order of their codes; without `since` all turnover is told and no opening.
    """
    account, period, kept = spec("Account").table, spec("FiscalPeriod").table, money_balance.c
    before, within = period.c.code < since, period.c.code >= since
    sums = [
        func.coalesce(func.sum(amount).filter(when), 0)
        for amount, when in ((kept.debit - kept.credit, before), (kept.debit, within), (kept.credit, within))
    ]
    found = ctx.session.execute(
        select(account.c.code, account.c.name, *sums)
        .select_from(money_balance)
        .join(account, account.c.id == kept.account_id)
        .join(period, period.c.id == kept.period_id)
        .where(kept.company_id == company_id, period.c.code <= until)
        .group_by(account.c.code, account.c.name)
        .order_by(account.c.code)
    )
    return [AccountBalance(*row) for row in found]
