"""By which versions a production order is made, and the materials that follow from its bill.

An order takes its item's current versions unless it names others, and keeps them until somebody, or an engineering
change, gives it newer ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import inspect, select, text

from hub.context import Ctx
from hub.document.edit import stamp
from hub.document.positions import replace_lines
from hub.document.registry import spec
from hub.document.remembering import recall
from hub.errors import Problem, problem
from hub.ledgers import structures
from hub.ledgers.backflush import IssueMethod
from hub.ledgers.versions import KINDS
from hub.rules.bom import rounded
from hub.words import camel


def follow(ctx: Ctx, order: Any) -> list[Problem]:
    """Give a new order its versions and materials; renew the materials of one whose bill or quantity is another now.

    What was issued stays. Materials that a request brings with it are kept as they are. Returns
    VERSION_OF_ANOTHER_ITEM for each version that is not one of the order's item.
    """
    new = inspect(order).transient
    with ctx.session.no_autoflush:  # what has changed is known until it is written
        own = _take_current(ctx, order) if new else set()
        found = list(_foreign(ctx, order, own))
        changed = new or _changed(order, "bom_id") or _changed(order, "quantity")
        if changed and order.bom_id is not None and not found and not _brought(order):
            renew(ctx, order)
    return found


def _brought(order: Any) -> bool:
    """Whether the request itself says what the materials are."""
    if inspect(order).attrs.materials.history.has_changes():
        return True
    return any(inspect(line).modified for line in order.materials)


def _take_current(ctx: Ctx, order: Any) -> set[str]:
    """Give an order the current versions of its item where it names none; returns those."""
    taken: set[str] = set()
    item = spec("Item").table
    current = [item.c[f"{link}_id"] for _, link, _ in KINDS.values()]
    found = select(*current).where(item.c.id == order.item_id)
    key = ("current versions", order.item_id)
    row = recall(ctx.session, ("Item", *KINDS), key, lambda: ctx.session.execute(found).one_or_none())
    for (_, _, name), id_ in zip(KINDS.values(), row or (), strict=False):
        if getattr(order, f"{name}_id") is None:
            setattr(order, f"{name}_id", id_)
            taken.add(name)
    return taken


def _changed(order: Any, name: str) -> bool:
    """Whether a request has set another value."""
    past = inspect(order).attrs[name].history
    return bool(past.deleted) and past.deleted[0] != getattr(order, name)


def _foreign(ctx: Ctx, order: Any, own: set[str]) -> Iterator[Problem]:
    """VERSION_OF_ANOTHER_ITEM for each version that somebody has named; `own` are known to be the item's."""
    for type_, (_, _, name) in KINDS.items():
        named, table = getattr(order, f"{name}_id"), spec(type_).table
        asked = _changed(order, f"{name}_id") or _changed(order, "item_id") or inspect(order).transient
        if named is None or name in own or not asked:
            continue
        number, item_id = ctx.session.execute(select(table.c.number, table.c.item_id).where(table.c.id == named)).one()
        if item_id != order.item_id:
            words = f"{number} 属于另一种存货。", f"{number} is of another item."
            hint = ("请选择该存货的版本。", "Choose a version of this item.")
            yield problem("VERSION_OF_ANOTHER_ITEM", *words, camel(name), hint=hint)


def renew(ctx: Ctx, order: Any) -> None:
    """The materials of an order by its bill and quantity; what is no longer named stays as far as it was issued."""
    needed = {one.item_id: one for one in needs(ctx, order.bom_id, order.quantity)}
    model = spec("ProductionOrderMaterial").model
    kept = []
    for line in order.materials:
        if line.item_id in needed:
            need = needed.pop(line.item_id)
            line.required_quantity, line.operation_id, line.issue_method = need[1:]
        elif line.issued_quantity:
            line.required_quantity = line.issued_quantity
        else:
            continue
        kept.append(line)
    replace_lines(order, "materials", kept, [model(**need._asdict()) for need in needed.values()])
    stamp(ctx, spec("ProductionOrder"), order)


class Need(NamedTuple):
    """What is needed of a component, and how it leaves the stores, as the lines of a bill say that name it.

    Where they do not agree it is issued by hand, or used when a piece is finished.
    """

    item_id: UUID
    required_quantity: Decimal
    operation_id: UUID | None
    issue_method: IssueMethod


_HOW = text(
    "SELECT i.code, i.id, bool_and(l.issue_method = 'backflush') AS backflush, "
    "CASE WHEN count(l.operation_id) = count(*) AND count(DISTINCT l.operation_id) = 1 "
    "  THEN cast(min(cast(l.operation_id AS text)) AS uuid) END AS operation_id "
    "FROM hub.bom_line l JOIN hub.item i ON i.id = l.component_id WHERE l.bom_id = :bom GROUP BY i.code, i.id"
)


def needs(ctx: Ctx, bom_id: UUID, quantity: Decimal) -> Iterator[Need]:
    """What a quantity needs of each component of a bill, loss included, in the order of its lines."""
    made = structures.of_bill(ctx, bom_id)
    exact: dict[str, Fraction] = {}
    for component, needed in made.needs(Fraction(quantity)):
        exact[component.item] = exact.get(component.item, Fraction(0)) + needed
    rows = {row.code: row for row in ctx.session.execute(_HOW, {"bom": bom_id})}
    for code, needed in exact.items():
        row = rows[code]
        method = IssueMethod.BACKFLUSH if row.backflush else IssueMethod.ISSUE
        yield Need(row.id, rounded(needed), row.operation_id, method)
