"""Entries written before there were hashes are chained by the migration, as the trigger would have done."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import Engine, text

from hub.audit_proof import verify
from hub.db import migrate


def test_what_was_there_is_chained_as_the_trigger_does(engine: Engine) -> None:
    chain = text("SELECT id, previous_hash, hash FROM audit.audit_entry ORDER BY id")
    folder = Path(migrate.__file__).parent / "migrations/versions"
    versions = sorted(path.name for path in folder.glob("[0-9]*.py"))
    mine = next(index for index, name in enumerate(versions) if name.endswith("_audit_chain.py"))
    before, this = versions[mine - 1][:4], versions[mine][:4]
    with engine.begin() as connection:
        kept = connection.execute(chain).all()
        config = migrate._config(connection)
        connection.execute(text("DROP TRIGGER chain_entry ON audit.audit_entry"))
        command.stamp(config, this)
        command.downgrade(config, before)
        command.upgrade(config, this)
        command.stamp(config, "head")
        assert connection.execute(chain).all() == kept
    assert verify(engine).breaks == []
