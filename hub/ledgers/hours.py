"""The ledger of hours: who worked how long on what, never changed; a report taken back leaves negative rows.

The hours of a person and day are kept beside it by a trigger (`hub.db.books`) and can be no more than a day has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, ForeignKey, Numeric, Table, Uuid, func, insert, select

from hub.context import Ctx
from hub.document import direct
from hub.document.registry import metadata, spec
from hub.errors import Problem, Refused, problem
from hub.ledgers import periods

DAY = Decimal(24)

hours_balance = Table(
    "hours_balance",
    metadata,
    Column("company_id", Uuid, ForeignKey("hub.company.id"), primary_key=True),
    Column("employee_id", Uuid, ForeignKey("hub.employee.id"), primary_key=True),
    Column("work_date", Date, primary_key=True),
    Column("hours", Numeric(20, 4), nullable=False),
    schema="hub",
    comment="每日工时 (Hours per person and day, kept by the ledger's trigger)",
)


@dataclass(frozen=True)
class Worked:
    """Hours of a person for a line of a report."""

    employee_id: UUID
    hours: Decimal
    position: int
    operation: str | None = None
    note: str | None = None


_HELD = direct.Asked(
    "SELECT employee_id, hours FROM hub.hours_balance WHERE company_id = :company AND work_date = :day "
    "AND employee_id = ANY(:ids) ORDER BY employee_id FOR UPDATE"
)
_INSERT = (
    b"INSERT INTO hub.hours_entry (company_id, work_date, employee_id, hours, production_order_id, operation, "
    b"document_type, document_number, line_position, note, recorded_by) "
    b"SELECT company_id, work_date, employee_id, hours, production_order_id, operation, document_type, "
    b"document_number, line_position, note, recorded_by FROM json_populate_recordset(NULL::hub.hours_entry, $1)"
)


def post(ctx: Ctx, document: Any, *, day: date, worked: Sequence[Worked], day_path: str = "workDate") -> None:
    """Write the hours of a report.

    Raises:
        Refused: PERIOD_CLOSED, HOURS_NOT_POSITIVE and HOURS_OF_A_DAY for each line.
    """
    periods.opened(ctx, document.company_id, day, day_path)
    Refused.raise_all(_wrong(ctx, document.company_id, day, worked))
    common = {
        "company_id": document.company_id,
        "work_date": day,
        "production_order_id": document.production_order_id,
        "document_type": type(document).__name__,
        "document_number": document.number,
        "recorded_by": ctx.viewer.user_id,
    }
    rows = [
        common
        | {
            "employee_id": one.employee_id,
            "hours": one.hours,
            "line_position": one.position,
            "operation": one.operation,
            "note": one.note,
        }
        for one in sorted(worked, key=lambda one: one.employee_id)  # the order in which their days are locked
    ]
    direct.send(ctx.session, (_INSERT, [direct.as_json(rows)]))


def _wrong(ctx: Ctx, company_id: UUID, day: date, worked: Sequence[Worked]) -> Iterator[Problem]:
    """Lines of no time, and lines with which somebody's day would have more than 24 hours."""
    held = _HELD.rows(
        ctx.session, {"company": company_id, "day": day, "ids": sorted({one.employee_id for one in worked})}
    )
    total: dict[UUID, Decimal] = defaultdict(Decimal, {row.employee_id: row.hours for row in held})
    for index, one in enumerate(worked):
        if one.hours <= 0:
            yield problem(
                "HOURS_NOT_POSITIVE",
                f"第 {index + 1} 行工时必须大于零。",
                f"Line {index + 1}: the hours must be above zero.",
                *("lines", str(index), "hours"),
            )
        total[one.employee_id] += one.hours
        if total[one.employee_id] > DAY:
            shown = f"{total[one.employee_id].normalize():f}"
            yield problem(
                "HOURS_OF_A_DAY",
                f"第 {index + 1} 行：该人员当天共 {shown} 小时，超过 24 小时。",
                f"Line {index + 1}: {shown} hours of one person on one day, which has 24.",
                *("lines", str(index), "hours"),
            )


def reverse(ctx: Ctx, document: Any, *day_path: str) -> None:
    """Take a report's hours back, on the days on which they were worked; Refused PERIOD_CLOSED."""
    entry = spec("HoursEntry").table
    kept = ("company_id", "work_date", "employee_id", "production_order_id", "operation", "line_position")
    left = select(*(entry.c[name] for name in kept), func.sum(entry.c.hours).label("hours")).where(
        entry.c.company_id == document.company_id,
        entry.c.document_type == type(document).__name__,
        entry.c.document_number == document.number,
    )
    summed = left.group_by(*(entry.c[name] for name in kept)).having(func.sum(entry.c.hours) != 0)
    rows = [dict(row) for row in ctx.session.execute(summed.order_by(entry.c.employee_id)).mappings()]
    for day in sorted({row["work_date"] for row in rows}):
        periods.opened(ctx, document.company_id, day, *day_path)
    common = {
        "document_type": type(document).__name__,
        "document_number": document.number,
        "recorded_by": ctx.viewer.user_id,
        "note": "冲销 Reversal",
    }
    if rows:
        ctx.session.execute(insert(entry), [{**row, **common, "hours": -row["hours"]} for row in rows])
