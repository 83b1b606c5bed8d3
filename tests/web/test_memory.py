"""Memory stays flat: known and new documents, errors of every kind, subscriptions opened and closed, for long.

A real server is asked over HTTP and WebSocket; what it holds is compared with what it held with full caches.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
from sqlalchemy.orm import Session
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from hub import identity, writes
from hub.context import system_viewer
from tests.conftest import Database
from tests.serving import free_port, serving

MEGABYTES = 12
"""What may be held more at the end than after the warm-up: fragments, and buffers that grew with the longest answer."""
AT_ONCE = 8
NEW_DOCUMENTS = 500
"""As many as the hub keeps."""

KNOWN = (
    "query C($code: String!) { customer(code: $code) { code name salesOrders(first: 3) { totalCount } } }",
    "query L($code: String!) { customers(where: {code: {ne: $code}}, first: 40) { nodes { id code name } } }",
    "query N($code: String!) { customers(where: {name: {contains: $code}}) { totalCount pageInfo { hasNextPage } } }",
)
WRONG: tuple[Callable[[int], Any], ...] = (
    lambda index: {"query": f"{{ customers {{ nodes {{ unknown{index} }} }} }}"},
    lambda index: {"query": f"{{ customers(first: 1) {{ nodes {{ code }} # {index}"},
    lambda index: {"query": KNOWN[0], "variables": {"code": index}},
    lambda index: {"query": f'{{ customers(after: "{index}") {{ nodes {{ code }} }} }}'},
    lambda index: {"query": "{ documentTypes { name } }", "operationName": f"Nobody{index}"},
    lambda index: {"documentId": f"sha256:{index:064x}"},
    lambda index: [],
)
PROTOCOL = Subprotocol("graphql-transport-ws")
SUBSCRIPTION = 'subscription { documentChanged(type: "Customer") { id } }'


async def _ask(client: httpx.AsyncClient, index: int, token: str) -> None:
    """One request: mostly a known document with other values, now and then something else."""
    headers = {"Authorization": f"Bearer {token}"}
    if index % 50 == 1:
        body: Any = {"query": f"{{ customers(first: 2) {{ nodes {{ field{index}: code }} }} }}"}
    elif index % 10 == 2:
        body = WRONG[index // 10 % len(WRONG)](index)
    else:
        body = {"query": KNOWN[index % len(KNOWN)], "variables": {"code": f"K{index % 50}"}}
    if index % 97 == 0:
        headers = {"Authorization": f"Bearer wrong{index}"}
    method = f"ODD{index}" if index % 101 == 0 else "POST"
    answer = await client.request(method, "/graphql", json=body, headers=headers)
    assert answer.status_code < 500, answer.text


async def _follow(url: str, token: str) -> None:
    """A subscription, opened and closed."""
    address = url.replace("http", "ws") + "/graphql"
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(address, subprotocols=[PROTOCOL], additional_headers=headers, proxy=None) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": SUBSCRIPTION}}))
        await socket.send(json.dumps({"id": "1", "type": "complete"}))


async def _run(url: str, token: str, indexes: range) -> None:
    waiting = iter(indexes)

    async def worker(client: httpx.AsyncClient) -> None:
        for index in waiting:
            await _ask(client, index, token)
            if index % 100 == 3:
                await _follow(url, token)

    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        await asyncio.gather(*(worker(client) for _ in range(AT_ONCE)))


def _fill(database: Database) -> str:
    with writes.unit_of_work(database.engine, system_viewer("test"), "test") as ctx:
        company = writes.create(ctx, "Company", {"code": "C1", "name": "测试公司"}).id
    with writes.unit_of_work(database.engine, system_viewer("test", company), "test") as ctx:
        writes.load(ctx, "Customer", [{"code": f"K{index}", "name": f"客户 K{index}"} for index in range(50)])
        writes.create(ctx, "User", {"code": "sally", "name": "莎莉", "roles": ["executive"]})
    with Session(database.engine) as session, session.begin():
        return identity.issue_token(session, "sally", purpose="test")


def _held(port: int) -> float:
    """Megabytes of the server's processes, what they share by its share.

    Without the files that are mapped: whose share a library is depends on who else runs on the machine at that moment.
    """
    ours = [one for one in psutil.Process(os.getpid()).children(recursive=True) if one.status() != psutil.STATUS_ZOMBIE]
    roots = [one for one in ours if str(port) in one.cmdline()]
    assert roots
    return sum(_anonymous(one.pid) for one in {*roots, *roots[0].children(recursive=True)}) / 1e6


def _anonymous(pid: int) -> int:
    """Bytes of a process that are of no file."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return 1024 * sum(int(size) for size in re.findall(r"^Pss_(?:Anon|Shmem):\s+(\d+) kB$", told, re.MULTILINE))


def test_memory_stays_flat(fresh_database: Database, tmp_path: Path, proof_count: Callable[[int, int], int]) -> None:
    token, port = _fill(fresh_database), free_port()
    requests = proof_count(3_000, 200_000)
    with serving(fresh_database, tmp_path / "hub.log", port) as url:
        asyncio.run(_run(url, token, range(1, 50 * NEW_DOCUMENTS, 50)))  # new documents only: the caches are full
        asyncio.run(_run(url, token, range(2_000)))
        before = _held(port)
        asyncio.run(_run(url, token, range(100_000, 100_000 + requests)))
        after = _held(port)
    assert after - before < MEGABYTES, f"{before:.0f} MB after the warm-up, {after:.0f} MB after {requests} requests"
