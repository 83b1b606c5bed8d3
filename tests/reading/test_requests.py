"""How a request may come: GET, batches, from whose page; what partners may spend; who may ask for the schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from graph_schema.cost import NEW_DOCUMENT
from hub import identity
from hub.settings import Settings
from hub.web.app import create_app
from hub.web.quota import Quotas
from hub.writes import create, unit_of_work
from tests.reading.conftest import Factory

PASSWORD = "correct horse battery"
SPECIFIED = {"Accept": "application/graphql-response+json"}
INTROSPECTION = "{ __schema { queryType { name } } }"
Tokens = dict[str, str]


@pytest.fixture(scope="module")
def tokens(factory: Factory) -> Tokens:
    """Tokens of an administrator, a buyer and a partner."""
    users = {"ada": "administrator", "bert": "purchasing", "paul": "partner"}
    with unit_of_work(factory.database.engine, factory.viewer, "tests") as ctx:
        for code, role in users.items():
            user = create(ctx, "User", {"code": code, "name": code, "roles": [role]})
            user.password_hash = identity.hash_password(PASSWORD)
    with Session(factory.database.engine) as session, session.begin():
        return {code: identity.issue_token(session, code, purpose="tests") for code in users}


@contextmanager
def hub(**chosen: Any) -> Iterator[TestClient]:
    """The application with other settings."""
    with TestClient(create_app(Settings(**chosen)), follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def client(factory: Factory) -> Iterator[TestClient]:
    """The application as it is set up."""
    with hub() as client:
        yield client


def bearer(tokens: Tokens, user: str = "ada") -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens[user]}"}


def code_of(answer: httpx.Response | dict[str, Any]) -> str:
    content = answer if isinstance(answer, dict) else answer.json()
    assert "data" not in content
    found: str = content["errors"][0]["extensions"]["code"]
    return found


# -- GET ---------------------------------------------------------------------------------------------------------------


def test_a_query_by_get(client: TestClient, tokens: Tokens) -> None:
    asked = {"query": "query A($code: String) { customer(code: $code) { code } }", "variables": '{"code": "K1"}'}
    answer = client.get("/graphql", params=asked, headers=bearer(tokens))
    assert (answer.status_code, answer.json()["data"]) == (200, {"customer": {"code": "K1"}})
    assert client.get("/graphql", params=asked).status_code == 401


def test_get_changes_nothing(client: TestClient, tokens: Tokens) -> None:
    asked = {"query": 'mutation { createCustomer(input: {code: "BY-GET", name: "x"}) { customer { code } } }'}
    answer = client.get("/graphql", params=asked, headers=bearer(tokens))
    assert (answer.status_code, answer.headers["allow"], code_of(answer)) == (405, "POST", "MUTATION_OVER_GET")
    found = client.post("/graphql", json={"query": '{ customer(code: "BY-GET") { code } }'}, headers=bearer(tokens))
    assert found.json()["data"] == {"customer": None}


@pytest.mark.parametrize("asked", [{"query": "{ me { code } }", "variables": "{"}, {"extensions": "[]"}])
def test_a_get_that_cannot_be_read(client: TestClient, tokens: Tokens, asked: dict[str, str]) -> None:
    answer = client.get("/graphql", params=asked, headers=bearer(tokens))
    assert (answer.status_code, code_of(answer)) == (400, "BAD_REQUEST")


def test_a_browser_sees_graphiql(client: TestClient, tokens: Tokens) -> None:
    headers = {**bearer(tokens), "Accept": "text/html,*/*"}
    assert "graphiql" in client.get("/graphql", params={"query": "{ me { code } }"}, headers=headers).text


# -- batches -----------------------------------------------------------------------------------------------------------


def test_a_batch_is_answered_in_order_and_each_fails_alone(client: TestClient, tokens: Tokens) -> None:
    batch = [
        {"query": "{ me { code } }"},
        {"query": "{ nothing }"},
        {"variables": {}},
        {"query": "query A($c: String) { customer(code: $c) { code } }", "variables": {"c": "K2"}},
        7,
    ]
    answer = client.post("/graphql", json=batch, headers=bearer(tokens))
    assert answer.status_code == 200
    found = answer.json()
    assert [one.get("data") for one in found] == [
        {"me": {"code": "ada"}}, None, None, {"customer": {"code": "K2"}}, None,
    ]  # fmt: skip
    codes = [code_of(found[index]) for index in (1, 2, 4)]
    assert codes == ["GRAPHQL_VALIDATION_FAILED", "BAD_REQUEST", "BAD_REQUEST"]


@pytest.mark.parametrize("size", [0, 21])
def test_the_size_of_a_batch_is_limited(client: TestClient, tokens: Tokens, size: int) -> None:
    answer = client.post("/graphql", json=[{"query": "{ me { code } }"}] * size, headers=bearer(tokens))
    assert (answer.status_code, code_of(answer)) == (400, "BATCH_SIZE")


def test_the_cost_of_a_batch_has_one_limit(tokens: Tokens, factory: Factory) -> None:
    batch = [{"query": "{ salesOrders(first: 40) { nodes { number } } }"}] * 3
    with hub(cost_limit=100) as client:
        found = client.post("/graphql", json=batch, headers=bearer(tokens)).json()
    assert ["data" in one for one in found] == [True, True, False]
    assert code_of(found[2]) == "COST_EXCEEDED"
    assert found[2]["extensions"]["cost"] == {"requested": 123, "limit": 100}


# -- whose page --------------------------------------------------------------------------------------------------------


def test_a_cookie_serves_only_our_own_pages(tokens: Tokens, factory: Factory) -> None:
    cases: list[tuple[dict[str, str], int]] = [
        ({}, 200),  # no browser: browsers name their origin with every POST
        ({"Origin": "http://testserver"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ]
    ask = {"query": "{ me { code } }"}
    with hub() as client:
        name, value = re.findall(r'name="([^"]*csrf[^"]*)" value="([^"]+)"', client.get("/login").text)[0]
        client.post("/login", data={"username": "ada", "password": PASSWORD, name: value})
        for headers, status in cases:
            for answer in (
                client.post("/graphql", json=ask, headers=headers),
                client.get("/graphql", params=ask, headers=headers),
            ):
                assert answer.status_code == status, (headers, answer.text)
                assert status == 200 or code_of(answer) == "FOREIGN_ORIGIN"
            by_token = client.post("/graphql", json=ask, headers={**headers, **bearer(tokens)})
            assert by_token.status_code == 200, "a token is no cookie: no page has it unless it was given"


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_form_can_send_is_not_answered(client: TestClient, tokens: Tokens, media: str) -> None:
    headers = {**bearer(tokens), **({"Content-Type": media} if media else {})}
    assert client.post("/graphql", content=b'{"query": "{ me { code } }"}', headers=headers).status_code == 415


@pytest.mark.parametrize(
    ("charset", "status"), [("utf-8", 200), ('"UTF-8"', 200), ("utf8", 200), ("utf-16", 415), ("latin-1", 415)]
)
def test_the_charset_is_utf_8(client: TestClient, tokens: Tokens, charset: str, status: int) -> None:
    headers = {**bearer(tokens), "Content-Type": f"application/json; charset={charset}"}
    answer = client.post("/graphql", content=b'{"query": "{ me { code } }"}', headers=headers)
    assert answer.status_code == status


# -- quota -------------------------------------------------------------------------------------------------------------


def test_a_partner_waits_when_the_quota_is_used_up(tokens: Tokens, factory: Factory) -> None:
    ask = {"query": "{ customers(first: 10) { nodes { code } } }"}
    with hub(partner_quota_per_minute=6_000) as client:
        first = client.post("/graphql", json=ask, headers=bearer(tokens, "paul"))
        assert first.headers["ratelimit-policy"] == '"cost";q=6000;w=60'
        left = int(re.findall(r'"cost";r=(\d+)', first.headers["ratelimit"])[0])
        assert left < 6_000 - 11 - NEW_DOCUMENT, "a document that nobody sent before is an effort of its own"
        again = client.post("/graphql", json=ask, headers=bearer(tokens, "paul"))
        assert int(re.findall(r'"cost";r=(\d+)', again.headers["ratelimit"])[0]) >= left - 11
        new = [{**ask, "query": f"{{ c{n}: customers {{ nodes {{ code name city }} }} }}"} for n in range(12)]
        answers = [client.post("/graphql", json=one, headers=bearer(tokens, "paul")) for one in new]
        assert {answer.status_code for answer in answers} == {200, 429}
        refused = answers[-1]
        assert code_of(refused) == "QUOTA_EXCEEDED"
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert client.get("/graphql", params=ask, headers=bearer(tokens, "paul")).status_code == 429
        assert client.post("/graphql", json=ask, headers=bearer(tokens, "bert")).status_code == 200, "others go on"


def test_a_bucket_fills_steadily(factory: Factory) -> None:
    now = [0.0]
    quotas = Quotas(Settings(quota_per_minute=60), clock=lambda: now[0])
    quotas.spend(factory.viewer, 90)
    assert quotas.wait(factory.viewer) == pytest.approx(31.0)
    now[0] += 15
    assert quotas.wait(factory.viewer) == pytest.approx(16.0)
    now[0] += 16.1
    assert quotas.wait(factory.viewer) == 0
    now[0] += 3_600
    assert quotas.headers(factory.viewer)["RateLimit"] == '"cost";r=60;t=60', "it never holds more than a minute's"
    assert Quotas(Settings(quota_per_minute=0)).wait(factory.viewer) == 0


# -- introspection -----------------------------------------------------------------------------------------------------


def ask(client: TestClient, tokens: Tokens, user: str, query: str) -> dict[str, Any]:
    """A user's answer."""
    found: dict[str, Any] = client.post("/graphql", json={"query": query}, headers=bearer(tokens, user)).json()
    return found


