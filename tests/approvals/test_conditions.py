"""The language of conditions: parses what it prints, reckons as Fractions do, never lets an empty value pass."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.document.approvals.conditions import LONGEST, Constant, Operation, Part, Path, holds, parse, paths
from hub.document.approvals.values import checked
from hub.document.registry import spec as spec_of
from hub.errors import HubError, Invalid, Refused

TOKENS = ["a", "1", "(", ")", "and", "or", "not", "in", "is", "empty", ",", ".", "=", "<", "+", "-", "*", "/", '"', "'"]
NAMES = ("total", "freight", "lines_count")
VALUES = st.fixed_dictionaries(
    {(name,): st.one_of(st.none(), st.decimals("-1000", "1000", places=4)) for name in NAMES}
)
NUMBERS = st.decimals("0", "99999", places=2).map(lambda number: Constant(Fraction(number), 0))
FIELDS = st.sampled_from(NAMES).map(lambda name: Path((name,), 0))


def operation(names: str, *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Operation]:
    return st.builds(lambda name, found: Operation(name, found, 0), st.sampled_from(names.split()), st.tuples(*parts))


AMOUNTS: st.SearchStrategy[Any] = st.recursive(
    st.one_of(NUMBERS, FIELDS),
    lambda part: st.one_of(operation("+ - * /", part, part), operation("negative", part)),
    max_leaves=5,
)
TESTS: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        operation("= != < <= > >=", AMOUNTS, AMOUNTS),
        operation("empty", FIELDS),
        operation("in", AMOUNTS, AMOUNTS, AMOUNTS),
    ),
    lambda part: st.one_of(operation("and or", part, part), operation("not", part)),
    max_leaves=5,
)


def printed(part: Part) -> str:
    """A condition as text, every operation in brackets."""
    if isinstance(part, Constant):
        return f"{Decimal(part.value.numerator) / part.value.denominator:f}"
    if isinstance(part, Path):
        return ".".join(part.names)
    words = [printed(one) for one in part.parts]
    if part.name == "empty":
        return f"({words[0]} is empty)"
    if part.name == "in":
        return f"({words[0]} in ({', '.join(words[1:])}))"
    if part.name in ("not", "negative"):
        return f"({'not' if part.name == 'not' else '-'} {words[0]})"
    return f"({f' {part.name} '.join(words)})"


class Unknown(Exception):
    """An empty value or a division by zero was met."""


def expected(part: Part, values: dict[tuple[str, ...], Any]) -> Any:  # noqa: PLR0911  (a case per kind)
    """What a part comes to, written a second time and otherwise."""
    if isinstance(part, Constant):
        return part.value
    if isinstance(part, Path):
        if values[part.names] is None:
            raise Unknown
        return Fraction(values[part.names])
    if part.name == "empty":
        assert isinstance(part.parts[0], Path)
        return values[part.parts[0].names] is None
    left = expected(part.parts[0], values)
    if part.name in ("not", "negative"):
        return (not left) if part.name == "not" else -left
    if part.name in ("and", "or"):
        return left if left is (part.name == "or") else expected(part.parts[1], values)
    rest = [expected(one, values) for one in part.parts[1:]]
    if part.name == "in":
        return left in rest
    right = rest[0]
    if part.name == "/" and right == 0:
        raise Unknown
    table = {
        "=": left == right, "!=": left != right, "<": left < right, "<=": left <= right, ">": left > right,
        ">=": left >= right, "+": left + right, "-": left - right, "*": left * right,
    }  # fmt: skip
    return left / right if part.name == "/" else table[part.name]


@settings(max_examples=300, deadline=None)
@given(part=TESTS, values=VALUES)
def test_it_comes_to_what_arithmetic_says_or_names_what_is_missing(
    part: Part, values: dict[tuple[str, ...], Any]
) -> None:
    text = printed(part)
    if len(text) > LONGEST:
        return
    tree = parse(text)
    assert printed(tree) == text
    assert {one.names for one in paths(tree)} <= set(values)
    try:
        wanted = expected(part, values)
    except Unknown:
        with pytest.raises(Refused) as raised:
            holds(tree, values)
        assert raised.value.problems[0].code in ("CONDITION_VALUE_EMPTY", "CONDITION_DIVIDES_BY_ZERO")
        return
    assert holds(tree, values) is wanted


@settings(max_examples=500, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [
                    "a",
                    "1",
                    "(",
                    ")",
                    "and",
                    "or",
                    "not",
                    "in",
                    "is",
                    "empty",
                    ",",
                    ".",
                    "=",
                    "<",
                    "+",
                    "-",
                    "*",
                    "/",
                    '"',
                    "'",
                ]
            ),
            max_size=20,
        ).map(" ".join),
    )
)
def test_whatever_is_typed_is_a_condition_or_a_clear_refusal(text: str) -> None:
    try:
        parse(text)
    except Invalid as error:
        (found,) = error.problems
        assert found.code == "CONDITION_INVALID"
        assert 1 <= found.data["position"] <= len(text) + 1
        assert found.message.chinese
        assert found.message.english


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("total >", 8),
        ("total > > 1", 9),
        ("total > 1 total", 11),
        ("total # 1", 7),
        ("totel > 1", 1),
        ("1 + customer.nmae > 2", 5),
        ("total > 'x'", 7),
        ("total", 1),
        ("order_date > 'soon'", 14),
        ("state = 'lost'", 9),
        ("total + 'a' > 1", 9),
        ("not total", 5),
        ("total is empty and 1", 20),
        ("(total > 1", 11),
        ("1 < total < 3", 11),
        ("customer = 1", 10),
        ("__import__('os')", 11),
        ("total > 1e9", 9),
        ("(" * 41 + "1" + ")" * 41, 42),
        ("a" * 501, 501),
    ],
)
def test_what_makes_no_sense_is_told_with_its_place(text: str, position: int) -> None:
    with pytest.raises(Invalid) as raised:
        checked(spec_of("SalesOrder"), text)
    assert raised.value.problems[0].data["position"] == position, raised.value


@pytest.mark.parametrize(
    ("text", "values", "wanted"),
    [
        ("total = 0.1 + 0.2", {"total": Decimal("0.3")}, True),
        ("total / 3 * 3 = total", {"total": Decimal("100")}, True),
        ("order_date >= '2026-03-01'", {"order_date": date(2026, 3, 1)}, True),
        ("currency not in ('CNY', 'USD')", {"currency": "EUR"}, True),
        ("freight > 1 or promised_date is empty", {"freight": Decimal(0), "promised_date": None}, True),
        ("freight > 1 and promised_date > '2026-01-01'", {"freight": Decimal(0), "promised_date": None}, False),
        ("promisedDate is not empty", {"promisedDate": None}, False),
    ],
)
def test_examples(text: str, values: dict[str, Any], wanted: bool) -> None:
    part = checked(spec_of("SalesOrder"), text)
    assert holds(part, {(name,): value for name, value in values.items()}) is wanted


@pytest.mark.parametrize("text", ["id_number = '1'", "birth_date is empty", "department.manager.id_number is empty"])
def test_a_condition_does_not_tell_of_what_is_restricted(text: str) -> None:
    with pytest.raises(HubError):
        checked(spec_of("Employee"), text)
