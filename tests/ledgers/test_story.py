"""From the order to the money over HTTP, each step by who does it: order, delivery, invoice, receipt, period closed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.orm import Session

from hub import identity, writes
from tests.books import Books
from tests.conftest import Database
from tests.serving import serving

PEOPLE = {"seller": "sales", "storekeeper": "warehouse", "accountant": "finance"}
TRIAL_BALANCE = """{ moneyEntries { groups(by: [{account: {code: true}}, {period: {code: true}}]) {
    key { account { code } period { code } } sum { debit credit } } } }"""
PROGRESS = """query ($id: ID!) { salesOrder(id: $id) { lines { delivered invoiced received }
    salesInvoices { nodes { total receivedAmount openAmount } } } }"""


class Office:
    """Who works in the company, each with a token, and what they ask of the hub."""

    def __init__(self, url: str, tokens: dict[str, str]) -> None:
        self._url, self._tokens = url, tokens

    def ask(self, who: str, document: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer; a refusal of the whole request fails the test."""
        answer = self._answer(who, document, variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def refused(self, who: str, document: str) -> list[str]:
        """The codes of what is wrong with a request."""
        return [one["extensions"]["code"] for one in self._answer(who, document, {})["errors"]]

    def _answer(self, who: str, document: str, variables: dict[str, Any]) -> Any:
        return httpx.post(
            f"{self._url}/graphql",
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {self._tokens[who]}"},
            timeout=30,
            trust_env=False,
        ).json()

    def do(self, who: str, mutation: str, selection: str, **variables: Any) -> dict[str, Any]:
        """One mutation; returns its payload."""
        declared = {"id": "ID!", "input": f"{mutation[0].upper()}{mutation[1:]}Input!", "day": "Date"}
        if mutation.startswith("convert"):
            declared["input"] = f"Create{mutation.rsplit('To', maxsplit=1)[-1]}Input"
        head = ", ".join(f"${name}: {declared[name]}" for name in variables)
        given = ", ".join(f"{name}: ${name}" for name in variables)
        document = f"mutation ({head}) {{ {mutation}({given}) {{ {selection} problems {{ code path }} }} }}"
        payload: dict[str, Any] = self.ask(who, document, **variables)[mutation]
        return payload

    def done(self, who: str, mutation: str, name: str, **variables: Any) -> str:
        """A mutation that must succeed; returns the document's id."""
        payload = self.do(who, mutation, f"{name} {{ id }}", **variables)
        assert payload["problems"] == [], (mutation, payload)
        return str(payload[name]["id"])


def test_from_the_order_to_the_money(books: Books, tmp_path: Path) -> None:
    with books.work() as ctx:
        rows = [{"code": who, "name": who, "roles": [role]} for who, role in PEOPLE.items()]
        assert writes.load(ctx, "User", rows).problems == []
        opening = {"kind": "stock", "warehouse": "W1", "entry_date": "2026-05-01"}
        line = {"item": "I1", "quantity": "100", "debit": "350"}
        books.make(ctx, "OpeningBalance", {**opening, "lines": [line]}, "post")
    with Session(books.engine) as session, session.begin():
        tokens = {who: identity.issue_token(session, who, purpose="test") for who in PEOPLE}
    database = Database(books.engine.url, books.engine)
    with serving(database, tmp_path / "hub.log") as url:
        _story(Office(url, tokens))
    with books.work() as ctx:
        assert not books.astray(ctx)


def _story(office: Office) -> None:
    lines = [{"item": "I1", "quantity": "30", "unitPrice": "9.99"}]
    body = {"customer": "K1", "orderDate": "2026-05-02", "promisedDate": "2026-05-20", "lines": lines}
    order = office.done("seller", "createSalesOrder", "salesOrder", input=body)
    office.done("seller", "confirmSalesOrder", "salesOrder", id=order)

    shipped = {"warehouse": "W1", "deliveryDate": "2026-05-04"}
    delivery = office.done("storekeeper", "convertSalesOrderToDelivery", "delivery", id=order, input=shipped)
    office.done("storekeeper", "confirmDelivery", "delivery", id=delivery)

    refused = office.do("seller", "convertDeliveryToSalesInvoice", "salesInvoice { id }", id=delivery)
    assert [one["code"] for one in refused["problems"]] == ["FORBIDDEN"]
    dated = {"invoiceDate": "2026-05-05"}
    invoice = office.done("accountant", "convertDeliveryToSalesInvoice", "salesInvoice", id=delivery, input=dated)
    office.done("accountant", "postSalesInvoice", "salesInvoice", id=invoice)

    part = {"amount": "200", "receiptDate": "2026-05-06", "lines": [{"invoice": invoice, "amount": "200"}]}
    first = office.done("accountant", "convertSalesInvoiceToSalesReceipt", "salesReceipt", id=invoice, input=part)
    office.done("accountant", "postSalesReceipt", "salesReceipt", id=first)
    found = office.ask("seller", PROGRESS, id=order)["salesOrder"]
    assert found["lines"] == [{"delivered": "30.0000", "invoiced": "30.0000", "received": "200.0000"}]
    total = {"total": "338.6600", "receivedAmount": "200.0000", "openAmount": "138.6600"}  # 299.70 + 38.96
    assert found["salesInvoices"]["nodes"] == [total]

    rest = {"receiptDate": "2026-05-08"}
    second = office.done("accountant", "convertSalesInvoiceToSalesReceipt", "salesReceipt", id=invoice, input=rest)
    office.done("accountant", "postSalesReceipt", "salesReceipt", id=second)
    assert office.ask("seller", PROGRESS, id=order)["salesOrder"]["lines"][0]["received"] == "338.6600"

    period = office.ask("accountant", '{ fiscalPeriod(code: "2026-05") { id firstDay lastDay } }')["fiscalPeriod"]
    assert (period["firstDay"], period["lastDay"]) == ("2026-05-01", "2026-05-31")
    office.done("accountant", "closeFiscalPeriod", "fiscalPeriod", id=period["id"])
    late = office.do("accountant", "cancelSalesReceipt", "salesReceipt { id }", id=second)
    assert [one["code"] for one in late["problems"]] == ["PERIOD_CLOSED"]

    groups = office.ask("accountant", TRIAL_BALANCE)["moneyEntries"]["groups"]
    sums = {one["key"]["account"]["code"]: (one["sum"]["debit"], one["sum"]["credit"]) for one in groups}
    assert {one["key"]["period"]["code"] for one in groups} == {"2026-05"}
    assert sums == {
        "1002": ("338.6600", "0.0000"),
        "1122": ("338.6600", "338.6600"),
        "1405": ("350.0000", "105.0000"),  # 30 of 100, which cost 3.50 each
        "22210102": ("0.0000", "38.9600"),
        "3199": ("0.0000", "350.0000"),
        "5001": ("0.0000", "299.7000"),
        "5401": ("105.0000", "0.0000"),
    }
    balance = '{ trialBalance(since: "2026-05", until: "2026-05") { account opening debit credit closing } }'
    listed = office.ask("accountant", balance)["trialBalance"]
    assert {one["account"]: (Decimal(one["debit"]), Decimal(one["credit"])) for one in listed} == {
        code: (Decimal(debit), Decimal(credit)) for code, (debit, credit) in sums.items()
    }
    assert sum(Decimal(one["closing"]) for one in listed) == 0
    later = office.ask("accountant", balance.replace("2026-05", "2026-06"))["trialBalance"]
    assert [(one["opening"], one["debit"]) for one in later] == [(one["closing"], "0") for one in listed]
    assert office.refused("seller", balance) == ["FORBIDDEN"]
    assert office.refused("accountant", balance.replace("2026-05", "2026-13")) == ["PERIOD_INVALID"] * 2
