"""A company's months as Hypothesis draws them: each act is a paper made and taken through its steps.

Days jump back and forth over ten weeks, so much of it is back-dated; what is refused leaves no trace.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as some
from sqlalchemy import select, text
from sqlalchemy.orm import selectinload

from hub import writes
from hub.context import Ctx
from hub.document.registry import spec
from hub.errors import Refused
from tests.books import Books

BEGIN, LAST = date(2026, 10, 20), date(2026, 12, 31)
ACTS = (
    *(
        "sell",
        "receive",
        "settle",
        "buy",
        "bill",
        "bill",
        "pay",
        "ship",
        "take_back",
        "send_back",
        "issue",
        "bring_back",
    ),
    *("allow", "refund"),
    *("make_goods", "claim", "pay_claim", "freight", "voucher", "adjust", "depreciate", "dispose", "cancel", "close"),
)
ONE = some.tuples(some.sampled_from(ACTS), some.integers(1, 72), some.integers(1, 9999))
MONTHS = some.lists(ONE, min_size=10, max_size=45)
_ABROAD = {"currency": "USD", "exchange_rate": "7.1043"}


def begun(books: Books, ctx: Ctx) -> None:
    """Money, goods and machines at the beginning, a carrier, and an order to produce on."""
    day = {"entry_date": BEGIN.isoformat()}
    sides = [{"account": "1002", "debit": "5000"}, {"account": "3001", "credit": "5000"}]
    books.make(ctx, "OpeningBalance", {**day, "kind": "accounts", "lines": sides}, "post")
    books.make(ctx, "Item", {"code": "RAW", "name": "原料", "unit": "PCS", "kind": "raw"})
    goods = [
        {"item": "I1", "quantity": "10", "debit": "33.33"},
        {"item": "RAW", "quantity": "300", "debit": "1000.01"},
    ]
    books.make(ctx, "OpeningBalance", {**day, "kind": "stock", "warehouse": "W1", "lines": goods}, "post")
    for kind, owed, partner in (("receivables", "debit", "customer"), ("payables", "credit", "supplier")):
        code, due = ("K1" if partner == "customer" else "S1"), "2026-11-11"
        own, other = {partner: code, owed: "77.77", "due_date": due}, "credit" if owed == "debit" else "debit"
        abroad = {partner: code, owed: "13.01", **_ABROAD}
        lines = [own, abroad, {partner: code, other: "20.02"}]
        books.make(ctx, "OpeningBalance", {**day, "kind": kind, "lines": lines}, "post")
    for code, cost, method in (("M1", "12000.01", "straight_line"), ("M2", "7777.77", "double_declining")):
        machine = {"code": code, "name": code, "cost": cost, "in_service_date": "2026-08-08", "life_months": 37}
        books.make(ctx, "Asset", {**machine, "method": method, "residual_rate": "5"})
    machines = [{"asset": "M1"}, {"asset": "M2"}]
    books.make(ctx, "OpeningBalance", {**day, "kind": "assets", "lines": machines}, "post")
    books.make(ctx, "FiscalPeriod", {"code": "2026-12", "name": "2026年12月"})
    books.make(ctx, "Carrier", {"code": "CAR", "name": "承运"})
    order = {"item": "I1", "quantity": "500", "materials": [{"item": "RAW", "required_quantity": "500"}]}
    books.make(ctx, "ProductionOrder", order, "release")


class Business:
    """What has been done in these months, and how to do one thing more; `amount` is of money, `pieces` of goods."""

    def __init__(self, books: Books, ctx: Ctx) -> None:
        self.books, self.ctx = books, ctx
        self.papers: list[Any] = self._opened()
        self.done = Counter[str]()
        self.order = ctx.session.execute(text("SELECT id FROM hub.production_order")).scalar_one()

    def _opened(self) -> list[Any]:
        """The open items of before, which are paid and settled as any."""
        found = list[Any]()
        for name in ("SalesInvoice", "PurchaseInvoice", "SalesReceipt", "PurchasePayment"):
            model = spec(name).model
            rows = self.ctx.session.execute(select(model).options(selectinload(model.lines)).order_by(model.number))
            found += rows.scalars()
        return found

    def act(self, what: str, day: int, number: int) -> None:
        """Do it on that day, in a savepoint: a refusal is as if it had never been tried."""
        when, events = (BEGIN + timedelta(days=day)).isoformat(), len(self.ctx.events)
        self.number, self.amount, self.pieces = number, str(Decimal(number) / 100), str(number % 9 + 1)
        try:
            with self.ctx.session.begin_nested():
                made = getattr(self, what)(when)
                self.ctx.session.flush()
        except Refused:
            del self.ctx.events[events:]
            return
        if made is not None:
            self.done[what] += 1
            if what not in ("cancel", "close"):
                self.papers.append(made)

    def make(self, document_type: str, values: dict[str, Any], *steps: str) -> Any:
        return self.books.make(self.ctx, document_type, values, *steps)

    def step(self, paper: Any, step: str, **arguments: Any) -> Any:
        return writes.run_step(self.ctx, type(paper).__name__, paper.id, step, arguments)

    def any_of(self, document_type: str, state: str) -> Any:
        """One of the papers of that type and state, or None."""
        found = [one for one in self.papers if type(one).__name__ == document_type and one.state.value == state]
        return found[self.number % len(found)] if found else None

    def sell(self, when: str) -> Any:
        line = {"item": "I1", "quantity": self.pieces, "unit_price": self.amount, "tax_rate": self.number % 14}
        values = {"customer": "K1", "invoice_date": when, "due_date": f"2026-{self.number % 12 + 1:02}-15"}
        abroad = _ABROAD if self.number % 4 == 0 else {}
        return self.make("SalesInvoice", {**values, **abroad, "lines": [line]}, "post")

    def receive(self, when: str) -> Any:
        """Money for an invoice, at a rate of its own, or in advance."""
        invoice = self.any_of("SalesInvoice", "posted") if self.number % 3 else None
        values: dict[str, Any] = {"customer": "K1", "receipt_date": when, "amount": self.amount}
        if invoice is not None:
            values["lines"] = [{"invoice": str(invoice.id), "amount": str(Decimal(self.amount) / 2 // 1 + 1)}]
            values |= {"currency": invoice.currency}
            values |= {"exchange_rate": "7.0987"} if invoice.currency == "USD" else {}
        return self.make("SalesReceipt", {**values, "method": ("bank", "cash", "note")[self.number % 3]}, "post")

    def _give_back(self, when: str, kind: str) -> Any:
        """Off what is open of an invoice, or out of the bank; in the invoice's currency."""
        invoice = self.any_of("SalesInvoice", "posted")
        if invoice is None:
            return None
        amount, tax = (str(Decimal(part) / 100) for part in (self.number % 700 + 1, self.number % 91))
        line = {"invoice": str(invoice.id), "amount": amount, "tax_amount": tax}
        values = {"kind": kind, "customer": "K1", "adjustment_date": when, "lines": [line]}
        return self.make("SalesAdjustment", values, "post")

    def allow(self, when: str) -> Any:
        return self._give_back(when, "allowance")

    def refund(self, when: str) -> Any:
        return self._give_back(when, "refund")

    def settle(self, when: str) -> Any:
        """An advance of either side, over whatever is open."""
        kind = ("SalesReceipt", "PurchasePayment")[self.number % 2]
        advance = self.any_of(kind, "posted")
        if advance is not None:
            self.step(advance, "distribute", day=when)
            self.done["settle"] += 1

    def buy(self, when: str) -> Any:
        line = {"item": ("I1", "RAW")[self.number % 2], "quantity": self.pieces, "unit_price": self.amount}
        order = self.make("PurchaseOrder", {"supplier": "S1", "order_date": when, "lines": [line]}, "confirm")
        values = {"warehouse": "W1", "receipt_date": when}
        receipt = writes.convert(self.ctx, "PurchaseOrder", order.id, "PurchaseReceipt", values)
        return self.step(receipt, "confirm")

    def bill(self, when: str) -> Any:
        """The supplier's invoice of a receipt, now and then at another price than was ordered."""
        receipt = self.any_of("PurchaseReceipt", "confirmed")
        if receipt is None:
            return None
        values: dict[str, Any] = {"invoice_date": when}
        if self.number % 3 == 0:
            values["lines"] = [{"receipt_line": str(receipt.lines[0].id), "unit_price": self.amount}]
        invoice = writes.convert(self.ctx, "PurchaseReceipt", receipt.id, "PurchaseInvoice", values)
        self.step(invoice, "accept", reason="议价")
        return self.step(invoice, "post")

    def pay(self, when: str) -> Any:
        invoice = self.any_of("PurchaseInvoice", "posted") if self.number % 4 else None
        values: dict[str, Any] = {"supplier": "S1", "payment_date": when, "amount": self.amount}
        if invoice is not None:
            values["lines"] = [{"invoice": str(invoice.id), "amount": self.amount}]
            values |= {"currency": invoice.currency}
            values |= {"exchange_rate": "7.0987"} if invoice.currency == "USD" else {}
        return self.make("PurchasePayment", {**values, "method": ("bank", "cash", "note")[self.number % 3]}, "post")

    def _goods(self, document_type: str, when: str, field: str, step: str, item: str = "I1", **values: Any) -> Any:
        line = {"item": item, "quantity": self.pieces}
        return self.make(document_type, {"warehouse": "W1", field: when, "lines": [line], **values}, step)

    def ship(self, when: str) -> Any:
        return self._goods("Delivery", when, "delivery_date", "confirm", customer="K1", carrier="CAR")

    def take_back(self, when: str) -> Any:
        return self._goods("SalesReturn", when, "return_date", "post", customer="K1")

    def send_back(self, when: str) -> Any:
        receipt = self.any_of("PurchaseReceipt", "confirmed")
        if receipt is None:
            return None
        line = {"item": str(receipt.lines[0].item_id), "quantity": "1", "receipt_line": str(receipt.lines[0].id)}
        values = {"supplier": "S1", "purchase_receipt": str(receipt.id), "return_date": when, "warehouse": "W1"}
        return self.make("PurchaseReturn", {**values, "lines": [line]}, "post")

    def issue(self, when: str) -> Any:
        order = str(self.order)
        return self._goods("MaterialIssue", when, "issue_date", "post", "RAW", production_order=order)

    def bring_back(self, when: str) -> Any:
        order = str(self.order)
        return self._goods("MaterialReturn", when, "return_date", "post", "RAW", production_order=order)

    def make_goods(self, when: str) -> Any:
        return self._goods("ProductReceipt", when, "receipt_date", "post", production_order=str(self.order))

    def claim(self, when: str) -> Any:
        lines = [{"amount": self.amount, "tax_amount": "0.01", "category": "lodging"}]
        values = {"employee": "E1", "kind": "travel", "claim_date": when, "lines": lines}
        return self.make("ExpenseClaim", values, "submit", "approve")

    def pay_claim(self, when: str) -> Any:
        waiting = self.any_of("ExpenseClaim", "approved")
        if waiting is not None:
            self.step(waiting, "pay", day=when)
            self.done["pay_claim"] += 1

    def freight(self, when: str) -> Any:
        delivery = self.any_of("Delivery", "confirmed")
        lines = [] if delivery is None else [{"delivery": str(delivery.id), "amount": self.amount}]
        values = {"carrier": "CAR", "payment_date": when, "amount": self.amount, "lines": lines}
        return self.make("FreightPayment", values, "post")

    def voucher(self, when: str) -> Any:
        other = ("5602", "5601", "4101", "1604", "2211", "5711", "2001")[self.number % 7]
        sides = [{"account": other, "debit": self.amount}, {"account": "1002", "credit": self.amount}]
        return self.make("JournalEntry", {"entry_date": when, "lines": sides}, "post")

    def adjust(self, when: str) -> Any:
        line = {"item": ("I1", "RAW")[self.number % 2], "quantity": self.number % 5 - 2, "unit_cost": self.amount}
        return self.make("StockAdjustment", {"warehouse": "W1", "adjustment_date": when, "lines": [line]}, "post")

    def depreciate(self, when: str) -> Any:
        return self.make("Depreciation", {"entry_date": when}, "calculate", "post")

    def dispose(self, when: str) -> Any:
        """Give up a machine; an asset is no paper that could be cancelled."""
        machine = "SELECT id FROM hub.asset WHERE code = 'M2' AND state = 'in_use'"
        found = self.ctx.session.execute(text(machine)).scalar_one_or_none()
        if found is not None:
            writes.run_step(self.ctx, "Asset", found, "dispose", {"day": when})
            self.done["dispose"] += 1

    def cancel(self, _when: str) -> Any:
        """Take a paper back, whatever was built on it."""
        if not self.papers:
            return None
        paper = self.papers.pop(self.number % len(self.papers))
        try:
            return self.step(paper, "cancel")
        except Refused:
            self.papers.append(paper)
            raise

    def close(self, _when: str) -> Any:
        """Close the first open month, or open again the last closed one."""
        way = ("open", "ASC", "close") if self.number % 3 else ("closed", "DESC", "reopen")
        found = f"SELECT id FROM hub.fiscal_period WHERE state = '{way[0]}' ORDER BY code {way[1]} LIMIT 1"
        period = self.ctx.session.execute(text(found)).scalar_one_or_none()
        return None if period is None else writes.run_step(self.ctx, "FiscalPeriod", period, way[2])
