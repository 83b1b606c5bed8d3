"""Update and discard mutations: fields that are given change, lines are added, changed and removed by id."""

from __future__ import annotations

import strawberry

from graph_schema.build.assembly import Assembly, argument, listed, optional
from graph_schema.build.creates import REFERENCE, create_input
from graph_schema.build.problems import by_hand, mutation_field
from graph_schema.naming import changes_type, description, mutation, update_type
from graph_schema.write.inputs import writable
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec, FieldSpec, LinesSpec


def updates(assembly: Assembly) -> None:
    """`updateSalesOrder(id:, input:)`, `discardSalesOrder(id:)`."""
    by_id = argument("id", strawberry.ID, "标识 · Id")
    for spec in by_hand():
        values = argument("input", update_input(assembly, spec), "要改的内容 · What changes")
        text = description(spec.label, "修改 · update")
        mutation_field(assembly, spec, mutation("update", spec), text, [by_id, values])
        text = description(spec.label, "删除草稿或未被引用的档案 · delete a draft, or a master nothing refers to")
        mutation_field(assembly, spec, mutation("discard", spec), text, [by_id])


def update_input(assembly: Assembly, spec: DocSpec) -> object:
    """The input of a change; a field that is left out stays, null empties it."""
    name = update_type(spec.name)
    known = name in assembly.types
    made = assembly.input(name, description(spec.label, "修改 · change"))
    if known:
        return made
    if spec.kind == "line":
        assembly.add(made, "id", strawberry.ID, "行标识 · Id of the line")
    for field, member in writable(spec, creating=False).items():
        if isinstance(member, LinesSpec):
            changes = _changes(assembly, spec_of(member.target))
            assembly.add(made, field, optional(changes), description(member.label))
        elif isinstance(member, FieldSpec):
            assembly.add(made, field, optional(assembly.kind(member)), description(member.label))
        else:
            assembly.add(made, field, optional(strawberry.ID), description(member.label, REFERENCE))
    return made


def _changes(assembly: Assembly, spec: DocSpec) -> object:
    """`SalesOrderLineChanges`: what becomes of a document's lines."""
    made = assembly.input(changes_type(spec.name), description(spec.label, "增改删 · add, change, remove"))
    if not made.__strawberry_definition__.fields:
        assembly.add(made, "add", optional(listed(create_input(assembly, spec))), "新增行 · Lines to add, at the end")
        assembly.add(made, "change", optional(listed(update_input(assembly, spec))), "修改行 · Lines to change, by id")
        assembly.add(made, "remove", optional(listed(strawberry.ID)), "删除行 · Ids of lines to remove")
    return made
