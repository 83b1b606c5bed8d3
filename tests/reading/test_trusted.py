"""Registered documents: named by their hash, checked when they are registered, and the mode where nothing else runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from hub import identity, trusted_documents
from hub.cli import hub as command_line
from hub.trouble import Trouble
from hub.trusted_documents import hash_of, register
from hub.writes import create, unit_of_work
from tests.reading.conftest import Factory
from tests.reading.test_requests import hub

DOCUMENT = "query Mine($code: String) { customer(code: $code) { code } }"
OTHER = "{ me { code } }"
ID = f"sha256:{hash_of(DOCUMENT)}"
VARIABLES = {"code": "K1"}
FOUND = {"customer": {"code": "K1"}}


@pytest.fixture(scope="module")
def headers(factory: Factory) -> dict[str, str]:
    """The token of somebody who reads."""
    with unit_of_work(factory.database.engine, factory.viewer, "tests") as ctx:
        create(ctx, "User", {"code": "tess", "name": "Tess", "roles": ["sales"]})
    with Session(factory.database.engine) as session, session.begin():
        return {"Authorization": f"Bearer {identity.issue_token(session, 'tess', purpose='tests')}"}


@pytest.fixture(scope="module", params=[False, True], ids=["open", "trusted only"])
def client(request: pytest.FixtureRequest, factory: Factory) -> Iterator[TestClient]:
    """The application in both modes, with one document registered."""
    with Session(factory.database.engine) as session, session.begin():
        assert register(session, "Mine", DOCUMENT) == hash_of(DOCUMENT)
    with hub(trusted_documents_only=request.param) as client:
        yield client


@pytest.fixture
def only(client: TestClient) -> bool:
    """Whether nothing else runs."""
    found: bool = client.app.state.settings.trusted_documents_only  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize(
    "named",
    [
        {"documentId": ID},
        {"documentId": hash_of(DOCUMENT)},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(DOCUMENT)}}},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(DOCUMENT)}}, "query": DOCUMENT},
        {"query": DOCUMENT},
    ],
    ids=["documentId", "bare hash", "persistedQuery", "hash and text", "text"],
)
def test_a_registered_document_runs(client: TestClient, headers: dict[str, str], named: dict[str, Any]) -> None:
    for body in ({**named, "variables": VARIABLES}, [{**named, "variables": VARIABLES}]):
        answer = client.post("/graphql", json=body, headers=headers).json()
        assert (answer[0] if isinstance(answer, list) else answer)["data"] == FOUND


def test_a_registered_document_runs_by_get(client: TestClient, headers: dict[str, str]) -> None:
    asked = {"documentId": ID, "variables": '{"code": "K1"}'}
    assert client.get("/graphql", params=asked, headers=headers).json()["data"] == FOUND


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"documentId": "sha256:" + "0" * 64}, "PERSISTED_QUERY_NOT_FOUND"),
        ({"extensions": {"persistedQuery": {"sha256Hash": "0" * 64}}}, "PERSISTED_QUERY_NOT_FOUND"),
        ({"query": OTHER, "documentId": ID}, "HASH_MISMATCH"),
        ({"documentId": "md5:1"}, "BAD_REQUEST"),
        ({"documentId": 7}, "BAD_REQUEST"),
        ({"extensions": {"persistedQuery": 7}}, "BAD_REQUEST"),
        ({"extensions": {"persistedQuery": {}}}, "BAD_REQUEST"),
    ],
)
def test_what_is_not_registered_is_not_found(
    client: TestClient, headers: dict[str, str], body: dict[str, Any], code: str
) -> None:
    answer = client.post("/graphql", json=body, headers={**headers, "Accept": "application/graphql-response+json"})
    assert answer.status_code == 400
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == [code]


def test_no_request_registers_anything(client: TestClient, headers: dict[str, str], only: bool) -> None:
    """Apollo's clients answer "not found" by sending hash and text; here that registers nothing."""
    known = {"persistedQuery": {"version": 1, "sha256Hash": hash_of(OTHER)}}
    answer = client.post("/graphql", json={"query": OTHER, "extensions": known}, headers=headers).json()
    assert ("data" in answer) is not only
    again = client.post("/graphql", json={"extensions": known}, headers=headers).json()
    assert again["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


def test_nothing_else_runs_in_that_mode(client: TestClient, headers: dict[str, str], only: bool) -> None:
    """Neither by POST, GET, batch nor socket, whoever asks."""
    answers = [
        client.post("/graphql", json={"query": OTHER}, headers=headers).json(),
        client.get("/graphql", params={"query": OTHER}, headers=headers).json(),
        client.post("/graphql", json=[{"query": OTHER}], headers=headers).json()[0],
    ]
    with client.websocket_connect("/graphql", headers=headers, subprotocols=["graphql-transport-ws"]) as socket:
        socket.send_json({"type": "connection_init"})
        assert socket.receive_json() == {"type": "connection_ack"}
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": OTHER}})
        message = socket.receive_json()
        payload = message["payload"]
        answers.append({"errors": payload} if message["type"] == "error" else payload)
        while message["type"] == "next":
            message = socket.receive_json()
        socket.send_json({"id": "2", "type": "subscribe", "payload": {"documentId": ID, "variables": VARIABLES}})
        assert socket.receive_json()["payload"]["data"] == FOUND
    for answer in answers:
        if only:
            assert answer["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
        else:
            assert answer["data"] == {"me": {"code": "tess"}}


def test_a_removed_document_stops_within_seconds(
    client: TestClient, headers: dict[str, str], factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trusted_documents, "REMEMBERED_SECONDS", 0.0)
    text = "{ me { name } }"
    body = {"documentId": f"sha256:{hash_of(text)}"}
    with Session(factory.database.engine) as session, session.begin():
        register(session, "Short", text)
    assert client.post("/graphql", json=body, headers=headers).json()["data"] == {"me": {"name": "Tess"}}
    with Session(factory.database.engine) as session, session.begin():
        assert trusted_documents.remove(session, hash_of(text))
        assert not trusted_documents.remove(session, hash_of(text))
    answer = client.post("/graphql", json=body, headers=headers).json()
    assert answer["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


def command(*arguments: str) -> Result:
    """A command of the command line, in this process; what it complains of is the result's exception."""
    return CliRunner().invoke(command_line, list(arguments), standalone_mode=False)


def test_the_command_line_registers_what_is_valid(factory: Factory, tmp_path: Path) -> None:
    good, bad = tmp_path / "orders.graphql", tmp_path / "bad.graphql"
    good.write_text("query Orders { salesOrders { nodes { number } } }", encoding="utf-8")
    bad.write_text("query Bad { nothing }", encoding="utf-8")
    refused = command("documents", "register", str(good), str(bad))
    assert isinstance(refused.exception, Trouble)
    assert "bad" in refused.exception.en
    id_ = f"sha256:{hash_of(good.read_text(encoding='utf-8'))}"
    assert id_ not in command("documents", "list").stdout, "all or nothing"
    assert command("documents", "register", str(good)).stdout == f"{id_}  orders\n"
    assert id_ in command("documents", "list").stdout
    assert command("documents", "remove", id_).exception is None
    assert id_ not in command("documents", "list").stdout
    assert isinstance(command("documents", "remove", id_).exception, Trouble)


def test_the_command_line_explains_a_query(factory: Factory, tmp_path: Path) -> None:
    with unit_of_work(factory.database.engine, factory.viewer, "tests") as ctx:
        create(ctx, "User", {"code": "xena", "name": "Xena", "roles": ["sales"]})
    file = tmp_path / "orders.graphql"
    file.write_text("query A($n: Int) { salesOrders(first: $n) { nodes { number customer { name } } } }", "utf-8")
    done = command("explain", str(file), "--as", "xena", "--variables", '{"n": 7}')
    assert done.exception is None
    for part in ("selection", "salesOrders(first: ", "plan", "connection of SalesOrder", "cost 15 of 100000", "SELECT"):
        assert part in done.stdout
    file.write_text("{ nothing }", "utf-8")
    for arguments in (("--as", "xena"), ("--as", "nobody"), ("--as", "xena", "--variables", "[]")):
        assert isinstance(command("explain", str(file), *arguments).exception, Trouble)
