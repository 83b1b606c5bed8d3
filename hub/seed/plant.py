"""What the demo company tells the hub of its works: site, shifts, machines, operations, and who is told of changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from hub.context import Ctx
from hub.document.edit import company_of
from hub.document.registry import spec
from hub.seed.cast import Machine
from hub.seed.workdays import HOLIDAYS
from hub.writes import create

Row = dict[str, Any]
SITE = {"code": "NB1", "name": "宁波北仑工厂", "city": "宁波"}
SHIFTS = (
    {"code": "D", "name": "白班", "starts_at": "08:00", "ends_at": "18:00", "break_minutes": 75},
    {"code": "N", "name": "夜班", "starts_at": "20:00", "ends_at": "06:00", "break_minutes": 75},
)
"""Two shifts of 8.75 hours each: what the presses run on a day."""
OPERATIONS = (
    {"code": "MOLD", "name": "注塑", "setup_minutes": "144", "inspection_required": True},
    {"code": "TRIM", "name": "修边", "standard_minutes": "0.2"},
    {"code": "PACK", "name": "包装", "standard_minutes": "0.1", "work_centre": "BZ-01"},
)
RULES = (
    {
        "code": "DESIGN-RELEASED",
        "name": "图纸发布通知生产",
        "document_type": "ProductDesign",
        "events": ["release"],
        "title": "{item.name} 的设计 {designVersion} 已发布，{startDate} 起启用",
        "recipients": [{"role": "planner"}, {"role": "workshop"}],
    },
    {
        "code": "CHANGE-APPROVED",
        "name": "技术变更通知生产",
        "document_type": "EngineeringChange",
        "events": ["approve"],
        "title": "技术变更 {number} 已批准：{reason}",
        "recipients": [{"role": "planner"}, {"role": "workshop"}, {"role": "quality"}],
    },
    {
        "code": "LOTS-FAILED",
        "name": "连续检验不合格通知质量",
        "document_type": "Inspection",
        "events": ["confirm"],
        "changed_fields": ["failedInARow"],
        "title": "{item.name} 连续 {failedInARow} 批检验不合格（{number}）",
        "recipients": [{"role": "quality"}],
    },
)
"""Who is told: production of a released drawing and an approved change, quality of the change and of failing lots."""


def tell(ctx: Ctx, machines: list[Machine]) -> None:
    """Makes what is not there yet; what somebody has changed since stays changed."""
    for document_type, rows in _rows(machines):
        table = spec(document_type).table
        known = set(ctx.session.execute(select(table.c.code).where(table.c.company_id == company_of(ctx))).scalars())
        for row in rows:
            if row["code"] not in known:
                create(ctx, document_type, row)


def _rows(machines: list[Machine]) -> Iterator[tuple[str, list[Row]]]:
    """Each after what it refers to."""
    yield "Site", [SITE]
    yield "Shift", list(SHIFTS)
    yield "WorkCalendar", [_calendar()]
    at = {"site": SITE["code"], "calendar": "TWO"}
    presses = [{"code": one.code, "name": f"注塑机 {one.tonnage}T", "kind": "machine", **at} for one in machines]
    yield "WorkCentre", [*presses, {"code": "BZ-01", "name": "包装线", "kind": "manual", **at}]
    yield "Operation", list(OPERATIONS)
    yield "NotificationRule", list(RULES)


def _calendar() -> Row:
    days = [first + timedelta(days=offset) for first, last in HOLIDAYS for offset in range((last - first).days + 1)]
    return {
        "code": "TWO",
        "name": "六天两班",
        "weekdays": list("123456"),
        "shifts": [{"shift": shift["code"]} for shift in SHIFTS],
        "exceptions": [{"day": day, "working": False, "reason": "节假日"} for day in days],
    }
