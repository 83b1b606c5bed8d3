"""Words in two languages and the three spellings of a name.

Chinese is what users see first; English stands beside it everywhere. A name is written once, in CamelCase as
the class has it; SQL gets snake_case and GraphQL camelCase from here and from nowhere else.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pypinyin import lazy_pinyin

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Label(NamedTuple):
    """A text in both languages."""

    chinese: str
    english: str

    def __str__(self) -> str:
        return f"{self.chinese} ({self.english})"

    def in_language(self, language: str) -> str:
        """The text in `language`: "en" gives English, all else Chinese."""
        return self.english if language.startswith("en") else self.chinese


UNITS = {"天": Label("天", "days"), "currency": Label("单据币种", "currency of the document")}
"""Units that are words; signs such as % are the same in both languages."""


def unit_label(unit: str) -> Label:
    """A field's unit in both languages."""
    return UNITS.get(unit, Label(unit, unit))


def snake(name: str) -> str:
    """SalesOrder or salesOrder → sales_order."""
    return _WORD_START.sub("_", name).lower()


@lru_cache(maxsize=20_000)
def camel(name: str) -> str:
    """sales_order → salesOrder, SalesOrder → salesOrder."""
    first, *rest = snake(name).split("_")
    return first + "".join(word.capitalize() for word in rest)


def pascal(name: str) -> str:
    """sales_order → SalesOrder."""
    return "".join(word.capitalize() for word in snake(name).split("_"))


def plural(name: str) -> str:
    """The English plural of a CamelCase or camelCase name: Delivery → Deliveries."""
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies"
    if re.search(r"(s|x|z|ch|sh)$", name):
        return name + "es"
    return name + "s"


@lru_cache(maxsize=20_000)
def pinyin(text: str | None) -> str | None:
    """What a name is sorted and found by, on three lines: 海天 3号 → "hai tian 3 hao", "haitian3hao", "ht3h".

    The syllables come first, so that names sort as people say them; joined and by initials is how people type them.
    Text without Chinese is itself, in lower case; no text is None.
    """
    if text is None:
        return None
    plain = " ".join(text.lower().split())
    if plain.isascii():
        return plain
    parts = lazy_pinyin(plain, errors=lambda foreign: f"\n{foreign}")  # a mark that the text cannot hold any more
    if all(part.startswith("\n") for part in parts):
        return plain
    words = " ".join(word for part in parts if (word := part.strip()))
    joined = "".join(part.strip() for part in parts)
    initials = "".join(part.strip() if part.startswith("\n") else part[:1] for part in parts)
    return "\n".join((words, joined.replace(" ", ""), initials.replace(" ", "")))
