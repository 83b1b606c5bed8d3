"""The GraphQL endpoint: POST and GET answer, a browser gets GraphiQL, a WebSocket on the same path subscriptions.

Follows the GraphQL-over-HTTP specification: the answer's media type is what the client accepts, and a request
that is no GraphQL request at all gets 400. A list of requests is answered by a list, under one limit for all.
PostgreSQL's text is passed through as it is.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from math import ceil
from pathlib import Path
from typing import Any

from graphql import OperationType
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from graph_schema.answer import Answerer, core_schema, response
from graph_schema.cost import Spending
from graph_schema.current import use
from graph_schema.read.run import limit_statements
from hub.context import Viewer
from hub.trusted_documents import TrustedDocuments
from hub.web import graphql_stream
from hub.web.ending import told_to_end
from hub.web.graphql_request import (
    MAX_BATCH,
    Asked,
    Unreadable,
    from_elsewhere,
    read_body,
    read_query,
    read_request,
    text_of,
)
from hub.web.graphql_socket import serve
from hub.web.quota import Quotas

PATH = "/graphql"
ASSETS = Path(__file__).parent / "graphiql"
RESPONSE_TYPE = "application/graphql-response+json"


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """The answerer lives as long as the application's pool and engine; nobody's first request waits for the schema."""
    core_schema()
    limit_statements(app.state.pool)
    await app.state.pool.drain()  # connections opened before know no limit
    app.state.answerer = Answerer(app.state.pool, app.state.engine, chosen=app.state.settings)
    app.state.trusted = TrustedDocuments(app.state.pool)
    app.state.quotas = Quotas(app.state.settings)
    with told_to_end() as app.state.ending:
        async with use(app.state.answerer):
            try:
                yield
            finally:
                await app.state.answerer.close()


def routes() -> list[BaseRoute]:
    """What is served under /graphql."""
    return [
        Route(PATH, post, methods=["POST"]),
        Route(PATH, get, methods=["GET"]),
        WebSocketRoute(PATH, serve),
        Mount(f"{PATH}/assets", StaticFiles(directory=ASSETS)),
    ]


async def get(request: Request) -> Response:
    """Answer the query in the address; GraphiQL for a browser, with everything it needs coming from here."""
    try:
        asked = read_query(request)
        if asked is None or "text/html" in request.headers.get("accept", ""):
            return page(request)
        viewer = admitted(request)
        if graphql_stream.wanted(request):
            return graphql_stream.EventStream(request, viewer, asked)
        answerer: Answerer = request.app.state.answerer
        spending = Spending(answerer.cost_limit)
        answer = await _answer(request, asked, viewer, spending, read_only=True)
    except Unreadable as fault:
        return refusal(request, fault)
    request.app.state.quotas.spend(viewer, spending.due)
    return _response(request, answer, _status(request, answer))


def page(request: Request) -> Response:
    """GraphiQL."""
    if request.state.viewer is None:
        return RedirectResponse(f"/login?next={PATH}", 303)
    return FileResponse(ASSETS / "index.html", headers={"Cache-Control": "no-cache"})


async def post(request: Request) -> Response:
    """Answer one request, or a list of them."""
    try:
        content = await read_body(request)
        batch = isinstance(content, list)
        asked = None if batch else read_request(content)
        viewer = admitted(request)
        if asked is not None and graphql_stream.wanted(request):
            return graphql_stream.EventStream(request, viewer, asked)
        answerer: Answerer = request.app.state.answerer
        spending = Spending(answerer.cost_limit)
        if asked is None:
            answer = await _answers(request, content, viewer, spending)
        else:
            answer = await _answer(request, asked, viewer, spending)
    except Unreadable as fault:
        return refusal(request, fault)
    request.app.state.quotas.spend(viewer, spending.due)
    return _response(request, answer, 200 if batch else _status(request, answer))


def admitted(request: Request) -> Viewer:
    """Who asks; Unreadable 401 nobody, 403 a foreign page with the visitor's cookie, 429 beyond the quota."""
    viewer = request.state.viewer
    if viewer is None:
        sentences = "请先登录。", "Please sign in: a bearer token or a browser session is needed."
        raise Unreadable(401, *sentences, "UNAUTHENTICATED")
    if "authorization" not in request.headers and from_elsewhere(request):
        raise Unreadable(403, "请求来自别的网站。", "The request comes from another site.", "FOREIGN_ORIGIN")
    if request.app.state.quotas.wait(viewer):
        raise Unreadable(429, "已超过每分钟的配额，请稍后再试。", "The quota per minute is used up.", "QUOTA_EXCEEDED")
    assert isinstance(viewer, Viewer)
    return viewer


