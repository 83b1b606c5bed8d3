"""When the pipeline runs by itself: every night all of it, a changed file at once, the energy marts every hour."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg
import sqlalchemy as sa

from assets.loads import load_key
from assets.pulls import raw_key
from assets.sources import Source, SourceError
from hub.document.registry import spec
from quality_checks.database import HubDatabase

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
    """Pulls and loads a CSV or Excel source as soon as one of its files has changed, and rebuilds the marts.

    A file that it sees for the first time counts as changed unless it has been pulled since it was written.
    """
    watched = [source for source in sources if source.kind in ("csv", "excel")]
    targets = {source.code: [*source_keys(source), *marts] for source in watched}

    @dg.sensor(
        name="files",
        job=NIGHTLY,
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="CSV 文件夹与 Excel 工作簿的变化 / changes of CSV folders and workbooks",
    )
    def _files(context: dg.SensorEvaluationContext, hub: dg.ResourceParam[HubDatabase]) -> dg.SensorResult:
        known: dict[str, str] = json.loads(context.cursor or "{}")
        now = {source.code: mark for source in watched if (mark := fingerprint(source, values))}
        changed = [source for source in watched if now.get(source.code, "") != known.get(source.code, "")]
        with hub.engine() as engine:
            fresh = [one for one in changed if one.code in known or not pulled_since(engine, one, values)]
        return dg.SensorResult(
            run_requests=[
                dg.RunRequest(
                    run_key=f"{one.code}:{now[one.code]}", asset_selection=targets[one.code], tags={"source": one.code}
                )
                for one in fresh
                if one.code in now
            ],
            skip_reason=None if fresh else "没有变化 / nothing changed",
            cursor=json.dumps({**known, **now}),
        )

    return _files


def source_keys(source: Source) -> list[dg.AssetKey]:
    """The assets of one source: its raw tables and its loads."""
    return [
        *(raw_key(source, table.name) for table in source.tables),
        *(load_key(source, load) for load in source.loads),
    ]


def files_of(source: Source, values: Mapping[str, str]) -> list[Path]:
    """The files of a CSV or Excel source that are there; none while its place is unknown."""
    try:
        where = Path(source.where(values))
    except SourceError:
        return []
    files = [where] if source.kind == "excel" else [where / table.place for table in source.tables]
    return [file for file in files if file.is_file()]


def fingerprint(source: Source, values: Mapping[str, str]) -> str:
    """Size and time of a source's files as one text; empty while nothing is there."""
    marks = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files_of(source, values)]
    return ";".join(f"{name}:{size}:{time}" for name, size, time in marks)


def pulled_since(engine: sa.Engine, source: Source, values: Mapping[str, str]) -> bool:
    """Whether every table of a source has been pulled after its newest file was written."""
    run, system = spec("SyncRun").table, spec("SourceSystem").table
    last = (
        sa.select(sa.func.max(run.c.started_at))
        .join(system, system.c.id == run.c.source_id)
        .where(system.c.code == source.code, run.c.status == "succeeded")
        .where(run.c.table_name.in_([table.name for table in source.tables]))
        .group_by(run.c.table_name)
    )
    with engine.connect() as connection:
        started = list(connection.execute(last).scalars())
    newest = max((file.stat().st_mtime for file in files_of(source, values)), default=0.0)
    return len(started) == len(source.tables) and min(started).timestamp() > newest
