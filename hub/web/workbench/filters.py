"""The filters of lists: starlette-admin's filter builder in front, GraphQL's `where` behind.

Each filter knows its words and its value; `apply` gives its part of the `where`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette_admin.filters import (
    BaseFilter,
    FilterApplyContext,
    FilterDataType,
    FilterGroup,
    FilterRule,
    FilterValidationError,
)
from starlette_admin.i18n import lazy_gettext as _

from hub.document.custom import EXTRA
from hub.document.fields import Choice
from hub.document.registry import spec as spec_of
from hub.settings import settings
from hub.web.workbench.columns import Column
from hub.web.workbench.language import lazy, spoken
from hub.words import Label

Where = dict[str, Any]


class _Operator(BaseFilter):
    """A filter that is one operator of GraphQL on one field."""

    operator: str
    fixed: Any = None

    def parse_value(self, raw: Any) -> Any:
        """The text as typed; a comma in it is part of it."""
        return ",".join(raw) if isinstance(raw, list | tuple) else raw

    def apply(self, ctx: FilterApplyContext) -> Where:
        """{"quantity": {"gte": "5"}}."""
        value = self.fixed if self.data_type == FilterDataType.NONE else ctx.value
        if self.has_value2:
            value = [ctx.value, ctx.value2]
        return {ctx.field_name: {self.operator: value}}


class _Number(_Operator):
    """Decimals travel as text, so that no digit is lost."""

    data_type = FilterDataType.NUMBER

    def parse_value(self, raw: Any) -> str:
        try:
            float(str(raw))
        except ValueError:
            raise FilterValidationError(lazy(Label(f"“{raw}”不是数字", f"“{raw}” is not a number"))) from None
        return str(raw).strip()


class _Moment(_Operator):
    """A moment as the browser gives it is the factory's time."""

    data_type = FilterDataType.DATETIME

    def parse_value(self, raw: Any) -> str:
        try:
            when = datetime.fromisoformat(str(raw))
        except ValueError:
            raise FilterValidationError(lazy(Label(f"“{raw}”不是时间", f"“{raw}” is not a moment"))) from None
        return (when if when.tzinfo else when.replace(tzinfo=ZoneInfo(settings().time_zone))).isoformat()


class _LinkName(_Operator):
    """A link is filtered by what its target is called."""

    data_type = FilterDataType.STRING
    called: str = "name"

    def apply(self, ctx: FilterApplyContext) -> Where:
        return {ctx.field_name: {self.called: {self.operator: ctx.value}}}


def _made(base: type[_Operator], name: str, label: Any, operator: str, **more: Any) -> type[BaseFilter]:
    return type(f"{base.__name__}{operator}", (base,), {"name": name, "label": label, "operator": operator, **more})


class _Capitals(_Operator):
    """GraphQL names a declared choice in capitals."""

    def apply(self, ctx: FilterApplyContext) -> Where:
        return {ctx.field_name: {self.operator: [one.upper() for one in ctx.value]}}


class _Text(_Operator):
    data_type = FilterDataType.STRING


class _Date(_Operator):
    """Days: one that the calendar does not have is said to be none, before anything is asked."""

    data_type = FilterDataType.DATE

    def parse_value(self, raw: Any) -> str:
        try:
            return date.fromisoformat(str(raw)).isoformat()
        except ValueError:
            raise FilterValidationError(lazy(Label(f"“{raw}”不是日期", f"“{raw}” is not a day"))) from None


class _Whole(_Number):
    def parse_value(self, raw: Any) -> Any:
        return int(super().parse_value(raw))


def _ordered(base: type[_Operator]) -> list[type[BaseFilter]]:
    return [
        _made(base, "eq", _("Equals"), "eq"),
        _made(base, "gte", _("Greater than or equal"), "gte"),
        _made(base, "lte", _("Less than or equal"), "lte"),
        _made(base, "between", _("Between"), "between", has_value2=True),
    ]


def _during(base: type[_Operator]) -> list[type[BaseFilter]]:
    since, until = lazy(Label("不早于", "On or after")), lazy(Label("不晚于", "On or before"))
    return [
        _made(base, "between", _("Between"), "between", has_value2=True),
        _made(base, "eq", _("Is on"), "eq"),
        _made(base, "gte", since, "gte"),
        _made(base, "lte", until, "lte"),
    ]


