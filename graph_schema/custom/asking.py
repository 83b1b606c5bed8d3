"""Questions that a root field of its own puts to the hub's code: on a thread, in a transaction that changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import to_thread

from hub.context import Ctx, Viewer
from hub.writes import unit_of_work

Found = TypeVar("Found")


async def ask(viewer: Viewer, question: Callable[[Ctx], Found]) -> Found:
    """What the question finds with this viewer's rights."""
    from graph_schema.current import current  # here: it answers by the schema that this is part of

    engine = (await current()).engine

    def run() -> Found:
        with unit_of_work(engine, viewer, "graphql", dry_run=True) as ctx:
            return question(ctx)

    return await to_thread.run_sync(run)
