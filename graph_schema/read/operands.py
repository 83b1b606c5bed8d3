"""What a filter compares a custom field with: JSON of a request, read by the field's declaration.

GraphQL types what stands in its schema; custom fields are declared later, so their operands are typed here, with the
same readers and the same severity.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLError

from graph_schema.scalars import parse_date, parse_decimal, parse_moment
from hub.document.custom import EXTRA, CustomSpec
from hub.document.extra import option_of
from hub.document.values import Unfit
from hub.errors import Invalid, problem


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**31:
        raise ValueError("no whole number")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")
    return value


_READERS: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "list": _text,
    "integer": _integer,
    "decimal": parse_decimal,
    "boolean": _boolean,
    "date": parse_date,
    "moment": parse_moment,
}


def operand_of(member: CustomSpec) -> Callable[[Any], Any]:
    """Reads the operands of a field; Invalid VALUE_INVALID or CHOICE_UNKNOWN for one that does not fit."""

    def read(value: Any) -> Any:
        try:
            return option_of(member, _text(value)) if member.choices else _READERS[member.kind](value)
        except Unfit as unfit:
            raise Invalid(unfit.problem.under(EXTRA, member.name)) from None
        except (ValueError, GraphQLError):
            chinese, english = member.label
            said = str(value)[:60]
            raise Invalid(
                problem(
                    "VALUE_INVALID",
                    f"“{said}”不是{chinese}的值。",
                    f"{said} is no value of {english}.",
                    EXTRA,
                    member.name,
                )
            ) from None

    return read
