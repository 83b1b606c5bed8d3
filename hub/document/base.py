"""The bases a document type is declared on: Master, Document, Line, Ledger, Companion.

`__init_subclass__` turns the marks of a class body (links, lines, derived values) into what SQLAlchemy maps,
before SQLAlchemy looks. Annotations are read as text, so a target may be imported under TYPE_CHECKING only.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from hub.context import Ctx
from hub.document import fields
from hub.document.registry import metadata, register
from hub.document.sealing import Sealed
from hub.errors import Problem
from hub.words import Label, plural, snake

_MAPPED = re.compile(r"^Mapped\[(?P<inner>.*)\]$")


def _annotation(text_: str) -> tuple[str, bool]:
    """("Mapped[Customer | None]") → ("Customer", optional)."""
    found = _MAPPED.match(text_)
    inner = found["inner"] if found else text_
    return inner.removesuffix("| None").strip(), inner.endswith("| None")


class Record(DeclarativeBase):
    """What every stored row of the hub has. Not declared on directly: see Master, Document, Line, Ledger."""

    metadata = metadata
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        fields.Money: Numeric(20, fields.SCALES["money"]),
        fields.Price: Numeric(20, fields.SCALES["price"]),
        fields.Quantity: Numeric(20, fields.SCALES["quantity"]),
        fields.Percent: Numeric(9, fields.SCALES["percent"]),
        fields.Value: Numeric(20, fields.SCALES["value"]),
        fields.Code: String(),
        fields.Name: Text(),
        Decimal: Numeric(20, 6),
        str: Text(),
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        dict[str, Any]: JSONB(),
        list[str]: ARRAY(Text()),
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=True,
            length=40,
            values_callable=lambda choices: [choice.value for choice in choices],
        ),
    }

    record_kind: ClassVar[str] = ""
    spec_keywords: ClassVar[dict[str, Any]] = {}
    links: ClassVar[dict[str, tuple[fields.LinkMark, str, bool]]] = {}
    line_lists: ClassVar[dict[str, tuple[fields.LinesMark, str]]] = {}
    derived_values: ClassVar[dict[str, tuple[fields.DerivedMark, str]]] = {}

    id: Mapped[UUID] = mapped_column(
        primary_key=True,
        server_default=text("uuidv7()"),
        sort_order=-100,
        info={"label": Label("标识", "Id")},
    )

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Declare a type: `label`, `access`, `series`, `plural`, and for lines `of`.

        `about` = (column, name, Chinese, English): rows concern documents of any type by the id in that column, and
        each type with steps gains their list. `boxes` = {name: Way}: lists of the viewer's own, beside the type's.
        """
        if "label" in keywords:
            _declare(cls, keywords)
            keywords = {}
        super().__init_subclass__(**keywords)
        if "__tablename__" in vars(cls):
            table: Any = cls.__table__
            for column in table.columns:
                column.comment = str(column.info["label"]) if "label" in column.info else None
                if isinstance(column.type, Sealed):
                    column.type.place = f"{table.name}.{column.name}"
            register(cls)


def _declare(cls: Any, keywords: dict[str, Any]) -> None:
    """Turn marks into columns and relationships, and give the table its name and constraints."""
    cls.__tablename__ = snake(cls.__name__)
    cls.spec_keywords = {
        "label": Label(*keywords["label"]),
        "access": keywords.get("access"),
        "series": keywords.get("series"),
        "plural": keywords.get("plural") or plural(cls.__name__),
        "of": keywords.get("of"),
        "unique": tuple(keywords.get("unique", ())),
        "about": keywords.get("about"),
        "boxes": dict(keywords.get("boxes", {})),
    }
    cls.links, cls.line_lists, cls.derived_values = {}, {}, {}
    annotations: dict[str, str] = vars(cls).get("__annotations__", {})
    if cls.record_kind == "line":
        _declare_parent(cls, keywords["of"], keywords.get("collection", "lines"))
    for name, annotation in list(annotations.items()):
        mark = cls.__dict__.get(name)
        type_name, optional = _annotation(str(annotation))
        if isinstance(mark, fields.LinkMark):
            del annotations[name]
            _declare_link(cls, name, mark, type_name, optional)
        elif isinstance(mark, fields.LinesMark):
            del annotations[name]
            _declare_lines(cls, name, mark, type_name.removeprefix("list[").removesuffix("]"))
        elif isinstance(mark, fields.DerivedMark):
            del annotations[name]
            delattr(cls, name)
            cls.derived_values[name] = (mark, type_name)
        elif hasattr(mark, "column"):
            mark.column.info["type_name"] = type_name
    comment = str(cls.spec_keywords["label"])
    cls.__table_args__ = (*_unique_constraints(cls), *_system_indexes(cls), {"schema": "hub", "comment": comment})


