"""A second opinion: filters, orders and pages over plain Python objects, written without a look at the compiler."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cmp_to_key
from typing import Any
from uuid import UUID


@dataclass
class Row:
    """A document: its values by GraphQL name, its links and lists as other rows, how its names are also typed."""

    id: UUID
    values: dict[str, Any]
    links: dict[str, Row | None] = field(default_factory=dict)
    lists: dict[str, list[Row]] = field(default_factory=dict)
    said: dict[str, list[str]] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    """Custom values as Python has them, by key; one that is missing is not there."""


def holds(row: Row, where: Mapping[str, Any] | None) -> bool:
    """Whether a row fulfils a `where`."""
    return all(_entry(row, name, value) for name, value in (where or {}).items())


def _entry(row: Row, name: str, value: Any) -> bool:  # noqa: PLR0911  (one return per kind of entry)
    if name == "and":
        return all(holds(row, part) for part in value)
    if name == "or":
        return any(holds(row, part) for part in value)
    if name == "not":
        return not holds(row, value)
    if name in row.links:
        linked = row.links[name]
        return linked is None if value is None else linked is not None and holds(linked, value)
    if name in row.lists:
        return all(_QUANTIFIERS[kind](row.lists[name], part) for kind, part in value.items())
    if name == "extra":
        return all(_custom(row, one) for one in value)
    return all(
        holds_test(row.values[name], operator, operand)
        or any(operator in _SEARCHES and holds_test(form, operator, operand) for form in row.said.get(name, ()))
        for operator, operand in value.items()
    )


def _custom(row: Row, test: Mapping[str, Any]) -> bool:
    """{field: "colour", eq: "red"}: the operators beside the key all hold."""
    value = row.custom.get(test["field"])
    return all(holds_test(value, operator, operand) for operator, operand in test.items() if operator != "field")


_SEARCHES = ("contains", "startsWith")


def _together(rows: list[Row], value: Mapping[str, Any]) -> bool:
    """Whether the rows that fulfil `where`, taken together, pass all tests."""
    from tests.reading.naive_aggregates import measure

    kept = [row for row in rows if holds(row, value.get("where"))]
    return all(
        holds_test(measure(kept, function, name, _scales(kept)), operator, operand)
        for function, fields in value.items()
        if function != "where"
        for name, operators in ({"": fields} if function == "count" else fields).items()
        for operator, operand in operators.items()
    )


def _scales(rows: list[Row]) -> dict[str, int]:
    """The decimals of each decimal field; the database gives them all."""
    found = [(name, value) for row in rows for name, value in row.values.items() if isinstance(value, Decimal)]
    return {name: -int(value.as_tuple().exponent) for name, value in found}


_QUANTIFIERS: dict[str, Callable[[list[Row], Any], bool]] = {
    "some": lambda rows, part: any(holds(row, part) for row in rows),
    "every": lambda rows, part: all(holds(row, part) for row in rows),
    "none": lambda rows, part: not any(holds(row, part) for row in rows),
    "aggregate": _together,
}
_PARTS: dict[str, Callable[[date], int]] = {
    "year": lambda day: day.year,
    "quarter": lambda day: (day.month + 2) // 3,
    "month": lambda day: day.month,
    "week": lambda day: day.isocalendar().week,
    "weekday": lambda day: day.isoweekday(),
}


def holds_test(value: Any, operator: str, operand: Any) -> bool:
    """Whether a value passes one operator; a moment is given as the clocks of the company show it."""
    if operator in _PARTS:
        part = None if value is None else _PARTS[operator](value)
        return all(holds_test(part, inner, one) for inner, one in operand.items())
    if operator == "isNull":
        return (value is None) is operand
    if operator in ("eq", "ne"):
        return bool(value == _like(value, operand)) == (operator == "eq")
    if operator in ("in", "notIn"):
        return (value is not None and value in [_like(value, one) for one in operand]) == (operator == "in")
    if value is None:
        return False
    given = _like(value, operand)
    return bool(_COMPARISONS[operator](value, given))


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda value, given: value < given,
    "lte": lambda value, given: value <= given,
    "gt": lambda value, given: value > given,
    "gte": lambda value, given: value >= given,
    "between": lambda value, given: _like(value, given[0]) <= value <= _like(value, given[1]),
    "contains": lambda value, given: given.lower() in value.lower(),
    "startsWith": lambda value, given: value.lower().startswith(given.lower()),
    "has": lambda value, given: given in value,
}


def _like(value: Any, operand: Any) -> Any:
    """An operand as GraphQL has it, in the value's own type."""
    if isinstance(operand, str):
        if isinstance(value, Decimal):
            return Decimal(operand)
        if isinstance(value, datetime):
            return datetime.fromisoformat(operand)
        if isinstance(value, date):
            return date.fromisoformat(operand)
        if isinstance(value, UUID):
            return UUID(operand)
    return operand


def compared(one: Any, other: Any, *, descending: bool) -> int:
    """Which of two values comes first: -1, 0 or 1; a missing one comes last in both directions."""
    if one == other:
        return 0
    if one is None or other is None:
        return 1 if one is None else -1
    return -1 if (one < other) != descending else 1


def ordered(rows: Sequence[Row], order_by: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Rows by these keys, missing values last, equal rows by id in the last key's direction."""
    keys = [_key(entry, ()) for entry in order_by]
    keys.append((("id",), keys[-1][1]))

    def compare(left: Row, right: Row) -> int:
        for path, descending in keys:
            if found := compared(value_at(left, path), value_at(right, path), descending=descending):
                return found
        return 0

    return sorted(rows, key=cmp_to_key(compare))


def _key(entry: Mapping[str, Any], path: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    ((name, value),) = entry.items()
    if name == "extra":
        return (*path, name, value["field"]), value["direction"] == "DESC"
    return ((*path, name), value == "DESC") if isinstance(value, str) else _key(value, (*path, name))


def value_at(row: Row, path: tuple[str, ...]) -> Any:
    """A row's value at the end of links; None when there is no link."""
    if path == ("id",):
        return row.id
    if len(path) == 2 and path[0] == "extra":
        return row.custom.get(path[1])
    if len(path) == 1:
        return row.values[path[0]]
    linked = row.links[path[0]]
    return None if linked is None else value_at(linked, path[1:])
