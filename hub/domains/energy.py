"""Meters and their readings."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.document import Access, Choice, Code, Ledger, Master, Value, field, link

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


class Reading(Ledger, label=("读数", "Reading"), access=_ENERGY, unique=("meter_id", "metric", "read_at")):
    """What a meter showed at a moment; each is stored once."""

    meter: Mapped[EnergyMeter] = link("计量表", "Meter", inverse=("readings", "读数", "Readings"))
    metric: Mapped[Code] = field("量", "Metric")
    read_at: Mapped[datetime] = field("读数时间", "Read at")
    value: Mapped[Value] = field("值", "Value")
    quality: Mapped[int] = field("质量码", "Quality", default=0)
