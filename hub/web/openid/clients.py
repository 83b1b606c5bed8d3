"""The pages that sign in through the hub, and who may open them. The list is ours; nobody registers a client.

A redirect goes to the page's own port and path on the very host by which the browser reached the hub (or the one of
`public_url`), so there is no address that somebody else could name.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from hub.secret_store import SecretStore
from hub.settings import Settings
from hub.words import Label

SCOPES = ("openid", "profile", "email")


@dataclass(frozen=True)
class Client:
    """A page: its name in the protocol and for people, where codes go, the roles that may open it.

    The methods are those that Authlib asks of a client.
    """

    client_id: str
    label: Label
    port_setting: str
    callback: str
    roles: frozenset[str]
    home: str = "/"
    origin: str = ""
    secret: str = ""

    @property
    def redirect_uri(self) -> str:
        """The one address that codes are sent to."""
        return self.origin + self.callback

    def admits(self, roles: Iterable[str]) -> bool:
        """Whether somebody with these roles may open the page."""
        return not self.roles.isdisjoint(roles)

    @property
    def client_metadata(self) -> dict[str, list[str]]:
        """Where a browser may be sent after signing out."""
        return {"post_logout_redirect_uris": [f"{self.origin}/"]}

    def get_client_id(self) -> str:
        """The name in the protocol."""
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        """Where codes go when the request does not say."""
        return self.redirect_uri

    def get_allowed_scope(self, scope: str | None) -> str:
        """The part of the asked scope that exists."""
        return " ".join(one for one in (scope or "openid").split() if one in SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether codes may go there: letter for letter."""
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, secret: str) -> bool:
        """Whether the page has shown its secret."""
        return hmac.compare_digest(secret.encode(), self.secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """By the secret, in the header or in the form."""
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        """Codes only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Codes only, no refresh tokens: a page asks again instead."""
        return grant_type == "authorization_code"


_ANALYSTS = frozenset({"administrator", "steward", "executive"})
_PAGES = (
    Client(
        "superset",
        Label("看板", "Dashboards"),
        "superset_port",
        "/oauth-authorized/hub",
        _ANALYSTS | {"finance", "planner"},
        home="/superset/dashboard/overview/",
    ),
    Client("jupyterlab", Label("笔记本", "Notebooks"), "jupyter_port", "/hub-sign-in", _ANALYSTS, home="/lab"),
    Client(
        "dagster",
        Label("数据管道", "Pipelines"),
        "dagster_port",
        "/hub-sign-in",
        frozenset({"administrator", "steward"}),
    ),
)


def clients(chosen: Settings, host: str | None = None) -> dict[str, Client]:
    """The pages by client id, as a browser sees them that reached the hub by the name `host`."""
    secrets = SecretStore(chosen.secrets_file)
    return {
        page.client_id: replace(
            page,
            origin=origin(chosen, getattr(chosen, page.port_setting), host),
            secret=secrets.get(client_secret(page.client_id)),
        )
        for page in _PAGES
    }


def client_secret(client_id: str) -> str:
    """Under which name the secret store keeps a client's secret."""
    return f"openid_{client_id}"


def origin(chosen: Settings, port: int, host: str | None = None) -> str:
    """The origin at which a browser finds one of our ports; `host` is how it named this machine."""
    return origin_at(chosen.public_url, port, host or local_host(chosen))


def origin_at(public_url: str, port: int, host: str) -> str:
    """The same for a program that has no settings."""
    public = urlsplit(public_url)
    name = public.hostname or host
    return f"{public.scheme or 'http'}://{f'[{name}]' if ':' in name else name}:{port}"


def local_host(chosen: Settings) -> str:
    """The name by which programs on this machine reach its servers."""
    return "127.0.0.1" if chosen.host in {"0.0.0.0", "::"} else chosen.host  # noqa: S104 (compared, not bound)


def issuer(chosen: Settings) -> str:
    """The name under which the hub signs."""
    return chosen.public_url or origin(chosen, chosen.port)
