"""When the pipeline runs by itself: every night all of it, a changed file at once, the energy marts every hour."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg

from assets.loads import load_key
from assets.pulls import raw_key
from assets.sources import Source, SourceError

NIGHTLY = dg.define_asset_job(
    "nightly",
    dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
    description="全部数据源、装载、数据集市与检查 / everything, once",
)


def nightly_schedule(time_zone: str) -> dg.ScheduleDefinition:
    """Two in the morning, where the factory stands."""
    return dg.ScheduleDefinition(
        job=NIGHTLY,
        cron_schedule="0 2 * * *",
        execution_timezone=time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def hourly_sensor() -> dg.AutomationConditionSensorDefinition:
    """Looks once a minute for assets whose own condition asks for them."""
    return dg.AutomationConditionSensorDefinition(
        "automation",
        target=dg.AssetSelection.groups("mart"),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=60,
    )


def file_sensor(
    sources: Sequence[Source], values: Mapping[str, str], marts: Sequence[dg.AssetKey]
) -> dg.SensorDefinition:
    """Pulls and loads a CSV or Excel source as soon as one of its files has changed, and rebuilds the marts."""
    watched = [source for source in sources if source.kind in ("csv", "excel")]
    targets = {source.code: [*source_keys(source), *marts] for source in watched}

    @dg.sensor(
        name="files",
        job=NIGHTLY,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="CSV 文件夹与 Excel 工作簿的变化 / changes of CSV folders and workbooks",
    )
    def _files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        known: dict[str, str] = json.loads(context.cursor or "{}")
        now = {source.code: fingerprint(source, values) for source in watched}
        changed = [code for code, mark in now.items() if mark and mark != known.get(code)]
        if not changed:
            return dg.SkipReason("没有变化 / nothing changed")
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(run_key=f"{code}:{now[code]}", asset_selection=targets[code], tags={"source": code})
                for code in changed
            ],
            cursor=json.dumps({**known, **{code: mark for code, mark in now.items() if mark}}),
        )

    return _files


def source_keys(source: Source) -> list[dg.AssetKey]:
    """The assets of one source: its raw tables and its loads."""
    return [
        *(raw_key(source, table.name) for table in source.tables),
        *(load_key(source, load) for load in source.loads),
    ]


def fingerprint(source: Source, values: Mapping[str, str]) -> str:
    """Size and time of a source's files as one text; empty while the place is unknown or nothing is there."""
    try:
        where = Path(source.where(values))
    except SourceError:
        return ""
    files = [where] if source.kind == "excel" else [where / table.place for table in source.tables]
    marks = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file()]
    return ";".join(f"{name}:{size}:{time}" for name, size, time in marks)
