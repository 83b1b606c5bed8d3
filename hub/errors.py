"""What can go wrong, in six families, each with a code that says the fact.

A `Problem` is one thing wrong with a request: code, both languages, path and a hint. An `HubError` carries all
the problems of a request at once, so that a user mends them in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.hints import HINTS
from hub.words import Label


@dataclass(frozen=True)
class Problem:
    """One thing wrong: `path` leads to the field ("lines", "2", "quantity"), `data` holds the figures."""

    code: str
    message: Label
    path: tuple[str, ...] = ()
    hint: Label | None = None
    data: dict[str, Any] = field(default_factory=dict)

    def under(self, *prefix: str) -> Problem:
        """The same problem seen from further up."""
        return Problem(self.code, self.message, (*prefix, *self.path), self.hint, self.data)


class HubError(Exception):
    """A request that cannot be done; `problems` holds every reason found."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = [problems] if isinstance(problems, Problem) else list(problems)
        super().__init__("; ".join(f"{problem.code}: {problem.message}" for problem in self.problems))

    @classmethod
    def raise_all(cls, problems: Iterable[Problem]) -> None:
        """Raise this error with all `problems`, or return when there is none."""
        if found := list(problems):
            raise cls(found)


class NotFound(HubError):
    """No such document, or none that this user may know of."""


class Forbidden(HubError):
    """The user may not do this."""


class Invalid(HubError):
    """The values do not fit the fields."""


class Conflict(HubError):
    """Somebody else was faster: the version or the key is not the expected one."""


class Refused(HubError):
    """A rule of the business says no."""


class Unavailable(HubError):
    """A part the request needs is not running."""


def problem(
    code: str, chinese: str, english: str, *path: str, hint: tuple[str, str] | None = None, **data: Any
) -> Problem:
    """A problem in one line: the code, the sentence in both languages, the path; without a hint that of its code."""
    return Problem(code, Label(chinese, english), path, Label(*hint) if hint else HINTS.get(code), data)
