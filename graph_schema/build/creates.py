"""Create mutations and their inputs: every field that a person may fill in, lines included."""

from __future__ import annotations

import strawberry

from graph_schema.build.assembly import Assembly, argument, listed, optional
from graph_schema.build.problems import by_hand, mutation_field
from graph_schema.naming import create_type, description, mutation
from graph_schema.write.inputs import writable
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec, FieldSpec, LinesSpec

REFERENCE = "标识、编码或单号均可 · an id, a code or a number"


def creates(assembly: Assembly) -> None:
    """`createSalesOrder(input:)` and `CreateSalesOrderInput`."""
    for spec in by_hand():
        made = create_input(assembly, spec)
        text = description(spec.label, "新建 · create")
        mutation_field(
            assembly, spec, mutation("create", spec), text, [argument("input", made, "内容 · Values")], versioned=False
        )


def create_input(assembly: Assembly, spec: DocSpec) -> object:
    """The input of a new document or line; what is missing is reported as a problem with its path."""
    name = create_type(spec.name)
    known = name in assembly.types
    made = assembly.input(name, description(spec.label, "新建 · create"))
    if known:
        return made
    for field, member in writable(spec, creating=True).items():
        if isinstance(member, LinesSpec):
            lines = create_input(assembly, spec_of(member.target))
            assembly.add(made, field, optional(listed(lines)), description(member.label))
            continue
        needed = "必填 · required" if _needed(member) else None
        if spec.series is not None and field == "number":
            needed = "不填则自动编号 · numbered by itself when left out"
            if spec.series.at is not None:
                needed = "不填则记账时编号 · numbered when it is posted when left out"
        elif field == "code" and spec.kind == "master":
            needed = "有编码规则时可不填 · may be left out where a code rule gives it"
        if isinstance(member, FieldSpec):
            assembly.add(made, field, optional(assembly.kind(member)), description(member.label, needed))
        else:
            assembly.add(made, field, optional(strawberry.ID), description(member.label, REFERENCE, needed))
    return made


def _needed(member: object) -> bool:
    """Whether creating fails without it."""
    return bool(getattr(member, "required", False)) and not getattr(member, "has_default", False)
