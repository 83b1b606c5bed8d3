"""Derived values that many types have: sums and shares over the lines of a document, sums over what follows a line."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, func, select

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


def followed_by(
    lines: str, column: str, *, of: str, document: str, states: tuple[str, ...], unless: str | None = None
) -> DerivedSQL:
    """The same where the lines' own document is in one of `states`: what confirmed deliveries brought of a line.

    Lines of which `unless` is true do not count.
    """

    def sql(row: FromClause, tables: Tables) -> ColumnElement[Any]:
        line, head = tables(lines), tables(document)
        total = (
            select(func.coalesce(func.sum(line.c[column]), 0))
            .select_from(line.join(head, head.c.id == line.c[f"{snake(document)}_id"]))
            .where(line.c[f"{of}_id"] == row.c.id, head.c.state.in_(states))
        )
        if unless is not None:
            total = total.where(~line.c[unless])
        return total.correlate(row).scalar_subquery()

    return sql


def share_of(lines: str, done: DerivedSQL, *, of: str, wanted: str = "quantity") -> DerivedSQL:
    """What is done of all that the lines want, in percent, no line counted beyond what it wants; 0 without any."""

    def sql(row: FromClause, tables: Tables) -> ColumnElement[Any]:
        line = tables(lines)
        whole = func.sum(line.c[wanted])
        part = func.sum(func.least(done(line, tables), line.c[wanted]))
        share = select(case((whole > 0, 100 * part / whole), else_=0)).where(line.c[f"{of}_id"] == row.c.id)
        return share.correlate(row).scalar_subquery()

    return sql


def part_of(lines: str, *, of: str, document: str, kept: str, states: tuple[str, ...]) -> DerivedSQL:
    """What falls to a line of an amount kept on the documents whose lines follow it: paid of what was invoiced.

    Each document in one of `states` gives in proportion to its line's amount with tax; rounded to cents.
    """

    def sql(row: FromClause, tables: Tables) -> ColumnElement[Any]:
        line, head, any_line = tables(lines), tables(document), tables(lines)
        parent = f"{snake(document)}_id"
        total = select(func.sum(any_line.c.amount + any_line.c.tax_amount)).where(any_line.c[parent] == head.c.id)
        whole = func.nullif(total.correlate(head).scalar_subquery(), 0)
        part = (line.c.amount + line.c.tax_amount) * head.c[kept] / whole
        sums = select(func.round(func.coalesce(func.sum(part), 0), 2))
        sums = sums.select_from(line.join(head, head.c.id == line.c[parent]))
        return sums.where(line.c[f"{of}_id"] == row.c.id, head.c.state.in_(states)).correlate(row).scalar_subquery()

    return sql


def through(lines: str, value: DerivedSQL, *, of: str, document: str, states: tuple[str, ...]) -> DerivedSQL:
    """The sum of a derived value over the lines that follow a line: what came of a plan's line by its orders."""

    def sql(row: FromClause, tables: Tables) -> ColumnElement[Any]:
        line, head = tables(lines), tables(document)
        total = select(func.coalesce(func.sum(value(line, tables)), 0))
        total = total.select_from(line.join(head, head.c.id == line.c[f"{snake(document)}_id"]))
        return total.where(line.c[f"{of}_id"] == row.c.id, head.c.state.in_(states)).correlate(row).scalar_subquery()

    return sql
