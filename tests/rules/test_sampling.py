"""GB/T 2828.1 / ISO 2859-1: its tables cell by cell where it prints them, and what they promise everywhere."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Invalid
from hub.rules.sampling import (
    LETTERS,
    LEVELS,
    LIMITS,
    Course,
    Outcome,
    Plan,
    Severity,
    after,
    course_of,
    letter_of,
    plan_for,
    plan_of_letter,
    resumed,
    stricter_number,
)

PRINTED = {
    Severity.NORMAL: {
        "0.65": """F20-0 F20-0 F20-0 F20-0 F20-0 F20-0 F20-0 J80-1
            J80-1 K125-2 L200-3 M315-5 N500-7 P800-10 Q1250-14 R2000-21""",
        "1.0": """E13-0 E13-0 E13-0 E13-0 E13-0 E13-0 H50-1 H50-1
            J80-2 K125-3 L200-5 M315-7 N500-10 P800-14 Q1250-21 Q1250-21""",
        "2.5": """C5-0 C5-0 C5-0 C5-0 F20-1 F20-1 G32-2 H50-3
            J80-5 K125-7 L200-10 M315-14 N500-21 N500-21 N500-21 N500-21""",
        "4.0": """B3-0 B3-0 B3-0 E13-1 E13-1 F20-2 G32-3 H50-5
            J80-7 K125-10 L200-14 M315-21 M315-21 M315-21 M315-21 M315-21""",
    },
    Severity.TIGHTENED: {
        "0.025": """P800-0 P800-0 P800-0 P800-0 P800-0 P800-0 P800-0 P800-0
            P800-0 P800-0 P800-0 P800-0 P800-0 P800-0 S3150-1 S3150-1""",
        "1.0": """F20-0 F20-0 F20-0 F20-0 F20-0 F20-0 J80-1 J80-1
            J80-1 K125-2 L200-3 M315-5 N500-8 P800-12 Q1250-18 Q1250-18""",
        "4.0": """C5-0 C5-0 C5-0 F20-1 F20-1 F20-1 G32-2 H50-3
            J80-5 K125-8 L200-12 M315-18 M315-18 M315-18 M315-18 M315-18""",
    },
    Severity.REDUCED: {
        "1.0": """E5-0 E5-0 E5-0 E5-0 E5-0 E5-0 J32-1 J32-1
            J32-1 K50-2 L80-3 M125-5 N200-6 P315-8 Q500-10 Q500-10""",
        "4.0": """B2-0 B2-0 B2-0 F8-1 F8-1 F8-1 G13-2 H20-3
            J32-5 K50-6 L80-8 M125-10 M125-10 M125-10 M125-10 M125-10""",
    },
}
"""Columns of Tables 2-A, 2-B and 2-C for the letters A to R, arrows followed."""
TABLE_1 = {
    (8, "II"): "A", (9, "II"): "B", (25, "I"): "B", (50, "III"): "E", (90, "S-2"): "B", (150, "II"): "F",
    (280, "S-4"): "E", (500, "II"): "H", (501, "II"): "J", (1200, "S-1"): "C", (3200, "II"): "K", (10_000, "S-3"): "F",
    (35_000, "I"): "K", (150_000, "II"): "N", (500_000, "III"): "Q", (500_001, "III"): "R", (10**9, "S-1"): "D",
}  # fmt: skip
limits, severities = st.sampled_from(LIMITS), st.sampled_from(list(PRINTED))


@pytest.mark.parametrize(("severity", "limit"), [(one, limit) for one in PRINTED for limit in PRINTED[one]])
def test_the_master_tables_are_the_printed_ones(severity: Severity, limit: str) -> None:
    plans = [plan_of_letter(letter, Decimal(limit), severity) for letter in LETTERS[:16]]
    assert [f"{one.letter}{one.size}-{one.accept}" for one in plans] == PRINTED[severity][limit].split()


@pytest.mark.parametrize(("lot", "level"), TABLE_1)
def test_code_letters_are_those_of_table_1(lot: int, level: str) -> None:
    assert letter_of(lot, level) == TABLE_1[lot, level]


def test_there_are_26_limits() -> None:
    assert len(LIMITS) == 26
    assert [LIMITS[0], LIMITS[10], LIMITS[-1]] == [Decimal("0.010"), Decimal(1), Decimal(1000)]


@given(st.integers(2, 10**6), st.integers(2, 10**6), st.sampled_from(LEVELS))
def test_a_larger_lot_never_has_an_earlier_letter(one: int, other: int, level: str) -> None:
    small, large = sorted((one, other))
    assert letter_of(small, level) <= letter_of(large, level)


@given(st.integers(2, 10**6), st.sampled_from(LEVELS), limits, severities)
def test_a_plan_never_asks_for_more_than_the_lot(lot: int, level: str, limit: Decimal, severity: Severity) -> None:
    plan = plan_for(lot, limit, level=level, severity=severity)
    assert 2 <= plan.size <= lot
    assert plan.accepts(plan.accept)
    assert not plan.accepts(plan.reject)


@given(st.sampled_from(LETTERS[:16]), limits)
def test_tightened_inspection_accepts_no_greater_share_of_defects(letter: str, limit: Decimal) -> None:
    normal, tight = plan_of_letter(letter, limit), plan_of_letter(letter, limit, Severity.TIGHTENED)
    reduced = plan_of_letter(letter, limit, Severity.REDUCED)
    if tight.letter == normal.letter == reduced.letter:
        assert tight.accept <= normal.accept
        assert reduced.size <= normal.size
        assert reduced.accept <= normal.accept


@given(st.sampled_from(LETTERS[:16]), st.integers(1, 25), severities)
def test_within_a_letter_a_wider_limit_never_accepts_less(letter: str, place: int, severity: Severity) -> None:
    strict, wide = (plan_of_letter(letter, LIMITS[at], severity) for at in (place - 1, place))
    if strict.letter == wide.letter:
        assert strict.accept <= wide.accept


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda: letter_of(1), "LOT_TOO_SMALL"),
        (lambda: letter_of(10, "IV"), "INSPECTION_LEVEL_UNKNOWN"),
        (lambda: plan_for(10, Decimal(3)), "QUALITY_LIMIT_UNKNOWN"),
    ],
)
def test_what_the_standard_does_not_know_is_refused(ask: object, code: str) -> None:
    with pytest.raises(Invalid) as raised:
        ask()  # type: ignore[operator]
    assert raised.value.problems[0].code == code


PLAN = Plan("J", 80, 2)
GOOD, FAIR, BAD = Outcome(PLAN, 0, stricter=1), Outcome(PLAN, 2, stricter=1), Outcome(PLAN, 3, stricter=1)


def test_two_of_five_refused_lots_make_inspection_tightened_and_five_accepted_ones_end_it() -> None:
    assert course_of([BAD, GOOD, GOOD, GOOD, GOOD, BAD]).severity is Severity.NORMAL  # six apart
    tight = course_of([BAD, GOOD, GOOD, GOOD, BAD])
    assert tight.severity is Severity.TIGHTENED
    for lot in (GOOD, GOOD, BAD, GOOD, GOOD, GOOD, GOOD):
        tight = after(tight, lot)
        assert tight.severity is Severity.TIGHTENED
    assert after(tight, GOOD) == Course(Severity.NORMAL)


def test_five_refused_lots_under_tightened_inspection_suspend_it() -> None:
    stopped = course_of([BAD, BAD, BAD, GOOD, BAD, BAD, GOOD, BAD, BAD])
    assert stopped.severity is Severity.SUSPENDED
    assert after(stopped, GOOD) == stopped
    assert resumed().severity is Severity.TIGHTENED


def test_the_switching_score_counts_three_and_falls_to_nothing() -> None:
    assert course_of([GOOD] * 9).score == 27
    assert course_of([GOOD] * 9 + [FAIR]).score == 0  # accepted, but not one limit stricter
    assert course_of([GOOD] * 10, steady=True).severity is Severity.REDUCED
    assert course_of([GOOD] * 12).severity is Severity.NORMAL  # nobody asked for it
    assert course_of([GOOD] * 10 + [BAD], steady=True).severity is Severity.NORMAL
    small = Outcome(Plan("F", 20, 1), 1, stricter=0)
    assert course_of([small] * 14, steady=True).score == 28
    assert course_of([small] * 15, steady=True).severity is Severity.REDUCED


def test_the_stricter_number_is_one_column_left() -> None:
    assert stricter_number(plan_of_letter("K", Decimal("2.5")), Decimal("2.5")) == 5
    assert stricter_number(plan_of_letter("K", Decimal("15")), Decimal("15")) == 14  # of J, where the arrow led
    assert stricter_number(plan_of_letter("Q", Decimal("0.010")), Decimal("0.010")) is None


@given(st.lists(st.sampled_from([GOOD, FAIR, BAD]), max_size=60), st.booleans())
def test_the_course_agrees_with_the_rules_read_aloud(lots: list[Outcome], steady: bool) -> None:
    severity, since, score = Severity.NORMAL, 0, 0
    for index, lot in enumerate(lots):
        now = [one.passed for one in lots[since : index + 1]]
        before = severity
        if severity is Severity.NORMAL:
            score = score + 3 if lot.nonconforming <= 1 else 0
            if sum(not one for one in now[-5:]) >= 2:
                severity = Severity.TIGHTENED
            elif score >= 30 and steady:
                severity = Severity.REDUCED
        elif severity is Severity.TIGHTENED:
            if now.count(False) >= 5:
                severity = Severity.SUSPENDED
            elif now[-5:] == [True] * 5:
                severity = Severity.NORMAL
        elif severity is Severity.REDUCED and not (lot.passed and steady):
            severity = Severity.NORMAL
        if severity is not before:
            since, score = index + 1, 0
    assert course_of(lots, steady=steady).severity is severity
