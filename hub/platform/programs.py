"""The program behind each line of the Procfile: its command line and its environment.

`hub serve PART` becomes that program, so the Procfile also runs under a plain `honcho start`. Secrets go through the
environment or private files, never through a command line; analysts' kernels and Superset get no secret of the hub.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import URL

from hub.db.engine import database_url
from hub.db.roles import embedded_server
from hub.linux import die_with_parent
from hub.platform import lab
from hub.secret_store import SecretStore
from hub.settings import ROOT, Settings, inherited_environment, settings
from hub.trouble import Trouble
from hub.web.openid.clients import clients, issuer, local_host, origin_at

BIN = Path(sys.executable).parent
SUPERSET_SERVICE = "shuniu-service"
"""Superset's account for provisioning: an Admin with a password. The hub lets nobody of that login in."""


@dataclass(frozen=True)
class Program:
    """What to execute: arguments (the first is a path), the whole environment, the working folder."""

    arguments: list[str]
    environment: dict[str, str]
    folder: Path = ROOT


def program_of(part: str, chosen: Settings) -> Program:
    """The program of a Procfile line.

    Raises:
        Trouble: there is no such part, or Superset's environment is not installed.
    """
    make = _PROGRAMS.get(part)
    if make is None:
        parts = ", ".join(["database", *_PROGRAMS])
        raise Trouble(f"没有名为 {part} 的组件；可用：{parts}。", f"There is no part {part}; there are: {parts}.")
    return make(chosen)


def become(part: str) -> None:
    """Turns this process into the program of a Procfile line. Ends with its parent, however that ends."""
    chosen = settings()
    if part == "database":
        if not chosen.embedded:
            raise Trouble(
                "使用外部数据库，没有内置数据库可运行。", "An external database is used; there is none to run."
            )
        embedded_server(chosen).replace_this_process()
    program = program_of(part, chosen)
    die_with_parent()
    os.chdir(program.folder)
    os.execve(program.arguments[0], program.arguments, program.environment)


def hub_address(chosen: Settings) -> str:
    """Where the hub answers, as other programs reach it."""
    return origin_at("", chosen.port, local_host(chosen))


def driver_url(url: URL, schema: str) -> str:
    """A URL for programs that use psycopg2 with their tables in one schema. Spaces as %20: libpq knows no other."""
    host, options = url.query.get("host", ""), f"-csearch_path={schema}"
    query = {"host": host if isinstance(host, str) else ",".join(host), "options": options}
    rest = {name: value for name, value in url.query.items() if name not in query and isinstance(value, str)}
    plain = url.set(drivername="postgresql+psycopg2", query={}).render_as_string(hide_password=False)
    pairs = {name: value for name, value in {**query, **rest}.items() if value}
    return plain + "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs.items())


# -- hub -------------------------------------------------------------------------------------------------------------


def _hub(chosen: Settings) -> Program:
    arguments = [str(BIN / "granian"), "--interface", "asgi", "--host", chosen.host, "--port", str(chosen.port)]
    arguments += ["--workers", "1", "--loop", "uvloop", "--ws", "--log-level", "warning"]
    return Program([*arguments, "hub.web.app:app"], _ours(chosen))


def _ours(chosen: Settings) -> dict[str, str]:
    """The environment of our own code: what this process has, with the same home."""
    return {**inherited_environment(), "HUB_HOME": str(chosen.home), "PYTHONUNBUFFERED": "1", "TZ": chosen.time_zone}


# -- Dagster ---------------------------------------------------------------------------------------------------------


