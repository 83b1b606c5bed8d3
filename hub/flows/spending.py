"""Purchase orders are held to the budgets of what they are bought for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from hub.context import Ctx
from hub.document.flow import on
from hub.document.registry import spec
from hub.errors import Problem
from hub.ledgers import budgets
from hub.rules.budgets import Spending


@on("PurchaseOrder", "confirm")
def within_budgets(order: Any, ctx: Ctx) -> Iterator[Problem]:
    """BUDGET_EXCEEDED for each budget of the year that the order would go beyond, by the accounts of its items."""
    item, rule, account = spec("Item").table, spec("PostingRule").table, spec("Account").table
    found = select(item.c.id, account.c.code).where(
        item.c.id.in_([line.item_id for line in order.lines]),
        rule.c.company_id == order.company_id,
        rule.c.code == "Stock." + item.c.kind,
        account.c.id == rule.c.account_id,
    )
    codes = {row.id: row.code for row in ctx.session.execute(found)}
    wishes = [
        Spending(codes[line.item_id], order.department_id, line.amount) for line in order.lines if line.item_id in codes
    ]
    yield from budgets.beyond(ctx, order.company_id, order.order_date, wishes, order.id)
