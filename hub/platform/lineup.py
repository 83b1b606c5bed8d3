"""The Procfile's parts with what the supervisor must know of each: name for people, readiness, how it is ended."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Mapping

from honcho.environ import parse_procfile

from hub.db.roles import embedded_server
from hub.platform.checks import answers_http, answers_socket, answers_tcp
from hub.platform.programs import dagster_socket
from hub.platform.supervisor import Part
from hub.settings import ROOT, Settings
from hub.trouble import Trouble
from hub.web.openid.clients import local_host, origin_at

LABELS = {
    "database": ("数据库", "The database"),
    "hub": ("枢纽", "The hub"),
    "simulator": ("设备模拟器", "The device simulator"),
    "collector": ("采集器", "The collector"),
    "jupyter": ("JupyterLab", "JupyterLab"),
    "dagster-code": ("Dagster 代码服务", "Dagster's code server"),
    "dagster-web": ("Dagster 页面", "Dagster's page"),
    "dagster-daemon": ("Dagster 调度", "Dagster's scheduler"),
    "superset": ("Superset", "Superset"),
}

PORTS = {
    "hub": "port",
    "simulator": "simulator_port",
    "jupyter": "jupyter_port",
    "dagster-web": "dagster_port",
    "superset": "superset_port",
}
"""The setting that holds a part's port."""

_SIGNALS = {"database": signal.SIGINT, "dagster-code": signal.SIGINT, "dagster-daemon": signal.SIGINT}
"""PostgreSQL's SIGTERM waits for every client; Dagster leaves sooner and cleaner on SIGINT."""


def lineup(chosen: Settings, environment: Mapping[str, str]) -> dict[str, Part]:
    """The parts of the Procfile by name, ready to be started. Without the database when it is external."""
    commands: dict[str, str] = parse_procfile((ROOT / "Procfile").read_text(encoding="utf-8")).processes
    return {
        name: Part(
            name,
            LABELS.get(name, (name, name)),
            command,
            environment,
            _readiness(name, chosen),
            _SIGNALS.get(name, signal.SIGTERM),
            last=name == "database",
        )
        for name, command in commands.items()
        if name != "database" or chosen.embedded
    }


def _readiness(name: str, chosen: Settings) -> Callable[[], Awaitable[bool]] | None:
    paths = {"hub": "/readyz", "jupyter": "/api", "dagster-web": "/server_info", "superset": "/health"}
    if name in paths:
        address = origin_at("", getattr(chosen, PORTS[name]), local_host(chosen)) + paths[name]
        return lambda: answers_http(address)
    if name == "simulator":
        return lambda: answers_tcp("127.0.0.1", chosen.simulator_port)
    if name == "dagster-code":
        return lambda: answers_socket(dagster_socket(chosen))
    if name == "database":
        return lambda: _database_answers(chosen)
    return None


async def _database_answers(chosen: Settings) -> bool:
    try:
        await asyncio.to_thread(embedded_server(chosen).wait_ready, 0)
    except Trouble:
        return False
    return True