def _nothing() -> list[type[BaseFilter]]:
    empty, filled = lazy(Label("为空", "Is empty")), lazy(Label("不为空", "Is not empty"))
    none = {"data_type": FilterDataType.NONE}
    return [
        _made(_Operator, "is_null", empty, "isNull", fixed=True, **none),
        _made(_Operator, "is_not_null", filled, "isNull", fixed=False, **none),
    ]


def _chosen(choices: type[Choice], *operators: tuple[str, Any, str], base: type[_Operator]) -> list[type[BaseFilter]]:
    def offered(_self: BaseFilter, _request: Request) -> Sequence[tuple[Any, str]]:
        return [(one.value, spoken(one.label)) for one in choices]

    def parsed(_self: BaseFilter, raw: Any) -> list[str]:
        given = raw if isinstance(raw, list | tuple) else str(raw).split(",")
        known = {one.value for one in choices}
        values = [str(one).strip() for one in given if str(one).strip()]
        if not values or not known.issuperset(values):
            raise FilterValidationError(lazy(Label("请选择列表中的值", "Pick from the list")))
        return values

    more = {"data_type": FilterDataType.ENUM, "get_choices": offered, "parse_value": parsed}
    return [_made(base, name, label, operator, **more) for name, label, operator in operators]


def _truth() -> list[type[BaseFilter]]:
    none = {"data_type": FilterDataType.NONE}
    return [
        _made(_Operator, "is_true", lazy(Label("是", "Yes")), "eq", fixed=True, **none),
        _made(_Operator, "is_false", lazy(Label("否", "No")), "eq", fixed=False, **none),
    ]


@lru_cache(maxsize=3000)
def filters_of(column: Column) -> list[type[BaseFilter]]:
    """The filters that a column's kind allows; none for what cannot be filtered."""
    if not column.filterable or column.kind == "json" or (column.kind == "list" and not column.choices):
        return []
    if column.target:
        target = spec_of(column.target)
        if target.kind not in ("master", "document"):
            return _nothing()
        called = "name" if target.kind == "master" else "number"
        exact = _made(
            _LinkName, "eq", lazy(Label("编码或单号等于", "Code or number is")), "eq", called=target.natural_key
        )
        return [_made(_LinkName, "contains", _("Contains"), "contains", called=called), exact, *_nothing()]
    if column.choices:
        base = _Operator if column.custom else _Capitals
        one_of = (("in", _("Is one of"), "in"), ("not_in", _("Is not one of"), "notIn"))
        operators = one_of if column.kind == "choice" else (("has", _("Contains"), "has"),)
        return [*_chosen(column.choices, *operators, base=base), *_nothing()]
    kinds: dict[str, list[type[BaseFilter]]] = {
        "decimal": _ordered(_Number),
        "integer": _ordered(_Whole),
        "date": _during(_Date),
        "moment": _during(_Moment),
        "boolean": _truth(),
        "id": [_made(_Text, "eq", _("Equals"), "eq")],
    }
    texts = [
        _made(_Text, "contains", _("Contains"), "contains"),
        _made(_Text, "startswith", _("Starts with"), "startsWith"),
        _made(_Text, "eq", _("Equals"), "eq"),
    ]
    if column.encrypted:
        return [texts[-1], *_nothing()]
    return kinds[column.kind] if column.kind in ("boolean", "id") else [*kinds.get(column.kind, texts), *_nothing()]


def where_of(node: FilterGroup | FilterRule | None, columns: Mapping[str, Column]) -> Where:
    """A filter tree as a `where`, by the columns' names."""
    if node is None:
        return {}
    if isinstance(node, FilterRule):
        column = columns[node.field]
        found = next(one for one in filters_of(column) if one.name == node.filter)
        applied: Where = found().apply(FilterApplyContext({}, node.field, node.value, node.value2))
        return applied if column.custom is None else _of_custom(column.custom.name, applied[node.field])
    parts = [where_of(one, columns) for one in node.rules]
    parts = [one for one in parts if one]
    return {node.logic: parts} if parts else {}


def _of_custom(key: str, asked: Where) -> Where:
    """{"in": [...]} of a custom field; each of several values that a list must have is a condition of its own."""
    conditions = [{"has": each} for each in asked["has"]] if "has" in asked else [asked]
    return {EXTRA: [{"field": key, **one} for one in conditions]}
