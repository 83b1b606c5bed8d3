"""Whether a cell says what is stored already: what the formats themselves cannot hold is no difference.

A workbook has fifteen digits, no time zone, no control characters and 32,767 characters in a cell; files have other
line ends. Else an export that comes back would change what nobody has touched.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hub.document import extra
from hub.document.custom import CustomSpec
from hub.document.fields import CHINA, FieldSpec
from hub.document.values import Unfit, coerce
from hub.exchange.writing import printable

_LONGEST = 32_767


def same(field: FieldSpec, given: Any, stored: Any) -> bool:
    """Whether `given`, as a verb would take it, is what is stored; what does not fit is not."""
    try:
        return _as_stored(coerce(field, given), stored, field)
    except Unfit:
        return False


def same_custom(field: CustomSpec, given: Any, kept: Any) -> bool:
    """The same of a custom field, whose values are kept as JSON; a link is given by its id."""
    if field.target is not None:
        return bool((None if given is None else str(given)) == kept)
    try:
        wanted = extra.stored(field, given)
        if wanted == kept or wanted is None or kept is None or field.kind in ("list", "choice"):
            return bool(wanted == kept)
        return same(field, given, coerce(field, kept))
    except Unfit:
        return False


def _as_stored(value: Any, stored: Any, field: FieldSpec) -> bool:
    if value is None or stored is None or value == stored:
        # nothing said of a field that would get its default: it keeps what it has
        return bool(value == stored) or (value is None and field.required and field.has_default)
    if isinstance(value, Decimal):
        return f"{value:.15g}" == f"{stored:.15g}"
    if isinstance(value, datetime):
        return _moment(value, CHINA) == _moment(stored, CHINA)
    if isinstance(value, str) and isinstance(stored, str):
        cut = len(value) >= _LONGEST and _text(stored).startswith(_text(value))
        return cut or _text(value) == _text(stored)
    return False


def _moment(value: datetime, zone: ZoneInfo) -> datetime:
    return value.astimezone(zone).replace(microsecond=0)


def _text(value: str) -> str:
    return re.sub(r"\r\n?", "\n", printable(value)).strip()
