"""Who is asking: a bearer token or the browser's session cookie becomes the request's viewer.

The viewer is looked up anew every few seconds, so a change of roles or a blocked user takes effect at once for
all practical purposes, and a thousand requests do not ask the database a thousand times.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from anyio import to_thread
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from hub import identity, sign_ins
from hub.context import Viewer
from hub.document.catalogue import informed
from hub.errors import Forbidden

_SESSION_KEY = "user_id"
_SESSION_ID, _SIGNED_IN_AT = "session_id", "signed_in_at"
_OTHER_BEARER = "/oauth/userinfo"
"""The one path whose bearer tokens are not ours to read: they stand for a sign-in at a page and open nothing else."""
_REMEMBERED_SECONDS = 10.0
_REMEMBERED_MOST = 10_000

Endpoint = Callable[[Request], Awaitable[Response]]


class Identities:
    """Turns credentials into viewers, remembering each for a few seconds."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, tuple[float, Viewer | None]] = {}

    async def by_token(self, token: str) -> Viewer:
        """The token's viewer; Forbidden TOKEN_INVALID."""
        viewer = await self._remembered(f"token {token}", lambda session: identity.viewer_of_token(session, token))
        assert viewer is not None
        return viewer

    async def by_user(self, user_id: UUID) -> Viewer | None:
        """The viewer of a signed-in user, None when it no longer exists or is blocked."""
        return await self._remembered(str(user_id), lambda session: identity.viewer_of(session, user_id=user_id))

    async def end_session(self, session_id: str) -> None:
        """End the sign-ins of all pages that hang from a browser's session."""

        def end() -> None:
            with Session(self._engine) as session, session.begin():
                sign_ins.end_all(session, session_id)

        await to_thread.run_sync(end)

    async def by_password(self, login: str, password: str) -> Viewer | None:
        """The viewer whose login and password these are, or None."""
        return await self._asked(lambda session: identity.authenticate(session, login, password))

    async def _remembered(self, key: str, find: Any) -> Viewer | None:
        until, viewer = self._known.get(key, (0.0, None))
        if until > time.monotonic():
            return viewer
        viewer = await self._asked(find)
        if len(self._known) >= _REMEMBERED_MOST:
            self._known.clear()
        self._known[key] = (time.monotonic() + _REMEMBERED_SECONDS, viewer)
        return viewer

    async def _asked(self, find: Any) -> Viewer | None:
        def ask() -> Viewer | None:
            with Session(self._engine) as session, session.begin():
                found: Viewer | None = find(session)
            return found and informed(self._engine, found)

        return await to_thread.run_sync(ask)


class Tokens:
    """ASGI middleware: sets `state.viewer` to a bearer token's viewer or None; a wrong token is answered with 401.

    Comes before sessions and routing, which a program's requests do not need: with a token the endpoints of `direct`,
    by method and path, are asked at once. That is a third of what a small GraphQL request costs.
    """

    def __init__(self, app: ASGIApp, direct: Mapping[tuple[str, str], Endpoint]) -> None:
        self._app, self._direct = app, direct

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the viewer, then pass on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            viewer = await _viewer_of_token(scope)
        except Forbidden as refused:
            await _refuse(refused, scope, receive, send)
            return
        scope["state"] = {**scope.get("state", {}), "viewer": viewer}
        endpoint = viewer and self._direct.get((scope.get("method", ""), scope["path"]))
        if not endpoint:
            await self._app(scope, receive, send)
            return
        response = await endpoint(Request(scope, receive))
        await response(scope, receive, send)


async def _viewer_of_token(scope: Scope) -> Viewer | None:
    given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
    scheme, _, token = given.decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or scope["path"] == _OTHER_BEARER:
        return None
    identities: Identities = scope["app"].state.identities
    return await identities.by_token(token.strip())


async def _refuse(refused: Forbidden, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await WebSocketClose(4403, "TOKEN_INVALID")(scope, receive, send)
        return
    first = refused.problems[0]
    body = {"errors": [{"message": str(first.message), "extensions": {"code": first.code}}]}
    await JSONResponse(body, 401, {"WWW-Authenticate": "Bearer"})(scope, receive, send)


class Sessions:
    """ASGI middleware: without a token, `state.viewer` becomes the viewer of the browser's session, if there is one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find the viewer, then pass on."""
        if scope["type"] in ("http", "websocket") and scope["state"]["viewer"] is None:
            user_id = scope["session"].get(_SESSION_KEY)
            identities: Identities = scope["app"].state.identities
            scope["state"]["viewer"] = await identities.by_user(UUID(user_id)) if user_id else None
        await self._app(scope, receive, send)


async def identified(connection: HTTPConnection) -> Viewer | None:
    """The viewer of a request's token or session, looked up anew; Forbidden TOKEN_INVALID for a wrong token."""
    viewer = await _viewer_of_token(connection.scope)
    user_id = connection.scope.get("session", {}).get(_SESSION_KEY)
    if viewer is not None or user_id is None:
        return viewer
    identities: Identities = connection.app.state.identities
    return await identities.by_user(UUID(user_id))


async def sign_in(request: Request, login: str, password: str) -> Viewer | None:
    """Sign the browser in; None when login or password are wrong."""
    viewer: Viewer | None = await request.app.state.identities.by_password(login, password)
    if viewer is not None:
        request.session.clear()  # a session made before signing in must not survive it
        request.session[_SESSION_KEY] = str(viewer.user_id)
        request.session[_SESSION_ID] = secrets.token_urlsafe(16)
        request.session[_SIGNED_IN_AT] = int(time.time())
        request.state.viewer = viewer
    return viewer


async def sign_out(request: Request) -> None:
    """End the browser's session, and with it the sign-ins of Superset, JupyterLab and Dagster's page."""
    session_id = request.session.get(_SESSION_ID)
    request.session.clear()
    request.state.viewer = None
    if session_id:
        await request.app.state.identities.end_session(session_id)


def browser_session(request: Request) -> tuple[str, datetime] | None:
    """The session's id and when the password was typed; None without a session that has both."""
    session_id, at = request.session.get(_SESSION_ID), request.session.get(_SIGNED_IN_AT)
    return (session_id, datetime.fromtimestamp(at, UTC)) if session_id and at else None


def viewer_of(connection: HTTPConnection) -> Viewer | None:
    """Who is asking, None when nobody has signed in."""
    viewer: Viewer | None = getattr(connection.state, "viewer", None)
    return viewer
