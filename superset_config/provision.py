# ruff: noqa: T201 - a command line speaks
"""Bring the dashboards of this repository into a running Superset, open them to the roles, and see that every chart
answers.

Run again, nothing changes. Superset's importer accepts tables, columns and metrics that do not exist, so the import
proves nothing: afterwards every chart is asked for its data, and those that fail are named. Command line: `python -m
superset_config.provision` with SUPERSET_URL, SUPERSET_USER, SUPERSET_PASSWORD and SUPERSET_DATABASE_URI.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import yaml

from superset_config import bundle
from superset_config.client import Superset
from superset_config.errors import SupersetError
from superset_config.specs import SPECS, Dashboard, Specs, load

DATABASE_NAME = "枢纽数据"
DRIVER = "postgresql+psycopg2"
ROLES_FILE = Path(__file__).with_name("roles.yaml")
_SEEN = {  # what is compared to tell whether a run changed anything
    "database": ("database_name", "sqlalchemy_uri", "cache_timeout", "expose_in_sqllab", "allow_dml", "extra"),
    "dataset": ("table_name", "schema", "main_dttm_col", "description", "columns", "metrics", "owners"),
    "chart": ("slice_name", "description", "viz_type", "params", "query_context"),
    "dashboard": ("dashboard_title", "slug", "published", "json_metadata", "position_json", "roles"),
}
_NOT_CONTENT = {"changed_on", "created_on", "changed_on_delta_humanized", "id", "changed_by"}


@dataclass(frozen=True)
class ChartCheck:
    """What a chart answered: its number of rows, or the problem."""

    name: str
    title: str
    rows: int
    problem: str = ""


@dataclass(frozen=True)
class ProvisionReport:
    """The outcome: `changed` names objects (`chart 每月订单额`, `role 高管`) that differ from before."""

    dashboards: tuple[str, ...]
    charts: tuple[ChartCheck, ...]
    changed: tuple[str, ...]

    @property
    def failures(self) -> tuple[ChartCheck, ...]:
        """Charts that gave an error instead of data."""
        return tuple(chart for chart in self.charts if chart.problem)

    @property
    def empty(self) -> tuple[ChartCheck, ...]:
        """Charts that answered without a row: right for a new company, worth a look otherwise."""
        return tuple(chart for chart in self.charts if not chart.problem and not chart.rows)


def provision(
    url: str,
    user: str,
    password: str,
    database_uri: str,
    *,
    specs: Path = SPECS,
    database_name: str = DATABASE_NAME,
    time_zone: str = "Asia/Shanghai",
    report: Callable[[str], None] = lambda _line: None,
) -> ProvisionReport:
    """Import the dashboards, set owners, roles and rights, check every chart (about 3 s).

    `user` must be an Admin of Superset; `database_uri` is the marts' read-only connection as SQLAlchemy writes it (any
    psycopg driver). Raises SupersetError when Superset or its database connection does not work or a file is wrong; a
    chart that fails is in the report.
    """
    assets = load(specs)
    masked, full, database_password = _split(database_uri)
    files = bundle.documents(assets, database_name, masked, time_zone)
    with Superset(url, user, password) as superset:
        report("正在检查数据库连接 · Checking the database connection")
        superset.test_connection(full, database_name, files[bundle.DATABASE_FILE]["extra"])
        before = _snapshot(superset, assets)
        report("正在导入看板 · Importing the dashboards")
        superset.import_assets(bundle.packed(files), {bundle.DATABASE_FILE: database_password})
        rights_changed = _open_to_roles(superset, assets)
        after = _snapshot(superset, assets)
        report("正在检查每个图表 · Checking every chart")
        charts = _check_charts(superset, assets)
    changed = [label for label, content in after.items() if before.get(label) != content]
    links = tuple(f"{url.rstrip('/')}/superset/dashboard/{each.slug}/" for each in assets.dashboards.values())
    return ProvisionReport(links, charts, (*changed, *rights_changed))


def _split(uri: str) -> tuple[str, str, str]:
    """A database URI with Superset's driver: masked, whole, and the password alone."""
    parts = urlsplit(uri)
    if not parts.scheme.startswith("postgresql") or not parts.username:
        raise SupersetError(
            "看板的数据库地址应为 postgresql://用户:密码@/库?host=…",
            "The database address should be postgresql://user:password@/database?host=…",
        )
    password = unquote(parts.password or "")
    place = parts.netloc.rpartition("@")[2]
    rest = f"{place}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    user = quote(unquote(parts.username), safe="")
    masked = f"{DRIVER}://{user}:{bundle.PASSWORD_MASK}@{rest}"
    return masked, f"{DRIVER}://{user}:{quote(password, safe='')}@{rest}", password


def _ids(superset: Superset, resource: str) -> dict[str, int]:
    return {each["uuid"]: each["id"] for each in superset.all(resource)}


def _ours(assets: Specs) -> list[tuple[str, str]]:
    named = [("database", "hub"), *(("dataset", name) for name in assets.datasets)]
    return [*named, *(("chart", name) for name in assets.charts), *(("dashboard", name) for name in assets.dashboards)]


def _snapshot(superset: Superset, assets: Specs) -> dict[str, str]:
    """What stands in Superset now of the objects we bring, by a label a person understands."""
    ids = {kind: _ids(superset, kind) for kind in _SEEN}
    seen = {}
    for kind, name in _ours(assets):
        found = ids[kind].get(str(bundle.identity(kind, name)))
        if found is not None:
            content = superset.get(f"{kind}/{found}")["result"]
            title = _title(assets, kind, name)
            seen[f"{kind} {title}"] = json.dumps(
                {key: _content(content.get(key)) for key in _SEEN[kind]}, sort_keys=True
            )
    return seen


