"""What is needed and how we mean to buy it: requests, and plans that put them together and share them out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Document,
    Line,
    Money,
    Price,
    Quantity,
    Series,
    derived,
    field,
    lines,
    link,
    mine,
    only,
    own_department,
    step,
    today,
    written_by_me,
)
from hub.document.derive import followed_by, through
from hub.domains.purchasing.orders import invoiced_quantity, paid_amount, received_quantity
from hub.errors import Refused
from hub.ledgers import purchase_planning, supply
from hub.rules.orders import not_positive, with_reason

if TYPE_CHECKING:
    from hub.domains.items import Item, UnitOfMeasure
    from hub.domains.organization import Department
    from hub.domains.parties import Supplier
    from hub.domains.people import Employee
    from hub.domains.planning import ProductionPlan
    from hub.domains.sales import SalesOrderLine

_LIVE = ("draft", "submitted", "confirmed", "closed")


class PurchaseRequestState(Choice):
    """What has been decided about a request."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    APPROVED = "approved", "已批准", "Approved"
    CLOSED = "closed", "已关闭", "Closed"
    REJECTED = "rejected", "已驳回", "Rejected"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class PurchaseRequestLine(Line, label=("采购需求明细", "Purchase request line"), of="PurchaseRequest"):
    """An item that somebody needs by a day."""

    item: Mapped[Item] = link("存货", "Item", inverse=("purchase_request_lines", "采购需求", "Purchase requests"))
    description: Mapped[str | None] = field("描述", "Description")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    unit: Mapped[UnitOfMeasure | None] = link("单位", "Unit")
    needed_date: Mapped[date | None] = field("需求日期", "Needed on")
    suggested_supplier: Mapped[Supplier | None] = link("建议供应商", "Suggested supplier")
    sales_order_line: Mapped[SalesOrderLine | None] = link(
        "客户订单行", "Sales order line", inverse=("purchase_request_lines", "采购需求", "Purchase requests")
    )
    ordered: Mapped[Quantity] = derived(
        "已订数量",
        "Ordered quantity",
        followed_by("PurchaseOrderLine", "quantity", of="request_line", document="PurchaseOrder", states=_LIVE[1:]),
        filterable=True,
    )
    received: Mapped[Quantity] = derived(
        "已收数量",
        "Received quantity",
        through(
            "PurchaseOrderLine", received_quantity, of="request_line", document="PurchaseOrder", states=supply.ORDERED
        ),
        filterable=True,
    )


