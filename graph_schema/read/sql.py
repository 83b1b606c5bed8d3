"""The SQL forms of JSON text: constants, concatenation, one form per kind of field, lists of rows.

Text is concatenated and only strings go through to_json: measured, that is one and a half times as fast as
json_build_object and json_agg. A NULL anywhere in a concatenation would erase the whole, so whatever may be NULL
is coalesced here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Numeric,
    String,
    Text,
    Uuid,
    cast,
    func,
    literal_column,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from graph_schema.measures import Measure
from hub.ciphers import CLOSING, OPENING
from hub.document.custom import EXTRA, CustomSpec
from hub.document.fields import Tables
from hub.document.sealing import Sealed
from hub.document.spec import DerivedSpec, FieldSpec

TYPES: dict[str, TypeEngine[Any]] = {
    "text": String(),
    "integer": Integer(),
    "decimal": Numeric(),
    "date": Date(),
    "moment": DateTime(timezone=True),
    "boolean": Boolean(),
    "choice": String(),
    "id": Uuid(),
    "list": String(),
}
"""The type in which a value of each kind is bound; of a list, its element's."""

_PLAIN = re.compile(rf"[\w\s{{}}\[\]\",:.+={OPENING}{CLOSING}-]*", re.ASCII)


class Constant(ColumnElement[str]):
    """A piece of JSON of our own making: braces, keys, null. Never a value of anybody else."""

    inherit_cache = False
    type = Text()

    def __init__(self, content: str) -> None:
        if not _PLAIN.fullmatch(content):
            raise ValueError(f"not a constant: {content!r}")
        self.content = content


@compiles(Constant)
def _constant(element: Constant, compiler: SQLCompiler, **_: Any) -> str:
    return compiler.render_literal_value(element.content, String())


class Joined(FunctionElement[str]):
    """a || b || c, flat however many there are."""

    inherit_cache = False
    name = "joined"
    type = Text()


@compiles(Joined)
def _joined(element: Joined, compiler: SQLCompiler, **keywords: Any) -> str:
    return " || ".join(compiler.process(part.self_group(), **keywords) for part in element.clauses)


Piece = str | ColumnElement[Any]


def joined(pieces: Sequence[Piece]) -> ColumnElement[str]:
    """The pieces as one text; neighbouring constants melt into one."""
    melted: list[ColumnElement[Any]] = []
    pending = ""
    for piece in pieces:
        if isinstance(piece, str):
            pending += piece
            continue
        if pending:
            melted.append(Constant(pending))
            pending = ""
        melted.append(piece)
    if pending or not melted:
        melted.append(Constant(pending))
    return melted[0] if len(melted) == 1 else Joined(*melted)


def entries(named: Sequence[tuple[str, Sequence[Piece]]]) -> list[Piece]:
    """A JSON object: its keys are response names, which hold letters, digits and underscores only."""
    pieces: list[Piece] = ["{"]
    for index, (key, value) in enumerate(named):
        pieces += [f'{"," if index else ""}"{key}":', *value]
    return [*pieces, "}"]


def or_null(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The JSON text of what may be missing."""
    return func.coalesce(value, Constant("null"))


def expression(member: FieldSpec | DerivedSpec, row: FromClause, tables: Tables) -> ColumnElement[Any]:
    """The SQL of a field or derived value of a row, the same wherever it is shown, filtered or sorted."""
    if isinstance(member, DerivedSpec):
        computed = member.sql(row, tables)
        return cast(computed, Numeric(38, member.scale)) if member.kind == "decimal" else computed
    column = row.c[member.name]
    return type_coerce(column, String()) if member.kind == "choice" else column


def custom_value(member: CustomSpec, row: FromClause, function: str) -> ColumnElement[Any]:
    """A custom value of a row as its type, None where it has none; written so that an index on it is found."""
    type_ = ARRAY(Text()) if member.kind == "list" else TYPES[member.kind]
    found: ColumnElement[Any] = getattr(func.hub, function)(row.c[EXTRA], Constant(member.name), type_=type_)
    return found


def custom_json(member: CustomSpec, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The JSON text of a custom value, NULL where there is none; decimals are texts with the declared scale."""
    if member.kind == "decimal":
        return _quoted(cast(cast(value, Numeric(38, member.scale)), Text))
    return cast(func.to_json(value), Text)


def aggregated(measure: Measure, value: ColumnElement[Any] | None) -> ColumnElement[Any]:
    """What the values of many rows come to: nothing adds up to 0, and has no average, smallest or largest value."""
    if value is None:
        return func.count()
    if measure.function == "distinct":
        return func.count(value.distinct())
    if measure.function in ("min", "max"):
        extreme: ColumnElement[Any] = func.min(value) if measure.function == "min" else func.max(value)
        return extreme
    if measure.function == "sum":
        return cast(func.coalesce(func.sum(value), literal_column("0")), Numeric(38, measure.scale))
    return cast(func.avg(value) if measure.function == "avg" else func.stddev_samp(value), Numeric(38, measure.scale))


def json_text(member: FieldSpec | DerivedSpec, value: ColumnElement[Any], *, sure: bool = True) -> list[Piece]:
    """The pieces of a field's value as JSON.

    `sure` is whether a required value is there: a former row may be older than the column. An encrypted value is its
    ciphertext between marks that only we can write; `Statement.opened` puts the value there.
    """
    if isinstance(member, FieldSpec) and member.encrypted:
        return [or_null(joined([f'"{OPENING}', *_placed(value), f'{CLOSING}"']))]
    return json_of(member.kind, value, required=sure and isinstance(member, FieldSpec) and member.required)


def _placed(value: ColumnElement[Any]) -> list[Piece]:
    """The column that a ciphertext belongs to, and the ciphertext."""
    assert isinstance(value.type, Sealed)
    return [f"{value.type.place}=", type_coerce(value, Text())]


def json_of(kind: str, value: ColumnElement[Any], *, required: bool) -> list[Piece]:
    """The pieces of a value as JSON; decimals are strings, choices the names of their enum."""
    if kind in ("decimal", "id", "choice"):
        text = func.upper(value, type_=Text()) if kind == "choice" else cast(value, Text)
        return ['"', text, '"'] if required else [or_null(_quoted(text))]
    form: ColumnElement[Any] = (
        cast(value, Text) if kind in ("integer", "boolean", "json") else cast(func.to_json(value), Text)
    )
    return [form] if required else [or_null(form)]


def _quoted(text: ColumnElement[Any]) -> ColumnElement[str]:
    return joined(['"', text, '"'])
