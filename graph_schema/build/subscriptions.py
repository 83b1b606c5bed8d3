"""Subscriptions: a document's changes, as they are committed."""

from __future__ import annotations

import strawberry

from graph_schema.build.assembly import Assembly, argument, optional
from graph_schema.build.objects import NODE

SUBSCRIPTION = "Subscription"
CHANGE = "DocumentChange"
DOCUMENT_CHANGED = "documentChanged"


def subscriptions(assembly: Assembly) -> None:
    """`documentChanged(type:, id:)`."""
    change = assembly.object(CHANGE, "一次变化 · A change that has been committed")
    assembly.add(change, "type", str, "单据类型 · Document type")
    assembly.add(change, "id", optional(strawberry.ID), "标识；批量变化为空 · Id; null for a batch")
    assembly.add(change, "event", str, "事件 · What happened: SalesOrder.confirm")
    assembly.add(change, "document", optional(assembly.interface(NODE)), "变化后的单据 · The document after the change")
    assembly.add(
        assembly.object(SUBSCRIPTION, "订阅 · What can be followed"),
        DOCUMENT_CHANGED,
        change,
        "单据的变化 · Changes of a type's documents, or of one",
        arguments=[
            argument("type", str, "单据类型，如 SalesOrder · Document type"),
            argument("id", optional(strawberry.ID), "只看这一张 · Only this document"),
        ],
    )
