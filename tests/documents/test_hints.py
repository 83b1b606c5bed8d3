"""No refusal of the write side leaves people alone: each has a hint of its own or the one of its code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from hub.hints import HINTS

ROOT = Path(__file__).parents[2]
PLACES = ("hub/document", "hub/domains", "hub/flows", "hub/ledgers", "hub/rules", "hub/writes.py")


def _bare() -> Iterator[str]:
    """Every `problem(CODE, …)` without a hint, whose code has none either."""
    for place in PLACES:
        path = ROOT / place
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "problem" or not node.args:
                    continue
                if not isinstance(node.args[0], ast.Constant):
                    continue  # a code handed on; it is written out where it comes from
                code = str(node.args[0].value)
                if code not in HINTS and not any(one.arg == "hint" for one in node.keywords):
                    yield f"{file.relative_to(ROOT)}:{node.lineno} {code}"


def test_every_refusal_of_the_write_side_has_a_hint() -> None:
    assert list(_bare()) == [], "add hint=(…) to the problem, or a line to hub/hints.py"


def test_hints_are_sentences_in_both_languages() -> None:
    for code, hint in HINTS.items():
        assert hint.chinese.endswith("。"), code
        assert hint.english.endswith("."), code
