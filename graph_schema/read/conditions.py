"""`where`, understood: a tree of predicates over fields, links and lists, with the viewer's rights applied.

A filter may reveal what it may not show, so a restricted column or a forbidden type inside it is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from graph_schema.measures import Measure, measured
from graph_schema.naming import members
from graph_schema.operators import OPERATORS, PARTS
from graph_schema.read.as_of import has_history, unsupported
from hub.context import Viewer
from hub.document.custom import EXTRA, CustomSpec, has_extra, shown
from hub.document.registry import spec as spec_of
from hub.document.rows import Way
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec, InverseSpec, LinesSpec, LinkSpec
from hub.errors import Forbidden, Invalid, problem
from hub.words import Label


class Rights(Protocol):
    """What conditions ask the planner."""

    viewer: Viewer
    past: bool

    def readable(self, spec: DocSpec) -> bool:
        """Whether the viewer may read the type at all."""

    def shows(self, member: FieldSpec | DerivedSpec) -> bool:
        """Whether a value is shown at all."""

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
class Compared:
    """A test on what rows come to: their count, a sum, an average; the test's own member says nothing here."""

    measure: Measure
    test: Test


@dataclass(frozen=True)
class Together:
    """The rows of a list that fulfil `part`, taken together, pass all tests."""

    member: LinesSpec | InverseSpec
    target: DocSpec
    part: Condition
    tests: tuple[Compared, ...]


@dataclass(frozen=True)
class Own:
    """The row is the viewer's in this way."""

    way: Way


Condition = All | Either | Not | Test | Linked | Listed | Together | Own
EVERYTHING = All()
_ON_SEALED = frozenset({"eq", "ne", "in", "notIn", "isNull"})
"""What can be asked of an encrypted value."""
COUNT = FieldSpec("count", Label("行数", "Count"), "integer")


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
        raise no_null(name)
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
    if isinstance(member, FieldSpec) and has_extra(member):
        return [test for one in value for test in _custom(spec, one, rights)]
    demand_column(member, rights)
    if isinstance(member, FieldSpec) and member.encrypted and not _ON_SEALED.issuperset(value):
        raise encrypted(member)
    return list(_tests(member, name, value))


def _custom(spec: DocSpec, value: Any, rights: Rights) -> Iterator[Test]:
    """{field: "colour", eq: "red"}: the operators that the field's declaration allows."""
    member = custom_field(spec, value["field"], rights)
    operators = {operator: operand for operator, operand in value.items() if operator != "field"}
    for operator in operators:
        if operator not in OPERATORS[member.kind]:
            chinese, english = member.label
            raise Invalid(
                problem(
                    "OPERATOR_UNFIT",
                    f"{chinese}不能用 {operator}，可用：{'、'.join(OPERATORS[member.kind])}。",
                    f"{english} does not take {operator}, only: {', '.join(OPERATORS[member.kind])}.",
                    EXTRA,
                    member.name,
                )
            )
    yield from _tests(member, member.path, operators)


def custom_field(spec: DocSpec, key: str, rights: Rights) -> CustomSpec:
    """The custom field that a request names; to whom it is closed it does not exist.

    Raises:
        Invalid: CUSTOM_FIELD_UNKNOWN. Forbidden: it leads to a type that the viewer may not read.
    """
    found = shown(rights.viewer, spec.name).get(key)
    if found is None:
        raise Invalid(
            problem("CUSTOM_FIELD_UNKNOWN", f"没有自定义字段 {key}。", f"There is no custom field {key}.", EXTRA, key)
        )
    if found.target is not None:
        rights.demand(spec_of(found.target))
    return found


def _together(member: LinesSpec | InverseSpec, target: DocSpec, value: Any, rights: Rights) -> Condition:
    """{where: …, count: {gt: 2}, sum: {quantity: {gte: "100"}}}; without a test of the rows together it is true."""
    compared: list[Compared] = []
    for name, operand in value.items():
        if name != "where":
            compared += comparisons(target, name, operand, rights)
    for one in compared:
        if isinstance(one.measure.member, DerivedSpec) and not one.measure.member.filterable:
            raise _not_filterable(one.measure.member)
    part = condition(target, value.get("where"), rights)
    return Together(member, target, part, tuple(compared)) if compared else EVERYTHING


def comparisons(spec: DocSpec, name: str, value: Any, rights: Rights) -> Iterator[Compared]:
    """count: {gt: 3} or sum: {total: {gt: "100"}, freight: {lt: "5"}}: the tests on what rows come to."""
    if value is None:
        raise no_null(name)
    if name == "count":
        yield from (Compared(Measure("count"), test) for test in _tests(COUNT, name, value))
        return
    for field, operators in value.items():
        if operators is None:
            raise no_null(f"{name}.{field}")
        measure = demanded(spec, name, field, rights)
        yield from (Compared(measure, test) for test in _tests(COUNT, f"{name}.{field}", operators))


def demanded(spec: DocSpec, function: str, field: str, rights: Rights) -> Measure:
    """A measure to choose or order by: Forbidden unless the viewer may read what it is made of."""
    member = measured(spec, function)[field]
    if isinstance(member, LinkSpec):
        rights.demand(spec_of(member.target))
    else:
        demand_column(member, rights)
        demand_plain(member)
    return Measure(function, member)


def _not_filterable(member: DerivedSpec) -> Invalid:
    chinese, english = member.label
    return Invalid(
        problem(
            "NOT_FILTERABLE",
            f"“{chinese}”是计算值，不能用于筛选。",
            f"{english} is computed and cannot be filtered by.",
        )
    )


def _logic(spec: DocSpec, name: str, value: Any, rights: Rights) -> list[Condition]:
    if value is None:
        raise no_null(name)
    if name == "not":
        return [Not(condition(spec, value, rights))]
    parts = tuple(condition(spec, part, rights) for part in value)
    return [All(parts) if name == "and" else Either(parts)]


def _tests(member: FieldSpec | DerivedSpec, name: str, value: Any, day_part: str | None = None) -> Iterator[Test]:
    """{gte: …, month: {in: […]}}: one test per operator, also of each part of a day."""
    for operator, operand in value.items():
        if operand is None and operator not in ("eq", "ne"):
            raise no_null(f"{name}.{operator}")
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
    if not rights.viewer.may(member.restricted):
        chinese, english = member.label
        raise Forbidden(
            problem(
                "COLUMN_FORBIDDEN",
                f"您没有按“{chinese}”筛选或排序的权限。",
                f"You may not filter or sort by {english}.",
            )
        )


def demand_plain(member: FieldSpec | DerivedSpec) -> None:
    """Invalid COLUMN_ENCRYPTED for what is stored as ciphertext: it has no order, and equal values are not told."""
    if isinstance(member, FieldSpec) and member.encrypted:
        raise encrypted(member)


def encrypted(member: FieldSpec) -> Invalid:
    """COLUMN_ENCRYPTED, in words."""
    return Invalid(
        problem(
            "COLUMN_ENCRYPTED",
            f"“{member.label.chinese}”加密保存，只能按相等查找，不能排序、汇总或导出。",
            f"{member.label.english} is stored encrypted: found by equality only, not sorted, added up or exported.",
        )
    )


def no_null(name: str) -> Invalid:
    """The error for a null where a condition must be."""
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
