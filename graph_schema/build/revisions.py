"""The history of a row: its revisions, who made each and how, and what it changed."""

from __future__ import annotations

import enum

import strawberry
from strawberry.types.arguments import StrawberryArgument

from graph_schema.build.assembly import Assembly, argument, listed, optional
from graph_schema.limits import DEFAULT_FIRST, MAX_FIRST
from graph_schema.scalars import DateTime, Json

REVISION = "Revision"


@strawberry.enum(description="变化的方式 · How a value or a line changed")
class ChangeKind(enum.Enum):
    """A value changed, or came and went with its line."""

    CHANGED = "CHANGED"
    ADDED = "ADDED"
    REMOVED = "REMOVED"


def revisions(assembly: Assembly) -> None:
    """`Revision` and `FieldChange`, the same for every type."""
    change = assembly.object("FieldChange", "一处变化 · One value before and after.")
    assembly.add(change, "kind", ChangeKind, "变化的方式；行的增删逐字段列出 · Lines that came or went tell each field")
    assembly.add(change, "field", str, "字段名 · The field's name in GraphQL")
    assembly.add(change, "label", str, "字段，按您的语言 · The field's label, in your language")
    assembly.add(change, "list", optional(str), "所在明细；单据本身为空 · The line's list; null for the row itself")
    assembly.add(change, "line", optional(strawberry.ID), "明细行标识 · Id of the line")
    assembly.add(change, "position", optional(int), "行号 · Position of the line")
    assembly.add(change, "before", optional(Json), "原值；链接为 {id key name} · Before; of a link {id key name}")
    assembly.add(change, "after", optional(Json), "新值 · After")
    revision = assembly.object(REVISION, "一次修订 · A version of a row, from when to when it held.")
    assembly.add(revision, "version", int, "版本 · Version")
    assembly.add(revision, "at", DateTime, "生效时间 · From when it held")
    assembly.add(revision, "until", optional(DateTime), "失效时间；当前版本为空 · Until when; null for the present one")
    assembly.add(revision, "by", strawberry.ID, "修改人标识 · Id of who made it")
    assembly.add(revision, "byCode", optional(str), "修改人登录名或服务名 · Login of who made it, or the service")
    assembly.add(revision, "byName", optional(str), "修改人姓名 · Name of who made it")
    assembly.add(revision, "verbs", listed(str), "操作：create update load 或步骤名 · What was done, as in the audit")
    assembly.add(revision, "label", str, "操作，按您的语言 · What was done, in your language")
    assembly.add(revision, "channel", optional(str), "途径 · Over which way: graphql workbench pipeline")
    assembly.add(revision, "changes", listed(change), "与上一版本的差异 · Differences to the version before it")


def history_arguments() -> list[StrawberryArgument]:
    """first, beforeVersion."""
    text = f"条数，最多 {MAX_FIRST} · How many revisions; default {DEFAULT_FIRST}, at most {MAX_FIRST}"
    before = "只要此版本之前的 · Only revisions before this version"
    return [argument("first", optional(int), text), argument("beforeVersion", optional(int), before)]
