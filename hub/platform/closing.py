"""The closing table of `hub up`: what runs where, and the accounts whose passwords were made on this machine."""

from __future__ import annotations

from collections.abc import Mapping

from hub.platform.dashboards import ADMINISTRATOR
from hub.platform.progress import Row
from hub.secret_store import SecretStore
from hub.seed.people import ACCOUNTS
from hub.settings import Settings
from hub.trouble import Trouble

_SHOWN_ROLES = ("administrator", "sales", "planner", "executive", "steward")


def closing_rows(chosen: Settings, absent: Mapping[str, Trouble]) -> list[Row]:
    """One row for each page and account; a part that does not run says why."""
    secrets = SecretStore(chosen.secrets_file)

    def page(port: int, path: str = "/") -> str:
        return f"http://{chosen.host}:{port}{path}"

    def row(part: str, name: str, address: str, account: str = "", secret: str = "", note: str = "") -> Row:
        trouble = absent.get(part)
        if trouble is not None:
            return Row(name, "—", note=trouble.zh)
        return Row(name, address, account, secrets.get(secret) if secret else "", note)

    people = [
        row("hub", "", "", login, f"user_{login}", role)
        for login, roles in ACCOUNTS
        for role in roles
        if role in _SHOWN_ROLES and (role, login) in _first_of_each()
    ]
    superset = page(chosen.superset_port)
    return [
        row("hub", "工作台 Workbench", page(chosen.port), note="账号见下 accounts below"),
        *(people if "hub" not in absent else []),
        row("hub", "GraphQL", page(chosen.port, "/graphql"), note="hub token --as USER"),
        row("superset", "看板 Superset", superset, ADMINISTRATOR, f"superset_{ADMINISTRATOR}"),
        row("dagster-web", "数据管道 Dagster", page(chosen.dagster_port)),
        row("jupyter", "笔记本 JupyterLab", page(chosen.jupyter_port, "/lab"), "token", "jupyter_token"),
        row("simulator", "设备模拟器 Simulator", f"127.0.0.1:{chosen.simulator_port}", note="Modbus TCP"),
        row("collector", "采集器 Collector", str(chosen.edge_site.name), note=f"EDGE → {page(chosen.port)}"),
        Row("数据库 Database", "内置 embedded" if chosen.embedded else "外部 external", note="hub db url"),
        Row("其余口令 Other passwords", str(chosen.secrets_file), note=f"日志 logs: {chosen.logs}"),
    ]


def _first_of_each() -> set[tuple[str, str]]:
    found: dict[str, str] = {}
    for login, roles in ACCOUNTS:
        for role in roles:
            found.setdefault(role, login)
    return set(found.items())
