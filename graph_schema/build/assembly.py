"""What the builders share: types made empty at first mention and filled later, and fields from plain facts.

Strawberry resolves a type when the schema is made, so a field may name a type that is still empty. That frees
the builders from any order among types.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Optional, cast

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from graph_schema.naming import description
from graph_schema.scalars import Date, DateTime, Decimal, Json
from hub.document.fields import Choice
from hub.document.spec import DerivedSpec, FieldSpec

Annotation = Any
"""What Strawberry takes as a type: a class, list[…], Optional[…]."""

KINDS: dict[str, Annotation] = {
    "text": str,
    "integer": int,
    "decimal": Decimal,
    "boolean": bool,
    "date": Date,
    "moment": DateTime,
    "list": list[str],
    "json": Json,
    "id": strawberry.ID,
}
"""The GraphQL type of each kind of field; choices have an enum each."""


def optional(annotation: Annotation) -> Annotation:
    """The nullable form of a type."""
    return Optional[annotation]  # noqa: UP045  (the argument is a value here, not an annotation)


def listed(annotation: Annotation) -> Annotation:
    """A list without holes."""
    return list[annotation]


@dataclass
class Assembly:
    """The schema in the making."""

    types: dict[str, Any] = field(default_factory=dict)
    enums: dict[str, Any] = field(default_factory=dict)

    def object(self, name: str, text: str | None = None) -> Any:
        """An object type, made empty at first mention; a description given later still counts."""
        return self._type(name, text, strawberry.type)

    def interface(self, name: str, text: str | None = None) -> Any:
        """An interface."""
        return self._type(name, text, strawberry.interface)

    def input(self, name: str, text: str | None = None) -> Any:
        """An input type."""
        return self._type(name, text, strawberry.input)

    def implementing(self, name: str, text: str, interface: str) -> Any:
        """An object type that has an interface."""
        made = self._type(name, text, strawberry.type)
        definition = made.__strawberry_definition__
        definition.interfaces = [self.types[interface].__strawberry_definition__]
        return made

    def _type(self, name: str, text: str | None, decorate: Callable[..., Any]) -> Any:
        if name not in self.types:
            self.types[name] = decorate(type(name, (), {"__annotations__": {}}), name=name)
        if text is not None:
            self.types[name].__strawberry_definition__.description = text
        return self.types[name]

    def choice(self, choices: type[Choice]) -> Any:
        """The enum of a list of choices: DRAFT stands for the stored `draft`."""
        name = choices.__name__
        if name not in self.enums:
            members = {one.value.upper(): one for one in choices}
            plain = cast("Any", enum.Enum)(name, {key: one.value for key, one in members.items()})
            self.enums[name] = (choices, strawberry.enum(plain, name=name, description=(choices.__doc__ or "").strip()))
            self._describe(name, members)
        known, made = self.enums[name]
        if known is not choices:
            raise RuntimeError(f"two lists of choices are called {name}")
        return made

    def _describe(self, name: str, members: dict[str, Choice]) -> None:
        definition = self.enums[name][1].__strawberry_definition__
        for value in definition.values:
            value.description = description(members[value.name].label)

    def kind(self, member: FieldSpec | DerivedSpec) -> Annotation:
        """The GraphQL type of a field's values."""
        if isinstance(member, FieldSpec) and member.choices is not None:
            return self.choice(member.choices)
        return KINDS[member.kind]

    def add(
        self,
        owner: Any,
        name: str,
        annotation: Annotation,
        text: str | None = None,
        *,
        arguments: Iterable[StrawberryArgument] = (),
        resolver: Callable[..., Any] | None = None,
    ) -> None:
        """Give a type a field."""
        made = StrawberryField(
            python_name=name,
            graphql_name=name,
            type_annotation=StrawberryAnnotation(annotation),
            description=text,
            base_resolver=StrawberryResolver(resolver) if resolver else None,
        )
        given = list(arguments)
        if given:
            made.arguments = given
        if owner.__strawberry_definition__.is_input:
            made.default = made.default_value = strawberry.UNSET
        owner.__strawberry_definition__.fields.append(made)


def argument(
    name: str, annotation: Annotation, text: str | None = None, default: Any = strawberry.UNSET
) -> StrawberryArgument:
    """An argument of a field."""
    return StrawberryArgument(name, name, StrawberryAnnotation(annotation), description=text, default=default)
