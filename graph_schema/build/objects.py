"""Object types: every document type with its fields, links, lines, lists and derived values."""

from __future__ import annotations

import strawberry

from graph_schema.build.assembly import Assembly, listed, optional
from graph_schema.build.connections import list_arguments
from graph_schema.build.revisions import REVISION, history_arguments
from graph_schema.naming import (
    AVAILABLE_STEPS,
    HISTORY,
    PROVENANCE,
    LinesConnection,
    Member,
    Special,
    connection_type,
    description,
    members,
)
from graph_schema.scalars import DateTime
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, FieldSpec, LinesSpec, LinkSpec

NODE = "Node"


def objects(assembly: Assembly) -> None:
    """One object type per document type, and what they share."""
    node = assembly.interface(NODE, "有标识的任何单据或档案 · Anything with an id.")
    assembly.add(node, "id", strawberry.ID, "标识 · Id")
    _steps(assembly)
    _provenance(assembly)
    for spec in specs().values():
        made = assembly.implementing(spec.name, description(spec.label, spec.description), NODE)
        for name, member in members(spec).items():
            _member(assembly, made, name, member)


def _member(assembly: Assembly, made: object, name: str, member: Member) -> None:
    """One field of a type; what rights may take away is nullable."""
    text = description(member.label, *_remarks(member))
    if isinstance(member, FieldSpec):
        open_ = member.required and member.restricted is None
        kind = assembly.kind(member)
        assembly.add(made, name, kind if open_ else optional(kind), text)
    elif isinstance(member, DerivedSpec):
        assembly.add(made, name, optional(assembly.kind(member)), text)
    elif isinstance(member, LinkSpec):
        assembly.add(made, name, optional(assembly.object(member.target)), text)
    elif isinstance(member, LinesSpec):
        arguments = list_arguments(assembly, member.target, pages=False)
        assembly.add(made, name, listed(assembly.object(member.target)), text, arguments=arguments)
    elif isinstance(member, Special):
        kind = {AVAILABLE_STEPS: "AvailableStep", PROVENANCE: "Provenance", HISTORY: REVISION}[name]
        arguments = history_arguments() if name == HISTORY else []
        assembly.add(made, name, listed(assembly.object(kind)), text, arguments=arguments)
    else:
        target = member.lines.target if isinstance(member, LinesConnection) else member.target
        arguments = list_arguments(assembly, target, pages=True)
        assembly.add(made, name, assembly.object(connection_type(target)), text, arguments=arguments)


def _remarks(member: Member) -> list[str]:
    """The unit, and the permission it takes to read the field."""
    found = []
    if isinstance(member, FieldSpec | DerivedSpec) and member.unit:
        found.append(f"单位 Unit: {member.unit}")
    if isinstance(member, FieldSpec | DerivedSpec) and member.restricted:
        found.append(f"需要权限 Needs: {member.restricted}")
    return found


def _steps(assembly: Assembly) -> None:
    step = assembly.object("AvailableStep", "您现在可以执行的操作 · A step you can take now.")
    assembly.add(step, "name", str, "名称 · Name, as in the mutation: confirm")
    assembly.add(step, "label", str, "显示文字，按您的语言 · What to show, in your language")
    assembly.add(step, "target", str, "执行后的状态 · The state it leads to")
    assembly.add(step, "targetLabel", str, "执行后的状态，按您的语言 · The state it leads to, in your language")
    assembly.add(step, "mutation", str, "对应的 mutation · The mutation that takes it: confirmSalesOrder")


def _provenance(assembly: Assembly) -> None:
    origin = assembly.object(
        "Provenance", "数据来源：哪个系统的哪张表 · Which source, table and key a document came from."
    )
    assembly.add(origin, "source", str, "来源系统编码 · Code of the source system")
    assembly.add(origin, "sourceName", str, "来源系统名称 · Name of the source system")
    assembly.add(origin, "table", str, "表 · Table")
    assembly.add(origin, "key", str, "主键 · Key there")
    assembly.add(origin, "at", DateTime, "最近一次变化进入枢纽的时间 · When its last change arrived")
