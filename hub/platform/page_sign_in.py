"""How Dagster's page and JupyterLab sign somebody in at the hub: OpenID Connect's client, for any web framework.

A page keeps the token it was given and asks with it, every ten seconds of use, whether the sign-in still lasts; so
signing out at the hub, or losing a role, ends every page soon without the hub knowing where it is open.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hub.settings import Settings
from hub.web.openid.clients import clients, issuer, local_host, origin_at
from hub.words import Label

ASK_AGAIN_SECONDS = 10.0
WITHOUT_HUB_SECONDS = 600.0
"""How long somebody stays signed in while the hub does not answer: a restart interrupts nobody."""
MOST_REMEMBERED = 1_000


class NotSignedIn(Exception):
    """A sign-in that did not work, with the sentence for the person at the browser."""

    def __init__(self, sentence: Label) -> None:
        super().__init__(sentence.english)
        self.sentence = sentence


UNKNOWN = Label(
    "这次登录已过期或不是从这个浏览器开始的，请重新登录。",
    "This sign-in has expired or did not begin in this browser; please sign in again.",
)
AWAY = Label("枢纽暂时没有响应，请稍后再试。", "The hub does not answer at the moment; please try again later.")


@dataclass(frozen=True)
class SignedIn:
    """Somebody who has signed in: login, name, and what the page keeps to ask again and to sign out."""

    login: str
    name: str
    token: str
    id_token: str


Begun = dict[str, str]
"""What a page keeps in the browser's cookie between sending it away and seeing it again."""


@dataclass(frozen=True)
class PageSignIn:
    """One page as a client of the hub. Only plain values, so that a configuration file can hold it."""

    client_id: str
    secret: str
    hub: str
    issuer: str
    public_url: str
    hub_port: int
    own_port: int
    callback: str

    def begin(self, host: str, onward: str) -> tuple[str, str, Begun]:
        """Where to send a browser that calls this machine `host`, the `state` it comes back with, and what to keep."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        redirect_uri = origin_at(self.public_url, self.own_port, host) + self.callback
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        kept = {"nonce": nonce, "verifier": verifier, "redirect_uri": redirect_uri, "onward": local_path(onward)}
        return f"{self._hub_as_seen(host)}/oauth/authorize?{urlencode(asked)}", state, kept

    async def finish(self, begun: Begun | None, code: str | None) -> SignedIn:
        """Who has signed in, for the code that the browser brought.

        Raises:
            NotSignedIn: nothing was begun, the hub refuses the code or is away, or the ID token is not for us.
        """
        if begun is None or code is None:
            raise NotSignedIn(UNKNOWN)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": begun["redirect_uri"],
            "code_verifier": begun["verifier"],
        }
        try:
            async with httpx.AsyncClient(base_url=self.hub, trust_env=False, timeout=15) as hub:
                given = await hub.post("/oauth/token", data=form, auth=(self.client_id, self.secret))
                keys = await hub.get("/oauth/jwks")
        except httpx.HTTPError as error:
            raise NotSignedIn(AWAY) from error
        if not given.is_success or not keys.is_success:
            raise NotSignedIn(UNKNOWN)
        tokens = given.json()
        claims = self._claims(tokens["id_token"], KeySet.import_key_set(keys.json()), begun["nonce"])
        now = time.monotonic()
        _checked[tokens["access_token"]] = _Checked(lasts=True, known_at=now, ask_at=now + ASK_AGAIN_SECONDS)
        return SignedIn(claims["preferred_username"], claims["name"], tokens["access_token"], tokens["id_token"])

    async def lasts(self, token: str) -> bool:
        """Whether the sign-in that gave the token still lasts; the hub is asked every ten seconds."""
        checked = _remembered(token)
        if checked.ask_at > time.monotonic():
            return checked.lasts
        try:
            async with httpx.AsyncClient(base_url=self.hub, trust_env=False, timeout=10) as hub:
                said = await hub.get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})
            answered = said.is_success or said.status_code == httpx.codes.UNAUTHORIZED
        except httpx.HTTPError:
            answered = False
        now = time.monotonic()
        if answered:
            checked.lasts, checked.known_at = said.is_success, now
        elif now - checked.known_at > WITHOUT_HUB_SECONDS:
            checked.lasts = False
        checked.ask_at = now + (ASK_AGAIN_SECONDS if answered else 5)
        return checked.lasts

    def sign_out_address(self, host: str, id_token: str) -> str:
        """Where a browser signs out of the hub, and with it of every page."""
        return f"{self._hub_as_seen(host)}/oauth/end-session?{urlencode({'id_token_hint': id_token})}"

    def _hub_as_seen(self, host: str) -> str:
        return self.public_url or origin_at("", self.hub_port, host)

    def _claims(self, id_token: str, keys: KeySet, nonce: str) -> dict[str, str]:
        try:
            claims = jwt.decode(id_token, keys, algorithms=["RS256"]).claims
            jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.client_id},
                nonce={"essential": True, "value": nonce},
                exp={"essential": True},
            ).validate(claims)
        except (JoseError, ValueError) as error:
            raise NotSignedIn(UNKNOWN) from error
        return claims


@dataclass
class _Checked:
    """What is known of a token: whether it lasts, since when that is known, when to ask again."""

    lasts: bool = False
    known_at: float = field(default_factory=time.monotonic)
    ask_at: float = 0.0


_checked: dict[str, _Checked] = {}


def _remembered(token: str) -> _Checked:
    if len(_checked) > MOST_REMEMBERED:
        _checked.clear()
    return _checked.setdefault(token, _Checked())


def local_path(onward: str) -> str:
    """A path of this page: two slashes or a backslash at its beginning would lead to another host."""
    return "/" + onward.lstrip("/\\") if onward.startswith("/") else "/"


def page_sign_in(client_id: str, chosen: Settings) -> PageSignIn:
    """The client of that name under these settings."""
    page = clients(chosen)[client_id]
    return PageSignIn(
        client_id=client_id,
        secret=page.secret,
        hub=origin_at("", chosen.port, local_host(chosen)),
        issuer=issuer(chosen),
        public_url=chosen.public_url,
        hub_port=chosen.port,
        own_port=getattr(chosen, page.port_setting),
        callback=page.callback,
    )
