"""How a stored value looks: figures with separators, moments in the factory's time, choices by their labels.

Values arrive as GraphQL gives them: decimals as text, moments as ISO text, choices as their stored value.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from hub.document.fields import Choice
from hub.settings import settings
from hub.web.workbench.language import say, spoken

_CENTS = {"money": 2, "price": 2}
_COLOURS = {
    "draft": "secondary",
    "planned": "secondary",
    "pending": "yellow",
    "submitted": "blue",
    "confirmed": "green",
    "released": "green",
    "admitted": "green",
    "signed": "teal",
    "available": "green",
    "succeeded": "green",
    "paused": "orange",
    "quarantine": "orange",
    "suspended": "orange",
    "rejected": "red",
    "failed": "red",
    "frozen": "red",
    "closed": "azure",
    "cancelled": "dark",
    "accept": "green",
    "scrap": "red",
    "return": "orange",
    "rework": "orange",
}
"""Colours of Tabler for values that say how a thing stands; others are shown without colour."""


def figure(value: Any, *, meaning: str | None = None, scale: int | None = None) -> str:
    """1234.5000 → 1,234.5; money and prices keep at least two decimals. What is no number is shown as it is."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    text = f"{number:,.{scale}f}" if scale is not None else f"{number:,f}"
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0").ljust(_CENTS.get(meaning or "", 0), "0")
    return f"{whole}.{decimals}" if decimals else whole


def plain_number(value: Any) -> str:
    """The same without separators, as a person would type it."""
    return figure(value).replace(",", "")


def moment(value: Any, *, seconds: bool = False) -> str:
    """An ISO moment in the factory's time zone: 2026-11-21 08:30."""
    try:
        when = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    if when.tzinfo is not None:
        when = when.astimezone(ZoneInfo(settings().time_zone))
    return when.strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def text(kind: str, value: Any) -> str:
    """A value of a kind that is neither figure, link nor choice."""
    if kind == "moment":
        return moment(value)
    if kind == "boolean":
        return truth(value)
    if kind == "json":
        return json.dumps(value, ensure_ascii=False)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def choice_of(choices: type[Choice], value: Any) -> Choice | None:
    """The choice for a stored value in whatever case, or None."""
    return next((one for one in choices if one.value.lower() == str(value).lower()), None)


def choice_text(choices: type[Choice], value: Any) -> str:
    """The label of a stored value."""
    found = choice_of(choices, value)
    return spoken(found.label) if found else str(value)


def colour(value: Any) -> str:
    """The colour of a state's badge; empty for a value that needs none."""
    return _COLOURS.get(str(value).lower(), "")


def share(value: Any) -> float:
    """A percentage as the length of a bar: 0 to 100."""
    return float(min(max(Decimal(str(value)), Decimal(0)), Decimal(100)))


def truth(value: Any) -> str:
    """Yes or no."""
    return say("是", "Yes") if value else say("否", "No")
