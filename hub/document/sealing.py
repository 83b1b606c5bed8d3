"""Encrypted columns: sealed when a value is bound, opened when the ORM reads it; set-based writers call `seal_row`.

In the database, its history and its dumps there is only ciphertext. Reads that go out as JSON are opened on the way
(hub.ciphers.opened_answer), for plans that show such a field to who may see it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Text, func, literal_column
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from hub import ciphers

if TYPE_CHECKING:
    from hub.document.spec import DocSpec


class Sealed(TypeDecorator[str]):
    """A text that is stored encrypted; `place` is table and column, set when the class is declared."""

    impl = Text
    cache_ok = True

    def __init__(self, place: str = "") -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        """Seal what is to be stored."""
        return None if value is None else ciphers.seal(self.place, value)

    def process_result_value(self, value: str | None, _dialect: Dialect) -> str | None:
        """Open what was stored."""
        return None if value is None else ciphers.opened(self.place, value)


def sealed_places(spec: DocSpec) -> dict[str, str]:
    """The encrypted columns of a type by name, each with its place."""
    return {name: place_of(spec, name) for name in spec.encrypted}


def place_of(spec: DocSpec, name: str) -> str:
    """employee.id_number: what a value is bound to."""
    return f"{spec.table.name}.{name}"


def seal_row(spec: DocSpec, values: dict[str, Any]) -> dict[str, Any]:
    """A row's values as they are stored, for writers that pass by the ORM's types."""
    if not spec.encrypted:
        return values
    sealed = {
        name: ciphers.seal(place, values[name])
        for name, place in sealed_places(spec).items()
        if values.get(name) is not None
    }
    return {**values, **sealed}


def masked_payload(spec: DocSpec, given: Mapping[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    """A source's record without what became an encrypted value: of that only its keyed hash is kept."""
    hidden = {
        str(given[name]).strip(): f"***{ciphers.digest(place, str(given[name]).strip())}"
        for name, place in sealed_places(spec).items()
        if given.get(name) not in (None, "")
    }
    if not hidden:
        return payload
    return {name: hidden.get(str(value).strip(), value) for name, value in payload.items()}


def comparable(column: ColumnElement[Any]) -> ColumnElement[str]:
    """The keyed hash within a sealed column: equal where the values are, whatever key sealed them."""
    return func.split_part(column, literal_column("':'"), literal_column("3"), type_=Text())
