"""How a month ends in the books: invoices, payments, what the bank says, claims, wear, and the end of the year."""

from __future__ import annotations

from decimal import Decimal

from hub.stories.base_data import in_books
from hub.stories.office import Office, same

SHEET = '{ balanceSheet(until: "2025-12") { line closing } }'
UNMATCHED = "query ($id: ID!) { bankStatement(id: $id) { number unmatchedAmount lines { matchedType } } }"


def paid(office: Office, order: str, delivery: str, receipt: str) -> None:
    """The customer pays, everybody is paid, the bank's statement fits, and the year is closed for good."""
    invoice = _invoiced(office, order, delivery)
    _settled(office, receipt, delivery)
    _claimed(office)
    _worn(office)
    _banked(office, invoice)
    _closed(office)


def _invoiced(office: Office, order: str, delivery: str) -> str:
    """The delivery is invoiced with 13 % tax."""
    office.tell("开票 1130 元（含税 13%）。", "An invoice of 1,130 with tax.")
    dated = {"invoiceDate": "2025-12-19", "dueDate": "2026-01-18"}
    invoice = office.convert("accountant", "Delivery", delivery, "SalesInvoice", **dated)
    claimed = f'{{ salesOrder(id: "{order}") {{ lines {{ invoiced }} }} }}'
    with (
        office.effect("seller", claimed, ["0.0000"], ["100.0000"]),
        office.moves("accountant", in_books("1122"), "1130"),
    ):
        office.steps("accountant", "SalesInvoice", invoice, "post")
    return invoice


def _settled(office: Office, receipt: str, delivery: str) -> None:
    """The supplier's invoice fits order and receipt; it is owed, then paid, and so is the carrier."""
    office.tell(
        "供应商发票三单匹配后入账 45.20 元，付款；付承运商运费 50 元。", "The supplier gets 45.20, the carrier 50."
    )
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
    body = {"carrier": "C-OC", "paymentDate": "2025-12-29", "amount": "50"}
    freight = office.make("accountant", "FreightPayment", **body, lines=[{"delivery": delivery, "amount": "50"}])
    office.steps("accountant", "FreightPayment", freight, "submit")
    with office.effect("boss", '{ carrier(code: "C-OC") { freightPaid } }', "0.0000", "50.0000"):
        office.steps("accountant", "FreightPayment", freight, "post")


def _claimed(office: Office) -> None:
    """A budget holds the travellers to it."""
    office.tell(
        "十二月管理费预算 300 元：报销 200 元获批，再报 100.01 元超预算。",
        "A budget of 300: a claim of 200 is paid, the next is too much.",
    )

    def claim(amount: str) -> str:
        lines = [{"amount": amount, "taxAmount": "6", "category": "LODGING", "invoiceNumber": "25332000000012345678"}]
        body = {"employee": "E1", "kind": "TRAVEL", "claimDate": "2025-12-20", "lines": lines}
        return office.make("worker", "ExpenseClaim", **body)

    first, second = claim("206"), claim("306.01")
    lines = [{"month": 12, "account": "5602", "amount": "300"}]
    budget = office.make("accountant", "Budget", year=2025, lines=lines)
    office.steps("accountant", "Budget", budget, "submit")
    trial = f'mutation {{ submitExpenseClaim(id: "{second}", dryRun: true) {{ problems {{ code }} }} }}'
    with office.effect("worker", trial, [], ["BUDGET_EXCEEDED"]):
        office.steps("accountant", "Budget", budget, "approve")
    office.steps("worker", "ExpenseClaim", first, "submit")
    with office.effect("accountant", f'{{ budget(id: "{budget}") {{ used }} }}', "0.0000", "200.0000"):
        office.steps("accountant", "ExpenseClaim", first, "approve")
    with office.moves("accountant", in_books("1002"), "-206"):
        office.steps("accountant", "ExpenseClaim", first, "pay", day="2025-12-22")


def _worn(office: Office) -> None:
    """A press loses a hundredth of its value in a month."""
    office.tell("注塑机原值 1 万元，本月折旧 100 元。", "A press of 10,000 loses 100 in the month.")
    category = {"method": "STRAIGHT_LINE", "lifeMonths": 100, "residualRate": "0"}
    office.make("accountant", "AssetCategory", code="OC-MACH", name="机器设备", **category)
    machine = {"cost": "10000", "inServiceDate": "2025-11-08", "assetCategory": "OC-MACH"}
    asset = office.make("accountant", "Asset", code="OC-M1", name="注塑机", **machine)
    paper = office.make("accountant", "Depreciation", entryDate="2025-12-31")
    office.steps("accountant", "Depreciation", paper, "calculate")
    with office.effect("accountant", f'{{ asset(id: "{asset}") {{ netValue }} }}', "10000.0000", "9900.0000"):
        office.steps("accountant", "Depreciation", paper, "post")


