"""A company with a tree of departments and a user for every role, a partner on either side, and its neighbour."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from graph_schema.answer import Answerer
from hub import papers
from hub.context import Ctx, Viewer
from hub.db.engine import make_async_pool
from hub.document.access import ROLES
from hub.document.audit import audit_entry
from hub.files import store
from hub.identity import viewer_of
from hub.writes import create, load, run_step, unit_of_work
from tests.conftest import Database
from tests.reading.conftest import boss
from tests.samples import documents, masters

DEPARTMENTS = {"GM": None, "XS": "GM", "XS1": "XS", "XS2": "XS", "CG": "GM"}
SELLERS = {"head": "XS", "south": "XS1", "north": "XS2"}
"""Salespeople by the department they belong to."""
MACHINE, LOST, ACCUMULATED, NET, FREIGHT = "91827.5", "12345.75", "12357.00", "79470.5", "613.25"
RESERVED, AVAILABLE, INCOMING = "17.3771", "22.3729", "28.625"
ID_NUMBER, BANK, BIRTH_DATE, COST, ON_HAND = (
    "320106199001011234",
    "6222021001116245702",
    "1987-06-05",
    "7.3125",
    "39.7500",
)
HOURLY, PIECE, POINTS = "61.4375", "0.8125", "41.9375"
CARRIED = 3
OWED, SCORE, PURCHASED, QUALIFIED = "61.05", "83.17", "42.94", "98.81"
CUSTOMER_BANK, SOLD, RECEIVABLE = "6217001110009876543", "411.05", "3000.33"
ORDERED_ON, SOLD_ON = "2026-02-03", "2026-03-05"
"""Values that nobody should find who may not see them."""


@dataclass
class Plant:
    """The company: its engine, the ids of what was made in it, and a viewer by login."""

    engine: Engine
    answerer: Answerer
    runner: asyncio.Runner
    ids: dict[str, UUID] = field(default_factory=dict)
    viewers: dict[str, Viewer] = field(default_factory=dict)

    def viewer(self, login: str) -> Viewer:
        """The viewer of a user, as signing in makes it."""
        if login not in self.viewers:
            with Session(self.engine) as session:
                found = viewer_of(session, code=f"r-{login}")
            assert found is not None
            self.viewers[login] = found
        return self.viewers[login]

    def text(self, viewer: Viewer, document: str, variables: dict[str, Any] | None = None) -> str:
        """The answer as it goes to the client."""
        return self.runner.run(self.answerer.answer(document, variables, viewer)).decode()

    def ask(self, viewer: Viewer, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer as JSON."""
        found: dict[str, Any] = json.loads(self.text(viewer, document, variables))
        return found

    def data(self, viewer: Viewer, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer's data; an error fails the test."""
        found = self.ask(viewer, document, variables)
        assert "errors" not in found, found
        data: dict[str, Any] = found["data"]
        return data


@pytest.fixture(scope="package")
def plant(database: Database) -> Iterator[Plant]:
    """The two companies, written once through the verbs; tests that change something make it first.

    Closed with the last test here: it listens, and while no loop runs nobody reads what PostgreSQL tells it. Its
    backend would block on a full socket, and with it every DROP DATABASE of the server.
    """
    with asyncio.Runner() as runner:
        pool = make_async_pool(database.url, size=2)
        runner.run(pool.open())
        made = Plant(database.engine, Answerer(pool, database.engine), runner)
        try:
            for code in ("R-B", "R-A"):
                with unit_of_work(database.engine, boss(None), "tests") as ctx:
                    made.ids[code] = create(ctx, "Company", {"code": code, "name": f"公司{code}"}).id
                with unit_of_work(database.engine, boss(made.ids[code]), "tests") as ctx:
                    _fill(ctx, made.ids, code)
                    if code == "R-B":
                        _rest(ctx, made.ids["R-B stranger"])
            yield made
        finally:
            runner.run(made.answerer.close())
            runner.run(pool.close())


def _fill(ctx: Ctx, ids: dict[str, UUID], company: str) -> None:
    """The same for each company; keys of the neighbour's begin with its code."""
    prefix = "" if company == "R-A" else f"{company} "

    def make(type_: str, key: str, /, **values: Any) -> UUID:
        made = create(ctx, type_, values)
        ids[prefix + key] = made.id
        return UUID(str(made.id))

    for code, parent in DEPARTMENTS.items():
        make("Department", code, code=code, name=f"部门{code}", parent=parent)
    _people(make, company)
    _masters(make)
    _documents(ctx, make, ids, prefix)
    _sources(ctx, company)
    _papers(ctx, ids[prefix + "SO XS1 south"], ids[prefix + ("user head" if company == "R-A" else "stranger")])
    if company != "R-A":
        _approvals(ctx, make, ids, prefix)


def _people(make: Any, company: str) -> None:
    for number, (login, department) in enumerate(SELLERS.items()):
        make(
            "Employee",
            login,
            code=login,
            name=f"业务{login}",
            department=department,
            id_number=ID_NUMBER[:-1] + str(number),
            birth_date=BIRTH_DATE,
        )
    for code, account in (("K1", None), ("K2", CUSTOMER_BANK)):
        make("Customer", code, code=code, name=f"客户{code}", bank_account=account)
    for code in ("S1", "S2"):
        make(
            "Supplier",
            code,
            code=code,
            name=f"供应商{code}",
            bank_account=BANK + code,
            bank_name=f"{BANK}N{code}",
            admission="admitted",
        )
    if company != "R-A":
        make("User", "stranger", code="r-stranger", name="外人", roles=["executive"])
        return
    for login, department in SELLERS.items():
        make(
            "User",
            f"user {login}",
            code=f"r-{login}",
            name=login,
            roles=["sales"],
            department=department,
            employee=login,
        )
    for role in ROLES:
        if role not in ("sales", "partner"):
            make("User", f"user {role}", code=f"r-{role}", name=role, roles=[role], department="GM")
    make("User", "user sales", code="r-sales", name="无部门", roles=["sales"], email="nobody@plant.example")
    make("User", "user buyer-k1", code="r-k1", name="客户的人", roles=["partner"], customer="K1")
    make("User", "user seller-s1", code="r-s1", name="供应商的人", roles=["partner"], supplier="S1")


def _masters(make: Any) -> None:
    make("UnitOfMeasure", "pcs", code="pcs", name="个")
    make("Warehouse", "W", code="W", name="成品仓")
    make("Location", "L", code="L", name="一架", warehouse="W")
    for number in range(1, 5):
        make("Item", f"I{number}", code=f"I{number}", name=f"零件{number}", unit="pcs", standard_cost=COST,
             supplier="S2" if number == 4 else None)  # fmt: skip
    words = {"name": "颜色", "english_name": "Colour"}
    option = {"value": "red", "name": "红", "english_name": "Red"}
    make("CustomField", "CF", code="CF", document_type="FormRecord", key="colour", kind="choice", options=[option],
         **words)  # fmt: skip
    make("FormDefinition", "FD", code="FD", fields=[{"custom_field": "CF"}], **words)
    make("FormRecord", "FR", form="FD", extra={"colour": "red"})
    make("EnergyMeter", "EM", code="EM", name="电表")
    make("WorkCentre", "WC", code="WC", name="一号机", hourly_rate=HOURLY)
    make("Operation", "OP", code="OP", name="注塑", piece_rate=PIECE)
    for type_, key in (
        ("Site", "SITE"),
        ("Shift", "SHIFT"),
        ("WorkCalendar", "WCAL"),
        ("Position", "POST"),
        ("Skill", "SK"),
        ("DefectCode", "DC"),
    ):
        make(type_, key, code=key, name="一号")
    make("Carrier", "CA", code="CA", name="承运一", bank_account=f"{BANK}CA")
    make("InspectionStandard", "IS", code="IS", name="巡检", kind="in_process", sampling="full", item="I1")
    make("AssetCategory", "AC", code="AC", name="机器")
    make("PayItem", "PAY", code="PAY", name="高温津贴")
    make("Asset", "AS", code="AS", name="注塑机", cost=MACHINE, opening_depreciation=LOST)


def _documents(ctx: Ctx, make: Any, ids: dict[str, UUID], prefix: str) -> None:
    """Orders of every department, seller and customer; each followed by a delivery; purchases of either supplier."""
    lines = [{"item": "I1", "quantity": "5", "unit_price": "2"}, {"item": "I2", "quantity": "3"}]
    for index, department in enumerate((*DEPARTMENTS, None)):
        for seller in ("head", "south", "north", None):
            key = f"SO {department} {seller}"
            customer = "K1" if index % 2 else "K2"
            make("SalesOrder", key, customer=customer, department=department, sales_rep=seller, lines=lines,
                 promised_date="2026-12-01", order_date=f"2026-03-{1 + index:02}")  # fmt: skip
            number = ctx.session.get_one(_model("SalesOrder"), ids[prefix + key]).number
            line = {"item": "I1", "quantity": "1", "order_line": {"number": number, "position": 1}}
            make("Delivery", f"DN {department} {seller}", customer=customer, sales_order=number, lines=[line])
    make("Delivery", "DN loose", customer="K1", lines=[{"item": "I1", "quantity": "1"}])
    for supplier in ("S1", "S2"):
        wanted = [{"item": "I3", "quantity": "14.3125", "unit_price": "3"}, {"item": "I1", "quantity": "1"}]
        about = {"supplier": supplier, "order_date": ORDERED_ON, "promised_date": "2026-12-01"}
        ordered = make("PurchaseOrder", f"PO {supplier}", **about, lines=wanted)
        run_step(ctx, "PurchaseOrder", ordered, "confirm")
        goods = {"item": "I3", "quantity": "20", "stocked_quantity": "19.875"}
        receipt = make("PurchaseReceipt", f"PR {supplier}", supplier=supplier, warehouse="W", lines=[goods])
        run_step(ctx, "PurchaseReceipt", receipt, "confirm")
    _warehouse(ctx, make, ids, prefix)
    _returned(ctx, make)
    _reported(ctx, ids, prefix)
    _bought(ctx, make, ids, prefix)
    _spent(ctx, make)
    _sold(ctx, make, ids, prefix)
    demands = [{"order_line": {"number": number, "position": 1}, "quantity": "5"}]
    materials = [{"item": "I3", "required_quantity": "1"}]
    make("ProductionOrder", "MO", item="I1", quantity="10", demands=demands, materials=materials)
    make("Inspection", "QI", kind="final", item="I1", inspected_quantity="1", qualified_quantity="1")

    make("SalesInvoice", "SI K2", customer="K2", lines=[{"item": "I1", "quantity": "1", "unit_price": "2"}])
    reader = ids[prefix + ("stranger" if prefix else "user head")]
    ids[prefix + "notice"] = _made(ctx, "Notice", number=f"NT-{prefix}1", recipient_id=reader, title="给部长")


def _made(ctx: Ctx, type_: str, **values: Any) -> UUID:
    """What only the hub itself makes."""
    stamps: dict[str, Any] = {"created_by": ctx.viewer.user_id, "updated_by": ctx.viewer.user_id}
    if _model(type_).has_company:
        stamps["company_id"] = ctx.viewer.company_id
    made = _model(type_)(**values, **stamps)
    ctx.session.add(made)
    ctx.session.flush()
    return UUID(str(made.id))


def _rest(ctx: Ctx, user: UUID) -> None:
    """A sample of every type that the neighbour has none of, so that nothing of his is forgotten."""
    written = select(audit_entry.c.document_type).where(audit_entry.c.company_id == ctx.viewer.company_id)
    there = set(ctx.session.scalars(written.distinct()))
    masters(ctx)
    documents(ctx, there)
    hook, told = _model("Webhook"), {"event_id": 1, "event": "SalesOrder.create", "document_type": "SalesOrder"}
    webhook_id = ctx.session.scalars(select(hook.id).where(hook.company_id == ctx.viewer.company_id)).one()
    _made(ctx, "WebhookDelivery", number="WD-1", webhook_id=webhook_id, **told)
    about = {
        "document_type": "SalesOrder",
        "document_id": webhook_id,
        "document_number": "SO-1",
        "step_name": "confirm",
    }
    approval = _made(ctx, "Approval", number="AP-1", subject="订单", submitter_id=user, submitter_name="外人", **about)
    signer = {"signer_id": user, "signer_name": "外人"}
    _made(ctx, "ApprovalTask", approval_id=approval, position=1, stage=1, slot=1, name="销售", **signer)


def _papers(ctx: Ctx, order: UUID, follower: UUID) -> None:
    """A file, a word and a follower on one order."""
    papers.comment(ctx, "SalesOrder", order, "请尽快发货")
    with store.incoming(str(ctx.viewer.company_id)) as content:
        content.add(b"\0drawing")
        papers.attach(ctx, "SalesOrder", order, "图纸.bin", content.finish())
    about = {"document_type": "SalesOrder", "document_id": order, "company_id": ctx.viewer.company_id}
    stamps: dict[str, Any] = {"created_by": ctx.viewer.user_id, "updated_by": ctx.viewer.user_id, "version": 1}
    ctx.session.add(_model("Follower")(user_id=follower, **about, **stamps))


def _approvals(ctx: Ctx, make: Any, ids: dict[str, UUID], prefix: str) -> None:
    """A flow, a document that is under approval by it, and a delegation; only at the neighbour's."""
    signer = {"name": "外人签", "kind": "user", "who": ["r-stranger"]}
    flow = {"document_type": "SalesOrder", "step_name": "submit", "self_approval": "allowed", "lines": [signer]}
    make("ApprovalFlow", "flow", code="F", name="流程", **flow)
    make("User", "second", code="r-second", name="另一外人", roles=["executive"])
    make("Delegation", "delegation", principal_login="r-stranger", delegate_login="r-second")
    stranger = replace(ctx, viewer=replace(ctx.viewer, user_id=ids[f"{prefix}stranger"]))
    run_step(stranger, "SalesOrder", ids[f"{prefix}SO None head"], "submit")


def _warehouse(ctx: Ctx, make: Any, ids: dict[str, UUID], prefix: str) -> None:
    """One paper of each kind, a lot made of another, and an order that reserves what is there."""
    make("Lot", "LOT", code="LOT", name="批次", item="I3")
    made = make("Lot", "LOT2", code="LOT2", name="批次二", item="I1")
    make("SerialNumber", "SN", code="SN", name="序列号", item="I3")
    order = make("ProductionOrder", "MO lots", item="I1", quantity="10")
    run_step(ctx, "ProductionOrder", order, "release")
    make("EngineeringChange", "EC", reason="改料", items=[{"item": "I1"}], orders=[{"production_order": order}])
    found = [{"item": "I3", "quantity": "2", "lot": "LOT"}]
    steps = (
        make("StockAdjustment", "SA", warehouse="W", lines=found),
        make("MaterialIssue", "MI", warehouse="W", production_order=order, lines=found),
        make("ProductReceipt", "PRODUCTS", warehouse="W", production_order=order,
             lines=[{"item": "I1", "quantity": "1", "lot": made}]),
    )  # fmt: skip
    for type_, document in zip(("StockAdjustment", "MaterialIssue", "ProductReceipt"), steps, strict=True):
        run_step(ctx, type_, document, "post")
    line = {"number": ctx.session.get_one(_model("SalesOrder"), ids[prefix + "SO XS1 head"]).number, "position": 1}
    assert load(ctx, "StockReservation", [{"item": "I3", "order_line": line, "quantity": RESERVED}]).problems == []
    make("Stocktake", "ST", warehouse="W", lines=[{"item": "I3", "counted_quantity": "1"}])
    make("StockTransfer", "TR", warehouse="W", lines=[{"item": "I3", "quantity": "1"}])


def _returned(ctx: Ctx, make: Any) -> None:
    """What goes back, and what the carrier has brought."""
    lines = [{"item": "I1", "quantity": "1"}]
    make("PurchaseReturn", "RT S2", supplier="S2", warehouse="W", lines=lines)
    make("MaterialReturn", "MR", warehouse="W", lines=lines)
    make("SalesReturn", "RS K2", customer="K2", warehouse="W", lines=lines)
    shipped = [
        {"number": f"CA-{one}", "state": "confirmed", "customer": "K2", "carrier": "CA", "lines": lines}
        for one in range(CARRIED)
    ]
    assert load(ctx, "Delivery", shipped).problems == []
    make("Dispatch", "DP", carrier="CA", deliveries=[{"delivery": "CA-0"}])


def _bought(ctx: Ctx, make: Any, ids: dict[str, UUID], prefix: str) -> None:
    """What stands about buying of the second supplier, and by what the first is judged."""
    lines = [{"item": "I1", "quantity": "1"}]
    make("PurchaseRequest", "RQ", lines=lines)
    make("PurchasePlan", "PP", lines=lines)
    offer = {"supplier": "S2", "item": "I1", "unit_price": "1"}
    make("Rfq", "RF", lines=lines, suppliers=[{"supplier": "S2"}], offers=[offer])
    make("SupplierAdmission", "SD", supplier="S2", lines=[{"criterion": "现场", "score": "80"}])
    period = {"from_date": "2026-01-01", "until_date": "2026-12-31"}
    make("SupplierEvaluation", "SE", supplier="S2", **period)
    make("PurchaseInvoice", "PI S2", supplier="S2", lines=lines)
    make("PurchasePayment", "PY S2", supplier="S2", amount="1", lines=[{"amount": "1"}])
    number = ctx.session.get_one(_model("PurchaseOrder"), ids[f"{prefix}PO S1"]).number
    came: dict[str, Any] = {"item": "I1", "quantity": "1", "rejected_quantity": "0.25", "stocked_quantity": "0.75"}
    came["order_line"] = {"number": number, "position": 2}
    owed = {"item": "I1", "quantity": "1", "unit_price": OWED, "amount": OWED, "tax_rate": "0", "tax_amount": "0"}
    of_first: dict[str, dict[str, Any]] = {
        "PurchaseReceipt": {"state": "confirmed", "warehouse": "W", "lines": [came]},
        "PurchaseInvoice": {"state": "posted", "lines": [owed]},
        "SupplierEvaluation": {"state": "confirmed", "quality_score": SCORE, **period},
    }
    for type_, values in of_first.items():
        assert load(ctx, type_, [{"number": f"{type_} S1", "supplier": "S1", **values}]).problems == []


def _sold(ctx: Ctx, make: Any, ids: dict[str, UUID], prefix: str) -> None:
    """What the second customer has ordered, got and not paid, and what stands about selling to it."""
    order = ctx.session.get_one(_model("SalesOrder"), ids[f"{prefix}SO CG north"])
    line_ = _model("SalesOrderLine")
    first = select(line_.id).where(line_.sales_order_id == order.id, line_.position == 1)
    ids[f"{prefix}SO line"] = ctx.session.scalars(first).one()
    order.state, order.exchange_rate = type(order.state)("confirmed"), Decimal("41.1045")
    ctx.session.flush()
    line = {"item": "I1", "quantity": "1", "order_line": {"number": order.number, "position": 1}}
    got = {"customer": "K2", "state": "confirmed", "lines": [line]}
    days = {"in time": "2026-11-30", "late": "2026-12-02"}
    shipped = [{"number": f"DN {name}", "delivery_date": day, **got} for name, day in days.items()]
    assert load(ctx, "Delivery", shipped).problems == []
    owed = {"item": "I1", "quantity": "1", "unit_price": "1", "amount": RECEIVABLE, "tax_rate": "0", "tax_amount": "0"}
    invoice = {"number": "SI owed", "customer": "K2", "state": "posted", "lines": [owed]}
    assert load(ctx, "SalesInvoice", [invoice]).problems == []
    theirs, lines = {"customer": "K2"}, [{"item": "I1", "quantity": "1"}]
    period = {"period_from_date": "2026-03-01", "period_until_date": "2026-03-31"}
    for type_, key, values in (
        ("PriceList", "PL K2", {"code": "PL", "name": "价格", **theirs, "lines": [{"item": "I1", "unit_price": "1"}]}),
        ("Lead", "LD", {"company_name": "某公司", **theirs}),
        ("Interaction", "IA", {"subject": "拜访", "interaction_at": "2026-03-01T09:00:00+08:00", **theirs}),
        ("CustomerSurvey", "CS K2", {"topic": "新品", **theirs}),
        ("CustomizationRequest", "CR K2", {"requirement": "耐热", "quantity": "1", **theirs}),
        ("MarketForecast", "MF", {**period, "lines": [{"month": "2026-03-01", "quantity": "1"}]}),
        ("SalesPlan", "SP", {"year": 2026, "lines": [{"month": 3, "quantity": "1"}]}),
        ("Quotation", "QU K2", {**theirs, "lines": lines}),
        ("SalesAdjustment", "SJ K2", {**theirs, "lines": [{"amount": "1"}]}),
        ("QualityComplaint", "QC K2", {**theirs, "item": "I1", "quantity": "1", "description": "开裂"}),
        ("ReturnRequest", "RR K2", {**theirs, "reason": "开裂", "lines": lines}),
        ("SatisfactionSurvey", "SS K2", theirs),
        ("ExperienceSurvey", "ES K2", {**theirs, "item": "I1"}),
    ):
        make(type_, key, **values)


def _reported(ctx: Ctx, ids: dict[str, UUID], prefix: str) -> None:
    """A report whose line tells what it is worth."""
    line = {"employee": "head", "operation": "注塑", "good_quantity": "1", "points": POINTS}
    assert load(ctx, "OperationReport", [{"number": "OR", "lines": [line]}]).problems == []
    report, line_ = _model("OperationReport"), _model("OperationReportLine")
    own = report.company_id == ctx.viewer.company_id
    ids[f"{prefix}OR"] = ctx.session.scalars(select(report.id).where(own)).one()
    ids[f"{prefix}OR line"] = ctx.session.scalars(select(line_.id).join(report).where(own)).one()


def _spent(ctx: Ctx, make: Any) -> None:
    """What a machine has lost, what a carrier was paid, and what somebody claims."""
    lost = {"number": "DP-1", "state": "posted", "lines": [{"asset": "AS", "amount": "11.25"}]}
    assert load(ctx, "Depreciation", [lost]).problems == []
    paid = {"number": "FP-1", "state": "posted", "carrier": "CA", "amount": FREIGHT}
    assert load(ctx, "FreightPayment", [paid]).problems == []
    make("ExpenseClaim", "EC", employee="north", lines=[{"amount": "9"}])


def _model(name: str) -> Any:
    from hub.document.registry import spec

    return spec(name).model


def _sources(ctx: Ctx, company: str) -> None:
    """The records of a source as they were there: raw, with the ID number and the bank account under its own names."""
    code = f"r-erp-{company}"
    create(ctx, "SourceSystem", {"code": code, "name": "旧系统", "kind": "sql"})
    people = [{"code": "head", "name": "业务head", "source_table": "t_Emp", "source_key": "1",
               "payload": {"FName": "业务head", "FIDCard": ID_NUMBER}}]  # fmt: skip
    suppliers = [{"code": "S1", "name": "供应商S1", "source_table": "t_Supplier", "source_key": "1",
                  "payload": {"FName": "供应商S1", "FBankAccount": BANK}}]  # fmt: skip
    customers = [{"code": "K1", "name": "客户K1", "source_table": "t_Organization", "source_key": "1",
                  "payload": {"FName": "客户K1", "FPhone": "0574"}}]  # fmt: skip
    for type_, rows in (("Employee", people), ("Supplier", suppliers), ("Customer", customers)):
        assert load(ctx, type_, rows, source=code).problems == []
