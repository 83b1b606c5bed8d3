"""What did not pass and what is done about it: nonconformances, and corrective action in the eight steps of 8D."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import ANY_STATE, Choice, Document, Line, Money, Quantity, Series, field, lines, link, step, today
from hub.domains.quality.inspecting import QUALITY, Disposition, Inspection
from hub.domains.quality.standards import DefectCode
from hub.errors import Problem, problem
from hub.ledgers import inspecting

if TYPE_CHECKING:
    from hub.domains.aftersales import QualityComplaint
    from hub.domains.items import Item
    from hub.domains.organization import Department
    from hub.domains.people import Employee
    from hub.domains.warehouse import Lot, Warehouse


class NonConformanceState(Choice):
    """How far it is decided what becomes of what did not pass."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "待评审", "Submitted"
    DECIDED = "decided", "已裁定", "Decided"
    CLOSED = "closed", "已关闭", "Closed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class NonConformance(
    Document, label=("不合格品处理", "Nonconformance"), series=Series("NC-{yyyy}{mm}-{seq:05}"), access=QUALITY
):
    """Goods that did not pass, found in an inspection or elsewhere, and what is to become of them.

    With a warehouse its quantity lies there frozen: deciding makes it available again (accepted, concession), takes it
    out of stock (scrap), or leaves it frozen for its return or until the rework is done.
    """

    state: Mapped[NonConformanceState] = field("状态", "State", default=NonConformanceState.DRAFT)
    found_date: Mapped[date] = field("发现日期", "Found on", default=today, index=True)
    inspection: Mapped[Inspection | None] = link(
        "检验单", "Inspection", inverse=("non_conformances", "不合格品处理", "Nonconformances")
    )
    quality_complaint: Mapped[QualityComplaint | None] = link(
        "质量问题", "Quality complaint", inverse=("non_conformances", "不合格品处理", "Nonconformances")
    )
    item: Mapped[Item] = link("存货", "Item", inverse=("non_conformances", "不合格品处理", "Nonconformances"))
    lot: Mapped[Lot | None] = link("批次", "Lot", inverse=("non_conformances", "不合格品处理", "Nonconformances"))
    warehouse: Mapped[Warehouse | None] = link("所在仓库", "Warehouse")
    quantity: Mapped[Quantity] = field("不合格数量", "Quantity", minimum=0)
    defect_code: Mapped[DefectCode | None] = link(
        "缺陷代码", "Defect code", inverse=("non_conformances", "不合格品处理", "Nonconformances")
    )
    description: Mapped[str | None] = field("不合格描述", "Description")
    disposition: Mapped[Disposition | None] = field("处置", "Disposition")
    responsible: Mapped[Employee | None] = link("责任人", "Responsible", editable_in=ANY_STATE)
    department: Mapped[Department | None] = link("责任部门", "Department", editable_in=ANY_STATE)
    due_date: Mapped[date | None] = field("要求完成日期", "Due on", editable_in=ANY_STATE)
    cost: Mapped[Money | None] = field("损失金额", "Cost", unit="currency", minimum=0, editable_in=ANY_STATE)
    cause: Mapped[str | None] = field("原因分析", "Cause", editable_in=ANY_STATE)
    closed_date: Mapped[date | None] = field("关闭日期", "Closed on", computed=True)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)

    @step("提交评审", "Submit", source=NonConformanceState.DRAFT, target=NonConformanceState.SUBMITTED)
    def submit(self, ctx: Ctx) -> Iterator[Problem]:
        """Ask for a decision; how much it concerns must be known."""
        if self.quantity <= 0:
            yield problem("QUANTITY_MISSING", "请填写不合格数量。", "Give the quantity.", "quantity")

    @step(
        "裁定",
        "Decide",
        source=NonConformanceState.SUBMITTED,
        target=NonConformanceState.DECIDED,
        words={"disposition": ("处置", "Disposition"), "day": ("日期", "Day")},
    )
    def decide(self, ctx: Ctx, disposition: str | None = None, day: date | None = None) -> Iterator[Problem]:
        """Say what becomes of it (accept, concession, rework, return, scrap); frozen stock moves, today or that day."""
        known = {one.value: one for one in Disposition}
        if disposition is not None and disposition not in known:
            choices = ", ".join(known)
            yield problem(
                "CHOICE_UNKNOWN", f"处置应为 {choices} 之一。", f"A disposition is one of {choices}.", "disposition"
            )
            return
        if disposition is not None:
            self.disposition = known[disposition]
        if self.disposition is None:
            yield problem("DISPOSITION_MISSING", "请选择处置方式。", "Name the disposition.", "disposition")
        elif self.warehouse_id is not None:  # type: ignore[attr-defined]  # the link's column
            if self.disposition in (Disposition.ACCEPT, Disposition.CONCESSION):
                inspecting.unfreeze(ctx, self, day or today())
            elif self.disposition is Disposition.SCRAP:
                inspecting.scrap(ctx, self, day or today())

    @step(
        "关闭",
        "Close",
        source=NonConformanceState.DECIDED,
        target=NonConformanceState.CLOSED,
        words={"day": ("日期", "Day")},
    )
    def close(self, ctx: Ctx, day: date | None = None) -> Iterator[Problem]:
        """It is done and its cause is known; what was reworked is available again, today or that day."""
        if not self.cause:
            yield problem("CAUSE_MISSING", "关闭前请填写原因分析。", "Write down the cause before closing.", "cause")
        self.closed_date = day or today()
        if self.disposition is Disposition.REWORK and self.warehouse_id is not None:  # type: ignore[attr-defined]
            inspecting.unfreeze(ctx, self, self.closed_date)

    @step(
        "取消",
        "Cancel",
        source=(NonConformanceState.DRAFT, NonConformanceState.SUBMITTED),
        target=NonConformanceState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """It was none; what is frozen stays so until somebody unlocks it."""


class CorrectiveActionState(Choice):
    """How far an 8D report has come."""

    DRAFT = "draft", "草稿", "Draft"
    STARTED = "started", "进行中", "Started"
    VERIFIED = "verified", "已验证", "Verified"
    CLOSED = "closed", "已关闭", "Closed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class CorrectiveActionTask(
    Line, label=("改进措施", "Corrective action task"), of="CorrectiveAction", collection="actions"
):
    """Something that somebody does by a day."""

    task: Mapped[str] = field("措施", "Task")
    responsible: Mapped[Employee | None] = link("责任人", "Responsible")
    due_date: Mapped[date | None] = field("要求完成日期", "Due on")
    done_date: Mapped[date | None] = field("完成日期", "Done on")
    result: Mapped[str | None] = field("结果", "Result")


