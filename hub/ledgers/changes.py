"""What an engineering change stands before: what it would change, and which open production orders that concerns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from hub.context import Ctx
from hub.document.edit import stamp
from hub.document.positions import add_lines
from hub.document.registry import spec
from hub.errors import Problem, problem
from hub.ledgers.versions import KINDS, OPEN
from hub.words import camel

RUNNING = ("planned", "released", "paused")
"""The states of a production order that a change can still reach."""


def unready(ctx: Ctx, change: Any) -> Iterator[Problem]:
    """CHANGE_EMPTY, VERSION_OF_ANOTHER_ITEM, NOTHING_TO_CHANGE, COMPONENT_MISSING: what a change leaves unsaid."""
    if not change.items:
        words = "请填写变更项目。", "Say what is to be changed."
        yield problem("CHANGE_EMPTY", *words, "items", hint=("请至少加一个变更项目。", "Add at least one item."))
    item = spec("Item").table
    for index, line in enumerate(change.items):
        path = ("items", str(index))
        current = ctx.session.execute(item.select().where(item.c.id == line.item_id)).one()
        yield from (one.under(*path) for one in _foreign(ctx, line))
        if line.action == "revise":
            if not any(versions_named(line, current)) and not _prepared(ctx, change, line.item_id):
                yield _nothing(current.code).under(*path)
        else:
            yield from (one.under(*path) for one in _component(ctx, line, current))


def versions_named(line: Any, item: Any) -> Iterator[tuple[str, Any]]:
    """Type and id of the versions that a line revises: those it names, or all of the item that are current."""
    named = [(type_, getattr(line, f"{link}_id")) for type_, (_, _, link) in KINDS.items()]
    found = [one for one in named if one[1] is not None]
    current = [(type_, getattr(item, f"{link}_id")) for type_, (_, link, _) in KINDS.items()]
    yield from found or [one for one in current if one[1] is not None]


def _prepared(ctx: Ctx, change: Any, item_id: Any) -> bool:
    return any(prepared(ctx, change, item_id, type_) for type_ in KINDS)


def prepared(ctx: Ctx, change: Any, item_id: Any, type_name: str) -> list[Any]:
    """The ids of the versions of an item that wait for this change."""
    table = spec(type_name).table
    found = select(table.c.id).where(
        table.c.engineering_change_id == change.id, table.c.item_id == item_id, table.c.state.in_(OPEN)
    )
    return list(ctx.session.scalars(found.order_by(table.c.id)))


def _nothing(code: str) -> Problem:
    return problem(
        "NOTHING_TO_CHANGE",
        f"存货 {code} 没有现行的设计、物料清单或工艺。",
        f"Item {code} has no current design, bill or routing.",
        hint=("请先发布一版，或为本变更编制新版。", "Release a version first, or prepare one for this change."),
    )


def _foreign(ctx: Ctx, line: Any) -> Iterator[Problem]:
    for type_, (_, _, link) in KINDS.items():
        named, table = getattr(line, f"{link}_id"), spec(type_).table
        if named is None:
            continue
        number, item_id = ctx.session.execute(select(table.c.number, table.c.item_id).where(table.c.id == named)).one()
        if item_id != line.item_id:
            words = f"{number} 属于另一种存货。", f"{number} is of another item."
            hint = ("请选择该存货的版本。", "Choose a version of this item.")
            yield problem("VERSION_OF_ANOTHER_ITEM", *words, camel(link), hint=hint)


def _component(ctx: Ctx, line: Any, item: Any) -> Iterator[Problem]:
    """What a change of a component needs: a bill that names it, and what comes in its place."""
    bom_id = line.bom_id or item.current_bom_id
    if bom_id is None:
        yield _nothing(item.code)
        return
    if line.action in ("replace", "add") and line.new_component_id is None:
        words = "请填写新组件。", "Name the new component."
        yield problem("COMPONENT_MISSING", *words, "newComponent", hint=("请选择存货。", "Choose an item."))
    if line.action == "add" and not line.new_quantity:
        words = "请填写新用量。", "Give the new quantity."
        yield problem("COMPONENT_MISSING", *words, "newQuantity", hint=("用量须大于零。", "It must be above zero."))
    if line.action in ("replace", "remove"):
        table = spec("BomLine").table
        named = select(table.c.id).where(table.c.bom_id == bom_id, table.c.component_id == line.component_id)
        if line.component_id is None or not ctx.session.execute(named.limit(1)).first():
            words = "物料清单中没有该组件。", "The bill of material has no such component."
            hint = ("请选择清单中的组件。", "Choose a component of the bill.")
            yield problem("COMPONENT_MISSING", *words, "component", hint=hint)


def list_open_orders(ctx: Ctx, change: Any) -> None:
    """Add the open orders of the changed items that are not listed: to be moved, unless pieces are finished."""
    order = spec("ProductionOrder").table
    listed = {line.production_order_id for line in change.orders}
    found = select(order.c.id, order.c.completed_quantity).where(
        order.c.item_id.in_({line.item_id for line in change.items}),
        order.c.company_id == change.company_id,
        order.c.state.in_(RUNNING),
        order.c.id.not_in(listed),
    )
    model = spec("EngineeringChangeOrder").model
    rows = ctx.session.execute(found.order_by(order.c.number))
    added = [model(production_order_id=row.id, action="keep" if row.completed_quantity else "move") for row in rows]
    add_lines(change, "orders", added)
    stamp(ctx, spec("EngineeringChange"), change)


def unfinished(ctx: Ctx, change: Any) -> Iterator[Problem]:
    """CHANGE_UNFINISHED for each version that was made for a change and is neither released nor dropped."""
    for type_ in KINDS:
        table = spec(type_).table
        found = select(table.c.number).where(table.c.engineering_change_id == change.id, table.c.state.in_(OPEN))
        for number in ctx.session.scalars(found.order_by(table.c.number)):
            words = f"{number} 尚未发布。", f"{number} has not been released."
            hint = ("请发布或取消该版本。", "Release or cancel that version.")
            yield problem("CHANGE_UNFINISHED", *words, hint=hint)
