"""Connections to the one database: URLs per role, the engine for writes, the pool for reads.

Every session is told the time zone, because a meter's day differs in UTC. Domain code is synchronous (SQLAlchemy
on psycopg 3); the read path takes psycopg connections from an async pool.
"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError

from hub import ciphers, keys
from hub.db.embedded import DATABASE, OWNER, socket_directory
from hub.round_trips import connect
from hub.secret_store import SecretStore
from hub.settings import Settings, settings
from hub.trouble import Trouble

if TYPE_CHECKING:
    from psycopg_pool import AsyncConnectionPool

    from hub.db.reader import Reader


ciphers.keys_from(keys.ring)  # whoever connects reads and writes encrypted columns


def database_url(role: str | None = None, *, chosen: Settings | None = None) -> URL:
    """The SQLAlchemy URL (`postgresql+psycopg://…`) of the hub's database.

    Args:
        role: None for the hub itself, otherwise a database role whose password was generated on this machine
            (`settings().mart_role`, `settings().superset_role`).
        chosen: other settings than those of this process.

    Raises:
        Trouble: HUB_DATABASE_URL is not the URL of a PostgreSQL database.
    """
    chosen = chosen or settings()
    secrets = SecretStore(chosen.secrets_file)
    if chosen.embedded:
        user = role or OWNER
        place = {"host": str(socket_directory(chosen.home))}
        return URL.create("postgresql+psycopg", user, secrets.get(password_name(user)), database=DATABASE, query=place)
    url = external_url(chosen.database_url)
    return url if role is None else url.set(username=role, password=secrets.get(password_name(role)))


def password_name(role: str) -> str:
    """Under which name the secret store keeps a role's password."""
    return f"database_{role}"


def external_url(text: str) -> URL:
    """What a person wrote into HUB_DATABASE_URL, as a SQLAlchemy URL for psycopg 3."""
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError) as error:
        raise _wrong_url() from error
    if url.drivername.split("+")[0] not in {"postgresql", "postgres"} or not url.database:
        raise _wrong_url()
    return url.set(drivername="postgresql+psycopg")


def _wrong_url() -> Trouble:
    return Trouble(
        "HUB_DATABASE_URL 不是 PostgreSQL 数据库地址；写法为 postgresql://用户:口令@主机:5432/数据库。",
        "HUB_DATABASE_URL is no PostgreSQL database; write postgresql://user:password@host:5432/database.",
    )


def connection_arguments(url: URL, **more: Any) -> dict[str, Any]:
    """libpq's keyword arguments for a URL, with the session's time zone; `more` wins."""
    arguments: dict[str, Any] = url.translate_connect_args(username="user", database="dbname")
    arguments.update(url.query)
    return {**arguments, "options": _session_options(url), **more}


def _session_options(url: URL) -> str:
    given = url.query.get("options", "")
    return f"{given if isinstance(given, str) else ' '.join(given)} -c timezone={settings().time_zone}".strip()


def make_engine(url: URL | None = None, *, pool_size: int | None = None, name: str = "hub") -> Engine:
    """An engine for synchronous work.

    Args:
        url: the hub's own database when None.
        pool_size: connections kept; `settings().write_pool` when None. No more are opened.
        name: shown as application_name in pg_stat_activity.
    """
    url = url or database_url()
    made = sa.create_engine(
        url,
        pool_size=pool_size or settings().write_pool,
        max_overflow=0,
        connect_args={"options": _session_options(url), "application_name": name},
    )
    sa.event.listen(made, "do_connect", connect)
    sa.event.listen(made, "checkout", _try_again)
    return made


def _try_again(driver: Any, _record: Any, _proxy: Any) -> None:
    """A connection to which something came while nobody used it may have been ended, by a restart of PostgreSQL say.

    Only such a one is tried: a round trip before every write would be a sixth of a small one.
    """
    idle = select.poll()
    try:
        idle.register(driver.fileno(), select.POLLIN)
        if idle.poll(0):
            driver.execute("")
            driver.rollback()
    except psycopg.Error as error:
        raise sa.exc.InvalidatePoolError from error


def make_async_pool(
    url: URL | None = None, *, size: int | None = None, name: str = "hub-read"
) -> AsyncConnectionPool[Reader]:
    """A pool of async connections in autocommit mode, not yet opened: `async with make_async_pool() as pool`.

    Connections are not tried before use, which would cost every read a round trip: a reader that meets a broken one
    calls `pool.check()` and asks again.

    Args:
        url: the hub's own database when None.
        size: the most connections held; `settings().read_pool` when None.
    """
    from psycopg_pool import AsyncConnectionPool

    from hub.db.reader import Reader

    return AsyncConnectionPool(
        connection_class=Reader,
        kwargs={**connection_arguments(url or database_url(), application_name=name), "autocommit": True},
        min_size=2,
        max_size=size or settings().read_pool,
        open=False,
        name=name,
    )
