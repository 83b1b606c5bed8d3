"""Superset's own environment: complete lock, made once, and a sentence when it cannot be made."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest

from superset_config import environment
from superset_config.errors import SupersetError
from tests.superset.running import VENV


def test_every_line_of_the_lock_is_pinned_and_hashed() -> None:
    entries = re.split(r"\n(?=[a-z0-9])", environment.LOCK.read_text(encoding="utf-8"))
    packages = [entry for entry in entries if "==" in entry]
    assert len(packages) > 140
    assert all(re.match(r"[\w.-]+==[^ ]+", entry) and "--hash=sha256:" in entry for entry in packages)


def test_environment_is_made_once_and_holds_the_lock() -> None:
    python = environment.ensure(VENV, print)
    started = time.monotonic()
    assert environment.ensure(VENV, pytest.fail) == python
    assert time.monotonic() - started < 1
    listed = subprocess.run(
        [environment.find_uv(), "pip", "freeze", "--python", str(python)], capture_output=True, text=True, check=True
    )
    locked = set(re.findall(r"^([a-z0-9.-]+==[^ ]+)", environment.LOCK.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(listed.stdout.split()) <= locked
    assert "apache-superset==6.1.0" in listed.stdout.split()


def test_a_changed_lock_is_noticed(tmp_path: Path) -> None:
    stamp = VENV / environment.STAMP
    other = tmp_path / "venv"
    (other / "bin").mkdir(parents=True)
    (other / "bin" / "python").touch()
    (other / environment.STAMP).write_text(stamp.read_text(encoding="ascii")[::-1], encoding="ascii")
    with pytest.raises(SupersetError, match="could not create the environment: No interpreter found"):
        environment.ensure(other, base="/nowhere/python3.11")


def test_no_python_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "PYTHONS", ("3.11.99",))
    with pytest.raises(SupersetError) as caught:
        environment.ensure(tmp_path / "venv", download=False)
    assert caught.value.message_zh.startswith("没有找到 Python 3.11 或 3.12")
    assert not (tmp_path / "venv").exists()
