"""Brings a database to the present schema: Alembic for tables, then everything that is made from the specs.

`upgrade` is safe to call at every start. `revision` writes a new migration from the difference between the models
and a database; it imports nothing of ours, so old migrations stay true when the code moves on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from hub.db import custom, search
from hub.db.objects import recreate

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 7_355_609
"""Advisory lock: two processes that start at once migrate one after the other."""


def is_compared(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether Alembic compares it with the models: what is in our schemas, but not what the specs make afterwards."""
    if kind == "index" and str(name).endswith((search.SUFFIX, custom.SUFFIX)):
        return False
    return kind != "schema" or name in ("hub", "audit")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine) -> bool:
    """Migrate to the newest revision, make triggers, history tables and comments anew; whether it was an older one."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        before = _revision_of(connection)
        command.upgrade(_config(connection), "head")
        recreate(connection)
        return before != _revision_of(connection)


def _revision_of(connection: Connection) -> str | None:
    if connection.scalar(text("SELECT to_regclass('audit.migration')")) is None:
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM audit.migration"))
    return found


def revision(engine: Engine, message: str, number: str) -> None:
    """Write `migrations/versions/<number>_<message>.py` from what the models have and the database lacks.

    Brings the tables to the newest revision first. What is made from the specs waits: it would miss the new columns.
    """
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")
        command.revision(_config(connection), message, autogenerate=True, rev_id=number)


def next_number() -> str:
    """The number after the newest migration's: "0002"."""
    newest = max(path.name[:4] for path in (_FOLDER / "versions").glob("[0-9]*.py"))
    return f"{int(newest) + 1:04}"
