"""Acceptance sampling by attributes: GB/T 2828.1-2012, identical with ISO 2859-1:1999, single sampling.

Table 1 gives a lot's code letter, Tables 2-A, 2-B and 2-C the sample and its numbers, clause 9.3 when inspection
becomes tightened, reduced or normal again. The three tables are staircases: one step down and one column left is the
same acceptance number, so each is kept as the numbers along its staircase.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from hub.errors import Invalid, problem


class Severity(StrEnum):
    """How strictly lots are inspected; `SUSPENDED`: five tightened lots were refused, sampling stops (9.4)."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    REDUCED = "reduced"
    SUSPENDED = "suspended"


LEVELS = ("S-1", "S-2", "S-3", "S-4", "I", "II", "III")
LETTERS = "ABCDEFGHJKLMNPQRS"
_SERIES = (10, 15, 25, 40, 65)
LIMITS = (*(Decimal(one).scaleb(power) for power in (-3, -2, -1, 0, 1) for one in _SERIES), Decimal(1000))
"""The acceptance quality limits of the standard: per cent nonconforming to 10, nonconformities per 100 items above."""

_UP_TO = (8, 15, 25, 50, 90, 150, 280, 500, 1200, 3200, 10_000, 35_000, 150_000, 500_000)
_CODES = {
    "S-1": "AAAABBBBCCCCDDD",
    "S-2": "AAABBBCCCDDDEEE",
    "S-3": "AABBCCDDEEFFGGH",
    "S-4": "AABCCDEEFGGHJJK",
    "I": "AABCCDEFGHJKLMN",
    "II": "ABCDEFGHJKLMNPQ",
    "III": "BCDEFGHJKLMNPQR",
}
"""Table 1: a letter for each row of `_UP_TO`, and one for all larger lots."""

_SIZES = (2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800, 1250, 2000, 3150)
_REDUCED_SIZES = (2, 2, 2, 3, 5, 8, 13, 20, 32, 50, 80, 125, 200, 315, 500, 800)

_STAIRS = {
    Severity.NORMAL: {14: 0, 17: 1, 18: 2, 19: 3, 20: 5, 21: 7, 22: 10, 23: 14, 24: 21, 25: 30, 26: 44},
    Severity.TIGHTENED: {15: 0, 18: 1, 19: 2, 20: 3, 21: 5, 22: 8, 23: 12, 24: 18, 25: 27, 26: 41},
    Severity.REDUCED: {14: 0, 18: 1, 19: 2, 20: 3, 21: 5, 22: 6, 23: 8, 24: 10, 25: 14, 26: 21},
}
"""Acceptance number by position of the letter plus position of the limit; what is missing is an arrow."""
_REDUCED_TOP = {
    0: {14: 0, 17: 1, 18: 2, 19: 3, 20: 5, 21: 7, 22: 10, 23: 14, 24: 21, 25: 30},
    1: {14: 0, 18: 1, 19: 2, 20: 3, 21: 5, 22: 7, 23: 10, 24: 14, 25: 21, 26: 30},
}
"""Letters A and B of Table 2-C, whose samples are as large as those above them."""
_LONG_ROWS = 4
"""Letters up to E have the two last steps; from F on the stairs end before them (at 24)."""


@dataclass(frozen=True)
class Plan:
    """A single sampling plan: accept the lot with at most `accept` nonconforming among `size`, else refuse it."""

    letter: str
    size: int
    accept: int

    @property
    def reject(self) -> int:
        """The least number that refuses the lot."""
        return self.accept + 1

    def accepts(self, nonconforming: int) -> bool:
        """Whether a lot passes with so many nonconforming items in the sample."""
        return nonconforming <= self.accept


def letter_of(lot_size: int, level: str = "II") -> str:
    """The sample size code letter of a lot (Table 1).

    >>> letter_of(1000), letter_of(1000, "S-3")
    ('J', 'E')

    Raises:
        Invalid: LOT_TOO_SMALL below two pieces, INSPECTION_LEVEL_UNKNOWN.
    """
    if level not in _CODES:
        levels = "、".join(LEVELS)
        raise Invalid(
            problem(
                "INSPECTION_LEVEL_UNKNOWN",
                f"检验水平应为 {levels} 之一。",
                f"An inspection level is one of {', '.join(LEVELS)}.",
                "inspectionLevel",
                hint=("请从国标检验水平中选择。", "Choose one of the standard's levels."),
            )
        )
    if lot_size < 2:
        raise Invalid(
            problem(
                "LOT_TOO_SMALL",
                "批量至少为 2 才能抽样；单件请全检。",
                "A lot to sample from has two pieces at least; inspect a single piece itself.",
                "quantity",
                hint=("请改为全检。", "Inspect every piece."),
            )
        )
    return _CODES[level][bisect_left(_UP_TO, lot_size)]


def limit_below(limit: Decimal) -> Decimal | None:
    """The next stricter acceptance quality limit; None below the strictest."""
    place = _column(limit)
    return LIMITS[place - 1] if place else None


def _column(limit: Decimal) -> int:
    if limit not in LIMITS:
        raise Invalid(
            problem(
                "QUALITY_LIMIT_UNKNOWN",
                f"接收质量限 {limit.normalize():f} 不在国标系列中。",
                f"{limit.normalize():f} is not one of the standard's acceptance quality limits.",
                "acceptanceQualityLimit",
                hint=("常用值：0.65、1.0、1.5、2.5、4.0。", "Usual ones are 0.65, 1.0, 1.5, 2.5 and 4.0."),
            )
        )
    return LIMITS.index(limit)


