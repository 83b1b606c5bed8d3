"""The schema of the last release, and what a newer one would break.

Whoever builds on the interface must be warned for one release at least: only what the released schema marks as
@deprecated may go. `hub schema --release` makes the present schema the released one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    GraphQLInterfaceType,
    GraphQLSchema,
    Node,
    Visitor,
    build_ast_schema,
    find_breaking_changes,
    parse,
    visit,
)

RELEASED = Path(__file__).with_name("released.graphql")


def breaking_changes(released: str, present: str) -> list[str]:
    """What the present schema breaks, one line each; both in GraphQL's own language."""
    kept = _reachable(build_ast_schema(_without_deprecated(parse(released)), assume_valid=True))
    return [change.description for change in find_breaking_changes(kept, build_ast_schema(parse(present)))]


def _without_deprecated(document: DocumentNode) -> DocumentNode:
    """The schema without the fields, arguments and values that were announced to go."""

    class Announced(Visitor):
        def enter(self, node: Node, *_: Any) -> Any:
            directives = getattr(node, "directives", None) or ()
            return REMOVE if any(one.name.value == "deprecated" for one in directives) else None

    found = visit(document, Announced())
    assert isinstance(found, DocumentNode)
    return found


def _reachable(schema: GraphQLSchema) -> GraphQLSchema:
    """The schema without types that nothing leads to any more."""
    implementing = [
        one
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLInterfaceType)
        for one in schema.get_possible_types(type_)
    ]
    return GraphQLSchema(
        schema.query_type, schema.mutation_type, schema.subscription_type, implementing, schema.directives
    )
