"""How a month ends in the books: invoices, what the bank says, receipts and payments, periods closed."""

from __future__ import annotations

from hub.stories.base_data import in_books
from hub.stories.office import Office


def paid(office: Office, order: str, delivery: str) -> None:
    """The customer's invoice is paid, and the month is closed for good."""
    _invoiced(office, order, delivery)
    _closed(office)


def _invoiced(office: Office, order: str, delivery: str) -> None:
    office.tell("开票 1130 元（含税 13%），海天付款。", "An invoice of 1,130 with tax; Haitian pays.")
    dated = {"invoiceDate": "2025-12-19", "dueDate": "2026-01-18"}
    invoice = office.convert("accountant", "Delivery", delivery, "SalesInvoice", **dated)
    claimed = f'{{ salesOrder(id: "{order}") {{ lines {{ invoiced }} }} }}'
    with (
        office.effect("seller", claimed, ["0.0000"], ["100.0000"]),
        office.moves("accountant", in_books("1122"), "1130"),
    ):
        office.steps("accountant", "SalesInvoice", invoice, "post")
    receipt = office.convert("accountant", "SalesInvoice", invoice, "SalesReceipt", receiptDate="2025-12-28")
    owed = f'{{ salesInvoice(id: "{invoice}") {{ openAmount }} }}'
    with office.effect("accountant", owed, "1130.0000", "0.0000"), office.moves("accountant", in_books("1002"), "1130"):
        office.steps("accountant", "SalesReceipt", receipt, "post")


def _closed(office: Office) -> None:
    """Nothing more can be posted in December."""
    period = office.see("accountant", '{ fiscalPeriod(code: "2025-12") { id } }')
    office.steps("accountant", "FiscalPeriod", period, "close")
    lines = [{"account": "5602", "debit": "1"}, {"account": "1002", "credit": "1"}]
    late = office.make("accountant", "JournalEntry", entryDate="2025-12-31", lines=lines)
    with office.refused("PERIOD_CLOSED"):
        office.steps("accountant", "JournalEntry", late, "post")
