"""A real hub on a free port over a database of its own, an analyst's token in a file, a browser that stays at home."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from hub.db.embedded import EmbeddedServer
from hub.identity import issue_token
from notebooks.hub_client import Hub
from tests.conftest import Database, copy_of_template
from tests.notebooks import orders

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@dataclass(frozen=True)
class RunningHub:
    """A hub that answers, its database, and the file with the analyst's token."""

    url: str
    port: int
    database: Database
    token_file: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the platform tells a kernel."""
        return {"HUB_URL": self.url, "HUB_TOKEN_FILE": str(self.token_file)}


@pytest.fixture(scope="session")
def running_hub(
    migrated_server: EmbeddedServer,
    tmp_path_factory: pytest.TempPathFactory,
    proof_count: Callable[[int, int], int],
) -> Iterator[RunningHub]:
    """A hub with orders; 2,160 of them, a year of the demo company, under `make prove`."""
    with copy_of_template(migrated_server, "hub_notebooks") as database:
        orders.company(database.engine)
        orders.tell(database.engine, proof_count(60, 2160))
        with serving(database, tmp_path_factory.mktemp("hub")) as hub:
            yield hub


@pytest.fixture
def empty_hub(fresh_database: Database, tmp_path: Path) -> Iterator[RunningHub]:
    """A hub with a company and no order."""
    orders.company(fresh_database.engine)
    with serving(fresh_database, tmp_path) as hub:
        yield hub


@pytest.fixture
def hub(running_hub: RunningHub) -> Iterator[Hub]:
    """The analyst's client, connected."""
    with Hub.connect(running_hub.url, running_hub.token_file) as connected:
        yield connected


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@contextlib.contextmanager
def serving(database: Database, folder: Path) -> Iterator[RunningHub]:
    """The hub as a process over this database."""
    port, log = free_port(), folder / "hub.log"
    token_file = folder / "token"
    with Session(database.engine) as session, session.begin():
        token_file.write_text(issue_token(session, orders.ANALYST, purpose="notebooks") + "\n")
    environment = {**os.environ, "HUB_DATABASE_URL": database.url.render_as_string(hide_password=False)}
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "hub.web.app:app"]
    with log.open("wb") as output, subprocess.Popen(command, env=environment, stdout=output, stderr=output) as process:
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", process, log)
            yield RunningHub(f"http://127.0.0.1:{port}", port, database, token_file)
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the page answers 200; fails with the program's log."""
    until = time.monotonic() + 90
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    pytest.fail(f"{url} never answered:\n{log.read_text(errors='replace')[-3000:]}")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
