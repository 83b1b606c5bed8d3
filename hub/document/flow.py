"""What crosses document types: effects of a step on others, and conversions of one document into a draft of the next.

Only the registry stands here; `hub.flows` declares them, because a chapter knows no other. They are read after all
types are declared, and the package is imported by name, for the machinery knows no business word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any

from hub.context import Ctx
from hub.document.registry import specs
from hub.document.spec import DocSpec
from hub.errors import NotFound, Problem, problem
from hub.words import Label

Effect = Callable[[Any, Ctx], Iterable[Problem] | None]
"""Takes the document after its step's method, in the new state, and the context; yields or raises what forbids it."""
Header = Callable[[Any, Ctx], dict[str, Any]]
"""The values of the draft that a source document proposes, as `create` takes them, without lines."""
LineOf = Callable[[Ctx, Any, Decimal], dict[str, Any]]
"""The values of a draft's line that a source line proposes for a quantity."""

VOID = "cancelled"
"""The state of a document that no longer counts: what it took of its source is open again, and it can be amended."""
VERBS = ("create", "update", "discard")


@dataclass(frozen=True)
class Conversion:
    """A source document in one of `states` becomes a draft of `target`, whose `link` names it.

    With `line_link`, the draft's lines name the source's lines by it, and each takes at most what is open: the line's
    `quantity` less that of all target lines which name it and whose document is not void. Without, a source is
    converted once, or as often as the header proposes something (`again`): an invoice paid in parts.
    """

    source: str
    target: str
    label: Label
    states: tuple[str, ...]
    link: str
    line_link: str | None
    lines: str
    quantity: str
    header: Header
    line: LineOf | None
    again: bool = False


_effects: dict[tuple[str, str], list[Effect]] = defaultdict(list)
_conversions: dict[tuple[str, str], Conversion] = {}


def on(type_name: str, step: str) -> Callable[[Effect], Effect]:
    """Declare what else happens when a step of a type is taken (or "create", "update", "discard"), in its transaction.

    Effects run after the step's method in order of declaration. What they yield is told together with the method's
    own problems; what they raise is, too, and ends the run.
    """

    def declare(effect: Effect) -> Effect:
        _effects[type_name, step].append(effect)
        return effect

    return declare


def conversion(
    source: str,
    target: str,
    *,
    label: tuple[str, str],
    states: tuple[str, ...],
    link: str,
    line_link: str | None = None,
    line: LineOf | None = None,
    lines: str = "lines",
    quantity: str = "quantity",
    again: bool = False,
) -> Callable[[Header], Header]:
    """Declare a conversion; the decorated function proposes the draft's header from (source document, ctx).

    `link` is the target's link to the source, `line_link` that of a target line to a source line; `line` proposes a
    line's values from (ctx, source line, quantity), links as ids. `label` is what the button says: ("发货", "Deliver").
    """

    def declare(header: Header) -> Header:
        if (source, target) in _conversions:
            raise RuntimeError(f"the conversion of {source} to {target} is declared twice")
        _conversions[source, target] = Conversion(
            source, target, Label(*label), states, link, line_link, lines, quantity, header, line, again
        )
        return header

    return declare


@cache
def _declared() -> bool:
    """Import the flows once and hold them against the types."""
    import_module("hub.flows")
    known = specs()
    for type_name, step in _effects:
        if type_name not in known or step not in (*known[type_name].steps, *VERBS):
            raise RuntimeError(f"an effect is declared on {type_name}.{step}, which does not exist")
    for one in _conversions.values():
        target = known[one.target]
        assert one.link in target.links, one
        assert set(one.states) <= {state.value for state in known[one.source].states or ()}, one
        assert one.line_link is None or one.line_link in known[target.lines[one.lines].target].links, one
    return True


def effects_of(type_name: str, step: str) -> Iterable[Effect]:
    """The effects of a step, in order."""
    _declared()
    return _effects.get((type_name, step), ())


def effects() -> Mapping[tuple[str, str], list[Effect]]:
    """All effects by type and step."""
    _declared()
    return _effects


def conversions() -> Mapping[tuple[str, str], Conversion]:
    """All conversions by source and target."""
    _declared()
    return _conversions


def conversions_from(source: str) -> list[Conversion]:
    """What a type can become."""
    return [one for one in conversions().values() if one.source == source]


def amendable_type(spec: DocSpec) -> bool:
    """Whether documents of a type can be cancelled and then amended."""
    return spec.kind == "document" and VOID in {state.value for state in spec.states or ()}


def conversion_of(source: str, target: str) -> Conversion:
    """One conversion; NotFound CONVERSION_UNKNOWN."""
    found = conversions().get((source, target))
    if found is None:
        raise NotFound(
            problem(
                "CONVERSION_UNKNOWN",
                f"{source} 不能转为 {target}。",
                f"A {source} cannot be converted to a {target}.",
                hint=("hub describe 列出可转的单据。", "`hub describe` lists what it can become."),
            )
        )
    return found