class PurchaseRequest(
    Document,
    label=("采购需求", "Purchase request"),
    series=Series("RQ-{yyyy}{mm}-{seq:05}"),
    access=Access(
        read="purchasing.read",
        write="purchasing.write",
        rows=only(own_department("department"), mine("requester"), written_by_me(), unless="purchasing.all"),
    ),
):
    """What somebody asks purchasing to buy."""

    state: Mapped[PurchaseRequestState] = field("状态", "State", default=PurchaseRequestState.DRAFT)
    request_date: Mapped[date] = field("申请日期", "Request date", default=today, index=True)
    requester: Mapped[Employee | None] = link("申请人", "Requester")
    department: Mapped[Department | None] = link("部门", "Department")
    production_plan: Mapped[ProductionPlan | None] = link(
        "生产计划", "Production plan", inverse=("purchase_requests", "采购需求", "Purchase requests")
    )
    reason: Mapped[str | None] = field("申请原因", "Reason")
    needed_date: Mapped[date | None] = field("需求日期", "Needed on")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[PurchaseRequestLine]] = lines("明细", "Lines", at_least=1)

    @step("提交", "Submit", source=PurchaseRequestState.DRAFT, target=PurchaseRequestState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Ask for it."""
        Refused.raise_all(not_positive(line.quantity for line in self.lines))

    @step("批准", "Approve", source=PurchaseRequestState.SUBMITTED, target=PurchaseRequestState.APPROVED)
    def approve(self, ctx: Ctx) -> None:
        """It shall be bought: the next purchase plan takes it up."""

    @step(
        "驳回",
        "Reject",
        source=PurchaseRequestState.SUBMITTED,
        target=PurchaseRequestState.REJECTED,
        words={"why": ("原因", "Why")},
    )
    def reject(self, ctx: Ctx, why: str) -> None:
        """Send the request back, with the reason kept in the note."""
        self.note = with_reason(self.note, why)

    @step("关闭", "Close", source=PurchaseRequestState.APPROVED, target=PurchaseRequestState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """Nothing more of it shall be bought."""

    @step(
        "取消",
        "Cancel",
        source=(PurchaseRequestState.DRAFT, PurchaseRequestState.SUBMITTED, PurchaseRequestState.APPROVED),
        target=PurchaseRequestState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """It is not needed after all."""


class PurchasePlanState(Choice):
    """What has been decided about a purchase plan."""

    DRAFT = "draft", "草稿", "Draft"
    CALCULATED = "calculated", "已计算", "Calculated"
    APPROVED = "approved", "已批准", "Approved"
    CLOSED = "closed", "已关闭", "Closed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class PurchasePlanMethod(Choice):
    """What decides between suppliers."""

    BALANCED = "balanced", "综合（价格、交期、评分）", "Price, lead time and score"
    PRICE = "price", "最低价", "Lowest price"
    LEAD_TIME = "lead_time", "准时优先", "On time first"


class PurchasePlanLine(Line, label=("采购计划明细", "Purchase plan line"), of="PurchasePlan"):
    """What to buy of whom for which request, why, and how far it has come: ordered, received, invoiced, paid."""

    request_line: Mapped[PurchaseRequestLine | None] = link(
        "采购需求行", "Purchase request line", inverse=("plan_lines", "采购计划明细", "Purchase plan lines")
    )
    item: Mapped[Item] = link("存货", "Item")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    supplier: Mapped[Supplier | None] = link("供应商", "Supplier")
    unit_price: Mapped[Price] = field("单价", "Unit price", default=Decimal(0), unit="currency", minimum=0)
    needed_date: Mapped[date | None] = field("需求日期", "Needed on")
    reason: Mapped[str | None] = field("选择理由", "Reason")
    ordered: Mapped[Quantity] = derived(
        "已订数量",
        "Ordered quantity",
        followed_by("PurchaseOrderLine", "quantity", of="plan_line", document="PurchaseOrder", states=_LIVE[1:]),
        filterable=True,
    )
    received: Mapped[Quantity] = derived(
        "已收数量",
        "Received quantity",
        through(
            "PurchaseOrderLine", received_quantity, of="plan_line", document="PurchaseOrder", states=supply.ORDERED
        ),
        filterable=True,
    )
    invoiced: Mapped[Quantity] = derived(
        "已开票数量",
        "Invoiced quantity",
        through(
            "PurchaseOrderLine", invoiced_quantity, of="plan_line", document="PurchaseOrder", states=supply.ORDERED
        ),
        filterable=True,
    )
    paid: Mapped[Money] = derived(
        "已付款",
        "Paid",
        through("PurchaseOrderLine", paid_amount, of="plan_line", document="PurchaseOrder", states=supply.ORDERED),
        unit="currency",
        filterable=True,
    )


class PurchasePlan(
    Document,
    label=("采购计划", "Purchase plan"),
    series=Series("PP-{yyyy}{mm}-{seq:04}"),
    access=Access(
        read="purchasing.read",
        write="purchasing.write",
        rows=only(own_department("department"), mine("planner"), written_by_me(), unless="purchasing.all"),
    ),
):
    """Approved requests put together and shared out over suppliers; approved, it becomes an order per supplier."""

    state: Mapped[PurchasePlanState] = field("状态", "State", default=PurchasePlanState.DRAFT)
    plan_date: Mapped[date] = field("计划日期", "Plan date", default=today, index=True)
    planner: Mapped[Employee | None] = link("计划员", "Planner")
    department: Mapped[Department | None] = link("部门", "Department")
    method: Mapped[PurchasePlanMethod] = field("选商方式", "Method", default=PurchasePlanMethod.BALANCED)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[PurchasePlanLine]] = lines("明细", "Lines")

    @step(
        "计算",
        "Calculate",
        source=(PurchasePlanState.DRAFT, PurchasePlanState.CALCULATED),
        target=PurchasePlanState.CALCULATED,
    )
    def calculate(self, ctx: Ctx) -> None:
        """Put the open lines of all approved requests together and share them out; what was in the plan is replaced."""
        purchase_planning.calculate(ctx, self)

    @step(
        "改选供应商",
        "Assign",
        source=PurchasePlanState.CALCULATED,
        target=PurchasePlanState.CALCULATED,
        words={
            "position": ("行号", "Position"),
            "supplier": ("供应商", "Supplier"),
            "unit_price": ("单价", "Unit price"),
        },
    )
    def assign(self, ctx: Ctx, position: int, supplier: str, unit_price: Decimal | None = None) -> None:
        """Choose another supplier for a line, at a price."""
        purchase_planning.assign(ctx, self, position, supplier, unit_price)

    @step("批准", "Approve", source=PurchasePlanState.CALCULATED, target=PurchasePlanState.APPROVED)
    def approve(self, ctx: Ctx) -> None:
        """Make a draft order per supplier (see `hub.flows.procure_to_pay`)."""
        Refused.raise_all(purchase_planning.not_orderable(ctx, self))

    @step("关闭", "Close", source=PurchasePlanState.APPROVED, target=PurchasePlanState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """Nothing more comes of this plan."""

    @step(
        "取消",
        "Cancel",
        source=(PurchasePlanState.DRAFT, PurchasePlanState.CALCULATED),
        target=PurchasePlanState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """The plan is given up; its requests are open again."""
