"""The laws of the house, each with its reason. Read from the source by the AST, so a comment cannot break one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("hub", "graph_schema", "assets", "quality_checks", "superset_config", "edge_collectors")


def sources(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every module of the given packages with its syntax tree."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Calls of a method or function with that name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
            if called == name:
                yield node


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules a module imports, at run time or for types."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def test_a_session_is_committed_in_one_place() -> None:
    """One commit at the boundary: a verb cannot leave half of its work behind."""
    found = {str(path) for path, tree in sources("hub", "graph_schema") if any(calls(tree, "commit"))}
    assert found == {"hub/writes.py"}


def test_only_settings_reads_the_environment() -> None:
    """Else nobody knows which variables change the product; collectors and Superset are programs of their own."""
    found = set()
    for path, tree in sources("hub", "graph_schema", "assets", "quality_checks"):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or node.attr not in ("environ", "getenv"):
                continue
            if getattr(node.value, "id", "") == "os":
                found.add(str(path))
    assert found <= {"hub/settings.py"}


def test_migrations_import_nothing_of_ours() -> None:
    """An old migration must stay true when the code moves on."""
    for path, tree in sources("hub/db/migrations/versions"):
        ours = [name for name in imported(tree) if name.split(".")[0] in PACKAGES]
        assert not ours, f"{path} imports {ours}"


def test_collectors_and_notebooks_know_the_hub_by_http_only() -> None:
    """A gateway must install and run without the server."""
    for path, tree in sources("edge_collectors", "notebooks"):
        ours = [name for name in imported(tree) if name.split(".")[0] in ("hub", "graph_schema", "assets")]
        assert not ours, f"{path} imports {ours}"


def test_no_sql_is_formatted_from_values() -> None:
    """f-strings and % in a statement are how injections begin: values are parameters, names are Identifiers."""
    found = []
    for path, tree in sources("hub", "graph_schema", "assets", "quality_checks"):
        for call in (*calls(tree, "execute"), *calls(tree, "text"), *calls(tree, "SQL")):
            for argument in call.args[:1]:
                formatted = isinstance(argument, ast.JoinedStr) or (
                    isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Mod)
                )
                if formatted:
                    found.append(f"{path}:{call.lineno}")
    assert not found


def test_only_ledgers_and_load_write_ledger_rows() -> None:
    """A ledger row that no posting rule made is a lie in the books."""
    allowed = {"hub/ledgers/stock.py", "hub/ledgers/readings.py", "hub/document/provenance.py"}
    found = set()
    for path, _tree in sources("hub", "assets", "quality_checks", "graph_schema"):
        text = (ROOT / path).read_text(encoding="utf-8").lower()
        if any(f"insert into hub.{name}" in text for name in ("stock_entry", "reading", "source_record", "sync_run")):
            found.add(str(path))
    assert found <= allowed


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "manager", "handler", "service", "misc"])
def test_no_file_says_nothing(name: str) -> None:
    """A file called utils holds whatever nobody found a place for."""
    assert not [path for folder in PACKAGES for path in (ROOT / folder).rglob(f"{name}.py")]


def test_no_file_outgrows_its_reader() -> None:
    """Look again at 400 lines, stop at 600."""
    long = [
        f"{path}: {len((ROOT / path).read_text(encoding='utf-8').splitlines())}"
        for path, _tree in sources(*PACKAGES)
        if "migrations/versions" not in str(path) and len((ROOT / path).read_text(encoding="utf-8").splitlines()) > 600
    ]
    assert not long


def test_every_module_opens_with_what_it_holds() -> None:
    """Two to five lines at the top: what it holds and why."""
    silent = [str(path) for path, tree in sources(*PACKAGES) if tree.body and ast.get_docstring(tree) is None]
    assert not silent
