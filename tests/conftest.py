"""What every test may use: a home folder of its own, a real PostgreSQL in it, and one dial for counts.

The environment is set before anything of ours is imported, so the processes that tests start see the same home.
Nothing is mocked; the server is the embedded one, started once per test session with durability switched off.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

for _name in [name for name in os.environ if name.startswith("HUB_") and name != "HUB_PROVE"]:
    del os.environ[_name]
HOME = Path(tempfile.mkdtemp(prefix="hub-tests-", dir="/tmp"))  # short: a socket lies in it
os.environ["HUB_HOME"] = str(HOME)
os.environ["HUB_DEMO_DAYS"] = "6"  # of the demo company's year; tests/seed/test_told_year.py tells more of it

from psycopg import sql  # noqa: E402 (the environment comes first)
from sqlalchemy.engine import URL, Engine  # noqa: E402

from hub.db.embedded import DATABASE, OWNER, EmbeddedServer  # noqa: E402
from hub.db.engine import database_url, make_engine  # noqa: E402
from hub.db.roles import embedded_server, prepare_embedded  # noqa: E402
from hub.settings import settings  # noqa: E402

pytest_plugins = ["tests.superset.running", "tests.books"]
TEMPLATE = "hub_template"
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "64MB"}
"""A test's database may be lost; its statements and constraints are the real ones."""


@dataclass(frozen=True)
class Database:
    """A migrated database of its own: `url` of the owner, `engine` on it, and the URL of the narrow roles."""

    url: URL
    engine: Engine

    @property
    def name(self) -> str:
        """The database's name on the test server."""
        return self.url.database or ""

    def url_as(self, role: str) -> URL:
        """The URL for another role: `settings().mart_role`, `settings().superset_role`."""
        return database_url(role).set(database=self.name)


def pytest_unconfigure() -> None:
    """Removes the session's home folder."""
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def home() -> Path:
    """The session's home folder (HUB_HOME)."""
    return HOME


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """The session's PostgreSQL server, running, with an empty database and the roles."""
    running = embedded_server(options=NOT_DURABLE)
    running.start()
    try:
        prepare_embedded(running, database=TEMPLATE)
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def migrated_server(server: EmbeddedServer) -> EmbeddedServer:
    """The session's server with the migrated template from which databases are copied."""
    from hub.db.migrate import upgrade  # here: it loads every document type, which few tests need

    engine = make_engine(database_url().set(database=TEMPLATE), name="tests-template")
    upgrade(engine)
    engine.dispose()
    return server


@pytest.fixture(scope="session")
def database(migrated_server: EmbeddedServer) -> Iterator[Database]:
    """The session's database `hub`, migrated, the one `settings()` leads to. Shared: clean up or use own keys."""
    with copy_of_template(migrated_server, DATABASE) as copy:
        yield copy


@pytest.fixture
def fresh_database(migrated_server: EmbeddedServer) -> Iterator[Database]:
    """A migrated, empty database for one test (a copy of the template, about 0.1 s)."""
    with copy_of_template(migrated_server) as copy:
        yield copy


@pytest.fixture(scope="session")
def proof_count() -> Callable[[int, int], int]:
    """`proof_count(small, full)`: how many cases to try; full under `make prove`."""
    return lambda small, full: full if settings().prove else small


def need_real_data(place: Path) -> None:
    """For tests on the public data sets beside the checkout, which users do not have."""
    need(place.exists(), f"the real data sets are not at {place}")


def need(there: bool, sentence: str) -> None:
    """For tests that want what a user may not have: CI must, others may skip; `sentence` says what is missing."""
    if there:
        return
    if os.environ.get("CI"):
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)


@contextlib.contextmanager
def copy_of_template(
    server: EmbeddedServer, name: str | None = None, template_name: str = TEMPLATE
) -> Iterator[Database]:
    """A database copied from the template, dropped at the end; without a name it has one of its own."""
    name = name or f"hub_{uuid4().hex[:12]}"
    database, template, owner = sql.Identifier(name), sql.Identifier(template_name), sql.Identifier(OWNER)
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy").format(database, template, owner)
    with server.connect() as connection:
        connection.execute(copy)
    prepare_embedded(server, database=name)  # rights on the database itself are not copied
    url = database_url().set(database=name)
    engine = make_engine(url, name="tests")
    try:
        yield Database(url, engine)
    finally:
        engine.dispose()
        with server.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(database))
