"""Freight in the books: a carrier is paid once for a delivery or a journey, and what it is paid is selling expense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.context import Ctx
from hub.document.registry import spec
from hub.errors import Problem, problem
from hub.ledgers import bank, budgets, money, posting
from hub.rules.budgets import Spending
from hub.rules.money import ZERO, in_cents


def not_payable(ctx: Ctx, payment: Any) -> Iterator[Problem]:
    """Everything that keeps freight from being paid, at once."""
    if payment.amount <= 0:
        yield problem("AMOUNT_NOT_POSITIVE", "金额必须大于零。", "The amount must be above zero.", "amount")
    if not all(in_cents(one) for one in (payment.amount, *(line.amount for line in payment.lines))):
        yield problem("NOT_IN_CENTS", "金额最多两位小数。", "Amounts have no parts of a cent.", "amount")
    allocated = sum((line.amount for line in payment.lines), ZERO)
    if allocated > payment.amount:
        yield problem(
            "ALLOCATED_TOO_MUCH",
            f"明细合计 {allocated.normalize():f} 超过付款金额 {payment.amount.normalize():f}。",
            f"The lines are {allocated.normalize():f}, but only {payment.amount.normalize():f} is paid.",
            "amount",
        )
    for name in ("delivery", "dispatch"):
        yield from _paid_once(ctx, payment, name)
    yield from _within_budgets(ctx, payment)


def _paid_once(ctx: Ctx, payment: Any, name: str) -> Iterator[Problem]:
    """Lines whose delivery or journey is another carrier's, or was paid before; held until the commit."""
    named = {getattr(line, f"{name}_id") for line in payment.lines} - {None}
    if not named:
        return
    table, line, head = spec(name.capitalize()).table, spec("FreightPaymentLine").table, spec("FreightPayment").table
    held = select(table.c.id, table.c.number, table.c.carrier_id).where(table.c.id.in_(named)).order_by(table.c.id)
    known = {row.id: row for row in ctx.session.execute(held.with_for_update())}
    paid = select(line.c[f"{name}_id"]).join(head, head.c.id == line.c.freight_payment_id)
    paid = paid.where(line.c[f"{name}_id"].in_(named), head.c.state == "posted", head.c.id != payment.id)
    before = set(ctx.session.execute(paid).scalars())
    seen: set[UUID] = set()
    for index, one in enumerate(payment.lines):
        id_ = getattr(one, f"{name}_id")
        if id_ is None:
            continue
        row, path = known[id_], ("lines", str(index), name)
        if row.carrier_id is not None and row.carrier_id != payment.carrier_id:
            yield problem(
                "CARRIER_DIFFERS",
                f"第 {index + 1} 行：{row.number} 不是由该承运公司承运。",
                f"Line {index + 1}: {row.number} was driven by another carrier.",
                *path,
            )
        if id_ in before or id_ in seen:
            yield problem(
                "FREIGHT_PAID",
                f"第 {index + 1} 行：{row.number} 的运费已付。",
                f"Line {index + 1}: the freight of {row.number} has been paid.",
                *path,
            )
        seen.add(id_)


def _within_budgets(ctx: Ctx, payment: Any) -> Iterator[Problem]:
    accounts = posting.accounts(ctx, payment.company_id, ("FreightPayment.freight",))
    if accounts is None:
        return
    account = spec("Account").table
    code = ctx.session.execute(
        select(account.c.code).where(account.c.id == accounts["FreightPayment.freight"])
    ).scalar_one()
    wishes = [Spending(code, payment.department_id, payment.amount)]
    yield from budgets.beyond(ctx, payment.company_id, payment.payment_date, wishes)


def pay(ctx: Ctx, payment: Any) -> None:
    """Selling expense against the money's place."""
    names = ("FreightPayment.freight", f"FreightPayment.{payment.method.value}")
    accounts = posting.accounts(ctx, payment.company_id, names)
    if accounts is None:
        return
    expense, place = (accounts[name] for name in names)
    if payment.method.value == "bank":
        place = bank.account_of(ctx, payment.bank_account_id, place)
    about = {"department_id": payment.department_id}
    entries = [money.Entry(expense, payment.amount, ZERO, **about), money.Entry(place, ZERO, payment.amount, **about)]
    money.post(ctx, payment, day=payment.payment_date, entries=entries, day_path="paymentDate")
