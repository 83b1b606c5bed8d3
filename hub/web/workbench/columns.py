"""The values of a document type as pages show them: where each stands in GraphQL's answer and how it looks.

One `Column` serves list, detail, line table and export. Which columns a list opens with is decided here from
the spec: what people call the record, how it stands, whom it concerns, when, how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from hub.context import Viewer
from hub.document.access import ROLES
from hub.document.custom import EXTRA, CustomSpec, seen
from hub.document.fields import Choice, FieldSpec
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, DocSpec, LinkSpec
from hub.web.workbench import values
from hub.web.workbench.language import say, spoken, unit_text
from hub.words import Label, camel, snake

HIDDEN = ("id", "extra", "layout", "payload_hash")
STAMPS = ("version", "created_at", "created_by", "updated_at", "updated_by", "recorded_at", "recorded_by")
_OPENS_WITH = 8
_CUSTOM_OPENS_WITH = 3
"""Custom fields that a list shows until somebody chooses others."""


def key_of(spec: DocSpec) -> str:
    """A type's name in addresses: SalesOrder → sales-orders."""
    return snake(spec.plural).replace("_", "-")


def detail_path(type_name: str, id_: str) -> str:
    """The address of a record's page; a line is shown on its document's page."""
    return f"/{key_of(spec_of(type_name))}/detail?{urlencode({'pk': id_})}"


@dataclass(frozen=True)
class Shown:
    """A value ready for the page; `look` is text, link, badge, truth, share, mono, json or nothing."""

    text: str
    look: str = "text"
    href: str | None = None
    colour: str = ""
    share: float = 0.0


@dataclass(frozen=True)
class Column:
    """One value of a type. `name` is GraphQL's, `field` the spec's; `kind` is a field's kind or "link"."""

    name: str
    field: str
    label: Label
    kind: str
    meaning: str | None = None
    scale: int | None = None
    unit: str | None = None
    choices: type[Choice] | None = None
    target: str | None = None
    restricted: str | None = None
    derived: bool = False
    filterable: bool = True
    encrypted: bool = False
    custom: CustomSpec | None = None
    """The declaration of a custom field, whose values stand together under `extra`."""

    @property
    def numeric(self) -> bool:
        """Whether it is a figure, written to the right."""
        return self.kind in ("decimal", "integer") and self.field != "position"

    def selection(self) -> str:
        """What to ask of GraphQL for it."""
        if self.custom is not None:
            return EXTRA
        return f"{self.name} {title_selection(self.target)}" if self.target else self.name

    def of(self, row: dict[str, Any]) -> Any:
        """The value in a row of the answer."""
        return row.get(self.name) if self.custom is None else (row.get(EXTRA) or {}).get(self.custom.name)

    def show(self, value: Any) -> Shown:
        """The value for a page; nothing is shown as a dash."""
        if value is None or value in ("", []):
            return Shown("—", "nothing")
        if self.target or self.custom is not None:
            return Shown(self.plain(value), "link" if self.target else "text", self._href(value))
        if self.choices:
            text = values.choice_text(self.choices, value)
            return Shown(text, "badge" if values.colour(value) else "text", colour=values.colour(value))
        if self.kind == "boolean":
            return Shown(values.truth(value), "truth", colour="green" if value else "secondary")
        if self.meaning == "percent" and self.derived:
            return Shown(self.plain(value), "share", share=values.share(value))
        return Shown(self.plain(value), {"json": "json", "id": "mono"}.get(self.kind, "text"))

    def _href(self, value: Any) -> str | None:
        """A linked record's page. A custom link knows the other's code or number only: the list that finds it."""
        if self.target:
            return link_path(self.target, value)
        target = self.custom.target if self.custom else None
        return f"/{key_of(spec_of(target))}/list?{urlencode({'q': value})}" if target else None

    def plain(self, value: Any) -> str:
        """The value as text alone."""
        if value is None:
            return ""
        if self.target:
            return title(self.target, value)
        if self.choices:
            chosen = value if isinstance(value, list) else [value]
            return "、".join(values.choice_text(self.choices, one) for one in chosen)
        if self.kind in ("decimal", "integer"):
            scale = 1 if self.derived and self.meaning == "percent" else self.scale
            text = values.figure(value, meaning=self.meaning, scale=scale)
            return f"{text} {unit_text(self.unit)}".strip()
        return values.text(self.kind, _in_words(self.field, value))


def _in_words(field: str, value: Any) -> Any:
    """Names of types and roles by their labels; they are stored as the program calls them."""
    if field == "document_type" and value in specs():
        return spoken(specs()[value].label)
    if field == "roles" and isinstance(value, list):
        return [spoken(ROLES[one].label) if one in ROLES else one for one in value]
    return value


def title_selection(type_name: str) -> str:
    """What to ask of a linked record to call it by its name."""
    target = spec_of(type_name)
    if target.kind == "line" and target.parent:
        return f"{{ id position {camel(target.parent)} {{ id number }} }}"
    return {"master": "{ id code name }", "document": "{ id number }"}.get(target.kind, "{ id }")


def title(type_name: str, record: dict[str, Any]) -> str:
    """What people call a record: a master's name, a document's number, a line's document and position."""
    target = spec_of(type_name)
    if target.kind == "line" and target.parent:
        number, position = (record.get(camel(target.parent)) or {}).get("number", ""), record["position"]
        return say(f"{number} 第 {position} 行", f"{number} line {position}")
    return str(record.get("name") or record.get("number") or record.get("id"))


