"""A real hub on a free port over a database of its own, an analyst's token in a file, a browser that stays at home."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from hub.db.embedded import EmbeddedServer
from hub.identity import issue_token
from notebooks.hub_client import Hub
from tests.chromium import headless
from tests.conftest import Database, copy_of_template
from tests.notebooks import orders
from tests.serving import serving

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@dataclass(frozen=True)
class RunningHub:
    """A hub that answers, its database, and the file with the analyst's token."""

    url: str
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
        with _hub_over(database, tmp_path_factory.mktemp("hub")) as hub:
            yield hub


@pytest.fixture
def empty_hub(fresh_database: Database, tmp_path: Path) -> Iterator[RunningHub]:
    """A hub with a company and no order."""
    orders.company(fresh_database.engine)
    with _hub_over(fresh_database, tmp_path) as hub:
        yield hub


@pytest.fixture
def hub(running_hub: RunningHub) -> Iterator[Hub]:
    """The analyst's client, connected."""
    with Hub.connect(running_hub.url, running_hub.token_file) as connected:
        yield connected


@pytest.fixture(scope="package")  # its event loop runs in this thread: no longer than these tests
def browser() -> Iterator[Browser]:
    """The browser of these tests."""
    with headless() as chromium:
        yield chromium


@contextlib.contextmanager
def _hub_over(database: Database, folder: Path) -> Iterator[RunningHub]:
    """The hub as a process over this database, and a token of the analyst's."""
    token_file = folder / "token"
    with Session(database.engine) as session, session.begin():
        token_file.write_text(issue_token(session, orders.ANALYST, purpose="notebooks") + "\n")
    with serving(database, folder / "hub.log") as url:
        yield RunningHub(url, database, token_file)
