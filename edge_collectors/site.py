"""Site files: the hub, the lines, and the devices on them.

A *model* (devices/*.toml) is a register map, written once per make; a *site* names lines, unit numbers and tags, and
may override any key of a point. Every key is checked, so a mistake is a sentence at the start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge_collectors.errors import EdgeError
from edge_collectors.model import PACKAGE, POINT_KEYS, Model, load_model, point_of
from edge_collectors.registers import Point
from edge_collectors.strict import Table, read_toml

DEVICE_KEYS = {"id", "unit", "model", "only", "ct", "pt", "every", "points", "tags"}
LINE_KEYS = {"url", "timeout", "retries", "pause", "device"}
EDGE_KEYS = {"id", "hub", "token_file", "time_zone", "buffer", "proxy", "ca_file"}
CURRENT_UNITS = ("A",)
VOLTAGE_UNITS = ("V",)
POWER_UNITS = ("W", "kW", "VA", "kVA", "var", "kvar", "Wh", "kWh", "VAh", "kVAh", "varh", "kvarh")


@dataclass(frozen=True, slots=True)
class Device:
    """One device of the site: its points with every override and transformer ratio applied."""

    id: str
    unit: int
    model: str
    points: tuple[Point, ...]
    clock: Point | None = None
    end: Point | None = None
    max_registers: int = 125
    max_gap: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One socket or serial port, on which one request at a time travels; times in seconds."""

    url: str
    kind: str
    host: str
    port: int
    baud: int | None
    parity: str
    timeout: float
    retries: int
    pause: float
    devices: tuple[Device, ...]

    @property
    def max_gap(self) -> int:
        """Holes worth reading along when the model does not say (measured: 20 on serial lines, 64 on a network)."""
        return 64 if self.baud is None else 20


@dataclass(frozen=True, slots=True)
class Site:
    """What one collector does: its hub, its buffer and its lines."""

    edge: str
    hub: str
    time_zone: ZoneInfo
    buffer: Path
    buffer_max: int
    lines: tuple[Line, ...]
    token_file: Path | None = None
    proxy: str | None = None
    ca_file: Path | None = None

    def devices(self) -> list[Device]:
        """The devices of all lines."""
        return [device for line in self.lines for device in line.devices]


def load_site(name: str) -> Site:
    """The site of a file, or of a packaged one by its name (`demo`). Raises EdgeError."""
    path = PACKAGE / "sites" / f"{name}.toml" if "/" not in name and not name.endswith(".toml") else Path(name)
    if not path.exists() and path.parent == PACKAGE / "sites":
        raise EdgeError(f"找不到站点文件 {name}。", f"There is no site file {name}.")
    top = Table(read_toml(path), path.name, {"edge", "line"})
    edge = Table(top.table("edge"), f"{path.name} [edge]", EDGE_KEYS)
    buffer = Table(edge.table("buffer"), f"{path.name} [edge] buffer", {"path", "max"})
    lines = tuple(_line(values, f"{path.name} [[line]] {n}", path) for n, values in enumerate(top.tables("line"), 1))
    ids = [device.id for line in lines for device in line.devices]
    for device in ids:
        if ids.count(device) > 1:
            raise EdgeError(f"设备编号 {device} 出现了两次。", f"The device id {device} is used twice.")
    token_file, ca_file = edge.optional_text("token_file"), edge.optional_text("ca_file")
    return Site(
        edge=edge.text("id"),
        hub=hub_url(edge.text("hub")),
        time_zone=_zone(edge),
        buffer=Path(buffer.text("path", "edge-buffer.db")),
        buffer_max=buffer.size("max", "1GB"),
        lines=lines,
        token_file=Path(token_file) if token_file else None,
        proxy=edge.optional_text("proxy"),
        ca_file=Path(ca_file) if ca_file else None,
    )


def hub_url(text: str) -> str:
    """The hub's address without a slash at its end; raises EdgeError when it is none."""
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise EdgeError(
            f"枢纽地址“{text}”无效，应如 http://127.0.0.1:8000。",
            f'The hub address "{text}" is not valid; write it like http://127.0.0.1:8000.',
        )
    return text.rstrip("/")


def redirect(site: Site, address: str) -> Site:
    """The same site with its only network line at `host:port`."""
    if len(site.lines) != 1 or site.lines[0].kind == "serial":
        raise EdgeError(
            "只有恰好一条网络线路的站点才能用 EDGE_LINE 改地址。",
            "EDGE_LINE can move only a site with exactly one network line.",
        )
    host, port = host_and_port(address)
    line = site.lines[0]
    return replace(site, lines=(replace(line, host=host, port=port, url=f"modbus+{line.kind}://{host}:{port}"),))


