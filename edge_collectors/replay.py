"""A CSV of energy per interval, as the readings of a counter: one at the start of the first interval, one at each end.

Real exports differ: byte-order marks, day-first dates, the interval's start or end stamped, midnight written as 00:00
of the day that ends. All lines are checked before the first is served.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge_collectors.errors import EdgeError

LARGEST = 2**31 - 1  # the counter is an int32 of 0.01 kWh


@dataclass(frozen=True, slots=True)
class ReplayFormat:
    """How to read the file; the defaults fit the UCI steel file. `interval` in seconds, energy in kWh."""

    time_column: str = "date"
    value_column: str = "Usage_kWh"
    time_format: str = "%d/%m/%Y %H:%M"
    stamp: str = "end"
    interval: int = 900
    time_zone: str = "Asia/Shanghai"


def read_counter(path: Path, form: ReplayFormat) -> list[tuple[int, int]]:
    """(seconds since 1970, counter in 0.01 kWh) rising in time; the first is 0 at the start of the first interval.

    Raises EdgeError naming the line that cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            for column in (form.time_column, form.value_column):
                if column not in (reader.fieldnames or []):
                    raise EdgeError(f"{path.name} 没有“{column}”列。", f'{path.name} has no column "{column}".')
            counter = list(_accumulate(reader, path.name, form))
    except OSError as problem:
        raise EdgeError(f"无法读取 {path}：{problem.strerror}。", f"Cannot read {path}: {problem.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as problem:
        raise EdgeError(
            f"{path.name} 不是 UTF-8 CSV：{problem}。", f"{path.name} is not UTF-8 CSV: {problem}."
        ) from None
    if not counter:
        raise EdgeError(f"{path.name} 没有数据行。", f"{path.name} has no data.")
    return counter


def _accumulate(rows: Iterable[dict[str, str]], name: str, form: ReplayFormat) -> Iterator[tuple[int, int]]:
    zone = zone_of(form.time_zone)
    previous: datetime | None = None
    last, total = 0, 0
    for number, row in enumerate(rows, 2):
        stamp = _time(row[form.time_column], number, name, form)
        if form.stamp == "end" and previous is not None and stamp <= previous and not (stamp.hour or stamp.minute):
            stamp += timedelta(days=1)  # 00:00 after 23:45 is the midnight that ends the day
        end = _seconds(stamp, zone, last) + (form.interval if form.stamp == "start" else 0)
        if previous is None:
            yield end - form.interval, 0
        elif end <= last:
            raise _bad(name, number, "时间没有向前", "the time does not move forward")
        previous, last = stamp, end
        total += _hundredths(row[form.value_column], number, name)
        if total > LARGEST:
            raise _bad(name, number, "累计超出 int32×0.01", "the sum exceeds an int32 of 0.01")
        yield end, total


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name; raises EdgeError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise EdgeError(f"没有时区“{name}”。", f'There is no time zone "{name}".') from None


def _seconds(stamp: datetime, zone: ZoneInfo, last: int) -> int:
    """Seconds since 1970; the second of two equal local hours (end of summer time) when the first is past."""
    first = int(stamp.replace(tzinfo=zone).timestamp())
    return first if first > last else int(stamp.replace(tzinfo=zone, fold=1).timestamp())


def _time(text: str | None, number: int, name: str, form: ReplayFormat) -> datetime:
    try:
        return datetime.strptime((text or "").strip(), form.time_format)  # noqa: DTZ007  the file has local times
    except ValueError:
        raise _bad(
            name, number, f"时间“{text}”不符合 {form.time_format}", f'the time "{text}" is not {form.time_format}'
        ) from None


def _hundredths(text: str | None, number: int, name: str) -> int:
    """kWh as whole hundredths; more digits than the register has would be lost, so they are refused."""
    try:
        scaled = Decimal((text or "").strip()).scaleb(2)
        if scaled.is_finite() and scaled >= 0 and scaled == scaled.to_integral_value():
            return int(scaled)
    except InvalidOperation:
        pass
    raise _bad(
        name,
        number,
        f"电量“{text}”应为最多两位小数的非负数",
        f'the energy "{text}" must be 0 or more, at most two decimals',
    )


def _bad(name: str, number: int, chinese: str, english: str) -> EdgeError:
    return EdgeError(f"{name} 第 {number} 行：{chinese}。", f"{name}, line {number}: {english}.")
