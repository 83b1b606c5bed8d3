"""The whole of the business in a month: from the opening balances to the end of the year, each step by who does it."""

from __future__ import annotations

from hub.stories import buying, making, paying, shipping, winning
from hub.stories.base_data import admitted_supplier, bill, in_books, item, mould, proposals, routing
from hub.stories.office import Office, same

CUP, RAW, BOX = "OC-CUP", "OC-PP", "OC-BOX"
PLAN = """query ($id: ID!) { productionPlan(id: $id) { proposals { item { code } kind quantity
    pegs { nodes { quantity } } } productionOrders { nodes { id item { code } demands { quantity } } } } }"""


FINAL = {"item": CUP, "kind": "FINAL", "sampling": "FIXED"}
HEIGHT = {"name": "杯高", "unit": "mm", "lowerLimit": "99.5", "upperLimit": "100.5", "measured": True}
BOXES_ISSUED = """query ($id: ID!) { materialIssueLines(
    where: {materialIssue: {id: {eq: $id}}, item: {code: {eq: "OC-BOX"}}}) { nodes { id } } }"""


def tell(office: Office) -> None:
    """A customer orders a hundred cups; a month later they are made, shipped, paid for, and the year is closed."""
    _opened(office)
    _designed(office)
    order = _ordered(office, winning.won(office, CUP))
    production = _planned(office)
    receipt = buying.bought(office, RAW)
    _made(office, production, order)
    delivery = shipping.shipped(office, order)
    paying.paid(office, order, delivery, receipt)


def _opened(office: Office) -> None:
    """The books begin: capital in the bank, boxes on the shelf."""
    office.tell(
        "十二月建账：银行存款 10 万元，库存纸盒 300 个。",
        "The books open in December: 100,000 in the bank, 300 boxes in store.",
    )
    item(office, BOX, "纸盒", "CONSUMABLE")
    lines = [{"account": "1002", "debit": "100000"}, {"account": "3001", "credit": "100000"}]
    body = {"kind": "ACCOUNTS", "entryDate": "2025-12-01", "lines": lines}
    money = office.make("accountant", "OpeningBalance", **body)
    with office.effect("accountant", in_books("1002"), "0.0000", "100000.0000"):
        office.steps("accountant", "OpeningBalance", money, "post")
    lines = [{"item": BOX, "quantity": "300", "debit": "150"}]
    body = {"kind": "STOCK", "warehouse": "W1", "entryDate": "2025-12-01", "lines": lines}
    stock = office.make("accountant", "OpeningBalance", **body)
    with office.effect("boss", f'{{ item(code: "{BOX}") {{ onHand }} }}', "0.0000", "300.0000"):
        office.steps("accountant", "OpeningBalance", stock, "post")


def _designed(office: Office) -> None:
    """A cup of granulate and a box, moulded and packed, with the standards that it is inspected by."""
    admitted_supplier(office, "S-OC", "华东塑料有限公司")
    item(office, RAW, "聚丙烯", "RAW", supplier="S-OC", leadTimeDays=5)
    item(office, CUP, "水杯", "FINISHED", leadTimeDays=3)
    bill(office, CUP, **{RAW: "0.05", BOX: "1"})
    mould(office, "MJ-OC")
    operations = [{"sequence": 10, "operation": "MOLD", "mould": "MJ-OC", "setupMinutes": "30", "runMinutes": "0.5"}]
    routing(office, CUP, *operations, {"sequence": 20, "operation": "PACK", "runMinutes": "0.2"})
    office.make("inspector", "InspectionStandard", code="OC-ALL", name="水杯检验", sampleSize=2, **FINAL)
    incoming = {"item": RAW, "kind": "INCOMING", "sampling": "FIXED", "sampleSize": 1}
    office.make("inspector", "InspectionStandard", code="OC-IN", name="聚丙烯来料检验", **incoming)


def _ordered(office: Office, order: str) -> str:
    """The order of the accepted quotation, which the requirements run sees as soon as it is confirmed."""
    office.tell("海蓝订 100 个水杯，单价 10 元，12 月 22 日交货。", "Hailan orders 100 cups at 10 each for the 22nd.")
    body = {"fromDate": "2025-12-03", "untilDate": "2025-12-31", "source": "ORDERS"}
    trial = office.make("planner", "ProductionPlan", **body)
    needed = [{"item": CUP, "quantity": "100.0000"}, {"item": RAW, "quantity": "5.0000"}]
    again = ("planner", "ProductionPlan", trial, "calculate")
    with office.effect("planner", proposals(trial, CUP, RAW), [], needed, anew=again):
        office.steps("seller", "SalesOrder", order, "confirm")
    office.steps("planner", "ProductionPlan", trial, "cancel")
    return order