async def _answer(
    request: Request, asked: Asked, viewer: Viewer, spending: Spending, *, read_only: bool = False
) -> bytes:
    """One operation's answer; Unreadable 405 for a mutation where only reading is allowed."""
    state = request.app.state
    answerer: Answerer = state.answerer
    text = asked.document
    try:
        if text is None or asked.hash is not None or state.settings.trusted_documents_only:
            text = await text_of(asked, state.trusted, only=state.settings.trusted_documents_only)
        if read_only and answerer.known(text, asked.operation_name, spending).kind is OperationType.MUTATION:
            raise Unreadable(405, "修改数据须用 POST。", "A mutation needs a POST.", "MUTATION_OVER_GET")
    except Unreadable:
        raise
    except Exception as error:  # noqa: BLE001  (what is wrong with the document is an answer)
        return response(None, answerer.errors(error, viewer))
    return await answerer.answer(text, asked.variables, viewer, asked.operation_name, spending)


async def _answers(request: Request, contents: Sequence[Any], viewer: Viewer, spending: Spending) -> bytes:
    """The answers of a batch, in order; each fails alone, the cost of all has one limit."""
    if not 0 < len(contents) <= MAX_BATCH:
        sentences = f"一批请求为 1 到 {MAX_BATCH} 个。", f"A batch holds between 1 and {MAX_BATCH} requests."
        raise Unreadable(400, *sentences, "BATCH_SIZE")
    answers = []
    for content in contents:
        try:
            answers.append(await _answer(request, read_request(content), viewer, spending))
        except Unreadable as fault:
            answers.append(_fault(fault))
    return b"[" + b",".join(answers) + b"]"


def _status(request: Request, answer: bytes) -> int:
    """400 when nothing was executed and the client wants to know that from the status."""
    return 400 if answer.startswith(b'{"errors"') and _media(request) == RESPONSE_TYPE else 200


def _media(request: Request) -> str:
    """The specification's type for who accepts it, JSON for everybody else."""
    accepted = request.headers.get("accept", "")
    return RESPONSE_TYPE if RESPONSE_TYPE in accepted else "application/json"


def _fault(fault: Unreadable) -> bytes:
    entry = {"message": fault.sentence, "extensions": {"code": fault.code}}
    return json.dumps({"errors": [entry]}, ensure_ascii=False).encode()


def refusal(request: Request, fault: Unreadable) -> Response:
    """The response to what is no request, or not admitted."""
    headers = {"Allow": "POST"} if fault.status == 405 else {}
    if fault.status == 401:
        headers = {"WWW-Authenticate": "Bearer"}
    if fault.status == 429:
        headers = {"Retry-After": str(ceil(request.app.state.quotas.wait(request.state.viewer)) or 1)}
    return _response(request, _fault(fault), fault.status, headers)


def _response(request: Request, content: bytes, status: int, headers: dict[str, str] | None = None) -> Response:
    media = f"{_media(request)}; charset=utf-8"
    quotas: Quotas = request.app.state.quotas
    told = quotas.headers(request.state.viewer) if request.state.viewer is not None else {}
    return Response(content, status, {"Cache-Control": "no-store", **told, **(headers or {})}, media_type=media)
