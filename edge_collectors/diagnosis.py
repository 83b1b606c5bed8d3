"""What a person at the switchboard asks: what will be read and how long it takes, what a device says, what is waiting.

Each function returns lines of text, Chinese with English, and changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from pathlib import Path

from edge_collectors.errors import EdgeError
from edge_collectors.modbus import Bus, LineDownError, RefusedError, SilentError
from edge_collectors.plan import Block, bus_seconds, plan_device
from edge_collectors.reading import moment
from edge_collectors.registers import BIT_TABLES, ORDERS, Decoder, exact, plain
from edge_collectors.site import Device, Line, Site


def plan_lines(site: Site) -> Iterator[str]:
    """The requests of each device and the share of each line's time they need."""
    for line in site.lines:
        yield f"线路 / Line {line.url}"
        share = 0.0
        for device in line.devices:
            blocks = plan_device(device, line)
            yield (
                f"  {device.id}  {device.model}  站号 / unit {device.unit}  "
                f"{len(device.points)} 测点 / points  {len(blocks)} 请求 / requests"
            )
            for block in blocks:
                seconds = bus_seconds(block, line)
                share += seconds / block.every if block.every else 1.0
                period = f"{block.every:g} s" if block.every else "不停 / without pause"
                yield (
                    f"    {period}  {block.table} 0x{block.start:04X}+{block.count}  "
                    f"{len(block.points)} 测点 / points  ≈ {seconds * 1000:.0f} ms"
                )
        yield f"  估计占用 / estimated bus time: {share:.1%}"
        if share > 1:
            yield "  注意：线路来不及，请加长周期。 / Note: the line cannot keep up; use longer periods."


async def read_device(site: Site, device_id: str) -> list[str]:
    """Each point of a device, read once, in the four byte orders; the one in use is marked."""
    for line in site.lines:
        for device in line.devices:
            if device.id == device_id:
                return await _read(line, device)
    known = "、".join(device.id for device in site.devices())
    raise EdgeError(
        f"站点没有设备“{device_id}”；有：{known}。", f'The site has no device "{device_id}"; it has: {known}.'
    )


async def _read(line: Line, device: Device) -> list[str]:
    bus = Bus(line)
    lines = [f"{device.id}  {line.url}  站号 / unit {device.unit}", "  ".join(["测点 / point", *ORDERS])]
    try:
        for block in plan_device(device, line):
            try:
                registers = await bus.read(block.table, block.unit, block.start, block.count)
            except RefusedError as problem:
                where = f"{block.table} 0x{block.start:04X}+{block.count}"
                lines.append(
                    f"{where}: 设备拒绝，Modbus 异常 {problem.code} / refused, Modbus exception {problem.code}"
                )
                continue
            lines += [_in_all_orders(block, place, registers) for place in range(len(block.points))]
    except LineDownError:
        raise EdgeError(f"无法连接线路 {line.url}。", f"Cannot reach {line.url}.") from None
    except SilentError:
        raise EdgeError(
            f"设备 {device.id}（站号 {device.unit}）无应答。",
            f"Device {device.id} (unit {device.unit}) does not answer.",
        ) from None
    finally:
        bus.close()
    return lines


def _in_all_orders(block: Block, place: int, registers: list[int]) -> str:
    point = block.points[place]
    shown = []
    for order in ORDERS:
        as_ordered = replace(point, order=order)
        raw = Decoder(block.start, block.count, [as_ordered]).decode(registers)[0]
        value = exact(as_ordered, raw)
        text = "-" if value is None else plain(value[0])
        shown.append(f"[{text}]" if order == point.order and block.table not in BIT_TABLES else text)
    return "  ".join([point.metric, *shown, point.unit or ""])


def status_lines(buffer: Path, zone: tzinfo) -> Iterator[str]:
    """What waits in a buffer, also while a collector uses it. Raises sqlite3.Error for a file that is none."""
    if not buffer.exists():
        raise EdgeError(f"还没有缓存文件 {buffer}。", f"There is no buffer {buffer} yet.")
    connection = sqlite3.connect(f"{buffer.resolve().as_uri()}?mode=ro", uri=True)
    try:
        rows, oldest = connection.execute("select count(*), min(at) from reading").fetchone()
        state = dict(connection.execute("select key, value from state").fetchall())
        gaps = connection.execute(
            "select subject, reason, began_at, ended_at from gap order by ended_at is not null, id desc limit 10"
        ).fetchall()
    finally:
        connection.close()
    yield f"缓存 / buffer: {buffer}"
    yield f"待发 / waiting: {rows}"
    yield f"最早 / oldest: {moment(oldest, zone) if oldest is not None else '-'}"
    last = state.get("last_sent_at")
    yield f"最近送达 / last sent: {moment(int(last), zone) if last else '-'}"
    yield f"累计送达 / sent in all: {state.get('sent', '0')}"
    for subject, reason, began, ended in gaps:
        yield f"缺口 / gap: {subject}  {reason}  {moment(began, zone)} … {moment(ended, zone) if ended else ''}"
