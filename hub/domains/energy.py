"""Meters, their readings, and the corrections of those."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, exists, select
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import (
    Access,
    Choice,
    Code,
    Document,
    Ledger,
    Line,
    Master,
    Series,
    Value,
    derived,
    field,
    lines,
    link,
    step,
    today,
)
from hub.document.fields import Tables
from hub.ledgers import readings

if TYPE_CHECKING:
    from hub.domains.organization import Department

_ENERGY = Access(read="energy.read", write="energy.write")


class Medium(Choice):
    """What a meter measures."""

    ELECTRICITY = "electricity", "电", "Electricity"
    WATER = "water", "水", "Water"
    GAS = "gas", "气", "Gas"
    LIQUID = "liquid", "液", "Liquid"
    STEAM = "steam", "蒸汽", "Steam"
    COMPRESSED_AIR = "compressed_air", "压缩空气", "Compressed air"


class EnergyMeter(Master, label=("计量表", "Energy meter"), access=_ENERGY):
    """A meter; its code is the device's name at the collector."""

    medium: Mapped[Medium] = field("介质", "Medium", default=Medium.ELECTRICITY)
    unit: Mapped[Code] = field("单位", "Unit", default="kWh")
    multiplier: Mapped[Value] = field("倍率", "Multiplier", default=Decimal(1), minimum=0)
    place: Mapped[str | None] = field("位置", "Place")
    parent: Mapped[EnergyMeter | None] = link("上级表", "Parent meter", inverse=("children", "下级表", "Sub-meters"))
    department: Mapped[Department | None] = link("部门", "Department")


def _in_force(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    later = tables("Reading")
    same = (later.c[name] == row.c[name] for name in ("meter_id", "metric", "read_at"))
    return ~exists(select(later.c.id).where(*same, later.c.revision > row.c.revision)).correlate(row)


class Reading(Ledger, label=("读数", "Reading"), access=_ENERGY, unique=("meter_id", "metric", "read_at", "revision")):
    """What a meter showed at a moment; each is stored once. A correction is a later revision, the first one stays."""

    meter: Mapped[EnergyMeter] = link("计量表", "Meter", inverse=("readings", "读数", "Readings"))
    metric: Mapped[Code] = field("量", "Metric")
    read_at: Mapped[datetime] = field("读数时间", "Read at")
    value: Mapped[Value] = field("值", "Value")
    quality: Mapped[int] = field("质量码", "Quality", default=0)
    revision: Mapped[int] = field("更正次数", "Revision", default=0, minimum=0)
    document_type: Mapped[Code | None] = field("单据类型", "Document type")
    document_number: Mapped[Code | None] = field("单据号", "Document number")
    in_force: Mapped[bool] = derived("有效", "In force", _in_force, filterable=True)


class CorrectionState(Choice):
    """What has been decided about a correction."""

    DRAFT = "draft", "草稿", "Draft"
    POSTED = "posted", "已更正", "Posted"
    CANCELLED = "cancelled", "已作废", "Void"


class ReadingCorrectionLine(Line, label=("读数更正明细", "Reading correction line"), of="ReadingCorrection"):
    """What a meter really showed at a moment; without a value the reading is void."""

    meter: Mapped[EnergyMeter] = link("计量表", "Meter")
    metric: Mapped[Code] = field("量", "Metric")
    read_at: Mapped[datetime] = field("读数时间", "Read at")
    value: Mapped[Value | None] = field("更正值", "Right value")


class ReadingCorrection(
    Document, label=("读数更正", "Reading correction"), series=Series("RC-{yyyy}{mm}-{seq:04}"), access=_ENERGY
):
    """Readings that were wrong, and why: readers see the corrected values, the ledger keeps both."""

    state: Mapped[CorrectionState] = field("状态", "State", default=CorrectionState.DRAFT)
    correction_date: Mapped[date] = field("日期", "Date", default=today, index=True)
    reason: Mapped[str] = field("原因", "Reason")
    lines: Mapped[list[ReadingCorrectionLine]] = lines("明细", "Lines", at_least=1)

    @step("更正", "Post", source=CorrectionState.DRAFT, target=CorrectionState.POSTED)
    def post(self, ctx: Ctx) -> None:
        """Put the right values in the place of the wrong ones."""
        readings.correct(ctx, self)

    @step(
        "作废",
        "Cancel",
        source=(CorrectionState.DRAFT, CorrectionState.POSTED),
        target=CorrectionState.CANCELLED,
    )
    def cancel(self, ctx: Ctx) -> None:
        """Put back what was read before."""
        readings.restore(ctx, self)
