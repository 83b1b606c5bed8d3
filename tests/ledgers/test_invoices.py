"""Invoices and receipts: no cent lost, none taken twice, by one writer or by many, as a plain model says."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import text

from hub import writes
from hub.errors import HubError, Refused
from hub.rules.money import CENT
from hub.rules.prices import line_amount
from hub.rules.taxes import tax_amount
from quality_checks.books import BOOKS
from quality_checks.run import run
from tests.books import Books

amounts = some.decimals("0.0001", "100000", places=4)


@given(
    quantity=amounts, price=amounts, discount=some.decimals(0, 100, places=2), rate=some.sampled_from([0, 3, 6, 9, 13])
)
def test_what_an_invoice_shows_is_in_cents_and_adds_up(
    quantity: Decimal, price: Decimal, discount: Decimal, rate: int
) -> None:
    net = line_amount(quantity, price, discount)
    tax = tax_amount(net, Decimal(rate))
    assert net == net.quantize(CENT)
    assert tax == tax.quantize(CENT)
    assert abs(tax - net * rate / 100) <= CENT / 2


def receipt(amount: str, *lines: tuple[UUID, str], customer: str = "K1", day: str = "2026-05-20") -> dict[str, Any]:
    allocated = [{"invoice": str(invoice), "amount": part} for invoice, part in lines]
    return {"customer": customer, "receipt_date": day, "amount": amount, "lines": allocated}


def received(books: Books, invoice: UUID) -> Decimal:
    query = "SELECT received_amount FROM hub.sales_invoice WHERE id = :id"
    with books.engine.connect() as connection:
        return Decimal(connection.execute(text(query), {"id": invoice}).scalar_one())


def test_an_invoice_is_claimed_settled_in_parts_and_opened_again(books: Books) -> None:
    with books.work() as ctx:
        invoice = books.invoice(ctx, "100.01")  # 100.01 + 13.00
        assert books.balances(ctx) == {"1122": Decimal("113.01"), "5001": Decimal("-100.01"), "22210102": Decimal(-13)}
        books.make(ctx, "SalesReceipt", receipt("13.01", (invoice, "13.01")), "post")
        rest = writes.convert(ctx, "SalesInvoice", invoice, "SalesReceipt", {"amount": "150", "method": "cash"})
        assert [line.amount for line in rest.lines] == [Decimal(100)]
        writes.run_step(ctx, "SalesReceipt", rest.id, "post")
        balances = {"1001": 150, "1002": Decimal("13.01"), "2203": -50, "5001": Decimal("-100.01"), "22210102": -13}
        assert books.balances(ctx) == balances
    assert received(books, invoice) == Decimal("113.01")
    with pytest.raises(Refused) as raised, books.work() as ctx:
        writes.convert(ctx, "SalesInvoice", invoice, "SalesReceipt")
    assert raised.value.problems[0].code == "INVOICE_PAID"
    with pytest.raises(Refused) as raised, books.work() as ctx:
        writes.run_step(ctx, "SalesInvoice", invoice, "cancel")
    assert raised.value.problems[0].code == "INVOICE_RECEIVED"
    with books.work() as ctx:
        writes.run_step(ctx, "SalesReceipt", rest.id, "cancel")
        assert not books.astray(ctx)
    assert received(books, invoice) == Decimal("13.01")


def test_everything_wrong_with_a_receipt_is_told_at_once(books: Books) -> None:
    with books.work() as ctx:
        mine, theirs = books.invoice(ctx, "100"), books.invoice(ctx, "100", customer="K2")
        draft = books.make(ctx, "SalesInvoice", {"customer": "K1", "lines": [{"item": "I1", "quantity": "1"}]})
    wrong = receipt("100.005", (mine, "60"), (mine, "60"), (theirs, "0"), (draft.id, "1"))
    with pytest.raises(Refused) as raised, books.work() as ctx:
        books.make(ctx, "SalesReceipt", wrong, "post")
    found = sorted((one.code, one.path) for one in raised.value.problems)
    assert found == [
        ("ALLOCATED_TOO_MUCH", ("amount",)),
        ("AMOUNT_NOT_POSITIVE", ("lines", "2", "amount")),
        ("INVOICE_DIFFERS", ("lines", "2", "invoice")),
        ("INVOICE_DIFFERS", ("lines", "3", "invoice")),
        ("MORE_THAN_OPEN", ("lines", "1", "amount")),
        ("MORE_THAN_OPEN", ("lines", "3", "amount")),
        ("NOT_IN_CENTS", ("amount",)),
    ]
    assert received(books, mine) == 0


def test_an_order_is_not_invoiced_twice(books: Books) -> None:
    order = {
        "customer": "K1",
        "promised_date": "2026-06-01",
        "lines": [{"item": "I1", "quantity": "10", "unit_price": "2"}],
    }
    with books.work() as ctx:
        made = books.make(ctx, "SalesOrder", order, "confirm")
        line = {"item": "I1", "order_line": str(made.lines[0].id), "quantity": "6", "unit_price": "2"}
        first, second = (
            books.make(ctx, "SalesInvoice", {"customer": "K1", "sales_order": str(made.id), "lines": [line]})
            for _ in range(2)
        )
        writes.run_step(ctx, "SalesInvoice", first.id, "post")
    with pytest.raises(Refused) as raised, books.work() as ctx:
        writes.run_step(ctx, "SalesInvoice", second.id, "post")
    assert [one.code for one in raised.value.problems] == ["MORE_THAN_OPEN"]
    with books.work() as ctx:
        writes.run_step(ctx, "SalesInvoice", first.id, "cancel")
        writes.run_step(ctx, "SalesInvoice", second.id, "post")


def advance(books: Books, amount: str, **more: Any) -> UUID:
    """A posted receipt that settles nothing yet."""
    with books.work() as ctx:
        return UUID(str(books.make(ctx, "SalesReceipt", receipt(amount, **more), "post").id))


def allocate(books: Books, paper: UUID, invoice: Any, amount: str | None = None, day: str = "2026-05-25") -> Any:
    with books.work() as ctx:
        return writes.run_step(
            ctx, "SalesReceipt", paper, "allocate", {"invoice": str(invoice), "amount": amount, "day": day}
        )


def test_an_advance_settles_invoices_later(books: Books) -> None:
    paper = advance(books, "150")
    with books.work() as ctx:
        first, second = books.invoice(ctx, "100"), books.invoice(ctx, "100")
        assert books.balances(ctx)["2203"] == -150
    allocate(books, paper, first, "13")
    done = allocate(books, paper, first)
    assert [(line.position, line.amount) for line in done.lines] == [(1, 13), (2, 100)]
    assert allocate(books, paper, second).lines[-1].amount == 37
    assert [received(books, first), received(books, second)] == [113, 37]
    with books.work() as ctx:
        held = {code: value for code, value in books.balances(ctx).items() if code in ("1002", "1122", "2203")}
        assert held == {"1002": 150, "1122": 76}
        assert not books.astray(ctx)
    with pytest.raises(Refused) as raised:
        allocate(books, paper, second)
    assert [one.code for one in raised.value.problems] == ["NOTHING_LEFT"]
    with books.work() as ctx:
        writes.run_step(ctx, "SalesReceipt", paper, "cancel")
        assert books.balances(ctx)["1122"] == 226
        assert not books.astray(ctx)
    assert [received(books, first), received(books, second)] == [0, 0]


def test_an_advance_is_not_allocated_beyond_what_is_there(books: Books) -> None:
    paper = advance(books, "50")
    with books.work() as ctx:
        mine, theirs = books.invoice(ctx, "10"), books.invoice(ctx, "10", customer="K2")
    refused = {
        ("nowhere", None): ["LINK_UNKNOWN"],
        (theirs, None): ["INVOICE_DIFFERS"],
        (mine, "11.31"): ["MORE_THAN_OPEN"],
        (theirs, "60.001"): ["ALLOCATED_TOO_MUCH", "INVOICE_DIFFERS", "MORE_THAN_OPEN", "NOT_IN_CENTS"],
        (mine, "-1"): ["NOTHING_LEFT"],
    }
    for (invoice, amount), codes in refused.items():
        with pytest.raises(HubError) as raised:
            allocate(books, paper, invoice, amount)
        assert sorted(one.code for one in raised.value.problems) == codes
    assert received(books, mine) == 0
    assert allocate(books, paper, mine, "11.3").lines[0].amount == Decimal("11.3")


def test_one_advance_allocated_by_many_at_once_is_spent_once(books: Books) -> None:
    paper = advance(books, "100")
    with books.work() as ctx:
        invoices = [books.invoice(ctx, "100") for _ in range(4)]

    def spend(invoice: UUID) -> str:
        try:
            allocate(books, paper, invoice, "60")
        except HubError as error:
            return error.problems[0].code
        return "allocated"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(spend, invoices)) == ["ALLOCATED_TOO_MUCH"] * 3 + ["allocated"]
    assert sum(received(books, one) for one in invoices) == 60


def test_one_invoice_paid_by_many_at_once_is_paid_once(books: Books, proof_count: Callable[[int, int], int]) -> None:
    for _ in range(proof_count(3, 30)):
        with books.work() as ctx:
            invoice = books.invoice(ctx, "100")
            papers = [books.make(ctx, "SalesReceipt", receipt("113", (invoice, "113"))).id for _ in range(4)]

        def post(id_: UUID) -> str:
            try:
                with books.work() as ctx:
                    writes.run_step(ctx, "SalesReceipt", id_, "post")
            except HubError as error:
                return error.problems[0].code
            return "posted"

        with ThreadPoolExecutor(4) as pool:
            outcomes = sorted(pool.map(post, papers))
        assert outcomes == ["MORE_THAN_OPEN"] * 3 + ["posted"]
        assert received(books, invoice) == 113
    with books.work() as ctx:
        assert not books.astray(ctx)


class Plain:
    """The same business in plain numbers: what is open of each invoice, what each receipt took, and the money."""

    def __init__(self) -> None:
        self.total: dict[UUID, Decimal] = {}
        self.customer: dict[UUID, str] = {}
        self.receipts: dict[UUID, tuple[Decimal, dict[UUID, Decimal]]] = {}

    def open(self, invoice: UUID) -> Decimal:
        taken = sum((parts.get(invoice, Decimal(0)) for _, parts in self.receipts.values()), Decimal(0))
        return self.total[invoice] - taken

    def bank(self) -> Decimal:
        return sum((amount for amount, _ in self.receipts.values()), Decimal(0))

    def receivable(self) -> Decimal:
        return sum((self.open(one) for one in self.total), Decimal(0))


_step = some.tuples(
    some.sampled_from(["invoice", "receive", "cancel invoice", "cancel receipt", "receive", "invoice"]),
    some.integers(0, 9),
    some.integers(1, 20000),
    some.integers(0, 150),
)


@pytest.mark.parametrize("seed", range(2))
def test_any_business_is_what_a_plain_model_says(
    books: Books, seed: int, proof_count: Callable[[int, int], int]
) -> None:
    """Any order of invoices, receipts and their cancellations; after each the books are those of the model."""
    plain = Plain()

    @settings(max_examples=proof_count(5, 60), deadline=None, database=None, derandomize=seed == 0)
    @given(some.lists(_step, min_size=1, max_size=8))
    def business(steps: list[tuple[str, int, int, int]]) -> None:
        for what, which, cents, share in steps:
            with books.work() as ctx:
                _do(books, ctx, plain, what, which, Decimal(cents) / 100, share)
        with books.work() as ctx:
            balances = books.balances(ctx)
            advances = plain.bank() - sum(
                (sum(parts.values(), Decimal(0)) for _, parts in plain.receipts.values()), Decimal(0)
            )
            assert sum(balances.values(), Decimal(0)) == 0
            assert balances.get("1002", 0) == plain.bank()
            assert balances.get("1122", 0) == plain.receivable()
            assert -balances.get("2203", 0) == advances
            assert not books.astray(ctx)

    business()
    assert plain.total or plain.receipts
    outcomes = [outcome for one in BOOKS for outcome in run(one, books.engine.url, time_zone="Asia/Shanghai")]
    assert {(one.rule.code, one.failing) for one in outcomes} == {(rule.code, 0) for one in BOOKS for rule in one.rules}


def _do(books: Books, ctx: Any, plain: Plain, what: str, which: int, amount: Decimal, share: int) -> None:
    """One step in the hub and in the model; what the model forbids, the hub refuses."""
    customer, open_ = f"K{which % 2 + 1}", [one for one in plain.total if plain.open(one) > 0]
    if what == "invoice":
        made = books.invoice(ctx, str(amount), customer)
        net = amount.quantize(CENT)
        plain.total[made], plain.customer[made] = net + tax_amount(net, Decimal(13)), customer
    elif what == "receive":
        named = next((one for one in open_ if plain.customer[one] == customer), None)
        part = Decimal(0) if named is None else (plain.open(named) * share / 100).quantize(CENT)
        body = receipt(str(amount), *([(named, str(part))] if named and part else []), customer=customer)
        paper = books.make(ctx, "SalesReceipt", body)
        if named and (part > plain.open(named) or part > amount):
            with pytest.raises(Refused):
                writes.run_step(ctx, "SalesReceipt", paper.id, "post")
            return
        writes.run_step(ctx, "SalesReceipt", paper.id, "post")
        plain.receipts[paper.id] = (amount, {named: part} if named and part else {})
    elif what == "cancel invoice" and plain.total:
        one = list(plain.total)[which % len(plain.total)]
        if plain.open(one) != plain.total[one]:
            with pytest.raises(Refused):
                writes.run_step(ctx, "SalesInvoice", one, "cancel")
            return
        writes.run_step(ctx, "SalesInvoice", one, "cancel")
        del plain.total[one]
    elif what == "cancel receipt" and plain.receipts:
        paper_id = list(plain.receipts)[which % len(plain.receipts)]
        writes.run_step(ctx, "SalesReceipt", paper_id, "cancel")
        del plain.receipts[paper_id]


def test_the_nightly_checks_find_what_was_bent(books: Books) -> None:
    with books.work() as ctx:
        invoice = books.invoice(ctx, "100")
        books.make(ctx, "SalesReceipt", receipt("5", (invoice, "5")), "post")
        bill = {"supplier": "S1", "lines": [{"item": "I1", "quantity": "1", "unit_price": "1"}]}
        owed = books.make(ctx, "PurchaseInvoice", bill)
        writes.run_step(ctx, "PurchaseInvoice", owed.id, "accept", {"reason": "服务费"})
        hours = {"lines": [{"employee": "E1", "hours": "3"}]}
        books.make(ctx, "OperationReport", hours, "post")
    with books.engine.begin() as connection:
        connection.execute(text("UPDATE hub.money_balance SET debit = debit + 1 WHERE debit > 0"))
        connection.execute(text("UPDATE hub.sales_invoice SET received_amount = 6"))
        connection.execute(text("UPDATE hub.purchase_invoice SET paid_amount = 6"))
        connection.execute(text("UPDATE hub.hours_balance SET hours = 4"))
        connection.execute(text("ALTER TABLE hub.money_entry DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE hub.money_entry SET credit = credit + 1 WHERE credit > 0"))
    outcomes = [outcome for one in BOOKS for outcome in run(one, books.engine.url, time_zone="Asia/Shanghai")]
    assert {one.rule.code for one in outcomes if one.failing} == {rule.code for one in BOOKS for rule in one.rules}
