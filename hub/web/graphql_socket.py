"""GraphQL over a WebSocket: the graphql-transport-ws protocol, for subscriptions and single answers alike.

Each subscription is a task; the socket's messages are read in one loop. The protocol's close codes are kept to
the letter, because clients decide by them whether to connect again. Ours: 1001 the hub is ending, 1013 the reader
takes nothing; after both, and after an error, a subscription is resumed with its last token.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from graph_schema.answer import Answerer
from graph_schema.cost import Spending
from hub.context import Viewer
from hub.errors import Forbidden, Refused, problem
from hub.web.auth import identified
from hub.web.graphql_request import Asked, Unreadable, from_elsewhere, read_request, text_of
from hub.web.rights import still_allowed

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10.0
MOST_SUBSCRIPTIONS = 100
PING_SECONDS = 30.0
CLOSE_SECONDS = 2.0
BLOCKED_SECONDS = 30.0
"""How long a reader may take nothing at all before it is let go."""


class Closed(Exception):
    """The socket must be closed with this code and reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


async def serve(socket: WebSocket) -> None:
    """The life of one socket."""
    if PROTOCOL not in socket.scope.get("subprotocols", []):
        await socket.close(4406, "Subprotocol not acceptable")
        return
    await socket.accept(PROTOCOL)
    talk = Talk(socket)
    ending: asyncio.Event = socket.app.state.ending
    tasks = [asyncio.ensure_future(one) for one in (talk.run(), talk.beat(), talk.watch(), talk.stuck, ending.wait())]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        error = next((task.exception() for task in done), None)
        if isinstance(error, Closed):
            await talk.close(error)
        elif error is None or isinstance(error, WebSocketDisconnect):
            await talk.close(
                Closed(1001, "The hub is ending")
            )  # the server hangs up when it ends; else nobody hears it
        else:
            raise error
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await talk.end()


class Talk:
    """One connection: who it is, and what it follows by the client's ids."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._viewer: Viewer | None = None
        self._find: Callable[[], Awaitable[Viewer | None]] = partial(identified, socket)
        self._introduced = asyncio.Event()
        self.stuck: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Read messages until the socket closes."""
        try:
            message = await asyncio.wait_for(self._message(), INIT_SECONDS)
        except TimeoutError as error:
            raise Closed(4408, "Connection initialisation timeout") from error
        while True:
            await self._understand(message)
            message = await self._message()

    async def beat(self) -> None:
        """Ping now and then: a reader that has vanished is found out by what it does not take."""
        while True:
            await asyncio.sleep(PING_SECONDS)
            await self._send({"type": "ping"})

    async def watch(self) -> None:
        """Close the socket when the sign-in ends or the rights are others."""
        await self._introduced.wait()
        assert self._viewer is not None
        try:
            await still_allowed(self._viewer, self._find)
        except Forbidden as refused:
            code = refused.problems[0].code
            raise Closed(4403 if code == "SIGNED_OUT" else 1012, code) from refused

    async def close(self, closed: Closed) -> None:
        """Say why, if anybody still hears it."""
        with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close(closed.code, closed.reason)

    async def end(self) -> None:
        """Stop everything that was followed."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _message(self) -> dict[str, Any]:
        try:
            message = json.loads(await self._socket.receive_text())
        except (ValueError, KeyError, RecursionError) as error:
            raise Closed(4400, "Invalid message") from error
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closed(4400, "Invalid message")
        return message

    async def _understand(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "connection_init":
            await self._init(message.get("payload"))
        elif kind == "ping":
            await self._send({"type": "pong"})
        elif kind == "subscribe":
            self._subscribe(message)
        elif kind == "complete":
            task = self._running.pop(str(message.get("id")), None)
            if task is not None:
                task.cancel()
        elif kind != "pong":
            raise Closed(4400, "Unknown message type")

    async def _init(self, payload: Any) -> None:
        """Find out who it is: a token in the payload, else the header or cookie that came with the handshake."""
        if self._introduced.is_set():
            raise Closed(4429, "Too many initialisation requests")
        token = _token(payload)
        if token is not None:
            self._find = partial(self._socket.app.state.identities.by_token, token)
            try:
                self._viewer = await self._find()
            except Forbidden as error:
                raise Closed(4403, "Forbidden") from error
        elif not from_elsewhere(self._socket):
            self._viewer = self._socket.state.viewer
        if self._viewer is None:
            raise Closed(4403, "Forbidden")
        self._introduced.set()
        await self._send({"type": "connection_ack"})

    def _subscribe(self, message: dict[str, Any]) -> None:
        if self._viewer is None:
            raise Closed(4401, "Unauthorized")
        id_ = message.get("id")
        try:
            asked = read_request(message.get("payload"))
        except Unreadable as error:
            raise Closed(4400, "Invalid message") from error
        if not isinstance(id_, str):
            raise Closed(4400, "Invalid message")
        if id_ in self._running:
            raise Closed(4409, f"Subscriber for {id_[:40]} already exists")
        if len(self._running) >= MOST_SUBSCRIPTIONS:
            raise Closed(4429, "Too many subscriptions")
        self._running[id_] = asyncio.create_task(self._follow(id_, asked, self._viewer))

    async def _follow(self, id_: str, asked: Asked, viewer: Viewer) -> None:
        """Send every answer, then completion; what cannot be followed is sent as an error."""
        state = self._socket.app.state
        answerer: Answerer = state.answerer
        spending = Spending(answerer.cost_limit)
        head = json.dumps({"id": id_, "type": "next"})[:-1]
        try:
            if state.quotas.wait(viewer):
                sentence = "The quota per minute is used up."
                raise Refused(problem("QUOTA_EXCEEDED", "已超过每分钟的配额，请稍后再试。", sentence))
            text = await text_of(asked, state.trusted, only=state.settings.trusted_documents_only)
            stream = answerer.subscribe(text, asked.variables, viewer, asked.operation_name, spending=spending)
            async with contextlib.aclosing(stream) as answers:
                async for told in answers:
                    await self._write(f'{head}, "payload": {told.answer.decode()}}}')
            await self._send({"id": id_, "type": "complete"})
        except (WebSocketDisconnect, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001  (whatever happened ends this subscription only)
            await self._send({"id": id_, "type": "error", "payload": answerer.errors(error, viewer)})
        finally:
            state.quotas.spend(viewer, spending.due)
            self._running.pop(id_, None)

    async def _send(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it has gone away meanwhile
            await self._write(json.dumps(message, ensure_ascii=False))

    async def _write(self, text: str) -> None:
        """Send; the whole socket ends when its reader takes nothing for too long."""
        try:
            async with asyncio.timeout(BLOCKED_SECONDS):
                await self._socket.send_text(text)
        except TimeoutError:
            if not self.stuck.done():
                self.stuck.set_exception(Closed(1013, "TOO_SLOW"))
            raise


def _token(payload: Any) -> str | None:
    """The bearer token of a connection_init payload, under whichever spelling clients use."""
    if not isinstance(payload, dict):
        return None
    given = payload.get("authorization") or payload.get("Authorization")
    if not isinstance(given, str):
        return None
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
