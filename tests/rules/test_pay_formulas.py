"""Formulas of pay items: what is understood, in which order it is reckoned, and what is refused by name."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hub.rules.pay_formulas import LONGEST, Unreadable, faults, names_in, reckoned

CODES = ("BASE", "HOURS", "奖金", "fine_2")
_numbers = some.decimals(0, 9999, places=2).map(str)
_formulas = some.recursive(
    some.one_of(some.sampled_from(CODES), _numbers),
    lambda inner: some.one_of(
        some.tuples(inner, some.sampled_from("+-*/"), inner).map(lambda one: f"({one[0]} {one[1]} {one[2]})"),
        inner.map(lambda one: f"-{one}"),
        some.tuples(some.sampled_from(("min", "max")), inner, inner).map(lambda one: f"{one[0]}({one[1]}, {one[2]})"),
    ),
    max_leaves=8,
)
_amounts = some.fixed_dictionaries({code: some.decimals(-99, 9999, places=2) for code in CODES})


def naive(formula: str, values: dict[str, Decimal]) -> Fraction:
    """Python itself reckons it, every number made a fraction."""
    text = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)", r"Fraction('\1')", formula)
    known: dict[str, Any] = {code: Fraction(value) for code, value in values.items()}
    return Fraction(eval(text, {"Fraction": Fraction, "min": min, "max": max}, known))  # noqa: S307 (the test's own)


@given(_formulas, _amounts)
def test_a_formula_comes_to_what_its_arithmetic_says(formula: str, values: dict[str, Decimal]) -> None:
    try:
        exact = naive(formula, values)
    except ZeroDivisionError:
        with pytest.raises(Unreadable):
            reckoned({"NET": formula}, values)
        return
    found = reckoned({"NET": formula}, values)["NET"]
    assert abs(Fraction(found) - exact) <= Fraction(1, 200)
    assert found == found.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert names_in(formula) == {code for code in CODES if code in formula}


@given(some.permutations(range(6)))
def test_items_follow_one_another_in_whatever_order_they_are_written(order: list[int]) -> None:
    """Each is the one before and one more; nothing is rounded on the way."""
    formulas = {f"P{at}": f"P{at - 1} + 1/3" if at else "START" for at in order}
    assert not list(faults(formulas, {*formulas, "START"}))
    assert reckoned(formulas, {"START": Decimal(1)})["P5"] == Decimal("2.67")


def test_half_a_cent_goes_away_from_nothing() -> None:
    found = reckoned({"A": "X / 2", "B": "-X / 2"}, {"X": Decimal("0.01")})
    assert (found["A"], found["B"]) == (Decimal("0.01"), Decimal("-0.01"))


@pytest.mark.parametrize(
    "formula",
    ["", "BASE +", "BASE ** 2", "__import__('os')", "BASE.real", "[1]", "abs(BASE)", "max()", "max(a=1)", "'x'", "True",
     "1e99", "BASE if 1 else 2", "max(*BASE)", "1j", "BASE; 1", "lambda: 1", "+" * 3 + "BASE", "1+" * LONGEST + "1"],
)  # fmt: skip
def test_what_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises(Unreadable):
        names_in(formula)
    assert [one.code for one in faults({"A": formula}, {"A", "BASE"})] == ["FORMULA_UNREADABLE"]


def test_all_that_is_wrong_with_all_formulas_is_told_at_once() -> None:
    formulas = {"A": "B + 1", "B": "C", "C": "A", "D": "E + F", "G": "1 +"}
    found = [one.code for one in faults(formulas, {*formulas, "E"})]
    assert found == ["FORMULA_UNKNOWN_NAME", "FORMULA_UNREADABLE", "FORMULA_LOOP"]
    with pytest.raises(Unreadable):
        reckoned(formulas, {})
