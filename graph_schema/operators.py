"""What can be asked of a field: the operators of each kind and the SQL of each operator.

Every predicate is two-valued: a NULL equals only NULL, so `ne` and `not` are exact complements and no row falls
through both. Text is compared as stored; contains and startsWith do not tell upper from lower case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, any_, cast, extract, func, or_

Bind = Callable[[Any, str], ColumnElement[Any]]
"""Gives the bound parameter of a value; forms: one, many, low, high, pattern, prefix, and line for a prefix of a
line that is not the first."""

_EQUALITY = ("eq", "ne", "in", "notIn")
_ORDER = ("lt", "lte", "gt", "gte", "between")
SEARCHES = ("contains", "startsWith")
LISTS = frozenset({"in", "notIn", "between"})
PARTS = ("year", "quarter", "month", "week", "weekday")
"""What can be asked of a part of a day; weeks and weekdays as ISO 8601 has them, Monday is 1."""

OPERATORS: dict[str, tuple[str, ...]] = {
    "text": (*_EQUALITY, *_ORDER, *SEARCHES, "isNull"),
    "integer": (*_EQUALITY, *_ORDER, "isNull"),
    "decimal": (*_EQUALITY, *_ORDER, "isNull"),
    "date": (*_EQUALITY, *_ORDER, "isNull", *PARTS),
    "moment": (*_EQUALITY, *_ORDER, "isNull", *PARTS),
    "boolean": ("eq", "ne", "isNull"),
    "choice": (*_EQUALITY, "isNull"),
    "id": (*_EQUALITY, "isNull"),
    "list": ("has", "isNull"),
}
"""The operators of each kind of field; a kind that is not here cannot be filtered."""

MEANINGS = {
    "eq": "等于；null 表示为空 · equals; null asks for no value",
    "ne": "不等于（含空值）· differs, no value included",
    "in": "属于 · is one of",
    "notIn": "不属于（含空值）· is none of, no value included",
    "lt": "小于 · below",
    "lte": "小于等于 · at most",
    "gt": "大于 · above",
    "gte": "大于等于 · at least",
    "between": "介于两值之间（含端点）· from the first to the second, both included",
    "contains": "包含，不分大小写 · contains, whatever the case",
    "startsWith": "开头为，不分大小写 · starts with, whatever the case",
    "isNull": "是否为空 · whether there is no value",
    "has": "列表含有 · the list has this value",
    "year": "年 · the year",
    "quarter": "季度 · the quarter, 1 to 4",
    "month": "月 · the month, 1 to 12",
    "week": "ISO 周，1 至 53 · the ISO week, 1 to 53",
    "weekday": "星期，1 为星期一，7 为星期日 · the day of the week, 1 is Monday, 7 Sunday",
}


_BEFORE = {"pattern": "%", "prefix": "", "line": "%\n"}


def like_pattern(text: str, form: str) -> str:
    """The text as a LIKE pattern in which it stands for itself."""
    quoted = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{_BEFORE[form]}{quoted}%"


def predicate(column: ColumnElement[Any], operator: str, value: Any, bind: Bind) -> ColumnElement[bool]:
    """The SQL of one operator on one column; `value` is not NULL, except for eq and ne."""
    return _PREDICATES[operator](column, value, bind)


_FIELDS = {"weekday": "isodow"}


def part_of(value: ColumnElement[Any], part: str, zone: ColumnElement[Any] | None) -> ColumnElement[int]:
    """A part of a day, or of a moment as the clocks of `zone` show it."""
    local = value if zone is None else func.timezone(zone, value)
    return cast(extract(_FIELDS.get(part, part), local), Integer)


def search(
    column: ColumnElement[Any], pinyin: ColumnElement[Any] | None, operator: str, value: Any, bind: Bind
) -> ColumnElement[bool]:
    """contains or startsWith on a text with an index of its terms (hub.db.search), by its pinyin too where it has it.

    The terms find what may match, the pattern decides.
    """
    terms = func.hub.query_terms(bind(value, "one"))
    forms = ("pattern",) if operator == "contains" else ("prefix",)
    found = _found(column, terms, [bind(value, form) for form in forms])
    if pinyin is None:
        return found
    lines = ("pattern",) if operator == "contains" else ("prefix", "line")
    return or_(found, _found(pinyin, terms, [bind(value, form) for form in lines]))


def _found(column: ColumnElement[Any], terms: Any, patterns: list[ColumnElement[Any]]) -> ColumnElement[bool]:
    likely = func.hub.terms(column).op("@>", is_comparison=True)(terms)
    return and_(likely, or_(*(column.ilike(pattern, escape="\\") for pattern in patterns)))


def _equal(column: ColumnElement[Any], value: Any, bind: Bind) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == bind(value, "one")


def _differs(column: ColumnElement[Any], value: Any, bind: Bind) -> ColumnElement[bool]:
    return column.is_not(None) if value is None else column.is_distinct_from(bind(value, "one"))


def _one_of(column: ColumnElement[Any], value: Any, bind: Bind) -> ColumnElement[bool]:
    return column == any_(bind(value, "many"))


def _none_of(column: ColumnElement[Any], value: Any, bind: Bind) -> ColumnElement[bool]:
    return or_(column.is_(None), ~(column == any_(bind(value, "many"))))


def _between(column: ColumnElement[Any], value: Any, bind: Bind) -> ColumnElement[bool]:
    return column.between(bind(value, "low"), bind(value, "high"))


def _is_null(column: ColumnElement[Any], value: Any, _: Bind) -> ColumnElement[bool]:
    return column.is_(None) if value else column.is_not(None)


def _has(column: ColumnElement[Any], value: Any, bind: Bind) -> ColumnElement[bool]:
    return bind(value, "one") == any_(column)


def _compare(operation: Callable[[Any, Any], ColumnElement[bool]]) -> Any:
    return lambda column, value, bind: operation(column, bind(value, "one"))


def _like(form: str) -> Any:
    return lambda column, value, bind: column.ilike(bind(value, form), escape="\\")


_PREDICATES: dict[str, Callable[[ColumnElement[Any], Any, Bind], ColumnElement[bool]]] = {
    "eq": _equal,
    "ne": _differs,
    "in": _one_of,
    "notIn": _none_of,
    "lt": _compare(lambda column, value: column < value),
    "lte": _compare(lambda column, value: column <= value),
    "gt": _compare(lambda column, value: column > value),
    "gte": _compare(lambda column, value: column >= value),
    "between": _between,
    "contains": _like("pattern"),
    "startsWith": _like("prefix"),
    "isNull": _is_null,
    "has": _has,
}
