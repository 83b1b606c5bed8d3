"""A database that the tests of the demo company share: filling it takes a while."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.db.embedded import EmbeddedServer
from tests.conftest import Database, copy_of_template


@pytest.fixture(scope="module")
def module_database(migrated_server: EmbeddedServer) -> Iterator[Database]:
    """A migrated, empty database for the tests of one module."""
    with copy_of_template(migrated_server) as copy:
        yield copy
