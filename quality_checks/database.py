"""The hub's database as pipeline and checks get it: a plain resource, so that no page of Dagster shows its URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import URL

from hub.db.engine import make_engine


@dataclass(frozen=True)
class HubDatabase:
    """Where the hub's tables are, who may read the marts, and in which time zone a day begins."""

    url: URL
    mart_reader: str | None
    time_zone: str

    @contextmanager
    def engine(self) -> Iterator[sa.Engine]:
        """An engine for one step; its connections are closed at the end."""
        engine = make_engine(self.url, pool_size=2, name="pipeline")
        try:
            yield engine
        finally:
            engine.dispose()
