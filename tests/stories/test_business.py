"""The stories of `hub.stories`, each lived over HTTP by people with their roles; and no document that does nothing.

What a document does outside itself is proven while the stories are lived: a proof is a value of another type that a
verb on the document changed as foretold. A document type of which no story proves anything fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from hub.cli import hub as command_line
from hub.db.embedded import EmbeddedServer
from hub.document.registry import specs
from hub.stories import STORIES
from hub.stories.base_data import furnish
from hub.stories.company import found
from hub.stories.office import Astray, Office, Proof, Refusal, words
from hub.trouble import Trouble
from hub.words import camel
from tests.conftest import copy_of_template
from tests.serving import serving


@pytest.fixture(scope="module")
def office(migrated_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A furnished company and a hub that serves it."""
    log = tmp_path_factory.mktemp("stories") / "hub.log"
    with copy_of_template(migrated_server, "hub_of_stories") as database, serving(database, log) as url:
        company, tokens = found(database.engine)
        with Office(url, company, tokens) as made:
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
    assert sorted(documents - proven) == [], "no story says what these do outside themselves"


def test_the_command_says_what_stories_there_are() -> None:
    """It is run by the test of the demo: tests/platform/test_up.py."""
    unknown = CliRunner().invoke(command_line, ["story", "tale"], standalone_mode=False)
    assert isinstance(unknown.exception, Trouble)
    assert "tale" in unknown.exception.zh
    assert all(name in unknown.exception.en for name in STORIES)


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
