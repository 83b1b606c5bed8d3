"""The stories of `hub.stories`, each lived over HTTP by people with their roles, against a hub of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.stories import STORIES
from hub.stories.base_data import furnish
from hub.stories.company import found
from hub.stories.office import Office
from tests.conftest import copy_of_template
from tests.serving import serving
from hub.db.embedded import EmbeddedServer


@pytest.fixture(scope="module")
def office(migrated_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with copy_of_template(migrated_server, "hub_of_stories") as database:
        _, tokens = found(database.engine)
        with serving(database, tmp_path_factory.mktemp("stories") / "hub.log") as url:
            made = Office(url, tokens, print)
            furnish(made)
            yield made


@pytest.mark.parametrize("name", STORIES)
def test_a_story(office: Office, name: str) -> None:
    STORIES[name][1](office)
