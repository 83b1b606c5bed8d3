"""The GraphQL endpoint: POST answers, GET shows GraphiQL, a WebSocket on the same path carries subscriptions.

Follows the GraphQL-over-HTTP specification: the answer's media type is what the client accepts, and a request
that is no GraphQL request at all gets 400. PostgreSQL's text is passed through as it is.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from graph_schema.answer import Answerer
from graph_schema.current import use
from graph_schema.read.run import limit_statements
from hub.context import Viewer
from hub.web.graphql_socket import serve

PATH = "/graphql"
ASSETS = Path(__file__).parent / "graphiql"
MAX_BODY = 2_000_000
RESPONSE_TYPE = "application/graphql-response+json"


@dataclass(frozen=True)
class Asked:
    """A GraphQL request as it came."""

    document: str
    variables: dict[str, Any]
    operation_name: str | None


class Unreadable(Exception):
    """The request is no GraphQL request; carries the HTTP status and both sentences."""

    def __init__(self, status: int, chinese: str, english: str) -> None:
        super().__init__(english)
        self.status, self.sentence = status, f"{chinese} {english}"


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """The answerer lives as long as the application's pool and engine."""
    limit_statements(app.state.pool)
    await app.state.pool.drain()  # connections opened before know no limit
    app.state.answerer = Answerer(app.state.pool, app.state.engine)
    async with use(app.state.answerer):
        try:
            yield
        finally:
            await app.state.answerer.close()


def routes() -> list[BaseRoute]:
    """What is served under /graphql."""
    return [
        Route(PATH, post, methods=["POST"]),
        Route(PATH, page, methods=["GET"]),
        WebSocketRoute(PATH, serve),
        Mount(f"{PATH}/assets", StaticFiles(directory=ASSETS)),
    ]


async def page(request: Request) -> Response:
    """GraphiQL for a browser; everything it needs comes from here."""
    if request.state.viewer is None:
        return RedirectResponse(f"/login?next={PATH}", 303)
    return FileResponse(ASSETS / "index.html", headers={"Cache-Control": "no-cache"})


async def post(request: Request) -> Response:
    """Answer one request."""
    try:
        asked = await _asked(request)
        viewer = _viewer(request)
    except Unreadable as fault:
        return _response(request, _fault(fault.sentence, "BAD_REQUEST"), fault.status)
    if viewer is None:
        sentence = "请先登录。 Please sign in: a bearer token or a browser session is needed."
        return _response(request, _fault(sentence, "UNAUTHENTICATED"), 401, {"WWW-Authenticate": "Bearer"})
    answerer: Answerer = request.app.state.answerer
    answer = await answerer.answer(asked.document, asked.variables, viewer, asked.operation_name)
    return _response(request, answer, 400 if _failed_early(request, answer) else 200)


def _viewer(request: Request) -> Viewer | None:
    viewer = request.state.viewer
    assert viewer is None or isinstance(viewer, Viewer)
    return viewer


async def _asked(request: Request) -> Asked:
    """The request's body, checked; Unreadable otherwise."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise Unreadable(415, "请求须为 application/json。", "Send the request as application/json.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise Unreadable(413, "请求过大。", f"The request is larger than {MAX_BODY} bytes.")
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(400, "请求不是有效的 JSON。", "The request is no valid JSON.") from error
    return read_request(content)


def read_request(content: Any) -> Asked:
    """A request from its JSON; Unreadable when a part has the wrong type."""
    if not isinstance(content, dict) or not isinstance(content.get("query"), str):
        raise Unreadable(400, "缺少 query。", "The request must be an object with the text `query`.")
    variables, name = content.get("variables"), content.get("operationName")
    if variables is not None and not isinstance(variables, dict):
        raise Unreadable(400, "variables 须为对象。", "`variables` must be an object.")
    if name is not None and not isinstance(name, str):
        raise Unreadable(400, "operationName 须为文本。", "`operationName` must be a text.")
    if content.get("extensions") is not None and not isinstance(content["extensions"], dict):
        raise Unreadable(400, "extensions 须为对象。", "`extensions` must be an object.")
    return Asked(content["query"], variables or {}, name)


def _failed_early(request: Request, answer: bytes) -> bool:
    """Whether nothing was executed and the client wants to know that from the status."""
    return _media(request) == RESPONSE_TYPE and answer.startswith(b'{"data":null,"errors"')


def _media(request: Request) -> str:
    """The specification's type for who accepts it, JSON for everybody else."""
    accepted = request.headers.get("accept", "")
    return RESPONSE_TYPE if RESPONSE_TYPE in accepted else "application/json"


def _fault(sentence: str, code: str) -> bytes:
    return json.dumps({"errors": [{"message": sentence, "extensions": {"code": code}}]}, ensure_ascii=False).encode()


def _response(request: Request, content: bytes, status: int, headers: dict[str, str] | None = None) -> Response:
    media = f"{_media(request)}; charset=utf-8"
    return Response(content, status, {"Cache-Control": "no-store", **(headers or {})}, media_type=media)
