"""Expense claims in the books: owed when they are approved, paid after that; and what keeps them from either."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.context import Ctx
from hub.document.registry import spec
from hub.errors import Problem, problem
from hub.ledgers import bank, budgets, money, posting
from hub.rules.budgets import Spending
from hub.rules.money import ZERO, in_cents


def lines_without_account(budget: Any) -> Iterator[Problem]:
    """REQUIRED for each line of a budget that has no account of its own nor the budget's."""
    for index, line in enumerate(budget.lines):
        if line.account_id is None and budget.account_id is None:
            yield problem(
                "REQUIRED",
                f"第 {index + 1} 行没有会计科目。",
                f"Line {index + 1} lacks its account.",
                *("lines", str(index), "account"),
            )


def _sides(claim: Any) -> tuple[str, str, str]:
    """What the sides of a claim's posting are called: expense, tax, owed."""
    return (f"ExpenseClaim.{claim.kind.value}", "ExpenseClaim.tax", "ExpenseClaim.payable")


def not_claimable(ctx: Ctx, claim: Any) -> Iterator[Problem]:
    """Everything wrong with a claim: amounts, a budget that is not in force, budgets that it goes beyond."""
    yield from _amounts(claim)
    if claim.budget_id is not None:
        budget = ctx.session.get_one(spec("Budget").model, claim.budget_id)
        if budget.state.value != "approved" or budget.year != claim.claim_date.year:
            yield problem(
                "BUDGET_NOT_IN_FORCE",
                f"预算 {budget.number} 未批准，或不是 {claim.claim_date.year} 年的预算。",
                f"Budget {budget.number} is not approved, or not for {claim.claim_date.year}.",
                "budget",
            )
    accounts = posting.accounts(ctx, claim.company_id, _sides(claim))
    if accounts is not None:
        codes = _codes(ctx, [line.account_id or accounts[_sides(claim)[0]] for line in claim.lines])
        wishes = [
            Spending(codes[line.account_id or accounts[_sides(claim)[0]]], claim.department_id, _net(line))
            for line in claim.lines
        ]
        yield from budgets.beyond(ctx, claim.company_id, claim.claim_date, wishes)


def _net(line: Any) -> Decimal:
    net: Decimal = line.amount - line.tax_amount
    return net


def _amounts(claim: Any) -> Iterator[Problem]:
    for index, line in enumerate(claim.lines):
        path = ("lines", str(index))
        if line.amount <= 0:
            yield problem("AMOUNT_NOT_POSITIVE", "金额必须大于零。", "The amount must be above zero.", *path, "amount")
        if not (in_cents(line.amount) and in_cents(line.tax_amount)):
            yield problem("NOT_IN_CENTS", "金额最多两位小数。", "Amounts have no parts of a cent.", *path, "amount")
        if line.tax_amount > line.amount:
            yield problem(
                "TAX_TOO_MUCH", "税额不能超过金额。", "The tax cannot be more than the amount.", *path, "taxAmount"
            )


def _codes(ctx: Ctx, accounts: list[UUID]) -> dict[UUID, str]:
    account = spec("Account").table
    found = ctx.session.execute(select(account.c.id, account.c.code).where(account.c.id.in_(accounts)))
    return {row.id: row.code for row in found}


def owe(ctx: Ctx, claim: Any) -> None:
    """Expenses and input tax against what the company owes its people."""
    names = _sides(claim)
    accounts = posting.accounts(ctx, claim.company_id, names)
    if accounts is None:
        return
    expense, tax, owed = (accounts[name] for name in names)
    spent: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in claim.lines:
        spent[line.account_id or expense] += _net(line)
    about = {"department_id": claim.department_id}
    entries = [money.Entry(account, amount, ZERO, **about) for account, amount in spent.items()]
    entries.append(money.Entry(tax, sum((line.tax_amount for line in claim.lines), ZERO), ZERO, **about))
    entries.append(money.Entry(owed, ZERO, sum((line.amount for line in claim.lines), ZERO), **about))
    money.post(ctx, claim, day=claim.claim_date, entries=entries, day_path="claimDate")


def pay(ctx: Ctx, claim: Any) -> None:
    """What was owed against bank or cash."""
    names = ("ExpenseClaim.payable", f"ExpenseClaim.{claim.payment_method.value}")
    accounts = posting.accounts(ctx, claim.company_id, names)
    if accounts is None:
        return
    owed, place = (accounts[name] for name in names)
    if claim.payment_method.value == "bank":
        place = bank.account_of(ctx, claim.bank_account_id, place)
    total = sum((line.amount for line in claim.lines), ZERO)
    about = {"department_id": claim.department_id}
    entries = [money.Entry(owed, total, ZERO, **about), money.Entry(place, ZERO, total, **about)]
    money.post(ctx, claim, day=claim.paid_date, entries=entries, day_path="day")


def not_cancellable(ctx: Ctx, claim: Any) -> Iterator[Problem]:
    """CLAIM_POSTED: what is in the books is taken back by finance."""
    if claim.state.value in ("approved", "paid") and not ctx.viewer.may("finance.write"):
        yield problem(
            "CLAIM_POSTED",
            "报销单已入账，只有财务可以作废。",
            "The claim is in the books; only finance can take it back.",
            "state",
        )
