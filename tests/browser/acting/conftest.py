"""A factory of their own for tests that make orders, declare fields and rules: others count what they have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.db.embedded import EmbeddedServer
from tests.browser.conftest import Hub, factory


@pytest.fixture(scope="package")
def hub(migrated_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub of these tests."""
    with factory(migrated_server, "hub_acting", tmp_path_factory.mktemp("acting") / "hub.log") as found:
        yield found
