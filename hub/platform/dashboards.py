"""Superset's two errands: install its environment and prepare its metadata; bring in the dashboards.

Run as child processes of `hub up` (`python -m hub.platform.dashboards prepare|provision`), so that a Ctrl-C
ends them too. Lines on standard output are shown.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable

from hub.db.engine import database_url
from hub.platform.programs import SUPERSET_SERVICE, driver_url, superset_environment
from hub.secret_store import SecretStore
from hub.settings import Settings, settings, variable_of
from hub.web.openid.clients import local_host, origin_at
from superset_config import environment, provision, run
from superset_config.errors import SupersetError


def prepare(chosen: Settings) -> None:
    """Makes `.venv-superset` hold exactly its lock, and the metadata tables, roles and accounts up to date."""
    environment.ensure(chosen.superset_environment, report=_say, base=_base(chosen.superset_python))
    service = run.Account(SUPERSET_SERVICE, _password(chosen), "Admin", first_name="枢纽")
    run.bootstrap(
        venv=chosen.superset_environment, environment=superset_environment(chosen), accounts=[service], report=_say
    )


def _base(python: str) -> str:
    """The Python named by the settings, empty when none is; SupersetError when it is none that Superset runs on."""
    if not python:
        return ""
    found = ""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        asked = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        found = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=60).stdout.strip()
    if found not in environment.PYTHONS:
        variable, told = variable_of("superset_python"), f"Python {found}" if found else ""
        raise SupersetError(
            f"{variable} 指定的 {python} {f'是 {told}，' if told else ''}不是 Python 3.11 或 3.12，Superset 没有启动。",
            f"{python}, named by {variable}, is {f'{told}, ' if told else ''}no Python 3.11 or 3.12; no Superset runs.",
        )
    return python


def bring_in(chosen: Settings) -> None:
    """Imports the dashboards and asks every chart for its data; charts that fail are named, nothing else stops."""
    outcome = provision.provision(
        origin_at("", chosen.superset_port, local_host(chosen)),
        SUPERSET_SERVICE,
        _password(chosen),
        driver_url(database_url(chosen.mart_role, chosen=chosen), "mart"),
        time_zone=chosen.time_zone,
    )
    for chart in outcome.failures:
        _say(f"✗ 图表“{chart.title}”没有数据：{chart.problem} · The chart {chart.name} fails")


def _password(chosen: Settings) -> str:
    return SecretStore(chosen.secrets_file).get("superset_service")


ERRANDS: dict[str, Callable[[Settings], None]] = {"prepare": prepare, "provision": bring_in}


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 (the parent reads it)


def main() -> int:
    """Runs the errand named on the command line; exit code 1 with a JSON line `{"zh", "en"}` when it fails."""
    try:
        ERRANDS[sys.argv[1]](settings())
    except SupersetError as error:
        _say(json.dumps({"zh": error.message_zh, "en": error.message_en}))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
