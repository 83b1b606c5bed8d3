"""The endpoint itself: media types, status codes, GraphiQL without internet, subscriptions over a WebSocket."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from hub.identity import issue_token
from hub.web.app import create_app
from hub.writes import create, run_step, unit_of_work, update
from tests.reading.conftest import Factory

LISTENING = """SELECT count(*) FROM pg_stat_activity
WHERE application_name = 'hub-live' AND datname = :name AND state = 'idle' AND query LIKE 'LISTEN%'"""
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


@contextmanager
def _opened(client: TestClient, token: str | None) -> Iterator[WebSocketTestSession]:
    """A socket that has introduced itself."""
    with client.websocket_connect("/graphql", subprotocols=["graphql-transport-ws"]) as socket:
        payload = {"authorization": f"Bearer {token}"} if token else {}
        socket.send_json({"type": "connection_init", "payload": payload})
        yield socket


def _wait_until_listening(factory: Factory) -> None:
    """A subscription hears what is committed after its LISTEN; the protocol does not tell when that is."""
    for _ in range(200):
        with factory.database.engine.connect() as connection:
            if connection.execute(text(LISTENING), {"name": factory.database.name}).scalar_one():
                return
        time.sleep(0.05)
    raise AssertionError("nobody listens")


@pytest.mark.timeout(60)
def test_changes_arrive_over_the_socket(client: TestClient, token: str, factory: Factory) -> None:
    with _opened(client, token) as socket:
        assert socket.receive_json() == {"type": "connection_ack"}
        followed = """subscription {
          documentChanged(type: "SalesOrder") { type event id document { ... on SalesOrder { note } } }
        }"""
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": followed}})
        socket.send_json({"id": "2", "type": "subscribe", "payload": {"query": "{ me { code } }"}})
        first = socket.receive_json()
        assert (first["id"], first["type"], first["payload"]["data"]) == ("2", "next", {"me": {"code": "sally"}})
        assert socket.receive_json() == {"id": "2", "type": "complete"}
        socket.send_json({"type": "ping"})
        assert socket.receive_json() == {"type": "pong"}
        _wait_until_listening(factory)
        for viewer, company, note in ((factory.stranger, "C-B", "theirs"), (factory.viewer, "C-A", "ours")):
            with unit_of_work(factory.database.engine, viewer, "tests") as ctx:
                update(ctx, "SalesOrder", factory.ids[f"{company} SO5"], {"note": note})
        with unit_of_work(factory.database.engine, factory.viewer, "tests") as ctx:
            run_step(ctx, "SalesOrder", factory.ids["C-A SO5"], "submit")
        heard = [socket.receive_json()["payload"]["data"]["documentChanged"] for _ in range(2)]
        shared = {"type": "SalesOrder", "id": str(factory.ids["C-A SO5"]), "document": {"note": "ours"}}
        assert heard == [shared | {"event": "SalesOrder.update"}, shared | {"event": "SalesOrder.submit"}]
        socket.send_json({"id": "1", "type": "complete"})


@pytest.mark.timeout(60)
def test_a_subscription_that_may_not_be_is_an_error(client: TestClient, token: str) -> None:
    with _opened(client, token) as socket:
        socket.receive_json()
        for query, code in (
            ('subscription { documentChanged(type: "SyncRun") { id } }', "FORBIDDEN"),
            ('subscription { documentChanged(type: "Nothing") { id } }', "TYPE_UNKNOWN"),
            ('subscription { documentChanged(type: "SalesOrder") { colour } }', "GRAPHQL_VALIDATION_FAILED"),
        ):
            socket.send_json({"id": code, "type": "subscribe", "payload": {"query": query}})
            message = socket.receive_json()
            assert (message["id"], message["type"]) == (code, "error")
            assert message["payload"][0]["extensions"]["code"] == code


@pytest.mark.timeout(60)
def test_sockets_of_strangers_and_wrong_messages_are_closed(client: TestClient, token: str) -> None:
    for token_, sent, code in (
        (None, None, 4403),
        ("wrong", None, 4403),
        (token, {"type": "surprise"}, 4400),
        (token, {"type": "connection_init"}, 4429),
    ):
        with _opened(client, token_) as socket:
            if sent is not None:
                socket.receive_json()
                socket.send_text(json.dumps(sent))
            with pytest.raises(WebSocketDisconnect) as closed:
                socket.receive_json()
            assert closed.value.code == code


def test_a_wrong_token_in_the_handshake_closes_the_socket(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        client.websocket_connect("/graphql", headers=_headers("wrong"), subprotocols=["graphql-transport-ws"]),
    ):
        pass
    assert closed.value.code == 4403
