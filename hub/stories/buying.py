"""How what is needed is bought: request, plan, order that the supplier confirms on its page, receipt, inspection."""

from __future__ import annotations

from hub.stories import inspecting
from hub.stories.office import ANYTHING, Office

REQUESTED = """query ($item: String!) { purchaseRequests(
    where: {state: {eq: DRAFT}, lines: {some: {item: {code: {eq: $item}}}}}) { nodes { id } } }"""
OF_PLAN = "query ($id: ID!) { purchasePlan(id: $id) { purchaseOrders { nodes { id } } } }"


def bought(office: Office, raw: str) -> str:
    """The request of the requirements run is bought, comes in and is released; returns the receipt's id."""
    order = _ordered(office, raw)
    return _received(office, order)


def _ordered(office: Office, raw: str) -> str:
    """The approved request is taken up by the purchase plan, which becomes an order."""
    office.tell(
        "采购批准需求，汇总为采购计划，选定华东塑料，每千克 8 元。",
        "The request is approved and planned: 5 kg of the supplier at 8.",
    )
    (request,) = office.see("buyer", REQUESTED, item=raw)
    plan = office.make("buyer", "PurchasePlan", method="BALANCED")
    planned = f'{{ purchasePlan(id: "{plan}") {{ lines {{ quantity }} }} }}'
    office.steps("buyer", "PurchaseRequest", request, "submit")
    with office.effect(
        "buyer", planned, ["NOTHING_TO_PLAN"], ["5.0000"], anew=("buyer", "PurchasePlan", plan, "calculate")
    ):
        office.steps("buyer", "PurchaseRequest", request, "approve")
    office.steps("buyer", "PurchasePlan", plan, "assign", position=1, supplier="S-OC", unitPrice="8")
    drafts = '{ purchaseOrders(where: {supplier: {code: {eq: "S-OC"}}}) { totalCount } }'
    with office.effect("buyer", drafts, 0, 1):
        office.steps("buyer", "PurchasePlan", plan, "approve")
    (order,) = office.ask("buyer", OF_PLAN, id=plan)["purchasePlan"]["purchaseOrders"]["nodes"]
    incoming = f'{{ item(code: "{raw}") {{ incoming }} }}'
    with office.effect("boss", incoming, "0.0000", "5.0000"):
        office.steps("buyer", "PurchaseOrder", order["id"], "submit", "confirm")
    return str(order["id"])


def _received(office: Office, order: str) -> str:
    """The supplier takes the order and announces it; the goods wait in quarantine until they are inspected."""
    office.tell(
        "供应商在自己的页面上确认订单；到货待检，检验合格放行。",
        "The supplier confirms on its page; the goods come, wait and are released.",
    )
    page = office.link("buyer", "PurchaseOrder", order, "acknowledge")
    promised = f'{{ purchaseOrder(id: "{order}") {{ promisedDate }} }}'
    office.answer(page, "PurchaseOrder", "acknowledge", "聚丙烯", promisedDate="2025-12-09")
    office.expect("buyer", promised, "2025-12-09")
    office.steps("buyer", "PurchaseOrder", order, "announce", arrivalDate="2025-12-10")
    given = {"warehouse": "W1", "deliveryNoteNumber": "SH-88", "receiptDate": "2025-12-10"}
    receipt = office.convert("storekeeper", "PurchaseOrder", order, "PurchaseReceipt", **given)
    arrived = f'{{ purchaseOrder(id: "{order}") {{ receivedShare }} }}'
    with office.effect("buyer", arrived, ANYTHING, "100.0000"):
        office.steps("storekeeper", "PurchaseReceipt", receipt, "confirm")
    inspection = inspecting.of_receipt(office, "purchaseReceipt", receipt)
    inspecting.decided(office, inspection, "ACCEPT", after="5.0000")
    return receipt
