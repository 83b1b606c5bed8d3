"""What is given back of posted sales invoices: allowances off what is open, refunds of what was received.

Both are red revenue and output tax, so that turnovers stay true. Papers are in their invoices' currency, the books in
their own: an allowance takes off the receivable what its part of the invoice was booked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub.context import Ctx
from hub.errors import Problem, Refused, problem
from hub.ledgers import money, posting, settling
from hub.ledgers.following import taken
from hub.ledgers.receivables import SIDE
from hub.rules.money import ZERO, in_cents, to_cents

_GIVEN_BACK = ("SalesAdjustment.revenue", "SalesAdjustment.tax")
_VERBS = ("adjust", "unadjust")


def give(ctx: Ctx, adjustment: Any) -> None:
    """Give back what an adjustment's lines say: against what is open of their invoices, or against the bank.

    An allowance takes its place in what was received of an invoice; a refund gives back no more than has come for it.

    Raises:
        Refused: all of NOT_IN_CENTS, INVOICE_DIFFERS, MORE_THAN_OPEN, CURRENCY_MIXED, and what `money.post` refuses.
    """
    invoices = settling.locked(ctx, SIDE, adjustment, adjustment.lines)
    allowance = adjustment.kind.value == "allowance"
    unfit = _unfit(ctx, adjustment, invoices, allowance=allowance)
    Refused.raise_all([*_mixed(adjustment, invoices), *unfit])
    net = gross = ZERO
    for line in adjustment.lines:
        invoice, amount = invoices[line.invoice_id], line.amount + line.tax_amount
        rate = settling.rate_of(invoice)
        taken = settling.take(ctx, SIDE, adjustment, invoice, amount, _VERBS) if allowance else to_cents(amount * rate)
        gross += taken
        net += to_cents(line.amount * rate)
    _enter(ctx, adjustment, net, gross, allowance=allowance)


def _enter(ctx: Ctx, adjustment: Any, net: Decimal, gross: Decimal, *, allowance: bool) -> None:
    """Red revenue and output tax against the receivable, in red too, or against the bank."""
    sides = (f"SalesAdjustment.{'receivable' if allowance else 'bank'}", *_GIVEN_BACK)
    accounts = posting.accounts(ctx, adjustment.company_id, sides)
    if accounts is None:
        return
    place, revenue, tax = (accounts[side] for side in sides)
    given = (-gross, ZERO) if allowance else (ZERO, gross)
    about = {"customer_id": adjustment.customer_id, "department_id": adjustment.department_id}
    entries = [
        money.Entry(place, *given, **about),
        money.Entry(revenue, ZERO, -net, **about),
        money.Entry(tax, ZERO, net - gross, **about),
    ]
    money.post(ctx, adjustment, day=adjustment.adjustment_date, entries=entries, day_path="adjustmentDate")


def take_back(ctx: Ctx, adjustment: Any) -> None:
    """Open again what a posted allowance has taken off invoices; its entries are reversed by whoever cancels it."""
    if adjustment.state.value != "posted" or adjustment.kind.value != "allowance":
        return
    invoices = settling.locked(ctx, SIDE, adjustment, adjustment.lines)
    for line in adjustment.lines:
        amount = line.amount + line.tax_amount
        settling.take(ctx, SIDE, adjustment, invoices[line.invoice_id], -amount, _VERBS)


def not_given_back(ctx: Ctx, receipt: Any) -> Iterator[Problem]:
    """INVOICE_REFUNDED when more of an invoice was given back than would be received of it without the receipt."""
    if receipt.state.value != "posted":
        return
    invoices = settling.locked(ctx, SIDE, receipt, receipt.lines)
    given = _given_before(ctx, list(invoices))
    left = {id_: one.received_amount for id_, one in invoices.items()}
    for line in receipt.lines:
        left[line.invoice_id] -= line.amount
    for id_, invoice in invoices.items():
        if left[id_] < given[id_]:
            yield problem(
                "INVOICE_REFUNDED",
                f"发票 {invoice.number} 收到的款已退还，收款单不能作废。",
                f"What was received for invoice {invoice.number} has been given back; the receipt cannot be cancelled.",
                "state",
                hint=("请先作废销售调整单。", "Cancel the adjustment first."),
            )


def _mixed(adjustment: Any, invoices: dict[UUID, Any]) -> Iterator[Problem]:
    """CURRENCY_MIXED: the amounts of a paper are in one currency, that of its invoices."""
    named = [invoices[line.invoice_id] for line in adjustment.lines if line.invoice_id in invoices]
    currencies = sorted({one.currency for one in named})
    if len(currencies) > 1:
        yield problem(
            "CURRENCY_MIXED",
            f"发票币种不同：{'、'.join(currencies)}。一张调整单只能有一种币种。",
            f"The invoices are in {', '.join(currencies)}; an adjustment is in one currency.",
            "lines",
            hint=("请按币种分别填写调整单。", "Make an adjustment for each currency."),
        )


def _given_before(ctx: Ctx, ids: Sequence[UUID]) -> dict[UUID, Decimal]:
    """What posted adjustments have given back of invoices: off what was open, or out of the bank."""
    papers, states = "SalesAdjustment", ("posted",)
    given = taken(ctx, ids, papers, "invoice", states, amount=lambda line: line.c.amount + line.c.tax_amount)
    return defaultdict(Decimal, given)


def _most(ctx: Ctx, invoices: dict[UUID, Any], *, allowance: bool) -> dict[UUID, Decimal]:
    """How much of each invoice can be given back: what is open, or what came for it and was not given back yet."""
    if allowance:
        totals = settling.totals(ctx, SIDE, list(invoices))
        return {id_: totals[id_] - one.received_amount for id_, one in invoices.items()}
    given = _given_before(ctx, list(invoices))
    return {id_: one.received_amount - given[id_] for id_, one in invoices.items()}


def _unfit(ctx: Ctx, adjustment: Any, invoices: dict[UUID, Any], *, allowance: bool) -> Iterator[Problem]:
    """Lines with parts of cents, of no invoice or another customer's, or above what is open or received of it."""
    left = _most(ctx, invoices, allowance=allowance)
    for index, line in enumerate(adjustment.lines):
        path, invoice = ("lines", str(index)), invoices.get(line.invoice_id)
        if not (in_cents(line.amount) and in_cents(line.tax_amount)):
            yield problem("NOT_IN_CENTS", "金额最多两位小数。", "Amounts have no parts of a cent.", *path, "amount")
        if invoice is None or invoice.state.value != "posted" or invoice.customer_id != adjustment.customer_id:
            yield problem(
                "INVOICE_DIFFERS",
                f"第 {index + 1} 行：请选择该客户已开票的发票。",
                f"Line {index + 1}: name a posted invoice of this customer.",
                *(*path, "invoice"),
            )
            continue
        amount = line.amount + line.tax_amount
        if amount > left[invoice.id]:
            most = f"{max(left[invoice.id], ZERO).normalize():f}"
            yield problem(
                "MORE_THAN_OPEN",
                f"第 {index + 1} 行：发票 {invoice.number} 只有 {most} 可{'折让' if allowance else '退款'}。",
                f"Line {index + 1}: only {most} of invoice {invoice.number} can be given back.",
                *(*path, "amount"),
            )
        left[invoice.id] -= amount
