"""Versions of designs, bills and routings: what keeps one from being released, which one is an item's current one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from hub.context import Ctx
from hub.document.registry import spec
from hub.document.spec import DocSpec
from hub.errors import Problem, problem
from hub.words import camel

KINDS = {
    "ProductDesign": ("design_version", "current_design", "product_design"),
    "Bom": ("bom_version", "current_bom", "bom"),
    "Routing": ("routing_version", "current_routing", "routing"),
}
"""Of each type its version's field, the item's link to the current one, and what other documents call it."""
DECIDED = ("released", "retired")
OPEN = ("draft", "submitted")


def not_releasable(ctx: Ctx, document: Any, version_field: str) -> Iterator[Problem]:
    """What speaks against making a version current.

    VERSION_TAKEN: the item has a released one of that name; DESIGN_NOT_RELEASED: the design it belongs to is not, or is
    another item's; CHANGE_NOT_APPROVED: so is the change that it was made for.
    """
    version = getattr(document, version_field)
    if version in versions_of(ctx, spec(type(document).__name__), document.item_id, but=document.id):
        words = f"该存货已有 {version} 版。", f"The item has a version {version} already."
        hint = ("请填写下一个版本号。", "Give it the next version.")
        yield problem("VERSION_TAKEN", *words, camel(version_field), hint=hint)
    yield from _design_unfit(ctx, document)
    yield from _change_undecided(ctx, document)


def versions_of(ctx: Ctx, type_: DocSpec, item_id: UUID, *, but: UUID | None = None) -> set[str]:
    """The names of an item's versions that are or were in use."""
    table = type_.table
    version = table.c[KINDS[type_.name][0]]
    found = select(version).where(table.c.item_id == item_id, table.c.state.in_(DECIDED), table.c.id != but)
    return set(ctx.session.scalars(found))


def _design_unfit(ctx: Ctx, document: Any) -> Iterator[Problem]:
    named = getattr(document, "product_design_id", None)
    if named is None:
        return
    design = spec("ProductDesign").table
    found = ctx.session.execute(select(design.c.number, design.c.state, design.c.item_id).where(design.c.id == named))
    number, state, item_id = found.one()
    if item_id != document.item_id:
        words = f"产品设计 {number} 属于另一种存货。", f"Product design {number} is of another item."
        hint = ("请选择该存货的设计。", "Choose a design of this item.")
        yield problem("DESIGN_OF_ANOTHER_ITEM", *words, "productDesign", hint=hint)
    elif state != "released":
        words = f"产品设计 {number} 未发布。", f"Product design {number} is not released."
        hint = ("请先发布该设计，或选择现行设计。", "Release it first, or choose the current design.")
        yield problem("DESIGN_NOT_RELEASED", *words, "productDesign", hint=hint)


def _change_undecided(ctx: Ctx, document: Any) -> Iterator[Problem]:
    if document.engineering_change_id is None:
        return
    change = spec("EngineeringChange").table
    found = select(change.c.number, change.c.state).where(change.c.id == document.engineering_change_id)
    number, state = ctx.session.execute(found).one()
    if state not in ("approved", "closed"):
        words = f"技术变更 {number} 尚未批准。", f"Engineering change {number} has not been approved."
        hint = ("批准技术变更时会一并发布。", "Its approval releases this version.")
        yield problem("CHANGE_NOT_APPROVED", *words, "engineeringChange", hint=hint)


def whole(ctx: Ctx, type_name: str, document_id: UUID) -> Any:
    """A version with its lines."""
    type_ = spec(type_name)
    found = select(type_.model).where(type_.model.id == document_id)
    lists = (selectinload(getattr(type_.model, name)) for name in type_.lines)
    return ctx.session.execute(found.options(*lists)).scalar_one()


def others_in_use(ctx: Ctx, document: Any) -> list[UUID]:
    """The released versions of a version's item beside it; oldest first."""
    table = spec(type(document).__name__).table
    found = select(table.c.id).where(
        table.c.item_id == document.item_id, table.c.state == "released", table.c.id != document.id
    )
    return list(ctx.session.scalars(found.order_by(table.c.id)))


def cut_short(ctx: Ctx, document: Any) -> Iterator[tuple[Any, date | None]]:
    """End former versions on a version's first day where they would be used longer; yields each with its day before."""
    model = spec(type(document).__name__).model
    found = select(model).where(
        model.item_id == document.item_id,
        model.state == "retired",
        model.id != document.id,
        or_(model.until_date.is_(None), model.until_date > document.start_date),
    )
    for former in ctx.session.scalars(found.order_by(model.id)).all():
        until = max(document.start_date, former.start_date)
        if former.until_date != until:
            before, former.until_date = former.until_date, until
            yield former, before


def locked_item(ctx: Ctx, item_id: UUID) -> Any:
    """An item, held to the commit: its versions become current one after the other."""
    model = spec("Item").model
    found = select(model).where(model.id == item_id).with_for_update(key_share=True)
    return ctx.session.execute(found.execution_options(populate_existing=True)).scalar_one()
