"""A subscription operation as a stream of answers, and all that the subscriptions of a process share."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from graph_schema.build.subscriptions import CHANGE, DOCUMENT_CHANGED, FOLLOWABLE
from graph_schema.cost import Cost, Spending, cost_of
from graph_schema.document import Known
from graph_schema.live import token
from graph_schema.live.changes import changes, plan_changes
from graph_schema.live.feed import Feed
from graph_schema.live.queries import LiveQueries
from graph_schema.live.sharing import Question, Sharing
from graph_schema.naming import change_type, changed
from graph_schema.queries import readings
from graph_schema.read.compile import Statement, compiled
from graph_schema.read.emit import emit
from graph_schema.read.plan import Planner
from graph_schema.read.scope import Emission
from graph_schema.read.selection import Pick, Source, pick, roots
from graph_schema.read.values import Slot, plain, shape
from hub.context import Viewer
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.spec import DocSpec
from hub.errors import Refused, problem

MOST_PER_USER = 1000
Made = TypeVar("Made")


@dataclass(frozen=True)
class Told:
    """One answer; `token` resumes after it, where that is possible."""

    answer: bytes
    token: str | None = None


class Live:
    """The subscriptions of a process."""

    def __init__(self, pool: AsyncConnectionPool[Any], informed: Callable[[Viewer], Awaitable[Viewer]]) -> None:
        self._informed = informed
        gate = asyncio.Semaphore(max(1, pool.max_size // 4))
        self._sharing = Sharing(pool, gate)
        self._queries = LiveQueries(self._sharing)
        self._feed = Feed(pool, gate, self._queries.touched)
        self._open: Counter[UUID] = Counter()

    async def follow(
        self, known: Known, raw: Mapping[str, Any], viewer: Viewer, spending: Spending, resume: str | None = None
    ) -> AsyncGenerator[Told, None]:
        """The answers of a subscription; see `Answerer.subscribe`.

        Raises what cannot be followed, and what ends it.
        """
        given = known.variables(raw)
        chosen = _chosen(known, given)
        viewer = replace(viewer, signed=None)  # what nobody signs yet may be signed while this is followed
        with self._counted(viewer):
            if chosen.name in changed_fields():
                following = self._changes(known, chosen, given, viewer, resume)
            else:
                following = self._query(known, chosen, given, viewer, spending)
            async with contextlib.aclosing(following) as answers:
                async for one in answers:
                    await self._check(viewer)
                    yield one

    async def _check(self, viewer: Viewer) -> None:
        """Refused when the company's custom fields are declared otherwise than when the subscription was planned."""
        if (await self._informed(viewer)).custom is not viewer.custom:
            raise Refused(
                problem(
                    "DECLARATIONS_CHANGED",
                    "自定义字段的定义已更改，请重新订阅。",
                    "The declarations of custom fields have changed; subscribe again.",
                )
            )

    async def close(self) -> None:
        """Stop following changes."""
        await self._feed.close()

    @contextlib.contextmanager
    def _counted(self, viewer: Viewer) -> Iterator[None]:
        if self._open[viewer.user_id] >= MOST_PER_USER:
            raise Refused(
                problem(
                    "SUBSCRIPTIONS_EXCEEDED",
                    f"每位用户最多同时有 {MOST_PER_USER} 个订阅。",
                    f"A user has at most {MOST_PER_USER} subscriptions at a time.",
                )
            )
        self._open[viewer.user_id] += 1
        try:
            yield
        finally:
            self._open[viewer.user_id] -= 1
            if not self._open[viewer.user_id]:
                del self._open[viewer.user_id]

    async def _changes(
        self, known: Known, chosen: Pick, given: Mapping[str, Any], viewer: Viewer, resume: str | None
    ) -> AsyncGenerator[Told, None]:
        type_name, only, after = (_value(chosen, given, name) for name in ("type", "id", "after"))
        spec = changed_fields()[chosen.name] or spec_of(type_name)
        typename = CHANGE if chosen.name == DOCUMENT_CHANGED else change_type(spec.name)
        followed = _kept(known, given, viewer, spec.name, lambda: plan_changes(chosen, typename, spec, viewer))
        start = await self._feed.started()
        if resume is not None or after is not None:
            start = token.read(resume if resume is not None else after)
            await self._feed.check(start)
        told = changes(self._feed, self._sharing, followed, given, viewer, only, start)
        async with contextlib.aclosing(told) as answers:
            async for change, at in answers:
                yield Told(b'{"data":{"%s":%s}}' % (followed.key.encode(), change), at)

    async def _query(
        self, known: Known, chosen: Pick, given: Mapping[str, Any], viewer: Viewer, spending: Spending
    ) -> AsyncGenerator[Told, None]:
        statement, cost = _kept(known, given, viewer, None, lambda: _live(chosen, viewer))
        spending.add(cost.of(given))
        await self._feed.started()
        question = Question(statement, statement.values(given, viewer))
        async with contextlib.aclosing(self._queries.answers(question)) as answers:
            async for columns in answers:
                yield Told(b'{"data":' + columns[0] + b"}")


@cache
def changed_fields() -> dict[str, DocSpec | None]:
    """The root fields that tell changes, and the type of each; of `documentChanged` an argument says it."""
    typed = {changed(spec): spec for spec in specs().values() if spec.kind in FOLLOWABLE}
    return {DOCUMENT_CHANGED: None, **typed}


def _chosen(known: Known, given: Mapping[str, Any]) -> Pick:
    """The operation's one field, with slots for the variables."""
    source = Source(known.schema, known.fragments, known.slots(given))
    root = known.schema.subscription_type
    assert root is not None
    ((key, nodes),) = roots(source, known.operation).items()  # validation has seen to it that there is one
    return pick(source, root, key, nodes)


def _value(chosen: Pick, given: Mapping[str, Any], name: str) -> Any:
    """An argument's value; None when it is not given."""
    found: Any = chosen.arguments.get(name)
    if isinstance(found, Slot):
        path, found = found.path, given
        for step in path:
            found = found[step]
    return plain(found)


def _live(chosen: Pick, viewer: Viewer) -> tuple[Statement, Cost]:
    """The statement of a query's root field and its cost; raises what the viewer may not ask."""
    root = readings()[chosen.name](Planner(viewer), chosen)
    emission = Emission(viewer)
    statement = compiled(emit(emission, [root]), emission.bindings)
    return statement, cost_of([root])


def _kept(
    known: Known, given: Mapping[str, Any], viewer: Viewer, type_name: str | None, make: Callable[[], Made]
) -> Made:
    """What was compiled for this shape and these rights, now or before."""
    slots = shape(known.slots(given))
    found: Made | None = known.plans.get((slots, known.rights(viewer), type_name))
    if found is None:
        found = make()
        known.plans.put((slots, known.rights(viewer), type_name), found)
    return found
