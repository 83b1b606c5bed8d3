"""Statements run once for all who ask the same: the same text with the same values, rights among them.

A gate keeps what runs for subscriptions at one time below the pool's size, so that a thousand followers of one
change leave room for everybody else's queries.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from psycopg_pool import AsyncConnectionPool

from graph_schema.read.compile import Statement
from graph_schema.read.run import fetch

_KEPT_SECONDS = 1.0
"""How long the answer about an event waits for followers that have not come to it yet."""


@dataclass(frozen=True)
class Question:
    """A statement with the values of one viewer."""

    statement: Statement
    values: list[Any]

    @property
    def key(self) -> tuple[str, str]:
        """Equal for questions that have the same answer at any one time."""
        return self.statement.sql, repr(self.values)


class Sharing:
    """Runs questions through the gate."""

    def __init__(self, pool: AsyncConnectionPool[Any], gate: asyncio.Semaphore) -> None:
        self._pool, self._gate = pool, gate
        self._kept: dict[Any, asyncio.Task[list[bytes]]] = {}

    async def ask(self, question: Question) -> list[bytes]:
        """The answer of now."""
        async with self._gate:
            return await fetch(self._pool, question.statement, question.values)

    async def ask_about(self, occasion: int, question: Question) -> list[bytes]:
        """The answer after an event; whoever asks the same about the same event gets the same answer."""
        key = (occasion, question.key)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = asyncio.create_task(self.ask(question))
            asyncio.get_running_loop().call_later(_KEPT_SECONDS, self._kept.pop, key)
        return await asyncio.shield(kept)
