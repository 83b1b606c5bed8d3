"""The credit code: every single wrong character and every swap of neighbours is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.credit_code import LETTERS, check_digit, is_credit_code, wrong_code

FIRST = st.text(LETTERS, min_size=17, max_size=17)


@given(FIRST, st.integers(0, 17), st.sampled_from(LETTERS))
def test_one_wrong_character_is_noticed(first: str, at: int, letter: str) -> None:
    code = first + check_digit(first)
    other = code[:at] + letter + code[at + 1 :]
    assert is_credit_code(code)
    assert is_credit_code(other) == (other == code)


@given(FIRST, st.integers(0, 16))
def test_neighbours_that_changed_places_are_noticed(first: str, at: int) -> None:
    code = first + check_digit(first)
    other = code[:at] + code[at + 1] + code[at] + code[at + 2 :]
    assert is_credit_code(other) == (other == code)


def test_published_codes_and_what_is_none() -> None:
    """The code of GB 32100-2015's own example, and those of two well-known companies."""
    assert all(map(is_credit_code, ["91350100M000100Y43", "914403001922038216", "91440300708461136T"]))
    assert list(wrong_code(None)) == []


@pytest.mark.parametrize("code", ["", "91350100M000100Y44", "91350100M000100Y4", "91350100M000100Y430", "9" * 17 + "I"])
def test_what_is_no_code_is_told(code: str) -> None:
    assert [one.code for one in wrong_code(code)] == ["CREDIT_CODE_WRONG"]
