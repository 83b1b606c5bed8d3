"""The presets: every role against every type, and that each can do its own work and no other's."""

from __future__ import annotations

import pytest

from hub.document.access import AREAS, ROLES, SPECIAL, all_permissions
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.spec import DocSpec
from hub.words import camel
from tests.rights.conftest import Plant

ISSUE = [
    "sales",
    "purchasing",
    "planner",
    "workshop",
    "warehouse",
    "quality",
    "finance",
    "people",
    "executive",
    "steward",
    "partner",
    "administrator",
]
ALL = list(specs().values())
PLANT = ["Site", "WorkCentre", "Shift", "WorkCalendar"]
SELLING = [
    *("SalesOrder", "Customer", "PriceList", "Lead", "Interaction", "CustomerSurvey", "CustomizationRequest"),
    *("Quotation", "SalesPlan", "MarketForecast"),
]
AFTER_SALES = ["QualityComplaint", "ReturnRequest", "SatisfactionSurvey", "ExperienceSurvey"]
WORK = {
    "sales": [*SELLING, *AFTER_SALES],
    "sales_manager": [*SELLING, *AFTER_SALES],
    "purchasing": [
        *("PurchaseOrder", "Supplier", "SupplierAdmission", "SupplierEvaluation"),
        *("PurchaseRequest", "PurchasePlan", "Rfq"),
    ],
    "engineer": ["ProductDesign", "Bom", "Routing", "EngineeringChange", "Operation"],
    "planner": ["ProductionOrder", "OperationReport", "HoursEntry", "ProductionPlan", "Schedule", *PLANT],
    "workshop": ["ProductionOrder", "OperationReport", "HoursEntry", *PLANT],
    "warehouse": [
        *("PurchaseReceipt", "Delivery", "StockEntry", "Warehouse", "Location", "Lot", "SerialNumber", "LotOrigin"),
        *("StockAdjustment", "Stocktake", "StockTransfer", "MaterialIssue", "ProductReceipt"),
        *("StockReservation", "Carrier", "Dispatch", "PurchaseReturn", "MaterialReturn", "SalesReturn"),
    ],
    "quality": [
        *("Inspection", "InspectionStandard", "DefectCode", "NonConformance", "CorrectiveAction"),
        *AFTER_SALES,
    ],
    "finance": [
        "FiscalPeriod",
        "Account",
        "PostingRule",
        "MoneyEntry",
        "JournalEntry",
        "OpeningBalance",
        "SalesInvoice",
        "SalesReceipt",
        "PurchaseInvoice",
        "PurchasePayment",
        "SalesAdjustment",
        "ExchangeRate",
        "CostEntry",
        *("AssetCategory", "Asset", "Depreciation", "BankAccount", "BankStatement", "Budget", "FreightPayment"),
    ],
    "people": ["Employee", "PayItem", "Position", "Skill"],
    "steward": [
        *("Currency", "TaxRate"),
        *("Item", "ItemCategory", "Department", "UnitOfMeasure", "SourceSystem", "SourceRecord", "SyncRun"),
        *("Webhook", "WebhookDelivery", "NotificationRule", "CodeRule"),
    ],
}
"""What each role writes; whoever is not named here writes nothing, the administrator everything."""
WORK["steward"] += ["CustomField", "FormDefinition"]
EVERYBODY = ["Approval", "Delegation", "FormRecord", "Notice", "ExpenseClaim"]
"""Who works here fills in forms, signs, has others sign in his place, and claims what he laid out."""
LOGINS = {"sales": "south", "partner": "k1"}


def test_the_presets_are_those_of_the_issue() -> None:
    assert set(ISSUE) <= set(ROLES)
    assert set(ROLES) - set(ISSUE) == {"collector", "engineer", "sales_manager"}
    for role in ROLES.values():
        assert any("一" <= letter <= "鿿" for letter in role.label.chinese)
        assert role.permissions <= all_permissions() | {"*"}