def dagster_environment(chosen: Settings) -> dict[str, str]:
    """The environment of everything that runs Dagster; also writes its two configuration files."""
    folder = chosen.home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dagster.yaml").write_text(_DAGSTER_YAML.format(time_zone=chosen.time_zone), encoding="utf-8")
    (folder / "workspace.yaml").write_text(
        f"load_from:\n  - grpc_server:\n      socket: {dagster_socket(chosen)}\n      location_name: shuniu\n",
        encoding="utf-8",
    )
    return {
        **_ours(chosen),
        "DAGSTER_HOME": str(folder),
        "DAGSTER_PG_URL": driver_url(database_url(chosen=chosen), "dagster"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "PATH": f"{BIN}:{inherited_environment().get('PATH', os.defpath)}",
    }


def dagster_socket(chosen: Settings) -> Path:
    """Where the code server listens: a socket, because a port would let any local user run code as us."""
    near = chosen.home / "dagster" / "code.sock"
    if len(os.fsencode(near)) <= 100 and str(near).isascii():
        return near
    short = Path("/tmp") / f"shuniu-{os.geteuid()}-{hashlib.sha256(os.fsencode(near)).hexdigest()[:16]}"  # noqa: S108
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    if found.st_uid != os.geteuid() or short.is_symlink():
        raise Trouble(f"{short} 属于其他用户。", f"{short} belongs to another user.")
    return short / "code.sock"


_DAGSTER_YAML = """\
telemetry: {{enabled: false}}
nux: {{enabled: false}} # no newsletter dialog at the first visit
storage:
  postgres:
    postgres_url: {{env: DAGSTER_PG_URL}}
run_coordinator: {{module: dagster.core.run_coordinator, class: QueuedRunCoordinator}}
concurrency:
  runs: {{max_concurrent_runs: 2}}
  pools: {{default_limit: 1, granularity: op}}
python_logs: {{python_log_level: INFO}}
retention:
  schedule: {{purge_after_days: 90}}
  sensor: {{purge_after_days: {{skipped: 2, failure: 30, success: 90}}}}
schedules: {{use_threads: true, num_workers: 2}}
sensors: {{use_threads: true, num_workers: 2}}
"""


def _dagster_code(chosen: Settings) -> Program:
    socket = dagster_socket(chosen)
    socket.unlink(missing_ok=True)
    arguments = [str(BIN / "dagster"), "api", "grpc", "--module-name", "assets.definitions", "--attribute", "defs"]
    arguments += ["--socket", str(socket), "--working-directory", str(ROOT), "--location-name", "shuniu"]
    return Program([*arguments, "--use-python-environment-entry-point"], dagster_environment(chosen))


def _dagster_web(chosen: Settings) -> Program:
    return Program([sys.executable, "-m", "hub.platform.dagster_page"], dagster_environment(chosen))


def _dagster_daemon(chosen: Settings) -> Program:
    workspace = str(chosen.home / "dagster" / "workspace.yaml")
    return Program([str(BIN / "dagster-daemon"), "run", "-w", workspace], dagster_environment(chosen))


# -- Superset and notebooks: no secret of the hub ----------------------------------------------------------------------


def superset_environment(chosen: Settings) -> dict[str, str]:
    """The whole environment of Superset's processes."""
    from superset_config import run

    return run.environment(
        secret_key=SecretStore(chosen.secrets_file).get("superset_secret_key"),
        metadata_uri=driver_url(database_url(chosen.superset_role, chosen=chosen), "superset"),
        home=chosen.home / "superset",
        venv=chosen.superset_environment,
        port=chosen.superset_port,
        time_zone=chosen.time_zone,
        hub={
            "address": hub_address(chosen),
            "issuer": issuer(chosen),
            "public_url": chosen.public_url,
            "port": chosen.port,
            "own_port": chosen.superset_port,
            "secret": clients(chosen)["superset"].secret,
            "service": SUPERSET_SERVICE,
        },
    )


def _superset(chosen: Settings) -> Program:
    from superset_config import run

    if not (chosen.superset_environment / "bin" / "python").exists():
        raise Trouble(
            "Superset 的环境还没有安装；请运行 make demo。",
            "Superset's environment is not installed; run make demo.",
        )
    home = chosen.home / "superset"
    environment = superset_environment(chosen)
    return Program(
        run.command(venv=chosen.superset_environment, home=home, port=chosen.superset_port, host=chosen.host),
        environment,
        home,
    )


def _jupyter(chosen: Settings) -> Program:
    home = chosen.home / "jupyter"
    lab.prepare(chosen)
    environment = {
        "HOME": str(home),
        "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "TZ": chosen.time_zone,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "HUB_URL": hub_address(chosen),
        "HUB_TOKEN_FILE": str(chosen.home / "jupyter" / "hub_token"),
    }
    return Program([str(BIN / "jupyter-lab"), *lab.arguments(chosen)], environment)


# -- devices -----------------------------------------------------------------------------------------------------------


def _edge_environment(chosen: Settings) -> dict[str, str]:
    """The collector reads EDGE_… only and knows nothing of the database."""
    folder = chosen.home / "edge"
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "LANG": "C.UTF-8",
        "TZ": chosen.time_zone,
        "EDGE_HUB": hub_address(chosen),
        "EDGE_TOKEN_FILE": str(folder / "token"),
        "EDGE_BUFFER": str(folder / "buffer.db"),
        "EDGE_LINE": f"127.0.0.1:{chosen.simulator_port}",
    }


def _simulator(chosen: Settings) -> Program:
    arguments = [str(BIN / "edge"), "simulate", "--listen", f"127.0.0.1:{chosen.simulator_port}"]
    return Program(arguments, _edge_environment(chosen))


def _collector(chosen: Settings) -> Program:
    return Program([str(BIN / "edge"), "run", str(chosen.edge_site)], _edge_environment(chosen))


_PROGRAMS: dict[str, Callable[[Settings], Program]] = {
    "hub": _hub,
    "dagster-code": _dagster_code,
    "dagster-web": _dagster_web,
    "dagster-daemon": _dagster_daemon,
    "superset": _superset,
    "jupyter": _jupyter,
    "simulator": _simulator,
    "collector": _collector,
}
