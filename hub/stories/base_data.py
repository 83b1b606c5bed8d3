"""What the stories' company has before they begin, entered over HTTP by who keeps it: units, stores, works, people."""

from __future__ import annotations

from typing import Any

from hub.stories.office import Office


def furnish(office: Office) -> None:
    """Everything but items, which each story makes for itself."""
    office.tell(
        "先建基础数据：单位、仓库、车间、人员、往来单位。", "First the base data: units, stores, works, partners."
    )
    for code, name, dimension in (("KG", "千克", "mass"), ("PCS", "个", "count")):
        office.make("steward", "UnitOfMeasure", code=code, name=name, dimension=dimension.upper())
    for code, name in (("W1", "原料仓"), ("W2", "成品仓")):
        office.make("storekeeper", "Warehouse", code=code, name=name)
    for code, name in (("E1", "唐秀英"), ("E2", "蒋红霞"), ("E3", "杨慧敏")):
        office.make("personnel", "Employee", code=code, name=name)
    user = office.see("administrator", f'{{ user(code: "{office.login("worker")}") {{ id }} }}')
    office.change("administrator", "User", user, employee="E1")
    office.make("seller", "Customer", code="K1", name="海天机械有限公司", paymentTermsDays=30)
    office.make("seller", "Customer", code="K2", name="宁波远洋电器有限公司", paymentTermsDays=30)
    _works(office)


def _works(office: Office) -> None:
    """One site with two presses and a bench, eight hours a day, six days a week."""
    office.make("planner", "Site", code="NB", name="宁波工厂")
    office.make("planner", "Shift", code="D", name="白班", startsAt="08:00", endsAt="16:00", breakMinutes=0)
    calendar = {"weekdays": list("123456"), "shifts": [{"shift": "D"}]}
    office.make("planner", "WorkCalendar", code="CAL", name="六天单班", **calendar)
    at = {"site": "NB", "calendar": "CAL"}
    for code, name in (("SHOP", "注塑车间"), ("BENCH", "包装台")):
        office.make("planner", "WorkCentre", code=code, name=name, **at)
    for code, name in (("M1", "一号注塑机"), ("M2", "二号注塑机")):
        office.make("planner", "WorkCentre", code=code, name=name, parent="SHOP", **at)
    office.make("engineer", "Operation", code="MOLD", name="注塑", workCentre="SHOP")
    office.make("engineer", "Operation", code="PACK", name="包装", workCentre="BENCH")


def in_books(account: str) -> str:
    """The question what an account holds: debits less credits."""
    return f'{{ account(code: "{account}") {{ balance }} }}'


def proposals(plan: str, *codes: str) -> str:
    """The question what a requirements run proposes of some items."""
    named = ", ".join(f'"{code}"' for code in codes)
    where = f'productionPlan: {{id: {{eq: "{plan}"}}}}, item: {{code: {{in: [{named}]}}}}'
    shown = "nodes { item { code } quantity }"
    return f"{{ productionPlanProposals(where: {{{where}}}, orderBy: [{{position: ASC}}]) {{ {shown} }} }}"


def admitted_supplier(office: Office, code: str, name: str) -> None:
    """A supplier that may be ordered of, because a paper has admitted it."""
    office.make("buyer", "Supplier", code=code, name=name, paymentTermsDays=30, leadTimeDays=5)
    criteria = [{"criterion": "现场评审", "weight": "1", "score": "85"}]
    paper = office.make("buyer", "SupplierAdmission", supplier=code, licenseChecked=True, lines=criteria)
    office.steps("buyer", "SupplierAdmission", paper, "submit")
    with office.effect("buyer", f'{{ supplier(code: "{code}") {{ admission }} }}', "PENDING", "ADMITTED"):
        office.steps("buyer", "SupplierAdmission", paper, "approve")


def item(office: Office, code: str, name: str, kind: str, **more: Any) -> None:
    """An item: RAW by weight, others by the piece."""
    office.make("steward", "Item", code=code, name=name, kind=kind, unit="KG" if kind == "RAW" else "PCS", **more)


def bill(office: Office, code: str, flushed_at: str | None = None, **parts: str) -> None:
    """The bill of material of an item, released for all years of the stories; backflushed at an operation if named."""
    how = {"operation": flushed_at, "issueMethod": "BACKFLUSH"} if flushed_at else {}
    lines = [{"component": component, "quantity": quantity, **how} for component, quantity in parts.items()]
    made = office.make("engineer", "Bom", item=code, bomVersion="A", startDate="2025-01-01", lines=lines)
    office.steps("engineer", "Bom", made, "release")


def mould(office: Office, code: str) -> None:
    """A mould among the assets, bought before anything was kept."""
    office.make("accountant", "Asset", code=code, name=f"模具 {code}", isMould=True)


def routing(office: Office, code: str, *operations: dict[str, Any]) -> None:
    """The routing of an item, likewise."""
    body = {"routingVersion": "1", "startDate": "2025-01-01", "operations": list(operations)}
    office.steps("engineer", "Routing", office.make("engineer", "Routing", item=code, **body), "release")
