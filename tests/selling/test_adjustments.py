"""Allowances, refunds and changed data: what they do to invoices, books and the customer's record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import text

from hub import writes
from hub.document.registry import spec
from tests.selling.conftest import Selling, made, refused, stepped


def received(books: Selling, invoice: Any) -> Decimal:
    with books.work(dry_run=True) as ctx:
        found: Decimal = ctx.session.get_one(spec("SalesInvoice").model, invoice).received_amount
        return found


def adjusted(books: Selling, invoice: Any, amount: str, tax: str, **header: Any) -> Any:
    line = {"invoice": invoice, "amount": amount, "tax_amount": tax}
    about = {"customer": books.customer, "adjustment_date": "2026-05-09"}
    return made(books, "SalesAdjustment", {**about, "lines": [line], **header})


def test_an_allowance_lowers_what_is_open_and_comes_back_when_it_is_void(books: Selling) -> None:
    with books.work() as ctx:
        invoice = books.invoice(ctx, "100", books.customer)  # 113 with tax
        before = books.of_customer(ctx)
    assert before["1122"] == 113
    high = adjusted(books, invoice, "100", "13.01")
    assert refused(books, "SalesAdjustment", high.id, "post") == {"MORE_THAN_OPEN"}
    given = adjusted(books, invoice, "20", "2.60")
    stepped(books, "SalesAdjustment", given.id, "post")
    assert received(books, invoice) == Decimal("22.60")
    with books.work() as ctx:
        after = books.of_customer(ctx)
        assert (after["1122"], after["5001"], after["22210102"]) == (Decimal("90.40"), Decimal(-80), Decimal("-10.40"))
        assert not books.astray(ctx)
        turnover = (
            "SELECT sum(credit) FROM hub.money_entry e JOIN hub.account a ON a.id = e.account_id"
            " JOIN hub.customer c ON c.id = e.customer_id WHERE a.code = '5001' AND c.code = :customer"
        )
        told = ctx.session.execute(text(turnover), {"customer": books.customer})
        assert told.scalar_one() == 80  # in red: the turnover is the true one
    rest = {"customer": books.customer, "amount": "90.41", "lines": [{"invoice": invoice, "amount": "90.41"}]}
    assert refused(books, "SalesReceipt", made(books, "SalesReceipt", rest).id, "post") == {"MORE_THAN_OPEN"}
    stepped(books, "SalesAdjustment", given.id, "cancel")
    assert received(books, invoice) == 0
    with books.work() as ctx:
        assert books.of_customer(ctx) == before


def test_a_refund_pays_back_what_was_paid_and_no_more(books: Selling) -> None:
    with books.work() as ctx:
        invoice = books.invoice(ctx, "100", books.customer)
    paid = {"customer": books.customer, "amount": "113", "receipt_date": "2026-05-08"}
    refund = adjusted(books, invoice, "50", "6.50", kind="refund")
    assert refused(books, "SalesAdjustment", refund.id, "post") == {"MORE_THAN_OPEN"}
    made(books, "SalesReceipt", {**paid, "lines": [{"invoice": invoice, "amount": "113"}]}, "post")
    stepped(books, "SalesAdjustment", refund.id, "post")
    assert received(books, invoice) == 113
    with books.work() as ctx:
        found = books.of_customer(ctx)
        assert (found["1002"], found["5001"], found["22210102"]) == (Decimal("56.50"), Decimal(-50), Decimal("-6.50"))
        assert "1122" not in found
    again = adjusted(books, invoice, "50.01", "6.50", kind="refund")
    assert refused(books, "SalesAdjustment", again.id, "post") == {"MORE_THAN_OPEN"}  # the rest, not the whole
    stepped(books, "SalesAdjustment", adjusted(books, invoice, "50", "6.50", kind="refund").id, "post")


def test_what_was_let_off_is_not_paid_back(books: Selling) -> None:
    with books.work() as ctx:
        invoice = books.invoice(ctx, "100", books.customer)
    stepped(books, "SalesAdjustment", adjusted(books, invoice, "100", "13").id, "post")
    assert received(books, invoice) == 113
    refund = adjusted(books, invoice, "1", "0", kind="refund")
    assert refused(books, "SalesAdjustment", refund.id, "post") == {"MORE_THAN_OPEN"}


def test_another_customers_invoice_and_nothing_are_refused(books: Selling) -> None:
    with books.work() as ctx:
        invoice = books.invoice(ctx, "100", books.other)
    wrong = adjusted(books, invoice, "0.005", "0")
    assert refused(books, "SalesAdjustment", wrong.id, "post") == {"INVOICE_DIFFERS", "NOT_IN_CENTS"}
    nothing = adjusted(books, None, "0", "0")
    assert refused(books, "SalesAdjustment", nothing.id, "post") == {"AMOUNT_NOT_POSITIVE"}


def test_changed_data_reach_the_customer_and_his_history(books: Selling) -> None:
    lines = [
        {"field_name": "payment_terms_days", "new_value": "60"},
        {"field_name": "address", "new_value": "新路 1 号"},
    ]
    change = {"customer": books.customer, "kind": "customer_data", "lines": lines}
    paper = stepped(books, "SalesAdjustment", made(books, "SalesAdjustment", change).id, "post")
    assert [one.old_value for one in paper.lines] == ["30", None]
    with books.work() as ctx:
        known = spec("Customer").model
        customer = ctx.session.query(known).filter(known.code == books.customer).one()
        assert (customer.payment_terms_days, customer.address) == (60, "新路 1 号")
        told = "SELECT changes FROM audit.audit_entry WHERE document_id = :id ORDER BY id DESC LIMIT 1"
        assert ctx.session.execute(text(told), {"id": customer.id}).scalar_one()["adjustment"][1] == paper.number
    wrong = {
        **change,
        "lines": [{"field_name": "bank_account", "new_value": "1"}, {"field_name": "nothing", "new_value": "1"}],
    }
    document = made(books, "SalesAdjustment", wrong)
    assert refused(books, "SalesAdjustment", document.id, "post") == {"FIELD_UNKNOWN"}


def test_a_value_that_does_not_fit_the_field_changes_nothing(books: Selling) -> None:
    lines = [{"field_name": "payment_terms_days", "new_value": "一个月"}]
    document = made(books, "SalesAdjustment", {"customer": books.customer, "kind": "customer_data", "lines": lines})
    assert refused(books, "SalesAdjustment", document.id, "post") == {"VALUE_INVALID"}
    with books.work() as ctx:
        assert writes.update(ctx, "SalesAdjustment", document.id, {"note": "仍是草稿"}).state == "draft"


def abroad(books: Selling, currency: str, rate: str, amount: str = "33.33") -> Any:
    """A posted invoice in a currency, 13 % tax."""
    line = {"item": books.item, "quantity": 1, "unit_price": amount}
    header = {"customer": books.customer, "invoice_date": "2026-05-05", "currency": currency, "exchange_rate": rate}
    return made(books, "SalesInvoice", {**header, "lines": [line]}, "post")


def test_what_is_given_back_abroad_ties_out_in_the_books(books: Selling) -> None:
    invoice = abroad(books, "USD", "7.1043")  # 33.33 + 4.33 = 37.66 USD, 267.55 CNY
    stepped(books, "SalesAdjustment", adjusted(books, invoice.id, "1.11", "0.14").id, "post")
    allowance = adjusted(books, invoice.id, "2.22", "0.29")
    stepped(books, "SalesAdjustment", allowance.id, "post")
    with books.work() as ctx:
        told = books.of_customer(ctx)
        # what is open, 37.66 - 1.25 - 2.51 = 33.90 USD, at the invoice's rate: parts add up to the whole
        assert told["1122"] == Decimal("267.55") - Decimal("26.71")
        assert told["5001"] == -(Decimal("236.79") - Decimal("7.89") - Decimal("15.77"))
        assert sum(told.values()) == 0
    paid = {"customer": books.customer, "receipt_date": "2026-05-08", "amount": "33.90"}
    about = {"currency": "USD", "exchange_rate": "7", "lines": [{"invoice": invoice.id, "amount": "33.90"}]}
    receipt = made(books, "SalesReceipt", {**paid, **about}, "post")
    refund = adjusted(books, invoice.id, "10", "1.30", kind="refund")
    stepped(books, "SalesAdjustment", refund.id, "post")
    with books.work() as ctx:
        told = books.of_customer(ctx)
        assert "1122" not in told
        assert told["1002"] == Decimal("237.30") - Decimal("80.28")  # 33.90 at 7; 11.30 at the invoice's rate
        assert told["5603"] == Decimal("240.84") - Decimal("237.30")
        assert sum(told.values()) == 0
        assert not books.astray(ctx)
    assert refused(books, "SalesReceipt", receipt.id, "cancel") == {"INVOICE_REFUNDED"}
    for kind, id_ in (("SalesAdjustment", refund.id), ("SalesReceipt", receipt.id), ("SalesAdjustment", allowance.id)):
        stepped(books, kind, id_, "cancel")
    assert received(books, invoice.id) == Decimal("1.25")


def test_two_currencies_are_two_adjustments(books: Selling) -> None:
    invoices = [abroad(books, "USD", "7.1"), abroad(books, "EUR", "7.9")]
    lines = [{"invoice": one.id, "amount": "1"} for one in invoices]
    mixed = made(books, "SalesAdjustment", {"customer": books.customer, "lines": lines})
    assert refused(books, "SalesAdjustment", mixed.id, "post") == {"CURRENCY_MIXED"}
