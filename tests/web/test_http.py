"""The hub over HTTP: health, who is asking, readings of collectors, and what bad input gets."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest
from sqlalchemy import text

from tests.web.conftest import PASSWORD, Served

READING = {"device": "EM-01", "metric": "energy.active.import", "value": "1.5", "quality": 0}


def batch(*minutes: int) -> dict[str, Any]:
    at = [f"2026-02-01T00:{minute:02}:00+08:00" for minute in minutes]
    return {"edge": "edge-1", "readings": [{**READING, "at": one} for one in at]}


def test_health_and_figures(served: Served) -> None:
    with served.client() as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").json() == {"status": "ready"}
        assert 'hub_http_requests_total{area="healthz"' in client.get("/metrics").text


def test_a_wrong_token_is_401_everywhere(served: Served) -> None:
    with served.client() as client:
        for path in ("/graphql", "/edge/readings"):
            answer = client.post(path, json={"query": "{ __typename }"}, headers={"Authorization": "Bearer nonsense"})
            assert answer.status_code == 401
            assert answer.json()["errors"][0]["extensions"]["code"] == "TOKEN_INVALID"


def test_readings_need_the_collectors_right(served: Served) -> None:
    with served.client() as client:
        assert client.post("/edge/readings", json=batch(1)).status_code == 401
    with served.client("buyer") as client:
        assert client.post("/edge/readings", json=batch(1)).status_code == 403


def test_readings_are_acknowledged_when_they_are_stored(served: Served) -> None:
    with served.client("meter") as client:
        first = client.post("/edge/readings", json=batch(1, 2, 3)).json()
        packed = gzip.compress(json.dumps(batch(3, 4)).encode())
        second = client.post("/edge/readings", content=packed, headers={"Content-Encoding": "gzip"}).json()
    assert (first["accepted"], first["duplicates"]) == (3, 0)
    assert (second["accepted"], second["duplicates"]) == (1, 1)
    with served.engine.connect() as connection:
        stored = """SELECT count(*), sum(value) FROM hub.reading r JOIN hub.energy_meter m ON m.id = r.meter_id
          WHERE m.code = :meter"""
        found = connection.execute(text(stored), {"meter": READING["device"]}).one()
    assert tuple(found) == (4, 6)


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"no json", {}, 400),
        (b"[]", {}, 400),
        (b'{"edge": 5, "readings": []}', {}, 400),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(b" " * 9_000_000), {"Content-Encoding": "gzip"}, 413),
        (json.dumps({"edge": "e", "readings": [0] * 10_001}).encode(), {}, 413),
        (b" " * 8_000_001, {}, 413),
    ],
)
def test_a_bad_batch_is_refused_with_a_sentence(
    served: Served, body: bytes, headers: dict[str, str], status: int
) -> None:
    with served.client("meter") as client:
        answer = client.post("/edge/readings", content=body, headers=headers)
        assert answer.status_code == status
        assert answer.json()["message"]
        assert client.get("/healthz").status_code == 200


def test_graphql_over_http(served: Served) -> None:
    query = '{ me { code } energyMeters(where: {code: {eq: "EM-01"}}) { nodes { code } } }'
    with served.client("admin") as client:
        answer = client.post("/graphql", json={"query": query})
    assert answer.json()["data"] == {"me": {"code": "admin"}, "energyMeters": {"nodes": [{"code": "EM-01"}]}}


def test_graphiql_is_served_without_the_internet(served: Served) -> None:
    with served.client("admin") as client:
        page = client.get("/graphql", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "https://" not in page.text.replace("https://github.com", "")


def test_signing_in_by_the_browser(served: Served) -> None:
    with served.client() as client:
        assert client.get("/", follow_redirects=False).status_code == 303
        form = {"username": "admin", "password": PASSWORD}
        assert client.post("/login", data=form).status_code == 403, "a foreign page must not sign anybody in"
        token = re.search(r'name="([^"]*csrf[^"]*)" value="([^"]+)"', client.get("/login").text)
        assert token is not None
        client.post("/login", data={**form, token[1]: token[2]})
        assert "用户admin" in client.get("/").text
        assert client.post("/graphql", json={"query": "{ me { code } }"}).json()["data"]["me"]["code"] == "admin"


def test_reads_and_writes_go_on_when_every_connection_was_broken(served: Served) -> None:
    """As after a restart of PostgreSQL: nobody sees an error."""
    ended = text(
        "SELECT count(pg_terminate_backend(pid, 9999)) FROM pg_stat_activity WHERE application_name LIKE :name"
    )
    with served.client("admin") as client, served.client("meter") as meter:
        for name in ("hub-read%", "hub"):
            with served.engine.connect() as connection:
                assert connection.execute(ended, {"name": name}).scalar_one() > 0
            me = client.post("/graphql", json={"query": "{ me { code } }"}).json()
            assert me["data"] == {"me": {"code": "admin"}}
            assert client.post("/graphql", json={"query": "{ energyMeters { totalCount } }"}).json()["data"]
            assert meter.post("/edge/readings", json=batch(9)).status_code == 200
            assert client.get("/readyz").status_code == 200
