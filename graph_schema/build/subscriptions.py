"""Subscriptions: changes of documents as they are committed, and live queries with the root fields of queries."""

from __future__ import annotations

import enum

import strawberry

from graph_schema.build.assembly import Annotation, Assembly, argument, optional
from graph_schema.build.objects import NODE
from graph_schema.build.queries import reading_fields
from graph_schema.naming import change_type, changed, description, where_type
from hub.document.registry import specs

SUBSCRIPTION = "Subscription"
CHANGE = "DocumentChange"
DOCUMENT_CHANGED = "documentChanged"
FOLLOWABLE = ("document", "master")
"""Kinds of types whose verbs write events; lines change with their document, ledgers by steps and loads."""
_AFTER = "从此续传标记之后 · Everything after this token first, each event once"


@strawberry.enum(description="变化的种类 · What a change means for what is followed")
class LiveChangeKind(enum.Enum):
    """The values are their names."""

    OPENED = strawberry.enum_value("OPENED", description="订阅已开始，附起点标记 · Follows from this token on")
    ENTERED = strawberry.enum_value("ENTERED", description="新出现或开始符合筛选 · Now among what is followed")
    CHANGED = strawberry.enum_value("CHANGED", description="已改变，仍符合筛选 · Changed, still among it")
    LEFT = strawberry.enum_value("LEFT", description="已删除、不再符合或不再可见 · No longer among it")
    BATCH = strawberry.enum_value("BATCH", description="批量导入，请重新读取 · Many at once by a load: read anew")


def subscriptions(assembly: Assembly) -> None:
    """`documentChanged`, `salesOrdersChanged` per type with events, and live `salesOrder`, `salesOrders`, `node`."""
    root = assembly.object(SUBSCRIPTION, "订阅 · What can be followed")
    after = argument("after", optional(str), _AFTER)
    assembly.add(
        root,
        DOCUMENT_CHANGED,
        _change(assembly, CHANGE, assembly.interface(NODE), "一次变化 · A change that has been committed"),
        "单据的变化 · Changes of a type's documents, or of one",
        arguments=[
            argument("type", str, "单据类型，如 SalesOrder · Document type"),
            argument("id", optional(strawberry.ID), "只看这一张 · Only this document"),
            after,
        ],
    )
    for spec in specs().values():
        if spec.kind in FOLLOWABLE:
            text = description(spec.label, "一次变化 · a change")
            made = _change(assembly, change_type(spec.name), assembly.object(spec.name), text)
            where = argument("where", optional(assembly.input(where_type(spec.name))), "筛选 · Filter")
            text = description(spec.label, "列表的变化 · changes of the list")
            assembly.add(root, changed(spec), made, text, arguments=[where, after])
    reading_fields(assembly, root)


def _change(assembly: Assembly, name: str, document: Annotation, text: str) -> object:
    change = assembly.object(name, text)
    assembly.add(change, "kind", LiveChangeKind, "种类 · What it means for what is followed")
    assembly.add(change, "type", str, "单据类型 · Document type")
    assembly.add(change, "id", optional(strawberry.ID), "标识；批量变化为空 · Id; null for a batch")
    assembly.add(change, "event", optional(str), "事件 · What happened: SalesOrder.confirm")
    assembly.add(change, "token", str, "续传标记 · Resume after this with `after`")
    assembly.add(change, "document", optional(document), "现在的单据 · The document as it is now, if it can be seen")
    return change
