"""Dagster's page behind the hub's sign-in: Dagster itself asks nobody who they are, and its page can start anything.

Dagster's own ASGI application runs unchanged inside `Guard`. Whoever the hub does not send with a sign-in for this
page gets no byte of it, over HTTP or WebSocket; only /server_info is open, by which it is known to be up.
"""

import logging
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from dagster import DagsterInstance
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_webserver.app import create_app_from_workspace_process_context
from dagster_webserver.version import __version__
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from hub.plain_page import plain_page
from hub.platform.page_sign_in import NotSignedIn, PageSignIn, page_sign_in
from hub.secret_store import SecretStore
from hub.settings import Settings, settings
from hub.words import Label

OPEN = "/server_info"
MOST_BEGUN = 3
"""Sign-ins that a browser may have begun and not finished, one in each of its tabs."""
HOURS = 12
_AGAIN = Label("重新登录", "Sign in again")
_EXPIRED = Label("登录已结束，请刷新页面重新登录。", "The sign-in has ended; reload the page to sign in again.")


class Guard:
    """ASGI middleware: passes on what a signed-in person's own page sends."""

    def __init__(self, app: ASGIApp, sign_in: PageSignIn) -> None:
        self._app, self._sign_in = app, sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, send to the hub, or refuse."""
        if scope["type"] == "lifespan" or scope["path"] == OPEN:
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if scope["type"] == "websocket":
            await self._websocket(connection, receive, send)
            return
        if scope["path"] == self._sign_in.callback:
            answer = await self._come_back(Request(scope, receive))
        elif not _of_this_page(connection, scope["method"]):
            answer = JSONResponse({"error": "cross-site request refused"}, 403)
        elif await self._knows(connection):
            await self._app(scope, receive, send)
            return
        elif _is_navigation(connection, scope["method"]):
            answer = self._send_away(Request(scope, receive))
        else:
            answer = JSONResponse({"error": f"{_EXPIRED.chinese} {_EXPIRED.english}"}, 401)
        await answer(scope, receive, send)

    async def _knows(self, connection: HTTPConnection) -> bool:
        token: str = connection.session.get("token", "")
        return token != "" and await self._sign_in.lasts(token)

    async def _websocket(self, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        """Each message asks again: a socket that was opened once could otherwise start runs for ever."""
        if not _of_this_page(connection, "POST") or not await self._knows(connection):
            await WebSocketClose(4401, "not signed in")(connection.scope, receive, send)
            return

        async def guarded() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and not await self._knows(connection):
                await send({"type": "websocket.close", "code": 4401})
                return {"type": "websocket.disconnect", "code": 4401}
            return message

        await self._app(connection.scope, guarded, send)

    def _send_away(self, request: Request) -> Response:
        onward = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        address, state, begun = self._sign_in.begin(request.url.hostname or "", onward)
        pending = dict(list(request.session.get("begun", {}).items())[1 - MOST_BEGUN :])
        request.session["begun"] = {**pending, state: begun}
        return RedirectResponse(address, 303)

    async def _come_back(self, request: Request) -> Response:
        asked = request.query_params
        begun = request.session.get("begun", {}).pop(asked.get("state", ""), None)
        try:
            person = await self._sign_in.finish(begun, asked.get("code"))
        except NotSignedIn as refused:
            title = Label("未能登录", "Not signed in")
            return HTMLResponse(plain_page(title, refused.sentence, way=("/", _AGAIN)), 400)
        request.session.update(token=person.token, login=person.login)
        return RedirectResponse(begun["onward"], 303)


def _of_this_page(connection: HTTPConnection, method: str) -> bool:
    """Whether the request comes from this very page. The notebooks are on the same host, so SameSite does not help."""
    sent_from = connection.headers.get("origin")
    if sent_from is not None:
        return urlsplit(sent_from).netloc == connection.headers.get("host")
    site = connection.headers.get("sec-fetch-site", "none")
    return site in ("same-origin", "none") or _is_navigation(connection, method)


def _is_navigation(connection: HTTPConnection, method: str) -> bool:
    """Whether a person opens a page. GraphQL is never one: it would run what a link says."""
    if method != "GET" or connection.url.path == "/graphql":
        return False
    return connection.headers.get("sec-fetch-mode", "navigate") == "navigate" and "text/html" in connection.headers.get(
        "accept", ""
    )


def guarded(app: ASGIApp, chosen: Settings) -> ASGIApp:
    """The application behind the sign-in, with a session cookie of its own name: cookies ignore ports."""
    return SessionMiddleware(
        Guard(app, page_sign_in("dagster", chosen)),
        secret_key=SecretStore(chosen.secrets_file).get("dagster_session"),
        session_cookie="dagster_session",
        max_age=HOURS * 3600,
        same_site="lax",
        https_only=chosen.public_url.startswith("https://"),
    )


def main() -> None:
    """Serves until it is ended. Limits as dagster-webserver's own command sets them."""
    chosen = settings()
    workspace: Any = WorkspaceFileTarget(paths=[str(chosen.home / "dagster" / "workspace.yaml")])
    logging.basicConfig(level=logging.INFO)
    with DagsterInstance.get() as instance:
        instance.optimize_for_webserver(statement_timeout=15_000, pool_recycle=3_600, max_overflow=20)
        with WorkspaceProcessContext(instance, workspace, version=__version__) as context:
            app = create_app_from_workspace_process_context(context, live_data_poll_rate=2_000)
            uvicorn.run(guarded(app, chosen), host=chosen.host, port=chosen.dagster_port, log_level="warning")


if __name__ == "__main__":
    main()
