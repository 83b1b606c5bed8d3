"""A real hub server on a free port, over a fresh database with a few users."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from hub import identity, writes
from hub.context import system_viewer
from tests.conftest import Database
from tests.serving import serving

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Served:
    """A running hub: its address, its database, and tokens by user."""

    url: str
    engine: Engine
    tokens: dict[str, str]

    def client(self, user: str | None = None) -> httpx.Client:
        """An HTTP client, signed in by token when a user is named."""
        headers = {"Authorization": f"Bearer {self.tokens[user]}"} if user else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)


@pytest.fixture(scope="session")
def served(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The session's hub server, run as in production by granian."""
    users = {"admin": "administrator", "buyer": "purchasing", "meter": "collector"}
    hashed = identity.hash_password(PASSWORD)
    with writes.unit_of_work(database.engine, system_viewer("test"), "test") as ctx:
        writes.load(ctx, "Company", [{"code": "C1", "name": "测试公司"}])
        rows = [
            {"code": code, "name": f"用户{code}", "roles": [role], "password_hash": hashed}
            for code, role in users.items()
        ]
        assert writes.load(ctx, "User", rows).problems == []
        writes.load(ctx, "EnergyMeter", [{"code": "EM-01", "name": "总表"}])
    with Session(database.engine) as session, session.begin():
        tokens = {code: identity.issue_token(session, code, purpose="test") for code in users}
    with serving(database, tmp_path_factory.mktemp("web") / "hub.log") as url:
        yield Served(url, database.engine, tokens)
