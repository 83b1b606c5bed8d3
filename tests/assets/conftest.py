"""What the tests of the pipeline share: a populated hub, the resource on it, and sources written to a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import dagster as dg
import pytest

from assets.sources import Source, read_source
from hub.settings import settings
from quality_checks.database import HubDatabase
from tests.assets.scenario import company
from tests.conftest import Database

WriteSource = Callable[..., Source]


@pytest.fixture
def hub(fresh_database: Database) -> HubDatabase:
    """An empty hub with a company, as the pipeline gets it."""
    company(fresh_database.engine)
    return HubDatabase(fresh_database.url, settings().mart_role, settings().time_zone)


@pytest.fixture
def write_source(tmp_path: Path) -> WriteSource:
    """Writes a source's TOML and further files into a folder and reads it."""

    def write(toml: str, files: Mapping[str, str] | None = None, name: str = "source") -> Source:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for file, text in (files or {}).items():
            (folder / file).write_text(text, encoding="utf-8")
        path = folder / "source.toml"
        path.write_text(toml, encoding="utf-8")
        return read_source(path)

    return write


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance in memory."""
    with dg.DagsterInstance.ephemeral() as one:
        yield one
