"""The command line: each mistake one sentence in each language and exit code 2, each question answered."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.edge.stand_in import Edge, edge_once, free_port, listens, wait_until

PACKAGE = Path(__file__).parents[2] / "edge_collectors"
ALLOWED = {"edge_collectors", "pymodbus", "httpx", "click", "uvloop"}


def test_the_collectors_import_the_standard_library_and_four_packages() -> None:
    """A gateway installs the `edge` extra only, and must run without the hub's code."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            for name in names:
                top = name.split(".")[0]
                assert top in ALLOWED or top in sys.stdlib_module_names, f"{path.name} imports {name}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "nowhere.toml"], "no file nowhere.toml"),
        (["run", "nowhere"], "no site file nowhere"),
        (["run", "demo", "--until-idle"], "no end flag"),
        (["run", "demo", "--hub", "ftp://hub"], "not valid"),
        (["run", "demo", "--line", "here"], "not host:port"),
        (["run", "demo", "--line", "127.0.0.1:99999"], "not host:port"),
        (["run", "demo", "--buffer", "/proc/none/b.db"], "cannot be used"),
        (["run"], "Missing argument"),
        (["fly"], "No such command"),
        (["read", "demo", "EM-99"], 'no device "EM-99"'),
        (["status", "--buffer", "none.db"], "no buffer"),
        (["status", "--buffer", "letter.db"], "Cannot read the buffer"),
        (["check", "letter.db.toml"], "no file"),
        (["simulate", "--replay", "none.csv"], "Cannot read"),
        (["simulate", "--replay", "letter.db"], "no column"),
        (["simulate", "--listen", "127.0.0.1"], "not host:port"),
        (["simulate", "--listen", "192.0.2.1:5020"], "Cannot listen"),
    ],
)
def test_a_mistake_is_one_sentence_in_each_language(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "letter.db").write_text("Dear database, " * 300)
    code, text = edge_once(tmp_path, *arguments)
    lines = text.strip().splitlines()
    assert code == 2
    assert lines[-2].startswith("错误：")
    assert lines[-1].startswith("Error: ")
    assert said in lines[-1]
    assert "Traceback" not in text


def test_check_prints_the_plan_and_asks_nobody(tmp_path: Path) -> None:
    code, text = edge_once(tmp_path, "check", "demo")
    assert code == 0
    assert "EM-01  eastron-sdm630" in text
    assert "input 0x0048+2" in text
    assert "estimated bus time" in text


def test_read_shows_a_device_in_all_four_byte_orders(tmp_path: Path, start_edge: Callable[..., Edge]) -> None:
    port = free_port()
    start_edge("simulate", EDGE_LINE=f"127.0.0.1:{port}")
    wait_until(lambda: listens(port), what="the simulator")
    code, text = edge_once(tmp_path, "read", "demo", "EM-01", EDGE_LINE=f"127.0.0.1:{port}")
    assert code == 0
    (row,) = [line for line in text.splitlines() if line.startswith("power.factor")]
    assert "[0.92]" in row
    assert len(row.split()) == 6
    code, text = edge_once(tmp_path, "read", "demo", "EM-01", EDGE_LINE=f"127.0.0.1:{free_port()}")
    assert (code, "Cannot reach" in text) == (2, True)


def test_a_taken_port_is_one_sentence(tmp_path: Path, start_edge: Callable[..., Edge]) -> None:
    port = free_port()
    start_edge("simulate", EDGE_LINE=f"127.0.0.1:{port}")
    wait_until(lambda: listens(port), what="the simulator")
    code, text = edge_once(tmp_path, "simulate", EDGE_LINE=f"127.0.0.1:{port}")
    assert code == 2
    assert "Cannot listen" in text
    assert "端口已被占用" in text
    assert "Traceback" not in text
