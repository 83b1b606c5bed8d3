"""The Dagster code location: everything the pipeline has, from explicit lists, built by one function.

`build_defs` returns a fresh Definitions, so a test gives it other sources, another database or none of the checks.
A source whose file is wrong becomes one failing asset with the sentence that says why; the others are as they would
be without it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg

from assets.loads import load_asset, load_key
from assets.mart_assets import hub_tables, mart_asset
from assets.models import MARTS, read_models
from assets.order import CHECK, PULL, tags
from assets.pulls import pull_asset
from assets.schedules import NIGHTLY, file_sensor, hourly_sensor, nightly_schedule
from assets.sources import Source, SourceError, read_source
from hub.db.engine import database_url
from hub.document.registry import specs
from hub.settings import ROOT, Settings, settings
from quality_checks.checks import all_rule_sets, checks_of, proofs
from quality_checks.database import HubDatabase
from quality_checks.proofs import proof_assets


def build_defs(
    chosen: Settings,
    sources: Sequence[Source] | None = None,
    *,
    values: Mapping[str, str] | None = None,
    database: HubDatabase | None = None,
    checks: bool = True,
) -> dg.Definitions:
    """The pipeline of one installation.

    Args:
        chosen: the settings; `chosen.sources` is the folder whose TOML files declare the sources.
        sources: these instead of the folder's.
        values: what `${NAME}` means in the sources; `source_values(chosen)` when None.
        database: another database than the settings'.
        checks: whether the asset checks are part of it.
    """
    given = source_values(chosen) if values is None else values
    read, broken = (list(sources), []) if sources is not None else read_folder(chosen.sources)
    hub = database or HubDatabase(database_url(chosen=chosen), chosen.mart_role, chosen.time_zone)
    loads = [(source, load) for source in read for load in source.loads]
    feeding: dict[str, list[dg.AssetKey]] = defaultdict(list)
    for source, load in loads:
        feeding[load.document].append(load_key(source, load))
    marts = [mart_asset(model, chosen.time_zone) for model in read_models(MARTS)]
    return dg.Definitions(
        assets=[
            *(pull_asset(source, table, given) for source in read for table in source.tables),
            *(load_asset(source, load, position) for position, (source, load) in enumerate(loads)),
            *broken,
            *hub_tables(specs(), feeding),
            *proof_assets(),
            *marts,
        ],
        asset_checks=[
            *(checks_of(one, tags(CHECK)) for one in all_rule_sets(specs().values())),
            *proofs(tags(CHECK)),
        ]
        if checks
        else [],
        jobs=[NIGHTLY],
        schedules=[nightly_schedule(chosen.time_zone)],
        sensors=[file_sensor(read, given, [mart.key for mart in marts]), hourly_sensor()],
        resources={"hub": dg.ResourceDefinition.hardcoded_resource(hub)},
        executor=dg.in_process_executor,
    )


def source_values(chosen: Settings) -> dict[str, str]:
    """What `${NAME}` means: HUB_HOME, HUB_ROOT (the checkout), and the setting `source_values`."""
    return {"HUB_HOME": str(chosen.home), "HUB_ROOT": str(ROOT), **chosen.source_values}


def read_folder(folder: Path) -> tuple[list[Source], list[dg.AssetsDefinition]]:
    """The sources of a folder, and an asset that fails with its sentence for every file that is none."""
    sources: dict[str, Source] = {}
    broken: list[dg.AssetsDefinition] = []
    for path in sorted(folder.rglob("*.toml")):
        try:
            source = read_source(path)
            if source.code in sources:
                raise SourceError(
                    "SOURCE_FORMAT",
                    f"{path.name}:代码 {source.code} 已被另一个数据源使用。",
                    f"{path.name}: another source has the code {source.code} already.",
                )
            sources[source.code] = source
        except SourceError as error:
            broken.append(broken_source(path, error))
    return list(sources.values()), broken


def broken_source(path: Path, error: SourceError) -> dg.AssetsDefinition:
    """An asset in place of a source whose definition is wrong."""
    name = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in path.stem)
    sentence = str(error)

    @dg.asset(key=["broken_source", name], group_name="raw", description=sentence, op_tags=tags(PULL))
    def _broken() -> None:
        raise dg.Failure(sentence, allow_retries=False)

    return _broken


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster loads: the pipeline of this installation."""
    return build_defs(settings())
