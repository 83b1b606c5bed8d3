"""What a class body is made of: `field`, `link`, `lines`, `derived`, and the types that carry meaning.

They are thin: a field is SQLAlchemy's `mapped_column` with words on it. What they add is read once, by
`hub.document.spec`, and from there by everything else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.orm import MappedColumn, mapped_column

from hub.document.sealing import Sealed
from hub.words import Label

Money = Annotated[Decimal, "money"]
"""An amount in the document's currency, four decimals stored; own documents round each line to cents."""
Price = Annotated[Decimal, "price"]
"""Money per unit, four decimals."""
Quantity = Annotated[Decimal, "quantity"]
"""A quantity in its unit, four decimals."""
Percent = Annotated[Decimal, "percent"]
"""0 to 100, four decimals."""
Value = Annotated[Decimal, "value"]
"""A measured value, six decimals."""
Code = Annotated[str, "code"]
"""A short text that people type: a code, a number, a login."""
Name = Annotated[str, "name"]
"""A short text that a thing is called and looked for by: a name, a specification, a contact."""

SCALES = {"money": 4, "price": 4, "quantity": 4, "percent": 4, "value": 6}
"""Decimals kept per meaning."""

ANY_STATE = "*"
"""For `editable_in`: the field may be changed in whatever state its document is."""


class Choice(StrEnum):
    """A fixed list of values with labels: `DRAFT = "draft", "草稿", "Draft"`. The value is what is stored."""

    label: Label

    def __new__(cls, value: str, chinese: str, english: str) -> Self:
        """A member: its value is text, its words come along."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = Label(chinese, english)
        return member


@dataclass(frozen=True)
class FieldSpec:
    """A stored value. `kind`: text, integer, decimal, boolean, date, moment, choice, list, json, id.

    `meaning` refines decimals and texts (money, price, quantity, percent, value, code, name); `scale` is the number
    of decimals. `restricted` is the permission needed to read it; `encrypted` values are stored as ciphertext.
    `system` fields are set by the hub alone.
    `searched` texts have an index for `contains` and `startsWith`; `pinyin` is the column with a name's pinyin.
    """

    name: str
    label: Label
    kind: str
    meaning: str | None = None
    scale: int | None = None
    unit: str | None = None
    required: bool = True
    has_default: bool = False
    choices: type[Choice] | None = None
    restricted: str | None = None
    computed: bool = False
    secret: bool = False
    system: bool = False
    editable_in: str | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    searched: bool = False
    pinyin: str | None = None
    encrypted: bool = False


Tables = Callable[[str], FromClause]
"""Gives a fresh alias of a document type's table by the type's name."""
DerivedSQL = Callable[[FromClause, Tables], ColumnElement[Any]]
"""SQL of a derived value: the row it belongs to, and the other tables by name."""


@dataclass(frozen=True)
class LinkMark:
    """A link as declared, before the class exists."""

    label: Label
    inverse: tuple[str, Label] | None
    on_delete: str | None
    editable_in: str | None
    system: bool = False


@dataclass(frozen=True)
class LinesMark:
    """Lines as declared."""

    label: Label
    at_least: int


@dataclass(frozen=True)
class DerivedMark:
    """A derived value as declared."""

    label: Label
    sql: DerivedSQL
    unit: str | None
    filterable: bool
    restricted: str | None


def field(
    chinese: str,
    english: str,
    *,
    default: Any = None,
    unit: str | None = None,
    restricted: str | None = None,
    computed: bool = False,
    secret: bool = False,
    editable_in: str | None = None,
    minimum: Decimal | int | None = None,
    maximum: Decimal | int | None = None,
    unique: bool = False,
    index: bool = False,
    encrypted: bool = False,
) -> MappedColumn[Any]:
    """A stored value with its words.

    `restricted` names the permission without which it reads as null; `computed` values are set by the document,
    never by a request; `secret` ones leave the hub in no way; `encrypted` texts are stored as ciphertext, are found by
    equality only, and must be `restricted`; `minimum` and `maximum` bound a number;
    `editable_in` ANY_STATE lifts the rule that a document is edited only in its first state.
    """
    info = {
        "label": Label(chinese, english),
        "unit": unit,
        "restricted": restricted,
        "computed": computed,
        "secret": secret,
        "editable_in": editable_in,
        "minimum": None if minimum is None else Decimal(minimum),
        "maximum": None if maximum is None else Decimal(maximum),
        "unique": unique,
        "encrypted": encrypted,
    }
    arguments = {} if default is None else {"default": default}
    if encrypted:
        assert restricted is not None, f"{english}: who may read it must be said"
        return mapped_column(Sealed(), info=info, **arguments)
    return mapped_column(info=info, index=index or None, **arguments)


def pinyin_of(chinese: str, english: str) -> MappedColumn[Any]:
    """What the field before `_pinyin` sounds like, kept by the hub: makes a name found by pinyin and initials."""
    label = Label(f"{chinese}拼音", f"{english} in pinyin")
    return mapped_column(info={"label": label, "computed": True, "system": True})


def link(
    chinese: str,
    english: str,
    *,
    inverse: tuple[str, str, str] | None = None,
    on_delete: str | None = None,
    editable_in: str | None = None,
    system: bool = False,
) -> Any:
    """A reference to another document; its type is the annotation.

    `inverse` (name, Chinese, English) names the list that the target gains, e.g. an order line's delivery lines.
    A `system` link is set by the hub alone, and has no index unless its class makes one.
    """
    named = None if inverse is None else (inverse[0], Label(inverse[1], inverse[2]))
    return LinkMark(Label(chinese, english), named, on_delete, editable_in, system)


def lines(chinese: str, english: str, *, at_least: int = 0) -> Any:
    """The lines of a document; their type is the annotation, their order is `position`."""
    return LinesMark(Label(chinese, english), at_least)


def derived(
    chinese: str,
    english: str,
    sql: DerivedSQL,
    *,
    unit: str | None = None,
    filterable: bool = False,
    restricted: str | None = None,
) -> Any:
    """A value that is arithmetic over stored ones: SQL, never stored, never stale.

    Whoever sees the document sees it, also where it adds up rows that he may not see one by one; name a permission
    in `restricted` where that says too much.
    """
    return DerivedMark(Label(chinese, english), sql, unit, filterable, restricted)


CHINA = ZoneInfo("Asia/Shanghai")
"""Where the factory stands."""


def today() -> date:
    """Today in China; documents are dated where the factory stands."""
    return datetime.now(CHINA).date()
