"""Payments over open invoices, with no cent lost or taken twice: one machine for what comes in and what goes out.

What is settled of an invoice is kept on it, under its lock, so that of two payments posted at once for the same money
only one is; `quality_checks` holds it against the payments every night. A `Side` says whose invoices and payments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from hub.context import Ctx
from hub.document import audit, numbering
from hub.document.edit import stamp
from hub.document.links import Links
from hub.document.positions import add_lines
from hub.document.registry import spec
from hub.errors import Invalid, Problem, Refused, problem
from hub.ledgers import bank, money, posting
from hub.rules.money import ZERO, in_cents, to_cents
from hub.rules.settlement import OpenItem, advance, beyond, oldest_first
from hub.words import Label, camel, snake


@dataclass(frozen=True)
class Side:
    """Customers or suppliers: the types of their invoices and payments, and what is called how.

    `kept` is the invoice's field of what is settled, `day` the payment's date, `claim` the posting's side that an
    invoice stands on; `incoming` money debits its place. The words are those of problems, `verbs` and `trace` those of
    the invoice's history when it is settled and opened again.
    """

    invoice: str
    payment: str
    partner: str
    kept: str
    day: str
    claim: str
    incoming: bool
    whose: Label
    paper: Label
    open_word: Label
    verbs: tuple[str, str]
    trace: str

    def account(self, name: str) -> str:
        """The name of one side of a payment's posting."""
        return f"{self.payment}.{name}"

    def partner_of(self, document: Any) -> UUID:
        """The customer or supplier of an invoice or payment."""
        found: UUID = getattr(document, f"{self.partner}_id")
        return found

    def entry(self, account_id: UUID, amount: Decimal, document: Any, *, of_place: bool) -> money.Entry:
        """A side of the posting: incoming money on its place is debit, what it settles credit; outgoing vice versa."""
        about = {f"{self.partner}_id": self.partner_of(document)}
        if of_place == self.incoming:
            return money.Entry(account_id, amount, ZERO, **about)  # type: ignore[arg-type]  # the partner's id
        return money.Entry(account_id, ZERO, amount, **about)  # type: ignore[arg-type]  # the partner's id


_CHECK = ("请核对付款单据和发票的余额。", "See what is left of the payment and open of the invoice.")


def rate_of(document: Any) -> Decimal:
    """What a unit of the document's currency is worth in the books."""
    return Decimal(getattr(document, "exchange_rate", None) or 1)


def settle(ctx: Ctx, side: Side, payment: Any) -> None:
    """Give each line's amount to its invoice, and enter the money; what no line takes is the partner's advance.

    Raises:
        Refused: all of AMOUNT_NOT_POSITIVE, NOT_IN_CENTS, INVOICE_MISSING, INVOICE_DIFFERS, MORE_THAN_OPEN,
            ALLOCATED_TOO_MUCH, and what `money.post` refuses.
    """
    invoices = locked(ctx, side, payment, payment.lines)
    Refused.raise_all([*_amounts(side, payment), *_allocations(ctx, side, payment, invoices)])
    numbering.settle(ctx, payment)
    booked = [take(ctx, side, payment, invoices[line.invoice_id], line.amount) for line in payment.lines]
    left = advance(payment.amount, (line.amount for line in payment.lines))
    entered = to_cents(payment.amount * rate_of(payment))
    parts = {side.claim: sum(booked, ZERO), "advance": to_cents(left * rate_of(payment))}
    _enter(ctx, side, payment, payment.method.value, entered, parts, getattr(payment, side.day), side.day)


def allocate(ctx: Ctx, side: Side, payment: Any, reference: str, amount: Decimal | None, day: date) -> None:
    """Settle an invoice, named by id or number, with a posted payment's advance: a line more, and advance to claim.

    Without an amount it is the lesser of what is left of the payment and what is open of the invoice.

    Raises:
        Invalid: LINK_UNKNOWN. Refused: as `settle`, and NOTHING_LEFT.
    """
    line = spec(f"{side.payment}Line").model(invoice_id=_named(ctx, side, payment, reference), amount=amount)
    invoices = locked(ctx, side, payment, [line])
    left = advance(payment.amount, (one.amount for one in payment.lines))
    if amount is None:
        line.amount = min([left, *(open_amount(ctx, side, one) for one in invoices.values())])
    if left <= 0 or line.amount <= 0:
        raise Refused(_nothing_left(left))
    _add(ctx, side, payment, invoices, [line], day)


def distribute(ctx: Ctx, side: Side, payment: Any, day: date) -> None:
    """Settle the partner's open invoices with what is left of a posted payment, those that are due first first.

    Raises:
        Refused: NOTHING_LEFT when the payment has no rest, or the partner no open invoice.
    """
    left = advance(payment.amount, (one.amount for one in payment.lines))
    invoices = _open_invoices(ctx, side, payment)
    whole = totals(ctx, side, list(invoices))
    items = [
        OpenItem(id_, whole[id_] - getattr(one, side.kept), one.due_date, one.number) for id_, one in invoices.items()
    ]
    model = spec(f"{side.payment}Line").model
    added = [model(invoice_id=share.key, amount=share.amount) for share in oldest_first(left, items)]
    if not added:
        raise Refused(_nothing_left(left))
    _add(ctx, side, payment, invoices, added, day)


