"""Steps: what a person decides about a document, declared as a decorated method.

The decorator holds the label, from which states it leads to which, and who may. The method's further arguments
become the mutation's arguments; its body is the effect. A guard yields its problems, so that those of the effects in
`hub.flows` are told with them; what it raises ends the step at once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from hub.document.fields import Choice, FieldSpec
from hub.errors import Problem
from hub.words import Label

if TYPE_CHECKING:
    from hub.document.approvals.flows import Default

Method = TypeVar("Method", bound=Callable[..., Iterable[Problem] | None])


@dataclass(frozen=True)
class StepArgument:
    """An argument of a step, described like a field."""

    name: str
    field: FieldSpec
    required: bool


@dataclass(frozen=True)
class StepSpec:
    """A step as declared; `method` takes the document, the context and the arguments.

    It leads to `target`; `outcomes` are further states that its method may set itself. `approval` guards it where a
    company has no flow of its own. Whoever has a link to it may take a `public` one, and is shown what it names.
    """

    name: str
    label: Label
    sources: tuple[Choice, ...]
    target: Choice
    by: str | None
    arguments: tuple[StepArgument, ...]
    method: Callable[..., Iterable[Problem] | None]
    approval: Default | None = None
    outcomes: tuple[Choice, ...] = ()
    public: tuple[str, ...] | None = None


_KINDS = {
    "str": "text",
    "date": "date",
    "datetime": "moment",
    "Decimal": "decimal",
    "int": "integer",
    "bool": "boolean",
}


def _argument(parameter: inspect.Parameter, words: dict[str, tuple[str, str]]) -> StepArgument:
    """A parameter as a field: its kind from the annotation, its words from the decorator."""
    kind = _KINDS[str(parameter.annotation).removesuffix(" | None")]
    label = Label(*words.get(parameter.name, (parameter.name, parameter.name)))
    required = parameter.default is parameter.empty
    field = FieldSpec(parameter.name, label, kind, scale=4 if kind == "decimal" else None, required=required)
    return StepArgument(parameter.name, field, required)


def step(
    chinese: str,
    english: str,
    *,
    source: Choice | tuple[Choice, ...],
    target: Choice,
    by: str | None = None,
    words: dict[str, tuple[str, str]] | None = None,
    approval: Default | None = None,
    outcomes: tuple[Choice, ...] = (),
    public: tuple[str, ...] | None = None,
) -> Callable[[Method], Method]:
    """Declare a step.

    `by` is the permission it asks for beyond the type's write permission; `words` are the labels of its arguments;
    `approval`, as `above("total", 100_000)`, says who must sign first unless the company has a flow of its own;
    `outcomes` are states that the method may set in place of the target; `public` lets somebody without an account
    take it by a link that works once (hub.public_links), and names what he is shown: fields, links, derived values of
    the document, and with "lines.quantity" columns of its lines.
    """

    def decorate(method: Method) -> Method:
        parameters = list(inspect.signature(method).parameters.values())[2:]
        arguments = tuple(_argument(one, words or {}) for one in parameters)
        sources = source if isinstance(source, tuple) else (source,)
        words_ = Label(chinese, english)
        spec = StepSpec(method.__name__, words_, sources, target, by, arguments, method, approval, outcomes, public)
        method.__step__ = spec  # type: ignore[attr-defined]  # read back by hub.document.spec
        return method

    return decorate


def steps_of(model: type[Any]) -> tuple[StepSpec, ...]:
    """The steps of a class in order of declaration."""
    return tuple(value.__step__ for value in vars(model).values() if hasattr(value, "__step__"))
