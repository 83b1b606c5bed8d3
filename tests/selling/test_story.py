"""From a lead to a satisfied customer over HTTP: each step by who does it, the customer by his links."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx

from tests.selling.conftest import Selling, Shop

LEAD = {"companyName": "远洋机电", "contactName": "王工", "source": "EXHIBITION", "leadDate": "2025-03-03"}
"""Of a day when no other test has leads."""


def test_from_a_lead_to_a_satisfied_customer(books: Selling, shop: Shop) -> None:
    books.stocked("100", "350")
    customer = _won(shop, books.item)
    order = _ordered(shop, books.item, customer)
    _shipped_and_paid(shop, order)
    _after(shop, books.item, order)


def _won(shop: Shop, item: str) -> dict[str, Any]:
    """The lead becomes a customer, whom a price list of his own promises a price."""
    lead = shop.done("seller", "createLead", "lead", input=LEAD)
    lost = shop.done("seller", "createLead", "lead", input={**LEAD, "source": "WEBSITE"})
    talk = {"interactionAt": "2026-05-02T09:00:00+08:00", "lead": lead, "subject": "拜访"}
    visit = shop.done("seller", "createInteraction", "interaction", input=talk)
    assert shop.step("seller", "finishInteraction", visit, outcome="请报价") == []
    assert shop.step("seller", "loseLead", lost, reason="太远") == []
    assert shop.step("seller", "qualifyLead", lead) == []
    assert shop.step("seller", "convertLead", lead) == []
    asked = f'{{ lead(id: "{lead}") {{ id stage conversion customer {{ id code name }} }} }}'
    found = shop.ask("seller", asked)["lead"]
    assert (found["stage"], found["conversion"], found["customer"]["name"]) == ("WON", "100.0000", "远洋机电")
    since = '{ leadConversion(since: "2025-03-03", until: "2025-03-03") { source leads won lost rate } }'
    rates = shop.ask("seller", since)
    told = {one["source"]: (one["leads"], one["won"], one["lost"], one["rate"]) for one in rates["leadConversion"]}
    assert told[""] == (2, 1, 1, "50.0000")
    assert (told["exhibition"][3], told["website"][3]) == ("100.0000", "0.0000")
    customer: dict[str, Any] = found["customer"]
    lines = [{"item": item, "unitPrice": "12"}, {"item": item, "minimumQuantity": "20", "unitPrice": "10"}]
    prices = {"code": f"P-{item}", "name": "远洋价", "customer": customer["id"], "lines": lines}
    shop.done("boss", "createPriceList", "priceList", input=prices)
    price = f'{{ priceOf(customer: "{customer["code"]}", item: "{item}", quantity: "25") {{ unitPrice source }} }}'
    assert shop.ask("seller", price)["priceOf"] == {"unitPrice": "10.0000", "source": f"P-{item}"}
    return {**customer, "lead": lead}


def _ordered(shop: Shop, item: str, customer: dict[str, Any]) -> str:
    """The customer accepts a quotation on its page; its order waits for the manager, for the credit is small."""
    offered = {"lines": [{"item": item, "quantity": "30", "wantedDate": "2026-12-01"}]}
    quotation = shop.done("seller", "convertLeadToQuotation", "quotation", id=customer["lead"], input=offered)
    for step in ("findPrices", "submit", "send"):
        assert shop.step("seller", f"{step}Quotation", quotation) == []
    page = shop.link("seller", "Quotation", quotation, "accept")
    shown = httpx.get(page, trust_env=False).text
    assert re.search(f">零件{item}</td><td[^>]*>30</td><td[^>]*>10</td>", shown)
    assert httpx.post(page, data={}, trust_env=False).status_code == 200
    order = shop.done("seller", "convertQuotationToSalesOrder", "salesOrder", id=quotation)
    limit = {"creditLimit": "300"}
    change = "mutation ($input: UpdateCustomerInput!) { updateCustomer(id: %s, input: $input) { problems { code } } }"
    shop.ask("boss", change % json.dumps(customer["id"]), input=limit)
    assert shop.step("seller", "submitSalesOrder", order) == []
    assert shop.step("seller", "confirmSalesOrder", order) == ["CREDIT_EXCEEDED"]
    assert shop.step("seller", "releaseSalesOrder", order, reason="新客户") == ["FORBIDDEN"]
    assert shop.step("boss", "releaseSalesOrder", order, reason="新客户") == []
    assert shop.step("seller", "confirmSalesOrder", order) == []
    return order


def _shipped_and_paid(shop: Shop, order: str) -> None:
    goods = {"warehouse": "W1", "freight": "20"}
    delivery = shop.done("storekeeper", "convertSalesOrderToDelivery", "delivery", id=order, input=goods)
    assert shop.step("storekeeper", "confirmDelivery", delivery) == []
    invoice = shop.done("accountant", "convertDeliveryToSalesInvoice", "salesInvoice", id=delivery)
    assert shop.step("accountant", "postSalesInvoice", invoice) == []
    margin = (
        f'{{ orderMargin(order: "{order}") {{ total {{ revenue cost expenses amount rate }} lines {{ shipped }} }} }}'
    )
    assert shop.refused("seller", margin) == ["FORBIDDEN"]
    found = shop.ask("accountant", margin)["orderMargin"]
    assert found["total"] == {
        "revenue": "300.00",
        "cost": "105.00",
        "expenses": "20.00",
        "amount": "175.00",
        "rate": "58.3333",
    }
    customer = (
        f'{{ salesOrder(id: "{order}") {{ customer {{ receivable purchasedAmount onTimeRate lastOrderDate }} }} }}'
    )
    told = shop.ask("seller", customer)["salesOrder"]["customer"]
    assert (told["receivable"], told["purchasedAmount"], told["onTimeRate"]) == ("339.0000", "300.0000", "100.0000")


def _after(shop: Shop, item: str, order: str) -> None:
    """Two of thirty are cracked: the customer complains, gets a credit, and says how content he is."""
    asked = f'{{ salesOrder(id: "{order}") {{ number customer {{ id }} lines {{ id }} }} }}'
    sold = shop.ask("seller", asked)["salesOrder"]
    about = {"customer": sold["customer"]["id"], "salesOrder": order}
    complaint = {**about, "item": item, "quantity": "2", "description": "开裂"}
    wrong = shop.done("seller", "createQualityComplaint", "qualityComplaint", input=complaint)
    assert shop.step("seller", "submitQualityComplaint", wrong) == []
    assert shop.step("inspector", "acceptQualityComplaint", wrong) == []
    assert shop.step("inspector", "replyQualityComplaint", wrong, answer="折让", cause="料温低") == []
    lines = [{"item": item, "orderLine": sold["lines"][0]["id"], "quantity": "2"}]
    wanted = {"resolution": "CREDIT", "lines": lines}
    request = shop.done("seller", "convertQualityComplaintToReturnRequest", "returnRequest", id=wrong, input=wanted)
    for step in ("submit", "approve"):
        assert shop.step("inspector", f"{step}ReturnRequest", request) == []
    credit = shop.done("accountant", "convertReturnRequestToSalesAdjustment", "salesAdjustment", id=request)
    assert shop.step("accountant", "postSalesAdjustment", credit) == []
    owed = f'{{ salesOrder(id: "{order}") {{ customer {{ receivable }} }} }}'
    assert shop.ask("seller", owed)["salesOrder"]["customer"]["receivable"] == "316.4000"  # 339 less 20 and its tax
    survey = shop.done("seller", "createSatisfactionSurvey", "satisfactionSurvey", input=about)
    assert shop.step("seller", "sendSatisfactionSurvey", survey) == []
    page = shop.link("inspector", "SatisfactionSurvey", survey, "answer")
    scores = {"quality": "3", "delivery": "5", "service": "5", "price": "4", "comment": "处理很快"}
    assert httpx.post(page, data=scores, trust_env=False).status_code == 200
    answered = f'{{ satisfactionSurvey(id: "{survey}") {{ state averageScore comment history {{ verbs byName }} }} }}'
    told = shop.ask("inspector", answered)["satisfactionSurvey"]
    assert (told["state"], told["averageScore"], told["comment"]) == ("ANSWERED", "4.250000", "处理很快")
