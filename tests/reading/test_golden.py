"""Golden triplets: a document, the statement made of it, the answer. A change of any is a change to look at.

A missing .sql or .json is written by the run that misses it, which then fails; look at what was written.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from graphql import OperationType
from sqlglot import exp, parse_one

from graph_schema.answer import Answerer, core_schema
from graph_schema.document import understand
from graph_schema.naming import members
from graph_schema.queries import plan_query
from graph_schema.read.explain import pretty
from hub.context import SYSTEM, Viewer
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, FieldSpec
from tests.reading.conftest import Factory, with_answerer
from tests.reading.wire import Counting, count_on

FOLDER = Path(__file__).parent / "golden"
DOCUMENTS = sorted(FOLDER.glob("*.graphql"))


def _statement(text: str, viewer: Viewer) -> str:
    known = understand(core_schema(), text, None)
    assert known.kind is OperationType.QUERY
    plan = plan_query(known, known.slots(known.variables({})), viewer)
    assert plan.statement is not None
    return plan.statement.sql


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_triplet(path: Path, factory: Factory) -> None:
    text = path.read_text(encoding="utf-8")

    async def body(answerer: Answerer) -> bytes:
        return await answerer.answer(text, None, factory.reader)

    answer = json.loads(with_answerer(factory, body))
    answer.pop("extensions")  # what it costs has tests of its own
    _compare(path.with_suffix(".sql"), pretty(_statement(text, factory.reader)) + "\n")
    _compare(path.with_suffix(".json"), json.dumps(answer, ensure_ascii=False, indent=1) + "\n")
    assert "errors" not in answer


def _compare(path: Path, found: str) -> None:
    if not path.exists():
        path.write_text(found, encoding="utf-8")
        pytest.fail(f"{path.name} was missing and has been written: look at it")
    assert found == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_one_statement_goes_to_the_server(path: Path, factory: Factory) -> None:
    """Counted at the connection, so no wrapper of ours can forget one."""
    text = path.read_text(encoding="utf-8")

    async def body(answerer: Answerer) -> list[int]:
        counts = []
        for _ in range(3):  # the first prepares, the others run what is prepared
            before = Counting.exchanges
            await answerer.answer(text, None, factory.reader)
            counts.append(Counting.exchanges - before)
        return counts

    assert with_answerer(factory, body, prepare=count_on) == [1, 1, 1]


def test_every_type_is_read_by_one_statement(factory: Factory) -> None:
    """Each generic root field, with every plain field, a count and its list: one exchange, whatever the type."""
    documents = []
    for spec in specs().values():
        plain = " ".join(name for name, member in members(spec).items() if isinstance(member, FieldSpec | DerivedSpec))
        documents.append(f"{{ {spec.many}(first: 2) {{ totalCount aggregate {{ count }} nodes {{ {plain} }} }} }}")
        documents.append(f'{{ {spec.single}(id: "{SYSTEM}") {{ {plain} }} node(id: "{SYSTEM}") {{ id }} }}')

    async def body(answerer: Answerer) -> list[tuple[str, int]]:
        found = []
        for document in documents:
            before = Counting.exchanges
            answer = json.loads(await answerer.answer(document, None, factory.reader))
            assert "errors" not in answer, (document, answer["errors"])
            found.append((document, Counting.exchanges - before))
        return found

    counted = with_answerer(factory, body, prepare=count_on)
    assert [document for document, exchanges in counted if exchanges != 1] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_table_of_the_statement_is_joined_on_something(path: Path, factory: Factory) -> None:
    """A sub-select that forgot what it correlates to repeats the outer table: its alias would stand twice."""
    statement = _statement(path.read_text(encoding="utf-8"), factory.reader)
    tree = parse_one(re.sub(r"\$(\d+)", r":value_\1", statement), read="postgres")
    aliases = [table.alias for table in tree.find_all(exp.Table) if table.alias]
    assert len(aliases) == len(set(aliases))
    for select in tree.find_all(exp.Select):
        commas = [join for join in select.args.get("joins") or [] if not join.args.get("on") and not join.side]
        assert not commas, select.sql()[:300]
