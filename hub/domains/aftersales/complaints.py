"""Complaints about quality, and goods that customers want to give back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Choice,
    Document,
    Line,
    Name,
    Quantity,
    Series,
    field,
    lines,
    link,
    step,
    today,
)
from hub.domains.aftersales.rights import OPEN
from hub.errors import Problem, problem
from hub.rules.orders import not_positive, with_reason

if TYPE_CHECKING:
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.parties import Customer
    from hub.domains.people import Employee
    from hub.domains.quality import DefectCode
    from hub.domains.sales import SalesOrder, SalesOrderLine
    from hub.domains.warehouse import Delivery, Lot


class ComplaintState(Choice):
    """What has been decided about a complaint."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    ACCEPTED = "accepted", "已受理", "Accepted"
    CLOSED = "closed", "已关闭", "Closed"
    REJECTED = "rejected", "已驳回", "Rejected"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class Severity(Choice):
    """How bad it is for the customer."""

    MINOR = "minor", "轻微", "Minor"
    MAJOR = "major", "严重", "Major"
    CRITICAL = "critical", "致命", "Critical"


class Demand(Choice):
    """What the customer wants."""

    EXPLANATION = "explanation", "说明原因", "Explanation"
    REPLACEMENT = "replacement", "换货", "Replacement"
    RETURN = "return", "退货", "Return"
    CREDIT = "credit", "折让", "Credit"
    REDESIGN = "redesign", "改进设计", "Better design"


