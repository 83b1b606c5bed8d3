"""A verb's problems as a page shows them: a sentence in the reader's language, at the input it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hub.errors import Problem
from hub.web.workbench.language import spoken


@dataclass(frozen=True)
class ShownProblem:
    """A sentence, its hint, and the name of the input it belongs to ("lines.1.quantity"), "" for none."""

    text: str
    hint: str
    at: str


def shown(problems: Iterable[Problem]) -> list[ShownProblem]:
    """The problems in the language of this request."""
    return [
        ShownProblem(spoken(one.message), spoken(one.hint) if one.hint else "", ".".join(one.path)) for one in problems
    ]
