"""A statement as text with numbered parameters, and where each parameter's value comes from.

Compiled once per plan. The text is PostgreSQL's own form ($1, $2), so that the driver has nothing to rewrite and
the server prepares it once per connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.asyncpg import dialect as numbered_dialect

from graph_schema.read.values import Binding
from hub.ciphers import OPENING, opened_answer
from hub.context import Viewer

_DIALECT = numbered_dialect()  # type: ignore[no-untyped-call]
_DIALECT._backslash_escapes = False  # standard_conforming_strings has been on since PostgreSQL 9.1


@dataclass(frozen=True)
class Statement:
    """SQL with $1, $2, … and the bindings in that order."""

    sql: str
    bindings: tuple[Binding, ...]
    sealed: bool = False
    """Whether its answer holds encrypted values, which `opened` opens."""

    def values(self, variables: Mapping[str, Any], viewer: Viewer) -> list[Any]:
        """The parameters of one request; Invalid when one does not fit."""
        return [binding.value(variables, viewer) for binding in self.bindings]

    def opened(self, answer: bytes) -> bytes:
        """A column of the answer as the client gets it; Unavailable SEAL_BROKEN."""
        return opened_answer(answer) if self.sealed else answer


def compiled(query: Select[Any], bindings: Mapping[str, Binding]) -> Statement:
    """The statement of a query; parameters that derived values and row rules brought along keep their values."""
    done = query.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    constants = done.params
    processors = done._bind_processors  # the way from a Python value to the column's stored form
    ordered = []
    for name in done.positiontup or ():
        if name in bindings:
            ordered.append(bindings[name])
        else:
            value = constants[name]
            processor = processors.get(name)
            ordered.append(Binding(_constant(processor(value) if callable(processor) else value), _same))
    text = str(done)
    return Statement(text, tuple(ordered), OPENING in text)


def _constant(value: Any) -> Any:
    return lambda _viewer: value


def _same(value: Any) -> Any:
    return value
