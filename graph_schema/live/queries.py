"""Live queries: an answer now, and again whenever a table it reads was changed and the answer is another one.

Who asks the same with the same rights shares one execution. Changes in quick succession are answered together.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator

from graph_schema.live.sharing import Question, Sharing
from graph_schema.read.compile import Statement

PAUSE_SECONDS = 0.2
"""Between two runs of one query."""
_TABLE = re.compile(r'\bhub\."?(\w+)')


def tables_of(statement: Statement) -> frozenset[str]:
    """The tables a statement reads: values are parameters, so only names of tables follow the schema's."""
    return frozenset(_TABLE.findall(statement.sql))


class LiveQuery:
    """One question that somebody follows; runs after each change of its tables."""

    def __init__(self, question: Question, sharing: Sharing) -> None:
        self._question, self._sharing = question, sharing
        self.tables = tables_of(question.statement)
        self.followers = 0
        self._wanted = asyncio.Event()
        self._news = asyncio.Event()
        self._begun = self._done = 0
        self._answer: list[bytes] | Exception = []
        self._running = asyncio.create_task(self._run())

    def touch(self) -> None:
        """Look again."""
        self._wanted.set()

    def end(self) -> None:
        """Nobody follows any more."""
        self._running.cancel()

    async def answers(self) -> AsyncGenerator[list[bytes], None]:
        """The answer of now, then each that differs from the one before. A slow reader gets the latest."""
        sent: list[bytes] | None = None
        wanted = self._begun + 1  # one that was begun before may not know what its reader knows
        self.touch()
        while True:
            while self._done < wanted:
                await self._news.wait()
            if isinstance(self._answer, Exception):
                raise self._answer
            wanted = self._done + 1
            if self._answer != sent:
                sent = self._answer
                yield sent

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            self._begun += 1
            try:
                self._answer = await self._sharing.ask(self._question)
            except Exception as error:  # noqa: BLE001  (each follower tells its own reader)
                self._answer = error
            self._done = self._begun
            news, self._news = self._news, asyncio.Event()
            news.set()
            await asyncio.sleep(PAUSE_SECONDS)


class LiveQueries:
    """Every live query of the process."""

    def __init__(self, sharing: Sharing) -> None:
        self._sharing = sharing
        self._open: dict[tuple[str, str], LiveQuery] = {}

    def touched(self, tables: frozenset[str] | None) -> None:
        """Run the queries that read one of these tables; None: all."""
        for query in self._open.values():
            if tables is None or not query.tables.isdisjoint(tables):
                query.touch()

    async def answers(self, question: Question) -> AsyncGenerator[list[bytes], None]:
        """The answers of a question for as long as they are followed."""
        key = question.key
        query = self._open.get(key)
        if query is None:
            query = self._open[key] = LiveQuery(question, self._sharing)
        query.followers += 1
        try:
            async with contextlib.aclosing(query.answers()) as answers:
                async for answer in answers:
                    yield answer
        finally:
            query.followers -= 1
            if not query.followers:
                query.end()
                del self._open[key]
