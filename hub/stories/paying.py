"""How a month ends in the books: invoices, what the bank says, receipts and payments, periods closed."""

from __future__ import annotations

from hub.stories.base_data import in_books
from hub.stories.office import Office


def paid(office: Office, order: str, delivery: str, receipt: str) -> None:
    """The customer pays, the supplier is paid, and the month is closed for good."""
    _invoiced(office, order, delivery)
    _settled(office, receipt)
    _corrected(office)
    _closed(office)


def _settled(office: Office, receipt: str) -> None:
    """The supplier's invoice fits order and receipt; it is owed, then paid."""
    office.tell("供应商发票三单匹配后入账 45.20 元，付款。", "The supplier's invoice fits; 45.20 are owed and paid.")
    dated = {"invoiceDate": "2025-12-20", "dueDate": "2026-01-19"}
    invoice = office.convert("accountant", "PurchaseReceipt", receipt, "PurchaseInvoice", **dated)
    office.steps("accountant", "PurchaseInvoice", invoice, "match")
    payable = '{ supplier(code: "S-OC") { payable } }'
    with office.effect("buyer", payable, "0.0000", "45.2000"):
        office.steps("accountant", "PurchaseInvoice", invoice, "post")
    payment = office.convert("accountant", "PurchaseInvoice", invoice, "PurchasePayment", paymentDate="2025-12-29")
    office.steps("accountant", "PurchasePayment", payment, "submit")
    with office.effect("buyer", payable, "45.2000", "0.0000"), office.moves("accountant", in_books("1002"), "-45.2"):
        office.steps("accountant", "PurchasePayment", payment, "post")


def _corrected(office: Office) -> None:
    """The bank's fee is entered by a voucher."""
    lines = [{"account": "5603", "debit": "3"}, {"account": "1002", "credit": "3"}]
    voucher = office.make("accountant", "JournalEntry", entryDate="2025-12-30", lines=lines)
    with office.moves("accountant", in_books("5603"), "3"):
        office.steps("accountant", "JournalEntry", voucher, "post")


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