def link_path(type_name: str, record: dict[str, Any]) -> str | None:
    """The page of a linked record."""
    target = spec_of(type_name)
    if target.kind == "line" and target.parent:
        parent = record.get(camel(target.parent))
        return detail_path(target.parent, parent["id"]) if parent else None
    return detail_path(type_name, record["id"])


def columns_of(spec: DocSpec, viewer: Viewer | None = None) -> tuple[Column, ...]:
    """Every column of a type that the viewer may see, in the order of pages; custom fields stand at the end.

    Without a viewer all that the class declares.
    """
    parent = snake(spec.parent) if spec.parent else None
    hidden = {*HIDDEN, *STAMPS, *(one.pinyin for one in spec.fields.values())}
    found = [_of_field(one) for one in spec.fields.values() if one.name not in hidden and not one.secret]
    found += [_of_link(one) for one in spec.links.values() if one.name != parent]
    found += [_of_derived(one) for one in spec.derived.values()]
    readable = [one for one in found if viewer is None or viewer.may(one.restricted)]
    needed = {one.name for one in spec.links.values() if one.required}
    ranked = sorted(readable, key=lambda one: _rank(spec, one, needed))
    return (*ranked, *(() if viewer is None else custom_columns(spec, viewer)))


def custom_columns(spec: DocSpec, viewer: Viewer) -> list[Column]:
    """The custom fields of a type that the viewer may see, in declared order."""
    return [_of_custom(one) for one in seen(viewer, spec.name)]


def parent_column(spec: DocSpec) -> list[Column]:
    """The document of a line, as the first column where lines are shown without it."""
    if spec.parent is None:
        return []
    return [Column(camel(spec.parent), snake(spec.parent), spec_of(spec.parent).label, "link", target=spec.parent)]


def opening_columns(spec: DocSpec, columns: tuple[Column, ...]) -> list[str]:
    """The names of the columns that a list shows until somebody chooses others; a line shows all it has."""
    wanted = [one for one in columns if one.kind not in ("json", "id", "boolean") and one.field != "note"]
    wanted = [one for one in wanted if one.restricted is None or one.derived]
    if spec.kind != "line":
        wanted = sorted(wanted, key=lambda one: _importance(spec, one))[:_OPENS_WITH]
    return [one.name for one in columns if one in wanted]


def opening_custom(columns: list[Column]) -> list[str]:
    """The names of the custom columns that a list shows as well: the first few declared."""
    return [one.name for one in columns[:_CUSTOM_OPENS_WITH]]


def _importance(spec: DocSpec, one: Column) -> int:
    """The lower, the sooner a list shows it: its name and state, whom it concerns, what is always there."""
    group = _group(one)
    if group in ("key", "state"):
        return 0
    link = spec.links.get(one.field)
    field = spec.fields.get(one.field)
    if link is not None:
        return 1 if link.required else (4 if spec.kind == "master" else 6)
    needed = field is not None and field.required and not (field.has_default and group in ("decimal", "text"))
    if field is not None and field.meaning == "code" and spec.kind == "ledger":
        return 5
    ranks = {"derived": 3, "choice": 2, "date": 4, "moment": 4, "decimal": 6, "integer": 7}
    return ranks.get(group, 5 if spec.kind == "master" else 7) - (2 if needed and group != "choice" else 0)


def _rank(spec: DocSpec, one: Column, needed: set[str]) -> tuple[int, bool]:
    """Where a column stands; a ledger's row begins with its moment, because it has no name."""
    order = ("key", "state", "link", "choice", "moment", "date", "decimal", "derived", "integer", "text", "far")
    group = _group(one)
    place = 0 if spec.kind == "ledger" and group == "moment" else order.index(group)
    return place, group == "link" and one.field not in needed


def _group(one: Column) -> str:
    if one.field in ("code", "number", "name", "position"):
        return "key"
    if one.field == "state":
        return "state"
    if one.derived:
        return "derived"
    return one.kind if one.kind in ("link", "choice", "moment", "date", "decimal", "integer", "text") else "far"


def _of_field(one: FieldSpec) -> Column:
    return Column(
        name=camel(one.name),
        field=one.name,
        label=one.label,
        kind=one.kind,
        meaning=one.meaning,
        scale=one.scale,
        unit=one.unit,
        choices=one.choices,
        restricted=one.restricted,
        encrypted=one.encrypted,
    )


def _of_link(one: LinkSpec) -> Column:
    return Column(camel(one.name), one.name, one.label, "link", target=one.target)


def _of_derived(one: DerivedSpec) -> Column:
    return Column(
        name=camel(one.name),
        field=one.name,
        label=one.label,
        kind=one.kind,
        meaning=one.meaning,
        scale=one.scale,
        unit=one.unit,
        derived=True,
        filterable=one.filterable,
        restricted=one.restricted,
    )


@lru_cache(maxsize=1000)
def _of_custom(one: CustomSpec) -> Column:
    return Column(
        name=one.path,
        field=one.path,
        label=one.label,
        kind=one.kind,
        scale=one.scale,
        unit=one.unit,
        choices=one.choices,
        restricted=one.restricted,
        custom=one,
    )
