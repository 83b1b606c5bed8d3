"""Budgets in force: what they allow up to a day, what has been used of them, and who would go beyond.

Expenses are used when they are in the books, purchases for stock when they are ordered: see `hub.rules.budgets`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.errors import Problem, problem
from hub.rules.budgets import Ceiling, Spending, exceeded

_HELD = text(
    "SELECT id FROM hub.budget WHERE company_id = :company AND state = 'approved' AND year = :year "
    "ORDER BY id FOR NO KEY UPDATE"
)
_IN_FORCE = text(
    "SELECT b.number, b.department_id, b.period_kind AS span, l.month IS NULL AS yearly, a.code AS account, "
    "  sum(l.amount) AS amount "
    "FROM hub.budget b JOIN hub.budget_line l ON l.budget_id = b.id "
    "JOIN hub.account a ON a.id = coalesce(l.account_id, b.account_id) "
    "WHERE b.company_id = :company AND b.state = 'approved' AND b.year = :year "
    "  AND (l.month IS NULL OR b.period_kind = 'year' OR l.month = :month "
    "    OR (b.period_kind = 'to_date' AND l.month < :month)) "
    "GROUP BY b.number, b.department_id, b.period_kind, l.month IS NULL, a.code ORDER BY b.number, a.code, yearly"
)
_SPENT = text(
    "SELECT a.code AS account, e.department_id, substr(p.code, 6)::int AS month, sum(e.debit - e.credit) AS amount "
    "FROM hub.money_entry e JOIN hub.account a ON a.id = e.account_id JOIN hub.fiscal_period p ON p.id = e.period_id "
    "WHERE e.company_id = :company AND a.kind IN ('expense', 'cost') AND e.document_type <> 'FiscalPeriod' "
    "  AND e.entry_date BETWEEN :first AND :last GROUP BY 1, 2, 3 "
    "UNION ALL "
    "SELECT a.code, o.department_id, extract(month FROM o.order_date)::int, sum(l.amount) "
    "FROM hub.purchase_order o JOIN hub.purchase_order_line l ON l.purchase_order_id = o.id "
    "JOIN hub.item i ON i.id = l.item_id "
    "JOIN hub.posting_rule r ON r.company_id = o.company_id AND r.code = 'Stock.' || i.kind "
    "JOIN hub.account a ON a.id = r.account_id AND a.kind = 'asset' "
    "WHERE o.company_id = :company AND o.state IN ('confirmed', 'closed') AND o.order_date BETWEEN :first AND :last "
    "  AND o.id IS DISTINCT FROM cast(:but AS uuid) "
    "GROUP BY 1, 2, 3"
)


def beyond(
    ctx: Ctx, company_id: UUID, day: date, wishes: Sequence[Spending], but: UUID | None = None
) -> Iterator[Problem]:
    """BUDGET_EXCEEDED for each budget in force on a day that wishes would go beyond; one statement where there is none.

    A wish is an amount that is not yet counted: neither in the books nor ordered, but by the order `but`. The year's
    budgets are locked to the end of the transaction, so that of two wishes at once the second sees the first.
    """
    about = {"company": company_id, "year": day.year, "month": day.month}
    if ctx.session.execute(_HELD, about).first() is None:
        return
    in_force = ctx.session.execute(_IN_FORCE, about).all()
    ctx.session.flush()
    about |= {"first": date(day.year, 1, 1), "last": date(day.year, 12, 31), "but": but}
    spent = ctx.session.execute(_SPENT, about).all()
    for row in in_force:
        ceiling = Ceiling(
            row.number, row.amount, row.account, None if row.department_id is None else frozenset({row.department_id})
        )
        counted = [
            Spending(one.account, one.department_id, one.amount) for one in spent if _within(row, one.month, day.month)
        ]
        for found in exceeded([ceiling], counted, wishes):
            yield _exceeded(row, found.used, found.over)


def _within(budget: Any, month: int, now: int) -> bool:
    """Whether a month counts for a budget's line of its span."""
    if budget.yearly or budget.span == "year":
        return True
    return month == now if budget.span == "month" else month <= now


def _exceeded(row: Any, used: Any, over: Any) -> Problem:
    allowed, used_, over_ = (f"{one.normalize():f}" for one in (row.amount, used, over))
    return problem(
        "BUDGET_EXCEEDED",
        f"超出预算 {row.number}（科目 {row.account}）{over_}：预算 {allowed}，已用 {used_}。",
        f"{over_} beyond budget {row.number} (account {row.account}): {allowed} allowed, {used_} used.",
        "lines",
        hint=("请减少金额，或调整预算。", "Spend less, or change the budget."),
        budget=row.number,
        over=over_,
    )
