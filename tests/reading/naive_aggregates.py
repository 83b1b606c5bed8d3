"""A second opinion on aggregates and groups, over the rows of the naive evaluator, in the answer's own JSON form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cmp_to_key
from typing import Any
from zoneinfo import ZoneInfo

from tests.reading.naive import Row, compared, holds_test, value_at

Path = tuple[str, ...]
Measures = Mapping[str, Sequence[str]]
"""The fields of each function: {"sum": ["total"], "distinct": ["customer"]}; the rows are always counted."""


def aggregate(rows: Sequence[Row], measures: Measures, scales: Mapping[str, int]) -> dict[str, Any]:
    """{"count": 3, "sum": {"total": "12.5000"}, …}."""
    found: dict[str, Any] = {"count": len(rows)}
    for function, fields in measures.items():
        found[function] = {field: shown(measure(rows, function, field, scales)) for field in fields}
    return found


def measure(rows: Sequence[Row], function: str, field: str, scales: Mapping[str, int]) -> Any:
    """A measure as a number, text or day; None without values."""
    if function == "count":
        return len(rows)
    values = [value for row in rows if (value := _member(row, field)) is not None]
    if function == "distinct":
        return len(set(values))
    if function in ("min", "max"):
        return {"min": min, "max": max}[function](values) if values else None
    return _number(function, values, scales.get(field, 0))


def _member(row: Row, field: str) -> Any:
    """A field, or the id of a link."""
    if field in row.links:
        linked = row.links[field]
        return None if linked is None else linked.id
    return row.values[field]


def _number(function: str, values: list[Any], scale: int) -> Decimal | None:
    with localcontext() as context:
        context.prec = 60
        total, count = sum(map(Decimal, values), Decimal(0)), len(values)
        if function == "sum":
            return total.quantize(Decimal(1).scaleb(-scale))
        if count < (1 if function == "avg" else 2):
            return None
        found = total / count
        if function == "stddev":
            found = (sum((value - found) ** 2 for value in values) / (count - 1)).sqrt()
        return found.quantize(Decimal(1).scaleb(-scale - 2), ROUND_HALF_UP)


def shown(value: Any) -> Any:
    """As JSON has it."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date | datetime) else value


def groups(
    rows: Sequence[Row],
    by: Sequence[Mapping[str, Any]],
    measures: Measures,
    scales: Mapping[str, int],
    *,
    having: Mapping[str, Any] | None = None,
    order_by: Sequence[Mapping[str, Any]] = (),
    first: int = 50,
    zone: str = "Asia/Shanghai",
) -> list[dict[str, Any]]:
    """The groups as the answer shows them."""
    keys = [_key(entry, ()) for entry in by]
    parts: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        parts.setdefault(tuple(cut(value_at(row, path), bucket, zone) for path, bucket in keys), []).append(row)
    paths = [path for path, _ in keys]
    chosen = [one for one in parts.items() if _holds(one[1], having or {}, scales)]
    wanted = [_sort(entry) for entry in order_by]
    wanted += [("key", path, False) for path in paths if ("key", path) not in [one[:2] for one in wanted]]

    def value_of(group: tuple[tuple[Any, ...], list[Row]], function: str, field: Any) -> Any:
        return group[0][paths.index(field)] if function == "key" else measure(group[1], function, field, scales)

    def compare(left: Any, right: Any) -> int:
        for function, field, descending in wanted:
            one, other = value_of(left, function, field), value_of(right, function, field)
            if found := compared(one, other, descending=descending):
                return found
        return 0

    return [
        {"key": _nested(paths, values), **aggregate(members, measures, scales)}
        for values, members in sorted(chosen, key=cmp_to_key(compare))[:first]
    ]


def _key(entry: Mapping[str, Any], path: Path) -> tuple[Path, str | None]:
    ((name, value),) = entry.items()
    if isinstance(value, Mapping):
        return _key(value, (*path, name))
    return (*path, name), None if value is True else value


def _sort(entry: Mapping[str, Any]) -> tuple[str, Any, bool]:
    ((function, value),) = entry.items()
    if function == "key":
        path, way = _key(value, ())
        return function, path, way == "DESC"
    if function == "count":
        return function, "", value == "DESC"
    ((field, way),) = value.items()
    return function, field, way == "DESC"


def _holds(rows: list[Row], having: Mapping[str, Any], scales: Mapping[str, int]) -> bool:
    for name, value in having.items():
        if name in ("and", "or"):
            held = {"and": all, "or": any}[name](_holds(rows, part, scales) for part in value)
        elif name == "not":
            held = not _holds(rows, value, scales)
        else:
            tests = {"": value} if name == "count" else value
            held = all(
                holds_test(measure(rows, name, field, scales), operator, operand)
                for field, operators in tests.items()
                for operator, operand in operators.items()
            )
        if not held:
            return False
    return True


def _nested(paths: Sequence[Path], values: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, value in zip(paths, values, strict=True):
        place = found
        for name in path[:-1]:
            place = place.setdefault(name, {})
        place[path[-1]] = shown(value)
    return found


_CUTS: dict[str, Callable[[date], date]] = {
    "YEAR": lambda day: day.replace(month=1, day=1),
    "QUARTER": lambda day: day.replace(month=1 + (day.month - 1) // 3 * 3, day=1),
    "MONTH": lambda day: day.replace(day=1),
    "WEEK": lambda day: day - timedelta(days=day.weekday()),
    "DAY": lambda day: day,
}


def cut(value: Any, bucket: str | None, zone: str) -> Any:
    """A day or moment cut down to its span's beginning, a moment as the zone's clocks show it."""
    if value is None or bucket is None:
        return value
    if not isinstance(value, datetime):
        return _CUTS[bucket](value)
    local = value.astimezone(ZoneInfo(zone))
    if bucket == "HOUR":
        found = local.replace(minute=0, second=0, microsecond=0)
    else:
        found = datetime.combine(_CUTS[bucket](local.date()), datetime.min.time(), ZoneInfo(zone))
    # Python holds hours of one zone equal that clocks show twice in autumn; offsets tell them apart.
    return found.replace(tzinfo=timezone(found.utcoffset() or timedelta()))
