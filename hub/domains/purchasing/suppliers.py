"""Whom we buy from: who is admitted, on what evidence, and how good a supplier was by the facts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, func, select
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Document,
    Line,
    Name,
    Percent,
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
from hub.document.fields import Tables
from hub.errors import Invalid, Problem, Refused, problem
from hub.ledgers import supply
from hub.rules import scoring
from hub.rules.money import ZERO
from hub.rules.orders import with_reason
from hub.rules.validity import crossed

if TYPE_CHECKING:
    from hub.domains.organization import Department
    from hub.domains.parties import Supplier
    from hub.domains.people import Employee

LEAST_SCORE = Decimal(60)
"""A candidate of fewer points is not admitted."""


class SupplierAdmissionState(Choice):
    """What has been decided about an application to become our supplier."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    APPROVED = "approved", "已准入", "Admitted"
    REJECTED = "rejected", "已驳回", "Rejected"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class SampleResult(Choice):
    """What became of the candidate's samples."""

    NONE = "none", "未送样", "No samples"
    PASSED = "passed", "合格", "Passed"
    FAILED = "failed", "不合格", "Failed"


def _points(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """The weighted mean of the lines' scores; none without lines that count."""
    line = tables("SupplierAdmissionLine")
    mean = func.sum(line.c.weight * line.c.score) / func.nullif(func.sum(line.c.weight), 0)
    found = select(func.round(mean, 2)).where(line.c.supplier_admission_id == row.c.id)
    return found.correlate(row).scalar_subquery()


class SupplierAdmissionLine(Line, label=("供应商准入评审项", "Supplier admission line"), of="SupplierAdmission"):
    """A criterion by which a candidate was judged, with what was seen."""

    criterion: Mapped[Name] = field("评审项", "Criterion")
    weight: Mapped[Percent] = field("权重", "Weight", default=Decimal(1), minimum=0)
    score: Mapped[Percent] = field("得分", "Score", minimum=0, maximum=100)
    evidence: Mapped[str | None] = field("依据", "Evidence")


class SupplierAdmission(
    Document,
    label=("供应商准入", "Supplier admission"),
    series=Series("SA-{yyyy}-{seq:04}"),
    access=Access(
        read="purchasing.read",
        write="purchasing.write",
        rows=only(own_department("department"), mine("applicant"), written_by_me(), unless="purchasing.all"),
    ),
):
    """The examination of a supplier; approved, orders may be placed with it until the day it holds."""

    state: Mapped[SupplierAdmissionState] = field("状态", "State", default=SupplierAdmissionState.DRAFT)
    supplier: Mapped[Supplier] = link("供应商", "Supplier", inverse=("admissions", "准入评审", "Admissions"))
    application_date: Mapped[date] = field("申请日期", "Application date", default=today, index=True)
    category: Mapped[str | None] = field("供货类别", "Category")
    department: Mapped[Department | None] = link("部门", "Department")
    applicant: Mapped[Employee | None] = link("申请人", "Applicant")
    license_checked: Mapped[bool] = field("证照已核", "Licences checked", default=False)
    site_visit_score: Mapped[Percent | None] = field("现场评审得分", "Site visit", minimum=0, maximum=100)
    sample_result: Mapped[SampleResult] = field("样品结果", "Samples", default=SampleResult.NONE)
    quality_score: Mapped[Percent | None] = field("质量体系得分", "Quality system", minimum=0, maximum=100)
    capacity_note: Mapped[str | None] = field("产能说明", "Capacity")
    valid_until_date: Mapped[date | None] = field("有效期至", "Valid until")
    conclusion: Mapped[str | None] = field("评审结论", "Conclusion")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[SupplierAdmissionLine]] = lines("评审项", "Criteria")
    score: Mapped[Percent] = derived("评审得分", "Score", _points, filterable=True)

    @step("提交", "Submit", source=SupplierAdmissionState.DRAFT, target=SupplierAdmissionState.SUBMITTED)
    def submit(self, ctx: Ctx) -> None:
        """Hand the application over for the decision."""

    @step("准入", "Approve", source=SupplierAdmissionState.SUBMITTED, target=SupplierAdmissionState.APPROVED)
    def approve(self, ctx: Ctx) -> None:
        """Admit the supplier (see `hub.flows.procure_to_pay`), if licences, samples and points allow it."""
        Refused.raise_all(self._lacking())

    def _lacking(self) -> Iterator[Problem]:
        if not self.license_checked:
            yield problem(
                "LICENSE_UNCHECKED", "尚未核对证照。", "The licences have not been checked.", "licenseChecked"
            )
        if self.sample_result == SampleResult.FAILED:
            yield problem("SAMPLE_FAILED", "样品不合格。", "The samples did not pass.", "sampleResult")
        weight = sum((line.weight for line in self.lines), ZERO)
        if weight and sum((line.weight * line.score for line in self.lines), ZERO) < LEAST_SCORE * weight:
            yield problem(
                "ADMISSION_SCORE_LOW",
                f"评审得分低于 {LEAST_SCORE}。",
                f"The points are below {LEAST_SCORE}.",
                "lines",
            )
        if self.valid_until_date is not None and self.valid_until_date < today():
            yield problem(
                "ADMISSION_EXPIRED", "有效期已过。", "The day until which it holds has passed.", "validUntilDate"
            )

    @step(
        "驳回",
        "Reject",
        source=SupplierAdmissionState.SUBMITTED,
        target=SupplierAdmissionState.REJECTED,
        words={"reason": ("原因", "Reason")},
    )
    def reject(self, ctx: Ctx, reason: str) -> None:
        """Send the application back, with the reason kept in the note."""
        self.note = with_reason(self.note, reason)

    @step(
        "取消",
        "Cancel",
        source=(SupplierAdmissionState.DRAFT, SupplierAdmissionState.SUBMITTED),
        target=SupplierAdmissionState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """Give the application up."""

    @step(
        "撤销准入",
        "Revoke",
        source=SupplierAdmissionState.APPROVED,
        target=SupplierAdmissionState.CANCELLED,
        words={"reason": ("原因", "Reason")},
    )
    def revoke(self, ctx: Ctx, reason: str) -> None:
        """Take the admission back: the supplier is suspended, and gets no further orders."""
        self.note = with_reason(self.note, reason)


class SupplierEvaluationState(Choice):
    """What has been decided about an evaluation."""

    DRAFT = "draft", "草稿", "Draft"
    CONFIRMED = "confirmed", "已确认", "Confirmed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class SupplierGrade(Choice):
    """What a score amounts to."""

    A = "A", "优秀", "A"
    B = "B", "合格", "B"
    C = "C", "待改进", "C"
    D = "D", "不合格", "D"


def _total(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return supply.total_score(row)


def _score(chinese: str, english: str) -> Any:
    return field(chinese, english, minimum=0, maximum=100)


class SupplierEvaluation(
    Document,
    label=("供应商综合评价单", "Supplier evaluation"),
    series=Series("SE-{yyyy}-{seq:04}"),
    access=Access(
        read="purchasing.read",
        write="purchasing.write",
        rows=only(own_department("department"), mine("evaluator"), written_by_me(), unless="purchasing.all"),
    ),
):
    """How good a supplier was in a period: by facts, with what a person sets otherwise and why."""

    state: Mapped[SupplierEvaluationState] = field("状态", "State", default=SupplierEvaluationState.DRAFT)
    supplier: Mapped[Supplier] = link("供应商", "Supplier", inverse=("evaluations", "综合评价", "Evaluations"))
    from_date: Mapped[date] = field("起始日期", "From")
    until_date: Mapped[date] = field("截止日期", "Until")
    evaluation_date: Mapped[date] = field("评价日期", "Evaluation date", default=today, index=True)
    quality_score: Mapped[Percent | None] = _score("质量得分", "Quality")
    delivery_score: Mapped[Percent | None] = _score("交期得分", "Delivery")
    price_score: Mapped[Percent | None] = _score("价格得分", "Price")
    service_score: Mapped[Percent | None] = _score("服务得分", "Service")
    adjustment: Mapped[Percent] = field("调整分", "Adjustment", default=Decimal(0), minimum=-100, maximum=100)
    adjustment_reason: Mapped[str | None] = field("调整原因", "Reason of the adjustment")
    grade: Mapped[SupplierGrade | None] = field("等级", "Grade", computed=True)
    evaluator: Mapped[Employee | None] = link("评价人", "Evaluator")
    department: Mapped[Department | None] = link("部门", "Department")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    total_score: Mapped[Percent] = derived("综合得分", "Total score", _total, filterable=True)

    def prepare(self) -> None:
        """The period must be in order."""
        Invalid.raise_all(crossed(self.from_date, self.until_date, "untilDate"))

    @step("按事实计算", "Calculate", source=SupplierEvaluationState.DRAFT, target=SupplierEvaluationState.DRAFT)
    def calculate(self, ctx: Ctx) -> None:
        """Set quality, delivery and price to what receipts and orders of the period say; service is for people."""
        facts = supply.scores(ctx, self.supplier_id, self.from_date, self.until_date)  # type: ignore[attr-defined]  # the link's column
        self.quality_score, self.delivery_score, self.price_score = facts.quality, facts.delivery, facts.price

    @step("确认", "Confirm", source=SupplierEvaluationState.DRAFT, target=SupplierEvaluationState.CONFIRMED)
    def confirm(self, ctx: Ctx) -> None:
        """Give the grade; whoever differs from the facts says why. A supplier of grade D is suspended."""
        facts = supply.scores(ctx, self.supplier_id, self.from_date, self.until_date)  # type: ignore[attr-defined]  # the link's column
        given = (self.quality_score, self.delivery_score, self.price_score)
        differs = self.adjustment != 0 or given != (facts.quality, facts.delivery, facts.price)
        if differs and not self.adjustment_reason:
            raise Refused(
                problem(
                    "EVALUATION_REASON_MISSING",
                    "得分与事实不符或有调整，请填写调整原因。",
                    "The scores are not those of the facts, or were adjusted; say why.",
                    "adjustmentReason",
                    hint=("请先“按事实计算”，或填写原因。", "Calculate them from the facts, or give the reason."),
                )
            )
        scores = {name: getattr(self, f"{name}_score") for name in scoring.WEIGHTS}
        total = scoring.overall(scores)
        if total is None:
            raise Refused(
                problem(
                    "EVALUATION_EMPTY",
                    "没有任何得分。",
                    "There is no score at all.",
                    hint=("请填写至少一项得分。", "Give one score at least."),
                )
            )
        self.grade = SupplierGrade[scoring.grade(scoring.adjusted(total, self.adjustment))]

    @step(
        "取消",
        "Cancel",
        source=(SupplierEvaluationState.DRAFT, SupplierEvaluationState.CONFIRMED),
        target=SupplierEvaluationState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """The evaluation counts no more; who was suspended by it stays so until admitted anew."""
