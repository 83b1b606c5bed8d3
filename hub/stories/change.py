"""From goods that did not pass to a better product: 8D report, engineering change, new versions, orders moved."""

from __future__ import annotations

from hub.stories import inspecting, making
from hub.stories.base_data import bill, in_books, item, routing
from hub.stories.office import ANYTHING, Office, same

RULE = {
    "documentType": "EngineeringChange",
    "events": ["approve"],
    "title": "技术变更 {number} 已批准：{reason}",
    "recipients": [{"role": "workshop"}, {"role": "planner"}],
}
VERSIONS = '{ item(code: "CH-COVER") { currentDesign { designVersion } currentBom { bomVersion } } }'
TOLD = '{ notices(where: {title: {contains: "已批准"}}) { totalCount } }'


def tell(office: Office) -> None:
    """Covers crack at their final inspection; what is found changes the design and the orders that run."""
    _designed(office)
    first = making.order(office, "CH-COVER", "100", "2026-06-01", "2026-06-03")
    _failed(office, first)
    paper = _complained(office)
    running = making.order(office, "CH-COVER", "1000", "2026-06-10", "2026-06-12")
    action = _eight_disciplines(office, paper)
    _changed(office, action, running)
    _closed(office, action, paper, running)


def _designed(office: Office) -> None:
    """The cover in its first version: drawing, bill and routing, each the item's current one by its release."""
    office.tell(
        "工程师设计外壳 A 版：图纸、物料清单、工艺。",
        "The engineer designs the cover, version A: drawing, bill, routing.",
    )
    for code, name in (("CH-PP", "变更用普通料"), ("CH-TOUGH", "变更用增韧料")):
        item(office, code, name, "RAW")
        lines = [{"item": code, "quantity": "500", "unitCost": "10"}]
        body = {"warehouse": "W1", "adjustmentDate": "2026-05-29", "reason": "期初", "lines": lines}
        office.steps("storekeeper", "StockAdjustment", office.make("storekeeper", "StockAdjustment", **body), "post")
    item(office, "CH-COVER", "变更用外壳", "FINISHED")
    body = {"designVersion": "A", "startDate": "2026-05-04", "drawingNumber": "TH-001"}
    design = office.make("engineer", "ProductDesign", item="CH-COVER", **body)
    office.steps("engineer", "ProductDesign", design, "submit")
    current = '{ item(code: "CH-COVER") { currentDesign { designVersion } } }'
    with office.effect("planner", current, None, "A"):
        office.steps("engineer", "ProductDesign", design, "release")
    with office.effect("planner", '{ item(code: "CH-COVER") { currentBom { bomVersion } } }', None, "A"):
        bill(office, "CH-COVER", **{"CH-PP": "0.1"})
    with office.effect("planner", '{ item(code: "CH-COVER") { currentRouting { routingVersion } } }', None, "1"):
        routing(office, "CH-COVER", {"sequence": 10, "operation": "MOLD", "runMinutes": "0.5"})
    standard = {"item": "CH-COVER", "kind": "FINAL", "sampling": "FIXED", "sampleSize": 5}
    office.make("inspector", "InspectionStandard", code="CH-QS", name="外壳成品检验", **standard)
    office.make("inspector", "DefectCode", code="CH-D1", name="开裂")
    office.make("steward", "NotificationRule", code="CH-TELL", name="技术变更通知生产", **RULE)


def _failed(office: Office, order: str) -> None:
    """A hundred covers are made; three of five crack, so all are frozen and then scrapped."""
    office.tell(
        "首批 100 个外壳检验 5 个有 3 个开裂，整批冻结。",
        "Of the first hundred, 3 of 5 inspected crack; the lot is frozen.",
    )
    making.issued(office, order, "2026-06-01", {"CH-PP": [("10", None)]})
    making.reported(office, order, "2026-06-02", 10, employee="E1", goodQuantity="100", minutes="60")
    receipt = making.stored(office, order, "2026-06-02", "CH-COVER", "100")
    office.steps("planner", "ProductionOrder", order, "close")
    inspection = inspecting.of_receipt(office, "productReceipt", receipt)
    inspecting.refused(office, inspection, "SCRAP", bad=3, defect="CH-D1")
    found = office.see("inspector", f'{{ inspection(id: "{inspection}") {{ nonConformances {{ nodes {{ id }} }} }} }}')
    (paper,) = found
    office.steps("inspector", "NonConformance", paper, "submit")
    office.tell(
        "质量部裁定报废：库存减 100，损失 100 元待处理。",
        "Quality decides to scrap them: the stock goes, the loss is booked.",
    )
    on_hand = '{ item(code: "CH-COVER") { onHand } }'
    with office.effect("boss", on_hand, "100.0000", "0.0000"), office.moves("accountant", in_books("1901"), "100"):
        office.steps("inspector", "NonConformance", paper, "decide", disposition="scrap", day="2026-06-04")
    office.change("inspector", "NonConformance", paper, cause="普通料韧性不足")
    office.steps("inspector", "NonConformance", paper, "close")


