"""Words in two languages and the three spellings of a name.

Chinese is what users see first; English stands beside it everywhere. A name is written once, in CamelCase as
the class has it; SQL gets snake_case and GraphQL camelCase from here and from nowhere else.
"""

from __future__ import annotations

import re
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


def snake(name: str) -> str:
    """SalesOrder or salesOrder → sales_order."""
    return _WORD_START.sub("_", name).lower()


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


def pinyin(text: str) -> str:
    """What a name is sorted and found by: 海天 → "hai tian haitian ht"; text without Chinese in lower case.

    The syllables come first, so that names sort as people say them; joined and by initials is how people type them.
    """
    if text.isascii():
        return text.lower()
    syllables = [syllable.strip().lower() for syllable in lazy_pinyin(text)]
    initials = "".join(syllable[:1] for syllable in syllables)
    return f"{' '.join(syllables)} {''.join(syllables)} {initials}"
