# mypy: ignore-errors
"""Superset's people come through the hub: OpenID Connect by Flask-AppBuilder and Authlib, in Superset's interpreter.

The hub decides who may enter and with which role; Superset keeps an account only as the owner of charts. Passwords
remain for programs, over the REST interface. Every ten seconds of use the hub is asked whether the sign-in lasts.
"""

from __future__ import annotations

import threading
import time
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.flask_client import FlaskOAuth2App
from flask import Flask, current_app, g, redirect, request, session
from flask_appbuilder import expose
from flask_appbuilder.security.views import AuthOAuthView
from flask_login import current_user, logout_user
from superset.security import SupersetSecurityManager
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from flask_appbuilder.security.sqla.models import User

PROVIDER = "hub"
ASK_AGAIN_SECONDS = 10
WITHOUT_HUB_SECONDS = 600  # a restart of the hub interrupts nobody
ROLES = {
    "administrator": "Admin",
    "steward": "管家",
    "executive": "高管",
    "finance": "分析",
    "planner": "分析",
}
OWNS_DATASETS = "管家"
SORRY = """<!doctype html><meta charset="utf-8"><title>枢纽 · 未能登录 Not signed in</title>
<body style="font:16px/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem">
<h1 style="font-size:1.25rem">未能登录 · Not signed in</h1>
<p>{chinese}</p><p lang="en">{english}</p><p><a href="{again}">重新登录 · Sign in again</a></p></body>"""


def configuration(hub: dict[str, Any]) -> dict[str, Any]:
    """Superset's settings for this way of signing in. `hub`: address, issuer, public_url, port, own_port, secret,
    service (an account name that nobody's login may be).
    """
    from flask_appbuilder.const import AUTH_OAUTH

    address = hub["address"]
    return {
        "AUTH_TYPE": AUTH_OAUTH,
        "AUTH_API_LOGIN_ALLOW_MULTIPLE_PROVIDERS": True,  # programs sign in by password
        "AUTH_USER_REGISTRATION": False,  # no page to register oneself; HubSecurityManager makes the accounts
        "CUSTOM_SECURITY_MANAGER": HubSecurityManager,
        "HUB": hub,
        "OAUTH_PROVIDERS": [
            {
                "name": PROVIDER,
                "icon": "fa-key",
                "token_key": "access_token",
                "remote_app": {
                    "client_cls": HubRemote,
                    "client_id": "superset",
                    "client_secret": hub["secret"],
                    "client_kwargs": {"scope": "openid profile", "code_challenge_method": "S256"},
                    "authorize_url": f"{address}/oauth/authorize",
                    "access_token_url": f"{address}/oauth/token",
                    "userinfo_endpoint": f"{address}/oauth/userinfo",
                    "jwks_uri": f"{address}/oauth/jwks",
                    "issuer": hub["issuer"],
                },
            }
        ],
    }


def origin(port: int) -> str:
    """The origin at which this reader's browser finds one of the hub's ports."""
    public = urlsplit(current_app.config["HUB"]["public_url"])
    name = public.hostname or request.host.rpartition(":")[0] or request.host
    return f"{public.scheme or 'http'}://{f'[{name}]' if ':' in name.strip('[]') and name[0] != '[' else name}:{port}"


def hub_as_seen() -> str:
    """The hub's own origin, which a proxy may give another port."""
    hub = current_app.config["HUB"]
    return hub["public_url"] or origin(hub["port"])


class HubRemote(FlaskOAuth2App):
    """The hub, by the name that the reader's browser has for this machine: its session lies under that name."""

    def authorize_redirect(self, redirect_uri: str | None = None, **more: Any) -> Response:  # noqa: ARG002
        """Send the browser to the hub."""
        return super().authorize_redirect(origin(current_app.config["HUB"]["own_port"]) + CALLBACK, **more)

    def create_authorization_url(self, redirect_uri: str | None = None, **more: Any) -> dict[str, Any]:
        """The address to go to, as the reader's browser finds it."""
        made = super().create_authorization_url(redirect_uri, **more)
        found = urlsplit(made["url"])
        return {**made, "url": f"{hub_as_seen()}{found.path}?{found.query}"}


CALLBACK = f"/oauth-authorized/{PROVIDER}"