def _system_indexes(cls: Any) -> list[Index]:
    """What few documents have is indexed for those alone: one successor per document."""
    if cls.record_kind != "document":
        return []
    there = text("predecessor_id IS NOT NULL")
    return [Index(f"uq_{cls.__tablename__}_predecessor_id", "predecessor_id", unique=True, postgresql_where=there)]


def _unique_constraints(cls: Any) -> list[UniqueConstraint]:
    """A code or number once per company, a position once per parent, and what the class says."""
    within = ["company_id"] if cls.has_company else []
    natural = {"master": "code", "document": "number"}.get(cls.record_kind)
    wanted = [(*within, natural)] if natural else []
    if cls.record_kind == "line":
        wanted.append((f"{snake(cls.spec_keywords['of'])}_id", "position"))
    if cls.spec_keywords["unique"]:
        wanted.append(cls.spec_keywords["unique"])
    return [UniqueConstraint(*columns) for columns in wanted]


def _declare_link(cls: Any, name: str, mark: fields.LinkMark, target: str, optional: bool) -> None:
    """A foreign key column `<name>_id` with its index, and the relationship."""
    column = mapped_column(
        Uuid(),
        ForeignKey(f"hub.{snake(target)}.id", ondelete=mark.on_delete),
        nullable=optional,
        index=not mark.system,
        info={"label": mark.label, "link": name},
    )
    setattr(cls, f"{name}_id", column)
    # A link to the own type needs to know which side is the one.
    remote = f"{target}.id" if target == cls.__name__ else None
    setattr(cls, name, relationship(target, foreign_keys=[column], remote_side=remote, lazy="raise"))
    cls.links[name] = (mark, target, optional)


def _declare_parent(cls: Any, parent: str, collection: str) -> None:
    """A line's link to its document; the document's deletion takes its lines along."""
    name = snake(parent)
    mark = fields.LinkMark(Label("单据", "Document"), None, "CASCADE", None)
    _declare_link(cls, name, mark, parent, optional=False)
    column = cls.__dict__[f"{name}_id"]
    setattr(cls, name, relationship(parent, foreign_keys=[column], back_populates=collection, lazy="raise"))


def _declare_lines(cls: Any, name: str, mark: fields.LinesMark, target: str) -> None:
    """The list of lines, in order of position, owned by the document."""
    setattr(
        cls,
        name,
        relationship(
            target,
            order_by=f"{target}.position",
            back_populates=snake(cls.__name__),
            cascade="all, delete-orphan",
            passive_deletes=True,
            lazy="raise",
        ),
    )
    cls.line_lists[name] = (mark, target)


class _Stamped(Record):
    """Company, version, who and when: on all but ledgers."""

    __abstract__ = True
    has_company: ClassVar[bool] = True

    version: Mapped[int] = mapped_column(
        Integer, default=1, sort_order=-80, info={"label": Label("版本", "Version"), "system": True}
    )
    created_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), sort_order=900, info={"label": Label("创建时间", "Created at"), "system": True}
    )
    created_by: Mapped[UUID] = mapped_column(
        sort_order=901, info={"label": Label("创建人", "Created by"), "system": True}
    )
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), sort_order=902, info={"label": Label("修改时间", "Updated at"), "system": True}
    )
    updated_by: Mapped[UUID] = mapped_column(
        sort_order=903, info={"label": Label("修改人", "Updated by"), "system": True}
    )

    def prepare(self) -> None:
        """Set the computed fields from the others; called by the verbs before they write. Override where needed."""

    def check(self, ctx: Ctx) -> Iterable[Problem]:  # noqa: ARG002  (those that override it ask)
        """Everything wrong that a look into the database tells, after `prepare`. Override where needed."""
        return ()


def _company_column(sort_order: int = -90) -> Any:
    return mapped_column(
        Uuid(),
        ForeignKey("hub.company.id"),
        nullable=False,
        index=True,
        sort_order=sort_order,
        info={"label": Label("公司", "Company"), "system": True},
    )


