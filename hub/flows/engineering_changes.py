"""What the approval of an engineering change does: the new versions are made, released, and open orders move to them.

A version that was prepared for the change is released as it is. What is not prepared is a copy of the version named,
with the components changed that the change's lines say. Releasing (`hub.flows.design_to_production`) does the rest.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hub import writes
from hub.context import Ctx
from hub.document import today
from hub.document.converting import copied
from hub.document.flow import on
from hub.document.registry import spec
from hub.ledgers import changes, versions
from hub.rules.versions import next_version


@on("EngineeringChange", "approve")
def carry_out(change: Any, ctx: Ctx) -> None:
    """New versions of each item: the design first, for bill and routing belong to it."""
    by_item: dict[UUID, list[Any]] = {}
    for line in change.items:
        by_item.setdefault(line.item_id, []).append(line)
    for item_id, lines in by_item.items():
        item = versions.locked_item(ctx, item_id)
        sources = _sources(lines, item)
        design_id: UUID | None = None
        for type_ in versions.KINDS:
            made = changes.prepared(ctx, change, item_id, type_)
            if not made and type_ in sources:
                made = [_copy(ctx, change, type_, sources[type_], lines, design_id)]
            for id_ in made:
                writes.run_step(ctx.with_all_rights(), type_, id_, "release")
            design_id = made[-1] if made and type_ == "ProductDesign" else design_id


def _sources(lines: list[Any], item: Any) -> dict[str, UUID]:
    """Of which versions new ones are made: type and id."""
    found: dict[str, UUID] = {}
    for line in lines:
        if line.action == "revise":
            found |= dict(changes.versions_named(line, item))
        else:
            found["Bom"] = line.bom_id or item.current_bom_id
    return found


def _copy(ctx: Ctx, change: Any, type_name: str, source_id: UUID, lines: list[Any], design_id: UUID | None) -> UUID:
    """The next version of a document as a draft; returns its id."""
    type_, field = spec(type_name), versions.KINDS[type_name][0]
    source = versions.whole(ctx, type_name, source_id)
    values = copied(type_, source)
    values[field] = next_version(getattr(source, field), versions.versions_of(ctx, type_, source.item_id))
    values |= {"engineering_change": change.id, "start_date": max(change.effective_date or today(), source.start_date)}
    if type_name == "ProductDesign":
        values |= {"predecessor_design": source.id, "design_date": today(), "change_reason": change.reason}
    elif design_id is not None:
        values["product_design"] = design_id
    if type_name == "Bom":
        values["lines"] = _changed(values["lines"], lines)
    made = writes.create(ctx.with_all_rights(), type_name, values)
    new_id: UUID = made.id
    return new_id


def _changed(components: list[dict[str, Any]], lines: list[Any]) -> list[dict[str, Any]]:
    """The lines of a bill with every change of a component made, in order."""
    for line in lines:
        new = {"quantity": line.new_quantity, "scrap_rate": line.new_scrap_rate}
        new = {name: value for name, value in new.items() if value is not None}
        if line.action == "add":
            components = [*components, {"component": line.new_component_id, **new}]
        elif line.action == "remove":
            components = [one for one in components if one["component"] != line.component_id]
        elif line.action == "replace":
            components = [
                {**one, "component": line.new_component_id, **new} if one["component"] == line.component_id else one
                for one in components
            ]
    return components
