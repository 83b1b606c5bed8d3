"""The one error a user of the collectors sees: a sentence in Chinese and the same in English.

Everything a person can get wrong (a key in a file, a port, a missing meter) ends as an `EdgeError`; the
command line prints it and leaves with code 2, so bad input is never a traceback.
"""

from __future__ import annotations


class EdgeError(Exception):
    """A mistake or a refusal, said once in each language."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(chinese, english)
        self.chinese = chinese
        self.english = english

    def __str__(self) -> str:
        return both(self.chinese, self.english)


def both(chinese: str, english: str) -> str:
    """One log line in both languages, Chinese first."""
    return f"{chinese} / {english}"
