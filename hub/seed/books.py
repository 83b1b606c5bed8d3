"""Opens a company's books: the chart of accounts and the posting rules, through the verb `load`.

What the company has already, and may have changed, is left as it is. An upgrade brings the rules of new postings to
companies that have rules; their accounts are theirs.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hub.context import Ctx, system_viewer
from hub.document.edit import company_of
from hub.document.registry import spec
from hub.rules.chart import CHART, POSTINGS
from hub.trouble import Trouble
from hub.writes import load, unit_of_work


def open_books(ctx: Ctx) -> int:
    """Adds the accounts of the standard chart and the posting rules that are not there; returns how many it added."""
    accounts: list[dict[str, Any]] = [
        {
            "code": one.code,
            "name": one.chinese,
            "kind": one.kind,
            "direction": one.direction,
            "partner": one.partner,
            "parent": one.parent,
        }
        for one in sorted(CHART, key=lambda one: len(one.code))
    ]
    rules = [{"code": code, "name": one.chinese, "account": one.account} for code, one in POSTINGS.items()]
    added = 0
    for _, level in groupby(accounts, key=lambda row: len(row["code"])):  # parents before their children
        added += _add(ctx, "Account", list(level))
    return added + _add(ctx, "PostingRule", rules)


def open_company(engine: Engine, code: str | None) -> int:
    """The same for a company by its code, or the only one; Trouble when there is none, or another."""
    company = spec("Company").table
    with Session(engine) as session:
        known = {row.code: row.id for row in session.execute(select(company.c.code, company.c.id))}
    chosen = code or (next(iter(known)) if len(known) == 1 else None)
    if chosen not in known:
        there = "、".join(known) or "—"
        raise Trouble(f"请用 --company 指明公司：{there}。", f"Name the company with --company: {there}.")
    with unit_of_work(engine, system_viewer("books", known[chosen]), "books") as ctx:
        return open_books(ctx)


def renew(engine: Engine) -> int:
    """Adds the posting rules that an upgrade has brought, to every company that has rules; returns how many it added.

    Only those whose account the company has: who keeps another chart names an account for them himself.
    """
    with Session(engine) as session:
        rules, accounts = _by_company(session, "PostingRule"), _by_company(session, "Account")
    added = 0
    for company_id, known in rules.items():
        missing = [
            {"code": code, "name": one.chinese, "account": one.account}
            for code, one in POSTINGS.items()
            if code not in known and one.account in accounts.get(company_id, ())
        ]
        if missing:
            with unit_of_work(engine, system_viewer("books", company_id), "books") as ctx:
                added += load(ctx, "PostingRule", missing).inserted
    return added


def _by_company(session: Session, document_type: str) -> dict[UUID, set[str]]:
    """The codes that each company has of a type."""
    table, found = spec(document_type).table, defaultdict[UUID, set[str]](set)
    for row in session.execute(select(table.c.company_id, table.c.code)):
        found[row.company_id].add(row.code)
    return found


def _add(ctx: Ctx, document_type: str, rows: list[dict[str, Any]]) -> int:
    table = spec(document_type).table
    known = set(ctx.session.execute(select(table.c.code).where(table.c.company_id == company_of(ctx))).scalars())
    missing = [row for row in rows if row["code"] not in known]
    return load(ctx, document_type, missing).inserted if missing else 0
