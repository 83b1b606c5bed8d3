"""The closing table of `hub up`: what runs where, and the accounts whose passwords were made on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.platform.progress import Row
from hub.secret_store import SecretStore, account_secret
from hub.settings import Settings
from hub.trouble import Trouble
from hub.web.openid.clients import origin

_SHOWN = {"administrator": "管理员", "sales": "销售", "planner": "计划", "executive": "高管", "steward": "数据管家"}
"""The roles of whom the table shows one account; every account has its password in the secrets file."""

_ONE = "工作台的登录通用 the workbench's sign-in"


@dataclass(frozen=True)
class Account:
    """A demo account: login and role."""

    login: str
    role: str


def closing_rows(chosen: Settings, absent: Mapping[str, Trouble], accounts: Sequence[Account]) -> list[Row]:
    """One row for each page and account; a part that does not run says why."""
    secrets = SecretStore(chosen.secrets_file)

    def page(port: int, path: str = "/") -> str:
        return origin(chosen, port) + path

    def row(part: str, name: str, address: str, account: str = "", secret: str = "", note: str = "") -> Row:
        if part in absent:
            return Row(name, "—", note=absent[part].zh)
        return Row(name, address, account, secrets.get(secret) if secret else "", note)

    first: dict[str, Account] = {}
    for one in accounts:
        first.setdefault(one.role, one)
    shown = [first[role] for role in _SHOWN if role in first]
    people = [row("hub", "", "", one.login, account_secret(one.login), _SHOWN[one.role]) for one in shown]
    return [
        row("hub", "工作台 Workbench", page(chosen.port)),
        *([] if "hub" in absent else people),
        row("hub", "GraphQL", page(chosen.port, "/graphql"), note="hub token --as USER"),
        row("superset", "看板 Superset", page(chosen.superset_port), note=_ONE),
        row("dagster-web", "管道 Dagster", page(chosen.dagster_port), note=_ONE),
        row("jupyter", "笔记本 JupyterLab", page(chosen.jupyter_port, "/lab"), note=_ONE),
        row("simulator", "模拟器 Simulator", f"127.0.0.1:{chosen.simulator_port}", note="Modbus TCP"),
        row("collector", "采集器 Collector", "", note=f"{chosen.edge_site.name} → {page(chosen.port)}"),
        Row("数据库 Database", "", note="内置 embedded: hub db url" if chosen.embedded else "外部 external"),
        Row("文件 Files", "", note=f"{chosen.logs}，{chosen.secrets_file}"),
    ]
