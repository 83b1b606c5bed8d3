"""The end of a year: what was earned and spent goes to the profit of the year, and from there to its distribution.

The entries are the December period's own, under its code, so that statements can leave them out and reopening the
period takes them back. Until then profit stands on the accounts where it was earned, as small companies keep it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import case, func, select

from hub.context import Ctx
from hub.document.registry import spec
from hub.ledgers import money, posting
from hub.rules.money import ZERO
from hub.rules.statements import Balance, closing

PERIOD = "FiscalPeriod"
_SIDES = ("FiscalPeriod.profit", "FiscalPeriod.distribution")


def source_of(period: Any) -> money.Source:
    """A period as the source of its closing entries."""
    return money.Source(period.company_id, PERIOD, period.code)


def close(ctx: Ctx, period: Any) -> None:
    """Enter what ends a year, on the last day of December; nothing in other months or where nobody keeps books.

    Raises:
        Refused: POSTING_RULE_MISSING, and what `money.enter` refuses.
    """
    if not period.code.endswith("-12"):
        return
    accounts = posting.accounts(ctx, period.company_id, _SIDES)
    if accounts is None:
        return
    profit, distribution = (accounts[side] for side in _SIDES)
    left = _left(ctx, period)
    closed = closing([Balance(str(index), row.kind, row.amount) for index, row in enumerate(left)])
    entries = [_side(left[int(index)], amount) for index, amount in closed]
    held = sum((row.amount for row in left if row.account_id == profit), ZERO)
    result = sum((amount for _, amount in closed), ZERO)  # a profit is above zero
    if result:
        entries.append(money.Entry(profit, ZERO, result, note=_NOTE))
    if result - held:
        entries.append(money.Entry(profit, result - held, ZERO, note=_NOTE))
        entries.append(money.Entry(distribution, ZERO, result - held, note=_NOTE))
    if entries:
        money.enter(ctx, source_of(period), day=date(int(period.code[:4]), 12, 31), entries=entries)


_NOTE = "年末结转 Year-end closing"


def _left(ctx: Ctx, period: Any) -> list[Any]:
    """What accounts of income, expense and the year's profit hold at the end of a period, by partner where kept so."""
    account, months, kept = spec("Account").table, spec(PERIOD).table, money.money_balance.c
    by_partner = [
        case((account.c.partner == name, kept[f"{name}_id"])).label(f"{name}_id") for name in ("customer", "supplier")
    ]
    amount = func.sum(kept.debit - kept.credit).label("amount")
    found = (
        select(account.c.id.label("account_id"), account.c.kind, account.c.direction, *by_partner, amount)
        .select_from(money.money_balance)
        .join(account, account.c.id == kept.account_id)
        .join(months, months.c.id == kept.period_id)
        .where(kept.company_id == period.company_id, months.c.code <= period.code)
        .where(account.c.kind.in_(("income", "expense", "equity")))
        .group_by(account.c.id, account.c.code, account.c.kind, account.c.direction, *by_partner)
        .order_by(account.c.code, *by_partner)
    )
    return list(ctx.session.execute(found))


def _side(row: Any, amount: Decimal) -> money.Entry:
    """What empties an account: on the side on which it does not grow."""
    sides = (ZERO, -amount) if row.direction == "debit" else (amount, ZERO)
    return money.Entry(row.account_id, *sides, row.customer_id, row.supplier_id, note=_NOTE)


def reopen(ctx: Ctx, period: Any) -> None:
    """Take back what ended the year; the period must be open again."""
    if period.code.endswith("-12"):
        money.reverse_source(ctx, source_of(period))
