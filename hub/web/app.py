"""The hub's web application: what is served where, and what lives as long as the process does.

`app` is what the server runs. The engine serves writes from threads, the pool serves reads on the event loop.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.db.engine import database_url, make_async_pool, make_engine
from hub.duties import keeping
from hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound, Refused, Unavailable
from hub.secret_store import SecretStore
from hub.settings import Settings, settings
from hub.web import export, files, health, imports, public, workbench
from hub.web import graphql as graphql_endpoint
from hub.web.auth import Identities, Sessions, Tokens
from hub.web.duties import DUTIES, DUTY_CONNECTIONS
from hub.web.edge import receive_readings
from hub.web.openid import endpoints as openid

SESSION_HOURS = 12
_STATUS: dict[type[HubError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Invalid: 422,
    Conflict: 409,
    Refused: 422,
    Unavailable: 503,
}


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    """Open what the process needs, close it at the end."""
    chosen: Settings = app.state.settings
    anyio.to_thread.current_default_thread_limiter().total_tokens = chosen.write_pool
    url = database_url(chosen=chosen)
    app.state.engine = make_engine(url, name="hub")
    app.state.duties_engine = make_engine(url, name="hub-duties", pool_size=DUTY_CONNECTIONS)
    app.state.identities = Identities(app.state.engine)
    try:
        async with make_async_pool(url) as app.state.pool, graphql_endpoint.lifespan(app):
            gc.collect()
            gc.freeze()  # schema and types live as long as the process: the collector need not look at them again
            gc.collect()  # a full collection is due by a share of what the last one left: let that be little
            with keeping(app.state.duties_engine, DUTIES):
                yield
    finally:
        app.state.duties_engine.dispose()
        app.state.engine.dispose()


async def _refused(request: Request, error: Exception) -> Response:
    """A HubError that reaches the edge of the application, in the viewer's language."""
    assert isinstance(error, HubError)
    viewer = getattr(request.state, "viewer", None)
    language = viewer.language if viewer else "zh"
    problems = [
        {"code": one.code, "message": one.message.in_language(language), "path": list(one.path)}
        for one in error.problems
    ]
    return JSONResponse({"problems": problems}, _STATUS.get(type(error), 400))


def create_app(chosen: Settings | None = None) -> Starlette:
    """The application for these settings (those of the process when None)."""
    chosen = chosen or settings()
    session_secret = SecretStore(chosen.secrets_file).get("session")
    app = Starlette(
        routes=[
            Route("/healthz", health.healthz),
            Route("/readyz", health.readyz),
            Route("/metrics", health.metrics),
            Route("/edge/readings", receive_readings, methods=["POST"]),
            *graphql_endpoint.routes(),
            *export.routes(),
            *imports.routes(),
            *files.routes(),
            *public.routes(),
            *openid.routes(),
        ],
        middleware=[
            Middleware(health.Measured),
            Middleware(Tokens, direct={("POST", graphql_endpoint.PATH): graphql_endpoint.post}),
            Middleware(
                SessionMiddleware,
                secret_key=session_secret,
                session_cookie="hub_session",
                max_age=SESSION_HOURS * 3600,
                same_site="lax",
                https_only=chosen.public_url.startswith("https://"),
            ),
            Middleware(Sessions),
        ],
        exception_handlers={HubError: _refused},
        lifespan=_lifespan,
    )
    app.state.settings = chosen
    app.state.imports = asyncio.Semaphore(imports.PLACES)
    workbench.mount(app, chosen)
    return app


app = create_app()