def _add(ctx: Ctx, side: Side, payment: Any, invoices: dict[UUID, Any], added: Sequence[Any], day: date) -> None:
    """Further lines of a posted payment, and their entries: from the advance to the claim."""
    before = advance(payment.amount, (one.amount for one in payment.lines))
    begin = len(payment.lines)
    add_lines(payment, "lines", added)
    stamp(ctx, spec(side.payment), payment)
    Refused.raise_all([*_amounts(side, payment), *_allocations(ctx, side, payment, invoices, begin)])
    booked = sum((take(ctx, side, payment, invoices[one.invoice_id], one.amount) for one in added), ZERO)
    after = before - sum((one.amount for one in added), ZERO)
    rate = rate_of(payment)
    _enter(
        ctx,
        side,
        payment,
        "advance",
        to_cents(before * rate) - to_cents(after * rate),
        {side.claim: booked},
        day,
        "day",
    )


def unsettle(ctx: Ctx, side: Side, payment: Any) -> None:
    """Open again what a posted payment has settled; its entries are reversed by whoever cancels it."""
    if payment.state.value != "posted":
        return
    invoices = locked(ctx, side, payment, payment.lines)
    for line in payment.lines:
        take(ctx, side, payment, invoices[line.invoice_id], -line.amount)


def not_opened(document: Any) -> Iterator[Problem]:
    """OPENED_WITH_OTHERS for what an opening balance has brought in: it is taken back with that, never by itself."""
    if document.opening_balance_id is not None:
        yield problem(
            "OPENED_WITH_OTHERS",
            f"{document.number} 由期初余额带入，不能单独作废。",
            f"{document.number} was brought in by an opening balance and cannot be cancelled by itself.",
            "state",
            hint=("请作废该期初余额。", "Cancel the opening balance."),
        )


def open_amount(ctx: Ctx, side: Side, invoice: Any) -> Decimal:
    """What is still to be paid of an invoice."""
    left: Decimal = totals(ctx, side, [invoice.id])[invoice.id] - getattr(invoice, side.kept)
    return left


def _nothing_left(left: Decimal) -> Problem:
    chinese = f"余额 {left.normalize():f}，没有可核销的金额。"
    english = f"{left.normalize():f} of the payment is left, and there is nothing to allocate."
    return problem("NOTHING_LEFT", chinese, english, "amount", hint=_CHECK)


def _named(ctx: Ctx, side: Side, payment: Any, reference: str) -> UUID:
    """The invoice that a person names, as far as he may see it."""
    line, given = spec(f"{side.payment}Line"), {"invoice": reference}
    links, values = Links(ctx.session, ctx.viewer, payment.company_id), dict[str, Any]()
    links.want(line, given)
    links.resolve()
    Invalid.raise_all(links.fill(line, given, values, ()))
    found: UUID = values["invoice_id"]
    return found


def locked(ctx: Ctx, side: Side, payment: Any, lines: Iterable[Any]) -> dict[UUID, Any]:
    """The invoices that lines of a payment name, locked in one order."""
    model = spec(side.invoice).model
    named = {line.invoice_id for line in lines if line.invoice_id}
    if not named:
        return {}
    found = select(model).where(model.id.in_(named), model.company_id == payment.company_id).order_by(model.id)
    rows = ctx.session.execute(found.with_for_update(of=model).execution_options(populate_existing=True)).scalars()
    return {one.id: one for one in rows}


def _open_invoices(ctx: Ctx, side: Side, payment: Any) -> dict[UUID, Any]:
    """The partner's posted invoices in the payment's currency, locked in one order."""
    model = spec(side.invoice).model
    found = select(model).where(
        model.company_id == payment.company_id,
        getattr(model, f"{side.partner}_id") == side.partner_of(payment),
        model.state == "posted",
    )
    rows = ctx.session.execute(
        found.order_by(model.id).with_for_update(of=model).execution_options(populate_existing=True)
    ).scalars()
    return {one.id: one for one in rows if _same_currency(one, payment)}


def _same_currency(invoice: Any, payment: Any) -> bool:
    return bool(getattr(invoice, "currency", None) == getattr(payment, "currency", None))


