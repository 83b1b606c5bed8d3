"""A small company with some history, and a superuser who may do anything to the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text

from hub import identity, writes
from hub.context import system_viewer
from hub.db.embedded import EmbeddedServer
from tests.conftest import Database

Superuser = Callable[..., list[Any]]


@pytest.fixture
def engine(fresh_database: Database) -> Engine:
    """A database with five documents' audit entries: creations, changes, a load, a password, a token."""
    engine = fresh_database.engine
    with writes.unit_of_work(engine, system_viewer("test"), "test") as ctx:
        company = writes.create(ctx, "Company", {"code": "C1", "name": "测试公司"}).id
    viewer = system_viewer('a"b\\c\td\u007f é 😀', company)
    with writes.unit_of_work(engine, viewer, "test") as ctx:
        unit = writes.create(ctx, "UnitOfMeasure", {"code": "PCS", "name": "个"}).id
        for code in ("I1", "I2"):
            writes.create(ctx, "Item", {"code": code, "name": "零\u0001件\n\"'\\\u2028", "unit": str(unit)})
        writes.create(ctx, "User", {"code": "ann", "name": "安", "roles": ["sales"]})
    for name in ("甲", "乙", "丙", "丁"):
        with writes.unit_of_work(engine, viewer, "test") as ctx:
            writes.update(ctx, "UnitOfMeasure", unit, {"name": name})
    with writes.unit_of_work(engine, viewer, "pipeline") as ctx:
        writes.load(ctx, "Item", [{"code": "I3", "name": "三", "unit": "PCS"}])
        identity.set_password(ctx, "ann", "a long password")
        identity.issue_token(ctx.session, "ann", purpose="test", scopes=["sales.read"], by=viewer)
    return engine


@pytest.fixture
def superuser(migrated_server: EmbeddedServer, fresh_database: Database) -> Superuser:
    """Runs statements as PostgreSQL's superuser with every trigger of audit_entry and audit_seal switched off."""

    def run(*statements: str) -> list[Any]:
        with migrated_server.connect(fresh_database.name) as connection:
            for table in ("audit_entry", "audit_seal"):
                connection.execute(f"ALTER TABLE audit.{table} DISABLE TRIGGER ALL")
            cursor = None
            for statement in statements:
                cursor = connection.execute(statement)
            found = cursor.fetchall() if cursor is not None and cursor.description else []
            for table in ("audit_entry", "audit_seal"):
                connection.execute(f"ALTER TABLE audit.{table} ENABLE TRIGGER ALL")
            return found

    return run


@pytest.fixture
def ids(engine: Engine) -> list[int]:
    """The entries of the one unit of measure in order: a creation and four changes."""
    query = "SELECT id FROM audit.audit_entry WHERE document_type = 'UnitOfMeasure' ORDER BY id"
    with engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())
