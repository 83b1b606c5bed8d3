"""The endpoint itself: media types, status codes, GraphiQL without internet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from hub.identity import issue_token
from hub.web.app import create_app
from hub.writes import create, unit_of_work
from tests.reading.conftest import Factory

ME = {"query": "{ me { code roles companyId } }"}


@pytest.fixture(scope="module")
def token(factory: Factory) -> str:
    """A bearer token of a user who sees every order."""
    with unit_of_work(factory.database.engine, factory.viewer, "tests") as ctx:
        create(ctx, "User", {"code": "sally", "name": "Sally", "roles": ["planner"]})
    with Session(factory.database.engine) as session, session.begin():
        return issue_token(session, "sally", purpose="tests")


@pytest.fixture(scope="module")
def client(factory: Factory) -> Iterator[TestClient]:
    """The whole application."""
    with TestClient(create_app(), follow_redirects=False) as client:
        yield client


def _headers(token: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", **more}


def test_a_request_with_a_token(client: TestClient, token: str, factory: Factory) -> None:
    response = client.post("/graphql", json=ME, headers=_headers(token))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.json()["data"]["me"] == {
        "code": "sally",
        "roles": ["planner"],
        "companyId": str(factory.ids["C-A"]),
    }


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"query": 1}', "application/json", 400),
        (b'{"query": "{ me { code } }", "variables": []}', "application/json", 400),
        (b'{"query": "{ me { code } }", "operationName": 1}', "application/json", 400),
        (b'{"query": "{ me { code } }", "extensions": 1}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"x" * 2_100_000, "application/json", 413),
        (b'{"query": "{ me { code } }"}', "text/plain", 415),
        (b"query=1", "application/x-www-form-urlencoded", 415),
    ],
)
def test_what_is_no_graphql_request(client: TestClient, token: str, content: bytes, media: str, status: int) -> None:
    response = client.post("/graphql", content=content, headers=_headers(token, **{"Content-Type": media}))
    assert response.status_code == status
    assert response.json()["errors"][0]["message"]


def test_nobody_is_answered_with_401(client: TestClient, token: str) -> None:
    assert client.post("/graphql", json=ME).status_code == 401
    wrong = client.post("/graphql", json=ME, headers=_headers("wrong"))
    assert wrong.status_code == 401
    assert wrong.json()["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"


def test_the_specifications_media_type_tells_by_status(client: TestClient, token: str) -> None:
    accept = {"Accept": "application/graphql-response+json"}
    good = client.post("/graphql", json=ME, headers=_headers(token, **accept))
    assert (good.status_code, good.headers["content-type"].split(";")[0]) == (200, accept["Accept"])
    bad = client.post("/graphql", json={"query": "{ nothing }"}, headers=_headers(token, **accept))
    assert bad.status_code == 400


def test_graphiql_needs_no_internet(client: TestClient, token: str) -> None:
    page = client.get("/graphql", headers=_headers(token))
    assert page.status_code == 200
    assert "https://" not in page.text
    for name in (
        "graphiql.min.js",
        "graphiql.min.css",
        "react.production.min.js",
        "react-dom.production.min.js",
        "start.js",
    ):
        assert f"/graphql/assets/{name}" in page.text
        assert client.get(f"/graphql/assets/{name}").status_code == 200
    assert client.get("/graphql").status_code == 303  # to the sign-in page


def test_introspection_as_graphiql_asks_it(client: TestClient, token: str) -> None:
    from graphql import build_client_schema, get_introspection_query

    answer = client.post("/graphql", json={"query": get_introspection_query()}, headers=_headers(token)).json()
    assert "errors" not in answer
    assert "SalesOrder" in build_client_schema(answer["data"]).type_map
