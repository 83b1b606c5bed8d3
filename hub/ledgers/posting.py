"""Which document posts which accounts: the company's PostingRule table, read by what a posting's sides are called.

A company without accounts keeps its books elsewhere: its documents take their steps and post nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from hub.context import Ctx
from hub.document import remembering
from hub.document.registry import spec
from hub.errors import Refused, problem
from hub.rules.chart import POSTINGS


def keeps_books(ctx: Ctx, company_id: UUID) -> bool:
    """Whether the company keeps its books here: it has accounts."""
    account = spec("Account").table
    any_ = select(account.c.id).where(account.c.company_id == company_id).limit(1)
    return remembering.recall(
        ctx.session, ("Account",), company_id, lambda: ctx.session.execute(any_).first() is not None
    )


def accounts(ctx: Ctx, company_id: UUID, names: Sequence[str]) -> dict[str, UUID] | None:
    """The accounts of a posting by its sides (keys of POSTINGS); None for a company that keeps no books here.

    Raises:
        Refused: POSTING_RULE_MISSING, once for each side that no active rule names an account for.
    """
    key = (company_id, tuple(names))
    return remembering.recall(ctx.session, ("Account", "PostingRule"), key, lambda: _named(ctx, company_id, names))


def _named(ctx: Ctx, company_id: UUID, names: Sequence[str]) -> dict[str, UUID] | None:
    rule = spec("PostingRule").table
    found = ctx.session.execute(
        select(rule.c.code, rule.c.account_id).where(
            rule.c.company_id == company_id, rule.c.active, rule.c.code.in_(names)
        )
    )
    known = {row.code: row.account_id for row in found}
    if not known and not keeps_books(ctx, company_id):
        return None
    Refused.raise_all(
        problem(
            "POSTING_RULE_MISSING",
            f"没有“{POSTINGS[name].chinese}”的记账规则。",
            f"There is no posting rule for {POSTINGS[name].english}.",
            hint=(
                f"请在记账规则中为 {name} 指定科目；hub books 补齐标准规则。",
                f"Name an account for {name} in the posting rules; `hub books` adds those of the standard.",
            ),
            rule=name,
        )
        for name in names
        if name not in known
    )
    return known
