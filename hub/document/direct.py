"""Statements of the hot write path, made once and run on the session's own connection (see `hub.round_trips`).

SQLAlchemy builds, keys and wraps a statement each time it is run, which costs a small write more than PostgreSQL does.
What is run for every write goes this way; all else stays with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.adapt import Transformer
from sqlalchemy import ClauseElement
from sqlalchemy.dialects.postgresql.asyncpg import dialect as numbered_dialect
from sqlalchemy.orm import Session

from hub.document.remembering import remembers
from hub.round_trips import Row, Statement, Writer

_NAME = re.compile(r"(?<![:\w]):([a-z_]+)")
_DIALECT = numbered_dialect()  # type: ignore[no-untyped-call]


class Made:
    """A statement of SQLAlchemy's, compiled once: its text with $1, $2, … and the names of their values."""

    def __init__(self, statement: ClauseElement) -> None:
        done: Any = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        self.text = str(done).encode()
        self._names: Sequence[str] = done.positiontup or ()
        self._own = {name: done.params[name] for name in self._names if not done.binds[name].required}

    def values(self, ask: Callable[[str], Any]) -> list[Any]:
        """The values in their order; asked for are those that the statement did not bring along."""
        return [self._own[name] if name in self._own else ask(name) for name in self._names]


class Asked:
    """A statement written out, with :names for its values; its rows have their columns' names.

    Values are sent as text: where PostgreSQL cannot see what a value is, in a SELECT list say, the statement casts it.
    """

    def __init__(self, statement: str) -> None:
        self._names: list[str] = []
        self._text = _NAME.sub(self._number, statement).encode()
        self._row: Any = None

    def _number(self, found: re.Match[str]) -> str:
        if found[1] not in self._names:
            self._names.append(found[1])
        return f"${self._names.index(found[1]) + 1}"

    def rows(self, session: Session, about: Mapping[str, Any]) -> list[Any]:
        """Run it; named tuples."""
        writer = writer_of(session)
        [result] = writer.results(self._with(about))
        if self._row is None:
            fields = [((result.fname(at) or b"").decode(), Any) for at in range(result.nfields)]
            self._row = NamedTuple("Row", fields)  # type: ignore[misc]  # the columns name the fields
        reading = Transformer(writer)
        reading.set_pgresult(result)
        return reading.load_rows(0, result.ntuples, self._row._make)

    def run(self, session: Session, about: Mapping[str, Any]) -> None:
        """Run what has nothing to answer; see `send`."""
        send(session, self._with(about))

    def _with(self, about: Mapping[str, Any]) -> Statement:
        return self._text, [about[name] for name in self._names]


def writer_of(session: Session) -> Writer:
    """The connection of a unit of work, which sees all that was written so far."""
    session.flush()
    found = session.connection().connection.driver_connection
    assert isinstance(found, Writer)
    return found


def send(session: Session, *statements: Statement) -> None:
    """Run statements that have nothing to answer. In a unit of work of many documents they are not waited for.

    Raises:
        psycopg.Error: what the first that failed says; with many documents only later, by whatever is asked next.
    """
    writer = writer_of(session)
    if remembers(session) and not session.in_nested_transaction():
        writer.send(*statements)
    else:
        writer.results(*statements)


def run(session: Session, text: bytes, values: Sequence[Any]) -> list[Row]:
    """The rows of one statement with $1, $2, …"""
    return writer_of(session).rows((text, values))[0]


def as_json(rows: Any) -> str:
    """Rows as json_populate_recordset takes them: decimals, dates and ids as text, which loses nothing."""
    return json.dumps(rows, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, date):  # moments are dates
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a row")