def host_and_port(address: str) -> tuple[str, int]:
    """`127.0.0.1:5020` as its two parts; raises EdgeError when it is none."""
    try:
        parts = urlsplit(f"//{address}")
        if parts.hostname and parts.port:
            return parts.hostname, parts.port
    except ValueError:
        pass
    raise EdgeError(
        f"“{address}”不是“主机:端口”，端口为 1 到 65535。", f'"{address}" is not host:port with a port from 1 to 65535.'
    )


def _zone(edge: Table) -> ZoneInfo:
    name = edge.text("time_zone", "Asia/Shanghai")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise edge.wrong("time_zone", "时区名，如 Asia/Shanghai", "a time zone such as Asia/Shanghai") from None


def _line(values: Mapping[str, Any], where: str, path: Path) -> Line:
    table = Table(values, where, LINE_KEYS)
    url = table.text("url")
    kinds = {"modbus+tcp": "tcp", "modbus+rtu+tcp": "rtu+tcp", "modbus+serial": "serial"}
    try:
        parts = urlsplit(url)
        kind, host, port = kinds.get(parts.scheme, ""), parts.hostname or "", parts.port or 502
        query = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        baud = int(query.pop("baud", "9600")) if kind == "serial" else None
        parity = query.pop("parity", "N").upper()
    except ValueError:
        kind, host, port, query, baud, parity = "", "", 0, {}, None, "N"
    if kind == "serial":
        host = parts.path
    if not kind or not host or query or parity not in ("N", "E", "O"):
        raise table.wrong(
            "url",
            "地址，如 modbus+tcp://192.168.1.50:502、modbus+rtu+tcp://… 或 modbus+serial:///dev/ttyUSB0?baud=9600&parity=N",
            "an address like modbus+tcp://192.168.1.50:502, modbus+rtu+tcp://… "
            "or modbus+serial:///dev/ttyUSB0?baud=9600&parity=N",
        )
    timeout = table.seconds("timeout", "1s")
    if timeout <= 0:
        raise table.wrong("timeout", "大于零的时长", "longer than zero")
    return Line(
        url=url,
        kind=kind,
        host=host,
        port=port,
        baud=baud,
        parity=parity,
        timeout=timeout,
        retries=table.integer("retries", 0, 0, 10),
        pause=table.seconds("pause", "0ms"),
        devices=tuple(_device(entry, f"{where} device", path) for entry in table.tables("device")),
    )


def _device(values: Mapping[str, Any], where: str, path: Path) -> Device:
    table = Table(values, where, DEVICE_KEYS)
    device_id = table.text("id")
    table.where = f"{path.name} {device_id}"
    model = load_model(table.text("model"), path.parent)
    points = _selected(table, model)
    ct, pt = table.number("ct", Decimal(1)), table.number("pt", Decimal(1))
    return Device(
        id=device_id,
        unit=table.integer("unit", 1, 0, 255),
        model=model.name,
        points=tuple(_with_ratio(point, ct, pt) for point in points),
        clock=model.clock,
        end=model.end,
        max_registers=model.max_registers,
        max_gap=model.max_gap,
        tags={key: str(value) for key, value in table.table("tags").items()},
    )


def _selected(table: Table, model: Model) -> list[Point]:
    """The model's points, those in `only` when given, with the site's own keys laid over."""
    overrides = table.table("points")
    only = table.values.get("only", list(model.entries))
    if not isinstance(only, list) or not only:
        raise table.wrong("only", "测点名称的列表", "a list of metric names")
    for metric in [*only, *overrides]:
        if metric not in model.entries:
            raise EdgeError(
                f"{table.where}：型号 {model.name} 没有测点“{metric}”。",
                f'{table.where}: the model {model.name} has no point "{metric}".',
            )
    points = []
    for metric in only:
        entry = dict(model.entries[metric])
        if "every" in table.values:
            entry["every"] = table.values["every"]
        where = f"{table.where} {metric}"
        entry |= Table(overrides.get(metric, {}), where, POINT_KEYS).values
        points.append(point_of(metric, entry, where, model.base, model.clock is not None))
    return points


def _with_ratio(point: Point, ct: Decimal, pt: Decimal) -> Point:
    """The point as seen before the current and voltage transformers."""
    if point.unit in CURRENT_UNITS:
        ratio = ct
    elif point.unit in VOLTAGE_UNITS:
        ratio = pt
    elif point.unit in POWER_UNITS:
        ratio = ct * pt
    else:
        return point
    return replace(point, scale=point.scale * ratio, offset=point.offset * ratio)
