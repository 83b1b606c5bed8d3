"""DocSpec: what is known of a document type, computed once from its class and never changed.

The narrow waist of the house: GraphQL, filters, workbench, audit, import, marts, checks, documentation and the
contract tests read a DocSpec and nothing else of a class.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Table
from sqlalchemy import types as sql

from hub.document.access import Access
from hub.document.base import Document, Record
from hub.document.fields import SCALES, Choice, DerivedSQL, FieldSpec
from hub.document.rows import Way
from hub.document.sealing import Sealed
from hub.document.series import Series
from hub.document.steps import StepSpec, steps_of
from hub.words import Label, camel, snake

__all__ = ["DerivedSpec", "DocSpec", "FieldSpec", "InverseSpec", "LinesSpec", "LinkSpec", "describe"]


COMPANION_COLUMN = "document_id"
"""By which a companion knows its document, whatever type that is of; ids are never used twice."""


@dataclass(frozen=True)
class LinkSpec:
    """A reference: `column` holds the id of a `target` document. `system` ones are set by the hub alone."""

    name: str
    label: Label
    target: str
    column: str
    required: bool
    editable_in: str | None = None
    system: bool = False


@dataclass(frozen=True)
class LinesSpec:
    """The lines of a document: rows of `target` whose `column` is this document's id."""

    name: str
    label: Label
    target: str
    column: str
    at_least: int
    owned = True


@dataclass(frozen=True)
class InverseSpec:
    """A list seen from the other end of a link: rows of `target` whose `column` is this document's id."""

    name: str
    label: Label
    target: str
    column: str

    @property
    def owned(self) -> bool:
        """Whether its rows are as visible as this document, so that nothing more need be asked."""
        return self.column == COMPANION_COLUMN


@dataclass(frozen=True)
class DerivedSpec:
    """A value computed in SQL; `sql(row, tables)` gives the expression."""

    name: str
    label: Label
    kind: str
    meaning: str | None
    scale: int | None
    unit: str | None
    sql: DerivedSQL
    filterable: bool
    restricted: str | None = None


@dataclass(frozen=True)
class DocSpec:
    """A document type. `kind`: master, document, line, ledger, companion. `chapter` is the domain file it stands in."""

    name: str
    label: Label
    kind: str
    chapter: str
    plural: str
    description: str
    model: type[Any]
    table: Table
    access: Access
    series: Series | None
    parent: str | None
    unique: tuple[str, ...]
    fields: dict[str, FieldSpec]
    links: dict[str, LinkSpec]
    lines: dict[str, LinesSpec]
    inverses: dict[str, InverseSpec]
    derived: dict[str, DerivedSpec]
    steps: dict[str, StepSpec]
    boxes: dict[str, Way] = field(default_factory=dict)

    @property
    def natural_key(self) -> str:
        """The field people name a record by: code, number, position or id."""
        return {"master": "code", "document": "number", "line": "position"}.get(self.kind, "id")

    @cached_property
    def known_names(self) -> frozenset[str]:
        """What a request or a row may name."""
        return frozenset({*self.fields, *self.links, *self.lines, "id"})

    @cached_property
    def filled(self) -> tuple[tuple[FieldSpec, Any], ...]:
        """The fields that a new record has, but for those of the system, each with its column's default."""
        return tuple((one, self.table.columns[name].default) for name, one in self.fields.items() if not one.system)

    @cached_property
    def required_links(self) -> tuple[LinkSpec, ...]:
        """The links that a record cannot be without."""
        return tuple(one for one in self.links.values() if one.required)

    @cached_property
    def computed(self) -> tuple[str, ...]:
        """The fields that the type computes from the others and that are never empty."""
        return tuple(one.name for one in self.fields.values() if one.computed and one.required and not one.system)

    @cached_property
    def encrypted(self) -> tuple[str, ...]:
        """The fields that are stored encrypted."""
        return tuple(one.name for one in self.fields.values() if one.encrypted)

    @property
    def states(self) -> type[Choice] | None:
        """The states of a document that has any."""
        state = self.fields.get("state")
        return state.choices if state else None

    @property
    def by_hand(self) -> bool:
        """Whether people create, change and discard its records."""
        return self.kind in ("master", "document") and not self.access.made_by_hub

    @property
    def checked(self) -> bool:
        """Whether each record is held against others before it is written (`check`)."""
        return getattr(self.model, "check", None) is not getattr(Document, "check", None)

    @property
    def guardable(self) -> bool:
        """Whether its steps can be guarded by approvals: what people write and decide about."""
        return self.kind == "document" and bool(self.steps) and not self.access.made_by_hub

    @property
    def single(self) -> str:
        """The GraphQL field of one: salesOrder."""
        return camel(self.name)

    @property
    def many(self) -> str:
        """The GraphQL field of the list: salesOrders."""
        return camel(self.plural)


_KINDS: tuple[tuple[type[sql.TypeEngine[Any]], str], ...] = (
    (sql.Enum, "choice"),
    (sql.Numeric, "decimal"),
    (sql.Integer, "integer"),
    (sql.Boolean, "boolean"),
    (sql.DateTime, "moment"),
    (sql.Date, "date"),
    (sql.ARRAY, "list"),
    (sql.JSON, "json"),
    (sql.Uuid, "id"),
    (sql.String, "text"),
    (Sealed, "text"),
)
_MEANINGS = {"Money": "money", "Price": "price", "Quantity": "quantity", "Percent": "percent", "Value": "value"}
_DERIVED_KINDS = {"int": "integer", "bool": "boolean", "date": "date", "datetime": "moment", "str": "text"}


