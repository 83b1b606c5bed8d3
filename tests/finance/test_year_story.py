"""A year's end over HTTP: claims within a budget, machines that lose value, the bank's lines, the year's statements.

Each document of finance is made and taken through its steps by who does it, and changes something outside itself.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hub import identity, writes
from tests.books import Books
from tests.conftest import Database
from tests.ledgers.test_story import Office
from tests.serving import serving

PEOPLE = {"traveller": ["workshop"], "accountant": ["finance"], "seller": ["sales"]}
STATEMENTS = """{
    sheet: balanceSheet(until: "2026-12") { line name closing opening }
    income: incomeStatement(until: "2026-12") { line amount yearToDate }
    cash: cashFlow(until: "2026-12", since: "2026-01") { line englishName amount yearToDate }
    owed: receivablesAged(day: "2026-12-31") { code notDue days30 total }
    owing: payablesAged(day: "2026-12-31") { code total }
    lying: stockAged(day: "2026-12-31") { item days30 total dead } }"""


def test_a_year_ends_over_http(books: Books, tmp_path: Path) -> None:
    with books.work() as ctx:
        rows = [{"code": who, "name": who, "roles": roles} for who, roles in PEOPLE.items()]
        rows[0]["employee"] = "E1"
        assert writes.load(ctx, "User", rows).problems == []
        opening = {"kind": "stock", "warehouse": "W1", "entry_date": "2026-12-01"}
        line = {"item": "I1", "quantity": "100", "debit": "350"}
        books.make(ctx, "OpeningBalance", {**opening, "lines": [line]}, "post")
        books.invoice(ctx, "1000", day="2026-12-02")
        books.make(ctx, "Carrier", {"code": "CAR", "name": "顺达物流"})
        trip = {"customer": "K1", "warehouse": "W1", "delivery_date": "2027-01-04", "carrier": "CAR"}
        delivery = books.make(ctx, "Delivery", {**trip, "lines": [{"item": "I1", "quantity": "2"}]}, "confirm").number
    with Session(books.engine) as session, session.begin():
        tokens = {who: identity.issue_token(session, who, purpose="test") for who in PEOPLE}
    with serving(Database(books.engine.url, books.engine), tmp_path / "hub.log") as url:
        office = Office(url, tokens)
        _spend(office)
        _own(office)
        _bank(office)
        _end(office)
        _carry(office, delivery)
    with books.work() as ctx:
        assert not books.astray(ctx)


def _spend(office: Office) -> None:
    """A budget holds a traveller to it; what he claims is owed and paid, and his colleagues do not see it."""
    lines = [{"month": 12, "account": "5602", "amount": "300"}]
    budget = office.done("accountant", "createBudget", "budget", input={"year": 2026, "lines": lines})
    for step in ("submit", "approve"):
        office.done("accountant", f"{step}Budget", "budget", id=budget)

    def claim(amount: str) -> str:
        lines = [{"amount": amount, "taxAmount": "6", "category": "LODGING", "invoiceNumber": "25332000000012345678"}]
        body = {"employee": "E1", "kind": "TRAVEL", "claimDate": "2026-12-04", "lines": lines}
        return office.done("traveller", "createExpenseClaim", "expenseClaim", input=body)

    first, second = claim("206"), claim("107")
    office.done("traveller", "submitExpenseClaim", "expenseClaim", id=first)
    refused = office.do("traveller", "approveExpenseClaim", "expenseClaim { id }", id=first)
    assert [one["code"] for one in refused["problems"]] == ["FORBIDDEN"]
    office.done("accountant", "approveExpenseClaim", "expenseClaim", id=first)
    office.done("accountant", "payExpenseClaim", "expenseClaim", id=first, day="2026-12-05")
    beyond = office.do("traveller", "submitExpenseClaim", "expenseClaim { id }", id=second)
    assert [one["code"] for one in beyond["problems"]] == ["BUDGET_EXCEEDED"]
    found = office.ask(
        "accountant", "query ($id: ID!) { budget(id: $id) { used remaining lines { used } } }", id=budget
    )
    assert found["budget"] == {"used": "200.0000", "remaining": "100.0000", "lines": [{"used": "200.0000"}]}
    seen = "{ expenseClaims { totalCount } }"
    assert [office.ask(who, seen)["expenseClaims"]["totalCount"] for who in ("traveller", "seller")] == [2, 0]


def _own(office: Office) -> None:
    """A machine loses its value, which only who may see costs is told."""
    category = {"code": "MACH", "name": "机器", "method": "STRAIGHT_LINE", "lifeMonths": 100, "residualRate": "0"}
    office.done("accountant", "createAssetCategory", "assetCategory", input=category)
    machine = {"code": "M1", "name": "注塑机", "cost": "10000", "inServiceDate": "2026-10-08", "assetCategory": "MACH"}
    asset = office.done("accountant", "createAsset", "asset", input=machine)
    paper = office.done("accountant", "createDepreciation", "depreciation", input={"entryDate": "2026-12-31"})
    for step in ("calculate", "post"):
        office.done("accountant", f"{step}Depreciation", "depreciation", id=paper)
    worth = "query ($id: ID!) { asset(id: $id) { netValue accumulatedDepreciation } }"
    told = office.ask("accountant", worth, id=asset)["asset"]
    assert told == {"netValue": "9800.0000", "accumulatedDepreciation": "200.0000"}
    assert office.ask("seller", worth, id=asset)["asset"] == {"netValue": None, "accumulatedDepreciation": None}


def _bank(office: Office) -> None:
    """Money on the statement becomes a receipt; a fee becomes a voucher; then every line is known."""
    account = {"code": "ICBC", "name": "工商银行", "account": "1002", "accountNumber": "1202 0001"}
    office.done("accountant", "createBankAccount", "bankAccount", input=account)
    lines = [
        {"bookedDate": "2026-12-05", "amount": "-206", "counterparty": "工人E1"},
        {"bookedDate": "2026-12-20", "amount": "1130", "counterparty": "海天客户", "reference": "R-7"},
        {"bookedDate": "2026-12-21", "amount": "-3", "purpose": "手续费"},
    ]
    days = {"fromDate": "2026-12-01", "untilDate": "2026-12-31", "closingBalance": "921"}
    body = {"bankAccount": "ICBC", "lines": lines, **days}
    statement = office.done("accountant", "createBankStatement", "bankStatement", input=body)
    office.done("accountant", "matchBankStatement", "bankStatement", id=statement)
    receipt = office.done("accountant", "convertBankStatementToSalesReceipt", "salesReceipt", id=statement)
    office.done("accountant", "postSalesReceipt", "salesReceipt", id=receipt)
    sides = [{"account": "5603", "debit": "3"}, {"account": "1002", "credit": "3"}]
    voucher = {"entryDate": "2026-12-21", "kind": "PAYMENT", "lines": sides}
    entry = office.done("accountant", "createJournalEntry", "journalEntry", input=voucher)
    office.done("accountant", "postJournalEntry", "journalEntry", id=entry)
    office.done("accountant", "matchBankStatement", "bankStatement", id=statement)
    office.done("accountant", "closeBankStatement", "bankStatement", id=statement)
    asked = "query ($id: ID!) { bankStatement(id: $id) { number unmatchedAmount lines { matchedType } } }"
    found = office.ask("accountant", asked, id=statement)["bankStatement"]
    assert found["unmatchedAmount"] == "0.0000"
    assert [one["matchedType"] for one in found["lines"]] == ["ExpenseClaim", "SalesReceipt", "JournalEntry"]
    number = found["number"]
    told = office.ask(
        "accountant",
        f'{{ bankReconciliation(statement: "{number}") {{ books bank difference onlyBank {{ amount }} }} }}',
    )["bankReconciliation"]
    assert [Decimal(told["books"]), Decimal(told["bank"]), told["onlyBank"]] == [921, 921, []]


def _end(office: Office) -> None:
    """The statements tie out and are the same before and after the year is closed; others may not read them."""
    before = office.ask("accountant", STATEMENTS)
    period = office.ask("accountant", '{ fiscalPeriod(code: "2026-12") { id } }')["fiscalPeriod"]["id"]
    office.done("accountant", "closeFiscalPeriod", "fiscalPeriod", id=period)
    after = office.ask("accountant", STATEMENTS)
    assert after == before
    sheet, opening = (_column(after["sheet"], name) for name in ("closing", "opening"))
    assert sheet[30] == sheet[53] == 921 + 350 - 200 + 200  # money, goods; 200 of depreciation stands on 4101
    assert [sheet[1], sheet[9], sheet[19], opening[9]] == [921, 550, 200, 350]
    assert [sheet[36], sheet[51]] == [124, 1000 - 200 - 3 + 350]
    income, cash = _column(after["income"], "amount"), _column(after["cash"], "amount")
    assert [income[1], income[14], income[18], income[32]] == [1000, 200, 3, 797]
    assert [cash[1], cash[6], cash[20], cash[22]] == [1130, 209, 921, 921]
    assert after["owed"] == []
    assert after["lying"] == [{"item": "I1", "days30": "100.0000", "total": "100.0000", "dead": False}]
    trial = office.ask("accountant", '{ trialBalance(until: "2026-12") { account closing } }')["trialBalance"]
    left = {one["account"]: Decimal(one["closing"]) for one in trial if Decimal(one["closing"])}
    assert not {code for code in left if code.startswith("5") or code == "3103"}
    assert left["3104"] == -797
    assert sorted(set(office.refused("seller", STATEMENTS))) == ["FORBIDDEN"]


def _carry(office: Office, delivery: str) -> None:
    """In the new year a carrier is paid for a trip, and not for the same trip again."""
    paid = {"carrier": "CAR", "paymentDate": "2027-01-05", "amount": "80", "method": "CASH"}
    body = {**paid, "lines": [{"delivery": delivery, "amount": "80"}]}
    payment, again = (office.done("accountant", "createFreightPayment", "freightPayment", input=body) for _ in range(2))
    for step in ("submit", "post"):
        office.done("accountant", f"{step}FreightPayment", "freightPayment", id=payment)
    refused = office.do("accountant", "submitFreightPayment", "freightPayment { id }", id=again)
    assert [one["code"] for one in refused["problems"]] == ["FREIGHT_PAID"]
    asked = '{ carrier(code: "CAR") { freightPaid } trialBalance(until: "2027-01") { account closing } }'
    told = office.ask("accountant", asked)
    left = {one["account"]: Decimal(one["closing"]) for one in told["trialBalance"]}
    assert told["carrier"]["freightPaid"] == "80.0000"
    assert [left["5601"], left["1001"], left["5401"]] == [80, -80, 7]


def _column(lines: list[dict[str, Any]], name: str) -> dict[int, Decimal]:
    return {one["line"]: Decimal(one[name]) for one in lines}
