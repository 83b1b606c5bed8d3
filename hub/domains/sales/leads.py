"""Before anybody orders: leads, what was said to whom, surveys of customers, and requests for goods made to measure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, case
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Document,
    Line,
    Money,
    Name,
    Percent,
    Price,
    Quantity,
    Series,
    derived,
    field,
    lines,
    link,
    mine,
    only,
    our_customer,
    own_department,
    step,
    today,
    written_by_me,
)
from hub.document.fields import Tables
from hub.errors import Problem, problem
from hub.rules.orders import with_reason

if TYPE_CHECKING:
    from hub.domains.design import ProductDesign
    from hub.domains.items import Item, UnitOfMeasure
    from hub.domains.organization import Department
    from hub.domains.parties import Customer
    from hub.domains.people import Employee

_OURS = Access(
    read="sales.read",
    write="sales.write",
    rows=only(own_department("department"), mine("sales_rep"), written_by_me(), unless="sales.all"),
)
"""What we know of people who are no customers is not for partners."""


class LeadState(Choice):
    """What has been decided about a lead."""

    DRAFT = "draft", "草稿", "Draft"
    QUALIFIED = "qualified", "已确认", "Qualified"
    CONVERTED = "converted", "已转客户", "Converted"
    LOST = "lost", "已流失", "Lost"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class LeadSource(Choice):
    """How somebody came to know us."""

    REFERRAL = "referral", "转介绍", "Referral"
    EXHIBITION = "exhibition", "展会", "Exhibition"
    WEBSITE = "website", "网站", "Website"
    CALL = "call", "电话", "Call"
    ADVERTISEMENT = "advertisement", "广告", "Advertisement"
    OTHER = "other", "其他", "Other"


class LeadStage(Choice):
    """How far a lead has come: hub.rules.leads counts by them, in this order."""

    NEW = "new", "新线索", "New"
    CONTACTED = "contacted", "已联系", "Contacted"
    INTERESTED = "interested", "有意向", "Interested"
    PROPOSED = "proposed", "已报价", "Proposed"
    WON = "won", "已成交", "Won"


def _conversion(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """100 for a lead that became a customer, 0 for another: its average is the conversion rate, by whatever group."""
    return case((row.c.state == "cancelled", None), (row.c.state == "converted", 100), else_=0)


class Lead(Document, label=("潜在客户", "Lead"), series=Series("LD-{yyyy}{mm}-{seq:05}"), access=_OURS):
    """Somebody who might buy from us."""

    state: Mapped[LeadState] = field("状态", "State", default=LeadState.DRAFT)
    lead_date: Mapped[date] = field("登记日期", "Date", default=today, index=True)
    company_name: Mapped[Name] = field("公司名称", "Company")
    contact_name: Mapped[Name | None] = field("联系人", "Contact")
    phone: Mapped[str | None] = field("电话", "Phone")
    email: Mapped[str | None] = field("邮箱", "E-mail")
    region: Mapped[str | None] = field("地区", "Region")
    source: Mapped[LeadSource] = field("来源", "Source", default=LeadSource.OTHER)
    segment: Mapped[str | None] = field("客群", "Segment")
    stage: Mapped[LeadStage] = field("阶段", "Stage", default=LeadStage.NEW, editable_in=ANY_STATE)
    interest: Mapped[str | None] = field("意向", "Interest")
    expected_amount: Mapped[Money | None] = field("预计金额", "Expected amount", unit="currency", minimum=0)
    probability: Mapped[Percent | None] = field("成交概率", "Probability", unit="%", minimum=0, maximum=100)
    sales_rep: Mapped[Employee | None] = link("业务员", "Sales representative")
    department: Mapped[Department | None] = link("部门", "Department")
    customer: Mapped[Customer | None] = link("转成的客户", "Customer", inverse=("leads", "潜在客户", "Leads"))
    lost_reason: Mapped[str | None] = field("流失原因", "Why lost", computed=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    conversion: Mapped[Percent] = derived("转化率", "Conversion", _conversion, unit="%", filterable=True)

    @step("确认", "Qualify", source=LeadState.DRAFT, target=LeadState.QUALIFIED)
    def qualify(self, ctx: Ctx) -> None:
        """There is something in it: worth the time of a salesperson."""
        if self.stage == LeadStage.NEW:
            self.stage = LeadStage.CONTACTED

    @step("转为客户", "Convert", source=LeadState.QUALIFIED, target=LeadState.CONVERTED)
    def convert(self, ctx: Ctx) -> None:
        """The lead becomes a customer: the one it names, or a new one (hub.flows.leads)."""
        self.stage = LeadStage.WON

    @step(
        "流失",
        "Lose",
        source=(LeadState.DRAFT, LeadState.QUALIFIED),
        target=LeadState.LOST,
        words={"reason": ("原因", "Reason")},
    )
    def lose(self, ctx: Ctx, reason: str) -> Iterator[Problem]:
        """Nothing will come of it; the stage tells how far it came."""
        if self.stage == LeadStage.WON:
            yield problem(
                "LEAD_WON",
                "已成交的线索不能标为流失。",
                "A lead that was won cannot be lost.",
                "stage",
                hint=("请先更正阶段。", "Correct the stage first."),
            )
        self.lost_reason = reason

    @step("取消", "Cancel", source=(LeadState.DRAFT, LeadState.QUALIFIED), target=LeadState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """It was a mistake, and counts in no rate."""


class InteractionState(Choice):
    """Whether it has taken place."""

    PLANNED = "planned", "已计划", "Planned"
    DONE = "done", "已完成", "Done"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class InteractionKind(Choice):
    """In what way people met."""

    CALL = "call", "电话", "Call"
    VISIT = "visit", "拜访", "Visit"
    MESSAGE = "message", "消息", "Message"
    MAIL = "mail", "邮件", "Mail"
    MEETING = "meeting", "会议", "Meeting"


class Interaction(
    Document, label=("客户交互记录", "Interaction"), series=Series("IA-{yyyy}{mm}-{seq:05}"), access=_OURS
):
    """A call, visit or message with a lead or customer, and what came of it."""

    state: Mapped[InteractionState] = field("状态", "State", default=InteractionState.PLANNED)
    interaction_at: Mapped[datetime] = field("时间", "Time")
    kind: Mapped[InteractionKind] = field("方式", "Kind", default=InteractionKind.CALL)
    lead: Mapped[Lead | None] = link("潜在客户", "Lead", inverse=("interactions", "交互记录", "Interactions"))
    customer: Mapped[Customer | None] = link("客户", "Customer", inverse=("interactions", "交互记录", "Interactions"))
    contact_name: Mapped[Name | None] = field("联系人", "Contact")
    sales_rep: Mapped[Employee | None] = link("业务员", "Sales representative")
    department: Mapped[Department | None] = link("部门", "Department")
    subject: Mapped[str] = field("主题", "Subject")
    content: Mapped[str | None] = field("内容", "Content")
    outcome: Mapped[str | None] = field("结果", "Outcome", computed=True)
    next_date: Mapped[date | None] = field("下次联系", "Next contact", editable_in=ANY_STATE)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)

    @step(
        "完成",
        "Finish",
        source=InteractionState.PLANNED,
        target=InteractionState.DONE,
        words={"outcome": ("结果", "Outcome"), "next_date": ("下次联系", "Next contact")},
    )
    def finish(self, ctx: Ctx, outcome: str, next_date: date | None = None) -> Iterator[Problem]:
        """Say what came of it; a lead that was new is new no more (hub.flows.leads)."""
        if self.lead_id is None and self.customer_id is None:  # type: ignore[attr-defined]  # links have their columns
            yield problem(
                "NOBODY_MET",
                "请填写潜在客户或客户。",
                "Name the lead or the customer.",
                "customer",
                hint=("至少填写其中一项。", "One of them is enough."),
            )
        self.outcome, self.next_date = outcome, next_date or self.next_date

    @step("取消", "Cancel", source=InteractionState.PLANNED, target=InteractionState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """It did not take place."""


class SurveyState(Choice):
    """Whether the survey is done."""

    DRAFT = "draft", "草稿", "Draft"
    COMPLETED = "completed", "已完成", "Completed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class SurveyChannel(Choice):
    """How the customer was asked."""

    VISIT = "visit", "上门", "Visit"
    CALL = "call", "电话", "Call"
    ONLINE = "online", "线上", "Online"
    EXHIBITION = "exhibition", "展会", "Exhibition"


class CustomerSurvey(
    Document, label=("客户调研表", "Customer survey"), series=Series("CS-{yyyy}{mm}-{seq:05}"), access=_OURS
):
    """What a customer needs, from whom else he buys, and what we make of it."""

    state: Mapped[SurveyState] = field("状态", "State", default=SurveyState.DRAFT)
    survey_date: Mapped[date] = field("调研日期", "Survey date", default=today, index=True)
    customer: Mapped[Customer | None] = link(
        "客户", "Customer", inverse=("customer_surveys", "客户调研表", "Customer surveys")
    )
    topic: Mapped[str] = field("主题", "Topic")
    contact_name: Mapped[Name | None] = field("受访人", "Contact")
    sales_rep: Mapped[Employee | None] = link("业务员", "Sales representative")
    department: Mapped[Department | None] = link("部门", "Department")
    channel: Mapped[SurveyChannel] = field("方式", "Channel", default=SurveyChannel.VISIT)
    needs: Mapped[str | None] = field("需求", "Needs")
    competitors: Mapped[str | None] = field("竞争对手", "Competitors")
    budget: Mapped[Money | None] = field("预算", "Budget", unit="currency", minimum=0)
    conclusion: Mapped[str | None] = field("结论", "Conclusion")
    score: Mapped[int | None] = field("评分", "Score", minimum=0, maximum=100)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)

    @step("完成", "Complete", source=SurveyState.DRAFT, target=SurveyState.COMPLETED)
    def complete(self, ctx: Ctx) -> Iterator[Problem]:
        """What was heard and what follows from it must be said."""
        for name, value, chinese in (("needs", self.needs, "需求"), ("conclusion", self.conclusion, "结论")):
            if not value:
                yield problem("FIELD_MISSING", f"请填写{chinese}。", f"Fill in the {name}.", name)

    @step("取消", "Cancel", source=SurveyState.DRAFT, target=SurveyState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """It will not be made."""


class RequestState(Choice):
    """What has been decided about a request."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    APPROVED = "approved", "已批准", "Approved"
    CLOSED = "closed", "已关闭", "Closed"
    REJECTED = "rejected", "已驳回", "Rejected"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class CustomizationRequestLine(Line, label=("定制特性", "Customization request line"), of="CustomizationRequest"):
    """A characteristic that the customer asks for."""

    characteristic: Mapped[str] = field("特性", "Characteristic")
    value: Mapped[str] = field("要求", "Value")
    unit: Mapped[UnitOfMeasure | None] = link("单位", "Unit")
    note: Mapped[str | None] = field("备注", "Note")


