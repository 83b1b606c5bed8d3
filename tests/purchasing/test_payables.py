"""From the receipt to the money: invoices that must agree, accruals that come to nothing, payments to the cent."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from hub import writes
from hub.errors import HubError, Refused
from quality_checks.books import BOOKS
from quality_checks.run import run
from tests.purchasing.conftest import Buying


def codes(raised: pytest.ExceptionInfo[HubError]) -> list[str]:
    return sorted(one.code for one in raised.value.problems)


def test_what_came_is_accrued_invoiced_paid_and_comes_to_nothing(buying: Buying) -> None:
    with buying.work() as ctx:
        order = buying.ordered(ctx, "100", "3.3333", discount="10")
        receipt = buying.received(ctx, order, "60")
        assert buying.balances(ctx) == {"1405": Decimal("180.00"), "2202": Decimal("-180.00")}  # 60 × 2.99997
        invoice = buying.invoiced(ctx, receipt, "match", "post")
        assert (invoice.match_result.value, invoice.state.value) == ("matched", "posted")
        assert buying.balances(ctx) == {
            "1405": Decimal("180.00"),
            "22210101": Decimal("23.40"),
            "2202": Decimal("-203.40"),
        }
        payment = writes.convert(ctx, "PurchaseInvoice", invoice.id, "PurchasePayment", {"amount": "250"})
        assert [line.amount for line in payment.lines] == [Decimal("203.40")]
        writes.run_step(ctx, "PurchasePayment", payment.id, "submit")
        paid = writes.run_step(ctx, "PurchasePayment", payment.id, "post")
        assert paid.confirmed_by_finance_at is not None
        held = buying.balances(ctx)
        assert (held["1002"], held["1123"]) == (Decimal(-250), Decimal("46.60"))
        assert "2202" not in held
        assert not buying.astray(ctx)
    with pytest.raises(Refused) as raised, buying.work() as ctx:
        writes.convert(ctx, "PurchaseInvoice", invoice.id, "PurchasePayment")
    assert codes(raised) == ["INVOICE_PAID"]
    with pytest.raises(Refused) as raised, buying.work() as ctx:
        writes.run_step(ctx, "PurchaseInvoice", invoice.id, "cancel")
    assert codes(raised) == ["INVOICE_HAS_PAYMENTS"]
    with buying.work() as ctx:
        writes.run_step(ctx, "PurchasePayment", payment.id, "cancel")
        writes.run_step(ctx, "PurchaseInvoice", invoice.id, "cancel")
        assert buying.balances(ctx) == {"1405": Decimal("180.00"), "2202": Decimal("-180.00")}
        assert not buying.astray(ctx)


def test_an_accrual_is_cleared_to_the_cent_in_however_many_parts(buying: Buying) -> None:
    with buying.work() as ctx:
        order = buying.ordered(ctx, "3", "0.335", tax_rate="0")
        receipt = buying.received(ctx, order, "3")
        for quantity in ("1", "1", "1"):
            buying.invoiced(ctx, receipt, "match", "post", quantity=quantity)
        accrued = "SELECT sum(credit - debit) FROM hub.money_entry e JOIN hub.account a ON a.id = e.account_id"
        assert buying.balances(ctx)["1405"] == Decimal("1.01")
    owed = buying.value("SELECT sum(amount) FROM hub.purchase_invoice_line")
    assert owed == Decimal("1.02")  # 0.34 each: a cent more than 3 × 0.335
    with buying.work() as ctx:
        balances = buying.balances(ctx)
        assert (balances["2202"], balances["1404"]) == (-owed, Decimal("0.01"))
    assert buying.value(accrued + " WHERE a.code = '2202' AND e.document_type = 'PurchaseReceipt'") == Decimal("1.01")


def test_everything_that_differs_is_told_at_once_and_can_be_accepted(buying: Buying) -> None:
    with buying.work() as ctx:
        order = buying.ordered(ctx, "10", "5")
        receipt = buying.received(ctx, order, "8", rejected="1")
        line = {"item": "I1", "order_line": str(order.lines[0].id)}
        body = {
            "supplier": "S1",
            "invoice_date": "2026-05-10",
            "lines": [
                {**line, "quantity": "6", "unit_price": "5.01"},
                {**line, "quantity": "5", "unit_price": "5"},
                {"item": "SV", "quantity": "1", "unit_price": "9"},
                {**line, "quantity": "0.5", "unit_price": "4"},
            ],
        }
        invoice = buying.make(ctx, "PurchaseInvoice", body)
    with pytest.raises(Refused) as raised, buying.work() as ctx:
        writes.run_step(ctx, "PurchaseInvoice", invoice.id, "match")
    found = sorted((one.code, one.path) for one in raised.value.problems)
    assert found == [
        ("MATCH_NOT_ORDERED", ("lines", "2", "orderLine")),
        ("MATCH_OVER_ORDERED", ("lines", "1", "quantity")),
        ("MATCH_OVER_ORDERED", ("lines", "3", "quantity")),
        ("MATCH_OVER_RECEIVED", ("lines", "1", "quantity")),
        ("MATCH_OVER_RECEIVED", ("lines", "3", "quantity")),
        ("MATCH_PRICE_ABOVE", ("lines", "0", "unitPrice")),
    ]
    with buying.work() as ctx:
        accepted = writes.run_step(ctx, "PurchaseInvoice", invoice.id, "accept", {"reason": "含外协加工"})
        assert [str(line.difference.normalize()) for line in accepted.lines] == ["0.06", "0", "0", "-0.5"]
        assert (accepted.match_result.value, accepted.note) == ("accepted", "含外协加工")
        writes.run_step(ctx, "PurchaseInvoice", invoice.id, "post")
        balances = buying.balances(ctx)
        assert balances["4101"] == 9  # the service
        assert balances["1404"] == Decimal("-0.44")
        assert sum(balances.values()) == 0
    with pytest.raises(Refused) as raised, buying.work() as ctx:
        buying.invoiced(ctx, receipt, "match", quantity="1")
    assert codes(raised) == ["MATCH_OVER_ORDERED", "MATCH_OVER_RECEIVED"]


def test_a_service_needs_no_receipt_and_a_receipt_that_is_invoiced_stays(buying: Buying) -> None:
    with buying.work() as ctx:
        service = buying.ordered(ctx, "2", "50", item="SV")
        bill_of = writes.convert(ctx, "PurchaseOrder", service.id, "PurchaseInvoice", {"invoice_date": "2026-05-10"})
        for step in ("match", "post"):
            writes.run_step(ctx, "PurchaseInvoice", bill_of.id, step)
        assert buying.balances(ctx) == {"4101": 100, "22210101": 13, "2202": -113}
        order = buying.ordered(ctx, "1", "1")
        receipt = buying.received(ctx, order, "1")
        invoice = buying.invoiced(ctx, receipt, "match")
    with pytest.raises(Refused) as raised, buying.work() as ctx:
        writes.run_step(ctx, "PurchaseReceipt", receipt.id, "cancel")
    assert codes(raised) == ["RECEIPT_INVOICED"]
    with buying.work() as ctx:
        writes.run_step(ctx, "PurchaseInvoice", invoice.id, "cancel")
        writes.run_step(ctx, "PurchaseReceipt", receipt.id, "cancel")


def test_a_company_says_how_far_invoices_may_be_off(buying: Buying) -> None:
    with buying.work() as ctx:
        company = ctx.session.execute(text("SELECT id FROM hub.company")).scalar_one()
        limits = {"match_price_percent": "2", "match_quantity_percent": "10", "match_amount": "1"}
        writes.update(ctx, "Company", company, limits)
        order = buying.ordered(ctx, "100", "1")
        receipt = buying.received(ctx, order, "10")
        fine = buying.invoiced(ctx, receipt, "match", quantity="10", unit_price="1.02")
        assert (fine.match_result.value, fine.lines[0].difference) == ("within_tolerance", Decimal("0.20"))
        writes.run_step(ctx, "PurchaseInvoice", fine.id, "cancel")
        over = buying.received(ctx, order, "50")
        beyond = buying.invoiced(ctx, over, quantity="50", unit_price="1.0201")  # 1.01 above: more than the amount
    with pytest.raises(Refused) as raised, buying.work() as ctx:
        writes.run_step(ctx, "PurchaseInvoice", beyond.id, "match")
    assert codes(raised) == ["MATCH_PRICE_ABOVE"]


def test_what_belongs_elsewhere_cannot_be_accepted(buying: Buying) -> None:
    with buying.work() as ctx:
        theirs = buying.ordered(ctx, "5", "1", supplier="S2")
        draft = buying.make(
            ctx, "PurchaseOrder", {"supplier": "S1", "lines": [{"item": "I1", "quantity": "5", "unit_price": "1"}]}
        )
        lines = [
            {"item": "I1", "quantity": "1", "unit_price": "1", "order_line": str(one.lines[0].id)}
            for one in (theirs, draft)
        ]
        wrong = buying.make(ctx, "PurchaseInvoice", {"supplier": "S1", "lines": lines})
        order = buying.ordered(ctx, "5", "1")
        receipt = buying.received(ctx, order, "5")
        first, second = (buying.invoiced(ctx, receipt, quantity="1") for _ in range(2))
        for one in (first, second):
            writes.update(ctx, "PurchaseInvoice", one.id, {"tax_invoice_number": "26332000000000012345"})
        writes.run_step(ctx, "PurchaseInvoice", first.id, "match")
    for invoice, expected in ((wrong, ["SOURCE_DIFFERS"] * 2), (second, ["INVOICE_DUPLICATE"])):
        with pytest.raises(Refused) as raised, buying.work() as ctx:
            writes.run_step(ctx, "PurchaseInvoice", invoice.id, "accept", {"reason": "没关系"})
        assert codes(raised) == expected


def test_one_receipt_invoiced_by_many_at_once_is_matched_once(buying: Buying) -> None:
    with buying.work() as ctx:
        order = buying.ordered(ctx, "10", "1")
        receipt = buying.received(ctx, order, "10")
        body = {"item": "I1", "quantity": "10", "unit_price": "1", "order_line": str(order.lines[0].id)}
        papers = [buying.make(ctx, "PurchaseInvoice", {"supplier": "S1", "lines": [body]}).id for _ in range(4)]
    assert receipt.state.value == "confirmed"

    def match(id_: Any) -> str:
        try:
            with buying.work() as ctx:
                writes.run_step(ctx, "PurchaseInvoice", id_, "match")
        except HubError as error:
            return error.problems[0].code
        return "matched"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(match, papers)) == ["MATCH_OVER_ORDERED"] * 3 + ["matched"]


def bill(buying: Buying, ctx: Any, amount: str, supplier: str = "S1", **more: Any) -> Any:
    """A posted invoice of a service that nobody ordered, without tax."""
    line = {"item": "SV", "quantity": "1", "unit_price": amount, "tax_rate": "0"}
    values = {"supplier": supplier, "invoice_date": "2026-05-05", **more, "lines": [line]}
    made = buying.make(ctx, "PurchaseInvoice", values)
    writes.run_step(ctx, "PurchaseInvoice", made.id, "accept", {"reason": "服务费"})
    return writes.run_step(ctx, "PurchaseInvoice", made.id, "post").id


def open_amounts(buying: Buying) -> list[Decimal]:
    with buying.work() as ctx:
        rows = ctx.session.execute(
            text(
                "SELECT l.amount + l.tax_amount - i.paid_amount FROM hub.purchase_invoice i "
                "JOIN hub.purchase_invoice_line l ON l.purchase_invoice_id = i.id ORDER BY i.created_at, i.id"
            )
        )
        return [Decimal(row[0]) for row in rows]


def test_an_advance_pays_what_is_due_first(buying: Buying) -> None:
    with buying.work() as ctx:
        bill(buying, ctx, "100", due_date="2026-07-01")
        bill(buying, ctx, "30.01", due_date="2026-06-01")
        bill(buying, ctx, "50")
        bill(buying, ctx, "500", supplier="S2", due_date="2026-01-01")
        paper = buying.paid(ctx, "100.02")
        assert buying.balances(ctx)["1123"] == Decimal("100.02")
    with buying.work() as ctx:
        done = writes.run_step(ctx, "PurchasePayment", paper.id, "distribute", {"day": "2026-05-25"})
        assert [line.amount for line in done.lines] == [Decimal("30.01"), Decimal("70.01")]
        assert buying.balances(ctx).get("1123") is None
        assert not buying.astray(ctx)
    assert sorted(open_amounts(buying)) == [0, Decimal("29.99"), 50, 500]
    with pytest.raises(Refused) as raised, buying.work() as ctx:
        writes.run_step(ctx, "PurchasePayment", paper.id, "distribute", {"day": "2026-05-25"})
    assert codes(raised) == ["NOTHING_LEFT"]


def test_an_invoice_in_another_currency_leaves_a_gain_or_loss_and_no_cent_more(buying: Buying) -> None:
    dollars = {"currency": "USD", "exchange_rate": "7.123456"}
    with buying.work() as ctx:
        order = buying.ordered(ctx, "3", "33.33", tax_rate="0", **dollars)
        receipt = buying.received(ctx, order, "3")
        invoice = buying.invoiced(ctx, receipt, "match", "post")
        assert (invoice.currency, invoice.exchange_rate) == ("USD", Decimal("7.123456"))
        owed = Decimal("712.27")  # 99.99 × 7.123456 = 712.2744…
        assert buying.balances(ctx)["2202"] == -owed
        for amount, rate in (("33.33", "7.2"), ("33.33", "7.0"), ("33.33", "7.123456")):
            buying.paid(ctx, amount, (invoice.id, amount), currency="USD", exchange_rate=rate)
        balances = buying.balances(ctx)
        assert balances.get("2202") is None
        assert balances["1002"] == -(Decimal("239.98") + Decimal("233.31") + Decimal("237.42"))
        assert balances["5603"] == Decimal("710.71") - owed
        assert sum(balances.values()) == 0
    with pytest.raises(Refused) as raised, buying.work() as ctx:
        buying.paid(ctx, "1", (invoice.id, "1"))
    assert codes(raised) == ["INVOICE_DIFFERS", "MORE_THAN_OPEN"]


class Plain:
    """The same business in plain numbers, each step done in the hub and here."""

    def __init__(self, buying: Buying) -> None:
        self.buying = buying
        self.owed: dict[Any, Decimal] = {}
        self.payments: dict[Any, tuple[Decimal, dict[Any, Decimal]]] = {}

    def open(self, invoice: Any) -> Decimal:
        taken = sum((parts.get(invoice, Decimal(0)) for _, parts in self.payments.values()), Decimal(0))
        return self.owed[invoice] - taken

    def left(self, payment: Any) -> Decimal:
        amount, parts = self.payments[payment]
        return amount - sum(parts.values(), Decimal(0))

    def due(self) -> list[Any]:
        return [one for one in self.owed if self.open(one) > 0]

    def bill(self, ctx: Any, which: int, amount: Decimal, share: int) -> None:
        made = bill(self.buying, ctx, str(amount), due_date=f"2026-06-{1 + (which + share) % 28:02}")
        self.owed[made] = amount

    def pay(self, ctx: Any, which: int, amount: Decimal, share: int) -> None:
        due = self.due()
        invoice = due[which % len(due)] if due else None
        part = min((self.open(invoice) * share / 100).quantize(Decimal("0.01")), amount) if due else Decimal(0)
        lines = [(invoice, str(part))] if part else []
        made = self.buying.paid(ctx, str(amount), *lines)
        self.payments[made.id] = (amount, {invoice: part} if part else {})

    def distribute(self, ctx: Any, which: int, _amount: Decimal, _share: int) -> None:
        left = [one for one in self.payments if self.left(one)]
        if not left or not self.due():
            return
        payment = left[which % len(left)]
        done = writes.run_step(ctx, "PurchasePayment", payment, "distribute", {"day": "2026-05-25"})
        parts: dict[Any, Decimal] = {}
        for line in done.lines:
            parts[line.invoice_id] = parts.get(line.invoice_id, Decimal(0)) + line.amount
        self.payments[payment] = (self.payments[payment][0], parts)
        assert self.left(payment) == 0 or not self.due()

    def take_back(self, ctx: Any, which: int, _amount: Decimal, _share: int) -> None:
        if self.payments:
            payment = list(self.payments)[which % len(self.payments)]
            writes.run_step(ctx, "PurchasePayment", payment, "cancel")
            del self.payments[payment]

    def void(self, ctx: Any, which: int, _amount: Decimal, _share: int) -> None:
        untouched = [one for one in self.owed if self.open(one) == self.owed[one]]
        if untouched:
            invoice = untouched[which % len(untouched)]
            writes.run_step(ctx, "PurchaseInvoice", invoice, "cancel")
            del self.owed[invoice]

    def agrees(self, balances: dict[str, Decimal]) -> None:
        assert -balances.get("2202", 0) == sum(map(self.open, self.owed), Decimal(0))
        assert balances.get("1123", 0) == sum(map(self.left, self.payments), Decimal(0))
        assert -balances.get("1002", 0) == sum((amount for amount, _ in self.payments.values()), Decimal(0))
        assert sum(balances.values()) == 0


_step = some.tuples(
    some.sampled_from([Plain.bill, Plain.pay, Plain.distribute, Plain.bill, Plain.pay, Plain.take_back, Plain.void]),
    some.integers(0, 9),
    some.integers(1, 20_000),
    some.integers(0, 100),
)


def test_any_paying_is_what_a_plain_model_says(buying: Buying, proof_count: Callable[[int, int], int]) -> None:
    """Any order of invoices, payments, allocations and cancellations; the books are those of plain numbers."""
    plain = Plain(buying)

    @settings(max_examples=proof_count(4, 60), deadline=None, database=None, derandomize=True)
    @given(some.lists(_step, min_size=1, max_size=8))
    def business(steps: list[tuple[Any, int, int, int]]) -> None:
        for what, which, cents, share in steps:
            with buying.work() as ctx:
                what(plain, ctx, which, Decimal(cents) / 100, share)
        with buying.work() as ctx:
            plain.agrees(buying.balances(ctx))
            assert not buying.astray(ctx)

    business()
    assert plain.owed or plain.payments
    outcomes = [outcome for one in BOOKS for outcome in run(one, buying.engine.url, time_zone="Asia/Shanghai")]
    assert {(one.rule.code, one.failing) for one in outcomes} == {(rule.code, 0) for one in BOOKS for rule in one.rules}
