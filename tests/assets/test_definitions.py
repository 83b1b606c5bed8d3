"""The Dagster location: it loads, runs in order, and one silo that is away harms nobody else."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy as sa

from assets.definitions import build_defs, defs
from assets.sources import Source
from hub.settings import settings
from quality_checks.database import HubDatabase
from tests.assets.conftest import WriteSource

CSV = """
code = "{code}"
name = "数据源"
kind = "csv"
folder = "{folder}"
[tables.customers]
file = "customers.csv"
key = ["id"]
[[loads]]
document = "Customer"
table = "customers"
select = "customer.sql"
"""
SELECT = "select c._key as source_key, c.id as code, c.name from raw.{code}__customers c"


def csv_source(write_source: WriteSource, code: str, folder: str = ".") -> Source:
    files = {"customers.csv": f"id,name\n{code}-1,海天\n", "customer.sql": SELECT.format(code=code)}
    return write_source(CSV.format(code=code, folder=folder), files, code)


def definitions(hub: HubDatabase, *sources: Source, **more: Any) -> dg.Definitions:
    return build_defs(settings(), sources, values={}, database=hub, **more)


def nightly(location: dg.Definitions, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return location.resolve_job_def("nightly").execute_in_process(instance=instance, raise_on_error=False)


def codes(hub: HubDatabase) -> list[str]:
    with hub.engine() as engine, engine.connect() as connection:
        return list(connection.execute(sa.text("select code from hub.customer order by code")).scalars())


def test_the_installed_location_loads() -> None:
    location = defs()  # as Dagster calls it
    dg.Definitions.validate_loadable(location)
    graph = location.resolve_asset_graph()
    assert graph.asset_check_keys
    for key in graph.get_all_asset_keys():
        assert graph.get(key).group_name in {"raw", "load", "hub", "mart"}, key


def test_lineage_goes_from_silo_to_mart(hub: HubDatabase, write_source: WriteSource) -> None:
    graph = definitions(hub, csv_source(write_source, "crm")).resolve_asset_graph()
    chain = [["raw", "crm__customers"], ["load", "crm", "customer"], ["hub", "customer"], ["mart", "sales_order_line"]]
    for parent, child in itertools.pairwise(chain):
        assert dg.AssetKey(parent) in graph.get(dg.AssetKey(child)).parent_keys


def test_one_run_pulls_loads_builds_and_then_checks(
    hub: HubDatabase, write_source: WriteSource, instance: dg.DagsterInstance
) -> None:
    location = definitions(hub, csv_source(write_source, "crm"), csv_source(write_source, "erp"), checks=False)
    result = nightly(location, instance)
    assert result.success
    steps = [event.step_key for event in result.all_events if event.event_type_value == "STEP_START"]
    kinds = [str(step).split("__", 1)[0] for step in steps]
    assert kinds == sorted(kinds, key=["raw", "load", "mart"].index)
    assert steps.index("load__crm__customer") < steps.index("load__erp__customer")
    assert codes(hub) == ["crm-1", "erp-1"]


def test_a_silo_that_is_away_fails_only_its_own_assets(
    hub: HubDatabase, write_source: WriteSource, instance: dg.DagsterInstance
) -> None:
    away = csv_source(write_source, "away", "/no/such/folder")
    unset = csv_source(write_source, "unset", "${NOT_SET}")
    result = nightly(definitions(hub, away, unset, csv_source(write_source, "crm"), checks=False), instance)
    assert not result.success
    failed = {event.step_key: event for event in result.all_events if event.is_step_failure}
    assert set(failed) == {"raw__away__customers", "raw__unset__customers"}
    said = failed["raw__away__customers"].step_failure_data.user_failure_data
    assert said is not None
    assert "无法连接数据源 away" in str(said.description)
    assert "cannot be reached" in str(said.description)
    made = {event.asset_key.to_user_string() for event in result.get_asset_materialization_events() if event.asset_key}
    assert {"raw/crm__customers", "load/crm/customer", "mart/sales_order_line", "mart/energy_daily"} <= made
    assert codes(hub) == ["crm-1"]
    with hub.engine() as engine, engine.connect() as connection:
        runs = connection.execute(sa.text("select status, count(*) from hub.sync_run group by 1")).all()
    assert {row[0]: row[1] for row in runs} == {"failed": 2, "succeeded": 1}


def test_a_wrong_file_is_one_failing_asset_beside_the_others(
    hub: HubDatabase, write_source: WriteSource, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    csv_source(write_source, "crm")
    (tmp_path / "wrong.toml").write_text('code = "x"\nkind = "csv"\n', encoding="utf-8")
    chosen = settings().model_copy(update={"sources": tmp_path})
    result = nightly(build_defs(chosen, values={}, database=hub, checks=False), instance)
    failed = [event for event in result.all_events if event.is_step_failure]
    assert [event.step_key for event in failed] == ["broken_source__wrong"]
    assert failed[0].step_failure_data.user_failure_data is not None
    assert "wrong.toml" in str(failed[0].step_failure_data.user_failure_data.description)
    assert codes(hub) == ["crm-1"]


def test_the_night_begins_at_two_in_shanghai(hub: HubDatabase) -> None:
    schedule = definitions(hub).resolve_schedule_def("nightly_schedule")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Asia/Shanghai")
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING


def test_energy_marts_follow_the_readings_every_hour(hub: HubDatabase, instance: dg.DagsterInstance) -> None:
    import datetime as dt
    from zoneinfo import ZoneInfo

    location = definitions(hub, checks=False)
    at = dt.datetime(2026, 3, 2, 10, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    first = dg.evaluate_automation_conditions(location, instance, evaluation_time=at)
    assert first.total_requested == 0
    later = at + dt.timedelta(minutes=5)
    second = dg.evaluate_automation_conditions(location, instance, cursor=first.cursor, evaluation_time=later)
    requested = {
        model for model in ("energy_daily", "energy_interval") if second.get_num_requested(dg.AssetKey(["mart", model]))
    }
    assert requested == {"energy_daily", "energy_interval"}
    assert second.total_requested == 2
    third = dg.evaluate_automation_conditions(
        location, instance, cursor=second.cursor, evaluation_time=later + dt.timedelta(minutes=1)
    )
    assert third.total_requested == 0


def test_a_changed_file_asks_for_its_own_source_once(
    hub: HubDatabase, write_source: WriteSource, instance: dg.DagsterInstance
) -> None:
    crm, erp = csv_source(write_source, "crm"), csv_source(write_source, "erp")
    location = definitions(hub, crm, erp, csv_source(write_source, "away", "/no/such/folder"), checks=False)
    first = looked(location, instance, None)
    assert {run.tags["source"] for run in first["runs"]} == {"crm", "erp"}
    assert looked(location, instance, first["cursor"])["runs"] == []
    os.utime(crm.home / "customers.csv", ns=(1, 1))
    again = looked(location, instance, first["cursor"])
    assert [run.tags["source"] for run in again["runs"]] == ["crm"]
    wanted = {key.to_user_string() for key in again["runs"][0].asset_selection}
    assert {"raw/crm__customers", "load/crm/customer", "mart/sales_order_line"} <= wanted
    assert not any("erp" in key for key in wanted)
    assert set(json.loads(again["cursor"])) == {"crm", "erp"}


def looked(location: dg.Definitions, instance: dg.DagsterInstance, cursor: str | None) -> Mapping[str, Any]:
    """One look of the file sensor."""
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, definitions=location, resources=dict(location.resources or {})
    )
    found = location.resolve_sensor_def("files").evaluate_tick(context)
    return {"runs": list(found.run_requests or []), "cursor": found.cursor}


def test_a_file_that_the_first_run_has_pulled_is_not_pulled_again(
    hub: HubDatabase, write_source: WriteSource, instance: dg.DagsterInstance
) -> None:
    crm, erp = csv_source(write_source, "crm"), csv_source(write_source, "erp")
    nightly(definitions(hub, crm, checks=False), instance)
    first = looked(definitions(hub, crm, erp, checks=False), instance, None)
    assert [run.tags["source"] for run in first["runs"]] == ["erp"]


@pytest.mark.parametrize("name", ["HUB_HOME", "HUB_ROOT"])
def test_sources_may_stand_in_the_home_or_the_checkout(name: str) -> None:
    from assets.definitions import source_values

    assert Path(source_values(settings())[name]).is_absolute()
