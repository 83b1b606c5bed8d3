"""What an emission carries along: aliases, bound parameters, and the rows of each type that the viewer may see.

Company and row rules become part of the statement at every level, so neither a link nor a filter leads out of
what the viewer may see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, FromClause, String, Uuid, and_, bindparam, exists
from sqlalchemy.types import TypeEngine

from graph_schema.naming import COMPANY
from graph_schema.read.as_of import MOMENT, Past, as_moment
from graph_schema.read.values import Binding
from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec
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


@dataclass
class Emission:
    """The state of one emission. `personal` is set when a row rule made the statement the viewer's own.

    `past` is the moment as of which the present root field is answered, if it is not now.
    """

    viewer: Viewer
    bindings: dict[str, Binding] = field(default_factory=dict)
    personal: bool = False
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
        return spec.table.alias(fresh) if self.past is None else self.past.rows(spec, fresh)

    def name(self, stem: str) -> str:
        """A fresh name."""
        self._aliases += 1
        return f"{stem}_{self._aliases}"

    def bind(self, source: Any, type_: TypeEngine[Any], convert: Callable[[Any], Any] = as_given) -> BindParameter[Any]:
        """A parameter whose value comes from `source` (a constant, a slot, or a function of the viewer)."""
        key = f"p{len(self.bindings) + 1}"
        self.bindings[key] = Binding(source, convert)
        return bindparam(key, required=False, type_=type_)

    def company(self) -> BindParameter[UUID]:
        """The viewer's company."""
        self.bindings.setdefault("company", Binding(lambda viewer: viewer.company_id, as_given))
        return bindparam("company", required=False, type_=Uuid())

    def time_zone(self) -> BindParameter[str]:
        """The time zone of the viewer's company."""
        self.bindings.setdefault("time_zone", Binding(lambda viewer: viewer.time_zone, as_given))
        return bindparam("time_zone", required=False, type_=String())

    def visible(self, spec: DocSpec, row: FromClause, *, parent_known: bool = False) -> list[ColumnElement[bool]]:
        """The conditions under which the viewer may see a row; a line is as visible as its document."""
        if spec.parent is not None:
            return [] if parent_known else [self._parent_visible(spec, row)]
        found: list[ColumnElement[bool]] = []
        if spec.name == COMPANY:
            found.append(row.c.id == self.company())
        elif "company_id" in row.c:
            found.append(row.c.company_id == self.company())
        if spec.access.rows is not None:
            self.personal = True
            rule = spec.access.rows(row, self.viewer)
            found += [] if rule is None else [rule]
        return found

    def _parent_visible(self, spec: DocSpec, row: FromClause) -> ColumnElement[bool]:
        assert spec.parent is not None
        parent = self.alias(spec.parent)
        joins = parent.c.id == row.c[f"{snake(spec.parent)}_id"]
        return exists().where(and_(joins, *self.visible(spec_of(spec.parent), parent))).correlate(row)