@pytest.mark.parametrize(
    ("policy", "who"),
    [("signed_in", "ada bert paul"), ("staff", "ada bert"), ("administrators", "ada"), ("nobody", "")],
)
def test_who_may_ask_for_the_schema(tokens: Tokens, factory: Factory, policy: str, who: str) -> None:
    with hub(introspection=policy) as client:
        for user in tokens:
            assert ask(client, tokens, user, "{ __typename me { __typename } }")["data"]["__typename"] == "Query"
            wrong = ask(client, tokens, user, "{ customers { nodes { nam } } }")
            by_variable = ask(
                client,
                tokens,
                user,
                'query A($w: CustomerWhere = {nam: {eq: "x"}}) { customers(where: $w) { totalCount } }',
            )
            if user in who.split():
                assert ask(client, tokens, user, INTROSPECTION)["data"]["__schema"]["queryType"]["name"] == "Query"
                assert "Did you mean" in wrong["errors"][0]["message"]
                continue
            for query in (
                INTROSPECTION,
                '{ __type(name: "Customer") { name } }',
                "{ ...F } fragment F on Query { s: __schema { types { name } } }",
            ):
                assert code_of(ask(client, tokens, user, query)) == "INTROSPECTION_CLOSED"
            for answer in (wrong, by_variable):
                assert code_of(answer) == "GRAPHQL_VALIDATION_FAILED"
                assert "Customer" not in json.dumps(answer)
                assert "name" not in json.dumps(answer)


def test_whoever_may_not_know_the_schema_sees_only_types_they_may_read(tokens: Tokens, factory: Factory) -> None:
    query = "{ documentTypes { name fields { name readable target } } }"
    with hub(introspection="nobody") as client:
        seen = {user: ask(client, tokens, user, query)["data"]["documentTypes"] for user in ("ada", "paul")}
    names = {user: {one["name"] for one in found} for user, found in seen.items()}
    assert {"Customer"} < names["paul"] < names["ada"]
    for one in seen["paul"]:
        for field in one["fields"]:
            assert field["readable"]
            assert field["target"] is None or field["target"] in names["paul"]
