"""The unified social credit code (统一社会信用代码) of organizations in China: its letters and its check digit.

GB 32100-2015: 18 characters, the last of which checks the others; I, O, S, V and Z are not used.
"""

from __future__ import annotations

from collections.abc import Iterator

from hub.errors import Problem, problem

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18


def check_digit(first: str) -> str:
    """The last character of a code whose first seventeen are given; the weights are powers of 3 modulo 31.

    >>> check_digit("91350100M000100Y4")
    '3'
    """
    total = sum(LETTERS.index(letter) * pow(3, at, 31) for at, letter in enumerate(first))
    return LETTERS[-total % 31]


def is_credit_code(code: str) -> bool:
    """Whether a text is a code: 18 of its letters, the last one the right one."""
    if len(code) != LENGTH or any(letter not in LETTERS for letter in code):
        return False
    return check_digit(code[:-1]) == code[-1]


def wrong_code(code: str | None) -> Iterator[Problem]:
    """CREDIT_CODE_WRONG for a code that is none; nothing for no code."""
    if code is not None and not is_credit_code(code):
        yield problem(
            "CREDIT_CODE_WRONG",
            f"统一社会信用代码“{code}”的长度或校验位不对。",
            f"The unified social credit code {code} has a wrong length or check digit.",
            "uscc",
            hint=("请对照营业执照核对。", "Compare it with the business licence."),
        )
