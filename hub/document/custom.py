"""Custom fields: values that a company declares while the hub runs, kept in a document's `extra`.

What is declared is data (the type CustomField), kept as frozen `CustomSpec`s (see `hub.document.catalogue`), which
filters, orders, exports and forms treat like any other field. A change makes new objects, so whatever was compiled
for the old ones is not found any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, select

from hub.context import Viewer
from hub.document.fields import Choice, FieldSpec
from hub.document.registry import spec as spec_of
from hub.words import Label

EXTRA = "extra"
"""The column that holds the values, and the first step of their paths: `extra.colour`."""
LONGEST_TEXT = 500
"""Characters of a text: an index holds it whole."""
_KINDS = {"multiple": "list", "link": "text"}
"""The kind of value of a declared kind, where it has another name; a link reads as the other's code or number."""


@dataclass(frozen=True)
class CustomSpec(FieldSpec):
    """A declared field. `name` is its key; `needed` is whether people must fill it in, `target` what it links to.

    `required` is never set: a document may be older than the declaration.
    """

    id: UUID | None = None
    """The declaration's; None before it is stored."""
    document_type: str = ""
    declared: str = "text"
    """The kind as declared: also multiple and link."""
    target: str | None = None
    needed: bool = False
    default: str | None = None
    indexed: bool = False

    @property
    def path(self) -> str:
        """extra.colour."""
        return f"{EXTRA}.{self.name}"


class Declared:
    """What one company has declared, by document type, in declared order. Another declaration is another object."""

    def __init__(self, types: Mapping[str, Mapping[str, CustomSpec]]) -> None:
        self._types = types

    def all(self, document_type: str) -> Mapping[str, CustomSpec]:
        """Every field of a type by its key."""
        return self._types.get(document_type, {})

    def types(self) -> Mapping[str, Mapping[str, CustomSpec]]:
        """The types that have any."""
        return self._types


def shown(viewer: Viewer, document_type: str) -> dict[str, CustomSpec]:
    """The custom fields of a type that the viewer may see; to whom one is closed it does not exist."""
    if viewer.custom is None:
        return {}
    return {key: one for key, one in viewer.custom.all(document_type).items() if viewer.may(one.restricted)}


def seen(viewer: Viewer, document_type: str) -> tuple[CustomSpec, ...]:
    """The same in declared order, without links to types that are closed to the viewer."""
    found = shown(viewer, document_type).values()
    return tuple(one for one in found if one.target is None or viewer.may(spec_of(one.target).access.read))


def has_extra(column: FieldSpec) -> bool:
    """Whether a field is the column of custom values."""
    return column.name == EXTRA and column.kind == "json"


def read(connection: Connection) -> dict[UUID, dict[str, dict[str, CustomSpec]]]:
    """Every active declaration by company, document type and key."""
    fields, options = spec_of("CustomField").table, spec_of("CustomFieldOption").table
    rows = connection.execute(
        select(fields).where(fields.c.active).order_by(fields.c.document_type, fields.c.place, fields.c.key)
    ).mappings()
    found: dict[UUID, dict[str, dict[str, CustomSpec]]] = defaultdict(lambda: defaultdict(dict))
    declared = list(rows)
    choices: dict[UUID, list[tuple[str, str, str]]] = defaultdict(list)
    if any(row["kind"] in ("choice", "multiple") for row in declared):
        for one in connection.execute(select(options).order_by(options.c.position)).mappings():
            choices[one["custom_field_id"]].append((one["value"], one["name"], one["english_name"]))
    for row in declared:
        found[row["company_id"]][row["document_type"]][row["key"]] = custom_spec(dict(row), tuple(choices[row["id"]]))
    return {company: dict(types) for company, types in found.items()}


def custom_spec(row: Mapping[str, Any], options: tuple[tuple[str, str, str], ...]) -> CustomSpec:
    """A stored declaration as a field; `options` are (value, Chinese, English)."""
    declared = str(getattr(row["kind"], "value", row["kind"]))
    numeric = declared in ("decimal", "integer")
    return CustomSpec(
        name=row["key"],
        label=Label(row["name"], row["english_name"]),
        kind=_KINDS.get(declared, declared),
        scale=row["scale"] if declared == "decimal" else None,
        unit=row["unit"],
        required=False,
        choices=_choices(options) if declared in ("choice", "multiple") else None,
        restricted=row["read_permission"],
        minimum=_plain(row["minimum"]) if numeric else None,
        maximum=_plain(row["maximum"]) if numeric else None,
        searched=bool(row["indexed"]) and declared == "text",
        id=row["id"],
        document_type=row["document_type"],
        declared=declared,
        target=row["target_type"] if declared == "link" else None,
        needed=row["required"],
        default=row["default_value"],
        indexed=row["indexed"],
    )


def _plain(bound: Decimal | None) -> Decimal | None:
    """A bound as people write it: 5, not 5.000000."""
    if bound is None:
        return None
    return bound.quantize(Decimal(1)) if bound == bound.to_integral_value() else bound.normalize()


@lru_cache(maxsize=1000)
def _choices(options: tuple[tuple[str, str, str], ...]) -> type[Choice]:
    """A list of choices made of data; the same options give the same class."""
    members: Any = {f"option_{index}": option for index, option in enumerate(options)}
    made: type[Choice] = cast("Any", Choice)("Options", members)  # the functional form of an enum
    return made
