"""The office, day by day: monthly invoices, money in and out, vouchers, and the months that are closed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from hub.document.edit import company_of
from hub.document.registry import spec
from hub.seed.paying import Bill, Voucher
from hub.seed.records import DeliveryLine, ReceiptLine
from hub.seed.telling.opening import BANK
from hub.seed.telling.teller import Row, Teller


def sales_invoice(teller: Teller, bill: Bill) -> None:
    """A customer's month: every delivery line of it."""
    taken: dict[int, int] = {}
    lines: list[Row] = []
    for moved, quantity in bill.lines:
        assert isinstance(moved, DeliveryLine)
        teller.book.billed[id(moved)] = bill
        at = taken[id(moved)] = taken.get(id(moved), -1) + 1
        lines.append(
            {
                "item": moved.line.part.code,
                "order_line": teller.id_of(moved.line),
                "delivery_line": teller.book.delivered[id(moved)][at],
                "description": moved.line.part.name,
                "quantity": quantity,
                "unit_price": moved.line.price,
                "discount": moved.line.discount,
            }
        )
    about: Row = {"customer": bill.partner.code, "invoice_date": bill.day, "due_date": bill.due, "department": "XS"}
    teller.keep(bill, teller.told("SalesInvoice", {**about, "lines": lines}, "post").id)


def purchase_invoice(teller: Teller, bill: Bill) -> None:
    """A supplier's month, held against orders and receipts."""
    lines: list[Row] = []
    for moved, quantity in bill.lines:
        assert isinstance(moved, ReceiptLine)
        about: Row = {"order_line": teller.id_of(moved.line), "receipt_line": teller.id_of(moved)}
        lines.append({"item": moved.line.material.code, **about, "quantity": quantity, "unit_price": moved.line.price})
    head: Row = {
        "supplier": bill.partner.code,
        "invoice_date": bill.day,
        "due_date": bill.due,
        "department": "CG",
        "seller_tax_number": bill.partner.uscc,
        "tax_invoice_kind": "digital_special",
    }
    teller.keep(bill, teller.told("PurchaseInvoice", {**head, "lines": lines}, "match", "post").id)


def received(teller: Teller, bill: Bill, day: date, amount: Decimal) -> None:
    """A customer's money for a bill, less what was given back of it."""
    amount -= teller.book.credited.pop(id(bill), Decimal(0))
    about: Row = {"customer": bill.partner.code, "receipt_date": day, "amount": amount}
    teller.told("SalesReceipt", {**about, "lines": [{"invoice": teller.id_of(bill), "amount": amount}]}, "post")
    teller.banked(day, amount, bill.partner.name, "货款")


def paid(teller: Teller, bill: Bill, day: date, amount: Decimal) -> None:
    """Our money for a supplier's bill."""
    about: Row = {"supplier": bill.partner.code, "payment_date": day, "amount": amount, "department": "CW"}
    lines: list[Row] = [{"invoice": teller.id_of(bill), "amount": amount}]
    teller.told("PurchasePayment", {**about, "lines": lines}, "submit", "post")
    teller.banked(day, -amount, bill.partner.name, "货款")


def voucher(teller: Teller, one: Voucher) -> None:
    """Wages, power, rent, taxes."""
    lines: list[Row] = [
        {"note": one.note, "account": account, "debit": debit, "credit": credit} for account, debit, credit in one.sides
    ]
    teller.told("JournalEntry", {"entry_date": one.day, "note": one.note, "lines": lines}, "post")
    moved = sum((debit - credit for account, debit, credit in one.sides if account == BANK), Decimal(0))
    if moved:
        teller.banked(one.day, moved, "", one.note)


def close_month(teller: Teller, day: date) -> None:
    """Close the month before the one of a day."""
    table = spec("FiscalPeriod").table
    code = f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"
    mine = select(table.c.id).where(table.c.company_id == company_of(teller.ctx), table.c.code == code)
    teller.step("FiscalPeriod", teller.ctx.session.execute(mine).scalar_one(), "close")
