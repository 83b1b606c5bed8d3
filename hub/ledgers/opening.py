"""What was open with customers and suppliers before the books began here: each line becomes an open item.

The opening balance posts the account, a line for each item. Its papers, an invoice that is owed already or an advance,
post nothing more, but are settled, aged and counted against credit like any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from hub.context import Ctx
from hub.document import audit
from hub.document.registry import spec
from hub.errors import Problem, Refused, problem
from hub.ledgers import money, payables, posting, receivables
from hub.ledgers.settling import Side
from hub.rules.money import ZERO, in_cents, to_cents

SIDES = {"receivables": receivables.SIDE, "payables": payables.SIDE}
"""Whose open items an opening balance of a kind brings in."""


def amount_of(side: Side, line: Any) -> Decimal:
    """What a line brings in, in its own currency: above zero what is owed, below zero an advance."""
    claimed: Decimal = line.debit - line.credit
    return claimed if side.incoming else -claimed


def number_of(opening: Any, line: Any) -> str:
    """The number of what a line becomes; ageing finds the due day of the line's entry by it."""
    return f"{opening.number}-{line.position}"


def unfit(ctx: Ctx, opening: Any) -> Iterator[Problem]:
    """Lines without an amount, in parts of cents, in a currency without its rate, with an account or a known number."""
    side = SIDES[opening.kind.value]
    company = ctx.session.get_one(spec("Company").model, opening.company_id)
    taken = _numbers_known(ctx, side, opening)
    named = Counter(_named(side, line) for line in opening.lines)
    for index, line in enumerate(opening.lines):
        path = ("lines", str(index))
        at = f"第 {index + 1} 行：", f"Line {index + 1}: "
        if (line.debit > 0) == (line.credit > 0) or min(line.debit, line.credit) < 0:
            words = "请填写借方或贷方之一，且大于零。", "give a debit or a credit above zero."
            yield problem("ONE_SIDE_ONLY", at[0] + words[0], at[1] + words[1], *path)
        elif not (in_cents(line.debit) and in_cents(line.credit)):
            yield problem("NOT_IN_CENTS", "金额最多两位小数。", "Amounts have no parts of a cent.", *path)
        if (line.currency or company.currency) != company.currency and line.exchange_rate == 1:
            words = f"请填写 {line.currency} 的汇率。", f"give what one {line.currency} is worth in {company.currency}."
            yield problem("EXCHANGE_RATE_MISSING", at[0] + words[0], at[1] + words[1], *path, "exchangeRate")
        if line.account_id is not None:
            words = "往来科目由记账规则决定，请留空。", "the posting rules name the account; leave it out."
            yield problem("ACCOUNT_BY_RULE", at[0] + words[0], at[1] + words[1], *path, "account")
        if line.invoice_number and (named[_named(side, line)] > 1 or _named(side, line) in taken):
            words = f"发票号码 {line.invoice_number} 已登记。", f"the invoice {line.invoice_number} has been entered."
            yield problem("INVOICE_DUPLICATE", at[0] + words[0], at[1] + words[1], *path, "invoiceNumber")


def _named(side: Side, line: Any) -> tuple[Any, str | None]:
    return side.partner_of(line), line.invoice_number


def _numbers_known(ctx: Ctx, side: Side, opening: Any) -> set[tuple[Any, str | None]]:
    """The partners' invoices that have been entered before under a number of these lines."""
    head = spec(side.invoice).table
    partner = head.c[f"{side.partner}_id"]
    wanted = [line.invoice_number for line in opening.lines if line.invoice_number]
    found = select(partner, head.c.tax_invoice_number).where(
        head.c.company_id == opening.company_id,
        head.c.tax_invoice_number.in_(wanted),
        head.c.state.not_in(("draft", "cancelled")),
    )
    return {(row[0], row[1]) for row in ctx.session.execute(found)} if wanted else set()


def entries(ctx: Ctx, opening: Any) -> list[money.Entry] | None:
    """What is owed and the advances, each on its account, in the currency of the books, and what balances them."""
    side = SIDES[opening.kind.value]
    claim, counterpart = f"OpeningBalance.{opening.kind.value}", "OpeningBalance.counterpart"
    wanted = [claim if amount_of(side, line) > 0 else side.account("advance") for line in opening.lines]
    accounts = posting.accounts(ctx, opening.company_id, sorted({*wanted, claim, counterpart}))
    if accounts is None:
        return None
    booked = [
        money.Entry(
            accounts[name],
            to_cents(line.debit * line.exchange_rate),
            to_cents(line.credit * line.exchange_rate),
            line.customer_id,
            line.supplier_id,
            position=line.position,
            note=line.note,
            path=("lines", str(index)),
        )
        for index, (line, name) in enumerate(zip(opening.lines, wanted, strict=True))
    ]
    left = sum((one.debit - one.credit for one in booked), ZERO)
    return [*booked, money.Entry(accounts[counterpart], max(-left, ZERO), max(left, ZERO))]


def take_back(ctx: Ctx, opening: Any) -> None:
    """The open items of an opening balance count no more; they have no entries of their own to reverse.

    Raises:
        Refused: OPENING_SETTLED for each that has been settled, in part or whole.
    """
    items = list(_items(ctx, opening))
    Refused.raise_all(_settled(item) for item, settled in items if settled)
    for item, _ in items:
        before = item.state
        item.state = type(before)("cancelled")
        changes = {"state": [before.value, "cancelled"], "by": [None, opening.number]}
        audit.record(ctx, type(item).__name__, item.id, "cancel", changes, version=item.version + 1)


def _settled(item: Any) -> Problem:
    return problem(
        "OPENING_SETTLED",
        f"{item.number} 已有核销，期初余额不能作废。",
        f"{item.number} has been settled; the opening balance cannot be cancelled.",
        "state",
        hint=("请先作废核销它的收付款单。", "Cancel what settled it first."),
    )


def _items(ctx: Ctx, opening: Any) -> Iterator[tuple[Any, Decimal]]:
    """The open items of a posted opening balance, locked in one order, with what is settled of each."""
    side = SIDES.get(opening.kind.value)
    if side is None or opening.state.value != "posted":
        return
    for name in (side.invoice, side.payment):
        model = spec(name).model
        mine = select(model).where(model.opening_balance_id == opening.id, model.state == "posted").order_by(model.id)
        mine = mine.options(selectinload(model.lines)).with_for_update(of=model)
        for item in ctx.session.execute(mine.execution_options(populate_existing=True)).scalars():
            allocated = sum((line.amount for line in item.lines), ZERO)
            yield item, getattr(item, side.kept) if name == side.invoice else allocated
