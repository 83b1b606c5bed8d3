"""A request answered: known document → plan of this shape and these rights → text.

A document that was seen before costs a look-up, the binding of its values and one statement. Fields that are not
read from documents (introspection, `me`, `documentTypes`) are resolved by Strawberry and stand beside them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from graphql import GraphQLSchema, OperationType
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import Engine

from graph_schema.build import schema
from graph_schema.cost import NEW_DOCUMENT, Spending, TooCostly, echo
from graph_schema.document import Kept, Known, understand
from graph_schema.introspection import closed, open_to
from graph_schema.live.subscribe import Live, Told
from graph_schema.plain import Asked, resolve_plain
from graph_schema.queries import QueryPlan, plan_query
from graph_schema.read.run import run
from graph_schema.read.values import shape
from graph_schema.trouble import Error, Faulty, all_shown, shown
from graph_schema.write.misfits import misfits
from graph_schema.write.mutate import Mutations
from hub.context import Viewer
from hub.document.catalogue import catalogue
from hub.errors import Invalid, problem
from hub.settings import Settings, settings

EXPORTS_AT_ONCE = 4
"""Exports that run at the same time: each holds a connection of the pool until its reader has it all."""


def core_schema() -> GraphQLSchema:
    """graphql-core's form of the schema."""
    return schema()._schema


