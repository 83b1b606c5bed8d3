"""A lot back to its raw lots, operators, machines and inspections, and a bad raw lot forward to every customer."""

from __future__ import annotations

from typing import Any

from hub.stories import inspecting, making
from hub.stories.base_data import bill, item, mould, routing
from hub.stories.office import Office, same

TRACE = """query ($delivered: String!, $bad: String!) {
    back: lotTrace(lot: $delivered) {
        madeFrom { lot item distance supplier supplierLot by { lot quantity } }
        work { productionOrder workCentre mould employee operation lot goodQuantity scrapQuantity hours }
        inspections { kind lot disposition defectiveQuantity }
        processValues { name value unit passed } }
    forward: lotTrace(lot: $bad) {
        madeInto { lot distance onHand }
        deliveries { customer customerName delivery lot quantity returned } } }"""
SHIPPED = """{ deliveries(where: {lines: {some: {lot: {code: {eq: "杯1"}}}}, customer: {code: {eq: "K2"}}}) {
    nodes { id lines { id } } } }"""
MEASURED = {"name": "熔融指数", "unit": "g/10min", "lowerLimit": "9", "upperLimit": "11", "measured": True}


def tell(office: Office) -> None:
    """Two raw lots become two lots of lids and two of cups, which go to two customers; then one raw lot is bad."""
    _designed(office)
    for lot, melt in (("粒料A", "10.2"), ("粒料B", "9.8")):
        _bought(office, lot, melt)
    orders = [_lids(office, "盖1", "粒料A"), _lids(office, "盖2", "粒料B")]
    orders += [_cups(office, "杯1", "盖1", 1), _cups(office, "杯2", "盖2", 2)]
    for customer, lot, quantity in (("K1", "杯1", "30"), ("K2", "杯1", "20"), ("K2", "杯2", "45")):
        _shipped(office, customer, lot, quantity)
    _returned(office)
    _traced(office, orders)


def _designed(office: Office) -> None:
    office.tell(
        "杯由盖做成，盖由粒料注塑；三者都按批次管理。", "A cup is made of a lid, a lid of granulate, all kept by lot."
    )
    office.make("buyer", "Supplier", code="S-TR", name="中塑原料有限公司")
    item(office, "TR-PP", "追溯粒料", "RAW", lotTracked=True)
    item(office, "TR-LID", "追溯杯盖", "SEMI_FINISHED", lotTracked=True, defaultWarehouse="W1")
    item(office, "TR-CUP", "追溯水杯", "FINISHED", lotTracked=True)
    bill(office, "TR-LID", **{"TR-PP": "0.5"})
    bill(office, "TR-CUP", flushed_at="PACK", **{"TR-LID": "1"})
    mould(office, "MD-盖")
    routing(office, "TR-LID", {"sequence": 10, "operation": "MOLD", "mould": "MD-盖", "runMinutes": "1"})
    routing(office, "TR-CUP", {"sequence": 10, "operation": "PACK", "runMinutes": "1"})
    sampling = {"sampling": "FIXED", "sampleSize": 1}
    standards: tuple[tuple[str, str, str, list[dict[str, Any]]], ...] = (
        ("TR-IN", "TR-PP", "INCOMING", [MEASURED]),
        ("TR-OUT", "TR-CUP", "FINAL", []),
    )
    for code, of, kind, characteristics in standards:
        body = {"item": of, "kind": kind, "characteristics": characteristics, **sampling}
        office.make("inspector", "InspectionStandard", code=code, name=f"{of} 检验标准", **body)


def _bought(office: Office, lot: str, melt: str) -> None:
    """A raw lot comes in, waits in quarantine, is measured and released."""
    office.tell(
        f"{lot} 到货 50 千克，待检；熔融指数 {melt}，放行。",
        f"{lot}: 50 kg come in, wait, measure {melt}, are released.",
    )
    about = {"supplier": "S-TR", "supplierLot": f"SH-{lot}"}
    office.make("storekeeper", "Lot", code=lot, name=lot, item="TR-PP", **about)
    line = {"item": "TR-PP", "quantity": "50", "stockedQuantity": "50", "lot": lot}
    body = {"supplier": "S-TR", "warehouse": "W1", "receiptDate": "2026-03-02", "lines": [line]}
    receipt = office.make("storekeeper", "PurchaseReceipt", **body)
    on_hand = office.see("boss", '{ item(code: "TR-PP") { onHand available } }')
    now = {**on_hand, "onHand": f"{float(on_hand['onHand']) + 50:.4f}"}
    with office.effect("boss", '{ item(code: "TR-PP") { onHand available } }', on_hand, now):
        office.steps("storekeeper", "PurchaseReceipt", receipt, "confirm")
    inspection = inspecting.of_receipt(office, "purchaseReceipt", receipt)
    inspecting.measured(office, inspection, melt)
    inspecting.decided(office, inspection, "ACCEPT", after=now["onHand"])


def _lids(office: Office, lot: str, raw: str) -> str:
    """Fifty lids of 25 kg of one raw lot, on the press; two are scrapped. Returns the order's number."""
    office.tell(
        f"唐秀英在一号机上用{raw}注塑 50 个{lot}，报废 2 个。",
        f"On press 1 E1 moulds 50 of {lot} from {raw}, 2 are scrap.",
    )
    order = making.order(office, "TR-LID", "50", "2026-03-03", "2026-03-04")
    making.issued(office, order, "2026-03-03", {"TR-PP": [("25", raw)]})
    office.make("storekeeper", "Lot", code=lot, name=lot, item="TR-LID")
    work = {"employee": "E1", "workCentre": "M1", "goodQuantity": "50", "scrapQuantity": "2", "minutes": "90"}
    making.reported(office, order, "2026-03-03", 10, lot=lot, **work)
    making.stored(office, order, "2026-03-03", "TR-LID", "50", lot)
    office.steps("planner", "ProductionOrder", order, "close")
    return making.number_of(office, order)


