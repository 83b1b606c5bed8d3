"""How Superset is started: its environment variables, its command, its first set-up, and when it is ready.

Plain functions with plain arguments and the standard library only, so that the product's supervisor, the tests and
Superset's own interpreter (`.venv-superset/bin/python -m superset_config.run`) use the same ones.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from superset_config.errors import SupersetError

HERE = Path(__file__).parent
HOST = "127.0.0.1"
PORT = 8088
THREADS = 8
BOOTSTRAP_SECONDS = 600
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class Account:
    """A person in Superset; `role` is Admin or a role of roles.yaml. The password is kept out of every printed form."""

    username: str
    password: str
    role: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""

    def __repr__(self) -> str:
        return f"Account({self.username!r}, role={self.role!r})"


def environment(
    *,
    secret_key: str,
    metadata_uri: str,
    home: Path,
    venv: Path,
    port: int = PORT,
    portal_origins: Sequence[str] = (),
    time_zone: str = "Asia/Shanghai",
    hub: Mapping[str, str | int] | None = None,
) -> dict[str, str]:
    """The whole environment of the Superset process: the hub's own secrets are not in it.

    `metadata_uri`: `postgresql+psycopg2://hub_superset:…@/hub?host=…&options=-csearch_path%3Dsuperset`.
    `portal_origins`: who may show dashboards in a frame. `hub`: through whom people sign in, as hub_sign_in.py has it;
    None leaves Superset's own passwords. Creates `home` (mode 0700) when it is missing.
    """
    home = home.resolve()
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "SUPERSET_SECRET_KEY": secret_key,
        "SUPERSET_METADATA_URI": metadata_uri,
        "SUPERSET_HOME": str(home),
        "SUPERSET_PORT": str(port),
        "SUPERSET_PORTAL_ORIGINS": " ".join(portal_origins),
        "SUPERSET_HUB": json.dumps(dict(hub) if hub else None),
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        "FLASK_APP": "superset.app:create_app()",
        "HOME": str(home),
        "PATH": f"{venv.absolute() / 'bin'}:{SYSTEM_PATH}",
        "LANG": "C.UTF-8",
        "TZ": time_zone,
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",  # hundreds of lines from Superset's pinned packages
    }


def command(*, venv: Path, home: Path, port: int = PORT, host: str = HOST, threads: int = THREADS) -> list[str]:
    """The server's command line: one process, `threads` threads, about 350 MB. No secret is in it."""
    return [
        str(venv.absolute() / "bin" / "python"),
        *("-P", "-m", "gunicorn"),
        *("--workers", "1", "--worker-class", "gthread", "--threads", str(threads)),
        *("--bind", f"{host}:{port}"),
        *("--timeout", "120", "--graceful-timeout", "5", "--keep-alive", "5"),
        *("--chdir", str(home.resolve())),
        "--no-control-socket",  # the default is one socket for all servers of a user; nothing here speaks to it
        *("--log-level", "warning"),
        "superset.app:create_app()",
    ]


def bootstrap(
    *,
    venv: Path,
    environment: Mapping[str, str],
    accounts: Sequence[Account],
    report: Callable[[str], None] = lambda _line: None,
) -> dict[str, object]:
    """Create or upgrade Superset's metadata, roles and accounts (about 20 s the first time, under 1 s when nothing
    changed).

    Returns `{"state": "updated" | "unchanged", …}`. Raises SupersetError with the reason.
    """
    report("正在准备 Superset 的元数据 · Preparing Superset's metadata")
    program = [str(venv.absolute() / "bin" / "python"), "-P", str(HERE / "bootstrap.py")]
    told = json.dumps({"accounts": [vars(account) for account in accounts]})
    try:
        done = subprocess.run(
            program,
            input=told,
            env=dict(environment),
            cwd=environment["SUPERSET_HOME"],
            capture_output=True,
            text=True,
            check=False,
            timeout=BOOTSTRAP_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SupersetError(
            f"Superset 初始化没有完成：{error}", f"Superset's set-up did not finish: {error}"
        ) from error
    log = Path(environment["SUPERSET_HOME"]) / "bootstrap.log"
    log.write_text(done.stderr, encoding="utf-8")
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SupersetError(
            f"Superset 初始化失败：{reason}（详见 {log}）", f"Superset could not be set up: {reason} (details in {log})"
        )
    answer: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def is_ready(port: int = PORT, timeout_seconds: float = 2.0) -> bool:
    """Whether Superset answers its health page."""
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/health", timeout=timeout_seconds) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def wait_until_ready(port: int = PORT, seconds: float = 90.0, is_alive: Callable[[], bool] = lambda: True) -> None:
    """Return when Superset answers; raise SupersetError when it ended (`is_alive`) or did not answer in time."""
    deadline = time.monotonic() + seconds
    while not is_ready(port):
        if not is_alive():
            raise SupersetError(
                "Superset 启动后又退出了，请查看它的日志。", "Superset ended while starting; see its log."
            )
        if time.monotonic() > deadline:
            raise SupersetError(
                f"Superset 在 {seconds:.0f} 秒内没有响应（端口 {port}）。",
                f"Superset did not answer within {seconds:.0f} seconds (port {port}).",
            )
        time.sleep(0.25)


def main() -> None:
    """Become the server, with the SUPERSET_… variables this process was given and the environment it runs in."""
    home, port = Path(os.environ.get("SUPERSET_HOME", "")), int(os.environ.get("SUPERSET_PORT", PORT))
    needed = ("SUPERSET_SECRET_KEY", "SUPERSET_METADATA_URI", "SUPERSET_HOME", "SUPERSET_CONFIG_PATH")
    missing = [name for name in needed if not os.environ.get(name)]
    if missing:
        raise SystemExit(f"缺少环境变量 · Missing environment variables: {', '.join(missing)}")
    program = command(venv=Path(sys.prefix), home=home, port=port)
    os.execv(program[0], program)


if __name__ == "__main__":
    main()
