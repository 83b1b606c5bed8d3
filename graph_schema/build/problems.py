"""What every mutation returns: the document, and all problems at once."""

from __future__ import annotations

from typing import Any

from strawberry.types.arguments import StrawberryArgument

from graph_schema.build.assembly import Assembly, argument, listed, optional
from graph_schema.naming import IMPORT_PAYLOAD, LOAD_PAYLOAD, batch_payload_type, description, payload_type
from hub.document.registry import specs
from hub.document.spec import DocSpec

MUTATION = "Mutation"
_FIGURES = {
    "rows": "行数 · Rows",
    "documents": "记录数 · Records",
    "created": "新建 · New",
    "updated": "修改 · Changed",
    "unchanged": "未变 · As they were",
    "stepped": "已办理后续步骤 · With the step taken",
}


def problems(assembly: Assembly) -> None:
    """`Problem`, and a payload per type that can be written."""
    made = assembly.object("Problem", "一个问题：哪里不对，如何改正 · One thing wrong, and how to mend it.")
    assembly.add(made, "code", str, "代码 · A code that says the fact: STOCK_SHORT")
    assembly.add(made, "message", str, "说明，按您的语言 · The sentence, in your language")
    assembly.add(made, "path", listed(str), "所指字段，从 input 起 · The way to the field, from the input on")
    assembly.add(made, "hint", optional(str), "建议 · What to do")
    for spec in [*written_types(), *(one for one in specs().values() if one.kind == "companion")]:
        payload = assembly.object(payload_type(spec.name), description(spec.label, "办理结果 · the outcome"))
        assembly.add(
            payload, spec.single, optional(assembly.object(spec.name)), "单据；有问题时为空 · Null when refused"
        )
        assembly.add(payload, "problems", listed(made), "所有问题；没有则成功 · Every problem; none means done")
        rows = assembly.object(batch_payload_type(spec.name), description(spec.label, "批量结果 · of many"))
        assembly.add(rows, "done", int, "办成的行数 · Rows that were done")
        assembly.add(rows, "results", listed(payload), "每行一个，按次序 · One per row, in order")
        assembly.add(rows, "problems", listed(made), "全部问题，路径以行开头 · All problems, led by their rows")
    loaded = assembly.object(LOAD_PAYLOAD, "导入结果 · What became of loaded rows")
    for name, text in (("inserted", "新增 · New"), ("updated", "修改 · Changed"), ("unchanged", "未变 · As it was")):
        assembly.add(loaded, name, int, text)
    assembly.add(loaded, "problems", listed(made), "留在外面的行的问题 · Of the rows that stayed out: rows.3.quantity")

    brought = assembly.object(IMPORT_PAYLOAD, "导入结果 · What became of an import")
    for name, text in _FIGURES.items():
        assembly.add(brought, name, int, text)
    assembly.add(brought, "problems", listed(made), "每行的所有问题；没有则已导入 · Of every row: rows.3.price")


def written_types() -> list[DocSpec]:
    """The types that people write: ledgers are written by steps, lines with their document, companions by own verbs."""
    return [spec for spec in specs().values() if spec.kind in ("document", "master")]


def by_hand() -> list[DocSpec]:
    """The types that people create, change and discard; of what the hub makes they take the steps."""
    return [spec for spec in written_types() if spec.by_hand]


def mutation_field(
    assembly: Assembly,
    spec: DocSpec,
    name: str,
    text: str,
    arguments: list[StrawberryArgument],
    *,
    versioned: bool = True,
    payload: str | None = None,
) -> None:
    """A mutation with its own arguments and those that all of them take."""
    shared = [
        argument("idempotencyKey", optional(str), "幂等键：同键重发只办理一次 · The same key is carried out only once"),
        argument("dryRun", bool, "只试算，不保存 · Try it out and save nothing", default=False),
    ]
    version = argument("expectedVersion", optional(int), "期望的版本 · Refuse when the document has changed since")
    given: list[Any] = [*arguments, *([version] if versioned else []), *shared]
    outcome = optional(assembly.object(payload or payload_type(spec.name)))
    assembly.add(assembly.object(MUTATION, "办理 · What can be done"), name, outcome, text, arguments=given)