class Answerer:
    """Answers requests on one read pool and one write engine; keeps what it has understood and compiled."""

    def __init__(
        self,
        pool: AsyncConnectionPool[Any],
        engine: Engine,
        *,
        kept_documents: int = 500,
        chosen: Settings | None = None,
    ) -> None:
        self.pool, self.engine = pool, engine
        self.exports = asyncio.Semaphore(EXPORTS_AT_ONCE)
        chosen = chosen or settings()
        self.cost_limit, self._introspection = chosen.cost_limit, chosen.introspection
        self._catalogue = catalogue(engine)
        self._known: Kept[tuple[str, str | None], Known] = Kept(kept_documents)
        self._mutations = Mutations(engine)
        self._live = Live(pool, self.informed)

    async def answer(
        self,
        text: str,
        variables: Mapping[str, Any] | None,
        viewer: Viewer,
        operation_name: str | None = None,
        spending: Spending | None = None,
    ) -> bytes:
        """The response as JSON bytes; never raises for what a client can cause.

        `spending` is given when several operations share one limit, and tells afterwards what was spent.
        """
        spending = spending or Spending(self.cost_limit)
        try:
            viewer = await self.informed(viewer)
            known = self.known(text, operation_name, spending)
            if known.kind is OperationType.QUERY:
                return await self._query(known, variables or {}, viewer, spending)
            if known.kind is OperationType.MUTATION:
                return await self._mutation(known, variables or {}, viewer, spending)
            raise Invalid(
                problem(
                    "SUBSCRIPTION_OVER_HTTP",
                    "订阅请使用 WebSocket 或 Accept: text/event-stream。",
                    "Subscriptions need a WebSocket or Accept: text/event-stream.",
                )
            )
        except TooCostly as error:
            return response(None, shown(error, viewer.language), echo(error.requested, spending.limit))
        except Exception as error:  # noqa: BLE001  (the one place where whatever happened becomes an answer)
            return response(None, self.errors(error, viewer))

    async def informed(self, viewer: Viewer) -> Viewer:
        """The viewer with what the hub knows, at most seconds old; the same one where he knows it already."""
        if self._catalogue.stale:
            await asyncio.to_thread(self._catalogue.refresh_from, self.engine)
        return self._catalogue.inform(viewer)

    def errors(self, error: Exception, viewer: Viewer) -> list[Error]:
        """The entries of what went wrong, without the schema's names for whom it is closed."""
        if isinstance(error, Faulty):
            return error.shown(viewer.language, detailed=open_to(viewer, self._introspection))
        return shown(error, viewer.language)

    async def subscribe(
        self,
        text: str,
        variables: Mapping[str, Any] | None,
        viewer: Viewer,
        operation_name: str | None = None,
        resume: str | None = None,
        spending: Spending | None = None,
    ) -> AsyncGenerator[Told, None]:
        """The answers of a subscription; of any other operation its one answer. Raises what cannot be followed.

        `resume` is a token that counts more than the operation's own; `spending` as for `answer`.
        """
        spending = spending or Spending(self.cost_limit)
        viewer = await self.informed(viewer)
        known = self.known(text, operation_name, spending)
        if known.kind is not OperationType.SUBSCRIPTION:
            yield Told(await self.answer(text, variables, viewer, operation_name, spending))
            return
        async with aclosing(self._live.follow(known, variables or {}, viewer, spending, resume)) as followed:
            async for told in followed:
                yield told

    async def close(self) -> None:
        """Stop following changes; pool and engine belong to whoever made them."""
        await self._live.close()

    def known(self, text: str, operation_name: str | None, spending: Spending | None = None) -> Known:
        """The document, understood now or before; what is new is an effort of its own."""
        key = (text, operation_name)
        found = self._known.get(key)
        if found is None:
            if spending is not None:
                spending.effort += NEW_DOCUMENT
            found = self._known.put(key, understand(core_schema(), text, operation_name))
        return found

    def plan(
        self, known: Known, given: Mapping[str, Any], viewer: Viewer, spending: Spending | None = None
    ) -> QueryPlan:
        """The compiled plan for this shape of variables and these rights; a new one is an effort by its length."""
        slots = known.slots(given)
        found = known.plans.get((shape(slots), known.rights(viewer)))
        if found is None:
            found = plan_query(known, slots, viewer)
            known.plans.put((shape(slots), known.rights(viewer)), found)
            if spending is not None and found.statement is not None:
                spending.effort += len(found.statement.sql)
        assert isinstance(found, QueryPlan)
        return found

    async def _query(self, known: Known, raw: Mapping[str, Any], viewer: Viewer, spending: Spending) -> bytes:
        given = known.variables(raw)
        plan = self.plan(known, given, viewer, spending)
        schema_open = not plan.plain or open_to(viewer, self._introspection)
        if plan.of_schema and not schema_open:
            raise closed()
        requested = plan.cost.of(given)
        spending.add(requested)
        end = echo(requested, spending.limit)
        columns = [] if plan.statement is None else await run(self.pool, plan.statement, given, viewer)
        if plan.whole:
            return b'{"data":' + columns[0] + end
        plain, faults = await resolve_plain(known, plan.plain, raw, Asked(viewer, schema_open, self.pool))
        errors = [*plan.errors, *all_shown(faults, viewer.language)]
        if plain is None:
            return response(b"null", errors, end)
        found = {key: json.dumps(value, ensure_ascii=False).encode() for key, value in plain.items()}
        found |= dict(zip(plan.columns, columns, strict=True))
        data = b",".join(b'"%s":%s' % (key.encode(), found.get(key, b"null")) for key in plan.keys)
        return response(b"{" + data + b"}", errors, end)

    async def _mutation(self, known: Known, raw: Mapping[str, Any], viewer: Viewer, spending: Spending) -> bytes:
        try:
            given = known.variables(raw)
        except Faulty:
            problems = misfits(known, raw) if open_to(viewer, self._introspection) else []
            if not problems:
                raise
            return response(self._mutations.refused(known, problems, viewer), [])
        planned = self._mutations.planned(known, given, viewer, spending)
        requested = self._mutations.cost(known, planned, given)
        spending.add(requested)
        data, errors = await self._mutations.answer(known, planned, given, viewer)
        return response(data, errors, echo(requested, spending.limit))


def response(data: bytes | None, errors: list[Error], end: bytes = b"}") -> bytes:
    """The response's JSON; without data when nothing was executed. `end` closes it, with what stands beside."""
    written = b'"errors":' + json.dumps(errors, ensure_ascii=False).encode(errors="replace")  # lone surrogates
    if data is None:
        return b"{" + written + end
    return b'{"data":' + data + (b"," + written if errors else b"") + end
