"""Root fields that are no documents: introspection and whatever Strawberry resolves, run by graphql-core."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    execute,
)
from psycopg_pool import AsyncConnectionPool

from graph_schema.document import Known
from hub.context import Viewer
from hub.db.reader import Reader


@dataclass(frozen=True)
class Asked:
    """The context of a resolver: who asks, whether they may know the whole schema, and connections to read by."""

    viewer: Viewer
    schema_open: bool = True
    pool: AsyncConnectionPool[Reader] | None = None


async def resolve_plain(
    known: Known, fields: Mapping[str, list[FieldNode]], raw: Mapping[str, Any], asked: Asked
) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
    """The values of these root fields by response name, and what went wrong; None when the whole answer is null."""
    if not fields:
        return {}, []
    selected = SelectionSetNode(selections=tuple(node for nodes in fields.values() for node in nodes))
    operation = OperationDefinitionNode(
        operation=OperationType.QUERY,
        variable_definitions=known.operation.variable_definitions,
        directives=(),
        selection_set=selected,
    )
    document = DocumentNode(definitions=(operation, *known.fragments.values()))
    started = execute(known.schema, document, variable_values=dict(raw), context_value=asked)
    result = await started if inspect.isawaitable(started) else started
    return result.data, list(result.errors or ())
