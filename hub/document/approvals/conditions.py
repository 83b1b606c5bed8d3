"""Conditions of approval flows: a small safe language over a document's fields, its links' fields and derived values.

    total > 100000 and customer.code not in ("K1", "K2") or promised_date is empty

Parsed by hand, never evaluated as code. Numbers are exact (fractions), logic has two values: an empty value in a
comparison is an error that names the field, so an approval is never skipped because something was left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from hub.errors import Invalid, Refused, problem

LONGEST = 500
DEEPEST = 40
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?![\w.]))|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')|(?P<sign><=|>=|==|!=|<>|[-+*/=<>(),]))"
)
_WORDS = frozenset({"and", "or", "not", "in", "is", "empty", "true", "false"})
_COMPARISONS = {"=": "=", "==": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True)
class Constant:
    """A number (Fraction), text or truth value."""

    value: Any
    at: int


@dataclass(frozen=True)
class Path:
    """A field, or a field of a linked document: ("customer", "code")."""

    names: tuple[str, ...]
    at: int


@dataclass(frozen=True)
class Operation:
    """An operator over parts: or, and, not, = != < <= > >=, in, empty, + - * /, negative."""

    name: str
    parts: tuple[Part, ...]
    at: int


Part = Constant | Path | Operation


@dataclass(frozen=True)
class _Token:
    kind: str
    word: str
    at: int


def parse(text: str) -> Part:
    """The tree of a condition.

    Raises:
        Invalid: CONDITION_INVALID, with the position (from 1) where it stops making sense.
    """
    if len(text) > LONGEST:
        refuse(f"条件不能超过 {LONGEST} 个字符", f"a condition has at most {LONGEST} characters", LONGEST)
    return _Parser(list(_tokens(text))).whole()


def paths(part: Part) -> Iterator[Path]:
    """Every field a condition looks at."""
    if isinstance(part, Path):
        yield part
    elif isinstance(part, Operation):
        for one in part.parts:
            yield from paths(one)


def holds(part: Part, values: Mapping[tuple[str, ...], Any]) -> bool:
    """Whether a condition holds for these values, by path; `None` is an empty value.

    Raises:
        Refused: CONDITION_VALUE_EMPTY, CONDITION_DIVIDES_BY_ZERO. Invalid: CONDITION_INVALID for unlike values.
    """
    found = _value(part, values)
    if not isinstance(found, bool):
        refuse("条件的结果必须是“是”或“否”", "a condition must come to true or false", part.at)
    return found


def refuse(chinese: str, english: str, at: int, code: str = "CONDITION_INVALID") -> NoReturn:
    """CONDITION_INVALID at a place of the text; `at` counts from 0."""
    message = f"条件第 {at + 1} 个字符处：{chinese}。", f"At character {at + 1} of the condition: {english}."
    raise Invalid(problem(code, *message, "condition", position=at + 1))


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            place = at + len(text[at:]) - len(text[at:].lstrip())
            refuse(f"无法识别“{text[place]}”", f"“{text[place]}” is not understood", place)
        kind = str(found.lastgroup)
        word = found[kind]
        is_word = kind == "name" and word in _WORDS
        yield _Token("word" if is_word else kind, word, found.start(kind))
        at = found.end()
    yield _Token("end", "", len(text))


class _Parser:
    """Recursive descent; one method per level of binding, the loosest first."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens, self._next, self._depth = tokens, 0, 0

    def whole(self) -> Part:
        found = self._or()
        if self._here.kind != "end":
            self._unexpected()
        return found

    @property
    def _here(self) -> _Token:
        return self._tokens[self._next]

    def _take(self, *words: str) -> _Token | None:
        """The token here, if it is one of these signs or words."""
        here = self._here
        if here.kind not in ("sign", "word") or here.word not in words:
            return None
        self._next += 1
        return here

    def _need(self, word: str) -> None:
        if self._take(word) is None:
            refuse(f"此处应为“{word}”", f"“{word}” is expected here", self._here.at)

    def _unexpected(self) -> NoReturn:
        here = self._here
        if here.kind == "end":
            refuse("条件不完整", "the condition is not complete", here.at)
        refuse(f"此处不应出现“{here.word}”", f"“{here.word}” does not fit here", here.at)

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            refuse(f"嵌套超过 {DEEPEST} 层", f"more than {DEEPEST} levels", self._here.at)

    def _or(self) -> Part:
        parts = [self._and()]
        at = self._here.at
        while self._take("or"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Operation("or", tuple(parts), at)

    def _and(self) -> Part:
        parts = [self._not()]
        at = self._here.at
        while self._take("and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else Operation("and", tuple(parts), at)

    def _not(self) -> Part:
        token = self._take("not")
        if token is None:
            return self._comparison()
        self._deeper()
        found = Operation("not", (self._not(),), token.at)
        self._depth -= 1
        return found

    def _comparison(self) -> Part:
        left = self._sum()
        sign = self._take(*_COMPARISONS)
        if sign is not None:
            return Operation(_COMPARISONS[sign.word], (left, self._sum()), sign.at)
        if token := self._take("is"):
            negated = self._take("not")
            self._need("empty")
            found = Operation("empty", (left,), token.at)
            return Operation("not", (found,), token.at) if negated else found
        if token := self._take("not"):
            self._need("in")
            return Operation("not", (self._in(left, token.at),), token.at)
        if token := self._take("in"):
            return self._in(left, token.at)
        return left

    def _in(self, left: Part, at: int) -> Part:
        self._need("(")
        parts = [left, self._sum()]
        while self._take(","):
            parts.append(self._sum())
        self._need(")")
        return Operation("in", tuple(parts), at)

    def _sum(self) -> Part:
        found = self._product()
        while sign := self._take("+", "-"):
            found = Operation(sign.word, (found, self._product()), sign.at)
        return found

    def _product(self) -> Part:
        found = self._factor()
        while sign := self._take("*", "/"):
            found = Operation(sign.word, (found, self._factor()), sign.at)
        return found

    def _factor(self) -> Part:
        here = self._here
        if self._take("-", "("):
            self._deeper()
            found: Part = Operation("negative", (self._factor(),), here.at) if here.word == "-" else self._or()
            if here.word == "(":
                self._need(")")
            self._depth -= 1
            return found
        if here.word in ("true", "false") and here.kind == "word":
            self._next += 1
            return Constant(here.word == "true", here.at)
        if here.kind not in ("number", "text", "name"):
            self._unexpected()
        self._next += 1
        if here.kind == "number":
            return Constant(Fraction(here.word), here.at)
        return Path(tuple(here.word.split(".")), here.at) if here.kind == "name" else Constant(here.word[1:-1], here.at)


def _value(part: Part, values: Mapping[tuple[str, ...], Any]) -> Any:
    """What a part comes to; None only for an empty field, which its user must expect."""
    if isinstance(part, Constant):
        return part.value
    if isinstance(part, Path):
        found = values[part.names]
        return Fraction(found) if isinstance(found, Decimal | int) and not isinstance(found, bool) else found
    if part.name in ("and", "or", "not", "empty"):
        return _logic(part, values)
    known = [_known(one, values) for one in part.parts]
    if part.name == "in":
        return any(_compared("=", known[0], one, part.at) for one in known[1:])
    if part.name in _COMPARISONS:
        return _compared(part.name, known[0], known[1], part.at)
    return _reckoned(part, known)


def _logic(part: Operation, values: Mapping[tuple[str, ...], Any]) -> bool:
    """`and` and `or` stop at the first part that decides."""
    if part.name == "empty":
        return _value(part.parts[0], values) in (None, "")
    if part.name == "not":
        return not _truth(part.parts[0], values)
    wanted = part.name == "or"
    return wanted if any(_truth(one, values) is wanted for one in part.parts) else not wanted


def _truth(part: Part, values: Mapping[tuple[str, ...], Any]) -> bool:
    found = _known(part, values)
    if not isinstance(found, bool):
        refuse("此处应为“是”或“否”的判断", "something true or false is expected here", part.at)
    return found


def _known(part: Part, values: Mapping[tuple[str, ...], Any]) -> Any:
    found = _value(part, values)
    if found is not None:
        return found
    assert isinstance(part, Path)
    name = ".".join(part.names)
    raise Refused(
        problem(
            "CONDITION_VALUE_EMPTY",
            f"“{name}”为空，无法判断审批条件。",
            f"{name} is empty, so the approval's condition cannot be told.",
            name,
            hint=("请先填写该字段，或在条件中用 is empty 判断。", "Fill it in, or ask “is empty” in the condition."),
            position=part.at + 1,
        )
    )


def _compared(name: str, left: Any, right: Any, at: int) -> bool:
    """Like with like: numbers, texts, truths; a text beside a day or moment is read as one."""
    left, right = _alike(left, right, at), _alike(right, left, at)
    if kind_of(left) != kind_of(right) or (isinstance(left, bool) and name not in ("=", "!=")):
        refuse("两边的类型不同，不能比较", "the two sides cannot be compared", at)
    if name in ("=", "!="):
        return bool(left == right) is (name == "=")
    if name in ("<", ">="):
        return bool(left < right) is (name == "<")
    return bool(left > right) is (name == ">")


def _alike(value: Any, other: Any, at: int) -> Any:
    """A text as the day or moment that it stands beside."""
    if not isinstance(value, str) or not isinstance(other, date):
        return value
    return moment_of(value, other, at)


def moment_of(text: str, like: date, at: int) -> date:
    """A text like "2026-03-05" as a day, or beside a moment as one; a moment without a zone is in `like`'s."""
    try:
        if not isinstance(like, datetime):
            return date.fromisoformat(text)
        found = datetime.fromisoformat(text)
    except ValueError:
        refuse(f"“{text}”不是日期（如 2026-03-05）", f"“{text}” is no date like 2026-03-05", at)
    return found if found.tzinfo else found.replace(tzinfo=like.tzinfo)


def kind_of(value: Any) -> str:
    """number, text, truth, day or moment."""
    kinds = ((bool, "truth"), (Fraction, "number"), (str, "text"), (datetime, "moment"), (date, "day"))
    return next(kind for type_, kind in kinds if isinstance(value, type_))


def _reckoned(part: Operation, known: list[Any]) -> Fraction:
    if any(not isinstance(one, Fraction) for one in known):
        refuse("只有数字可以计算", "only numbers can be reckoned with", part.at)
    if part.name == "negative":
        return Fraction(-known[0])
    left, right = known
    if part.name == "/" and right == 0:
        place = part.at + 1
        sentence = f"审批条件第 {place} 个字符处除数为零。", f"The condition divides by zero at character {place}."
        raise Refused(problem("CONDITION_DIVIDES_BY_ZERO", *sentence, position=place))
    result = {"+": left + right, "-": left - right, "*": left * right, "/": left / right if right else left}
    return Fraction(result[part.name])