class _Titled(_Stamped):
    """What users open, comment and extend: masters and documents."""

    __abstract__ = True

    extra: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'::jsonb"),
        default=dict,
        sort_order=890,
        info={"label": Label("扩展字段", "Custom fields"), "system": True},
    )


class Master(_Titled):
    """A long-lived record with a code and a name."""

    __abstract__ = True
    record_kind: ClassVar[str] = "master"

    def __init_subclass__(cls, *, company: bool = True, **keywords: Any) -> None:
        """`company=False` for the company itself."""
        cls.has_company = company
        if company and "label" in keywords:
            cls.company_id = _company_column()
        super().__init_subclass__(**keywords)

    code: Mapped[fields.Code] = mapped_column(
        sort_order=-70, info={"label": Label("编码", "Code"), "editable_in": fields.ANY_STATE}
    )
    name: Mapped[fields.Name] = mapped_column(
        sort_order=-69, info={"label": Label("名称", "Name"), "editable_in": fields.ANY_STATE}
    )
    name_pinyin: Mapped[str] = mapped_column(
        sort_order=-68,
        index=True,
        info={"label": Label("名称拼音", "Name in pinyin"), "computed": True, "system": True},
    )
    active: Mapped[bool] = mapped_column(
        default=True, sort_order=-67, info={"label": Label("启用", "Active"), "editable_in": fields.ANY_STATE}
    )


class Document(_Titled):
    """A paper of the business: a number, a state, mostly lines."""

    __abstract__ = True
    record_kind: ClassVar[str] = "document"

    def __init_subclass__(cls, **keywords: Any) -> None:
        """A document type always belongs to a company; one made in place of a cancelled one names it."""
        if "label" in keywords:
            cls.company_id = _company_column()
            cls.__annotations__["predecessor"] = f"Mapped[{cls.__name__} | None]"
            cls.predecessor = fields.LinkMark(Label("原单据", "Predecessor"), None, None, None, system=True)
        super().__init_subclass__(**keywords)

    number: Mapped[fields.Code] = mapped_column(sort_order=-70, info={"label": Label("单号", "Number")})


class Line(_Stamped):
    """A line of a document; it lives and dies with it."""

    __abstract__ = True
    record_kind: ClassVar[str] = "line"
    has_company: ClassVar[bool] = False
    __mapper_args__: Any = {"eager_defaults": False}  # noqa: RUF012  (lines go in at once)

    position: Mapped[int] = mapped_column(sort_order=-60, info={"label": Label("行号", "Position")})


class Companion(_Stamped):
    """A row that goes with one master or document of whatever type: a paper on it, a word about it.

    It is as visible as what it is about, which every master and document lists by the class keyword `inverse` (name,
    Chinese, English). Written by verbs of its own, which ask for the rights of that document.
    """

    __abstract__ = True
    record_kind: ClassVar[str] = "companion"
    companion_inverse: ClassVar[tuple[str, Label]]

    def __init_subclass__(cls, *, inverse: tuple[str, str, str] | None = None, **keywords: Any) -> None:
        """It belongs to the company of its document."""
        if inverse is not None:
            cls.company_id = _company_column()
            cls.companion_inverse = inverse[0], Label(*inverse[1:])
        super().__init_subclass__(**keywords)

    document_type: Mapped[fields.Code] = mapped_column(
        sort_order=-60, info={"label": Label("单据类型", "Document type"), "computed": True}
    )
    document_id: Mapped[UUID] = mapped_column(
        sort_order=-59, index=True, info={"label": Label("单据标识", "Document id"), "computed": True}
    )


class Ledger(Record):
    """Append-only rows: PostgreSQL refuses to change or delete them."""

    __abstract__ = True
    record_kind: ClassVar[str] = "ledger"
    has_company: ClassVar[bool] = True

    def __init_subclass__(cls, **keywords: Any) -> None:
        """A ledger row always belongs to a company."""
        if "label" in keywords:
            cls.company_id = _company_column()
        super().__init_subclass__(**keywords)

    recorded_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), sort_order=900, info={"label": Label("入账时间", "Recorded at"), "system": True}
    )
    recorded_by: Mapped[UUID] = mapped_column(
        sort_order=901, info={"label": Label("入账人", "Recorded by"), "system": True}
    )
