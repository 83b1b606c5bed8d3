"""The scalars: decimals as strings with a fixed scale, days, moments, JSON.

They parse what clients send and refuse it with a sentence. Nothing is serialized here: answers come from
PostgreSQL as text, already in the form these scalars promise.
"""

from __future__ import annotations

import decimal
import json
from datetime import date, datetime
from typing import Any, NewType

import strawberry
from graphql import FloatValueNode, GraphQLError, IntValueNode, StringValueNode, ValueNode, value_from_ast_untyped

from hub.document.fields import CHINA

Decimal = NewType("Decimal", decimal.Decimal)
Date = NewType("Date", date)
DateTime = NewType("DateTime", datetime)
Json = NewType("Json", object)
CustomKey = NewType("CustomKey", str)

LONGEST_DECIMAL = 40


def _refuse(value: Any, wanted: str) -> GraphQLError:
    """The one sentence for a value that does not fit; long values are cut."""
    shown = json.dumps(value, ensure_ascii=False, default=str)[:60]
    return GraphQLError(f"{shown} 不是{wanted}", extensions={"code": "VALUE_INVALID"})


def parse_decimal(value: Any) -> decimal.Decimal:
    """Read "12.50", 12 or 12.5 as a decimal; no NaN, no infinity, at most 40 characters."""
    wanted = '十进制数 / is not a decimal number such as "12.50".'
    if isinstance(value, bool) or not isinstance(value, str | int | float | decimal.Decimal):
        raise _refuse(value, wanted)
    text = str(value).strip()
    try:
        number = decimal.Decimal(text)
    except decimal.InvalidOperation as error:
        raise _refuse(value, wanted) from error
    if not number.is_finite() or len(text) > LONGEST_DECIMAL or abs(number.adjusted()) > LONGEST_DECIMAL:
        raise _refuse(value, wanted)
    return number


def parse_date(value: Any) -> date:
    """Read "2026-01-31" as a day."""
    try:
        if not isinstance(value, str) or len(value) != 10:
            raise ValueError
        return date.fromisoformat(value)
    except ValueError as error:
        raise _refuse(value, '日期 / is not a day such as "2026-01-31".') from error


def parse_moment(value: Any) -> datetime:
    """Read "2026-01-31T08:00:00+08:00" as a moment; without an offset it is China's time."""
    try:
        if not isinstance(value, str):
            raise ValueError
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise _refuse(value, '时间 / is not a moment such as "2026-01-31T08:00:00+08:00".') from error
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def parse_key(value: Any) -> str:
    """Read the key of a custom field; whether there is such a field is asked when the request is planned."""
    if not isinstance(value, str) or not value or len(value) > LONGEST_DECIMAL:
        raise _refuse(value, "键 / is not the key of a custom field.")
    return value


def _decimal_literal(node: ValueNode, _: Any = None) -> decimal.Decimal:
    if isinstance(node, StringValueNode | IntValueNode | FloatValueNode):
        return parse_decimal(node.value)
    raise _refuse(value_from_ast_untyped(node), '十进制数 / is not a decimal number such as "12.50".')


SCALARS: dict[object, Any] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description='十进制数，写作字符串，小数位数固定 · A decimal as a string with a fixed scale: "12.5000".',
        serialize=str,
        parse_value=parse_decimal,
        parse_literal=_decimal_literal,
    ),
    Date: strawberry.scalar(
        name="Date", description='日期 · A day: "2026-01-31".', serialize=str, parse_value=parse_date
    ),
    DateTime: strawberry.scalar(
        name="DateTime",
        description='时间 · A moment with its offset: "2026-01-31T08:00:00+08:00".',
        serialize=str,
        parse_value=parse_moment,
    ),
    CustomKey: strawberry.scalar(
        name="CustomFieldKey",
        description="自定义字段的键 · The key of a custom field; see declaredFields.",
        parse_value=parse_key,
    ),
    Json: strawberry.scalar(name="JSON", description="任意 JSON 值 · Any JSON value.", parse_value=lambda value: value),
}
"""The scalars by the Python type that stands for each in annotations."""
