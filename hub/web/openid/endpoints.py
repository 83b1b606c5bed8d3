"""The addresses of the OpenID provider: what a browser is led through, and what a page asks by itself.

Whatever is wrong before the redirect address is known to be ours stays on a page here; nobody is sent to a stranger.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from anyio import to_thread
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import AccessDeniedError
from joserfc.jwk import KeySet
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from hub.context import Viewer
from hub.document.access import ROLES
from hub.plain_page import plain_page
from hub.web import auth
from hub.web.openid.clients import Client
from hub.web.openid.provider import Asked, Provider, discovery, signing_key
from hub.words import Label

_SEE_OTHER = 303
_HOME = ("/", Label("回到工作台", "Back to the workbench"))
_NOT_ADMITTED = Label("不能打开这个页面", "This page is not open to you")
_WRONG = Label("无法登录", "Sign-in is not possible")


def routes() -> list[Route]:
    """The provider's routes."""
    return [
        Route("/.well-known/openid-configuration", _discovery),
        Route("/oauth/authorize", _authorize, methods=["GET", "POST"]),
        Route("/oauth/token", _token, methods=["POST"]),
        Route("/oauth/userinfo", _userinfo, methods=["GET", "POST"]),
        Route("/oauth/jwks", _jwks),
        Route("/oauth/end-session", _end_session, methods=["GET", "POST"]),
    ]


async def _discovery(request: Request) -> Response:
    return JSONResponse(discovery(request.app.state.settings))


async def _jwks(request: Request) -> Response:
    key = await to_thread.run_sync(signing_key, request.app.state.settings)
    public = KeySet([key]).as_dict(private=False)
    for one in public["keys"]:
        one |= {"use": "sig", "alg": "RS256"}
    return JSONResponse(public)


async def _authorize(request: Request) -> Response:
    """A code for the page that asks, if somebody has signed in who may open it; else the sign-in page first."""
    values = await _values(request)
    session = auth.browser_session(request)
    viewer = auth.viewer_of(request) if session and "authorization" not in request.headers else None
    asked = Asked(request.method, values, {})
    if viewer is not None and session is not None and _wants_password(asked, session[1].timestamp()):
        viewer = None
        if not asked.silent:
            await auth.sign_out(request)
    session_id, signed_in_at = session or ("", None)
    provider = await to_thread.run_sync(
        lambda: Provider(
            request.app.state.settings, request.app.state.engine, request.url.hostname, session_id, signed_in_at
        )
    )
    return await to_thread.run_sync(_authorized, provider, asked, viewer)


def _authorized(provider: Provider, asked: Asked, viewer: Viewer | None) -> Response:
    try:
        grant = provider.get_consent_grant(asked, viewer)
    except OAuth2Error as error:
        if error.redirect_uri:
            return provider.handle_error_response(asked, error)
        return _page(_WRONG, _sentence(error), 400)
    if viewer is None:
        onward = [(name, value) for name, value in asked.values if name not in ("prompt", "max_age")]
        return RedirectResponse(f"/login?{urlencode({'next': f'/oauth/authorize?{urlencode(onward)}'})}", _SEE_OTHER)
    client: Client = asked.client
    if not client.admits(viewer.roles):
        if asked.silent:
            denied = AccessDeniedError(redirect_uri=grant.redirect_uri, state=asked.payload.state)
            return provider.handle_error_response(asked, denied)
        return _not_admitted(client, viewer)
    return provider.create_authorization_response(asked, viewer, grant)


def _wants_password(asked: Asked, signed_in_at: float) -> bool:
    """Whether the page wants the password typed again: prompt=login, or max_age seconds have gone by."""
    max_age = asked.form.get("max_age", "")
    too_old = max_age.isdigit() and time.time() - signed_in_at > int(max_age)
    return too_old or not {"login", "select_account"}.isdisjoint(asked.form.get("prompt", "").split())


