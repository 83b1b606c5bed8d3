"""Superset's own Python environment: found, made and kept equal to the lock.

Superset 6.1 needs SQLAlchemy 1.4 and Python 3.11 or 3.12, the product neither; so it lives in `.venv-superset`, made
by uv from requirements.lock. The product and the tests make it through the one function `ensure`.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from superset_config.errors import SupersetError

LOCK = Path(__file__).with_name("requirements.lock")
PYTHONS = ("3.11", "3.12")  # Superset's pinned numpy, pandas and pyarrow have no wheels for later ones
STAMP = "shuniu-lock.sha256"  # written last: a half-made environment has none
INSTALL_SECONDS = 1800

Report = Callable[[str], None]


def ensure(venv: Path, report: Report = lambda _line: None, *, base: str = "", download: bool = True) -> Path:
    """Make `venv` hold exactly the lock, if it does not already; return its Python.

    `report` gets one line per long step. `base` names the Python 3.11 or 3.12 to use (empty: found by uv). With
    `download`, uv may fetch a Python when none is installed.
    Raises SupersetError with one sentence when there is no uv, no Python 3.11 or 3.12, or the installation fails.
    """
    python = venv / "bin" / "python"
    if not _is_current(venv, python):
        with _alone(venv):
            if not _is_current(venv, python):
                _make(venv, python, report, base, download)
    return python


@contextlib.contextmanager
def _alone(venv: Path) -> Iterator[None]:
    """Whoever comes second waits: two that make one environment would clear it under each other."""
    venv.parent.mkdir(parents=True, exist_ok=True)
    with venv.with_name(f"{venv.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(venv: Path, python: Path, report: Report, base: str, download: bool) -> None:
    uv = find_uv()
    found = base or find_python(uv) or (_fetch_python(uv, report) if download else None)
    if found is None:
        raise SupersetError(
            "没有找到 Python 3.11 或 3.12，Superset 看板无法安装；请安装其中一个后重试，其余功能不受影响。",
            "No Python 3.11 or 3.12 was found, so Superset's dashboards cannot be installed; install one and try "
            "again. Everything else works without.",
        )
    report(f"正在创建 Superset 的环境 {venv} · Creating Superset's environment")
    _uv(
        [uv, "venv", "--quiet", "--clear", "--no-project", "--python", found, str(venv)],
        "创建环境",
        "create the environment",
    )
    report("正在安装 Superset（约 650 MB）· Installing Superset (about 650 MB)")
    install = [uv, "pip", "install", "--quiet", "--python", str(python), "--require-hashes", "--compile-bytecode"]
    _uv([*install, "-r", str(LOCK)], "安装软件包", "install its packages")
    (venv / STAMP).write_text(_lock_digest(), encoding="ascii")


def find_uv() -> str:
    """The uv program: on the path, or beside the Python that runs this. Raises SupersetError when there is none."""
    beside = Path(sys.executable).with_name("uv")
    found = shutil.which("uv") or (str(beside) if beside.exists() else None)
    if found is None:
        raise SupersetError(
            "没有找到 uv，无法创建 Superset 的环境；请先运行 pip install uv。",
            "uv was not found, so Superset's environment cannot be made; run pip install uv first.",
        )
    return found


def find_python(uv: str) -> str | None:
    """The path of an installed Python 3.11 or 3.12 of this machine's own processor, or None."""
    for version in PYTHONS:
        # --system: an active environment's Python would tie Superset to an environment that may be removed
        for scope in (["--system"], []):
            search = [uv, "python", "find", "--no-project", "--no-python-downloads", *scope, version]
            found = subprocess.run(search, capture_output=True, text=True, check=False)
            if found.returncode == 0 and found.stdout.strip():
                return found.stdout.strip()
    return None


def _fetch_python(uv: str, report: Report) -> str | None:
    """Let uv download a Python; None when the machine has no way to it."""
    report("正在下载 Python 3.11 · Downloading Python 3.11")
    fetched = subprocess.run(
        [uv, "python", "install", "--quiet", PYTHONS[0]], capture_output=True, check=False, timeout=INSTALL_SECONDS
    )
    return find_python(uv) if fetched.returncode == 0 else None


def _is_current(venv: Path, python: Path) -> bool:
    stamp = venv / STAMP
    return python.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == _lock_digest()


def _lock_digest() -> str:
    return hashlib.sha256(LOCK.read_bytes() + platform.machine().encode()).hexdigest()


def _uv(command: list[str], doing_zh: str, doing_en: str) -> None:
    """Run uv; its last line of complaint becomes the sentence's second half."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise SupersetError(
            f"Superset 环境：{doing_zh}超过 {INSTALL_SECONDS // 60} 分钟，已停止。",
            f"Superset's environment: gave up to {doing_en} after {INSTALL_SECONDS // 60} minutes.",
        ) from error
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["uv gave no reason"])[-1].strip().removeprefix("error: ")
        raise SupersetError(
            f"Superset 环境：{doing_zh}失败：{reason}", f"Superset's environment: could not {doing_en}: {reason}"
        )
