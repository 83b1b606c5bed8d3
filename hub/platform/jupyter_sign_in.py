"""JupyterLab behind the hub's sign-in: people come through the hub, programs by the server's token.

Runs inside the Jupyter server, which finds it by the configuration file that `lab.prepare` writes. It has no settings
and no secret of the hub but its own as a client.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.auth.login import LoginFormHandler
from jupyter_server.auth.logout import LogoutHandler
from tornado.web import RequestHandler
from traitlets import Dict, Unicode

from hub.plain_page import plain_page
from hub.platform.page_sign_in import NotSignedIn, PageSignIn
from hub.words import Label

BEGUN_COOKIE = "hub_sign_in"
_MINUTES = 10


@dataclass
class HubUser(User):
    """Somebody who came through the hub."""

    token: str = ""
    id_token: str = ""


class HubIdentityProvider(IdentityProvider):
    """Who somebody is: a signed cookie with the hub's token, asked about again and again."""

    hub = Dict(help="The hub as this server signs in there: the fields of PageSignIn.").tag(config=True)

    service_token = Unicode(help="By which programs enter. Not `token`, which JupyterLab writes into its pages.").tag(
        config=True
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.token = ""
        self.login_handler_class, self.logout_handler_class = SendAway, SignOut
        self.sign_in = PageSignIn(**self.hub)

    def get_handlers(self) -> list[tuple[str, object]]:
        """The sign-in's way back, beside signing in and out."""
        return [*super().get_handlers(), (self.sign_in.callback, ComeBack)]

    def get_user_cookie(self, handler: RequestHandler) -> Awaitable[User | None]:
        """Whoever the cookie names, while the sign-in at the hub lasts."""
        return self._lasting(handler)

    async def get_user_token(self, handler: RequestHandler) -> User | None:
        """A program that shows the token, in the header or in the address."""
        given = self.get_token(handler) or ""
        if not self.service_token or not hmac.compare_digest(given.encode(), self.service_token.encode()):
            return None
        return await self._lasting(handler) or User("service", "服务 Service")

    async def _lasting(self, handler: RequestHandler) -> User | None:
        user = super().get_user_cookie(handler)
        if isinstance(user, HubUser) and not await self.sign_in.lasts(user.token):
            return None
        assert user is None or isinstance(user, User)
        return user

    def user_to_cookie(self, user: User) -> str:
        """Everything that is known of the user."""
        return json.dumps(asdict(user))

    def user_from_cookie(self, cookie_value: str) -> User | None:
        """The user again; one without the hub's token came by the server's."""
        kept = json.loads(cookie_value)
        return HubUser(**kept) if "token" in kept else User(**kept)

    def identity_model(self, user: User) -> dict[str, Any]:
        """What pages are told: no token."""
        return {name: value for name, value in asdict(user).items() if name not in ("token", "id_token")}


class _AtTheHub(LoginFormHandler):
    """What the handlers below share."""

    @property
    def hub(self) -> HubIdentityProvider:
        provider = self.identity_provider
        assert isinstance(provider, HubIdentityProvider)
        return provider

    def go_on(self, onward: str) -> None:
        """To a path of this server, whatever was asked for."""
        self._redirect_safe(onward)  # type: ignore[no-untyped-call]

    @property
    def reader_host(self) -> str:
        """How the browser names this machine."""
        host: str = self.request.host_name
        return host


class SendAway(_AtTheHub):
    """GET /login: to the hub, which knows most people already. There is no form."""

    @allow_unauthenticated
    def get(self) -> None:
        """Send the browser to the hub."""
        onward = self.get_argument("next", self.base_url)
        if self.current_user:
            self.go_on(onward)
            return
        address, state, begun = self.hub.sign_in.begin(self.reader_host, onward)
        kept = json.dumps({"state": state, **begun})
        self.set_secure_cookie(BEGUN_COOKIE, kept, expires_days=None, httponly=True, samesite="Lax")
        self.redirect(address)

    @allow_unauthenticated
    def post(self) -> None:
        """There is no password here."""
        self.set_status(405)


class ComeBack(_AtTheHub):
    """GET /hub-sign-in: the browser comes back with a code."""

    @allow_unauthenticated
    async def get(self) -> None:
        """Find out who it is, and go on."""
        kept = self.get_secure_cookie(BEGUN_COOKIE, max_age_days=_MINUTES / 1440)
        begun = json.loads(kept) if kept else {}
        known = begun if begun and begun.pop("state") == self.get_argument("state", "") else None
        self.clear_cookie(BEGUN_COOKIE)
        try:
            person = await self.hub.sign_in.finish(known, self.get_argument("code", None))
        except NotSignedIn as refused:
            title, again = Label("未能登录", "Not signed in"), Label("重新登录", "Sign in again")
            self.set_status(400)
            self.finish(plain_page(title, refused.sentence, way=(f"{self.base_url}lab", again)))
            return
        user = HubUser(person.login, person.name, person.name, token=person.token, id_token=person.id_token)
        self.hub.set_login_cookie(self, user)
        self.go_on(begun["onward"])


class SignOut(LogoutHandler):
    """GET /logout: ends the session at the hub too, or the next click would sign in again."""

    @allow_unauthenticated
    async def get(self) -> None:
        """Forget who it was, and let the hub do the same."""
        provider = self.identity_provider
        assert isinstance(provider, HubIdentityProvider)
        user = self.current_user
        provider.clear_login_cookie(self)
        id_token = user.id_token if isinstance(user, HubUser) else ""
        self.redirect(provider.sign_in.sign_out_address(self.request.host_name, id_token))
