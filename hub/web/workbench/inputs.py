"""What a form asks for: the inputs of a document type and of its lines, made from the spec.

An input is called as in GraphQL (camelCase), because the paths of problems are, and so a problem finds its input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from hub.context import Viewer
from hub.document import ANY_STATE
from hub.document.custom import CustomSpec, seen
from hub.document.extra import stored
from hub.document.fields import Choice, FieldSpec
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec, LinesSpec, LinkSpec
from hub.document.steps import StepSpec
from hub.web.workbench.language import say
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


class YesOrNo(Choice):
    """A truth that need not be told."""

    YES = "true", "是", "Yes"
    NO = "false", "否", "No"


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
    custom: CustomSpec | None = None
    """The declaration of a custom field: its value goes under `extra`."""
    placeholder: str = ""
    section: str = ""
    """The heading under which it stands; those without stand together at the top."""

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
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Texts that are given and stay as they are: the form that a form record fills in."""
    heading: str = ""
    """What stands above it instead of the type's name."""
    instructions: str = ""

    @property
    def sections(self) -> list[tuple[str, list[Input]]]:
        """The inputs by heading, in order."""
        return [(name, list(found)) for name, found in groupby(self.inputs, key=lambda one: one.section)]


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
    own = sorted(fields + links, key=_line_rank if spec.kind == "line" else _rank)
    return (*own, *(custom_input(one, say("自定义字段", "Custom fields")) for one in seen(viewer, spec.name)))


def custom_input(one: CustomSpec, section: str, *, required: bool = False) -> Input:
    """The input of a custom field; a truth may be left open, so it is chosen and not ticked."""
    kinds = {"boolean": "choice", "multiple": "multiple", "link": "link"}
    return Input(
        name=one.path,
        field=one.name,
        label=one.label,
        kind=kinds.get(one.declared, one.kind),
        required=required or (one.needed and one.default is None),
        unit=one.unit,
        scale=one.scale,
        minimum=one.minimum,
        choices=YesOrNo if one.declared == "boolean" else one.choices,
        target=one.target,
        default=one.default if one.default is None or one.target else stored(one, one.default),
        custom=one,
        section=section,
    )


def _asked(spec: DocSpec, one: FieldSpec, viewer: Viewer) -> bool:
    """Whether a person sets this field; the state is led by steps, the position by the order of lines."""
    if one.system or one.computed or one.secret or one.kind in ("json", "id"):
        return False
    if one.name in ("state", "position") or (one.name == "number" and spec.series):
        return False
    return viewer.may(one.restricted)


def _rank(one: Input) -> tuple[int, bool]:
    group = "key" if one.field in ("code", "number", "name", "short_name") else one.kind
    return _ORDER.index(group), not one.required


def _line_rank(one: Input) -> int:
    """A line reads: what, how much, then the rest."""
    return _LINE_ORDER.index("needed" if one.kind == "link" and one.required else one.kind)


def _input(spec: DocSpec, one: FieldSpec) -> Input:
    return Input(
        name=camel(one.name),
        field=one.name,
        label=one.label,
        kind="long" if one.kind == "text" and one.name in _LONG and spec.kind != "line" else one.kind,
        required=one.required and not one.has_default,
        unit=one.unit,
        meaning=one.meaning,
        scale=one.scale,
        minimum=one.minimum,
        choices=one.choices,
        default=default_of(spec, one.name),
        any_state=one.editable_in == ANY_STATE,
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


def default_of(spec: DocSpec, name: str) -> Any:
    """What a new document has in a column when nobody says otherwise."""
    column = spec.table.columns.get(name)
    default: Any = None if column is None else column.default
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
