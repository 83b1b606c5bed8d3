"""What must be true before the hub starts: schema, demo company, accounts, tokens. Run as one child process.

Each step is skipped when it is done already for this database, so an interrupted first start continues. The lines on
standard output (`中文 <tab> English`) are shown by `hub up`.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import hub.domains  # noqa: F401 (the users are a document type)
from hub.db.access import database_trouble, prepare
from hub.db.engine import make_engine
from hub.db.migrate import upgrade
from hub.document.registry import spec
from hub.errors import HubError
from hub.identity import issue_token, viewer_of_token
from hub.platform.done import BEGUN, PIPELINE, SEED, STORIES, Done
from hub.secret_store import SecretStore, account_secret
from hub.settings import Settings, settings
from hub.trouble import Trouble, disk_trouble

COLLECTOR = "edge-1"
"""Login of the demo's collector: may deliver readings and nothing else."""


def say(zh: str, en: str) -> None:
    """One line of progress."""
    print(f"{zh}\t{en}", flush=True)  # noqa: T201 (the parent reads it)


def run(chosen: Settings) -> None:
    """All steps in order.

    Raises:
        Trouble: the database cannot be used; the sentence says why.
    """
    for trouble in prepare(chosen):
        say(f"✗ {trouble.zh}", trouble.en)
    engine = make_engine(pool_size=2, name="hub-prepare")
    try:
        if upgrade(engine):
            from hub.seed import books  # here: later starts save the second it takes to load

            books.renew(engine)
        done = Done(chosen, engine)
        if not done.has(SEED):
            from hub import seed  # here for the same reason

            say("载入演示公司", "Loading the demo company")
            seed.run(engine, lambda line: say(f"  {line}", ""))
            done.add(SEED)
        _keep_token(engine, COLLECTOR, chosen.home / "edge" / "token")
        accounts = _accounts(engine, SecretStore(chosen.secrets_file))
        analyst = next((login for login, role in accounts if role == "executive"), None)
        if analyst is not None:
            _keep_token(engine, analyst, chosen.home / "jupyter" / "hub_token")
        pipeline = "done" if done.has(PIPELINE) else "again" if done.has(BEGUN) else "first"
        told = {"accounts": accounts, "pipeline": pipeline, "stories": pipeline == "done" or done.has(STORIES)}
    finally:
        engine.dispose()
    print(json.dumps(told), flush=True)  # noqa: T201 (the parent reads it)


def _accounts(engine: Engine, secrets: SecretStore) -> list[tuple[str, str]]:
    """Login and role of every active user whose password was made on this machine."""
    user = spec("User").table
    with engine.connect() as connection:
        rows = connection.execute(select(user.c.code, user.c.roles).where(user.c.active).order_by(user.c.created_at))
        return [(row.code, role) for row in rows for role in row.roles if secrets.known(account_secret(row.code))]


def _keep_token(engine: Engine, login: str, file: Path) -> None:
    """A file (0600) with a token that works: the old one if it does, else a new one."""
    with Session(engine) as session, session.begin():
        with suppress(OSError, HubError):
            viewer_of_token(session, file.read_text().strip())
            return
        token = issue_token(session, login, purpose=file.parent.name, days=None)
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        output.write(token + "\n")
    fresh.replace(file)


def main() -> int:
    """Runs the steps; a trouble goes out as a JSON line `{"zh", "en"}` with exit code 1."""
    try:
        run(settings())
    except (Trouble, OSError, HubError, DBAPIError) as error:
        known = _sentence(error)
        if known is None:
            raise
        print(json.dumps({"zh": known.zh, "en": known.en}), flush=True)  # noqa: T201 (the parent reads it)
        return 1
    return 0


def _sentence(error: Trouble | OSError | HubError | DBAPIError) -> Trouble | None:
    if isinstance(error, OSError):
        return disk_trouble(error)
    if isinstance(error, DBAPIError):
        return database_trouble(error)
    if isinstance(error, HubError):
        return Trouble(error.problems[0].message.chinese, error.problems[0].message.english)
    return error


if __name__ == "__main__":
    sys.exit(main())