def _content(value: object) -> object:
    """A value without what Superset stamps on it; lists of columns and metrics come in any order."""
    if isinstance(value, dict):
        return {key: _content(part) for key, part in value.items() if key not in _NOT_CONTENT}
    if isinstance(value, list):
        return sorted((_content(part) for part in value), key=lambda part: json.dumps(part, sort_keys=True))
    return value


def _title(assets: Specs, kind: str, name: str) -> str:
    if kind == "database":
        return DATABASE_NAME
    titles = {
        "dataset": {key: each.title for key, each in assets.datasets.items()},
        "chart": {key: each.title for key, each in assets.charts.items()},
        "dashboard": {key: each.title for key, each in assets.dashboards.items()},
    }
    return titles[kind][name]


def _open_to_roles(superset: Superset, assets: Specs) -> list[str]:
    """Dashboards to their roles, data sets to the roles that may read them, data sets into the stewards' care."""
    roles = superset.roles()
    plan = yaml.safe_load(ROLES_FILE.read_text(encoding="utf-8"))["roles"]
    for name in {*plan, *(role for each in assets.dashboards.values() for role in each.roles)}:
        if name not in roles:
            raise SupersetError(
                f"Superset 中没有角色 {name}，请先运行初始化。", f"Superset has no role {name}; run its set-up first."
            )
    dashboards = _ids(superset, "dashboard")
    for dashboard in assets.dashboards.values():
        _show_to(superset, dashboards[str(bundle.identity("dashboard", dashboard.name))], dashboard, roles)
    by_uuid = _ids(superset, "dataset")
    datasets = {name: by_uuid[str(bundle.identity("dataset", name))] for name in assets.datasets}
    rights = superset.dataset_rights()
    managed = {rights[dataset] for dataset in datasets.values()}
    changed = []
    for name, role_plan in plan.items():
        readable = {rights[datasets[dataset]] for dataset in _readable(assets, name, role_plan["datasets"])}
        present = set(superset.permissions_of(roles[name]))
        if (wanted := (present - managed) | readable) != present:
            superset.set_permissions(roles[name], wanted)
            changed.append(f"role {name}")
    _give_to_stewards(superset, datasets, {name for name, role_plan in plan.items() if role_plan.get("owns_datasets")})
    return changed


def _show_to(superset: Superset, dashboard_id: int, dashboard: Dashboard, roles: dict[str, int]) -> None:
    present = {role["id"] for role in superset.get(f"dashboard/{dashboard_id}")["result"]["roles"]}
    wanted = {roles[name] for name in dashboard.roles}
    if present != wanted:
        superset.put(f"dashboard/{dashboard_id}", {"roles": sorted(wanted)})


def _readable(assets: Specs, role: str, which: str) -> set[str]:
    if which == "all":
        return set(assets.datasets)
    shown = [dashboard for dashboard in assets.dashboards.values() if role in dashboard.roles]
    return {dataset for dashboard in shown for dataset in assets.datasets_of(dashboard)}


def _give_to_stewards(superset: Superset, datasets: dict[str, int], steward_roles: set[str]) -> None:
    """Who has a role that owns data sets may edit them; the importing Admin stays an owner."""
    users = superset.users()
    stewards = {user["id"] for user in users if steward_roles & {role["name"] for role in user["roles"]}}
    stewards |= {user["id"] for user in users if user["username"] == superset.user}
    for dataset_id in datasets.values():
        owners = {owner["id"] for owner in superset.get(f"dataset/{dataset_id}")["result"]["owners"]}
        if not stewards <= owners:
            superset.put(f"dataset/{dataset_id}", {"owners": sorted(owners | stewards)})


def _check_charts(superset: Superset, assets: Specs) -> tuple[ChartCheck, ...]:
    """Ask every chart for its data, past the cache."""
    ids = _ids(superset, "chart")
    checks = []
    for name, chart in assets.charts.items():
        try:
            rows = len(superset.chart_data(ids[str(bundle.identity("chart", name))]))
            checks.append(ChartCheck(name, chart.title, rows))
        except KeyError:
            checks.append(ChartCheck(name, chart.title, 0, "图表没有导入 · was not imported"))
        except SupersetError as error:
            checks.append(ChartCheck(name, chart.title, 0, str(error)))
    return tuple(checks)


def main() -> int:
    """The command line; 0 when every chart answers."""
    names = ("SUPERSET_URL", "SUPERSET_USER", "SUPERSET_PASSWORD", "SUPERSET_DATABASE_URI")
    if missing := [name for name in names if not os.environ.get(name)]:
        print(f"缺少环境变量 · Missing environment variables: {', '.join(missing)}", file=sys.stderr)
        return 2
    try:
        outcome = provision(*(os.environ[name] for name in names), report=print)
    except SupersetError as error:
        print(error.message_zh, error.message_en, sep="\n", file=sys.stderr)
        return 1
    for chart in outcome.charts:
        print(
            f"{'✗' if chart.problem else '✓'} {chart.title}（{chart.name}）{chart.problem or f'{chart.rows} 行 · rows'}"
        )
    print(f"有变化 · Changed: {', '.join(outcome.changed) or '无 · nothing'}")
    print(*outcome.dashboards, sep="\n")
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
