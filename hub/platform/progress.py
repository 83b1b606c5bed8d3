"""What the person at the terminal sees: one line per event in both languages, and the closing table.

On a terminal rich colours it; in a file they are plain lines. Each begins with the seconds since the start.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rich.console import Console

Mood = Literal["step", "good", "bad", "plain"]
_STYLES: dict[Mood, str] = {"step": "cyan", "good": "green", "bad": "bold red", "plain": ""}
_MARKS: dict[Mood, str] = {"step": "…", "good": "✓", "bad": "✗", "plain": " "}


@dataclass(frozen=True)
class Row:
    """One line of the closing table: what runs where, and how to get in."""

    name: str
    address: str
    account: str = ""
    password: str = ""
    note: str = ""


class Progress:
    """Writes progress to standard output."""

    def __init__(self, *, plain: bool = False) -> None:
        from rich.console import Console

        self.started = time.monotonic()
        self.console: Console = Console(highlight=False, soft_wrap=True, no_color=plain or None)
        if not self.console.is_terminal:
            self.console.width = 160

    def say(self, zh: str, en: str, mood: Mood = "plain") -> None:
        """One line with the seconds since the start."""
        from rich.text import Text

        seconds = time.monotonic() - self.started
        line = Text.assemble((f"{seconds:6.1f}s ", "dim"), (f"{_MARKS[mood]} {zh}", _STYLES[mood]), (f"  {en}", "dim"))
        self.console.print(line)

    def step(self, zh: str, en: str) -> None:
        """Something begins."""
        self.say(zh, en, "step")

    def good(self, zh: str, en: str) -> None:
        """Something is done."""
        self.say(zh, en, "good")

    def bad(self, zh: str, en: str) -> None:
        """Something went wrong, in one sentence."""
        self.say(zh, en, "bad")

    def table(self, title: str, rows: Sequence[Row]) -> None:
        """The closing table. Addresses and passwords stay on one line, because they are copied from it."""
        from rich.table import Table

        table = Table(title=title, title_justify="left", title_style="bold")
        for heading in ("组件 Part", "地址 Address", "账号 Account", "口令 Password", "说明 Note"):
            copied = heading.split()[1] in {"Address", "Account", "Password"}
            table.add_column(heading, overflow="fold", no_wrap=copied, min_width=None if copied else 8)
        for row in rows:
            table.add_row(row.name, row.address, row.account, row.password, row.note)
        self.console.print(table, soft_wrap=False)
