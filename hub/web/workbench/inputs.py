"""What a form asks for: the inputs of a document type and of its lines, made from the spec.

An input is called as in GraphQL (camelCase), because the paths of problems are, and so a problem finds its input.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.context import Viewer
from hub.document import ANY_STATE
from hub.document.fields import Choice, FieldSpec
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec, LinesSpec, LinkSpec
from hub.document.steps import StepSpec
from hub.words import Label, camel, snake

_LONG = ("note", "description", "message", "address", "ship_to")
_ORDER = ("key", "link", "choice", "date", "moment", "decimal", "integer", "text", "list", "boolean", "long")
_LINE_ORDER = (
    "key",
    "needed",
    "choice",
    "decimal",
    "integer",
    "link",
    "date",
    "moment",
    "text",
    "list",
    "boolean",
    "long",
)


@dataclass(frozen=True)
class Input:
    """One input: `name` in the form, `field` in the spec; `kind` says which control and how its text is read."""

    name: str
    field: str
    label: Label
    kind: str
    required: bool
    unit: str | None = None
    meaning: str | None = None
    scale: int | None = None
    minimum: Any = None
    choices: type[Choice] | None = None
    target: str | None = None
    default: Any = None
    any_state: bool = False

    @property
    def numeric(self) -> bool:
        """Whether it is a figure, written to the right."""
        return self.kind in ("decimal", "integer")


@dataclass(frozen=True)
class LineInputs:
    """The inputs of one list of lines."""

    name: str
    label: Label
    inputs: tuple[Input, ...]
    at_least: int


@dataclass(frozen=True)
class Form:
    """Everything a person may fill in of a document type."""

    spec: DocSpec
    inputs: tuple[Input, ...]
    lines: tuple[LineInputs, ...]


def form_of(spec: DocSpec, viewer: Viewer) -> Form:
    """The form of a type as this viewer may fill it in."""
    lines = tuple(_lines(one, viewer) for one in spec.lines.values())
    return Form(spec, inputs_of(spec, viewer), lines)


def inputs_of(spec: DocSpec, viewer: Viewer) -> tuple[Input, ...]:
    """The inputs of the type itself, in the order in which people think of them."""
    fields = [_input(spec, one) for one in spec.fields.values() if _asked(spec, one, viewer)]
    parent = snake(spec.parent) if spec.parent else None
    open_ = [one for one in spec.links.values() if one.name != parent and not one.system]
    chosen = [one for one in open_ if viewer.may(spec_of(one.target).access.read)]
    links = [_link(one) for one in chosen]  # a link that cannot be seen would be emptied by saving
    return tuple(sorted(fields + links, key=_line_rank if spec.kind == "line" else _rank))


def _asked(spec: DocSpec, field: FieldSpec, viewer: Viewer) -> bool:
    """Whether a person sets this field; the state is led by steps, the position by the order of lines."""
    if field.system or field.computed or field.secret or field.kind in ("json", "id"):
        return False
    if field.name in ("state", "position") or (field.name == "number" and spec.series):
        return False
    return viewer.may(field.restricted)


def _rank(one: Input) -> tuple[int, bool]:
    group = "key" if one.field in ("code", "number", "name", "short_name") else one.kind
    return _ORDER.index(group), not one.required


def _line_rank(one: Input) -> int:
    """A line reads: what, how much, then the rest."""
    return _LINE_ORDER.index("needed" if one.kind == "link" and one.required else one.kind)


def _input(spec: DocSpec, field: FieldSpec) -> Input:
    return Input(
        name=camel(field.name),
        field=field.name,
        label=field.label,
        kind="long" if field.kind == "text" and field.name in _LONG and spec.kind != "line" else field.kind,
        required=field.required and not field.has_default,
        unit=field.unit,
        meaning=field.meaning,
        scale=field.scale,
        minimum=field.minimum,
        choices=field.choices,
        default=_default(spec, field.name),
        any_state=field.editable_in == ANY_STATE,
    )


def _link(link: LinkSpec) -> Input:
    return Input(
        name=camel(link.name),
        field=link.name,
        label=link.label,
        kind="link",
        required=link.required,
        target=link.target,
        any_state=link.editable_in == ANY_STATE,
    )


def _lines(lines: LinesSpec, viewer: Viewer) -> LineInputs:
    return LineInputs(camel(lines.name), lines.label, inputs_of(spec_of(lines.target), viewer), lines.at_least)


def _default(spec: DocSpec, name: str) -> Any:
    """What a new document has there when nobody says otherwise."""
    default: Any = spec.table.columns[name].default
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg


def step_inputs(step: StepSpec) -> tuple[Input, ...]:
    """What a step's dialog asks for."""
    return tuple(
        Input(
            name=camel(one.name),
            field=one.name,
            label=one.field.label,
            kind="long" if one.field.kind == "text" else one.field.kind,
            required=one.required,
            scale=one.field.scale,
        )
        for one in step.arguments
    )
