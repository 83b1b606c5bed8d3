"""The hub as its own process on a free port, run by granian as in production."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hub.settings import variable_of
from tests.conftest import Database


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(database: Database, log: Path, port: int | None = None, **ports: int) -> Iterator[str]:
    """A running hub over a database, as its address; what it prints goes to `log`. `ports` are settings by name."""
    port = port or free_port()
    with launched(database, log, port, **ports) as process:
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def launched(database: Database, log: Path, port: int, **ports: int) -> subprocess.Popen[bytes]:
    """The same as a process that leads a group of its own and is ready; whoever asks for it ends it."""
    own = {"HUB_DATABASE_URL": database.url.render_as_string(hide_password=False), "HUB_PORT": str(port)}
    own |= {variable_of(name): str(value) for name, value in ports.items()}
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--ws", "--port", str(port), "hub.web.app:app"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **own}, stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait(f"http://127.0.0.1:{port}", process, log)
    except BaseException:  # whoever asked for it never gets it, and could not end it
        process.kill()
        process.wait(timeout=20)
        raise
    return process


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/readyz", trust_env=False).status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    pytest.fail(f"the hub did not start:\n{log.read_text()[-3000:]}")
