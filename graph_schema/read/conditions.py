"""`where`, understood: a tree of predicates over fields, links and lists, with the viewer's rights applied.

A filter may reveal what it may not show, so a restricted column or a forbidden type inside it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from graph_schema.naming import members
from graph_schema.operators import PARTS
from graph_schema.read.as_of import has_history, unsupported
from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, InverseSpec, LinesSpec, LinkSpec
from hub.errors import Forbidden, Invalid, problem
from hub.words import Label


class Rights(Protocol):
    """What conditions ask the planner."""

    viewer: Viewer
    past: bool

    def demand(self, spec: DocSpec) -> None:
        """Forbidden unless the viewer may read the type."""


@dataclass(frozen=True)
class All:
    """Every part holds; none means true."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Either:
    """At least one part holds; none means false."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: Condition


@dataclass(frozen=True)
class Test:
    """One operator on a field or derived value, or on a part of its day; the value is a constant or a slot."""

    member: FieldSpec | DerivedSpec
    operator: str
    value: Any
    day_part: str | None = None


@dataclass(frozen=True)
class Linked:
    """A linked document fulfils a condition; None: there is no link."""

    link: LinkSpec
    target: DocSpec
    part: Condition | None


@dataclass(frozen=True)
class Listed:
    """Some, every or none of a list's rows fulfil a condition."""

    member: LinesSpec | InverseSpec
    target: DocSpec
    quantifier: str
    part: Condition


@dataclass(frozen=True)
class Summed:
    """A test on what a list's rows come to: their count, or a sum, average, least or greatest value."""

    function: str
    """count, sum, avg, min, max."""
    test: Test


@dataclass(frozen=True)
class Together:
    """The rows of a list that fulfil `part`, taken together, pass all tests."""

    member: LinesSpec | InverseSpec
    target: DocSpec
    part: Condition
    tests: tuple[Summed, ...]


Condition = All | Either | Not | Test | Linked | Listed | Together
COUNT = FieldSpec("count", Label("行数", "Count"), "integer")
EVERYTHING = All()


def condition(spec: DocSpec, where: Any, rights: Rights) -> Condition:
    """The tree of a `where` argument; None and {} are true."""
    if where is None:
        return EVERYTHING
    parts: list[Condition] = []
    for name, value in where.items():
        parts.extend(_entry(spec, name, value, rights))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _entry(spec: DocSpec, name: str, value: Any, rights: Rights) -> list[Condition]:
    """The conditions of one key of a `where` object."""
    if name in ("and", "or", "not"):
        return _logic(spec, name, value, rights)
    member = members(spec)[name]
    if isinstance(member, LinkSpec):
        target = spec_of(member.target)
        rights.demand(target)
        return [Linked(member, target, None if value is None else condition(target, value, rights))]
    if value is None:
        raise _no_null(name)
    if isinstance(member, LinesSpec | InverseSpec):
        target = spec_of(member.target)
        rights.demand(target)
        given = [(kind, part) for kind, part in value.items() if part is not None]
        return [
            _together(member, target, part, rights)
            if kind == "aggregate"
            else Listed(member, target, kind, condition(target, part, rights))
            for kind, part in given
        ]
    assert isinstance(member, FieldSpec | DerivedSpec)
    demand_column(member, rights)
    return list(_tests(member, name, value))


def _together(member: LinesSpec | InverseSpec, target: DocSpec, value: Any, rights: Rights) -> Together:
    """{where: …, count: {gt: 2}, sum: {quantity: {gte: "100"}}}."""
    tests: list[Summed] = []
    for function, operand in value.items():
        if function == "where":
            continue
        if operand is None:
            raise _no_null(function)
        if function == "count":
            tests += [Summed(function, test) for test in _tests(COUNT, function, operand)]
            continue
        for name, filter_ in operand.items():
            field = members(target)[name]
            assert isinstance(field, FieldSpec | DerivedSpec)
            demand_column(field, rights)
            if filter_ is None:
                raise _no_null(f"{function}.{name}")
            tests += [Summed(function, test) for test in _tests(field, f"{function}.{name}", filter_)]
    return Together(member, target, condition(target, value.get("where"), rights), tuple(tests))


def _logic(spec: DocSpec, name: str, value: Any, rights: Rights) -> list[Condition]:
    if value is None:
        raise _no_null(name)
    if name == "not":
        return [Not(condition(spec, value, rights))]
    parts = tuple(condition(spec, part, rights) for part in value)
    return [All(parts) if name == "and" else Either(parts)]


def _tests(member: FieldSpec | DerivedSpec, name: str, value: Any, day_part: str | None = None) -> Iterator[Test]:
    """{gte: …, month: {in: […]}}: one test per operator, also of each part of a day."""
    for operator, operand in value.items():
        if operand is None and operator not in ("eq", "ne"):
            raise _no_null(f"{name}.{operator}")
        if operator in PARTS:
            yield from _tests(member, f"{name}.{operator}", operand, operator)
        else:
            yield Test(member, operator, operand, day_part)


def demand_column(member: FieldSpec | DerivedSpec, rights: Rights) -> None:
    """Forbidden unless the viewer may read the column; sorting and filtering would tell its values.

    Invalid when it is asked as of a moment and has no history.
    """
    if rights.past and isinstance(member, DerivedSpec) and not has_history(member):
        raise Invalid(unsupported(member))
    permission = member.restricted if isinstance(member, FieldSpec) else None
    if not rights.viewer.may(permission):
        chinese, english = member.label
        raise Forbidden(
            problem(
                "COLUMN_FORBIDDEN",
                f"您没有按“{chinese}”筛选或排序的权限。",
                f"You may not filter or sort by {english}.",
            )
        )


def _no_null(name: str) -> Invalid:
    return Invalid(
        problem(
            "NULL_NOT_ALLOWED",
            f"筛选条件 {name} 不能是 null；要找空值请用 isNull。",
            f"The condition {name} cannot be null; use isNull to find missing values.",
        )
    )


def is_true(where: Condition) -> bool:
    """Whether the condition filters nothing."""
    return isinstance(where, All) and all(is_true(part) for part in where.parts)
