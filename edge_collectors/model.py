"""Device files (devices/*.toml): the register map of a make, written once and used by every site.

Every key is checked and every point made when the file is read, so a mistake is a sentence at the start, not a wrong
value a month later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from edge_collectors.errors import EdgeError
from edge_collectors.registers import BIT_TABLES, ORDERS, TABLES, TYPES, Point
from edge_collectors.strict import Table, read_toml

PACKAGE = Path(__file__).parent
POINT_KEYS = {
    *("at", "type", "order", "table", "unit", "scale", "offset", "counter", "every"),
    *("report", "deadband", "heartbeat", "valid", "invalid", "bit"),
}
DEFAULT_KEYS = (POINT_KEYS - {"at", "unit", "counter", "bit"}) | {"max_registers", "max_gap", "base"}
MODEL_KEYS = {"model", "kind", "source", "defaults", "points", "clock", "end"}
KINDS = ("electricity", "water", "gas", "air", "steam", "heat", "machine")


@dataclass(frozen=True, slots=True)
class Model:
    """A register map: the keys of each point as written (defaults laid under), ready for a site's overrides."""

    name: str
    kind: str
    entries: Mapping[str, Mapping[str, Any]]
    clock: Point | None
    end: Point | None
    base: int
    max_registers: int
    max_gap: int | None

    def points(self) -> list[Point]:
        """All points of the model, as they are without a site's overrides."""
        has_clock = self.clock is not None
        return [point_of(m, entry, f"{self.name} {m}", self.base, has_clock) for m, entry in self.entries.items()]


def load_model(name: str, beside: Path | None = None) -> Model:
    """The register map of a packaged model by its name, or of a TOML file beside the site file. Raises EdgeError."""
    path = (beside or Path()) / name if name.endswith(".toml") else PACKAGE / "devices" / f"{name}.toml"
    if not path.exists():
        known = "、".join(sorted(file.stem for file in (PACKAGE / "devices").glob("*.toml")))
        raise EdgeError(f"没有型号“{name}”；已有：{known}。", f'There is no model "{name}"; known: {known}.')
    top = Table(read_toml(path), path.name, MODEL_KEYS)
    defaults = Table(top.table("defaults"), f"{path.name} [defaults]", DEFAULT_KEYS)
    base = defaults.integer("base", 0, 0, 1)
    under = {key: value for key, value in defaults.values.items() if key in POINT_KEYS}
    entries = {}
    for metric, entry in top.table("points").items():
        entries[metric] = {**under, **Table(entry, f"{path.name} {metric}", POINT_KEYS).values}
    if not entries:
        raise EdgeError(f"{path.name} 没有任何测点。", f"{path.name} has no points.")
    marks = {
        key: point_of(
            key, {**under, **Table(top.table(key), f"{path.name} {key}", POINT_KEYS).values}, path.name, base, True
        )
        for key in ("clock", "end")
        if key in top.values
    }
    return Model(
        name=top.text("model"),
        kind=top.choice("kind", KINDS, "electricity"),
        entries=entries,
        clock=marks.get("clock"),
        end=marks.get("end"),
        base=base,
        max_registers=defaults.integer("max_registers", 125, 4, 125),
        max_gap=defaults.integer("max_gap", 0, 0, 125) if "max_gap" in defaults.values else None,
    )


def point_of(metric: str, entry: Mapping[str, Any], where: str, base: int, has_clock: bool) -> Point:
    """A point from its keys; `base` is 1 for addresses counted from one. Raises EdgeError naming `where`."""
    table = Table(entry, where, POINT_KEYS)
    kind = table.choice("table", TABLES, "holding")
    point = Point(
        metric=metric,
        at=table.integer("at", None, base, 65535 + base) - base,
        type="bit" if kind in BIT_TABLES else table.choice("type", TYPES, "uint16"),
        order=table.choice("order", ORDERS, "ABCD"),
        table=kind,
        unit=table.optional_text("unit"),
        scale=table.number("scale", Decimal(1)),
        offset=table.number("offset", Decimal(0)),
        counter=table.flag("counter", False),
        every=table.seconds("every", "10s"),
        report=table.choice("report", ("change", "every"), "change"),
        deadband=table.number("deadband", Decimal(0)),
        heartbeat=table.seconds("heartbeat", "5m"),
        valid=_range(table),
        invalid=_sentinels(table),
        bit=table.integer("bit", None, 0, 15) if "bit" in table.values else None,
    )
    _sensible(table, point, has_clock)
    return point


def _sensible(table: Table, point: Point, has_clock: bool) -> None:
    """Refuse what can be written but would lose or bend readings."""
    if point.end > 65536:
        raise table.wrong("at", "0 到 65535 之内的地址", "an address within 0 to 65535")
    if point.scale == 0:
        raise table.wrong("scale", "不为零的数字", "a number other than zero")
    if point.deadband < 0:
        raise table.wrong("deadband", "不小于零的数字", "zero or more")
    if point.counter and point.deadband:
        raise EdgeError(
            f"{table.where}：累计值不能有死区，否则会丢失用量。",
            f"{table.where}: a counter takes no deadband, it would lose consumption.",
        )
    if point.bit is not None and point.type not in ("uint16", "bit"):
        raise table.wrong("bit", "仅用于 uint16 的位号", "used with type uint16 only")
    if point.every < 0.05 and not has_clock:
        raise table.wrong("every", "至少 50ms（没有设备时钟时）", "at least 50ms for a device without a clock")


def _range(table: Table) -> tuple[Decimal, Decimal] | None:
    value = table.values.get("valid")
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 2 or not all(isinstance(end, int | Decimal) for end in value):
        raise table.wrong("valid", "[最小, 最大]", "[lowest, highest]")
    return Decimal(value[0]), Decimal(value[1])


def _sentinels(table: Table) -> frozenset[int]:
    value = table.values.get("invalid", [])
    if not isinstance(value, list) or not all(isinstance(entry, int) for entry in value):
        raise table.wrong("invalid", "整数列表，如 [0xFFFF]", "a list of whole numbers such as [0xFFFF]")
    return frozenset(value)
