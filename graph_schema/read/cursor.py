"""Cursors: the sort keys of a row, so that a page begins where the last one ended whatever was inserted since.

A cursor carries a mark of its type and order; one from another list is refused instead of giving a wrong page.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, func, or_, tuple_

from graph_schema.read.ordering import Key
from graph_schema.read.sql import Constant
from hub.errors import Invalid, problem

_READERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "choice": str,
    "integer": int,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "moment": datetime.fromisoformat,
    "boolean": lambda text: {"true": True, "false": False}[text],
    "id": UUID,
}


def mark(type_name: str, keys: Sequence[Key]) -> str:
    """Eight characters that stand for a type and an order."""
    text = "|".join([type_name, *(key.name for key in keys)])
    return hashlib.blake2s(text.encode(), digest_size=4).hexdigest()


def written(type_name: str, keys: Sequence[Key], values: Sequence[ColumnElement[Any]]) -> ColumnElement[str]:
    """The SQL of a row's cursor: base64 of [mark, value, value…]."""
    parts = func.json_build_array(Constant(mark(type_name, keys)), *(cast(value, Text) for value in values))
    encoded = func.encode(func.convert_to(cast(parts, Text), Constant("UTF8")), Constant("base64"))
    return func.replace(encoded, Constant("\n"), Constant(""), type_=Text())


def read(cursor: Any, type_name: str, keys: Sequence[Key]) -> list[Any]:
    """The values of a cursor, one per key; Invalid CURSOR_INVALID when it is not one of this list."""
    try:
        found = json.loads(base64.b64decode(cursor, validate=True))
        if not isinstance(found, list) or found[0] != mark(type_name, keys) or len(found) != len(keys) + 1:
            raise ValueError("foreign cursor")
        if not all(text is None or isinstance(text, str) for text in found[1:]):
            raise ValueError("forged cursor")
        return [
            None if text is None else _READERS[key.member.kind](text) for key, text in zip(keys, found[1:], strict=True)
        ]
    except (ValueError, ArithmeticError, KeyError, TypeError, IndexError, binascii.Error) as error:
        raise Invalid(
            problem(
                "CURSOR_INVALID",
                "分页游标无效，或来自另一个列表或排序。",
                "The cursor is invalid, or belongs to another list or order.",
            )
        ) from error


def beyond(
    keys: Sequence[Key], values: Sequence[ColumnElement[Any]], at: Sequence[ColumnElement[Any]], *, after: bool
) -> ColumnElement[bool]:
    """The rows strictly after (or before) the cursor's place. Its form does not depend on the cursor's values."""
    ups = [key.descending != after for key in keys]
    if not any(key.nullable for key in keys) and len(set(ups)) == 1:
        row, place = tuple_(*values), tuple_(*at)
        if len(keys) == 1:
            return values[0] > at[0] if ups[0] else values[0] < at[0]
        return row > place if ups[0] else row < place
    found: ColumnElement[bool] | None = None
    for key, value, place, up in reversed(list(zip(keys, values, at, ups, strict=True))):
        further = _further(key, value, place, up=up, after=after)
        same = value.is_not_distinct_from(place) if key.nullable else value == place
        found = further if found is None else or_(further, and_(same, found))
    assert found is not None
    return found


def _further(
    key: Key, value: ColumnElement[Any], place: ColumnElement[Any], *, up: bool, after: bool
) -> ColumnElement[bool]:
    """Beyond the cursor by this key alone; a missing value comes last in both directions."""
    compared = value > place if up else value < place
    if not key.nullable:
        return compared
    if after:
        return or_(compared, and_(value.is_(None), place.is_not(None)))
    return or_(compared, and_(value.is_not(None), place.is_(None)))
