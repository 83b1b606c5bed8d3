"""A supplier's fall: chosen by inquiry, its goods fail and go back, the evaluation suspends it."""

from __future__ import annotations

from typing import Any

from hub.stories import inspecting
from hub.stories.base_data import admitted_supplier, in_books, item
from hub.stories.office import Office

RAW = "SU-PP"
ORDERS = '{ purchaseOrders(where: {supplier: {code: {eq: "S-SU2"}}}) { nodes { id } } }'


def tell(office: Office) -> None:
    """Two are asked, the cheaper one gets the order, and it turns out dear."""
    admitted_supplier(office, "S-SU1", "稳达新材料有限公司")
    admitted_supplier(office, "S-SU2", "低价塑料商行")
    item(office, RAW, "询价用粒料", "RAW")
    sampling = {"sampling": "FIXED", "sampleSize": 5}
    office.make("inspector", "InspectionStandard", code="SU-IN", name="粒料来料", item=RAW, kind="INCOMING", **sampling)
    office.make("inspector", "DefectCode", code="SU-D1", name="受潮")
    order = _asked(office)
    _sent_back(office, order)
    _judged(office)


def _asked(office: Office) -> str:
    """The inquiry is awarded to the cheaper of two; returns the order, placed."""
    office.tell("向两家询价 100 千克，8.5 元的中标。", "Two are asked for 100 kg; the one at 8.5 gets the order.")
    suppliers = [{"supplier": "S-SU1"}, {"supplier": "S-SU2"}]
    inquiry = office.make("buyer", "Rfq", lines=[{"item": RAW, "quantity": "100"}], suppliers=suppliers)
    office.steps("buyer", "Rfq", inquiry, "send")
    for supplier, price in (("S-SU1", "9"), ("S-SU2", "8.5")):
        answer: dict[str, Any] = {"supplier": supplier, "item": RAW, "unitPrice": price, "leadTimeDays": 7}
        office.steps("buyer", "Rfq", inquiry, "answer", **answer)
    office.steps("buyer", "Rfq", inquiry, "compare")
    with office.effect("buyer", ORDERS.replace("nodes { id }", "totalCount"), 0, 1):
        office.steps("buyer", "Rfq", inquiry, "award")
    (order,) = office.see("buyer", ORDERS)
    office.steps("buyer", "PurchaseOrder", order, "submit", "confirm")
    return str(order)


def _sent_back(office: Office, order: str) -> None:
    """What came is damp: frozen, judged, sent back; we owe nothing for it."""
    office.tell(
        "到货受潮，整批冻结，裁定退货，暂估应付冲回。", "It comes damp: frozen, judged, sent back, nothing is owed."
    )
    given = {"warehouse": "W1", "receiptDate": "2026-02-09"}
    receipt = office.convert("storekeeper", "PurchaseOrder", order, "PurchaseReceipt", **given)
    with office.moves("accountant", in_books("2202"), "850"):
        office.steps("storekeeper", "PurchaseReceipt", receipt, "confirm")
    inspection = inspecting.of_receipt(office, "purchaseReceipt", receipt)
    inspecting.refused(office, inspection, "RETURN", bad=4, defect="SU-D1")
    (paper,) = office.see(
        "inspector", f'{{ inspection(id: "{inspection}") {{ nonConformances {{ nodes {{ id }} }} }} }}'
    )
    office.steps("inspector", "NonConformance", paper, "submit")
    office.steps("inspector", "NonConformance", paper, "decide", disposition="return", day="2026-02-10")
    back = office.convert("storekeeper", "NonConformance", paper, "PurchaseReturn", returnDate="2026-02-11")
    on_hand = f'{{ item(code: "{RAW}") {{ onHand }} }}'
    with office.effect("boss", on_hand, "100.0000", "0.0000"), office.moves("accountant", in_books("2202"), "-850"):
        office.steps("storekeeper", "PurchaseReturn", back, "post")


def _judged(office: Office) -> None:
    """By the facts it has failed; it gets no more orders."""
    office.tell(
        "按事实评价为 D 级，暂停供货，再下单被拒。",
        "By the facts it gets a D and is suspended; the next order is refused.",
    )
    period = {"supplier": "S-SU2", "fromDate": "2026-02-01", "untilDate": "2026-02-28"}
    given = {"qualityScore": "0", "serviceScore": "30", "adjustmentReason": "整批受潮退货"}
    paper = office.make("buyer", "SupplierEvaluation", **period, **given)
    with office.effect("buyer", '{ supplier(code: "S-SU2") { admission } }', "ADMITTED", "SUSPENDED"):
        office.steps("buyer", "SupplierEvaluation", paper, "confirm")
    line = {"item": RAW, "quantity": "1", "unitPrice": "1"}
    order = office.make("buyer", "PurchaseOrder", supplier="S-SU2", lines=[line])
    with office.refused("SUPPLIER_NOT_ADMITTED"):
        office.steps("buyer", "PurchaseOrder", order, "submit")
    office.steps("buyer", "PurchaseOrder", order, "cancel", reason="供应商已暂停")
