"""Setting Superset up: its tables stay in their schema, a second time changes nothing, passwords stay out of sight."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from superset_config import run
from superset_config.client import Superset
from superset_config.errors import SupersetError
from tests.superset.running import ROOT, VENV, RunningSuperset, free_port

HOLE = re.compile(r"%(?:\(\w+\))?[sd]")


def test_first_setup_knew_every_permission(superset: RunningSuperset) -> None:
    assert superset.first_setup["state"] == "updated"
    assert superset.first_setup["permissions_missing"] == []


def test_all_tables_lie_in_the_schema_superset(superset: RunningSuperset) -> None:
    found = superset.database.rows(
        "SELECT schemaname, tableowner, count(*) > 40 FROM pg_tables"
        " WHERE schemaname IN ('public', 'superset') GROUP BY 1, 2"
    )
    assert found == [("superset", "hub_superset", True)]


def test_second_setup_changes_nothing_and_is_quick(superset: RunningSuperset) -> None:
    started = time.monotonic()
    assert set_up(superset) == {"state": "unchanged"}
    assert time.monotonic() - started < 5


def test_a_new_password_replaces_the_old(superset: RunningSuperset) -> None:
    before = superset.accounts["analyst"]
    try:
        answer = set_up(superset, dataclasses.replace(before, password="a quite new one"))
        assert answer["accounts_changed"] == ["analyst"]
        Superset(superset.url, "analyst", "a quite new one").__exit__(None, None, None)
        with pytest.raises(SupersetError, match="不接受用户 analyst 的密码"):
            Superset(superset.url, "analyst", before.password)
    finally:
        set_up(superset)


def test_a_wrong_database_password_is_one_sentence(superset: RunningSuperset) -> None:
    password = superset.database.metadata_password
    wrong = {**superset.environment}
    wrong["SUPERSET_METADATA_URI"] = wrong["SUPERSET_METADATA_URI"].replace(password, "wrong")
    with pytest.raises(SupersetError) as caught:
        run.bootstrap(venv=VENV, environment=wrong, accounts=[])
    assert "password authentication failed" in caught.value.message_en
    assert "\n" not in caught.value.message_en


def test_without_a_secret_key_superset_refuses_to_start(superset: RunningSuperset) -> None:
    without = {name: value for name, value in superset.environment.items() if name != "SUPERSET_SECRET_KEY"}
    python = str(VENV / "bin" / "python")
    tried = subprocess.run(
        [python, "-P", "-c", "import superset.config"], env=without, capture_output=True, text=True, check=False
    )
    assert tried.returncode != 0
    assert "SUPERSET_SECRET_KEY" in tried.stderr.splitlines()[-1]


def test_no_secret_on_the_command_line(superset: RunningSuperset) -> None:
    line = Path(f"/proc/{superset.process.pid}/cmdline").read_text(encoding="utf-8")
    hidden = [superset.database.metadata_password, superset.environment["SUPERSET_SECRET_KEY"]]
    hidden += [account.password for account in superset.accounts.values()]
    assert "gunicorn" in line
    assert not [secret for secret in hidden if secret in line]
    assert not [account for account in superset.accounts.values() if account.password in repr(account)]


def test_own_interpreter_starts_the_server(superset: RunningSuperset) -> None:
    port = free_port()
    with program(superset, SUPERSET_PORT=str(port)) as process:
        run.wait_until_ready(port, 60, lambda: process.poll() is None)


def test_no_password_in_the_log_when_the_database_is_gone(superset: RunningSuperset) -> None:
    uri = superset.database.metadata_uri.replace(superset.database.socket, "/nowhere")
    with program(superset, SUPERSET_PORT=str(free_port()), SUPERSET_METADATA_URI=uri) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "/nowhere" in said
    assert superset.database.metadata_password not in said


@contextmanager
def program(superset: RunningSuperset, **changed: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m superset_config.run` in Superset's interpreter."""
    with subprocess.Popen(
        [str(VENV / "bin" / "python"), "-m", "superset_config.run"],
        env={**superset.environment, **changed},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def test_readiness(superset: RunningSuperset) -> None:
    assert run.is_ready(superset.port)
    with pytest.raises(SupersetError, match="ended while starting"):
        run.wait_until_ready(1, 5, lambda: False)


def test_pages_load_nothing_from_elsewhere_and_cannot_be_framed_by_others(superset: RunningSuperset) -> None:
    policy = httpx.get(f"{superset.url}/login/").headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if rule.strip())
    assert rules["frame-ancestors"] == "'self'"
    assert not [rule for rule in rules.values() if "http" in rule or "*" in rule]


def test_chinese_texts_are_public_corrected_and_fit_their_sentence(superset: RunningSuperset) -> None:
    texts = httpx.get(f"{superset.url}/superset/language_pack/zh/").json()["locale_data"]["superset"]
    assert texts["Sign in"] == ["登录"]
    assert texts["Select all"] == ["全选"]
    assert (texts["True"], texts["False"]) == (["是"], ["否"])  # shipped as Tuesday and as disabled
    assert len(texts) > 3000
    holes = {text: (HOLE.findall(text), HOLE.findall(said[0])) for text, said in texts.items() if text and said[0]}
    assert not {text: pair for text, pair in holes.items() if sorted(pair[0]) != sorted(pair[1])}


def set_up(superset: RunningSuperset, *changed: run.Account) -> dict[str, object]:
    accounts = {**superset.accounts, **{account.username: account for account in changed}}
    return run.bootstrap(venv=VENV, environment=superset.environment, accounts=list(accounts.values()))