def _banked(office: Office, invoice: str) -> None:
    """The statement has all that was paid, a fee that nobody had entered, and the customer's money."""
    office.tell(
        "银行对账单到：客户来款转收款单，手续费补记，逐笔对上。",
        "The bank's statement comes: money of the customer, a fee, all of it is found.",
    )
    office.make("accountant", "BankAccount", code="OC-ICBC", name="工商银行", account="1002", accountNumber="1202 0001")
    customer = office.see("accountant", f'{{ salesInvoice(id: "{invoice}") {{ customer {{ name }} }} }}')
    lines = [
        {"bookedDate": "2025-12-22", "amount": "-206", "counterparty": "唐秀英"},
        {"bookedDate": "2025-12-28", "amount": "1130", "counterparty": customer, "reference": "R-7"},
        {"bookedDate": "2025-12-29", "amount": "-45.2", "counterparty": "华东塑料有限公司"},
        {"bookedDate": "2025-12-29", "amount": "-50", "counterparty": "顺达物流"},
        {"bookedDate": "2025-12-30", "amount": "-3", "purpose": "手续费"},
    ]
    body = {
        "fromDate": "2025-12-01",
        "untilDate": "2025-12-31",
        "openingBalance": "100000",
        "closingBalance": "100825.8",
    }
    statement = office.make("accountant", "BankStatement", bankAccount="OC-ICBC", lines=lines, **body)
    trial = (
        f'mutation {{ convertBankStatementToSalesReceipt(id: "{statement}", dryRun: true) {{ problems {{ code }} }} }}'
    )
    with office.effect("accountant", trial, ["CONVERSION_NOT_ALLOWED"], []):
        office.steps("accountant", "BankStatement", statement, "match")
    receipt = office.convert("accountant", "BankStatement", statement, "SalesReceipt")
    owed = f'{{ salesInvoice(id: "{invoice}") {{ openAmount }} }}'
    with office.effect("accountant", owed, "1130.0000", "0.0000"), office.moves("accountant", in_books("1002"), "1130"):
        office.steps("accountant", "SalesReceipt", receipt, "post")
    sides = [{"account": "5603", "debit": "3"}, {"account": "1002", "credit": "3"}]
    voucher = office.make("accountant", "JournalEntry", entryDate="2025-12-30", lines=sides)
    with office.moves("accountant", in_books("5603"), "3"):
        office.steps("accountant", "JournalEntry", voucher, "post")
    office.steps("accountant", "BankStatement", statement, "match", "close")
    found = office.ask("accountant", UNMATCHED, id=statement)["bankStatement"]
    same("unmatched", found["unmatchedAmount"], "0.0000")
    types = ["ExpenseClaim", "SalesReceipt", "PurchasePayment", "FreightPayment", "JournalEntry"]
    same("matched", [one["matchedType"] for one in found["lines"]], types)
    question = f'{{ bankReconciliation(statement: "{found["number"]}") {{ books bank }} }}'
    told = office.see("accountant", question)
    same(
        "bank and books",
        {name: Decimal(value) for name, value in told.items()},
        dict.fromkeys(told, Decimal("100825.8")),
    )


def _closed(office: Office) -> None:
    """December ends the year: what was earned is profit kept; the statements say the same before and after."""
    office.tell(
        "十二月结账即年结：损益结转，报表结账前后一致，期间不能再记账。",
        "December is closed and the year with it: the statements stay, nothing more is posted.",
    )
    lines = [{"account": "5602", "debit": "1"}, {"account": "1002", "credit": "1"}]
    late = office.make("accountant", "JournalEntry", entryDate="2025-12-31", lines=lines)
    before = office.see("accountant", SHEET)
    closings = {one["line"]: Decimal(one["closing"]) for one in before}
    same("assets are liabilities and equity", closings[30], closings[53])
    period = office.see("accountant", '{ fiscalPeriod(code: "2025-12") { id } }')
    with office.effect("accountant", in_books("5001"), "1000.0000", "0.0000"):
        office.steps("accountant", "FiscalPeriod", period, "close")
    same("the balance sheet", office.see("accountant", SHEET), before)
    same("profit of the year", office.see("accountant", in_books("3103")), "0.0000")
    with office.refused("PERIOD_CLOSED"):
        office.steps("accountant", "JournalEntry", late, "post")
