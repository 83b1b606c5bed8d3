"""Conditions as SQL: operators on columns, IN or EXISTS for links and lists, a scalar SELECT for what a list comes to.

Each of them sees only rows the viewer may see, so a filter tells nothing that a list would not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, exists, false, not_, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from graph_schema.operators import SEARCHES, Bind, like_pattern, part_of, predicate, search
from graph_schema.read.conditions import All, Compared, Condition, Either, Linked, Listed, Not, Own, Test, Together
from graph_schema.read.operands import operand_of
from graph_schema.read.scope import Emission, as_given, as_id
from graph_schema.read.sql import TYPES, aggregated
from hub.ciphers import digest
from hub.document.custom import CustomSpec
from hub.document.rows import Me
from hub.document.sealing import Sealed, comparable
from hub.document.spec import FieldSpec, LinkSpec
from hub.errors import Invalid, problem


def where(emission: Emission, part: Condition, row: FromClause) -> ColumnElement[bool]:
    """The SQL of a condition on a row; never NULL."""
    if isinstance(part, All):
        return and_(true(), *(where(emission, one, row) for one in part.parts))
    if isinstance(part, Either):
        return or_(false(), *(where(emission, one, row) for one in part.parts))
    if isinstance(part, Not):
        return where(emission, part.part, row).is_not(true())
    if isinstance(part, Test):
        return _on_row(emission, part, row)
    if isinstance(part, Own):
        return part.way.sql(row, emission.alias, Me(emission.viewer, emission.of_viewer))
    return _elsewhere(emission, part, row)


def _elsewhere(emission: Emission, part: Linked | Listed | Together, row: FromClause) -> ColumnElement[bool]:
    """A condition on linked documents or lists."""
    if isinstance(part, Linked):
        return _linked(emission, part, row)
    return _listed(emission, part, row) if isinstance(part, Listed) else _together(emission, part, row)


def _on_row(emission: Emission, part: Test, row: FromClause) -> ColumnElement[bool]:
    """One operator on a field or derived value of a row."""
    member = part.member
    value = emission.value(member, row)
    if isinstance(member, FieldSpec) and member.encrypted:
        return predicate(comparable(value), part.operator, part.value, _hashing(emission, value))
    if isinstance(member, FieldSpec) and member.searched and part.operator in SEARCHES:
        pinyin = row.c[member.pinyin] if member.pinyin else None
        return search(value, pinyin, part.operator, part.value, _binding(emission, member.kind))
    if isinstance(member, CustomSpec) and part.day_part is None:
        return predicate(value, part.operator, part.value, _binding(emission, member.kind, operand_of(member)))
    return tested(emission, part, value, member.kind)


def tested(emission: Emission, part: Test, value: ColumnElement[Any], kind: str) -> ColumnElement[bool]:
    """One operator on a value of a kind, or on a part of its day."""
    if part.day_part is not None:
        value = part_of(value, part.day_part, emission.time_zone() if kind == "moment" else None)
        kind = "integer"
    return predicate(value, part.operator, part.value, _binding(emission, kind))


def _binding(emission: Emission, kind: str, convert: Callable[[Any], Any] | None = None) -> Bind:
    """Binds values of a kind, in the forms that operators want; `convert` makes them ready."""
    type_, convert = TYPES[kind], convert or (as_id if kind == "id" else as_given)

    def bind(value: Any, form: str) -> ColumnElement[Any]:
        if form == "one":
            return emission.bind(value, type_, convert)
        if form == "many":
            return emission.bind(value, ARRAY(type_), lambda many: [convert(one) for one in many])
        if form in ("low", "high"):
            return emission.bind(value, type_, lambda pair: convert(_end(pair, 0 if form == "low" else 1)))
        return emission.bind(value, type_, lambda text: like_pattern(text, form))

    return bind


def _hashing(emission: Emission, column: ColumnElement[Any]) -> Bind:
    """Binds the keyed hash of what an encrypted column is compared with."""
    assert isinstance(column.type, Sealed)
    place = column.type.place

    def bind(value: Any, form: str) -> ColumnElement[Any]:
        if form == "many":
            return emission.bind(value, ARRAY(TYPES["text"]), lambda many: [digest(place, str(one)) for one in many])
        return emission.bind(value, TYPES["text"], lambda one: digest(place, str(one)))

    return bind


def _end(pair: Any, index: int) -> Any:
    """One end of `between`."""
    if len(pair) != 2:
        raise Invalid(problem("BETWEEN_NEEDS_TWO", "between 需要两个值。", "between takes exactly two values."))
    return pair[index]


def _linked(emission: Emission, part: Linked, row: FromClause) -> ColumnElement[bool]:
    """A link's condition; a link to nothing fulfils none but null, and what the viewer may not see is nothing."""
    if part.part is None and emission.sees_all(part.target):
        return row.c[part.link.column].is_(None)
    target = emission.alias(part.target.name)
    joins, seen = target.c.id == row.c[part.link.column], emission.visible(part.target, target)
    if part.part is None:
        return not_(exists().where(joins, *seen).correlate(row))
    inner = where(emission, part.part, target)
    if part.target.kind == "master":
        # Masters are few: those that fulfil it are hashed once, where EXISTS would look one up for each row of a list.
        # IS TRUE keeps PostgreSQL from turning it back into that join, and makes a link to nothing false.
        return row.c[part.link.column].in_(select(target.c.id).where(*seen, inner)).is_(true())
    return exists().where(joins, *seen, inner).correlate(row)


def _listed(emission: Emission, part: Listed, row: FromClause) -> ColumnElement[bool]:
    """some: a row fulfils it; none: no row does; every: no row fails it."""
    target = emission.alias(part.target.name)
    inner = where(emission, part.part, target)
    if part.quantifier == "every":
        inner = inner.is_not(true())
    found = exists().where(_belongs(emission, part, target, row), inner).correlate(row)
    return found if part.quantifier == "some" else not_(found)


def _together(emission: Emission, part: Together, row: FromClause) -> ColumnElement[bool]:
    """One SELECT over the list's rows gives one truth value, whether there are rows or not."""
    target = emission.alias(part.target.name)
    tests = [_summed(emission, one, target) for one in part.tests]
    among = [_belongs(emission, part, target, row), where(emission, part.part, target)]
    found = select(and_(true(), *tests)).select_from(target).where(*among)
    return found.correlate(row).scalar_subquery()


def _summed(emission: Emission, part: Compared, target: FromClause) -> ColumnElement[bool]:
    member = part.measure.member
    assert not isinstance(member, LinkSpec)
    value = None if member is None else emission.value(member, target)
    return tested(emission, part.test, aggregated(part.measure, value), part.measure.kind)


def _belongs(emission: Emission, part: Listed | Together, target: FromClause, row: FromClause) -> ColumnElement[bool]:
    """The rows of a list that the viewer may see; lines are as visible as their document, which is known here."""
    joins = target.c[part.member.column] == row.c.id
    return and_(joins, *emission.visible(part.target, target, parent_known=part.member.owned))