class CustomizationRequest(
    Document,
    label=("大批量定制需求表", "Customization request"),
    series=Series("CR-{yyyy}{mm}-{seq:05}"),
    access=Access(
        read="sales.read",
        write="sales.write",
        rows=only(
            own_department("department"),
            mine("sales_rep"),
            written_by_me(),
            our_customer("customer"),
            unless="sales.all",
        ),
    ),
):
    """What a customer wants made to measure in large numbers, and whether we can."""

    state: Mapped[RequestState] = field("状态", "State", default=RequestState.DRAFT)
    request_date: Mapped[date] = field("日期", "Date", default=today, index=True)
    customer: Mapped[Customer] = link(
        "客户", "Customer", inverse=("customization_requests", "定制需求", "Customization requests")
    )
    sales_rep: Mapped[Employee | None] = link("业务员", "Sales representative")
    department: Mapped[Department | None] = link("部门", "Department")
    item: Mapped[Item | None] = link("参照产品", "Item")
    product_design: Mapped[ProductDesign | None] = link(
        "产品设计", "Product design", inverse=("customization_requests", "定制需求", "Customization requests"),
        editable_in=ANY_STATE,
    )  # fmt: skip
    requirement: Mapped[str] = field("需求描述", "Requirement")
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    target_price: Mapped[Price | None] = field("目标价", "Target price", unit="currency", minimum=0)
    wanted_date: Mapped[date | None] = field("期望日期", "Wanted by")
    feasible: Mapped[bool | None] = field("可行", "Feasible", editable_in=ANY_STATE)
    conclusion: Mapped[str | None] = field("结论", "Conclusion", editable_in=ANY_STATE)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[CustomizationRequestLine]] = lines("特性", "Characteristics")

    @step("提交", "Submit", source=RequestState.DRAFT, target=RequestState.SUBMITTED)
    def submit(self, ctx: Ctx) -> Iterator[Problem]:
        """Ask the designers whether it can be made."""
        if self.quantity <= 0:
            yield problem("QUANTITY_NOT_POSITIVE", "数量必须大于零。", "The quantity must be above zero.", "quantity")

    @step("批准", "Approve", source=RequestState.SUBMITTED, target=RequestState.APPROVED)
    def approve(self, ctx: Ctx) -> Iterator[Problem]:
        """It can be made: whether it is feasible has been looked at."""
        if not self.feasible:
            yield problem(
                "NOT_FEASIBLE",
                "请先评审可行性并勾选“可行”。",
                "Review it and mark it feasible first.",
                "feasible",
                hint=("评审后勾选。", "Mark it when it has been reviewed."),
            )

    @step(
        "驳回",
        "Reject",
        source=RequestState.SUBMITTED,
        target=RequestState.REJECTED,
        words={"reason": ("原因", "Reason")},
    )
    def reject(self, ctx: Ctx, reason: str) -> None:
        """It cannot be made so; its owner may revise it."""
        self.note = with_reason(self.note, reason)

    @step("改回草稿", "Revise", source=RequestState.REJECTED, target=RequestState.DRAFT)
    def revise(self, ctx: Ctx) -> None:
        """Open it again to ask in another way."""

    @step("关闭", "Close", source=RequestState.APPROVED, target=RequestState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """It has been made, or is wanted no more."""

    @step("取消", "Cancel", source=(RequestState.DRAFT, RequestState.SUBMITTED), target=RequestState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """The customer does not ask for it any more."""
