"""The first stage: a GraphQL selection as plain picks, fragments and directives resolved, arguments evaluated.

Nothing here knows of documents or SQL. Fields of one response name are merged as the specification asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
)
from graphql.execution.collect_fields import collect_fields, collect_sub_fields
from graphql.execution.values import get_argument_values


@dataclass(frozen=True)
class Pick:
    """One field of the answer: `key` is its name there; `children` by concrete type, one type unless abstract."""

    key: str
    name: str
    arguments: dict[str, Any]
    children: dict[str, tuple[Pick, ...]] = field(default_factory=dict)

    @property
    def picks(self) -> tuple[Pick, ...]:
        """The children of a field whose type is not abstract."""
        return next(iter(self.children.values()), ())


@dataclass(frozen=True)
class Source:
    """What selections are read with: the schema, the document's fragments, the slotted variables."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    variables: dict[str, Any]


def roots(source: Source, operation: OperationDefinitionNode) -> dict[str, list[FieldNode]]:
    """The root fields by response name, in order."""
    root = source.schema.get_root_type(operation.operation)
    assert root is not None
    return collect_fields(source.schema, source.fragments, source.variables, root, operation.selection_set)


def pick(source: Source, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Pick:
    """One field with all that is selected below it."""
    name = nodes[0].name.value
    if name == "__typename":
        return Pick(key, name, {})
    definition = parent.fields[name]
    arguments = get_argument_values(definition, nodes[0], source.variables)
    target = get_named_type(definition.type)
    children: dict[str, tuple[Pick, ...]] = {}
    if isinstance(target, GraphQLObjectType):
        children[target.name] = below(source, target, nodes)
    elif isinstance(target, GraphQLInterfaceType):
        for concrete in source.schema.get_possible_types(target):
            children[concrete.name] = below(source, concrete, nodes)
    return Pick(key, name, arguments, children)


def below(source: Source, type_: GraphQLObjectType, nodes: list[FieldNode]) -> tuple[Pick, ...]:
    """What the nodes select of a concrete type."""
    fields = collect_sub_fields(source.schema, source.fragments, source.variables, type_, nodes)
    return tuple(pick(source, type_, key, found) for key, found in fields.items())