def _missing(document: object, *names: tuple[str, str, str, str]) -> Iterator[Problem]:
    """STEP_OF_8D_MISSING for each of the fields (name, Chinese, English, path) that says nothing."""
    for name, chinese, english, path in names:
        if getattr(document, name) in (None, ""):
            yield problem("STEP_OF_8D_MISSING", f"请填写{chinese}。", f"Write down {english}.", path)


class CorrectiveAction(
    Document, label=("改进计划", "Corrective action"), series=Series("CA-{yyyy}{mm}-{seq:05}"), access=QUALITY
):
    """An 8D report: team, problem, containment, root cause, measures, their verification, prevention, recognition."""

    state: Mapped[CorrectiveActionState] = field("状态", "State", default=CorrectiveActionState.DRAFT)
    start_date: Mapped[date] = field("开始日期", "Start date", default=today, index=True)
    non_conformance: Mapped[NonConformance | None] = link(
        "不合格品处理", "Nonconformance", inverse=("corrective_actions", "改进计划", "Corrective actions")
    )
    quality_complaint: Mapped[QualityComplaint | None] = link(
        "质量问题", "Quality complaint", inverse=("corrective_actions", "改进计划", "Corrective actions")
    )
    leader: Mapped[Employee | None] = link("组长", "Leader")
    team: Mapped[str | None] = field("D1 小组", "D1 Team", editable_in=ANY_STATE)
    problem: Mapped[str | None] = field("D2 问题描述", "D2 Problem")
    containment: Mapped[str | None] = field("D3 临时措施", "D3 Containment", editable_in=ANY_STATE)
    root_cause: Mapped[str | None] = field("D4 根本原因", "D4 Root cause", editable_in=ANY_STATE)
    corrective_measures: Mapped[str | None] = field("D5 纠正措施", "D5 Corrective measures", editable_in=ANY_STATE)
    verification: Mapped[str | None] = field("D6 实施与验证", "D6 Verification", editable_in=ANY_STATE)
    prevention: Mapped[str | None] = field("D7 预防再发", "D7 Prevention", editable_in=ANY_STATE)
    recognition: Mapped[str | None] = field("D8 总结与表彰", "D8 Recognition", editable_in=ANY_STATE)
    due_date: Mapped[date | None] = field("要求完成日期", "Due on", editable_in=ANY_STATE)
    effective: Mapped[bool | None] = field("有效", "Effective", editable_in=ANY_STATE)
    department: Mapped[Department | None] = link("部门", "Department")
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    actions: Mapped[list[CorrectiveActionTask]] = lines("措施", "Actions")

    @step("启动", "Start", source=CorrectiveActionState.DRAFT, target=CorrectiveActionState.STARTED)
    def start(self, ctx: Ctx) -> Iterator[Problem]:
        """The team stands and the problem is described (D1, D2)."""
        if self.leader_id is None:  # type: ignore[attr-defined]  # the link's column
            yield problem("LEADER_MISSING", "请指定组长。", "Name the leader.", "leader")
        yield from _missing(self, ("problem", "问题描述（D2）", "the problem (D2)", "problem"))

    @step(
        "完成措施",
        "Finish task",
        source=CorrectiveActionState.STARTED,
        target=CorrectiveActionState.STARTED,
        words={
            "position": ("行号", "Position"),
            "done_date": ("完成日期", "Done on"),
            "result": ("结果", "Result"),
        },
    )
    def finish_task(self, ctx: Ctx, position: int, done_date: date, result: str | None = None) -> Iterator[Problem]:
        """A task is done."""
        found = next((one for one in self.actions if one.position == position), None)
        if found is None:
            yield problem("LINE_UNKNOWN", "没有这一行措施。", "There is no such task.", "position")
            return
        found.done_date, found.result = done_date, result

    @step("验证", "Verify", source=CorrectiveActionState.STARTED, target=CorrectiveActionState.VERIFIED)
    def verify(self, ctx: Ctx) -> Iterator[Problem]:
        """The cause is found, the measures are taken and were looked at (D3 to D6)."""
        yield from _missing(
            self,
            ("containment", "临时措施（D3）", "the containment (D3)", "containment"),
            ("root_cause", "根本原因（D4）", "the root cause (D4)", "rootCause"),
            ("corrective_measures", "纠正措施（D5）", "the corrective measures (D5)", "correctiveMeasures"),
            ("verification", "实施与验证（D6）", "the verification (D6)", "verification"),
        )
        for index, one in enumerate(self.actions):
            if one.done_date is None:
                yield problem(
                    "TASK_OPEN",
                    f"第 {index + 1} 项措施尚未完成。",
                    f"Task {index + 1} is not done yet.",
                    *("actions", str(index), "doneDate"),
                )

    @step("关闭", "Close", source=CorrectiveActionState.VERIFIED, target=CorrectiveActionState.CLOSED)
    def close(self, ctx: Ctx) -> Iterator[Problem]:
        """It cannot happen again, and whether the measures worked is known (D7, D8)."""
        yield from _missing(
            self,
            ("prevention", "预防再发（D7）", "the prevention (D7)", "prevention"),
            ("effective", "措施是否有效", "whether the measures worked", "effective"),
        )

    @step(
        "取消",
        "Cancel",
        source=(CorrectiveActionState.DRAFT, CorrectiveActionState.STARTED, CorrectiveActionState.VERIFIED),
        target=CorrectiveActionState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """Nothing is done about it after all."""
