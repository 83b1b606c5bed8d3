"""What items are made of, read for the rules: the bills of a day, by the codes of their items, in their base units.

A bill counts from its first day until its last one is over, also when it has been retired since; of several the rules
take the one that begins last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, and_, func, or_, select

from hub.context import Ctx
from hub.document.registry import spec
from hub.document.registry import table as fresh
from hub.errors import Problem, Refused, problem
from hub.rules.bom import Component, Structure, Structures

_COUNT = ("released", "retired")
_ADVISORY = "bill of material"


def of_items(ctx: Ctx, company_id: UUID, day: date, item_ids: Collection[UUID] | None = None) -> Structures[str]:
    """The lists of a day that items are made by, over all levels; of every item when none is named.

    Raises:
        Refused: BOM_LOOP, UNIT_UNUSABLE.
    """
    valid = _valid(company_id, day)
    within = None if item_ids is None else _reached(valid, item_ids, upward=False)
    return Structures(_read(ctx, _lists(valid, day, within)), day)


def around(ctx: Ctx, company_id: UUID, day: date, item_id: UUID) -> Structures[str]:
    """The lists of a day that an item goes into, over all levels."""
    valid = _valid(company_id, day)
    return Structures(_read(ctx, _lists(valid, day, _reached(valid, [item_id], upward=True))), day)


def of_bill(ctx: Ctx, bom_id: UUID) -> Structure[str]:
    """One bill, whatever its state and days."""
    bom = spec("Bom").table
    return _read(ctx, _lists(select(bom).where(bom.c.id == bom_id).cte("one"), date.max, None))[0]


def refuse_loops(ctx: Ctx, bom: Any) -> None:
    """Refused BOM_LOOP when with this bill, on its first or a later day, an item would contain itself.

    Bills of a company are released one after the other, so that two cannot close a loop together.
    """
    company_id, first = bom.company_id, bom.start_date
    ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"{_ADVISORY} {company_id}"))))
    valid = _valid(company_id, first, date.max)
    components = {line.component_id for line in bom.lines}
    known = _read(ctx, _lists(valid, date.max, _reached(valid, components, upward=False)))
    own = of_bill(ctx, bom.id)
    others = [one for one in known if one.item != own.item]  # this one ends all others of its item
    for day in sorted({first, *(one.valid_from for one in others if one.valid_from > first)}):
        Structures([*others, own], day)


def unfit(ctx: Ctx, bom: Any) -> Iterator[Problem]:
    """UNIT_UNUSABLE for each unit of a bill that does not convert to its item's."""
    item, unit, own = spec("Item").table, fresh("UnitOfMeasure"), fresh("UnitOfMeasure")
    wanted: list[tuple[UUID, UUID | None, tuple[str, ...]]] = [(bom.item_id, bom.unit_id, ("unit",))]
    wanted += [(one.component_id, one.unit_id, ("lines", str(at), "unit")) for at, one in enumerate(bom.lines)]
    for item_id, unit_id, path in wanted:
        if unit_id is None:
            continue
        units = select(unit.c.dimension, own.c.dimension, unit.c.factor, own.c.factor, unit.c.name, own.c.name)
        units = units.join_from(item, own, own.c.id == item.c.unit_id).join(unit, unit.c.id == unit_id)
        given, kept, factor, own_factor, *names = ctx.session.execute(units.where(item.c.id == item_id)).one()
        if given != kept or not factor or not own_factor:
            yield _unusable(*names, *path)


def _unusable(given: str, own: str, *path: str) -> Problem:
    return problem(
        "UNIT_UNUSABLE",
        f"单位“{given}”不能换算为存货的单位“{own}”。",
        f"The unit {given} does not convert to the item's unit {own}.",
        *path,
        hint=("请改用同一量纲、换算系数大于零的单位。", "Use a unit of the same dimension with a factor above zero."),
    )


def _valid(company_id: UUID, first: date, last: date | None = None) -> CTE:
    """The bills that count on some day from `first` to `last`; on that one day without a last."""
    bom = spec("Bom").table
    found = select(bom).where(
        bom.c.company_id == company_id,
        bom.c.state.in_(_COUNT),
        bom.c.start_date <= (first if last is None else last),
        or_(bom.c.until_date.is_(None), bom.c.until_date > first),
    )
    return found.cte("valid")


