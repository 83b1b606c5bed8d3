"""An asset per table of a silo: `raw/<source>__<table>`, pulled and recorded as a SyncRun, also when it fails."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

import dagster as dg
import sqlalchemy as sa

from assets.order import PULL, tags
from assets.problems import Problem, remember
from assets.sources import Source, SourceError, SourceTable
from assets.staging import Pulled, pull
from assets.viewer import pipeline_viewer
from hub import writes
from hub.context import Ctx
from quality_checks.database import HubDatabase

SHOWN = 20
"""Problems shown on the asset itself; all of them stand in dq.row_problem."""


def raw_key(source: Source, table: str) -> dg.AssetKey:
    """The asset of a raw table."""
    return dg.AssetKey(["raw", source.raw_name(table)])


def pull_asset(source: Source, table: SourceTable, values: Mapping[str, str]) -> dg.AssetsDefinition:
    """The asset that pulls one table."""

    @dg.asset(
        key=raw_key(source, table.name),
        group_name="raw",
        kinds={source.kind, "postgres"},
        description=f"{source.name} / {source.name_en}: {table.place}",
        metadata={"dagster/table_name": f"raw.{source.raw_name(table.name)}", "key": ", ".join(table.key)},
        op_tags=tags(PULL),
    )
    def _pull(context: dg.AssetExecutionContext, hub: dg.ResourceParam[HubDatabase]) -> dg.MaterializeResult[None]:
        with hub.engine() as engine:
            try:
                pulled = pull_table(engine, source, table, values, context.run.run_id)
            except SourceError as error:
                raise dg.Failure(str(error), allow_retries=False) from error
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": pulled.rows_read - len(pulled.problems),
                "rows read": pulled.rows_read,
                "rows changed": pulled.rows_changed,
                **problem_metadata(pulled.problems),
            }
        )

    return _pull


def pull_table(engine: sa.Engine, source: Source, table: SourceTable, values: Mapping[str, str], run_id: str) -> Pulled:
    """Pulls one table and writes its SyncRun; SourceError after the failed run is written."""
    started = dt.datetime.now(dt.UTC)
    try:
        with engine.begin() as connection:
            pulled = pull(connection, source, table, values, UUID(run_id))
            remember(connection, source.code, table.name, pulled.problems)
    except SourceError as error:
        record_run(engine, source, table, run_id, started, Pulled(), error)
        raise
    record_run(engine, source, table, run_id, started, pulled, None)
    return pulled


def record_run(
    engine: sa.Engine,
    source: Source,
    table: SourceTable,
    run_id: str,
    started: dt.datetime,
    pulled: Pulled,
    error: SourceError | None,
) -> None:
    """One row of the ledger of runs: what was read, what changed, or the sentence that says why not."""
    with writes.unit_of_work(engine, pipeline_viewer(engine), "pipeline") as ctx:
        keep_source(ctx, source)
        writes.load(
            ctx,
            "SyncRun",
            [
                {
                    "source": source.code,
                    "run_key": run_id,
                    "table_name": table.name,
                    "started_at": started,
                    "finished_at": dt.datetime.now(dt.UTC),
                    "rows_read": pulled.rows_read,
                    "rows_changed": pulled.rows_changed,
                    "status": "failed" if error else "succeeded",
                    "message": str(error) if error else None,
                }
            ],
        )


def keep_source(ctx: Ctx, source: Source) -> None:
    """The source as a record of the hub; its department is left out while the hub does not know it."""
    row = {"code": source.code, "name": source.name, "kind": source.kind}
    if source.department:
        with_department = writes.load(ctx, "SourceSystem", [{**row, "department": source.department}])
        if not with_department.problems:
            return
    writes.load(ctx, "SourceSystem", [row])


def problem_metadata(problems: list[Problem]) -> dict[str, dg.MetadataValue]:
    """How many rows were kept out and the first of them, as a table on the asset's page."""
    shown: dict[str, dg.MetadataValue] = {"problems": dg.MetadataValue.int(len(problems))}
    if problems:
        lines = [
            f"| {one.record_key} | {one.code} | {one.path} | {one.message_zh} | {one.message_en} |"
            for one in problems[:SHOWN]
        ]
        shown["first problems"] = dg.MetadataValue.md(
            "\n".join(["| key | code | path | 说明 | en |", "|---|---|---|---|---|", *lines])
        )
    return shown
