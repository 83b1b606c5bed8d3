"""What speaks against a declaration of a custom field: of itself, and of the values that are stored already.

A kind may change as long as every stored value fits the new one; so may options, when those in use stay. Whoever
changes a declaration sees it at once, other units of work when it is committed, other processes within seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Text,
    Uuid,
    and_,
    cast,
    event,
    exists,
    func,
    inspect,
    not_,
    select,
)
from sqlalchemy.orm import Session, object_session

from hub.context import Ctx
from hub.document.access import all_permissions
from hub.document.catalogue import catalogue, declaring
from hub.document.custom import EXTRA, CustomSpec, custom_spec
from hub.document.extra import stored
from hub.document.fields import Choice
from hub.document.registry import specs
from hub.document.values import Unfit
from hub.errors import Problem, problem

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OPTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,39}")


class FieldKind(Choice):
    """What kind of value a custom field holds."""

    TEXT = "text", "文本", "Text"
    DECIMAL = "decimal", "小数", "Decimal"
    INTEGER = "integer", "整数", "Whole number"
    BOOLEAN = "boolean", "是否", "Yes or no"
    DATE = "date", "日期", "Date"
    MOMENT = "moment", "时间", "Moment"
    CHOICE = "choice", "单选", "Choice"
    MULTIPLE = "multiple", "多选", "Multiple choice"
    LINK = "link", "关联", "Link"


def follow_declarations(*models: type[Any]) -> None:
    """Let changes of these models count: for their own unit of work now, for the process once committed."""
    for model in models:
        for change in ("after_insert", "after_update", "after_delete"):
            event.listen(model, change, _changed)


def _changed(_mapper: Any, _connection: Any, target: Any) -> None:
    session = object_session(target)
    if session is not None and declaring(session):
        engine = session.get_bind().engine
        event.listen(session, "after_commit", lambda _: catalogue(engine).forget(), once=True)


def review_declaration(ctx: Ctx, field: Any) -> Iterable[Problem]:
    """Every problem of a declaration; what is stored is only asked about when the declaration itself makes sense."""
    found = list(_senseless(field))
    if not found:
        found = list(_against_stored(ctx.session, field))
    return found


def _senseless(field: Any) -> Iterator[Problem]:
    target = specs().get(field.document_type)
    if target is None or EXTRA not in target.fields:
        yield problem("TYPE_UNKNOWN", f"没有可扩展的单据类型 {field.document_type}。",
                       f"There is no type {field.document_type} that takes custom fields.", "documentType")  # fmt: skip
    if not _KEY.fullmatch(field.key):
        yield problem("KEY_INVALID", "键由小写字母、数字和下划线组成，以字母开头，最多 40 个字符。",
                       "A key is made of small letters, digits and underscores, begins with a letter and has at most "
                       "40 characters.", "key")  # fmt: skip
    if field.read_permission is not None and field.read_permission not in all_permissions():
        yield problem("PERMISSION_UNKNOWN", f"没有权限 {field.read_permission}。",
                       f"There is no permission {field.read_permission}.", "readPermission")  # fmt: skip
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        yield problem("BOUNDS_CROSSED", "最小值大于最大值。", "The minimum is above the maximum.", "minimum")
    yield from _by_kind(field)


def _by_kind(field: Any) -> Iterator[Problem]:
    values = [option.value for option in field.options]
    if field.kind in (FieldKind.CHOICE, FieldKind.MULTIPLE):
        if not values:
            yield problem("OPTIONS_MISSING", "请至少填写一个选项。", "Give at least one option.", "options")
        for index, value in enumerate(values):
            if not _OPTION.fullmatch(value):
                yield problem("OPTION_INVALID", f"选项的值“{value}”只能含字母、数字、下划线、点和连字符。",
                               f"The value of an option has letters, digits, _ . and - only: {value}.",
                               "options", str(index), "value")  # fmt: skip
            if value.lower() in [one.lower() for one in values[:index]]:
                yield problem("OPTION_TWICE", f"选项“{value}”重复。", f"The option {value} is there twice.",
                               "options", str(index), "value")  # fmt: skip
    if field.kind is FieldKind.LINK:
        target = specs().get(field.target_type or "")
        if target is None or target.natural_key not in ("code", "number"):
            yield problem("TYPE_UNKNOWN", f"不能关联到 {field.target_type or '（空）'}。",
                           f"A field cannot link to {field.target_type or '(nothing)'}.", "targetType")  # fmt: skip
    if field.default_value is not None:
        yield from _default(field)


def _default(field: Any) -> Iterator[Problem]:
    if field.kind is FieldKind.LINK:
        yield problem("DEFAULT_OF_LINK", "关联字段没有默认值。", "A link has no default.", "defaultValue")
        return
    try:
        stored(spec_of_declaration(field), field.default_value)
    except Unfit as unfit:
        yield unfit.problem.under("defaultValue")


def spec_of_declaration(field: Any) -> CustomSpec:
    """A declaration that is not stored yet as a field."""
    row = {column.name: getattr(field, column.name) for column in type(field).__table__.columns}
    return custom_spec(row, tuple((one.value, one.name, one.english_name) for one in field.options))


def _against_stored(session: Session, field: Any) -> Iterator[Problem]:
    """Values under the key that the declaration could not hold; a key that is in use stays."""
    state = inspect(field)
    for name in ("key", "document_type"):
        past = state.attrs[name].history.deleted
        if past and past[0] != getattr(field, name):
            before = {"key": field.key, "document_type": field.document_type, name: past[0]}
            if used := _count(session, field, before["document_type"], before["key"], None):
                yield problem("KEY_IN_USE", f"已有 {used} 条数据使用该字段，不能改键或类型。",
                               f"{used} records have a value of this field; its key and type stay.",
                               "key" if name == "key" else "documentType")  # fmt: skip
    declared = spec_of_declaration(field)
    with session.no_autoflush:
        unfit = _count(session, field, field.document_type, field.key, declared)
    if unfit:
        yield problem("VALUES_UNFIT", f"已有 {unfit} 条数据的值不符合该定义，请先修改这些数据。",
                       f"{unfit} records have a value that does not fit this declaration; change them first.",
                       "options" if declared.choices else "kind")  # fmt: skip


def _count(session: Session, field: Any, document_type: str, key: str, declared: CustomSpec | None) -> int:
    """How many records of the company have a value under a key; with a declaration only those it does not fit."""
    row = specs()[document_type].table.alias()
    company = row.c.get("company_id", row.c.id)
    wanted = [company == field.company_id, row.c.extra.op("->>")(key).is_not(None)]
    if declared is not None:
        wanted.append(not_(func.coalesce(_fits(declared, row), False)))
    with session.no_autoflush:
        return session.execute(select(func.count()).select_from(row).where(*wanted)).scalar_one()


def _fits(field: CustomSpec, row: FromClause) -> ColumnElement[bool]:
    """Whether the value of a row fits."""
    reading = "text" if field.declared == "choice" else field.kind
    value: ColumnElement[Any] = getattr(func.hub, f"extra_{reading}")(row.c.extra, field.name)
    options = [choice.value for choice in field.choices or ()]
    if field.target is not None:
        target = specs()[field.target].table.alias()
        linked = func.hub.extra_id(row.c.extra, field.name, type_=Uuid())
        return exists().where(target.c.id == linked).correlate(row)
    if field.declared == "multiple":
        among: ColumnElement[bool] = value.op("<@", is_comparison=True)(cast(options, ARRAY(Text())))
        return among
    if field.declared == "choice":
        return value.in_(options)
    if field.kind == "decimal":
        return and_(value.is_not(None), func.scale(func.trim_scale(value)) <= field.scale)
    return value.is_not(None)
