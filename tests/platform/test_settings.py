"""The settings: each described, changed by its variable, refused in one sentence; nobody else reads the environment."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.settings import ROOT, Settings, settings_table, variable_of

HUB = Path(sys.executable).with_name("hub")


def hub(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command line with further variables."""
    return subprocess.run(
        [str(HUB), *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_every_setting_says_what_it_is_for() -> None:
    table = settings_table()
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"| `{variable_of(name)}` |" in table
        assert str(field.description) in table


def test_a_variable_changes_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_PORT", "8123")
    monkeypatch.setenv("HUB_DAGSTER_PORT", "")
    assert Settings().port == 8123
    assert Settings().dagster_port == 3000


def test_the_command_prints_the_table() -> None:
    assert hub("settings").stdout.strip() == settings_table()


@pytest.mark.parametrize(
    ("name", "value"),
    [("HUB_PORT", "eighty"), ("HUB_PORT", "70000"), ("HUB_TIME_ZONE", "Mars/Base"), ("HUB_LANGUAGE", "fr")],
)
def test_an_unusable_value_is_one_sentence_naming_the_variable(name: str, value: str) -> None:
    done = hub("db", "url", **{name: value})
    assert done.returncode == 1
    assert f"环境变量 {name} 的值 '{value}' 不可用" in done.stderr
    assert "Traceback" not in done.stderr


def test_only_the_settings_module_reads_the_environment() -> None:
    """One place to look for what can be changed; `hub settings` would miss whatever is read elsewhere."""
    readers = {
        path.relative_to(ROOT)
        for folder in ("hub", "graph_schema", "assets", "quality_checks")
        for path in (ROOT / folder).rglob("*.py")
        if _reads_environment(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert readers == {Path("hub/settings.py")}


def _reads_environment(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"} for node in ast.walk(tree)
    )


def test_help_is_quick_and_in_both_languages() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(HUB), "--help"], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = {line.rsplit("|", 1)[1].strip() for line in done.stderr.splitlines() if "|" in line}
    assert not loaded & {"sqlalchemy", "dagster", "psycopg", "pydantic", "rich", "starlette"}
    assert "启动全部组件" in done.stdout
    assert "Starts everything" in done.stdout
    for command in ("up", "migrate", "seed", "token", "describe", "settings", "serve", "db"):
        assert f"\n  {command} " in done.stdout


def test_a_misspelt_type_is_answered_with_the_nearest() -> None:
    done = hub("describe", "SalesOrdr")
    assert done.returncode == 1
    assert "SalesOrder" in done.stderr


def test_describe_shows_fields_rights_and_steps() -> None:
    text = hub("describe", "SalesOrder").stdout
    for expected in ("customer", "-> Customer", "[SalesOrderLine]", "confirm", "sales.read", "确认"):
        assert expected in text
