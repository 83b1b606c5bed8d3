"""`where`, understood: a tree of predicates over fields, links and lists, with the viewer's rights applied.

A filter may reveal what it may not show, so a restricted column or a forbidden type inside it is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from graph_schema.naming import members
from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, InverseSpec, LinesSpec, LinkSpec
from hub.errors import Forbidden, Invalid, problem


class Rights(Protocol):
    """What conditions ask the planner."""

    viewer: Viewer

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
    """One operator on a field or derived value; the value is a constant or a slot."""

    member: FieldSpec | DerivedSpec
    operator: str
    value: Any


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


Condition = All | Either | Not | Test | Linked | Listed
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
        given = [(quantifier, part) for quantifier, part in value.items() if part is not None]
        return [Listed(member, target, quantifier, condition(target, part, rights)) for quantifier, part in given]
    assert isinstance(member, FieldSpec | DerivedSpec)
    demand_column(member, rights)
    return [_test(member, name, operator, operand) for operator, operand in value.items()]


def _logic(spec: DocSpec, name: str, value: Any, rights: Rights) -> list[Condition]:
    if value is None:
        raise _no_null(name)
    if name == "not":
        return [Not(condition(spec, value, rights))]
    parts = tuple(condition(spec, part, rights) for part in value)
    return [All(parts) if name == "and" else Either(parts)]


def _test(member: FieldSpec | DerivedSpec, name: str, operator: str, value: Any) -> Test:
    if value is None and operator not in ("eq", "ne"):
        raise _no_null(f"{name}.{operator}")
    return Test(member, operator, value)


def demand_column(member: FieldSpec | DerivedSpec, rights: Rights) -> None:
    """Forbidden unless the viewer may read the column; sorting and filtering would tell its values."""
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
