"""Work reported: who worked how long on what, and the ledger that keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, Text, and_, cast, func, select
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
    Value,
    derived,
    field,
    lines,
    link,
    step,
    today,
)
from hub.document.derive import sum_of
from hub.document.fields import DerivedSQL, Tables
from hub.errors import Problem
from hub.ledgers import hours, reporting

if TYPE_CHECKING:
    from hub.domains.equipment import Asset
    from hub.domains.people import Employee
    from hub.domains.plant import Shift, WorkCentre
    from hub.domains.production import ProductionOrder, ProductionOrderOperation
    from hub.domains.quality import DefectCode
    from hub.domains.warehouse import Lot

_WORK = Access(read="production.read", write="production.write")


class ReportState(Choice):
    """What has been decided about a report of work."""

    DRAFT = "draft", "草稿", "Draft"
    POSTED = "posted", "已记工", "Posted"
    CANCELLED = "cancelled", "已作废", "Void"


class ExceptionKind(Choice):
    """What went wrong at work."""

    MACHINE = "machine", "设备故障", "Machine trouble"
    MOULD = "mould", "模具故障", "Mould trouble"
    MATERIAL = "material", "缺料", "Material missing"
    QUALITY = "quality", "质量异常", "Quality trouble"
    STAFF = "staff", "人员不足", "People missing"
    POWER = "power", "停电停气", "Power or air missing"
    OTHER = "other", "其他", "Other"


def _total(column: str) -> DerivedSQL:
    return sum_of("OperationReportLine", column, of="operation_report")


def _of_the_day(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """The good pieces of the same person and day, in posted reports."""
    own, line, report = tables("OperationReport"), tables("OperationReportLine"), tables("OperationReport")
    day = select(own.c.work_date).where(own.c.id == row.c.operation_report_id).correlate(row).scalar_subquery()
    total = (
        select(func.coalesce(func.sum(line.c.good_quantity), 0))
        .select_from(line.join(report, report.c.id == line.c.operation_report_id))
        .where(line.c.employee_id == row.c.employee_id, report.c.work_date == day, report.c.state == "posted")
    )
    return total.correlate(row).scalar_subquery()


def _answer(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """What the person at the machine hears."""
    pieces = cast(func.trim_scale(_of_the_day(row, tables)), Text)
    return func.concat("已完成！今日累计完成 ", pieces, " 件")


def _next_operation(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """The operation that follows in the order, for whoever must know that it can begin; null after the last one."""
    done, following, operation = (
        tables(name) for name in ("ProductionOrderOperation", "ProductionOrderOperation", "Operation")
    )
    found = (
        select(func.concat_ws(" ", cast(following.c.sequence, Text), operation.c.name))
        .select_from(
            done.join(
                following,
                and_(
                    following.c.production_order_id == done.c.production_order_id,
                    following.c.sequence > done.c.sequence,
                ),
            ).outerjoin(operation, operation.c.id == following.c.operation_id)
        )
        .where(done.c.id == row.c.order_operation_id)
        .order_by(following.c.sequence)
        .limit(1)
    )
    return found.correlate(row).scalar_subquery()


class OperationReportLine(Line, label=("工序报工明细", "Operation report line"), of="OperationReport"):
    """What a person did at an operation: good and scrapped pieces, minutes. Hours are minutes where those are given."""

    employee: Mapped[Employee] = link("人员", "Employee")
    operation: Mapped[Name | None] = field("工序", "Operation")
    order_operation: Mapped[ProductionOrderOperation | None] = link(
        "订单工序", "Operation of the order", inverse=("report_lines", "报工明细", "Reports")
    )
    work_centre: Mapped[WorkCentre | None] = link("工作中心", "Work centre")
    equipment: Mapped[Asset | None] = link("设备", "Equipment", inverse=("report_lines", "报工明细", "Reports"))
    good_quantity: Mapped[Quantity] = field("合格数量", "Good quantity", default=Decimal(0), minimum=0)
    scrap_quantity: Mapped[Quantity] = field("报废数量", "Scrap quantity", default=Decimal(0), minimum=0)
    defect_code: Mapped[DefectCode | None] = link("缺陷代码", "Defect code")
    minutes: Mapped[Value | None] = field("用时", "Minutes", unit="min", minimum=0)
    hours: Mapped[Quantity] = field("工时", "Hours", default=Decimal(0), unit="h", minimum=0)
    lot: Mapped[Lot | None] = link("批次", "Lot", inverse=("report_lines", "报工明细", "Reports"))
    points: Mapped[Value] = field("积分", "Points", default=Decimal(0), computed=True, restricted="base.cost")
    day_quantity: Mapped[Quantity] = derived("今日累计", "Pieces of the day", _of_the_day)
    answer: Mapped[str] = derived("报工反馈", "Answer", _answer)
    next_operation: Mapped[str | None] = derived("下道工序", "Next operation", _next_operation)
    note: Mapped[str | None] = field("备注", "Note")


class OperationReport(
    Document, label=("工序报工", "Operation report"), series=Series("OR-{yyyy}{mm}-{seq:05}"), access=_WORK
):
    """Work of a day, for a production order or for what its lines say: pieces, hours, and what went wrong."""

    state: Mapped[ReportState] = field("状态", "State", default=ReportState.DRAFT)
    work_date: Mapped[date] = field("日期", "Work date", default=today, index=True)
    production_order: Mapped[ProductionOrder | None] = link(
        "生产订单", "Production order", inverse=("operation_reports", "工序报工", "Operation reports")
    )
    shift: Mapped[Shift | None] = link("班次", "Shift")
    exception_kind: Mapped[ExceptionKind | None] = field("异常类型", "Kind of trouble")
    exception_note: Mapped[str | None] = field("异常说明", "What went wrong", editable_in=ANY_STATE)
    note: Mapped[str | None] = field("备注", "Note", editable_in=ANY_STATE)
    lines: Mapped[list[OperationReportLine]] = lines("明细", "Lines", at_least=1)
    total_hours: Mapped[Quantity] = derived("工时合计", "Total hours", _total("hours"), unit="h")
    good_quantity: Mapped[Quantity] = derived("合格数量", "Good quantity", _total("good_quantity"))
    scrap_quantity: Mapped[Quantity] = derived("报废数量", "Scrap quantity", _total("scrap_quantity"))

    def prepare(self) -> None:
        """Minutes make hours."""
        for line in self.lines:
            if line.minutes is not None:
                line.hours = (line.minutes / 60).quantize(Decimal("0.0001"), ROUND_HALF_UP)

    @step("记工", "Post", source=ReportState.DRAFT, target=ReportState.POSTED)
    def post(self, ctx: Ctx) -> Iterator[Problem]:
        """Enter hours and pieces; nobody works more than 24 hours in a day, pieces need a released order."""
        yield from reporting.unfit(ctx, self)
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