def _amounts(side: Side, payment: Any) -> Iterator[Problem]:
    for path, amount in (
        (("amount",), payment.amount),
        *((("lines", str(index), "amount"), line.amount) for index, line in enumerate(payment.lines)),
    ):
        if amount <= 0:
            yield problem("AMOUNT_NOT_POSITIVE", "金额必须大于零。", "The amount must be above zero.", *path)
        if not in_cents(amount):
            yield problem("NOT_IN_CENTS", "金额最多两位小数。", "Amounts have no parts of a cent.", *path)
    allocated = sum((line.amount for line in payment.lines), ZERO)
    if advance(payment.amount, (line.amount for line in payment.lines)) < 0:
        yield problem(
            "ALLOCATED_TOO_MUCH",
            f"核销合计 {allocated.normalize():f} 超过{side.paper.chinese}金额 {payment.amount.normalize():f}。",
            f"{allocated.normalize():f} is allocated, but the {side.paper.english} is {payment.amount.normalize():f}.",
            "amount",
        )


def _allocations(ctx: Ctx, side: Side, payment: Any, invoices: dict[UUID, Any], begin: int = 0) -> Iterator[Problem]:
    """Lines from `begin` on without an invoice, with one that is not this partner's claim, or above what is open."""
    known: list[tuple[int, Any]] = []
    for index, line in enumerate(payment.lines[begin:], begin):
        invoice = invoices.get(line.invoice_id)
        if invoice is None:
            yield no_invoice(index)
            continue
        known.append((index, line))
        theirs = side.partner_of(invoice) != side.partner_of(payment)
        if invoice.state.value != "posted" or theirs or not _same_currency(invoice, payment):
            yield another_invoice(side, index, invoice.number)
    whole = totals(ctx, side, list(invoices))
    left = {id_: whole[id_] - getattr(one, side.kept) for id_, one in invoices.items()}
    for excess in beyond([(line.invoice_id, line.amount) for _, line in known], left):
        index, line = known[excess.place]
        yield problem(
            "MORE_THAN_OPEN",
            f"第 {index + 1} 行：发票 {invoices[line.invoice_id].number} 只剩 {excess.open.normalize():f}"
            f" {side.open_word.chinese}。",
            f"Line {index + 1}: only {excess.open.normalize():f} of invoice {invoices[line.invoice_id].number}"
            f" is {side.open_word.english}.",
            *("lines", str(index), "amount"),
        )


def no_invoice(index: int) -> Problem:
    """A line names no invoice."""
    return problem(
        "INVOICE_MISSING",
        f"第 {index + 1} 行没有发票。",
        f"Line {index + 1} names no invoice.",
        *("lines", str(index), "invoice"),
    )


def another_invoice(side: Side, index: int, number: str) -> Problem:
    """A line names an invoice that is not one of the partner's open claims."""
    return problem(
        "INVOICE_DIFFERS",
        f"第 {index + 1} 行：发票 {number} 属于另一个{side.whose.chinese}、另一种货币，或尚未生效。",
        f"Line {index + 1}: invoice {number} is another {side.whose.english}'s, in another currency, or not posted.",
        *("lines", str(index), "invoice"),
    )


def totals(ctx: Ctx, side: Side, ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """What invoices amount to, with tax, by their ids."""
    line = spec(f"{side.invoice}Line").table
    head = line.c[f"{snake(side.invoice)}_id"]
    found = ctx.session.execute(
        select(head, func.sum(line.c.amount + line.c.tax_amount)).where(head.in_(ids)).group_by(head)
    )
    return {row[0]: row[1] for row in found}


def take(
    ctx: Ctx, side: Side, payment: Any, invoice: Any, amount: Decimal, verbs: tuple[str, str] | None = None
) -> Decimal:
    """Keep on the invoice what is settled of it, and in its history by which payment; what that is in the books."""
    before: Decimal = getattr(invoice, side.kept)
    after = before + amount
    setattr(invoice, side.kept, after)
    changes = {side.kept: [f"{one.normalize():f}" for one in (before, after)], side.trace: [None, payment.number]}
    audit.record(ctx, side.invoice, invoice.id, (verbs or side.verbs)[amount < 0], changes, version=invoice.version + 1)
    rate = rate_of(invoice)
    return to_cents(after * rate) - to_cents(before * rate)  # so that parts add up to what the whole is booked at


def _enter(
    ctx: Ctx,
    side: Side,
    payment: Any,
    place: str,
    amount: Decimal,
    parts: dict[str, Decimal],
    day: date,
    day_field: str,
) -> None:
    """Money on its place, or an advance, against what it settles; what rates of exchange leave over is gain or loss."""
    names = [place, *parts]
    difference = amount - sum(parts.values(), ZERO)
    if difference:
        names.append("exchange")
        parts = {**parts, "exchange": difference}
    accounts = posting.accounts(ctx, payment.company_id, [side.account(name) for name in names])
    if accounts is None:
        return
    where = accounts[side.account(place)]
    if place == "bank":
        where = bank.account_of(ctx, payment.bank_account_id, where)
    entries = [side.entry(where, amount, payment, of_place=True)]
    entries += [side.entry(accounts[side.account(name)], part, payment, of_place=False) for name, part in parts.items()]
    money.post(ctx, payment, day=day, entries=entries, day_path=camel(day_field))
