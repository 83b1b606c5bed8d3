"""A company in a database of its own: told once by the verbs, copied for each test, with short ways to act in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from hub import writes
from hub.context import Ctx, system_viewer
from hub.db.embedded import EmbeddedServer
from hub.errors import HubError
from tests.conftest import copy_of_template


class Company:
    """Units of work, documents and their steps, refusals, rows."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def work(self, *, dry_run: bool = False) -> Any:
        """`with company.work() as ctx`: one transaction."""
        return writes.unit_of_work(self.engine, system_viewer("test"), "test", dry_run=dry_run)

    def create(self, document_type: str, values: dict[str, Any], *steps: str) -> UUID:
        """The id of a new document that has taken some steps."""
        with self.work() as ctx:
            made: UUID = writes.create(ctx, document_type, values).id
            for step in steps:
                writes.run_step(ctx, document_type, made, step)
            return made

    def step(self, document_type: str, id_: UUID, step: str, **arguments: Any) -> Any:
        """A document after a step."""
        with self.work() as ctx:
            return writes.run_step(ctx, document_type, id_, step, arguments)

    def refused(self, document_type: str, id_: UUID, step: str, **arguments: Any) -> list[tuple[str, str]]:
        """Code and path of everything that keeps a step from being taken."""
        with pytest.raises(HubError) as raised:
            self.step(document_type, id_, step, **arguments)
        return [(one.code, ".".join(one.path)) for one in raised.value.problems]

    def rows(self, query: str, **values: Any) -> list[Any]:
        """Rows of a SELECT."""
        with self.engine.connect() as connection:
            return list(connection.execute(text(query), values))


@contextmanager
def told_once(server: EmbeddedServer, tell: Callable[[Ctx], None]) -> Iterator[str]:
    """The name of a database in which a company has been told, to be copied: nobody is connected to it any more."""
    with copy_of_template(server) as database:
        with Company(database.engine).work() as ctx:
            tell(ctx)
        database.engine.dispose()
        yield database.name
