"""A real Superset for the tests: its own environment, metadata in a scratch PostgreSQL, started once per session.

A plugin of the root conftest, because two packages use it.
"""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from superset_config import environment, run
from tests.superset import scratch_mart
from tests.superset.scratch_mart import ScratchDatabase

ROOT = Path(__file__).parents[2]
VENV = ROOT / ".venv-superset"


@dataclass(frozen=True)
class RunningSuperset:
    """A started Superset and everything its caller knows."""

    url: str
    port: int
    process: subprocess.Popen[bytes]
    environment: Mapping[str, str]
    accounts: Mapping[str, run.Account]
    database: ScratchDatabase
    first_setup: Mapping[str, object]

    def password(self, username: str) -> str:
        return self.accounts[username].password


@pytest.fixture(scope="session")
def scratch() -> Iterator[ScratchDatabase]:
    """The scratch PostgreSQL with its mart."""
    folder = Path(tempfile.mkdtemp(prefix="superset-tests-", dir="/tmp"))  # short: a socket lies in it
    database = scratch_mart.start(folder / "postgres")
    try:
        yield database
    finally:
        database.server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def superset(scratch: ScratchDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuperset]:
    """Superset, set up and running, with an account for every role."""
    environment.ensure(VENV, print)
    home, port = tmp_path_factory.mktemp("superset"), free_port()
    roles = {"admin": "Admin", "boss": "高管", "analyst": "分析", "steward": "管家"}
    accounts = {name: run.Account(name, secrets.token_urlsafe(12), role) for name, role in roles.items()}
    variables = run.environment(
        secret_key=secrets.token_hex(32), metadata_uri=scratch.metadata_uri, home=home, venv=VENV, port=port
    )
    setup = run.bootstrap(venv=VENV, environment=variables, accounts=list(accounts.values()))
    with (home / "server.log").open("wb") as log:
        command = run.command(venv=VENV, home=home, port=port)
        process = subprocess.Popen(command, env=variables, stdout=log, stderr=subprocess.STDOUT)
    try:
        run.wait_until_ready(port, 120, lambda: process.poll() is None)
        url = f"http://127.0.0.1:{port}"
        yield RunningSuperset(url, port, process, variables, accounts, scratch, setup)
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
