"""What goes wrong for an analyst: one sentence in Chinese and one in English, in a notebook instead of a traceback."""

from __future__ import annotations


class HubProblem(Exception):
    """Something the analyst can act on."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(chinese, english)
        self.chinese = chinese
        self.english = english

    def __str__(self) -> str:
        return f"{self.chinese}\n{self.english}"

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of the traceback."""
        return [self.chinese, self.english]