def _reached(valid: CTE, item_ids: Collection[UUID], *, upward: bool) -> CTE:
    """The items and all that they are made of, or all that they go into."""
    item, line = spec("Item").table, spec("BomLine").table
    start = select(item.c.id.label("item_id")).where(item.c.id.in_(item_ids)).cte("reached", recursive=True)
    whole, part = valid.c.item_id, line.c.component_id
    known, new = (part, whole) if upward else (whole, part)
    further = select(new).join_from(valid, line, line.c.bom_id == valid.c.id).join(start, start.c.item_id == known)
    return start.union(further)


def _lists(valid: CTE, day: date, within: CTE | None) -> Select[Any]:
    """The lines of bills with the factors of their units, and where in the routing their operations stand."""
    line, item, component = spec("BomLine").table, fresh("Item"), fresh("Item")
    base, base_own, unit, own = (fresh("UnitOfMeasure") for _ in range(4))
    rows = (
        select(
            valid.c.id,
            item.c.code,
            valid.c.bom_version,
            valid.c.quantity,
            base.c.factor.label("base_factor"),
            base_own.c.factor.label("base_own_factor"),
            valid.c.start_date,
            valid.c.until_date,
            component.c.code.label("component"),
            line.c.quantity.label("line_quantity"),
            unit.c.factor.label("factor"),
            own.c.factor.label("own_factor"),
            line.c.scrap_rate,
            _sequence(valid, line, day).label("sequence"),
        )
        .join_from(valid, item, item.c.id == valid.c.item_id)
        .join(line, line.c.bom_id == valid.c.id)
        .join(component, component.c.id == line.c.component_id)
        .join(base_own, base_own.c.id == item.c.unit_id)
        .join(own, own.c.id == component.c.unit_id)
        .outerjoin(base, base.c.id == valid.c.unit_id)
        .outerjoin(unit, unit.c.id == line.c.unit_id)
        .order_by(item.c.code, valid.c.id, line.c.position)
    )
    return rows if within is None else rows.where(valid.c.item_id.in_(select(within.c.item_id)))


def _sequence(valid: CTE, line: Any, day: date) -> Any:
    """Where in the item's routing of the day the operation of a line stands first."""
    routing, at = fresh("Routing"), fresh("RoutingOperation")
    on_the_day = and_(
        routing.c.item_id == valid.c.item_id,
        routing.c.state.in_(_COUNT),
        routing.c.start_date <= day,
        or_(routing.c.until_date.is_(None), routing.c.until_date > day),
    )
    found = select(at.c.sequence).join_from(at, routing, routing.c.id == at.c.routing_id)
    found = found.where(on_the_day, at.c.operation_id == line.c.operation_id)
    first = found.order_by(routing.c.start_date.desc(), at.c.sequence).limit(1)
    return first.correlate(valid, line).scalar_subquery()


def _read(ctx: Ctx, lists: Select[Any]) -> Sequence[Structure[str]]:
    return [_structure(list(rows)) for _, rows in groupby(ctx.session.execute(lists), key=lambda row: row.id)]


def _structure(rows: list[Any]) -> Structure[str]:
    first = rows[0]
    return Structure(
        item=first.code,
        version=first.bom_version,
        components=tuple(
            Component(
                row.component,
                _exact(row.line_quantity, row.factor, row.own_factor, row.component),
                row.scrap_rate,
                row.sequence,
            )
            for row in rows
        ),
        base_quantity=_exact(first.quantity, first.base_factor, first.base_own_factor, first.code),
        valid_from=first.start_date,
        valid_until=first.until_date or date.max,
    )


def _exact(quantity: Any, factor: Any, own_factor: Any, item: str) -> Fraction:
    """A quantity in an item's own unit; without a unit it is in that already."""
    if factor is None:
        return Fraction(quantity)
    if not factor or not own_factor:
        raise Refused(_unusable(item, item))
    return Fraction(quantity) * Fraction(factor) / Fraction(own_factor)