def _cell(severity: Severity, row: int, column: int) -> int | None:
    """An acceptance number of a master table; None where it has an arrow or nothing."""
    step = row + column
    if severity is Severity.REDUCED and row in _REDUCED_TOP:
        return _REDUCED_TOP[row].get(step)
    if row > _LONG_ROWS and step > 24:
        return None
    if LETTERS[row] == "S" and step != 18:
        return None
    return _STAIRS[severity].get(step)


def plan_of_letter(letter: str, limit: Decimal, severity: Severity = Severity.NORMAL) -> Plan:
    """The plan of a code letter, arrows followed: to the first plan above or below in the column.

    The letter and the sample size are those of the plan that the arrow leads to, as the standard asks (10.3).

    >>> plan_of_letter("K", Decimal("2.5")).size, plan_of_letter("K", Decimal("2.5")).accept
    (125, 7)
    """
    sizes = _REDUCED_SIZES if severity is Severity.REDUCED else _SIZES
    rows = len(sizes) if severity is Severity.TIGHTENED else 16
    first, column = LETTERS.index(letter), _column(limit)
    below, above = range(first, rows), range(first, -1, -1)
    step = first + column
    zero = min(_STAIRS[severity])
    upward = step > 24 or (step == zero + 1 and severity is not Severity.TIGHTENED)
    for row in (*above, *below) if upward else (*below, *above):
        accept = _cell(severity, row, column)
        if accept is not None:
            return Plan(LETTERS[row], sizes[row], accept)
    raise AssertionError(f"no plan in column {limit}")  # every column has one


def plan_for(lot_size: int, limit: Decimal, *, level: str = "II", severity: Severity = Severity.NORMAL) -> Plan:
    """The plan for a lot; a sample as large as the lot means that every piece is inspected (10.3)."""
    plan = plan_of_letter(letter_of(lot_size, level), limit, severity)
    return replace(plan, size=lot_size) if plan.size >= lot_size else plan


@dataclass(frozen=True)
class Outcome:
    """A decided lot of original inspection: its plan, what was found, and whether it was accepted.

    `stricter` is the acceptance number for the next stricter limit, of `stricter_number`.
    """

    plan: Plan
    nonconforming: int
    stricter: int | None = None
    accepted: bool | None = None

    @property
    def passed(self) -> bool:
        """What was decided, or what the plan says."""
        return self.plan.accepts(self.nonconforming) if self.accepted is None else self.accepted


@dataclass(frozen=True)
class Course:
    """Where a sequence of lots stands: severity, switching score (9.3.3.2), and the latest decisions under it.

    `latest` holds the last decisions of the present severity, newest last, five at most; `refused` counts lots refused
    since tightened inspection began.
    """

    severity: Severity = Severity.NORMAL
    score: int = 0
    latest: tuple[bool, ...] = field(default=())
    refused: int = 0


def after(course: Course, lot: Outcome, *, steady: bool = False) -> Course:
    """Where the sequence stands after one more lot (9.3).

    `steady`: production runs evenly and whoever is responsible wants reduced inspection; without it the score is kept
    but nothing is reduced, and reduced inspection ends.
    """
    return _AFTER[course.severity](course, lot, steady)


def _after_normal(course: Course, lot: Outcome, steady: bool) -> Course:
    latest = (*course.latest, lot.passed)[-5:]
    if latest.count(False) >= 2:
        return Course(Severity.TIGHTENED)
    score = _score(course.score, lot)
    return Course(Severity.REDUCED) if score >= 30 and steady else Course(Severity.NORMAL, score, latest)


def _after_tightened(course: Course, lot: Outcome, _steady: bool) -> Course:
    latest, refused = (*course.latest, lot.passed)[-5:], course.refused + (not lot.passed)
    if refused >= 5:
        return Course(Severity.SUSPENDED)
    if len(latest) == 5 and all(latest):
        return Course(Severity.NORMAL)
    return Course(Severity.TIGHTENED, 0, latest, refused)


def _after_reduced(_course: Course, lot: Outcome, steady: bool) -> Course:
    return Course(Severity.REDUCED if lot.passed and steady else Severity.NORMAL)


def _after_suspended(course: Course, _lot: Outcome, _steady: bool) -> Course:
    return course


_AFTER: dict[Severity, Callable[[Course, Outcome, bool], Course]] = {
    Severity.NORMAL: _after_normal,
    Severity.TIGHTENED: _after_tightened,
    Severity.REDUCED: _after_reduced,
    Severity.SUSPENDED: _after_suspended,
}


def resumed() -> Course:
    """After a suspension and what was done about it, lots are inspected tightened (9.4)."""
    return Course(Severity.TIGHTENED)


def _score(score: int, lot: Outcome) -> int:
    """9.3.3.2.2: three more where a stricter limit would have passed the lot too; two with numbers 0 and 1."""
    if lot.plan.accept <= 1:
        return score + 2 if lot.passed else 0
    would_pass = lot.passed and lot.stricter is not None and lot.nonconforming <= lot.stricter
    return score + 3 if would_pass else 0


def stricter_number(plan: Plan, limit: Decimal) -> int | None:
    """The acceptance number that a plan's letter has for the next stricter limit; None below the strictest."""
    below = limit_below(limit)
    return None if below is None else plan_of_letter(plan.letter, below).accept


def course_of(lots: Iterable[Outcome], *, steady: bool = False, start: Course | None = None) -> Course:
    """Where a whole sequence of lots stands; it begins with normal inspection (9.1) unless `start` says otherwise."""
    course = start or Course()
    for lot in lots:
        course = after(course, lot, steady=steady)
    return course
