"""A request's document once it is known: parsed, within limits, valid, its operation chosen.

Known documents are kept by their text, so that parsing and validating happen once. What is kept says nothing of
any user.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    is_input_type,
    parse,
    type_from_ast,
    validate,
    visit,
)
from graphql.execution.values import get_variable_values
from graphql.utilities import coerce_input_value

from graph_schema.limits import MAX_TOKENS, check_document, check_length, exceeded
from graph_schema.read.values import slotted
from graph_schema.trouble import Faulty
from hub.context import Viewer
from hub.errors import Invalid, problem

Key = TypeVar("Key")
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """The most recently used entries, at most `size` of them."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """The entry, now the most recent, or None."""
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: Key, value: Value) -> Value:
        """Keep an entry; the oldest goes when there are too many."""
        self._entries[key] = value
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)
        return value

    def __len__(self) -> int:
        return len(self._entries)


@dataclass
class Known:
    """A valid document and the operation to run; `plans` holds what was compiled for it, by shape and rights."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    plans: Kept[Any, Any] = field(default_factory=lambda: Kept(16))

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.operation.operation

    def rights(self, viewer: Viewer) -> Any:
        """What of a viewer shapes a statement: nothing personal, so users of the same roles and company share it."""
        return viewer.permissions, viewer.language, viewer.custom, viewer.signed

    @cached_property
    def _types(self) -> dict[str, GraphQLInputType]:
        """The types of the declared variables, by name."""
        found: dict[str, GraphQLInputType] = {}
        for definition in self.operation.variable_definitions:
            type_ = type_from_ast(self.schema, definition.type)
            if is_input_type(type_):  # of a valid document all are
                found[definition.variable.name.value] = cast("GraphQLInputType", type_)
        return found

    def variables(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The variables, coerced; Faulty when one does not fit."""
        try:
            return {name: coerce_input_value(given[name], type_) for name, type_ in self._types.items()}
        except (KeyError, GraphQLError):
            return self._slowly(given)

    def _slowly(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The same with default values, and with all that is wrong told at once."""
        found = get_variable_values(self.schema, self.operation.variable_definitions, dict(given), max_errors=20)
        if isinstance(found, list):
            raise Faulty(found)
        return found

    def slots(self, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The variables with slots in place of their leaf values; inputs of mutations shape no statement."""
        return {
            name: slotted(variables[name], type_, (name,))
            for name, type_ in self._types.items()
            if name in variables and name in self._shaping
        }

    @cached_property
    def _shaping(self) -> frozenset[str]:
        """The variables that may shape a statement: all, but for those that only a mutation's own arguments use."""
        if self.kind is not OperationType.MUTATION:
            return frozenset(self._types)
        found: set[str] = set()
        for node in self.operation.selection_set.selections:
            parts = (*node.directives, node.selection_set) if isinstance(node, FieldNode) else (node,)
            for part in (*parts, *self.fragments.values()):
                found |= _variables(part)
        return frozenset(found)


def _variables(node: Node | None) -> set[str]:
    """The names of the variables used anywhere below a node."""
    found: set[str] = set()

    class Used(Visitor):
        def enter_variable(self, variable: VariableNode, *_: object) -> None:
            found.add(variable.name.value)

    if node is not None:
        visit(node, Used())
    return found


def understand(schema: GraphQLSchema, text: str, operation_name: str | None) -> Known:
    """Parse, limit and validate a document and choose its operation.

    Raises:
        Faulty: syntax or validation errors, in GraphQL's words.
        Invalid: a limit is exceeded, or the operation is not named.
    """
    document = valid(schema, text)
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return Known(schema, _chosen(operations, operation_name), fragments)


def valid(schema: GraphQLSchema, text: str) -> DocumentNode:
    """A document parsed, within its limits and valid; Faulty or Invalid otherwise."""
    check_length(text)
    try:
        document = parse(text, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        raise Faulty([error]) from error
    except RecursionError as error:
        raise exceeded("DEPTH_EXCEEDED") from error
    check_document(document)
    if errors := validate(schema, document, max_errors=20):
        raise Faulty(errors)
    return document


def _chosen(operations: list[OperationDefinitionNode], name: str | None) -> OperationDefinitionNode:
    found = [one for one in operations if name is None or (one.name is not None and one.name.value == name)]
    if len(found) != 1:
        raise Invalid(
            problem(
                "OPERATION_UNKNOWN",
                "请用 operationName 指明要执行的操作。",
                "Name the operation to run with operationName.",
            )
        )
    return found[0]
