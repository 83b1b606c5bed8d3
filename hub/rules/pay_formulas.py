"""Formulas of pay items: sums over other items, such as `BASE + max(0, HOURS - 174) * 30 - FINE`.

A name is the code of another item; `min` and `max` are the only functions. Everything is reckoned in fractions and
rounded once, half up to the cent, where an item is told.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from math import floor

from hub.errors import Problem, problem

_FUNCTIONS: dict[str, Callable[[Iterable[Fraction]], Fraction]] = {"min": min, "max": max}
_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_KNOWN = (ast.BinOp, ast.UnaryOp, ast.USub, ast.Constant, ast.Name, ast.Load, ast.Call, *_OPERATORS)
_LARGEST = 10**15
LONGEST = 500
"""Characters of a formula."""


class Unreadable(ValueError):
    """What is written is no formula; the argument is the part that is not understood."""


def names_in(formula: str) -> set[str]:
    """The codes that a formula names; Unreadable for what is none."""
    tree = _parsed(formula)
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - _FUNCTIONS.keys()


def faults(formulas: Mapping[str, str], known: set[str]) -> Iterator[Problem]:
    """FORMULA_UNREADABLE, FORMULA_UNKNOWN_NAME and FORMULA_LOOP of all formulas by code; `known` are all codes."""
    uses: dict[str, set[str]] = {}
    for code, formula in formulas.items():
        try:
            uses[code] = names_in(formula)
        except Unreadable as error:
            yield _unreadable(code, str(error))
            continue
        for name in sorted(uses[code] - known):
            yield problem(
                "FORMULA_UNKNOWN_NAME",
                f"薪资项目 {code} 的公式引用了不存在的项目“{name}”。",
                f"The formula of {code} names {name}, which is no pay item.",
                "formula",
                name=name,
            )
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        way = " → ".join(reversed(error.args[1]))
        yield problem(
            "FORMULA_LOOP",
            f"薪资项目的公式互相引用：{way}。",
            f"Formulas of pay items lead in a circle: {way}.",
            "formula",
        )


def reckoned(formulas: Mapping[str, str], given: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The amounts of all items, those given and those of formulas, in cents.

    Raises:
        Unreadable: a formula is none, names what is not there, leads in a circle, or divides by nothing.
    """
    values = {code: Fraction(amount) for code, amount in given.items()}
    try:
        order = list(TopologicalSorter({code: names_in(one) for code, one in formulas.items()}).static_order())
    except CycleError as error:
        raise Unreadable(" → ".join(error.args[1])) from error
    for code in order:
        if code in formulas:
            values[code] = _value(_parsed(formulas[code]), values)
        elif code not in values:
            raise Unreadable(code)
    return {code: _cents(amount) for code, amount in values.items()}


def _unreadable(code: str, part: str) -> Problem:
    return problem(
        "FORMULA_UNREADABLE",
        f"薪资项目 {code} 的公式无法理解：“{part}”。",
        f"The formula of {code} is not understood: {part}",
        "formula",
        hint=("只用 + - * / ( )、数字、项目编码、min 和 max。", "Use + - * / ( ), numbers, codes, min and max only."),
    )


def _parsed(formula: str) -> ast.expr:
    """The formula as a tree of nothing but what `_value` knows."""
    try:
        tree = ast.parse(formula.strip()[: LONGEST + 1], mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise Unreadable(formula.strip()[:50]) from error
    for node in ast.walk(tree):
        if not isinstance(node, _KNOWN) or _strange(node):
            raise Unreadable(ast.unparse(node)[:50] if isinstance(node, ast.expr) else formula.strip()[:50])
    if len(formula.strip()) > LONGEST:
        raise Unreadable(formula.strip()[:50])
    return tree


def _strange(node: ast.AST) -> bool:
    """Whether a part is of a known kind and still not of a formula."""
    if isinstance(node, ast.Constant):
        number = node.value
        return not isinstance(number, int | float) or isinstance(number, bool) or not abs(number) < _LARGEST
    if isinstance(node, ast.Call):
        named = isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS
        return not named or not node.args or bool(node.keywords)
    return False


def _value(node: ast.expr, values: Mapping[str, Fraction]) -> Fraction:
    match node:
        case ast.Constant(value=number):
            return Fraction(str(number))
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.UnaryOp(operand=operand):
            return -_value(operand, values)
        case ast.Call(func=ast.Name(id=name), args=given):
            return _FUNCTIONS[name](_value(one, values) for one in given)
        case ast.BinOp(left=left, op=how, right=right):
            first, second = _value(left, values), _value(right, values)
            if second or not isinstance(how, ast.Div):
                return Fraction(_OPERATORS[type(how)](first, second))
    raise Unreadable(ast.unparse(node)[:50])


def _cents(amount: Fraction) -> Decimal:
    """Half up, away from nothing."""
    whole = Decimal(floor(abs(amount) * 100 + Fraction(1, 2))) / 100
    return whole if amount >= 0 else -whole
