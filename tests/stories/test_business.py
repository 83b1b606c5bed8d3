"""The stories of `hub.stories`, each lived over HTTP by people with their roles; and no document that does nothing.

What a document does outside itself is proven while the stories are lived: a proof is a value of another type that a
verb on the document changed as foretold. `still_missing.txt` names the documents of which no story proves anything
yet; it must be exact, so it can only be shortened by proving more.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.db.embedded import EmbeddedServer
from hub.document.registry import specs
from hub.stories import STORIES
from hub.stories.base_data import furnish
from hub.stories.company import found
from hub.stories.office import Astray, Office, Proof, Refusal, words
from hub.words import camel
from tests.conftest import Database, copy_of_template
from tests.serving import serving

MISSING = frozenset((Path(__file__).parent / "still_missing.txt").read_text(encoding="utf-8").split())


@pytest.fixture(scope="module")
def hub(migrated_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, str]]:
    """A hub that serves a database without any company."""
    log = tmp_path_factory.mktemp("stories") / "hub.log"
    with copy_of_template(migrated_server, "hub_of_stories") as database, serving(database, log) as url:
        yield database, url


@pytest.fixture(scope="module")
def office(hub: tuple[Database, str]) -> Iterator[Office]:
    """A furnished company there."""
    company, tokens = found(hub[0].engine)
    with Office(hub[1], company, tokens) as made:
        furnish(made)
        yield made


@pytest.fixture(scope="module")
def lived(office: Office) -> dict[str, Exception | None]:
    """Every story, lived once in order, with what stopped it."""
    ends: dict[str, Exception | None] = {}
    for name, (_, story) in STORIES.items():
        try:
            story(office)
        except (Astray, Refusal) as error:
            ends[name] = error
        else:
            ends[name] = None
    return ends


@pytest.mark.parametrize("name", STORIES)
def test_a_story_goes_on_as_it_is_told(lived: dict[str, Exception | None], name: str) -> None:
    error = lived[name]
    if error is not None:
        raise error


def test_every_document_changes_something_outside_itself(office: Office, lived: dict[str, Exception | None]) -> None:
    assert all(error is None for error in lived.values())
    outside = [proof for proof in office.proofs if not _own_names(proof.type_name) & words(proof.question)]
    assert outside == office.proofs, "a proof is about something else than the document itself"
    proven = {proof.type_name for proof in office.proofs}
    documents = {one.name for one in specs().values() if one.kind == "document"}
    assert sorted(documents - proven) == sorted(MISSING), "tests/stories/still_missing.txt says otherwise"


def test_the_command_tells_a_story_aloud(hub: tuple[Database, str], office: Office) -> None:
    """The very same in another company of the same hub, as people see it; what does not exist is said."""
    database, url = hub
    told = _command(database, "story", "stocktake", "--url", url)
    assert told.returncode == 0, told.stderr
    assert "实盘 97：少 3 个" in told.stdout
    assert "A stocktake in the middle of business" in told.stdout
    assert f"Company {office.company}" not in told.stdout
    unknown = _command(database, "story", "tale")
    assert (unknown.returncode, "没有故事 tale" in unknown.stderr) == (1, True)
    nobody = _command(database, "story", "stocktake", "--url", "http://127.0.0.1:9")
    assert (nobody.returncode, "无法连接枢纽" in nobody.stderr) == (1, True)


def _command(database: Database, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HUB_DATABASE_URL": database.url.render_as_string(hide_password=False)}
    command = [str(Path(sys.executable).with_name("hub")), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def _own_names(type_name: str) -> set[str]:
    """How a document, its lines and the lists of them are called in GraphQL, from wherever they are seen."""
    mine = [one for one in specs().values() if type_name in (one.name, one.parent)]
    names = {name for one in mine for name in (one.single, one.many)}
    targets = {one.name for one in mine}
    return names | {
        camel(name) for one in specs().values() for name, seen in one.inverses.items() if seen.target in targets
    }


def test_an_effect_is_nothing_that_can_be_said_without_doing_it(office: Office) -> None:
    """Nothing written, nothing changed, something else changed, papers of two types: none of these is a proof."""
    name = '{ item(code: "HOLLOW") { name } }'
    office.make("steward", "Item", code="HOLLOW", name="空", unit="PCS")
    item = office.see("steward", '{ item(code: "HOLLOW") { id } }')
    before = list(office.proofs)
    with pytest.raises(Astray, match="one type"), office.effect("steward", name, "空", "空"):
        pass
    with pytest.raises(Astray, match="not '别的'"), office.effect("steward", name, "空", "别的"):
        office.change("steward", "Item", item, specification="x")
    with pytest.raises(Astray, match="not '空'"), office.effect("steward", name, "空", "空"):
        office.change("steward", "Item", item, specification="y")
    with pytest.raises(Astray, match="before"), office.effect("steward", name, "别的", "空"):
        office.change("steward", "Item", item, specification="z")

    def of_two_types() -> None:
        with office.effect("steward", name, "空", "实"):
            office.change("steward", "Item", item, name="实")
            office.make("steward", "UnitOfMeasure", code="HOLLOW", name="空")

    with pytest.raises(Astray, match="one type"):
        of_two_types()
    with pytest.raises(Astray, match="nobody said"), office.refused("STOCK_SHORT"):
        pass
    assert office.proofs == before
    proof = Proof("Item", "update", name, "空", "实")
    assert _own_names(proof.type_name) & words(proof.question), "an item's own name is no effect outside it"
