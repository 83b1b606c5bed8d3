"""The database made ready for one command: the embedded server started when it is not running, rights in place."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from hub.db.roles import embedded_server, prepare_embedded, prepare_external
from hub.settings import Settings, settings
from hub.trouble import Trouble


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