def _field(model: type[Record], name: str, column: Any) -> FieldSpec:
    info, spelled = column.info, f"{name}_pinyin"
    kind = next(kind for type_, kind in _KINDS if isinstance(column.type, type_))
    meaning = _meaning(name, info.get("type_name", ""))
    return FieldSpec(
        name=name,
        label=info["label"],
        kind=kind,
        meaning=meaning,
        scale=column.type.scale if kind == "decimal" else None,
        unit=info.get("unit"),
        required=not column.nullable,
        has_default=column.default is not None or column.server_default is not None,
        choices=column.type.enum_class if kind == "choice" else None,
        restricted=info.get("restricted"),
        computed=info.get("computed", False),
        secret=info.get("secret", False),
        system=info.get("system", False) or name == "id",
        editable_in=info.get("editable_in"),
        minimum=info.get("minimum"),
        maximum=info.get("maximum"),
        searched=_searched(model, meaning, column),
        encrypted=info.get("encrypted", False),
        pinyin=spelled if spelled in model.__table__.columns else None,
    )


def _meaning(name: str, type_name: str) -> str | None:
    """What a field's annotation says of it; the names of masters and the keys of all say it themselves."""
    if name in ("code", "number") or type_name == "Code":
        return "code"
    return "name" if name == "name" or type_name == "Name" else _MEANINGS.get(type_name)


def _searched(model: type[Record], meaning: str | None, column: Any) -> bool:
    """THE rule of what text search has an index for: codes and names of masters and documents.

    Not what has a default, which is a setting (a currency); nor ledgers, which are appended by the million and found
    through what they belong to.
    """
    named = meaning in ("code", "name") and column.default is None and not column.info.get("encrypted")
    return model.record_kind in ("master", "document") and named


def _derived(name: str, mark: Any, type_name: str) -> DerivedSpec:
    meaning = _MEANINGS.get(type_name)
    kind = "decimal" if meaning else _DERIVED_KINDS[type_name]
    scale = SCALES[meaning] if meaning else None
    return DerivedSpec(name, mark.label, kind, meaning, scale, mark.unit, mark.sql, mark.filterable, mark.restricted)


def _inverses(name: str) -> dict[str, InverseSpec]:
    """Every list that other types' links give to this one; companions are listed by every master and document."""
    from hub.document.registry import _models

    found = {}
    for model in _models.values():
        if model.record_kind == "companion" and _models[name].record_kind in ("master", "document"):
            inverse, label = model.companion_inverse
            found[inverse] = InverseSpec(inverse, label, model.__name__, COMPANION_COLUMN)
        for link_name, (mark, target, _) in model.links.items():
            if target == name and mark.inverse:
                inverse, label = mark.inverse
                found[inverse] = InverseSpec(inverse, label, model.__name__, f"{link_name}_id")
    return found | _concerning(name)


def _concerning(name: str) -> dict[str, InverseSpec]:
    """The lists of what is about documents of any type, for a document that people take steps with."""
    from hub.document.registry import _models

    here = _models[name]
    if here.record_kind != "document" or not steps_of(here) or _access(here).made_by_hub:
        return {}
    about = [(model, model.spec_keywords["about"]) for model in _models.values() if model.spec_keywords["about"]]
    return {
        inverse: InverseSpec(inverse, Label(chinese, english), model.__name__, column)
        for model, (column, inverse, chinese, english) in about
        if model is not here
    }


def _access(model: type[Record]) -> Access:
    """A line is as open as its document."""
    from hub.document.registry import _models

    own = model.spec_keywords["access"]
    access = own if own is not None else _models[model.spec_keywords["of"]].spec_keywords["access"]
    assert isinstance(access, Access)
    return access


def _chapter(model: type[Record]) -> str:
    """hub.domains.sales → sales, hub.domains.office.notices → office: a chapter is a file or a folder of files."""
    parts = model.__module__.split(".")
    return parts[2] if len(parts) > 2 else parts[-1]


def describe(model: type[Record]) -> DocSpec:
    """The description of one declared class."""
    keywords, table = model.spec_keywords, model.__table__
    assert isinstance(table, Table)
    columns = {column.name: column for column in table.columns}
    link_columns = {f"{name}_id" for name in model.links} | {"company_id"}
    return DocSpec(
        name=model.__name__,
        label=keywords["label"],
        kind=model.record_kind,
        chapter=_chapter(model),
        plural=keywords["plural"],
        description=(model.__doc__ or "").strip(),
        model=model,
        table=table,
        access=_access(model),
        series=keywords["series"],
        parent=keywords["of"],
        unique=keywords["unique"],
        fields={name: _field(model, name, column) for name, column in columns.items() if name not in link_columns},
        links={
            name: LinkSpec(name, mark.label, target, f"{name}_id", not optional, mark.editable_in, mark.system)
            for name, (mark, target, optional) in model.links.items()
        },
        lines={
            name: LinesSpec(name, mark.label, target, f"{snake(model.__name__)}_id", mark.at_least)
            for name, (mark, target) in model.line_lists.items()
        },
        inverses=_inverses(model.__name__),
        derived={name: _derived(name, mark, kind) for name, (mark, kind) in model.derived_values.items()},
        steps={one.name: one for one in steps_of(model)},
        boxes=keywords["boxes"],
    )
