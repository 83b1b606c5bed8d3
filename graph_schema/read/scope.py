"""What an emission carries along: aliases, bound parameters, and the rows of each type that the viewer may see.

Company and row rules become part of the statement at every level, so neither a link nor a filter leads out of
what the viewer may see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, FromClause, String, Table, bindparam, select
from sqlalchemy.types import TypeEngine

from graph_schema.read.as_of import MOMENT, Past, as_moment
from graph_schema.read.sql import custom_value, expression
from graph_schema.read.values import Binding
from hub.context import Viewer
from hub.db.custom import reader_of
from hub.document.custom import CustomSpec
from hub.document.registry import spec as spec_of
from hub.document.rows import Me, sees_all, value_of, visible
from hub.document.spec import DerivedSpec, DocSpec, FieldSpec
from hub.errors import Invalid, problem
from hub.words import snake


def as_given(value: Any) -> Any:
    """No conversion."""
    return value


def as_id(value: Any) -> UUID:
    """An id from a request; Invalid ID_INVALID when it is none."""
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError as error:
        raise Invalid(problem("ID_INVALID", "标识格式不正确。", "This is no id.", "id")) from error


@lru_cache(maxsize=500)
def _alias(table: Table, name: str) -> FromClause:
    """An alias is the same wherever it stands, and its columns are a quarter of what compiling a document costs."""
    return table.alias(name)


@dataclass
class Emission:
    """The state of one emission. Of the viewer only the permissions and the language may shape it.

    `past` is the moment as of which the present root field is answered, if it is not now.
    """

    viewer: Viewer
    bindings: dict[str, Binding] = field(default_factory=dict)
    past: Past | None = None
    _pasts: dict[Any, Past] = field(default_factory=dict)
    _aliases: int = 0

    @contextmanager
    def at(self, moment: Any) -> Iterator[None]:
        """Emit what is inside as of a moment (a datetime or a slot); None is now."""
        if moment is not None and moment not in self._pasts:
            self._pasts[moment] = Past.at(self.bind(moment, MOMENT, as_moment), self.name("unfinished"))
        self.past = None if moment is None else self._pasts[moment]
        try:
            yield
        finally:
            self.past = None

    def alias(self, name: str) -> FromClause:
        """A fresh alias of a type's table, sales_order_1, or of its rows as they stood."""
        spec = spec_of(name)
        fresh = self.name(snake(name))
        return _alias(spec.table, fresh) if self.past is None else self.past.rows(spec, fresh)

    def name(self, stem: str) -> str:
        """A fresh name."""
        self._aliases += 1
        return f"{stem}_{self._aliases}"

    def bind(self, source: Any, type_: TypeEngine[Any], convert: Callable[[Any], Any] = as_given) -> BindParameter[Any]:
        """A parameter whose value comes from `source` (a constant, a slot, or a function of the viewer)."""
        key = f"p{len(self.bindings) + 1}"
        self.bindings[key] = Binding(source, convert)
        return bindparam(key, required=False, type_=type_)

    def of_viewer(self, name: str, type_: TypeEngine[Any]) -> BindParameter[Any]:
        """A parameter that is a value of whoever asks: the company, the departments."""
        self.bindings.setdefault(f"viewer_{name}", Binding(lambda viewer: value_of(viewer, name), as_given))
        return bindparam(f"viewer_{name}", required=False, type_=type_)

    def value(self, member: FieldSpec | DerivedSpec, row: FromClause) -> ColumnElement[Any]:
        """The SQL of a field, derived value or custom field of a row, the same wherever it stands."""
        if not isinstance(member, CustomSpec):
            return expression(member, row, self.alias)
        if member.target is None:
            return custom_value(member, row, reader_of(member))
        spec = spec_of(member.target)
        target = self.alias(spec.name)
        joins = target.c.id == custom_value(member, row, reader_of(member))
        called = select(target.c[spec.natural_key]).where(joins, *self.visible(spec, target))
        return called.correlate(row).scalar_subquery()

    def sees_all(self, spec: DocSpec) -> bool:
        """Whether no rule hides any row of the company's from the viewer."""
        return sees_all(spec, self.viewer)

    def time_zone(self) -> BindParameter[str]:
        """The time zone of the viewer's company."""
        return self.of_viewer("time_zone", String())

    def visible(self, spec: DocSpec, row: FromClause, *, parent_known: bool = False) -> list[ColumnElement[bool]]:
        """The conditions under which the viewer may see a row; a line is as visible as its document."""
        return visible(spec, row, self.alias, Me(self.viewer, self.of_viewer), parent_known=parent_known)
