"""The two servers side by side on one PostgreSQL: the hub as `hub serve hub` runs it, PostGraphile 5 on Node 22.

Each is one process (granian adds a parent that only waits). PostGraphile and Node come from npm, by the committed
lock file, into a folder outside the checkout's files.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil

from hub.db.engine import database_url
from hub.platform.programs import program_of
from hub.settings import ROOT, settings

_PEER = Path(__file__).parents[1] / "peer"
_PEER_INSTALLED = ROOT / ".hub" / "bench" / "peer"
_PEER_FILES = ("package.json", "package-lock.json", "graphile.config.mjs")


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, with which token, and its processes."""

    name: str
    url: str
    process: psutil.Process
    token: str | None = None
    client: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=60))

    def ask(self, document: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One request's answer, which must be free of errors."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"query": document, "variables": dict(variables or {})}
        answer = self.client.post(self.url, json=body, headers=headers)
        found: dict[str, Any] = answer.json()
        assert answer.status_code == httpx.codes.OK, found
        assert "errors" not in found, found
        return found

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        return sum(sum(one.cpu_times()[:2]) for one in self._processes())

    def memory(self) -> float:
        """Megabytes held: what is shared counts by its share (PSS)."""
        return float(sum(one.memory_full_info().pss for one in self._processes())) / 1e6

    def _processes(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


@contextlib.contextmanager
def hub(token: str, *, app: str = "hub.web.app:app") -> Iterator[Server]:
    """The hub on a free port; `app` names another application than the product's."""
    chosen = settings().model_copy(update={"port": _free_port()})
    program = program_of("hub", chosen)
    arguments = [*program.arguments[:-1], app]
    environment = {**program.environment, "PYTHONPATH": str(ROOT)}
    with _running("hub", arguments, environment, ROOT, chosen.port, "/readyz") as process:
        yield Server("hub", f"http://127.0.0.1:{chosen.port}/graphql", process, token)


@contextlib.contextmanager
def peer() -> Iterator[Server]:
    """PostGraphile on a free port, connected as the hub is and without any rights to check."""
    folder, port = _installed(), _free_port()
    url = database_url()
    place = f"?host={quote(str(url.query['host']), safe='')}"
    address = f"postgres://{url.username}:{quote(url.password or '', safe='')}@/{url.database}{place}"
    environment = {
        **os.environ,
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
        "PEER_DATABASE": address,
        "PEER_PORT": str(port),
    }
    arguments = [str(folder / "node_modules/.bin/node"), "node_modules/postgraphile/dist/cli-run.js"]
    with _running("PostGraphile", arguments, environment, folder, port, "/graphql") as process:
        yield Server("PostGraphile", f"http://127.0.0.1:{port}/graphql", process)


def versions() -> str:
    """What was compared, for the record."""
    folder = _installed()
    node = subprocess.run([folder / "node_modules/.bin/node", "--version"], capture_output=True, text=True, check=True)
    package = (folder / "node_modules/postgraphile/package.json").read_text()
    peer_version = package.split('"version": "')[1].split('"')[0]
    return f"Python {sys.version.split()[0]}, PostGraphile {peer_version} on Node {node.stdout.strip()}"


def _installed() -> Path:
    """The peer's folder, installed by its lock file when it is not yet."""
    if shutil.which("npm") is None:
        sys.exit("PostGraphile needs npm (Debian: apt-get install npm); its Node 22 comes from the package `node`.")
    _PEER_INSTALLED.mkdir(parents=True, exist_ok=True)
    lock = _PEER_INSTALLED / "package-lock.json"
    fresh = lock.exists() and lock.read_bytes() == (_PEER / lock.name).read_bytes()
    for name in _PEER_FILES:
        shutil.copy(_PEER / name, _PEER_INSTALLED / name)
    if not fresh or not (_PEER_INSTALLED / "node_modules/.bin/node").exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=_PEER_INSTALLED, check=True)
    return _PEER_INSTALLED


@contextlib.contextmanager
def _running(
    name: str, arguments: list[str], environment: dict[str, str], folder: Path, port: int, ready: str
) -> Iterator[psutil.Process]:
    """A server that answers on `port`; its last words are shown when it does not come up."""
    log = settings().home / f"{name}.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(arguments, env=environment, cwd=folder, stdout=output, stderr=output) as process,
    ):
        try:
            until = time.monotonic() + 120
            while not _answers(f"http://127.0.0.1:{port}{ready}"):
                if process.poll() is not None or time.monotonic() > until:
                    sys.exit(f"{name} did not start:\n{log.read_text()[-2000:]}")
                time.sleep(0.2)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=10).status_code < 500
    except httpx.HTTPError:
        return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
