"""From what a request or a row says to what is stored: one place that coerces and complains.

Every wrong value gives a Problem with the path to it; nothing stops at the first. Texts that come from forms and
workbooks are trimmed, and an empty text is no value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from uuid import UUID

from hub.context import Viewer
from hub.document.fields import CHINA, Choice, FieldSpec
from hub.document.spec import DocSpec
from hub.errors import Problem, problem
from hub.words import Label, camel

Number = TypeVar("Number", int, Decimal)
_FIRST_YEAR = 1900  # no last year: ERPs write 2999 or 9999 where there is no end
_LONGEST_CODE, _LONGEST_TEXT = 200, 100_000
_EXPECTED = {
    "decimal": Label("应为数字，如 12.50", "a number such as 12.50 is expected"),
    "integer": Label("应为整数", "a whole number is expected"),
    "boolean": Label("应为是或否", "yes or no is expected"),
    "date": Label("应为日期，如 2026-01-31", "a date such as 2026-01-31 is expected"),
    "moment": Label("应为时间，如 2026-01-31T08:00:00+08:00", "a moment such as 2026-01-31T08:00:00+08:00 is expected"),
    "list": Label("应为列表", "a list is expected"),
    "json": Label("应为对象", "an object is expected"),
    "id": Label("应为标识", "an id is expected"),
    "text": Label("应为文字", "a text is expected"),
}
"""What a kind of field wants, for people."""
_TRUE, _FALSE = {"true", "1", "yes", "是"}, {"false", "0", "no", "否"}


class Unfit(Exception):
    """A value that does not fit; carries the Problem."""

    def __init__(self, found: Problem) -> None:
        super().__init__(found.message)
        self.problem = found


def _bounded(field: FieldSpec, value: Number) -> Number:
    """The value, when it lies within the field's bounds."""
    if field.minimum is not None and value < field.minimum:
        raise Unfit(
            problem(
                "TOO_SMALL",
                f"{field.label.chinese}不能小于 {field.minimum}。",
                f"{field.label.english} cannot be below {field.minimum}.",
            )
        )
    if field.maximum is not None and value > field.maximum:
        raise Unfit(
            problem(
                "TOO_LARGE",
                f"{field.label.chinese}不能大于 {field.maximum}。",
                f"{field.label.english} cannot be above {field.maximum}.",
            )
        )
    return value


def _decimal(field: FieldSpec, raw: Any) -> Decimal:
    if isinstance(raw, bool | float):
        raise ValueError("a decimal is written as text or integer, so that no digit is lost")
    value = Decimal(str(raw))
    if not value.is_finite():
        raise ValueError("not finite")
    scale = field.scale or 0
    if value != round(value, scale):
        raise Unfit(
            problem(
                "TOO_MANY_DECIMALS",
                f"{field.label.chinese}最多 {scale} 位小数。",
                f"{field.label.english}: at most {scale} decimals.",
            )
        )
    if abs(value) >= Decimal(10) ** (20 - 6 if field.meaning != "percent" else 5):
        raise ValueError("too large")
    return _bounded(field, value)


def _integer(field: FieldSpec, raw: Any) -> int:
    if isinstance(raw, bool) or (isinstance(raw, float) and not raw.is_integer()):
        raise ValueError("no integer")
    value = int(Decimal(str(raw)))
    if value != Decimal(str(raw)) or abs(value) >= 2**31:
        raise ValueError("no integer")
    return _bounded(field, value)


def _boolean(_field: FieldSpec, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).lower()
    if word not in _TRUE | _FALSE:
        raise ValueError("neither true nor false")
    return word in _TRUE


def _date(_field: FieldSpec, raw: Any) -> date:
    if isinstance(raw, datetime):
        raw = raw.date()
    value = raw if isinstance(raw, date) else date.fromisoformat(str(raw)[:10])
    if value.year < _FIRST_YEAR:
        raise ValueError("a year that no document of a factory has")
    return value


def _moment(_field: FieldSpec, raw: Any) -> datetime:
    if isinstance(raw, date) and not isinstance(raw, datetime):
        raw = datetime(raw.year, raw.month, raw.day)  # noqa: DTZ001  (the zone is added below)
    value = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
    return value if value.tzinfo else value.replace(tzinfo=CHINA)


def _choice(field: FieldSpec, raw: Any) -> Choice:
    assert field.choices is not None
    for choice in field.choices:
        if choice.value == str(raw):
            return choice
    allowed = "、".join(f"{choice.value}（{choice.label.chinese}）" for choice in field.choices)
    english = ", ".join(choice.value for choice in field.choices)
    raise Unfit(
        problem(
            "CHOICE_UNKNOWN",
            f"{field.label.chinese}没有“{raw}”这个选项，可选：{allowed}。",
            f"{field.label.english}: {raw} is none of {english}.",
        )
    )


