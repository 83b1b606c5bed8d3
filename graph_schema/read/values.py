"""Values of a request, apart from its shape: slots in the variables, and what is bound when the statement runs.

A plan is made once per shape. Leaf values of variables become slots, so that the next request of the same shape
runs the same statement with other values. Booleans and sort directions are shape: they change the SQL.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
)

from hub.context import Viewer

SHAPE_ENUMS = frozenset({"SortDirection", "TimeBucket"})
SHAPE_SCALARS = frozenset({"Boolean", "CustomFieldKey"})


@dataclass(frozen=True)
class Slot:
    """The place of a value in the variables: ("where", "number", "eq")."""

    path: tuple[str | int, ...]


def slotted(value: Any, type_: GraphQLInputType, path: tuple[str | int, ...]) -> Any:
    """A coerced variable with its leaf values replaced by slots."""
    if isinstance(type_, GraphQLNonNull):
        return slotted(value, type_.of_type, path)
    if value is None:
        return None
    if isinstance(type_, GraphQLList):
        if _is_leaf(type_.of_type):
            return Slot(path)
        return tuple(slotted(item, type_.of_type, (*path, index)) for index, item in enumerate(value))
    if isinstance(type_, GraphQLInputObjectType):
        return {name: slotted(item, type_.fields[name].type, (*path, name)) for name, item in value.items()}
    return Slot(path) if _is_leaf(type_) else value


def _is_leaf(type_: GraphQLInputType) -> bool:
    """Whether a value of this type can change without changing the SQL."""
    if isinstance(type_, GraphQLNonNull):
        return _is_leaf(type_.of_type)
    if isinstance(type_, GraphQLEnumType):
        return type_.name not in SHAPE_ENUMS
    if isinstance(type_, GraphQLInputObjectType | GraphQLList):
        return False
    return getattr(type_, "name", "") not in SHAPE_SCALARS


def shape(value: Any) -> Any:
    """A slotted value as something hashable: equal shapes give equal statements."""
    if isinstance(value, Mapping):
        return tuple((name, shape(item)) for name, item in value.items())
    if isinstance(value, tuple | list):
        return tuple(shape(item) for item in value)
    return value


def plain(value: Any) -> Any:
    """What is stored for a GraphQL value: an enum's value, lists alike."""
    if isinstance(value, enum.Enum):
        return value.value
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True)
class Binding:
    """Where a parameter's value comes from when the statement runs, and how it is made ready."""

    source: Any
    convert: Callable[[Any], Any]

    def value(self, variables: Mapping[str, Any], viewer: Viewer) -> Any:
        """The value to send; Invalid when it does not fit (a bad cursor, a page too large)."""
        if callable(self.source):
            return self.convert(self.source(viewer))
        return self.convert(plain(_given(self.source, variables)))


def _given(source: Any, variables: Mapping[str, Any]) -> Any:
    """A value with its slots filled; they also stand inside lists: {in: [$one, $other]}."""
    if isinstance(source, Slot):
        found: Any = variables
        for step in source.path:
            found = found[step]
        return found
    return [_given(one, variables) for one in source] if isinstance(source, list | tuple) else source