class HubAuthView(AuthOAuthView):
    """Signing in and out without a page of Superset's own."""

    @expose("/login/")
    def login(self, _provider: str | None = None) -> Response:
        """To the hub, which knows most people already."""
        return super().login(PROVIDER)

    @expose("/oauth-authorized/<provider>")
    def oauth_authorized(self, provider: str) -> Response:
        """Back from the hub. What went wrong is said here: another round would end here again, for ever."""
        answer = super().oauth_authorized(provider)
        if not current_user.is_authenticated:
            session.clear()
            said = SORRY.format(
                chinese=escape("这次登录没有成功：它已过期、不是从这个浏览器开始的，或者该账号在看板中已停用。"),
                english=escape(
                    "This sign-in did not work: it has expired, did not begin in this browser, or the account is "
                    "blocked in the dashboards."
                ),
                again=escape(self.appbuilder.get_url_for_index),
            )
            return Response(said, 403, mimetype="text/html")
        return answer

    @expose("/logout/")
    def logout(self) -> Response:
        """Out of the hub too, or the next click would sign in again."""
        shown = urlencode({"id_token_hint": session.get("hub_id_token", "")})
        logout_user()
        session.clear()
        return redirect(f"{hub_as_seen()}/oauth/end-session?{shown}")


class HubSecurityManager(SupersetSecurityManager):
    """Superset's security, with accounts and roles as the hub says at each sign-in."""

    authoauthview = HubAuthView
    register_superset_auth_view = False

    def get_oauth_user_info(self, _provider: str, resp: dict[str, Any]) -> dict[str, Any]:
        """What the verified ID token says."""
        session["hub_id_token"] = resp["id_token"]
        return resp["userinfo"]

    def auth_user_oauth(self, userinfo: dict[str, Any]) -> User | None:
        """The account of whoever the hub has sent, made when new; None for nobody who may enter."""
        login = userinfo["preferred_username"]
        names = sorted({ROLES[role] for role in userinfo["roles"] if role in ROLES})
        roles = [role for role in map(self.find_role, names) if role is not None]
        user = self.find_user(username=login)
        if not roles or login == current_app.config["HUB"]["service"] or (user and not user.is_active):
            return None
        if user is None:
            user = self.add_user(login, userinfo["name"], "", f"{userinfo['sub']}@hub", roles)
        if not user:
            return None
        user.roles, user.first_name = roles, userinfo["name"]
        self.update_user_auth_stat(user)
        if OWNS_DATASETS in names:
            self._give_datasets(user)
        return user

    def _give_datasets(self, user: User) -> None:
        """Stewards own what was shipped, so that they may edit it: the data sets that the service account owns."""
        from superset import db
        from superset.connectors.sqla.models import SqlaTable

        service = current_app.config["HUB"]["service"]
        for dataset in db.session.query(SqlaTable).all():
            if user not in dataset.owners and any(owner.username == service for owner in dataset.owners):
                dataset.owners = [*dataset.owners, user]
        db.session.commit()


_checked: dict[str, tuple[float, float, bool]] = {}
_lock = threading.Lock()


def lasts(token: str) -> bool:
    """Whether the sign-in that gave the token still lasts, as the hub says."""
    now = time.monotonic()
    ask_at, known_at, lasting = _checked.get(token, (0.0, now, False))
    if ask_at > now:
        return lasting
    try:
        asked = {"Authorization": f"Bearer {token}"}
        said = requests.get(f"{current_app.config['HUB']['address']}/oauth/userinfo", headers=asked, timeout=10)
        answered = said.ok or said.status_code == 401
    except requests.RequestException:
        answered = False
    if answered:
        lasting, known_at = said.ok, now
    elif now - known_at > WITHOUT_HUB_SECONDS:
        lasting = False
    with _lock:
        if len(_checked) > 1000:
            _checked.clear()
        _checked[token] = (now + (ASK_AGAIN_SECONDS if answered else 5), known_at, lasting)
    return lasting


def end_with_the_hub(app: Flask) -> None:
    """Before each request of a browser: has its sign-in at the hub ended?"""

    @app.before_request
    def still_signed_in() -> None:
        token = (session.get("oauth") or ("",))[0]
        if token and not request.path.startswith("/static/") and not lasts(token):
            logout_user()
            session.clear()
            g.user = current_user
