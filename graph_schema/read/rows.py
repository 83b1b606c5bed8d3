"""The rows of a list before anything is made of them: the bare table, whom it shows, what is joined to it.

Pages are cut from it, rows counted, added up and grouped; all of them see the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, and_, literal_column

from graph_schema.limits import check_first
from graph_schema.read import predicates
from graph_schema.read.conditions import Condition, is_true
from graph_schema.read.scope import Emission
from graph_schema.read.values import Slot
from hub.document.registry import spec as spec_of
from hub.document.spec import DocSpec, InverseSpec, LinesSpec, LinkSpec
from hub.words import snake

Relation = LinesSpec | InverseSpec


@dataclass
class Rows:
    """A type's table with the conditions of one list; `source` grows with what is joined."""

    spec: DocSpec
    row: FromClause
    source: FromClause
    belongs: list[ColumnElement[bool]]
    shown: list[ColumnElement[bool]]
    """Whether the viewer may see the row; of a line, whether its document can be seen."""
    holds: list[ColumnElement[bool]]
    _joined: dict[tuple[str, ...], FromClause] = field(default_factory=dict)

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """All that a row must fulfil."""
        return [*self.belongs, *self.shown, *self.holds]

    def linked(self, emission: Emission, links: tuple[LinkSpec, ...]) -> FromClause:
        """The document at the end of the links, joined once, as far as the viewer may see it.

        A line's document must be seen for the line to be: joined here, it need not be looked up again.
        """
        if not links:
            return self.row
        path = tuple(link.name for link in links)
        if path not in self._joined:
            origin, link = self.linked(emission, links[:-1]), links[-1]
            spec = spec_of(link.target)
            target = emission.alias(spec.name)
            joins = and_(target.c.id == origin.c[link.column], *emission.visible(spec, target))
            if origin is self.row and self.shown and link.column == f"{snake(self.spec.parent or '')}_id":
                self.source, self.shown = self.source.join(target, joins), []
            else:
                self.source = self.source.outerjoin(target, joins)
            self._joined[path] = target
        return self._joined[path]


def rows_of(
    emission: Emission, spec: DocSpec, where: Condition, parent: FromClause | None, relation: Relation | None
) -> Rows:
    """The rows of a type that fulfil a condition; with `parent` and `relation` those of one document's list."""
    row = emission.alias(spec.name)
    shown = emission.visible(spec, row, parent_known=relation is not None and relation.owned)
    belongs = [] if parent is None or relation is None else [row.c[relation.column] == parent.c.id]
    holds = [] if is_true(where) else [predicates.where(emission, where, row)]
    return Rows(spec, row, row, belongs, shown, holds)


def within(query: Select[Any], parent: FromClause | None, name: str) -> FromClause:
    """A query as a source of rows, beside the document whose list it reads."""
    return query.subquery(name) if parent is None else query.correlate(parent).lateral(name)


def size_of(emission: Emission, size: int | Slot | None) -> ColumnElement[int]:
    """`first` or `last` as SQL; a slot's value is checked when it is bound."""
    if isinstance(size, Slot):
        return emission.bind(size, BigInteger(), check_first)
    return literal_column(str(int(size or 0)), BigInteger())