def test_every_permission_is_asked_for_somewhere() -> None:
    """A permission that nothing asks for misleads whoever grants it."""
    asked: set[str | None] = {one for spec in ALL for one in (spec.access.read, *spec.access.to_write())}
    asked |= {one.restricted for spec in ALL for one in spec.fields.values()}
    asked |= {one.restricted for spec in ALL for one in spec.derived.values()}
    asked |= {spec.access.rows.unless for spec in ALL if spec.access.rows}
    asked |= {step.by for spec in ALL for step in spec.steps.values()}
    asked.add("energy.collect")  # POST /edge/readings
    assert set(SPECIAL) <= asked
    assert {one.split(".")[0] for one in asked if one} - {"users", "companies", "approvals"} <= set(AREAS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("spec", ALL, ids=lambda spec: str(spec.name))
def test_each_role_on_each_type(plant: Plant, role: str, spec: DocSpec) -> None:
    """A list is shown or refused as the preset says; what is shown is of the own company; verbs agree with it."""
    viewer = plant.viewer(LOGINS.get(role, role))
    answer = plant.ask(viewer, f"{{ {spec.many} {{ totalCount nodes {{ id }} }} }}")
    if spec.access.read in ROLES[role].permissions or role == "administrator":
        assert "errors" not in answer
        known = {str(id_) for key, id_ in plant.ids.items() if key.startswith("R-B")}
        assert not {one["id"] for one in answer["data"][spec.many]["nodes"]} & known
    else:
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
        assert answer["data"] is None or answer["data"][spec.many] is None
    owner = spec_of(spec.parent) if spec.parent else spec
    if spec.kind == "companion":
        return  # written as its document is: tests/papers
    writes = all(map(viewer.may, spec.access.to_write()))
    work = [*WORK.get(role, []), *([] if role in ("partner", "collector") else EVERYBODY)]
    assert writes == (role == "administrator" or owner.name in work), (role, spec.name)
    if spec.by_hand and spec.kind == owner.kind:
        document = f"mutation {{ create{spec.name}(input: {{}}, dryRun: true) {{ problems {{ code }} }} }}"
        codes = {one["code"] for one in plant.data(viewer, document)[f"create{spec.name}"]["problems"]}
        assert ("FORBIDDEN" in codes) != writes, codes


@pytest.mark.parametrize(
    ("login", "name", "code"),
    [("steward", "head", "r-head"), ("south", "head", None), ("head", "head", "r-head"), ("k1", "head", None)],
)
def test_history_tells_names_to_readers_and_logins_to_few(
    plant: Plant, login: str, name: str | None, code: str | None
) -> None:
    """Whoever sees a document may know who changed it; the account is seen only by who may list accounts."""
    order = plant.ids["SO XS head" if login == "k1" else "SO XS1 head"]
    change = f'mutation {{ updateSalesOrder(id: "{order}", input: {{note: "{login}"}}) {{ problems {{ code }} }} }}'
    assert plant.data(plant.viewer("head"), change)["updateSalesOrder"]["problems"] == []
    asked = f'{{ salesOrder(id: "{order}") {{ history {{ byName byCode }} }} }}'
    last = plant.data(plant.viewer(login), asked)["salesOrder"]["history"][0]
    assert (last["byName"], last["byCode"]) == (name, code)


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("administrator", "people", "steward")])
def test_accounts_are_listed_by_three_roles_only(plant: Plant, role: str) -> None:
    viewer = plant.viewer(LOGINS.get(role, role))
    document = '{ users { totalCount nodes { code email roles } } user(code: "r-sales") { email } }'
    if role == "collector":
        return
    found = plant.data(viewer, document)
    assert [one["code"] for one in found["users"]["nodes"]] == [viewer.code]
    assert found["users"]["totalCount"] == 1
    assert found["user"] is None
    names = {camel(one) for one in ("password_hash",)}
    assert not names & set(found["users"]["nodes"][0])
    for other in ("administrator", "people", "steward"):
        assert plant.data(plant.viewer(other), document)["users"]["totalCount"] > len(ROLES)
