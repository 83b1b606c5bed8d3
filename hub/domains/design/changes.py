"""Engineering changes: what is to be changed and why; approved, they make the new versions and move open orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import ANY_STATE, Choice, Document, Line, Percent, Series, Value, field, lines, link, step, today
from hub.domains.design.versions import DESIGN
from hub.errors import Problem
from hub.ledgers import changes
from hub.rules.orders import with_reason

if TYPE_CHECKING:
    from hub.domains.aftersales import QualityComplaint
    from hub.domains.design.bills import Bom
    from hub.domains.design.products import ProductDesign
    from hub.domains.design.routings import Routing
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.people import Employee
    from hub.domains.production import ProductionOrder
    from hub.domains.quality import CorrectiveAction


class EngineeringChangeState(Choice):
    """What has been decided about a change."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    APPROVED = "approved", "已批准", "Approved"
    CLOSED = "closed", "已关闭", "Closed"
    REJECTED = "rejected", "已驳回", "Rejected"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class EngineeringChangeKind(Choice):
    """What gives rise to a change."""

    QUALITY = "quality", "质量改进", "Quality"
    CUSTOMER = "customer", "客户要求", "Customer's request"
    COST = "cost", "降本", "Cost"
    PROCESS = "process", "工艺改进", "Process"
    SUPPLY = "supply", "供应变化", "Supply"
    REGULATION = "regulation", "法规标准", "Regulation"


class ChangeUrgency(Choice):
    """How soon."""

    NORMAL = "normal", "一般", "Normal"
    URGENT = "urgent", "紧急", "Urgent"
    IMMEDIATE = "immediate", "立即", "At once"


class EngineeringChangeAction(Choice):
    """What a line of a change does: a new version as it is prepared or as the old one, or a component changed in it."""

    REVISE = "revise", "升版", "Revise"
    REPLACE = "replace", "替换组件", "Replace component"
    ADD = "add", "增加组件", "Add component"
    REMOVE = "remove", "删除组件", "Remove component"


class OrderAction(Choice):
    """What becomes of an open order."""

    MOVE = "move", "换用新版", "Move to the new versions"
    KEEP = "keep", "按旧版做完", "Finish on the old ones"


class EngineeringChangeItem(
    Line, label=("技术变更项目", "Engineering change item"), of="EngineeringChange", collection="items"
):
    """What changes of an item. Versions that are not named are the item's current ones.

    `revise` makes a new version of what is named (of all when nothing is); the others change components of the bill.
    """

    item: Mapped[Item] = link("产品", "Item", inverse=("change_items", "技术变更", "Engineering changes"))
    action: Mapped[EngineeringChangeAction] = field("变更方式", "Action", default=EngineeringChangeAction.REVISE)
    product_design: Mapped[ProductDesign | None] = link("产品设计", "Product design")
    bom: Mapped[Bom | None] = link("物料清单", "Bill of material")
    routing: Mapped[Routing | None] = link("工艺设计", "Routing")
    component: Mapped[Item | None] = link("原组件", "Component")
    new_component: Mapped[Item | None] = link("新组件", "New component")
    new_quantity: Mapped[Value | None] = field("新用量", "New quantity", minimum=0)
    new_scrap_rate: Mapped[Percent | None] = field("新损耗率", "New scrap rate", unit="%", minimum=0, maximum=1000)


class EngineeringChangeOrder(
    Line, label=("技术变更涉及订单", "Engineering change order"), of="EngineeringChange", collection="orders"
):
    """An open production order of a changed item, and what becomes of it."""

    production_order: Mapped[ProductionOrder] = link(
        "生产订单", "Production order", inverse=("engineering_changes", "技术变更", "Engineering changes")
    )
    action: Mapped[OrderAction] = field("处理方式", "Action", default=OrderAction.MOVE)


class EngineeringChange(
    Document, label=("技术变更", "Engineering change"), series=Series("EC-{yyyy}{mm}-{seq:05}"), access=DESIGN
):
    """A change of designs, bills and routings. Approval makes and releases the new versions and moves open orders.

    A version that was prepared for the change (it names it) is released as it is; what is not prepared is copied.
    """

    state: Mapped[EngineeringChangeState] = field("状态", "State", default=EngineeringChangeState.DRAFT)
    change_date: Mapped[date] = field("申请日期", "Change date", default=today, index=True)
    kind: Mapped[EngineeringChangeKind] = field("变更类型", "Kind", default=EngineeringChangeKind.QUALITY)
    urgency: Mapped[ChangeUrgency] = field("紧急程度", "Urgency", default=ChangeUrgency.NORMAL)
    corrective_action: Mapped[CorrectiveAction | None] = link(
        "改进计划", "Corrective action", inverse=("engineering_changes", "技术变更", "Engineering changes")
    )
    quality_complaint: Mapped[QualityComplaint | None] = link(
        "质量问题", "Quality complaint", inverse=("engineering_changes", "技术变更", "Engineering changes")
    )
    item: Mapped[Item | None] = link("主要产品", "Item", inverse=("engineering_changes", "技术变更", "Changes"))
    department: Mapped[Department | None] = link("部门", "Department")
    requester: Mapped[Employee | None] = link("申请人", "Requester")
    effective_date: Mapped[date | None] = field("生效日期", "Effective date")
    reason: Mapped[str] = field("变更原因", "Reason")
    description: Mapped[str | None] = field("变更内容", "Description")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    items: Mapped[list[EngineeringChangeItem]] = lines("变更项目", "Items")
    orders: Mapped[list[EngineeringChangeOrder]] = lines("涉及订单", "Orders")

    @step("提交", "Submit", source=EngineeringChangeState.DRAFT, target=EngineeringChangeState.SUBMITTED)
    def submit(self, ctx: Ctx) -> Iterator[Problem]:
        """Hand it over for approval, with all open orders of its items: those with finished pieces stay as they are."""
        yield from changes.unready(ctx, self)
        changes.list_open_orders(ctx, self)

    @step("批准", "Approve", source=EngineeringChangeState.SUBMITTED, target=EngineeringChangeState.APPROVED)
    def approve(self, ctx: Ctx) -> Iterator[Problem]:
        """Make and release the new versions and move the open orders to them."""
        yield from changes.unready(ctx, self)

    @step(
        "驳回",
        "Reject",
        source=EngineeringChangeState.SUBMITTED,
        target=EngineeringChangeState.REJECTED,
        words={"reason": ("原因", "Reason")},
    )
    def reject(self, ctx: Ctx, reason: str) -> None:
        """Not like this; the reason is kept in the note."""
        self.note = with_reason(self.note, reason)

    @step("关闭", "Close", source=EngineeringChangeState.APPROVED, target=EngineeringChangeState.CLOSED)
    def close(self, ctx: Ctx) -> Iterator[Problem]:
        """Done: every version that was made for it has been released or dropped."""
        yield from changes.unfinished(ctx, self)

    @step(
        "取消",
        "Cancel",
        source=(EngineeringChangeState.DRAFT, EngineeringChangeState.SUBMITTED),
        target=EngineeringChangeState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """Never mind."""
