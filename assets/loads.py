"""An asset per loaded document type: `load/<source>/<name>`, raw rows brought in by the write verbs."""

from collections.abc import Iterator

import dagster as dg
import sqlalchemy as sa

from assets.conform import Row, conform
from assets.order import LOAD, tags
from assets.problems import Problem, remember
from assets.pulls import keep_source, problem_metadata
from assets.sources import Source, SourceError, SourceLoad
from assets.viewer import pipeline_viewer
from hub import writes
from hub.document.registry import spec
from hub.document.spec import DocSpec
from hub.errors import HubError
from quality_checks.database import HubDatabase

PORTION = 20_000
"""Rows and lines handed to the hub at once; all portions of a load are one transaction."""


def load_key(source: Source, load: SourceLoad) -> dg.AssetKey:
    """The asset of one load."""
    return dg.AssetKey(["load", source.code, load.name])


def load_asset(source: Source, load: SourceLoad, position: int) -> dg.AssetsDefinition:
    """The asset that brings one document type in; `position` is its place among all loads of all sources."""

    @dg.asset(
        key=load_key(source, load),
        deps=[dg.AssetKey(table.split(".", 1)) for table in sorted(load.reads)],
        group_name="load",
        kinds={"postgres"},
        description=f"{source.name} → {load.document}",
        op_tags=tags(LOAD - position),
    )
    def _load(context: dg.AssetExecutionContext, hub: dg.ResourceParam[HubDatabase]) -> dg.MaterializeResult[None]:
        with hub.engine() as engine:
            try:
                result, problems = load_documents(engine, source, load, context.run.run_id)
            except (SourceError, HubError) as error:
                raise dg.Failure(str(error), allow_retries=False) from error
        return dg.MaterializeResult(
            metadata={
                "inserted": result.inserted,
                "updated": result.updated,
                "unchanged": result.unchanged,
                **problem_metadata(problems),
            }
        )

    return _load


def load_documents(
    engine: sa.Engine, source: Source, load: SourceLoad, run_id: str
) -> tuple[writes.LoadResult, list[Problem]]:
    """Conforms and loads one document type; what did not get in is remembered and returned."""
    document = spec(load.document)
    with engine.begin() as connection:
        conformed = conform(connection, source, load, document)
    with writes.unit_of_work(engine, pipeline_viewer(engine), "pipeline") as ctx:
        keep_source(ctx, source)
        result = writes.LoadResult()
        for wave in waves(conformed.rows, document):
            found = writes.load(ctx, load.document, wave, source=source.code, run_key=run_id)
            result.inserted += found.inserted
            result.updated += found.updated
            result.unchanged += found.unchanged
            result.problems += found.problems
    problems = [*conformed.problems, *(_problem(load, one) for one in result.problems)]
    with engine.begin() as connection:
        remember(connection, source.code, f"load:{load.name}", problems)
    return result, problems


def waves(rows: list[Row], document: DocSpec) -> list[list[Row]]:
    """The rows in portions, so that a tree's parents are there before their children; in most types one portion.

    Rows that wait for each other in a circle come last and are told that their parent does not exist.
    """
    links = [name for name, link in document.links.items() if link.target == document.name]
    waiting: list[Row] = list(rows)
    portions: list[list[Row]] = []
    while waiting:
        absent = {row.get(document.natural_key) for row in waiting}
        ready = [row for row in waiting if all(row.get(name) is None or row[name] not in absent for name in links)]
        portions.extend(_portions(ready or waiting, document))
        taken = {id(row) for row in ready or waiting}
        waiting = [row for row in waiting if id(row) not in taken]
    return portions


def _portions(rows: list[Row], document: DocSpec) -> Iterator[list[Row]]:
    """The rows by the thousand, lines counted: one statement resolves all references of a portion."""
    portion: list[Row] = []
    size = 0
    for row in rows:
        size += 1 + sum(len(row.get(name) or ()) for name in document.lines)
        portion.append(row)
        if size >= PORTION:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _problem(load: SourceLoad, found: writes.RowProblem) -> Problem:
    """What the hub has against one document."""
    return Problem(
        load.table,
        found.source_key or f"#{found.index + 1}",
        found.code,
        found.path,
        found.message_zh,
        found.message_en,
    )