def _text(field: FieldSpec, raw: Any) -> str:
    value = str(raw).strip()
    longest = _LONGEST_CODE if field.meaning == "code" else _LONGEST_TEXT
    if len(value) > longest:
        raise Unfit(
            problem(
                "TOO_LONG",
                f"{field.label.chinese}最多 {longest} 个字。",
                f"{field.label.english}: at most {longest} characters.",
            )
        )
    if "\x00" in value:
        raise ValueError("not a text")
    return value


def _list(_field: FieldSpec, raw: Any) -> list[str]:
    if not isinstance(raw, list | tuple):
        raise ValueError("not a list")
    return [str(one) for one in raw]


def _json(_field: FieldSpec, raw: Any) -> Any:
    if not isinstance(raw, dict):
        raise ValueError("not an object")
    return raw


_COERCE: dict[str, Callable[[FieldSpec, Any], Any]] = {
    "decimal": _decimal,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "moment": _moment,
    "choice": _choice,
    "text": _text,
    "list": _list,
    "json": _json,
    "id": lambda _field, raw: raw if isinstance(raw, UUID) else UUID(str(raw)),
}


def coerce(field: FieldSpec, raw: Any) -> Any:
    """The stored form of `raw`, None for no value; Unfit with the Problem for what does not fit."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    try:
        return _COERCE[field.kind](field, raw)
    except (ValueError, InvalidOperation, OverflowError):
        shown = str(raw)[:80]
        raise Unfit(
            problem(
                "VALUE_INVALID",
                f"{field.label.chinese}的值“{shown}”无效，{_EXPECTED[field.kind].chinese}。",
                f"{field.label.english}: {shown} is not valid, {_EXPECTED[field.kind].english}.",
            )
        ) from None


def fill(
    spec: DocSpec,
    given: Mapping[str, Any],
    problems: list[Problem],
    path: tuple[str, ...],
    *,
    viewer: Viewer,
    importing: bool,
) -> dict[str, Any]:
    """The stored values of the fields in `given`, problems appended; `importing` may set state and computed fields.

    Who may not read a restricted field may not write it either.

    Links, lines and names that are no field are left to the caller.
    """
    values = {}
    for name, raw in given.items():
        field = spec.fields.get(name)
        if field is None:
            link = spec.links.get(name)
            if link is not None and link.system and not importing:
                problems.append(_not_writable(link.label, *path, camel(name)))
            continue
        if field.system or (not importing and (field.computed or field.secret or name == "state")):
            problems.append(_not_writable(field.label, *path, camel(name)))
            continue
        if field.restricted is not None and not viewer.may(field.restricted):
            problems.append(
                problem(
                    "FIELD_FORBIDDEN",
                    f"您无权填写{field.label.chinese}。",
                    f"You may not set {field.label.english}.",
                    *path,
                    camel(name),
                )
            )
            continue
        try:
            values[name] = coerce(field, raw)
        except Unfit as unfit:
            problems.append(unfit.problem.under(*path, camel(name)))
            continue
        if values[name] is None and field.required:
            del values[name]  # as if not given: a default or FIELD_MISSING follows
    return values


def _not_writable(label: Label, *path: str) -> Problem:
    return problem(
        "FIELD_NOT_WRITABLE",
        f"{label.chinese}由系统填写。",
        f"{label.english} is set by the hub.",
        *path,
        hint=("请去掉该字段。", "Leave the field out."),
    )


def default_of(spec: DocSpec, name: str) -> Any:
    """The declared default of a field, computed now."""
    return _value_of(spec.table.columns[name].default)


def _value_of(default: Any) -> Any:
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg


def missing(label_chinese: str, label_english: str, *path: str) -> Problem:
    """The problem of a required value that is not there."""
    return problem("FIELD_MISSING", f"请填写{label_chinese}。", f"Please fill in: {label_english}.", *path)


def complete(
    spec: DocSpec, values: dict[str, Any], problems: list[Problem], path: tuple[str, ...], *, skip: frozenset[str]
) -> None:
    """Fill in defaults and complain of what is still missing; names in `skip` are set later."""
    empty: list[tuple[Label, str]] = []
    for field, default in spec.filled:
        name = field.name
        if name in values or name in skip:
            continue
        value = values[name] = _value_of(default)
        if value is None and field.required and not field.computed:
            empty.append((field.label, name))
    lacking = (link for link in spec.required_links if values.get(link.column) is None)
    empty += [(link.label, link.name) for link in lacking if link.column not in skip]
    if empty:
        complained = {found.path for found in problems}
        found = [(label, (*path, camel(name))) for label, name in empty]
        problems += [missing(*label, *here) for label, here in found if here not in complained]
