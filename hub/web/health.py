"""Whether the hub lives, whether it can work, and its figures for a monitor."""

from __future__ import annotations

import time
from functools import cache

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = Counter("hub_http_requests_total", "Answered requests", ["method", "area", "status"])
SECONDS = Histogram("hub_http_request_seconds", "Time to answer", ["area"])
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Others are counted together: a figure for whatever word a client invents would grow without end."""
_AREAS = ("graphql", "edge", "healthz", "readyz", "metrics", "links", "p")


async def healthz(_request: Request) -> Response:
    """200 as long as the process answers."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """200 when the database answers, 503 with a sentence when it does not."""
    pool = request.app.state.pool
    try:
        async with pool.connection(timeout=2) as connection:
            await connection.execute("SELECT 1 FROM hub.company LIMIT 1")
    except Exception as error:  # noqa: BLE001  (whatever it is, the answer is: not ready)
        await pool.check()  # connections that a restart of the server has broken are replaced
        sentence = f"数据库没有应答。 The database does not answer. ({type(error).__name__})"
        return JSONResponse({"status": "unavailable", "message": sentence}, 503)
    return JSONResponse({"status": "ready"})


async def metrics(_request: Request) -> Response:
    """Prometheus text format."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class Measured:
    """ASGI middleware: counts requests and their time by area of the application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and count when the answer begins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        first = scope["path"].split("/", 2)[1]
        area, status, started = (first if first in _AREAS else "workbench"), 500, time.perf_counter()

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            _counter(method, area, status).inc()
            _seconds(area).observe(time.perf_counter() - started)


@cache
def _counter(method: str, area: str, status: int) -> Counter:
    return REQUESTS.labels(method, area, str(status))


@cache
def _seconds(area: str) -> Histogram:
    return SECONDS.labels(area)