def _sentence(error: OAuth2Error) -> Label:
    """What a person is told; the protocol's word stays readable for whoever set the page up."""
    return Label(
        f"请求登录的页面与枢纽的设置不符（{error.error}）。请从工作台重新打开，或联系管理员。",
        f"The page that asks for the sign-in does not fit the hub's settings ({error.error}). "
        "Open it again from the workbench, or ask an administrator.",
    )


def _not_admitted(client: Client, viewer: Viewer) -> Response:
    roles = [ROLES[role].label for role in sorted(client.roles) if role in ROLES]
    chinese, english = "、".join(one.chinese for one in roles), ", ".join(one.english for one in roles)
    sentence = Label(
        f"{viewer.name}（{viewer.code}），{client.label.chinese}只对这些角色开放：{chinese}。",
        f"{viewer.name} ({viewer.code}), {client.label.english} are open to these roles only: {english}.",
    )
    return _page(_NOT_ADMITTED, sentence, 403)


async def _token(request: Request) -> Response:
    asked = Asked("POST", await _form(request), request.headers)
    chosen, engine = request.app.state.settings, request.app.state.engine

    def answer() -> Response:
        response: Response = Provider(chosen, engine).create_token_response(asked)
        return response

    return await to_thread.run_sync(answer)


async def _userinfo(request: Request) -> Response:
    """Who the token stands for; a page asks again and again, and learns here that somebody has signed out."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    chosen, engine = request.app.state.settings, request.app.state.engine
    said = await to_thread.run_sync(lambda: Provider(chosen, engine).who(token.strip()))
    if scheme.lower() != "bearer" or said is None:
        return JSONResponse(
            {"error": "invalid_token"}, 401, {"WWW-Authenticate": 'Bearer error="invalid_token"', **_NOT_KEPT}
        )
    return JSONResponse(said, headers=_NOT_KEPT)


_NOT_KEPT = {"Cache-Control": "no-store"}


async def _end_session(request: Request) -> Response:
    """Signs the browser out of the hub and so of every page; asks first, unless the page shows its ID token."""
    values = await _values(request)
    asked = Asked(request.method, values, {})
    chosen, engine, host = request.app.state.settings, request.app.state.engine, request.url.hostname
    try:
        found: Any = await to_thread.run_sync(
            lambda: Provider(chosen, engine, host).validate_endpoint_request("end_session", asked)
        )
    except OAuth2Error as error:
        return _page(_WRONG, _sentence(error), 400)
    viewer = auth.viewer_of(request)
    shown = found.id_token_claims is not None and (
        viewer is None or found.id_token_claims["sub"] == str(viewer.user_id)
    )
    if viewer is not None and not shown and not _confirmed(request, asked):
        return _ask_first()
    await auth.sign_out(request)
    return RedirectResponse(found.redirect_uri or "/", _SEE_OTHER)


def _confirmed(request: Request, asked: Asked) -> bool:
    """Whether our own form was sent: SameSite keeps the cookie from strangers, Origin tells the other ports."""
    own = urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host")
    return request.method == "POST" and asked.form.get("confirmed") == "yes" and own


def _ask_first() -> Response:
    title = Label("退出登录", "Sign out")
    sentence = Label(
        "确定要退出枢纽以及看板、笔记本和数据管道页面吗？",
        "Do you want to sign out of the hub, the dashboards, the notebooks and the pipelines?",
    )
    confirmed = '<input type="hidden" name="confirmed" value="yes">'
    return HTMLResponse(plain_page(title, sentence, way=("/oauth/end-session", title), form=confirmed))


def _page(title: Label, sentence: Label, status: int) -> Response:
    return HTMLResponse(plain_page(title, sentence, way=_HOME), status, {"Cache-Control": "no-store"})


async def _values(request: Request) -> list[tuple[str, str]]:
    return [*request.query_params.multi_items(), *(await _form(request) if request.method == "POST" else [])]


async def _form(request: Request) -> list[tuple[str, str]]:
    """The form's texts; a file is none."""
    form = await request.form(max_fields=50, max_files=0)
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
