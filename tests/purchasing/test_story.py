"""Buying over HTTP, each step by who does it: a new supplier is admitted, asked, planned for, ordered of, paid, judged.

Every paper shows what it changes outside itself, and what a user of the supplier's sees of it.
"""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hub import identity, writes
from hub.document import today
from tests.conftest import Database
from tests.ledgers.test_story import Office as Desks
from tests.purchasing.conftest import Buying
from tests.serving import serving

PEOPLE = {"buyer": "purchasing", "storekeeper": "warehouse", "accountant": "finance"}
SUPPLIER = '{ supplier(code: "S3") { admission payable score purchasedAmount onTimeRate qualifiedRate lastOrderDate } }'
PLAN = """query ($id: ID!) { purchasePlan(id: $id) { state
    lines { quantity unitPrice reason supplier { code } requestLine { ordered received } ordered received }
    purchaseOrders { nodes { id state supplier { code } receivedShare lines { invoiced paid openQuantity } } } } }"""


class Office(Desks):
    """The same desks, and steps with arguments."""

    def step(self, who: str, mutation: str, name: str, id_: str, **given: Any) -> list[str]:
        """The codes of what is wrong with a step."""
        told = "".join(f", {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in given.items())
        document = f'mutation {{ {mutation}(id: "{id_}"{told}) {{ {name} {{ id }} problems {{ code }} }} }}'
        return [one["code"] for one in self.ask(who, document)[mutation]["problems"]]

    def steps(self, who: str, name: str, id_: str, *mutations: str, **given: Any) -> None:
        """Steps that must succeed."""
        for mutation in mutations:
            assert self.step(who, mutation, name, id_, **given) == [], mutation

    def make(self, who: str, type_name: str, **values: Any) -> str:
        """A new document's id."""
        return self.done(who, f"create{type_name}", type_name[0].lower() + type_name[1:], input=values)

    def supplier(self) -> dict[str, Any]:
        """What everybody who buys may know of S3."""
        found: dict[str, Any] = self.ask("buyer", SUPPLIER)["supplier"]
        return found


def test_from_the_need_to_the_payment(buying: Buying, tmp_path: Path) -> None:
    with buying.work() as ctx:
        rows: list[dict[str, Any]] = [{"code": who, "name": who, "roles": [role]} for who, role in PEOPLE.items()]
        rows += [{"code": who, "name": who, "roles": ["partner"], "supplier": code} for who, code in _PARTNERS.items()]
        assert writes.load(ctx, "User", rows).problems == []
    with Session(buying.engine) as session, session.begin():
        tokens = {who: identity.issue_token(session, who, purpose="test") for who in (*PEOPLE, *_PARTNERS)}
    with serving(Database(buying.engine.url, buying.engine), tmp_path / "hub.log") as url:
        office = Office(url, tokens)
        _admit(office)
        order = _plan(office, _ask(office))
        _settle(office, order, _receive(office, order))
        _judge(office)
    with buying.work() as ctx:
        assert not buying.astray(ctx)


_PARTNERS = {"third": "S3", "second": "S2"}


def _day(days: int) -> str:
    return (today() + timedelta(days=days)).isoformat()


def _admit(office: Office) -> None:
    """An order is refused until a paper has admitted the supplier."""
    lines = [{"item": "I1", "quantity": "1", "unitPrice": "1"}]
    order = office.make("buyer", "PurchaseOrder", supplier="S3", lines=lines)
    assert office.step("buyer", "confirmPurchaseOrder", "purchaseOrder", order) == ["SUPPLIER_NOT_ADMITTED"]
    lines = [{"criterion": "现场评审", "weight": "1", "score": "82"}]
    paper = office.make("buyer", "SupplierAdmission", supplier="S3", licenseChecked=True, lines=lines)
    office.steps("buyer", "supplierAdmission", paper, "submitSupplierAdmission", "approveSupplierAdmission")
    assert office.supplier()["admission"] == "ADMITTED"
    office.steps("buyer", "purchaseOrder", order, "confirmPurchaseOrder")
    office.steps("buyer", "purchaseOrder", order, "cancelPurchaseOrder", reason="只是试单")


def _ask(office: Office) -> str:
    """A request that is approved, and an inquiry whose answers say what things cost."""
    lines = [
        {"item": "I1", "quantity": "40", "neededDate": _day(30)},
        {"item": "I1", "quantity": "60", "neededDate": _day(32)},
    ]
    request = office.make("buyer", "PurchaseRequest", lines=lines)
    office.steps("buyer", "purchaseRequest", request, "submitPurchaseRequest", "approvePurchaseRequest")
    asked = {"lines": [{"item": "I1", "quantity": "100"}], "suppliers": [{"supplier": "S3"}, {"supplier": "S1"}]}
    inquiry = office.make("buyer", "Rfq", **asked)
    office.steps("buyer", "rfq", inquiry, "sendRfq")
    for supplier, price in (("S3", "2.5"), ("S1", "2.6")):
        office.steps(
            "buyer", "rfq", inquiry, "answerRfq", supplier=supplier, item="I1", unitPrice=price, leadTimeDays=7
        )
    office.steps("buyer", "rfq", inquiry, "compareRfq")
    found = office.ask("buyer", f'{{ rfq(id: "{inquiry}") {{ offers {{ chosen priceScore supplier {{ code }} }} }} }}')
    assert found["rfq"]["offers"] == [
        {"chosen": True, "priceScore": "100.0000", "supplier": {"code": "S3"}},
        {"chosen": False, "priceScore": "96.1500", "supplier": {"code": "S1"}},
    ]
    assert office.ask("third", "{ rfqs { totalCount } purchasePlans { totalCount } }") == {
        "rfqs": {"totalCount": 0},
        "purchasePlans": {"totalCount": 0},
    }
    office.steps("buyer", "rfq", inquiry, "awardRfq")
    orders = office.ask("buyer", f'{{ rfq(id: "{inquiry}") {{ orders {{ nodes {{ id supplier {{ code }} }} }} }} }}')
    (awarded,) = orders["rfq"]["orders"]["nodes"]
    assert awarded["supplier"]["code"] == "S3"
    return request


def _plan(office: Office, request: str) -> str:
    """The request becomes a plan, the plan an order, which the supplier takes."""
    plan = office.make("buyer", "PurchasePlan", method="BALANCED")
    office.steps("buyer", "purchasePlan", plan, "calculatePurchasePlan", "approvePurchasePlan")
    found = office.ask("buyer", PLAN, id=plan)["purchasePlan"]
    assert [(line["quantity"], line["unitPrice"], line["supplier"]["code"]) for line in found["lines"]] == [
        ("40.0000", "2.5000", "S3"),
        ("60.0000", "2.5000", "S3"),
    ]
    (order,) = found["purchaseOrders"]["nodes"]
    office.steps("buyer", "purchaseOrder", order["id"], "submitPurchaseOrder", "confirmPurchaseOrder")
    office.steps("buyer", "purchaseOrder", order["id"], "acknowledgePurchaseOrder", promisedDate=_day(20))
    office.steps("buyer", "purchaseOrder", order["id"], "announcePurchaseOrder", arrivalDate=_day(20))
    found = office.ask("buyer", PLAN, id=plan)["purchasePlan"]
    assert [line["requestLine"]["ordered"] for line in found["lines"]] == ["40.0000", "60.0000"]
    asked = f'{{ purchaseRequest(id: "{request}") {{ lines {{ ordered received }} }} }}'
    assert office.ask("buyer", asked)["purchaseRequest"]["lines"][0] == {"ordered": "40.0000", "received": "0.0000"}
    return str(order["id"])


def _receive(office: Office, order: str) -> str:
    """The storekeeper takes the goods in."""
    given = {"warehouse": "W1", "deliveryNoteNumber": "SH-88"}
    receipt = office.done(
        "storekeeper", "convertPurchaseOrderToPurchaseReceipt", "purchaseReceipt", id=order, input=given
    )
    office.steps("storekeeper", "purchaseReceipt", receipt, "confirmPurchaseReceipt")
    assert (office.supplier()["onTimeRate"], office.supplier()["qualifiedRate"]) == ("100.0000", "100.0000")
    return receipt


def _settle(office: Office, order: str, receipt: str) -> None:
    """Finance holds the invoice against order and receipt, owes it and pays it; the supplier sees it, others do not."""
    made = "convertPurchaseReceiptToPurchaseInvoice"
    refused = office.do("buyer", made, "purchaseInvoice { id }", id=receipt)
    assert [one["code"] for one in refused["problems"]] == ["FORBIDDEN"]
    invoice = office.done("accountant", made, "purchaseInvoice", id=receipt)
    office.steps("accountant", "purchaseInvoice", invoice, "matchPurchaseInvoice", "postPurchaseInvoice")
    assert office.supplier()["payable"] == "282.5000"  # 250 and 13 % of it
    for again, id_ in ((made, receipt), ("convertPurchaseOrderToPurchaseInvoice", order)):
        twice = office.do("accountant", again, "purchaseInvoice { id }", id=id_)
        assert [one["code"] for one in twice["problems"]] == ["CONVERTED_ALREADY"]
    payment = office.done("accountant", "convertPurchaseInvoiceToPurchasePayment", "purchasePayment", id=invoice)
    office.steps("accountant", "purchasePayment", payment, "submitPurchasePayment", "postPurchasePayment")
    assert office.supplier()["payable"] == "0.0000"
    listed = "{ purchaseInvoices { nodes { total openAmount matchResult } } purchasePayments { nodes { amount } } }"
    seen = {
        "purchaseInvoices": {"nodes": [{"total": "282.5000", "openAmount": "0.0000", "matchResult": "MATCHED"}]},
        "purchasePayments": {"nodes": [{"amount": "282.5000"}]},
    }
    assert office.ask("third", listed) == office.ask("buyer", listed) == seen
    assert office.ask("second", listed) == {"purchaseInvoices": {"nodes": []}, "purchasePayments": {"nodes": []}}
    balance = f'{{ trialBalance(since: "{today():%Y-%m}", until: "{today():%Y-%m}") {{ account closing }} }}'
    closing = {one["account"]: Decimal(one["closing"]) for one in office.ask("accountant", balance)["trialBalance"]}
    assert {code: value for code, value in closing.items() if value} == {
        "1002": Decimal("-282.5"),
        "1405": 250,
        "22210101": Decimal("32.5"),
    }
    asked = "{ purchasePlanLines { nodes { ordered received invoiced paid } } }"
    lines = office.ask("buyer", asked)["purchasePlanLines"]["nodes"]
    assert sorted(lines, key=lambda line: str(line["ordered"])) == [
        {"ordered": "40.0000", "received": "40.0000", "invoiced": "40.0000", "paid": "113.0000"},
        {"ordered": "60.0000", "received": "60.0000", "invoiced": "60.0000", "paid": "169.5000"},
    ]


def _judge(office: Office) -> None:
    """The supplier is judged by the facts, and suspended by a bad score that somebody answers for."""
    period = {"supplier": "S3", "fromDate": _day(-30), "untilDate": _day(30)}
    good = office.make("buyer", "SupplierEvaluation", **period, serviceScore="80")
    office.steps("buyer", "supplierEvaluation", good, "calculateSupplierEvaluation", "confirmSupplierEvaluation")
    assert office.supplier()["score"] == "98.0000"  # service is a tenth
    assert office.supplier()["admission"] == "ADMITTED"
    given = {**period, "qualityScore": "20", "adjustmentReason": "批量来料不良"}
    bad = office.make("buyer", "SupplierEvaluation", **given)
    office.steps("buyer", "supplierEvaluation", bad, "confirmSupplierEvaluation")
    assert office.supplier()["admission"] == "SUSPENDED"
    lines = [{"item": "I1", "quantity": "1", "unitPrice": "1"}]
    order = office.make("buyer", "PurchaseOrder", supplier="S3", lines=lines)
    assert office.step("buyer", "confirmPurchaseOrder", "purchaseOrder", order) == ["SUPPLIER_NOT_ADMITTED"]
