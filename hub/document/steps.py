"""Steps: what a person decides about a document, declared as a decorated method.

The decorator holds the label, from which states it leads to which, and who may. The method's further arguments
become the mutation's arguments; its body is the effect.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from hub.document.fields import Choice
from hub.words import Label

Method = TypeVar("Method", bound=Callable[..., None])


@dataclass(frozen=True)
class StepArgument:
    """An argument of a step: its name, the annotation's text ("str", "date", "Decimal"), whether it is needed."""

    name: str
    type_name: str
    required: bool


@dataclass(frozen=True)
class StepSpec:
    """A step as declared; `method` takes the document, the context and the arguments."""

    name: str
    label: Label
    sources: tuple[Choice, ...]
    target: Choice
    by: str | None
    arguments: tuple[StepArgument, ...]
    method: Callable[..., None]


def step(
    chinese: str, english: str, *, source: Choice | tuple[Choice, ...], target: Choice, by: str | None = None
) -> Callable[[Method], Method]:
    """Declare a step: `by` is the permission it asks for beyond the type's write permission."""

    def decorate(method: Method) -> Method:
        parameters = list(inspect.signature(method).parameters.values())[2:]
        arguments = tuple(
            StepArgument(one.name, str(one.annotation).removesuffix(" | None"), one.default is one.empty)
            for one in parameters
        )
        sources = source if isinstance(source, tuple) else (source,)
        spec = StepSpec(method.__name__, Label(chinese, english), sources, target, by, arguments, method)
        method.__step__ = spec  # type: ignore[attr-defined]  # read back by hub.document.spec
        return method

    return decorate


def steps_of(model: type[Any]) -> tuple[StepSpec, ...]:
    """The steps of a class in order of declaration."""
    return tuple(value.__step__ for value in vars(model).values() if hasattr(value, "__step__"))
