"""The answerer of this process: set by the web application, or opened at first use by a script.

An async pool belongs to one event loop, so a script that runs several loops gets an answerer for each.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from graph_schema.answer import Answerer
from graph_schema.read.run import limit_statements
from hub.db.engine import make_async_pool, make_engine

_answerers: WeakKeyDictionary[asyncio.AbstractEventLoop, Answerer] = WeakKeyDictionary()


@asynccontextmanager
async def use(answerer: Answerer) -> AsyncIterator[Answerer]:
    """Let `execute` use this answerer on the running event loop."""
    loop = asyncio.get_running_loop()
    _answerers[loop] = answerer
    try:
        yield answerer
    finally:
        _answerers.pop(loop, None)


async def current() -> Answerer:
    """The running loop's answerer; a new one on the settings' database when there is none."""
    loop = asyncio.get_running_loop()
    found = _answerers.get(loop)
    if found is None:
        pool = make_async_pool(size=2)
        limit_statements(pool)
        await pool.open()
        found = _answerers[loop] = Answerer(pool, make_engine(pool_size=2))
    return found
