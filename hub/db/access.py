"""The database made ready for one command: the embedded server started when it is not running, rights in place."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hub.db.roles import embedded_server, prepare_embedded, prepare_external
from hub.settings import Settings, settings
from hub.trouble import Trouble

if TYPE_CHECKING:
    from sqlalchemy.exc import DBAPIError


def database_trouble(error: DBAPIError) -> Trouble | None:
    """The sentence for a database that is full or gone, or None when the statement itself was wrong."""
    said = str(error.orig)
    if getattr(error.orig, "sqlstate", None) == "53100" or "No space left on device" in said:
        return Trouble(
            "数据库所在磁盘已满；请腾出空间后重新运行，已完成的步骤不会重做。",
            "The database's disk is full; free some space and run again, finished steps are kept.",
        )
    if error.connection_invalidated or "server closed the connection" in said:
        return Trouble("数据库连接中断；请重新运行。", "The connection to the database was lost; run again.")
    return None


def prepare(chosen: Settings | None = None) -> list[Trouble]:
    """Makes schemas, roles and rights on the running database; returns what is missing but not fatal."""
    chosen = chosen or settings()
    if not chosen.embedded:
        return prepare_external(chosen)
    prepare_embedded(embedded_server(chosen), chosen)
    return []


@contextlib.contextmanager
def open_database(chosen: Settings | None = None) -> Iterator[list[Trouble]]:
    """A prepared database for the length of the block. A server that was started for it is stopped after it."""
    chosen = chosen or settings()
    server = embedded_server(chosen) if chosen.embedded else None
    began = server.start() if server else False
    try:
        yield prepare(chosen)
    finally:
        if server and began:
            server.stop()
