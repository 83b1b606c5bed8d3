"""GraphQL over server-sent events: the graphql-sse protocol in its distinct connections mode.

Each answer is an event `next`, the end an event `complete`. An event's id is its resume token; a client that
connects again with it as Last-Event-ID misses nothing. A comment every few seconds keeps proxies from hanging up.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from graphql import OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from graph_schema.answer import Answerer, response
from graph_schema.cost import Spending
from graph_schema.live.subscribe import Told
from hub.context import Viewer
from hub.errors import Invalid, problem
from hub.web.auth import identified
from hub.web.graphql_request import Asked, text_of
from hub.web.rights import still_allowed

MEDIA_TYPE = "text/event-stream"
HEARTBEAT_SECONDS = 15.0
BLOCKED_SECONDS = 30.0
"""How long a reader may take nothing at all before it is let go."""


def wanted(request: Request) -> bool:
    """Whether the client asks for a stream."""
    return MEDIA_TYPE in request.headers.get("accept", "")


class EventStream(Response):
    """The answers of an operation as they come, until it or its reader ends."""

    media_type = MEDIA_TYPE

    def __init__(self, request: Request, viewer: Viewer, asked: Asked) -> None:
        super().__init__(None, 200, {"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._request, self._viewer, self._asked = request, viewer, asked
        self._answerer: Answerer = request.app.state.answerer

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the first of these ends: the operation, the reader, the right to it, the process."""

        async def write(text: bytes, *, more: bool = True) -> None:
            message: Message = {"type": "http.response.body", "body": text, "more_body": more}
            await asyncio.wait_for(send(message), BLOCKED_SECONDS)

        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        ending: asyncio.Event = self._request.app.state.ending
        until = [self._tell(write), self._beat(write), self._watch(), _gone(receive), ending.wait()]
        tasks = [asyncio.ensure_future(one) for one in until]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            with contextlib.suppress(TimeoutError, OSError):  # nobody reads any more
                for error in [task.exception() for task in done]:
                    if isinstance(error, Exception) and not isinstance(error, TimeoutError):
                        await write(_event(Told(response(None, self._answerer.errors(error, self._viewer)))))
                await write(b"event: complete\ndata:\n\n", more=False)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, write: Any) -> None:
        state, asked = self._request.app.state, self._asked
        text = await text_of(asked, state.trusted, only=state.settings.trusted_documents_only)
        spending, resume = Spending(self._answerer.cost_limit), self._request.headers.get("last-event-id")
        known = self._answerer.known(text, asked.operation_name, spending)
        if self._request.method == "GET" and known.kind is OperationType.MUTATION:
            raise Invalid(problem("MUTATION_OVER_GET", "修改数据须用 POST。", "A mutation needs a POST."))
        stream = self._answerer.subscribe(
            text, asked.variables, self._viewer, asked.operation_name, resume or None, spending
        )
        try:
            async with contextlib.aclosing(stream) as answers:
                async for told in answers:
                    await write(_event(told))
        finally:
            state.quotas.spend(self._viewer, spending.due)

    async def _beat(self, write: Any) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await write(b":\n\n")

    async def _watch(self) -> None:
        await still_allowed(self._viewer, lambda: identified(self._request))


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _event(told: Told) -> bytes:
    id_ = b"" if told.token is None else b"id: %s\n" % told.token.encode()
    return b"%sevent: next\ndata: %s\n\n" % (id_, told.answer)
