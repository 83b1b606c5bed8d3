"""An asset per mart, built by the runner of `assets.models`, and the hub's tables that marts and checks stand on."""

from collections.abc import Iterable, Mapping

import dagster as dg

from assets.models import Model, build
from assets.order import MART, tags
from assets.viewer import pipeline_company
from hub.document.spec import DocSpec
from quality_checks.database import HubDatabase


def hub_tables(specs: Mapping[str, DocSpec], loads: Mapping[str, Iterable[dg.AssetKey]]) -> list[dg.AssetSpec]:
    """Every table of the hub, seen from outside: Dagster does not make it, the loads of its document type feed it.

    They are what lineage and checks hang on. No step waits for them, so a load that failed leaves the marts to be
    built from what the hub has.
    """
    return [
        dg.AssetSpec(
            ["hub", one.table.name],
            deps=loads.get(one.parent or one.name, ()),
            group_name="hub",
            kinds={"postgres"},
            description=f"{one.label.chinese} / {one.label.english}",
            metadata={"dagster/table_name": f"hub.{one.table.name}"},
        )
        for one in specs.values()
    ]


def mart_asset(model: Model, time_zone: str) -> dg.AssetsDefinition:
    """The asset that builds one mart; marts of energy also follow the readings every hour."""
    hourly = dg.AutomationCondition.cron_tick_passed("5 * * * *", time_zone) & ~dg.AutomationCondition.in_progress()

    @dg.asset(
        key=["mart", model.table],
        deps=[dg.AssetKey(name.split(".", 1)) for name in model.deps],
        group_name="mart",
        kinds={"sql", "postgres"},
        description=" / ".join(model.label),
        code_version=model.code_version,
        automation_condition=hourly if model.automation == "hourly" else None,
        metadata={
            "dagster/table_name": f"mart.{model.table}",
            "dagster/column_schema": dg.TableSchema(
                [dg.TableColumn(name, "", description=" / ".join(words)) for name, words in model.columns.items()]
            ),
        },
        op_tags=tags(MART),
    )
    def _build(hub: dg.ResourceParam[HubDatabase]) -> dg.MaterializeResult[None]:
        with hub.engine() as engine:
            company = pipeline_company(engine)
            with engine.begin() as connection:
                rows = build(connection, model, company, hub.mart_reader)
        return dg.MaterializeResult(
            metadata={"dagster/row_count": rows, "sql": dg.MetadataValue.md(f"```sql\n{model.select.sql}\n```")}
        )

    return _build