def _cups(office: Office, lot: str, lids: str, at: int) -> str:
    """Fifty cups of fifty lids that nobody issues, packed, inspected and released. Returns the order's number."""
    office.tell(
        f"蒋红霞装了 50 个{lot}，报工即倒冲 50 个{lids}；成品检验合格。",
        f"E2 packs 50 of {lot}: the report takes 50 of {lids}; the cups pass the final inspection.",
    )
    move = {"warehouse": "W2", "toWarehouse": "W1", "transferDate": "2026-03-04"}
    lines = [{"item": "TR-LID", "quantity": "50", "lot": lids}]
    transfer = office.make("storekeeper", "StockTransfer", **move, lines=lines)
    there = (
        '{ stockEntries(where: {lot: {eq: "%s"}, warehouse: {code: {eq: "W1"}}}) { aggregate { sum { quantity } } } }'
    )
    with office.effect("boss", there % lids, "0.0000", "50.0000"):
        office.steps("storekeeper", "StockTransfer", transfer, "post")
    order = making.order(office, "TR-CUP", "50", "2026-03-04", "2026-03-05")
    office.make("storekeeper", "Lot", code=lot, name=lot, item="TR-CUP")
    work = {"employee": "E2", "workCentre": "BENCH", "goodQuantity": "50", "minutes": "60"}
    with office.effect("boss", there % lids, "50.0000", "0.0000"):
        making.reported(office, order, "2026-03-04", 10, lot=lot, **work)
    receipt = making.stored(office, order, "2026-03-04", "TR-CUP", "50", lot)
    inspection = inspecting.of_receipt(office, "productReceipt", receipt)
    inspecting.decided(office, inspection, "ACCEPT", after=f"{50 * at}.0000")
    office.steps("planner", "ProductionOrder", order, "close")
    return making.number_of(office, order)


def _shipped(office: Office, customer: str, lot: str, quantity: str) -> None:
    """A delivery of one lot."""
    office.tell(f"{customer} 收到{lot} {quantity} 个。", f"{customer} gets {quantity} of {lot}.")
    line = {"item": "TR-CUP", "quantity": quantity, "lot": lot}
    body = {"customer": customer, "warehouse": "W2", "deliveryDate": "2026-03-06", "lines": [line]}
    delivery = office.make("storekeeper", "Delivery", **body)
    with office.moves("storekeeper", f'{{ lot(code: "{lot}") {{ onHand }} }}', f"-{quantity}"):
        office.steps("storekeeper", "Delivery", delivery, "confirm")


def _returned(office: Office) -> None:
    """The second customer sends five of the first lot back."""
    (delivery,) = office.see("storekeeper", SHIPPED)
    part = {"returnDate": "2026-03-09", "lines": [{"deliveryLine": delivery["lines"][0], "quantity": "5"}]}
    back = office.convert("storekeeper", "Delivery", delivery["id"], "SalesReturn", **part)
    with office.effect("storekeeper", '{ lot(code: "杯1") { onHand } }', "0.0000", "5.0000"):
        office.steps("storekeeper", "SalesReturn", back, "post")


def _traced(office: Office, orders: list[str]) -> None:
    """One query tells both ways; the granulate of the other lot and its cups are no part of it."""
    office.tell(
        "粒料A 有问题：一次查询，追到每个客户，也从水杯追回操作工、机台和检验。",
        "Granulate A is bad: one query leads to every customer, and from the cup back to people, press, inspections.",
    )
    found = office.ask("boss", TRACE, delivered="杯1", bad="粒料A")
    back, forward = found["back"], found["forward"]
    made_of = [(one["lot"], one["item"], one["distance"], one["by"]) for one in back["madeFrom"]]
    same(
        "made of",
        made_of,
        [
            ("盖1", "TR-LID", 1, [{"lot": "杯1", "quantity": "50.0000"}]),
            ("粒料A", "TR-PP", 2, [{"lot": "盖1", "quantity": "25.0000"}]),
        ],
    )
    same("raw lot", back["madeFrom"][1]["supplierLot"], "SH-粒料A")
    work = [
        (
            one["productionOrder"],
            one["workCentre"],
            one["mould"],
            one["employee"],
            one["operation"],
            one["lot"],
            one["goodQuantity"],
            one["scrapQuantity"],
            one["hours"],
        )
        for one in back["work"]
    ]
    same(
        "worked on",
        work,
        [
            (orders[0], "M1", "MD-盖", "E1", "注塑", "盖1", "50.0000", "2.0000", "1.5000"),
            (orders[2], "BENCH", None, "E2", "包装", "杯1", "50.0000", "0.0000", "1.0000"),
        ],
    )
    looks = [(one["kind"], one["lot"], one["disposition"]) for one in back["inspections"]]
    same("inspected", looks, [("incoming", "粒料A", "accept"), ("final", "杯1", "accept")])
    values = {"name": "熔融指数", "value": "10.200000", "unit": "g/10min", "passed": True}
    same("measured", back["processValues"], [values])
    same("made into", [one["lot"] for one in forward["madeInto"]], ["盖1", "杯1"])
    got = [(one["customer"], one["lot"], one["quantity"], one["returned"]) for one in forward["deliveries"]]
    same("customers", got, [("K1", "杯1", "30.0000", "0.0000"), ("K2", "杯1", "20.0000", "5.0000")])