def _planned(office: Office) -> str:
    """The requirements run: a production order that serves the customer's line, and a request to buy granulate."""
    office.tell(
        "MRP：净需求水杯 100 个、聚丙烯 5 千克，生成工单与采购需求。",
        "The run proposes to make 100 cups and to buy 5 kg of granulate.",
    )
    body = {"fromDate": "2025-12-03", "untilDate": "2025-12-31", "source": "ORDERS"}
    plan = office.make("planner", "ProductionPlan", **body)
    office.steps("planner", "ProductionPlan", plan, "calculate")
    wanted = f'{{ purchaseRequestLines(where: {{item: {{code: {{eq: "{RAW}"}}}}}}) {{ nodes {{ quantity }} }} }}'
    with office.effect("buyer", wanted, [], ["5.0000"]):
        office.steps("planner", "ProductionPlan", plan, "approve")
    found = office.ask("planner", PLAN, id=plan)["productionPlan"]
    (made,) = found["productionOrders"]["nodes"]
    same("serves", made["demands"], [{"quantity": "100.0000"}])
    office.steps("planner", "ProductionPlan", plan, "close")
    return str(made["id"])


def _made(office: Office, order: str, sold: str) -> None:
    """Released, issued, reported by operation with scrap, inspected to the customer's standard, stored."""
    lines = [{"item": RAW, "quantity": "5"}, {"item": BOX, "quantity": "104"}]
    body = {"productionOrder": order, "warehouse": "W1", "issueDate": "2025-12-11", "lines": lines}
    issue = office.make("storekeeper", "MaterialIssue", **body)
    left = f'{{ item(code: "{BOX}") {{ onHand }} }}'
    office.tell("工单下达前领不了料；下达后领料。", "Nothing is issued before the order is released; then it is.")
    with office.effect(
        "boss", left, ["PRODUCTION_NOT_RELEASED"], "196.0000", anew=("storekeeper", "MaterialIssue", issue, "post")
    ):
        office.steps("planner", "ProductionOrder", order, "release")
    _given_back(office, issue)
    office.tell(
        "按工序报工：注塑合格 100、报废 3，包装 100。", "Reports by operation: 100 moulded, 3 scrapped, 100 packed."
    )
    scrap = f'{{ productionOrder(id: "{order}") {{ scrapQuantity }} }}'
    same("no scrap", office.see("planner", scrap), "0.0000")
    work = {"employee": "E1", "workCentre": "M1", "goodQuantity": "100", "scrapQuantity": "3", "minutes": "60"}
    report = making.reported(office, order, "2025-12-12", 10, **work)
    answer = f'{{ operationReport(id: "{report}") {{ lines {{ answer nextOperation }} }} }}'
    told = {"answer": "已完成！今日累计完成 100 件", "nextOperation": "20 包装"}
    office.expect("worker", answer, [told])
    office.expect("planner", scrap, "3.0000")
    making.reported(office, order, "2025-12-13", 20, employee="E2", goodQuantity="100", minutes="30")
    _inspected(office, order, sold)
    office.steps("planner", "ProductionOrder", order, "close")


def _given_back(office: Office, issue: str) -> None:
    """Four boxes too many were issued; they come back to the store."""
    (line,) = office.see("storekeeper", BOXES_ISSUED, id=issue)
    part = {"returnDate": "2025-12-11", "lines": [{"issueLine": line, "quantity": "4"}]}
    back = office.convert("storekeeper", "MaterialIssue", issue, "MaterialReturn", **part)
    with office.effect("boss", f'{{ item(code: "{BOX}") {{ onHand }} }}', "196.0000", "200.0000"):
        office.steps("storekeeper", "MaterialReturn", back, "post")


def _inspected(office: Office, order: str, sold: str) -> None:
    """To the standard of the customer whom the order serves, before it is stored: it may be used at once."""
    office.tell(
        "按海蓝的验货标准检 3 个，合格后入库 100 个。",
        "Three are inspected to Hailan's standard; then a hundred are stored.",
    )
    customer = office.see("inspector", f'{{ salesOrder(id: "{sold}") {{ customer {{ id }} }} }}')
    own = {"customer": customer, "sampleSize": 3, "characteristics": [HEIGHT]}
    office.make("inspector", "InspectionStandard", code="OC-OWN", name="海蓝水杯检验", **own, **FINAL)
    about = {"kind": "FINAL", "item": CUP, "productionOrder": order, "customer": customer}
    figures = {"quantity": "100", "inspectedQuantity": "0", "qualifiedQuantity": "0"}
    inspection = office.make("inspector", "Inspection", inspectionDate="2025-12-15", **about, **figures)
    office.steps("inspector", "Inspection", inspection, "plan")
    taken = (
        f'{{ inspection(id: "{inspection}") {{ sampleSize inspectionStandard {{ code }} characteristics {{ id }} }} }}'
    )
    found = office.see("inspector", taken)
    same("standard", (found["inspectionStandard"], found["sampleSize"]), ("OC-OWN", 3))
    change = [{"id": found["characteristics"][0], "measuredValue": "100.1"}]
    figures = {"inspectedQuantity": "3", "qualifiedQuantity": "3", "disposition": "ACCEPT"}
    office.change("inspector", "Inspection", inspection, **figures, characteristics={"change": change})
    done = f'{{ productionOrder(id: "{order}") {{ inspected }} }}'
    with office.effect("planner", done, "0.0000", "3.0000"):
        office.steps("inspector", "Inspection", inspection, "confirm")
    making.stored(office, order, "2025-12-15", CUP, "100", inspection=inspection)
    office.expect("boss", f'{{ item(code: "{CUP}") {{ available }} }}', "100.0000")
