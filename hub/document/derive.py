"""Derived values that many types have: sums over the lines of a document and over the lines that follow a line."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, func, select

from hub.document.fields import DerivedSQL, Tables
from hub.words import snake


def sum_of(lines: str, column: str, *, of: str) -> DerivedSQL:
    """The sum of a column over the rows of type `lines` whose link `of` is the row: an order's total, stock on hand."""

    def sql(row: FromClause, tables: Tables) -> ColumnElement[Any]:
        line = tables(lines)
        total = select(func.coalesce(func.sum(line.c[column]), 0)).where(line.c[f"{of}_id"] == row.c.id)
        return total.correlate(row).scalar_subquery()

    return sql


def left_of(done: DerivedSQL) -> DerivedSQL:
    """What is left of a line's quantity after what is done of it, never below 0: still to deliver, still to come."""

    def sql(row: FromClause, tables: Tables) -> ColumnElement[Any]:
        return func.greatest(row.c.quantity - done(row, tables), 0)

    return sql


def followed_by(lines: str, column: str, *, of: str, document: str, states: tuple[str, ...]) -> DerivedSQL:
    """The same where the lines' own document is in one of `states`: what confirmed deliveries brought of a line."""

    def sql(row: FromClause, tables: Tables) -> ColumnElement[Any]:
        line, head = tables(lines), tables(document)
        total = (
            select(func.coalesce(func.sum(line.c[column]), 0))
            .select_from(line.join(head, head.c.id == line.c[f"{snake(document)}_id"]))
            .where(line.c[f"{of}_id"] == row.c.id, head.c.state.in_(states))
        )
        return total.correlate(row).scalar_subquery()

    return sql
