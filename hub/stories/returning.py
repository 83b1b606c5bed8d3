"""What a customer sends back: two are replaced, two are credited, and a fatal complaint holds the rest of the lot."""

from __future__ import annotations

from hub.stories.base_data import item
from hub.stories.office import Office

CASE, LOT = "RE-CASE", "灯壳1"
LINES = "query ($id: ID!) { salesOrder(id: $id) { lines { id } } }"


def tell(office: Office) -> None:
    """Forty lamp cases are sold, two are cracked and two scratched."""
    order = _sold(office)
    request = _complained(office, order)
    _replaced(office, order, request)
    _credited(office, order)


def _sold(office: Office) -> str:
    """Forty of a lot of a hundred are shipped and invoiced at 5 each; returns the order."""
    office.tell(
        "远洋买走灯壳1 批 40 个，单价 5 元，已开票。", "Yuanyang buys 40 of a lot of lamp cases at 5, and is invoiced."
    )
    item(office, CASE, "退换用灯壳", "FINISHED", lotTracked=True)
    office.make("storekeeper", "Lot", code=LOT, name=LOT, item=CASE)
    lines = [{"item": CASE, "quantity": "100", "unitCost": "3", "lot": LOT}]
    body = {"warehouse": "W2", "adjustmentDate": "2026-07-01", "reason": "期初", "lines": lines}
    office.steps("storekeeper", "StockAdjustment", office.make("storekeeper", "StockAdjustment", **body), "post")
    lines = [{"item": CASE, "quantity": "40", "unitPrice": "5"}]
    days = {"orderDate": "2026-07-02", "promisedDate": "2026-07-06"}
    order = office.make("seller", "SalesOrder", customer="K2", lines=lines, **days)
    reserved = f'{{ item(code: "{CASE}") {{ available }} }}'
    with office.effect("boss", reserved, "100.0000", "60.0000"):
        office.steps("seller", "SalesOrder", order, "confirm")
    goods = {"warehouse": "W2", "deliveryDate": "2026-07-03"}
    delivery = office.convert("storekeeper", "SalesOrder", order, "Delivery", **goods)
    office.steps("storekeeper", "Delivery", delivery, "pick", "confirm")
    invoice = office.convert("accountant", "Delivery", delivery, "SalesInvoice", invoiceDate="2026-07-04")
    owed = '{ customer(code: "K2") { receivable } }'
    with office.moves("accountant", owed, "226"):
        office.steps("accountant", "SalesInvoice", invoice, "post")
    return order


def _complained(office: Office, order: str) -> str:
    """Two are cracked: quality takes the complaint, and what is left of the lot is held; returns the request."""
    office.tell(
        "远洋投诉 2 个开裂，属致命缺陷：受理后该批余货冻结，并申请退换。",
        "Two are cracked, which is fatal: the rest of the lot is held.",
    )
    about = {"customer": "K2", "salesOrder": order, "item": CASE, "lot": LOT, "severity": "CRITICAL"}
    told = {"quantity": "2", "description": "开裂", "demand": "REPLACEMENT", "complaintDate": "2026-07-10"}
    complaint = office.make("seller", "QualityComplaint", **about, **told)
    office.steps("seller", "QualityComplaint", complaint, "submit")
    with office.effect("storekeeper", f'{{ lot(code: "{LOT}") {{ status }} }}', "RELEASED", "ON_HOLD"):
        office.steps("inspector", "QualityComplaint", complaint, "accept")
    office.steps("inspector", "QualityComplaint", complaint, "reply", answer="退换货", cause="料温低")
    (line,) = office.see("seller", LINES, id=order)
    wanted = {"resolution": "REPLACE", "lines": [{"item": CASE, "lot": LOT, "orderLine": line, "quantity": "2"}]}
    request = office.convert("seller", "QualityComplaint", complaint, "ReturnRequest", **wanted)
    office.steps("inspector", "QualityComplaint", complaint, "close")
    office.steps("seller", "ReturnRequest", request, "submit")
    trial = f'mutation {{ convertReturnRequestToSalesReturn(id: "{request}", dryRun: true) {{ problems {{ code }} }} }}'
    with office.effect("storekeeper", trial, ["CONVERSION_NOT_ALLOWED"], []):
        office.steps("inspector", "ReturnRequest", request, "approve")
    return request


def _replaced(office: Office, order: str, request: str) -> None:
    """Two come back into quarantine, two of a new lot go out for nothing."""
    office.tell(
        "退回 2 个待检；另发一批 2 个换货，不再开票。", "Two come back, two of another lot go out and are not invoiced."
    )
    back = office.convert("storekeeper", "ReturnRequest", request, "SalesReturn", returnDate="2026-07-13")
    delivered = f'{{ salesOrder(id: "{order}") {{ lines {{ delivered }} }} }}'
    with office.effect("seller", delivered, ["40.0000"], ["38.0000"]):
        office.steps("storekeeper", "SalesReturn", back, "post")
    office.make("storekeeper", "Lot", code="灯壳2", name="灯壳2", item=CASE)
    lines = [{"item": CASE, "quantity": "2", "unitCost": "3", "lot": "灯壳2"}]
    body = {"warehouse": "W2", "adjustmentDate": "2026-07-13", "reason": "新批", "lines": lines}
    office.steps("storekeeper", "StockAdjustment", office.make("storekeeper", "StockAdjustment", **body), "post")
    goods = {"warehouse": "W2", "deliveryDate": "2026-07-14"}
    again = office.convert("storekeeper", "ReturnRequest", request, "Delivery", **goods)
    office.steps("storekeeper", "Delivery", again, "pick")
    with office.effect("seller", delivered, ["38.0000"], ["40.0000"]):
        office.steps("storekeeper", "Delivery", again, "confirm")
    with office.refused("REPLACEMENT_FREE"):
        office.convert("accountant", "Delivery", again, "SalesInvoice")
    office.steps("inspector", "ReturnRequest", request, "close")


def _credited(office: Office, order: str) -> None:
    """Two more are kept by the customer, who gets their price and its tax back."""
    office.tell(
        "另 2 个有划痕，客户留用，折让 11.30 元。",
        "Two more are scratched; the customer keeps them for a credit of 11.30.",
    )
    (line,) = office.see("seller", LINES, id=order)
    lines = [{"item": CASE, "orderLine": line, "quantity": "2"}]
    about = {"customer": "K2", "salesOrder": order, "reason": "划痕", "resolution": "CREDIT"}
    request = office.make("seller", "ReturnRequest", **about, lines=lines)
    office.steps("seller", "ReturnRequest", request, "submit")
    office.steps("inspector", "ReturnRequest", request, "approve")
    credit = office.convert("accountant", "ReturnRequest", request, "SalesAdjustment", adjustmentDate="2026-07-20")
    with office.moves("accountant", '{ customer(code: "K2") { receivable } }', "-11.3"):
        office.steps("accountant", "SalesAdjustment", credit, "post")
