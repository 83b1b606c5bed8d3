"""GraphQL over a WebSocket: the graphql-transport-ws protocol, for subscriptions and single answers alike.

Each subscription is a task; the socket's messages are read in one loop. The protocol's close codes are kept to
the letter, because clients decide by them whether to connect again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from graph_schema.answer import Answerer
from hub.context import Viewer
from hub.errors import Forbidden
from hub.web.graphql_request import Asked, Unreadable, from_elsewhere, read_request, text_of

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10.0
MOST_SUBSCRIPTIONS = 100


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
    try:
        await talk.run()
    except Closed as closed:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(closed.code, closed.reason)
    except WebSocketDisconnect:
        pass
    finally:
        await talk.end()


class Talk:
    """One connection: who it is, and what it follows by the client's ids."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._viewer: Viewer | None = None
        self._acknowledged = False
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
        if self._acknowledged:
            raise Closed(4429, "Too many initialisation requests")
        token = _token(payload)
        if token is not None:
            try:
                self._viewer = await self._socket.app.state.identities.by_token(token)
            except Forbidden as error:
                raise Closed(4403, "Forbidden") from error
        elif not from_elsewhere(self._socket):
            self._viewer = self._socket.state.viewer
        if self._viewer is None:
            raise Closed(4403, "Forbidden")
        self._acknowledged = True
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
        try:
            text = await text_of(asked, state.trusted, only=state.settings.trusted_documents_only)
            async for answer in answerer.subscribe(text, asked.variables, viewer, asked.operation_name):
                head = json.dumps({"id": id_, "type": "next"})[:-1]
                await self._socket.send_text(f'{head}, "payload": {answer.decode()}}}')
            await self._send({"id": id_, "type": "complete"})
        except (WebSocketDisconnect, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001  (whatever happened ends this subscription only)
            await self._send({"id": id_, "type": "error", "payload": answerer.errors(error, viewer)})
        finally:
            self._running.pop(id_, None)

    async def _send(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it has gone away meanwhile
            await self._socket.send_text(json.dumps(message, ensure_ascii=False))


def _token(payload: Any) -> str | None:
    """The bearer token of a connection_init payload, under whichever spelling clients use."""
    if not isinstance(payload, dict):
        return None
    given = payload.get("authorization") or payload.get("Authorization")
    if not isinstance(given, str):
        return None
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
