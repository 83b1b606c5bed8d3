"""`me` and `documentTypes`: the root fields that Strawberry resolves."""

from __future__ import annotations

from graph_schema.build.assembly import Assembly, listed, optional
from graph_schema.build.queries import QUERY
from graph_schema.custom.catalogue import DocumentType, document_types
from graph_schema.custom.viewer import Me, me


def plain(assembly: Assembly) -> None:
    """They are nullable, so that what goes wrong in one takes nothing else along."""
    query = assembly.object(QUERY)
    assembly.add(query, "me", optional(Me), "当前用户 · Who is asking", resolver=me)
    text = "单据类型及字段的中英文名称 · Document types and fields with their labels"
    assembly.add(query, "documentTypes", optional(listed(DocumentType)), text, resolver=document_types)
