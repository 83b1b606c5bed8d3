"""Schemathesis against a running hub: requests made from the schema, queries and mutations, by several users.

Whatever comes: no 5xx, no fault of ours behind a masked error, no inside of ours told, no row of another company.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

import graph_schema
from tests.conformance.conftest import MARK, USERS, Target

INSIDES = ("traceback", "psycopg", "sqlalchemy", "select ", "site-packages", "graph_schema", "/hub/", '"internal"')

_decimals = st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str) | st.text(max_size=8)
schemathesis.graphql.scalar("Decimal", _decimals.map(nodes.String))
schemathesis.graphql.scalar("JSON", st.text(max_size=5).map(nodes.String) | st.integers().map(nodes.Int))
schemathesis.graphql.scalar("CustomFieldKey", st.sampled_from(["colour", "", "x y"]).map(nodes.String))
SCHEMA = schemathesis.graphql.from_path(Path(graph_schema.__file__).with_name("schema.graphql"))
OPERATIONS = [SCHEMA[root][name] for root in ("Query", "Mutation") for name in SCHEMA[root]]


@pytest.mark.timeout(3_000)
def test_nothing_that_fits_the_schema_breaks_the_hub(target: Target, proof_count: Callable[[int, int], int]) -> None:
    requests = st.sampled_from(OPERATIONS).flatmap(lambda operation: operation.as_strategy())
    clients = {user: target.client(user) for user in USERS}

    @settings(
        max_examples=proof_count(60, 5_000),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(requests, st.sampled_from(sorted(USERS)))
    def ask(case: schemathesis.Case[Any], user: str) -> None:
        answer = clients[user].post("/graphql", json={"query": case.body})
        assert answer.status_code < 500, answer.text
        assert set(answer.json()) <= {"data", "errors", "extensions"}
        told = answer.text.lower()
        assert not [inside for inside in INSIDES if inside in told], answer.text[:2_000]
        assert MARK not in told, "a text of another company"

    ask()
    for client in clients.values():
        assert client.get("/healthz").status_code == 200
        client.close()
    assert "Traceback" not in target.log.read_text(encoding="utf-8")
