"""Work reported: who worked how long on what, and the ledger that keeps it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    ANY_STATE,
    Access,
    Choice,
    Code,
    Document,
    Ledger,
    Line,
    Name,
    Quantity,
    Series,
    derived,
    field,
    lines,
    link,
    step,
    today,
)
from hub.document.derive import sum_of
from hub.ledgers import hours

if TYPE_CHECKING:
    from hub.domains.people import Employee
    from hub.domains.production import ProductionOrder

_WORK = Access(read="production.read", write="production.write")


class ReportState(Choice):
    """What has been decided about a report of work."""

    DRAFT = "draft", "草稿", "Draft"
    POSTED = "posted", "已记工", "Posted"
    CANCELLED = "cancelled", "已作废", "Void"


class OperationReportLine(Line, label=("工序报工明细", "Operation report line"), of="OperationReport"):
    """A person's hours on an operation."""

    employee: Mapped[Employee] = link("人员", "Employee")
    operation: Mapped[Name | None] = field("工序", "Operation")
    hours: Mapped[Quantity] = field("工时", "Hours", unit="h", minimum=0)
    note: Mapped[str | None] = field("备注", "Note")


class OperationReport(
    Document, label=("工序报工", "Operation report"), series=Series("OR-{yyyy}{mm}-{seq:05}"), access=_WORK
):
    """Hours of a day, for a production order or for what its lines say."""

    state: Mapped[ReportState] = field("状态", "State", default=ReportState.DRAFT)
    work_date: Mapped[date] = field("日期", "Work date", default=today, index=True)
    production_order: Mapped[ProductionOrder | None] = link(
        "生产订单", "Production order", inverse=("operation_reports", "工序报工", "Operation reports")
    )
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[OperationReportLine]] = lines("明细", "Lines", at_least=1)
    total_hours: Mapped[Quantity] = derived(
        "工时合计", "Total hours", sum_of("OperationReportLine", "hours", of="operation_report"), unit="h"
    )

    @step("记工", "Post", source=ReportState.DRAFT, target=ReportState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Enter the hours; nobody works more than 24 of them in a day."""
        worked = [
            hours.Worked(line.employee_id, line.hours, line.position, line.operation, line.note)  # type: ignore[attr-defined]  # the link's column
            for line in self.lines
        ]
        hours.post(ctx, self, day=self.work_date, worked=worked)

    @step("作废", "Cancel", source=(ReportState.DRAFT, ReportState.POSTED), target=ReportState.CANCELLED)
    def cancel(self, ctx: Ctx) -> None:
        """Take the hours back."""
        hours.reverse(ctx, self)


class HoursEntry(Ledger, label=("工时流水", "Hours entry"), access=_WORK, plural="HoursEntries"):
    """Hours that a person worked; the total is always the sum."""

    work_date: Mapped[date] = field("日期", "Work date", index=True)
    employee: Mapped[Employee] = link("人员", "Employee", inverse=("hours_entries", "工时流水", "Hours entries"))
    hours: Mapped[Quantity] = field("工时", "Hours", unit="h")
    production_order: Mapped[ProductionOrder | None] = link(
        "生产订单", "Production order", inverse=("hours_entries", "工时流水", "Hours entries")
    )
    operation: Mapped[Name | None] = field("工序", "Operation")
    document_type: Mapped[Code | None] = field("单据类型", "Document type")
    document_number: Mapped[Code | None] = field("单据号", "Document number", index=True)
    line_position: Mapped[int | None] = field("单据行", "Document line")
    note: Mapped[str | None] = field("备注", "Note")
