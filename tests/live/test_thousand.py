"""A thousand subscriptions on one process: each hears what it follows, and an open one costs next to nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.live.conftest import Works

PER_SOCKET = 10
ONE = 'subscription ($id: ID) { documentChanged(type: "SalesOrder", id: $id) { kind id } }'
LIVE = "subscription { items { totalCount } }"
CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'hub%'"
)
FLUSHED_SECONDS = 11
"""An idle PostgreSQL session tells what it has counted within ten seconds; sooner, a scan may be missing."""
SCANS = (
    "SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relid = 'hub.item'::regclass"
)


@pytest.mark.timeout(300)
def test_each_follower_hears_its_document_only(hub: str, works: Works, proof_count: Callable[[int, int], int]) -> None:
    """Half follow a document each, half one live query of another table, which is not run again."""
    sockets = proof_count(10, 100)
    ids = [str(works.order()) for _ in range(sockets)]

    async def main() -> None:
        opened = await asyncio.gather(*[_open(hub, works, id_) for id_ in ids])
        await asyncio.sleep(FLUSHED_SECONDS)
        before = _one(works, SCANS)
        await asyncio.to_thread(works.note, ids[3], "nur du")  # type: ignore[arg-type]  # the text of an id will do
        heard = [await _next(opened[3]) for _ in range(PER_SOCKET // 2)]
        assert {one["payload"]["data"]["documentChanged"]["id"] for one in heard} == {ids[3]}
        await asyncio.sleep(1)
        for index, one in enumerate(opened):
            with pytest.raises(TimeoutError):
                raise AssertionError((index, await asyncio.wait_for(one.recv(), 0.01)))
        await asyncio.sleep(FLUSHED_SECONDS)
        assert _one(works, SCANS) == before
        assert _one(works, CONNECTIONS) <= 16 + 8 + 1 + 2
        await asyncio.gather(*[one.close() for one in opened])

    asyncio.run(main())


async def _open(hub: str, works: Works, id_: str) -> ClientConnection:
    """A socket with all its subscriptions, each of which has answered."""
    address = hub.replace("http", "ws") + "/graphql"
    connection = await connect(address, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None, open_timeout=60)
    token = works.tokens["sally"]
    await connection.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
    await _next(connection)
    for number in range(PER_SOCKET):
        payload: dict[str, Any] = {"query": ONE, "variables": {"id": id_}} if number % 2 else {"query": LIVE}
        await connection.send(json.dumps({"id": str(number), "type": "subscribe", "payload": payload}))
    for _ in range(PER_SOCKET):
        assert (await _next(connection))["type"] == "next"
    return connection


async def _next(connection: ClientConnection) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = json.loads(await asyncio.wait_for(connection.recv(), 60))
        if message["type"] != "ping":
            return message


def _one(works: Works, query: str) -> int:
    with works.database.engine.connect() as connection:
        found: int = connection.execute(text(query)).scalar_one()
        return found
