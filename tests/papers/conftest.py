"""The rights tests' company in a database of these tests, with its users' tokens over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from hub.db.embedded import EmbeddedServer
from hub.identity import issue_token
from hub.settings import Settings, settings
from hub.web.app import create_app
from tests.conftest import Database, copy_of_template
from tests.rights.conftest import Plant, plant

__all__ = ["plant"]


class Desk:
    """What somebody can do with files over HTTP and with comments over GraphQL."""

    def __init__(self, plant: Plant, client: TestClient) -> None:
        self.plant, self.client = plant, client
        self._tokens: dict[str, str] = {}

    def headers(self, login: str) -> dict[str, str]:
        """A user's token."""
        if login not in self._tokens:
            with Session(self.plant.engine) as session, session.begin():
                self._tokens[login] = issue_token(session, f"r-{login}", purpose="papers")
        return {"Authorization": f"Bearer {self._tokens[login]}"}

    def upload(self, login: str, type_name: str, key: str, name: str, content: bytes) -> httpx.Response:
        """POST a content onto a document of the plant's, by its key there."""
        address = f"/files/{type_name}/{self.plant.ids.get(key, key)}?name={quote(name, safe='')}"
        answer: httpx.Response = self.client.post(address, content=content, headers=self.headers(login))
        return answer

    def download(self, login: str, id_: str, **headers: str) -> httpx.Response:
        """GET an attachment."""
        answer: httpx.Response = self.client.get(f"/files/{id_}", headers={**self.headers(login), **headers})
        return answer

    def act(self, login: str, name: str, arguments: str, selection: str = "") -> dict[str, Any]:
        """A mutation's payload: `act("south", "comment", 'documentType: "SalesOrder", …')`."""
        document = f"mutation {{ {name}({arguments}) {{ {selection} problems {{ code path message }} }} }}"
        found: dict[str, Any] = self.plant.data(self.plant.viewer(login), document)[name]
        return found

    def codes(self, login: str, name: str, arguments: str) -> list[str]:
        """The codes of a mutation's problems."""
        return [one["code"] for one in self.act(login, name, arguments)["problems"]]

    def on(self, key: str, type_name: str = "SalesOrder") -> str:
        """The arguments that name a document."""
        return f'documentType: "{type_name}", documentId: "{self.plant.ids[key]}"'


@pytest.fixture(scope="package")
def database(migrated_server: EmbeddedServer) -> Iterator[Database]:
    """A database for all tests here: the company of the rights' tests stands in the session's."""
    with copy_of_template(migrated_server) as copy:
        yield copy


@pytest.fixture(scope="package")
def chosen(database: Database) -> Settings:
    """The settings of an application over it."""
    return settings().model_copy(update={"database_url": database.url.render_as_string(hide_password=False)})


@pytest.fixture(scope="package")
def desk(plant: Plant, chosen: Settings) -> Iterator[Desk]:
    """The company over HTTP."""
    with TestClient(create_app(chosen), raise_server_exceptions=False) as client:
        yield Desk(plant, client)
