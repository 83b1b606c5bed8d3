"""The hub is killed in the middle of writes: nothing acknowledged is lost, nothing is doubled after clients retry."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from hub.identity import issue_token
from hub.writes import create
from tests.conftest import Database
from tests.serving import free_port, launched
from tests.writing.conftest import Work

CLIENTS, PATIENCE = 4, 300.0
CREATE = """mutation C($input: CreateSalesOrderInput!, $key: String!) {
  createSalesOrder(input: $input, idempotencyKey: $key) { salesOrder { id number } problems { code } } }"""
CONFIRM = """mutation S($id: ID!, $key: String!) {
  confirmSalesOrder(id: $id, idempotencyKey: $key) { salesOrder { id number } problems { code } } }"""


class Clients:
    """Several clients that share a pile of work and ask each thing until they hear that it is done."""

    def __init__(self, url: str, token: str, writes: int) -> None:
        self._url, self._headers = f"{url}/graphql", {"Authorization": f"Bearer {token}"}
        self._waiting = list(range(writes))
        self.acknowledged: dict[str, str] = {}
        self.retries = 0
        self._lock = threading.Lock()
        self._until = time.monotonic() + PATIENCE
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Wait until all is acknowledged."""
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not self._waiting

    def _work(self) -> None:
        with httpx.Client(trust_env=False, timeout=30) as client:
            while True:
                with self._lock:
                    if not self._waiting:
                        return
                    number = self._waiting.pop()
                line = {"item": "I1", "quantity": "1", "unitPrice": "2"}
                body = {"customer": "K1", "note": f"n{number}", "promisedDate": "2026-12-01", "lines": [line] * 3}
                id_ = self._until_told(client, CREATE, {"input": body, "key": f"create {number}"})
                if number % 3 == 0:
                    assert self._until_told(client, CONFIRM, {"id": id_, "key": f"confirm {number}"}) == id_

    def _until_told(self, client: httpx.Client, document: str, variables: dict[str, Any]) -> str:
        while time.monotonic() < self._until:
            try:
                response = client.post(
                    self._url, json={"query": document, "variables": variables}, headers=self._headers
                )
                (payload,) = response.json()["data"].values()
                assert payload["problems"] == []
                id_: str = payload["salesOrder"]["id"]
                with self._lock:
                    self.acknowledged[variables["key"]] = id_
                return id_
            except (httpx.HTTPError, KeyError, ValueError, AttributeError):  # the hub is down, or going down
                with self._lock:
                    self.retries += 1
                time.sleep(0.1)
        pytest.fail("a write was never acknowledged")


def _kill(process: Any) -> None:
    """The hub's whole group at once, as a power cut would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)


def test_nothing_acknowledged_is_lost_and_nothing_doubled_when_the_hub_is_killed(
    work: Work,
    engine: Engine,
    fresh_database: Database,
    tmp_path: Path,
    proof_count: Callable[[int, int], int],
) -> None:
    writes, kills = proof_count(90, 1_000), proof_count(1, 3)
    with work() as ctx:
        create(ctx, "User", {"code": "boss", "name": "老板", "roles": ["administrator"]})
    with Session(engine) as session, session.begin():
        token = issue_token(session, "boss", purpose="tests")
    port, log = free_port(), tmp_path / "hub.log"
    process = launched(fresh_database, log, port)
    try:
        clients = Clients(f"http://127.0.0.1:{port}", token, writes)
        known: dict[str, str] = {}
        for kill in range(1, kills + 1):
            _until(lambda kill=kill: len(clients.acknowledged) >= kill * writes // (kills + 1))  # type: ignore[misc]
            _kill(process)
            known |= dict(clients.acknowledged)
            assert set(known.values()) <= _ids(engine), "acknowledged, and lost"
            process = launched(fresh_database, log, port)
        clients.finish()
    finally:
        with contextlib.suppress(ProcessLookupError):
            _kill(process)
    assert clients.retries >= kills, "the kills must have met requests on their way"
    assert {key: clients.acknowledged[key] for key in known} == known, "a later answer must not differ"
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id::text, note, number, state, version FROM hub.sales_order")).all()
        told = text("SELECT verb, count(*) FROM audit.audit_entry WHERE document_type = 'SalesOrder' GROUP BY 1")
        verbs = {row[0]: row[1] for row in connection.execute(told)}
        lines = connection.execute(text("SELECT count(*) FROM hub.sales_order_line")).scalar_one()
    assert {row.note for row in rows} == {f"n{number}" for number in range(writes)}
    assert len(rows) == len({row.number for row in rows}) == writes
    assert lines == 3 * writes
    confirmed = {row.note for row in rows if row.state == "confirmed"}
    assert confirmed == {f"n{number}" for number in range(0, writes, 3)}
    assert {row.version for row in rows if row.note in confirmed} == {2}
    assert verbs == {"create": writes, "confirm": len(confirmed)}


def _ids(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(text("SELECT id::text FROM hub.sales_order")).scalars())


def _until(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < until
        time.sleep(0.01)
