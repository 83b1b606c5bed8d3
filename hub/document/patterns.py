"""How a number is written: `SO-{yyyy}{mm}-{seq:05}`, `{category}-{seq:04}`; what is wrong with such a pattern.

Tokens are parts of the date, the running number (once) and fields of the document. A counter belongs to the pattern
with those tokens filled in by which it begins anew; the others stay as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from hub.document.fields import Choice
from hub.errors import Problem, problem

_PIECE = re.compile(r"\{([^{}]*)\}|([^{}]+)|([{}])")
_SEQUENCE = re.compile(r"seq(?::0?([0-9]{1,2}))?")
_DATES = {"yyyy": "%Y", "yy": "%y", "mm": "%m", "dd": "%d"}
_DIGITS = {"yyyy": 4, "yy": 2, "mm": 2, "dd": 2}
_WIDEST, _LONGEST = 12, 80


class Reset(Choice):
    """When the running number begins at 1 again."""

    PATTERN = "pattern", "编码前面的部分变化时", "When anything else in the number changes"
    NEVER = "never", "从不", "Never"
    YEAR = "year", "每年", "Every year"
    MONTH = "month", "每月", "Every month"
    DAY = "day", "每天", "Every day"
    FIELD = "field", "字段值变化时", "Per value of the field"


_PARTS: dict[Reset, tuple[tuple[str, ...], ...]] = {
    Reset.YEAR: (("yyyy", "yy"),),
    Reset.MONTH: (("yyyy", "yy"), ("mm",)),
    Reset.DAY: (("yyyy", "yy"), ("mm",), ("dd",)),
}
"""What a pattern must show for a number to stay unique: of each group, one."""


@dataclass(frozen=True)
class Pattern:
    """A text of the grammar; `problems` says what is wrong with it, the rest needs a right one."""

    text: str

    @cached_property
    def pieces(self) -> tuple[tuple[str, str], ...]:
        """("text", …), ("date", "yyyy"), ("seq", width), ("field", name) in order; ("wrong", …) for a lone brace."""
        return tuple(_piece(*found) for found in _PIECE.findall(self.text))

    @property
    def fields(self) -> list[str]:
        """The document's fields that the pattern shows."""
        return [value for kind, value in self.pieces if kind == "field"]

    def problems(self, reset: Reset, fields: Collection[str]) -> Iterator[Problem]:
        """What is wrong with it, for a type that has these fields."""
        if len(self.text) > _LONGEST:
            yield _wrong(f"编码格式最多 {_LONGEST} 个字", f"a pattern has at most {_LONGEST} characters")
        if any(kind == "wrong" for kind, _ in self.pieces):
            yield _wrong("花括号不成对", "a brace has no partner")
        count = sum(kind == "seq" for kind, _ in self.pieces)
        if count != 1:
            yield _wrong(
                f"流水号 {{seq:05}} 应出现一次，现为 {count} 次", f"{{seq:05}} must stand in it once, not {count} times"
            )
        if any(kind == "seq" and not 1 <= int(value) <= _WIDEST for kind, value in self.pieces):
            yield _wrong(f"流水号应为 1 到 {_WIDEST} 位", f"the running number has 1 to {_WIDEST} digits")
        for name in self.fields:
            if name not in fields:
                known = "、".join(["yyyy", "yy", "mm", "dd", "seq:05", *fields])
                yield _wrong(f"没有 {{{name}}}，可用：{known}", f"there is no {{{name}}}, only: {known}")
        yield from self._ambiguous(reset)

    def _ambiguous(self, reset: Reset) -> Iterator[Problem]:
        """A number that begins anew must show by what, or it comes twice."""
        shown = {value for kind, value in self.pieces if kind == "date"}
        lacking = ["{" + group[0] + "}" for group in _PARTS.get(reset, ()) if not shown & set(group)]
        if reset is Reset.FIELD and not self.fields:
            lacking = ["{…}"]
        if lacking:
            tokens = "".join(lacking)
            yield _wrong(
                f"{reset.label.chinese}重新编号时须含 {tokens}，否则会重号",
                f"numbers that begin anew ({reset.label.english.lower()}) need {tokens}, or they come twice",
            )

    def within(self, reset: Reset, day: date, value: Callable[[str], str]) -> str:
        """What the counter is kept under: the tokens by which it begins anew filled in, the others as written."""
        filled = _filled(reset)
        return "".join(
            _shown(kind, text, day, value, "") if kind in filled or text in filled else _written(kind, text)
            for kind, text in self.pieces
        )

    def number(self, running: int, day: date, value: Callable[[str], str]) -> str:
        """The number itself."""
        return "".join(
            _shown(kind, text, day, value, str(running).zfill(int(text)) if kind == "seq" else "")
            for kind, text in self.pieces
        )

    def matching(self, reset: Reset, day: date, value: Callable[[str], str]) -> str:
        """A regular expression for the numbers that one counter has given; its group is the running number."""
        filled, parts = _filled(reset), []
        for kind, text in self.pieces:
            if kind == "seq":
                parts.append("([0-9]{1,15})")
            elif kind == "text" or kind in filled or text in filled:
                parts.append(re.escape(_shown(kind, text, day, value, "")))
            else:
                parts.append(".*" if kind == "field" else f"[0-9]{{{_DIGITS[text]}}}")
        return f"^{''.join(parts)}$"


def _piece(token: str, literal: str, lone: str) -> tuple[str, str]:
    if literal or lone:
        return ("text", literal) if literal else ("wrong", lone)
    if token in _DATES:
        return "date", token
    sequence = _SEQUENCE.fullmatch(token)
    return ("seq", sequence[1] or "1") if sequence else ("field", token)


def _filled(reset: Reset) -> frozenset[str]:
    """The kinds of token, or single ones, by which the counter begins anew."""
    if reset is Reset.PATTERN:
        return frozenset({"date", "field"})
    if reset is Reset.FIELD:
        return frozenset({"field"})
    return frozenset(part for group in _PARTS.get(reset, ()) for part in group)


def _shown(kind: str, text: str, day: date, value: Callable[[str], str], running: str) -> str:
    if kind == "date":
        return f"{day:{_DATES[text]}}"
    if kind == "field":
        return value(text)
    return running if kind == "seq" else text


def _written(kind: str, text: str) -> str:
    """A token as the pattern has it; `{seq:5}` and `{seq:05}` are one."""
    if kind == "seq":
        return f"{{seq:{text.zfill(2)}}}"
    return text if kind == "text" else f"{{{text}}}"


def _wrong(chinese: str, english: str) -> Problem:
    return problem(
        "PATTERN_INVALID",
        f"编码格式有误：{chinese}。",
        f"The pattern is wrong: {english}.",
        "pattern",
        hint=("例如 SO-{yyyy}{mm}-{seq:05}", "For example SO-{yyyy}{mm}-{seq:05}"),
    )
