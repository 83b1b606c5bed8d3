"""Subscriptions over a WebSocket of a real hub: the protocol, who may, and how sockets end."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from hub.writes import run_step, unit_of_work
from tests.live.conftest import PATIENCE, Works
from tests.serving import serving

pytestmark = pytest.mark.timeout(120)
PROTOCOL = Subprotocol("graphql-transport-ws")
FOLLOWED = """subscription ($after: String) {
  documentChanged(type: "SalesOrder", after: $after) {
    kind type id event token document { ... on SalesOrder { note } }
  }
}"""


class Socket:
    """One end of a socket."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, **message: Any) -> None:
        """A message of the protocol."""
        self.connection.send(json.dumps(message))

    def next(self) -> dict[str, Any]:
        """The next message."""
        found: dict[str, Any] = json.loads(self.connection.recv(PATIENCE))
        return found

    def change(self) -> dict[str, Any]:
        """The change in the next message."""
        found: dict[str, Any] = self.next()["payload"]["data"]["documentChanged"]
        return found

    def closed(self) -> int:
        """The code with which the socket is closed."""
        with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 (whatever still comes before it)
            while True:
                self.next()
        assert closed.value.rcvd is not None, closed.value
        return closed.value.rcvd.code


@contextmanager
def opened(hub: str, token: str | None, *, acknowledged: bool = True) -> Iterator[Socket]:
    """A socket that has introduced itself."""
    with connect(hub.replace("http", "ws") + "/graphql", subprotocols=[PROTOCOL], proxy=None) as connection:
        socket = Socket(connection)
        socket.send(type="connection_init", payload={"authorization": f"Bearer {token}"} if token else {})
        if acknowledged:
            assert socket.next() == {"type": "connection_ack"}
        yield socket


def test_changes_arrive_beside_single_answers_and_resume(hub: str, works: Works) -> None:
    id_ = works.order()
    with opened(hub, works.tokens["sally"]) as socket:
        socket.send(id="1", type="subscribe", payload={"query": FOLLOWED})
        opening = socket.change()
        assert opening["kind"] == "OPENED"
        socket.send(id="2", type="subscribe", payload={"query": "{ me { code } }"})
        assert socket.next()["payload"]["data"] == {"me": {"code": "sally"}}
        assert socket.next() == {"id": "2", "type": "complete"}
        socket.send(type="ping")
        assert socket.next() == {"type": "pong"}
        works.order(works.stranger)
        works.note(id_, "ours")
        heard = socket.change()
        assert (heard["kind"], heard["id"], heard["document"]) == ("CHANGED", str(id_), {"note": "ours"})
        socket.send(id="1", type="complete")
    with unit_of_work(works.database.engine, works.viewer, "tests") as ctx:
        run_step(ctx, "SalesOrder", id_, "submit")
    with opened(hub, works.tokens["sally"]) as socket:
        socket.send(id="1", type="subscribe", payload={"query": FOLLOWED, "variables": {"after": heard["token"]}})
        assert socket.change()["kind"] == "OPENED"
        assert socket.change()["event"] == "SalesOrder.submit"


def test_a_subscription_that_may_not_be_is_an_error(hub: str, works: Works) -> None:
    with opened(hub, works.tokens["sally"]) as socket:
        for query, code in (
            ('subscription { documentChanged(type: "SyncRun") { id } }', "FORBIDDEN"),
            ('subscription { documentChanged(type: "Nothing") { id } }', "TYPE_UNKNOWN"),
            ('subscription { documentChanged(type: "SalesOrder") { colour } }', "GRAPHQL_VALIDATION_FAILED"),
            ('subscription { documentChanged(type: "SalesOrder", after: "x") { id } }', "RESUME_IMPOSSIBLE"),
            ("subscription { syncRuns { totalCount } }", "FORBIDDEN"),
            ("subscription { salesOrders(first: 5000) { totalCount } }", "PAGE_SIZE"),
            ("subscription { a: node(id: 1) { id } b: node(id: 1) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ):
            socket.send(id=query[:20], type="subscribe", payload={"query": query})
            message = socket.next()
            assert (message["id"], message["type"]) == (query[:20], "error")
            assert message["payload"][0]["extensions"]["code"] == code


def test_sockets_of_strangers_and_wrong_messages_are_closed(hub: str, works: Works) -> None:
    token = works.tokens["sally"]
    for token_, sent, code in (
        (None, None, 4403),
        ("wrong", None, 4403),
        (token, {"type": "surprise"}, 4400),
        (token, {"type": "connection_init"}, 4429),
        (token, {"type": "subscribe", "id": "1", "payload": {"query": 1}}, 4400),
    ):
        with opened(hub, token_, acknowledged=sent is not None) as socket:
            if sent is not None:
                socket.send(**sent)
            assert socket.closed() == code
    with pytest.raises(InvalidStatus):
        connect(
            hub.replace("http", "ws") + "/graphql",
            subprotocols=[PROTOCOL],
            additional_headers={"Authorization": "Bearer wrong"},
            proxy=None,
        )


def test_a_hub_that_ends_says_so(works: Works, tmp_path: Path) -> None:
    """Sockets are closed with 1001, streams completed; the hub does not wait for its readers."""
    with serving(works.database, tmp_path / "hub.log") as hub, opened(hub, works.tokens["sally"]) as socket:
        socket.send(id="1", type="subscribe", payload={"query": FOLLOWED})
        socket.change()
        headers = {"Authorization": f"Bearer {works.tokens['sally']}", "Accept": "text/event-stream"}
        with httpx.stream(
            "POST", f"{hub}/graphql", json={"query": FOLLOWED}, headers=headers, trust_env=False, timeout=PATIENCE
        ) as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("id: ")
            started = time.monotonic()
            os.kill(_pid(hub), signal.SIGTERM)
            assert socket.closed() == 1001
            assert [line for line in lines if line][-2:] == ["event: complete", "data:"]
            assert time.monotonic() - started < 10


def _pid(hub: str) -> int:
    """The process that serves an address."""
    port = hub.rsplit(":", 1)[1]
    return next(int(one.pid) for one in psutil.Process().children() if port in one.cmdline())