class QualityComplaint(
    Document,
    label=("产品质量问题与设计优化", "Quality complaint"),
    series=Series("QC-{yyyy}{mm}-{seq:05}"),
    access=OPEN,
):
    """What a customer finds wrong with goods, who answers for it, and what we found to be the cause."""

    state: Mapped[ComplaintState] = field("状态", "State", default=ComplaintState.DRAFT)
    complaint_date: Mapped[date] = field("投诉日期", "Date", default=today, index=True)
    customer: Mapped[Customer] = link(
        "客户", "Customer", inverse=("quality_complaints", "质量问题", "Quality complaints")
    )
    sales_order: Mapped[SalesOrder | None] = link(
        "客户订单", "Sales order", inverse=("quality_complaints", "质量问题", "Quality complaints")
    )
    delivery: Mapped[Delivery | None] = link(
        "送货单", "Delivery", inverse=("quality_complaints", "质量问题", "Quality complaints")
    )
    item: Mapped[Item] = link("存货", "Item", inverse=("quality_complaints", "质量问题", "Quality complaints"))
    lot: Mapped[Lot | None] = link("批次", "Lot", inverse=("quality_complaints", "质量问题", "Quality complaints"))
    quantity: Mapped[Quantity] = field("数量", "Quantity", minimum=0)
    defect_code: Mapped[DefectCode | None] = link(
        "缺陷代码", "Defect code", inverse=("quality_complaints", "质量问题", "Quality complaints")
    )
    severity: Mapped[Severity] = field("严重程度", "Severity", default=Severity.MAJOR)
    description: Mapped[str] = field("问题描述", "Description")
    contact_name: Mapped[Name | None] = field("联系人", "Contact")
    demand: Mapped[Demand] = field("客户诉求", "Demand", default=Demand.EXPLANATION)
    department: Mapped[Department | None] = link("责任部门", "Department", editable_in=ANY_STATE)
    responsible: Mapped[Employee | None] = link("责任人", "Responsible", editable_in=ANY_STATE)
    cause: Mapped[str | None] = field("原因", "Cause", editable_in=ANY_STATE)
    answer: Mapped[str | None] = field("答复", "Answer", computed=True)
    answered_date: Mapped[date | None] = field("答复日期", "Answered", computed=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)

    @step("提交", "Submit", source=ComplaintState.DRAFT, target=ComplaintState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Hand it to quality."""

    @step("受理", "Accept", source=ComplaintState.SUBMITTED, target=ComplaintState.ACCEPTED)
    def accept(self, ctx: Ctx) -> None:
        """It is ours to mend."""

    @step(
        "答复",
        "Reply",
        source=ComplaintState.ACCEPTED,
        target=ComplaintState.ACCEPTED,
        words={"answer": ("答复", "Answer"), "cause": ("原因", "Cause")},
    )
    def reply(self, ctx: Ctx, answer: str, cause: str | None = None) -> None:
        """Tell the customer what was found and what becomes of it."""
        self.answer, self.answered_date, self.cause = answer, today(), cause or self.cause

    @step("关闭", "Close", source=ComplaintState.ACCEPTED, target=ComplaintState.CLOSED)
    def close(self, ctx: Ctx) -> Iterator[Problem]:
        """It is mended; the customer has an answer and we know the cause."""
        if not self.answer:
            yield problem(
                "ANSWER_MISSING", "请先答复客户。", "Reply to the customer first.", "answer", hint=_REPLY_FIRST
            )
        if not self.cause:
            yield problem("CAUSE_MISSING", "请填写原因。", "Name the cause.", "cause", hint=_REPLY_FIRST)

    @step(
        "驳回",
        "Reject",
        source=ComplaintState.SUBMITTED,
        target=ComplaintState.REJECTED,
        words={"reason": ("原因", "Reason")},
    )
    def reject(self, ctx: Ctx, reason: str) -> None:
        """It is not ours; the reason is kept in the note."""
        self.note = with_reason(self.note, reason)

    @step("取消", "Cancel", source=(ComplaintState.DRAFT, ComplaintState.SUBMITTED), target=ComplaintState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """The customer takes it back."""


_REPLY_FIRST = ("请使用“答复”填写。", "Take the step Reply.")


class ReturnState(Choice):
    """What has been decided about a request to return goods."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    APPROVED = "approved", "已批准", "Approved"
    CLOSED = "closed", "已关闭", "Closed"
    REJECTED = "rejected", "已驳回", "Rejected"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class Resolution(Choice):
    """What the customer gets for goods that come back."""

    REPLACE = "replace", "换货", "Replace"
    CREDIT = "credit", "折让", "Credit"
    REFUND = "refund", "退款", "Refund"
    REPAIR = "repair", "维修", "Repair"


class ReturnRequestLine(Line, label=("退换货申请明细", "Return request line"), of="ReturnRequest"):
    """Goods that a customer wants to give back, and how many of them we take."""

    order_line: Mapped[SalesOrderLine | None] = link(
        "客户订单行", "Sales order line", inverse=("return_lines", "退换货明细", "Return lines")
    )
    item: Mapped[Item] = link("存货", "Item")
    lot: Mapped[Lot | None] = link("批次", "Lot")
    quantity: Mapped[Quantity] = field("申请数量", "Quantity", minimum=0)
    accepted_quantity: Mapped[Quantity] = field("批准数量", "Accepted quantity", default=Decimal(0), minimum=0)
    resolution: Mapped[Resolution | None] = field("处理方式", "Resolution")


class ReturnRequest(
    Document,
    label=("退换货质量申请", "Return request"),
    series=Series("RR-{yyyy}{mm}-{seq:05}"),
    access=OPEN,
):
    """What a customer wants to give back and why; approved, it leads to a return, a replacement or a credit."""

    state: Mapped[ReturnState] = field("状态", "State", default=ReturnState.DRAFT)
    request_date: Mapped[date] = field("申请日期", "Date", default=today, index=True)
    customer: Mapped[Customer] = link("客户", "Customer", inverse=("return_requests", "退换货申请", "Return requests"))
    sales_order: Mapped[SalesOrder | None] = link(
        "客户订单", "Sales order", inverse=("return_requests", "退换货申请", "Return requests")
    )
    delivery: Mapped[Delivery | None] = link(
        "送货单", "Delivery", inverse=("return_requests", "退换货申请", "Return requests")
    )
    quality_complaint: Mapped[QualityComplaint | None] = link(
        "质量问题", "Quality complaint", inverse=("return_requests", "退换货申请", "Return requests")
    )
    reason: Mapped[str] = field("原因", "Reason")
    resolution: Mapped[Resolution] = field("处理方式", "Resolution", default=Resolution.REPLACE)
    department: Mapped[Department | None] = link("部门", "Department")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[ReturnRequestLine]] = lines("明细", "Lines", at_least=1)

    @step("提交", "Submit", source=ReturnState.DRAFT, target=ReturnState.SUBMITTED)
    def submit(self, ctx: Ctx) -> Iterator[Problem]:
        """Ask for it: more cannot come back than was shipped (hub.flows.aftersales)."""
        yield from not_positive(line.quantity for line in self.lines)

    @step("批准", "Approve", source=ReturnState.SUBMITTED, target=ReturnState.APPROVED)
    def approve(self, ctx: Ctx) -> Iterator[Problem]:
        """Take the goods back: what no line says otherwise, all of it."""
        for index, line in enumerate(self.lines):
            if line.accepted_quantity > line.quantity:
                yield problem(
                    "ACCEPTED_TOO_MUCH",
                    f"第 {index + 1} 行批准数量超过申请数量。",
                    f"Line {index + 1}: more is accepted than asked for.",
                    *("lines", str(index), "acceptedQuantity"),
                    hint=("请减少批准数量。", "Accept less."),
                )
            line.accepted_quantity = line.accepted_quantity or line.quantity

    @step(
        "驳回",
        "Reject",
        source=ReturnState.SUBMITTED,
        target=ReturnState.REJECTED,
        words={"reason": ("原因", "Reason")},
    )
    def reject(self, ctx: Ctx, reason: str) -> None:
        """The goods stay with the customer; the reason is kept in the note."""
        self.note = with_reason(self.note, reason)

    @step("关闭", "Close", source=ReturnState.APPROVED, target=ReturnState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """The customer has what was promised."""

    @step("取消", "Cancel", source=(ReturnState.DRAFT, ReturnState.SUBMITTED), target=ReturnState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """The customer takes it back."""