def _complained(office: Office) -> str:
    """The customer has found the same in what he got before; his complaint is judged. Returns the judgement's id."""
    office.tell(
        "海天投诉此前的外壳同样开裂；受理，转不合格品处理。",
        "A customer finds the same in earlier covers; his complaint is taken and judged.",
    )
    about = {"customer": "K1", "item": "CH-COVER", "quantity": "3", "description": "外壳开裂", "demand": "REDESIGN"}
    complaint = office.make("seller", "QualityComplaint", complaintDate="2026-06-04", **about)
    office.steps("seller", "QualityComplaint", complaint, "submit")
    judged = "convertQualityComplaintToNonConformance"
    trial = f'mutation {{ {judged}(id: "{complaint}", dryRun: true) {{ problems {{ code }} }} }}'
    with office.effect("inspector", trial, ["CONVERSION_NOT_ALLOWED"], []):
        office.steps("inspector", "QualityComplaint", complaint, "accept")
    paper = office.convert("inspector", "QualityComplaint", complaint, "NonConformance", foundDate="2026-06-04")
    office.steps("inspector", "NonConformance", paper, "submit")
    office.steps("inspector", "NonConformance", paper, "decide", disposition="scrap", day="2026-06-04")
    return paper


def _eight_disciplines(office: Office, paper: str) -> str:
    """The 8D report finds the cause, which the nonconformance then knows. Returns its id."""
    office.tell(
        "8D 小组找到根本原因：普通料韧性不足。", "The 8D team finds the root cause: the granulate is not tough enough."
    )
    given = {"leader": "E3", "team": "质量、工程、车间", "problem": "外壳开裂", "startDate": "2026-06-05"}
    tasks = [{"task": "改用增韧料", "responsible": "E3", "dueDate": "2026-06-12"}]
    action = office.convert("inspector", "NonConformance", paper, "CorrectiveAction", **given, actions=tasks)
    office.steps("inspector", "CorrectiveAction", action, "start")
    with office.refused("TASK_OPEN", "STEP_OF_8D_MISSING"):
        office.steps("inspector", "CorrectiveAction", action, "verify")
    causes = {"containment": "冻结整批", "rootCause": "普通料韧性不足", "correctiveMeasures": "改用增韧料"}
    office.change("inspector", "CorrectiveAction", action, **causes, verification="试模 50 个无开裂")
    return action


def _changed(office: Office, action: str, running: str) -> None:
    """The change is approved: versions B are current, the running order is made by them, the workshop is told."""
    office.tell(
        "工程师由改进计划发起技术变更：换增韧料，设计升 B 版。",
        "The engineer turns it into a change: another granulate, version B.",
    )
    made_of = "bom { bomVersion } materials { item { code } requiredQuantity }"
    needs = f'{{ productionOrder(id: "{running}") {{ {made_of} }} }}'
    same("before", office.see("worker", needs)["materials"], [{"item": "CH-PP", "requiredQuantity": "100.0000"}])
    lines = [
        {"item": "CH-COVER", "action": "REPLACE", "component": "CH-PP", "newComponent": "CH-TOUGH"},
        {"item": "CH-COVER", "action": "REVISE"},
    ]
    change = office.convert("engineer", "CorrectiveAction", action, "EngineeringChange", items=lines)
    office.steps("engineer", "EngineeringChange", change, "submit")
    moved = {"bom": "B", "materials": [{"item": "CH-TOUGH", "requiredQuantity": "100.0000"}]}
    with (
        office.effect("planner", VERSIONS, ANYTHING, {"currentDesign": "B", "currentBom": "B"}),
        office.effect("worker", needs, ANYTHING, moved),
        office.effect("worker", TOLD, 0, 1, within=20),
    ):
        office.steps("engineer", "EngineeringChange", change, "approve")
    office.steps("engineer", "EngineeringChange", change, "close")


def _closed(office: Office, action: str, paper: str, running: str) -> None:
    """The report is verified, and only when it is closed can the nonconformance be."""
    office.tell(
        "验证有效，改进计划关闭后，不合格品处理才能关闭。",
        "It works; only after the 8D report can the nonconformance be closed.",
    )
    office.steps("inspector", "CorrectiveAction", action, "finishTask", position=1, doneDate="2026-06-11")
    cause = f'{{ nonConformance(id: "{paper}") {{ cause }} }}'
    with office.effect("inspector", cause, None, "普通料韧性不足"):
        office.steps("inspector", "CorrectiveAction", action, "verify")
    with office.refused("CORRECTION_OPEN"):
        office.steps("inspector", "NonConformance", paper, "close")
    office.change("inspector", "CorrectiveAction", action, prevention="新产品选料先做韧性试验", effective=True)
    office.steps("inspector", "CorrectiveAction", action, "close")
    office.steps("inspector", "NonConformance", paper, "close")
    office.steps("planner", "ProductionOrder", running, "close")
