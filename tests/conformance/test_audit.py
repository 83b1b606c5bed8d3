"""The graphql-http project's audit of GraphQL over HTTP, all of it, against a running hub."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conformance.conftest import Target
from tests.conftest import need

HERE = Path(__file__).parent
AUDITS = 61


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The suite, installed from the package index by its lock file; CI must have Node.js, others may skip."""
    need(shutil.which("npm") is not None, "the audit suite runs on Node.js: install nodejs and npm")
    folder = tmp_path_factory.mktemp("audit")
    for name in ("package.json", "package-lock.json", "audit.mjs"):
        shutil.copy(HERE / name, folder)
    command = ["npm", "ci", "--prefer-offline", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def test_every_audit_is_ok(target: Target, suite: Path) -> None:
    command = ["node", "audit.mjs", f"{target.url}/graphql", target.tokens["sally"]]
    done = subprocess.run(command, cwd=suite, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    results = json.loads(done.stdout)
    assert [one for one in results if one["status"] != "ok"] == []
    assert len(results) == AUDITS
