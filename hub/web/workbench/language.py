"""The language of a page: Chinese unless the reader chose English.

starlette-admin keeps the choice of the moment (a cookie, read by its middleware); our own words stand in both
languages where they are used.
"""

from __future__ import annotations

from babel.support import LazyProxy
from starlette_admin.i18n import get_locale

from hub.words import Label, unit_label

COOKIE = "hub_language"
LANGUAGES = ["zh", "en"]


def say(chinese: str, english: str) -> str:
    """The text in the language of this request."""
    return Label(chinese, english).in_language(get_locale())


def spoken(label: Label) -> str:
    """A label in the language of this request."""
    return label.in_language(get_locale())


def lazy(label: Label) -> str:
    """A label that turns into text when a page is made, for what is built once and shown in both languages."""
    proxy: str = LazyProxy(spoken, label, enable_cache=False)  # type: ignore[assignment]  # behaves as a str
    return proxy


def unit_text(unit: str | None) -> str:
    """How a field's unit is shown; money's currency stands with its document, not at every figure."""
    if unit is None or unit == "currency":
        return ""
    return spoken(unit_label(unit))
