"""A large purchase waits for its signature, which somebody gives in another's place; and a meter that was misread."""

from __future__ import annotations

from hub.stories.base_data import admitted_supplier, item
from hub.stories.office import Office

TO_DO = "{ approvalsToDo { totalCount } }"


def tell(office: Office) -> None:
    """The flow is the company's own; the accountant is away, so the boss signs."""
    office.tell("公司规定：一万元以上的采购订单须财务签字。", "The company's rule: finance signs orders above 10,000.")
    admitted_supplier(office, "S-SI", "设备配件有限公司")
    item(office, "SI-PART", "模架", "CONSUMABLE")
    step = {"name": "财务复核", "kind": "ROLE", "who": ["finance"]}
    flow = {"documentType": "PurchaseOrder", "stepName": "confirm", "condition": "total > 10000", "lines": [step]}
    office.make("administrator", "ApprovalFlow", code="SI-PO", name="大额采购", **flow)
    lines = [{"item": "SI-PART", "quantity": "2", "unitPrice": "9000"}]
    order = office.make("buyer", "PurchaseOrder", supplier="S-SI", lines=lines)
    office.steps("buyer", "PurchaseOrder", order, "submit", "confirm")
    state = f'{{ purchaseOrder(id: "{order}") {{ state }} }}'
    office.expect("buyer", state, "SUBMITTED")
    office.tell(
        "蔡会计出差，委托沈总代签；沈总批准，订单随即确认。",
        "The accountant is away and delegates; the boss signs, the order is confirmed.",
    )
    approval = office.see("accountant", "{ approvalsToDo { nodes { id } } }")[0]
    with office.effect("boss", TO_DO, 0, 1):
        office.make("accountant", "Delegation", delegateLogin=office.login("boss"), reason="出差")
    with office.effect("buyer", state, "SUBMITTED", "CONFIRMED"):
        office.steps("boss", "Approval", approval, "approve", comment="同意")
    _misread(office)


def _misread(office: Office) -> None:
    """A reading sent twice as high is put right; the first one stays in the ledger."""
    office.tell("电表误报 500 千瓦时，更正为 50。", "A meter reported 500 kWh by mistake; it is put right to 50.")
    office.make("administrator", "EnergyMeter", code="SI-EM", name="注塑机电表", unit="kWh")
    reading = {"device": "SI-EM", "metric": "energy.active.import", "at": "2026-02-03T08:00:00+08:00", "value": "500"}
    office.deliver("gateway", [{**reading, "quality": 0}])
    told = {"meter": "SI-EM", "metric": reading["metric"], "readAt": reading["at"], "value": "50"}
    paper = office.make("administrator", "ReadingCorrection", reason="倍率设置错误", lines=[told])
    valid = '{ readings(where: {meter: {code: {eq: "SI-EM"}}, inForce: {eq: true}}) { nodes { value } } }'
    with office.effect("boss", valid, ["500.000000"], ["50.000000"]):
        office.steps("administrator", "ReadingCorrection", paper, "post")
