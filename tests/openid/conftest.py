"""A real hub with one user for every role that matters, and a browser session by HTTP."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from hub import identity, writes
from hub.context import system_viewer
from hub.db.embedded import EmbeddedServer
from hub.settings import Settings
from hub.web.openid.clients import Client, clients
from tests.conftest import Database, copy_of_template
from tests.serving import free_port, serving

PASSWORD = "correct horse battery"
PEOPLE = {
    "admin": ("王主管", ["administrator"], "zh"),
    "boss": ("沈总", ["executive"], "en"),
    "steward": ("石慧", ["steward", "workshop"], "zh"),
    "seller": ("李娜", ["sales"], "zh"),
}


@dataclass(frozen=True)
class Provider:
    """The running hub with its settings and database."""

    url: str
    settings: Settings
    database: Database

    @property
    def port(self) -> int:
        """The hub's port."""
        return self.settings.port

    def page(self, client_id: str) -> Client:
        """A page that signs in here."""
        return clients(self.settings)[client_id]


class Visitor:
    """A browser without a screen: its cookies, and the request that a page would make of it."""

    def __init__(self, provider: Provider, login: str | None = None) -> None:
        self.provider = provider
        self.http = httpx.Client(base_url=provider.url, timeout=30, trust_env=False)
        if login is not None:
            self.sign_in(login)

    def sign_in(self, login: str, onward: str = "/") -> httpx.Response:
        """Fill in the sign-in page."""
        page = self.http.get("/login", params={"next": onward})
        found = re.search(r'name="([^"]*csrf[^"]*)"[^>]*value="([^"]+)"', page.text)
        assert found, page.text
        form = {"username": login, "password": PASSWORD, found[1]: found[2]}
        return self.http.post("/login", params={"next": onward}, data=form)

    def sign_out(self) -> httpx.Response:
        """Press the workbench's button."""
        found = re.search(r'name="([^"]*csrf[^"]*)"[^>]*value="([^"]+)"', self.http.get("/").text)
        assert found
        return self.http.post("/logout", data={found[1]: found[2]})

    def ask(self, page: Client, verifier: str | None = None, **changed: str | None) -> httpx.Response:
        """What a page sends the browser with."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": page.client_id,
            "redirect_uri": page.redirect_uri,
            "scope": "openid profile email",
            "state": "the state",
            "nonce": "the nonce",
            "code_challenge": create_s256_code_challenge(verifier or generate_token(48)),
            "code_challenge_method": "S256",
            **changed,
        }
        params = {name: value for name, value in asked.items() if value is not None}
        return self.http.get("/oauth/authorize", params=params)

    def code(self, page: Client, verifier: str, **changed: str | None) -> str:
        """A code, given at once because somebody has signed in."""
        answer = self.ask(page, verifier, **changed)
        assert answer.status_code == 302, answer.text
        return answered(answer)["code"]


def answered(answer: httpx.Response) -> dict[str, str]:
    """What the page would be given."""
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def tell(database: Database) -> None:
    """A company and its people."""
    hashed = identity.hash_password(PASSWORD)
    with writes.unit_of_work(database.engine, system_viewer("test"), "test") as ctx:
        writes.load(ctx, "Company", [{"code": "C1", "name": "测试公司"}])
        rows = [
            {
                "code": code,
                "name": name,
                "roles": roles,
                "language": language,
                "email": f"{code}@factory.example",
                "password_hash": hashed,
            }
            for code, (name, roles, language) in PEOPLE.items()
        ]
        assert writes.load(ctx, "User", rows).problems == []


@pytest.fixture(scope="session")
def provider(migrated_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """The hub as its own process."""
    ports = {name: free_port() for name in ("port", "superset_port", "jupyter_port", "dagster_port")}
    log: Path = tmp_path_factory.mktemp("openid") / "hub.log"
    with copy_of_template(migrated_server, "hub_openid") as database:
        tell(database)
        with serving(database, log, **ports) as url:
            url_of_database = database.url.render_as_string(hide_password=False)
            chosen = Settings(database_url=url_of_database, **ports)  # type: ignore[arg-type]  # ports by name
            yield Provider(url, chosen, database)


@pytest.fixture(scope="session")
def sessions() -> dict[str, httpx.Cookies]:
    """The session that each login has begun: a password takes its time."""
    return {}


@pytest.fixture
def visitor(provider: Provider, sessions: dict[str, httpx.Cookies]) -> Iterator[Callable[..., Visitor]]:
    """`visitor("boss")` has signed in at the hub; `visitor()` has not. `fresh` begins a session that may be ended."""
    made: list[Visitor] = []

    def make(login: str | None = None, *, fresh: bool = False) -> Visitor:
        made.append(Visitor(provider, login if fresh or login not in sessions else None))
        if login is not None and not fresh:
            made[-1].http.cookies = sessions.setdefault(login, made[-1].http.cookies)
        return made[-1]

    yield make
    for one in made:
        one.http.close()
