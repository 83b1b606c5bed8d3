"""A hundred more document types change nothing of the others: the same documents give the same statements."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.stand.many_types import MORE

_SCRIPT = """
import json, sys
from pathlib import Path
from benchmarks.stand import many_types
from benchmarks.stand.questions import QUESTIONS

if sys.argv[1] == "more":
    many_types.declare()
from graph_schema.answer import core_schema
from graph_schema.document import understand
from graph_schema.queries import plan_query
from hub.context import SYSTEM, Viewer
from hub.document.access import permissions_of
from hub.document.registry import specs

texts = {one.name: one.ours for one in QUESTIONS}
texts |= {path.stem: path.read_text() for path in Path("tests/reading/golden").glob("*.graphql")}
viewer = Viewer(SYSTEM, "sally", "Sally", permissions_of(["sales"]), SYSTEM)
found = {}
for name, text in texts.items():
    if "node(" in text:  # asks for whatever type there is
        continue
    known = understand(core_schema(), text, None)
    values = known.slots(known.variables({"number": "B", "from": "2026-01-01", "city": "X"}))
    statement = plan_query(known, values, viewer).statement
    found[name] = statement and statement.sql
print(json.dumps({"types": len(specs()), "statements": found}))
"""


def _statements(more: str) -> tuple[int, dict[str, str | None]]:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", _SCRIPT, more]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return found["types"], found["statements"]


def test_the_same_documents_give_the_same_statements() -> None:
    few, without = _statements("none")
    many, with_more = _statements("more")
    assert many == few + MORE
    assert sum(statement is not None for statement in without.values()) > 10
    assert with_more == without
