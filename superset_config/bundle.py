"""Superset's asset bundle, made from the specs: the same files give the same bytes, and every object keeps its id on
every installation.

Every key is written, empty ones as null, because Superset's importer leaves what is missing as it was.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from superset_config import visuals
from superset_config.specs import TEMPORAL, TYPES, Chart, Dashboard, Dataset, Filter, Specs

ROOT = "shuniu"
DATABASE_FILE = "databases/hub.yaml"
PASSWORD_MASK = "XXXXXXXXXX"  # noqa: S105 - Superset's mask, replaced by the password sent beside the bundle
STATEMENT_SECONDS = 30
CACHE_SECONDS = 300
_SCOPE_ALL = {"rootPath": ["ROOT_ID"], "excluded": []}
_NAMESPACE = uuid5(NAMESPACE_URL, "urn:shuniu:superset")
_MOMENT = (2026, 1, 1, 0, 0, 0)  # constant, or two bundles of the same specs differ

Document = dict[str, Any]


def identity(kind: str, name: str) -> UUID:
    """The id of an object: `kind` is database, dataset, chart, dashboard or filter; `name` its file's name."""
    return uuid5(_NAMESPACE, f"{kind}/{name}")


def documents(specs: Specs, database_name: str, masked_uri: str, time_zone: str) -> dict[str, Document]:
    """The bundle's files by their path inside it."""
    files: dict[str, Document] = {
        "metadata.yaml": {"version": "1.0.0", "type": "assets", "timestamp": "2026-01-01T00:00:00+00:00"},
        DATABASE_FILE: database(database_name, masked_uri, time_zone),
    }
    files |= {f"datasets/hub/{name}.yaml": dataset_file(dataset) for name, dataset in specs.datasets.items()}
    files |= {
        f"charts/{name}.yaml": chart_file(chart, specs.datasets[chart.dataset]) for name, chart in specs.charts.items()
    }
    files |= {
        f"dashboards/{name}.yaml": dashboard_file(dashboard, specs) for name, dashboard in specs.dashboards.items()
    }
    return files


def packed(files: dict[str, Document]) -> bytes:
    """The bundle as a zip (JSON is YAML too). Deterministic."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, document in files.items():
            archive.writestr(
                zipfile.ZipInfo(f"{ROOT}/{path}", _MOMENT), json.dumps(document, ensure_ascii=False, indent=1)
            )
    return buffer.getvalue()


def database(name: str, masked_uri: str, time_zone: str) -> Document:
    """The connection to the marts: read only by its role, no uploads, no writing."""
    options = f"-c statement_timeout={STATEMENT_SECONDS * 1000} -c timezone={time_zone}"
    return {
        "database_name": name,
        "sqlalchemy_uri": masked_uri,
        "cache_timeout": CACHE_SECONDS,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {
            "engine_params": {"connect_args": {"connect_timeout": 5, "options": options}},
            "allows_virtual_table_explore": True,
            "cancel_query_on_windows_unload": True,
        },
        "uuid": str(identity("database", "hub")),
        "version": "1.0.0",
    }


def dataset_file(dataset: Dataset) -> Document:
    """One table of a mart with its titled columns and metrics.

    Dates and moments are handed over as local wall time: PostgreSQL's date_trunc makes a moment of a date, Superset
    shows moments in UTC, and east of Greenwich every month would begin on the last day of the month before.
    """
    schema, table = dataset.table.split(".", 1)
    columns = [
        {
            "column_name": column.name,
            "verbose_name": column.title,
            "description": column.title_en,
            "is_dttm": column.type in TEMPORAL,
            "is_active": True,
            "type": TYPES[column.type],
            "groupby": True,
            "filterable": True,
            "expression": f"{column.name}::timestamp" if column.type in TEMPORAL else None,
            "python_date_format": None,
            "extra": None,
        }
        for column in dataset.columns.values()
    ]
    metrics: list[Document] = [
        {
            "metric_name": metric.name,
            "verbose_name": metric.title,
            "description": metric.title_en,
            "metric_type": None,
            "expression": metric.sql,
            "d3format": metric.format,
            "currency": None,
            "extra": {},
            "warning_text": None,
        }
        for metric in dataset.metrics.values()
    ]
    return {
        "table_name": table,
        "main_dttm_col": dataset.time,
        "description": f"{dataset.title} · {dataset.title_en}",
        "default_endpoint": None,
        "offset": 0,
        "cache_timeout": None,
        "schema": schema,
        "catalog": None,
        "sql": None,
        "params": None,
        "template_params": None,
        "filter_select_enabled": True,
        "fetch_values_predicate": None,
        "extra": None,
        "normalize_columns": False,
        "always_filter_main_dttm": False,
        "uuid": str(identity("dataset", dataset.name)),
        "columns": columns,
        "metrics": metrics,
        "database_uuid": str(identity("database", "hub")),
        "version": "1.0.0",
    }


def chart_file(chart: Chart, dataset: Dataset) -> Document:
    """One chart: the form its page draws from and the query that its data come from."""
    form = visuals.form_of(chart, dataset)
    context = {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "form_data": form,
        "queries": [visuals.query_of(chart)],
        "result_format": "json",
        "result_type": "full",
    }
    return {
        "slice_name": chart.title,
        "description": chart.title_en,
        "certified_by": None,
        "certification_details": None,
        "viz_type": form["viz_type"],
        "params": form,
        "query_context": json.dumps(context, ensure_ascii=False),
        "cache_timeout": None,
        "uuid": str(identity("chart", chart.name)),
        "version": "1.0.0",
        "dataset_uuid": str(identity("dataset", dataset.name)),
    }


def dashboard_file(dashboard: Dashboard, specs: Specs) -> Document:
    """One dashboard: grid and filters. Charts are numbered from 1 here; the importer puts their real numbers."""
    numbers = {name: number for number, name in enumerate(dashboard.charts, start=1)}
    return {
        "dashboard_title": dashboard.title,
        "description": dashboard.title_en,
        "css": "",
        "slug": dashboard.slug,
        "certified_by": None,
        "certification_details": None,
        "published": True,
        "uuid": str(identity("dashboard", dashboard.name)),
        "position": _position(dashboard, specs, numbers),
        "metadata": {
            "native_filter_configuration": [_filter(dashboard, each, numbers) for each in dashboard.filters],
            "cross_filters_enabled": True,
            "chart_configuration": {},
            "global_chart_configuration": {"scope": _SCOPE_ALL, "chartsInScope": []},
            "timed_refresh_immune_slices": [],
            "expanded_slices": {},
            "refresh_frequency": 0,
            "default_filters": "{}",
            "color_scheme": visuals.COLOURS,
            "label_colors": {},
            "shared_label_colors": [],
            "map_label_colors": {},
            "color_scheme_domain": [],
        },
        "version": "1.0.0",
    }


def _position(dashboard: Dashboard, specs: Specs, numbers: dict[str, int]) -> Document:
    rows = [f"ROW-{dashboard.name}-{index}" for index in range(len(dashboard.rows))]
    position: Document = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": {"id": "GRID_ID", "type": "GRID", "parents": ["ROOT_ID"], "children": rows},
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": dashboard.title}},
    }
    for row_id, row in zip(rows, dashboard.rows, strict=True):
        children = [f"CHART-{name}" for name in row.charts]
        parents = ["ROOT_ID", "GRID_ID"]
        meta = {"background": "BACKGROUND_TRANSPARENT"}
        position[row_id] = {"id": row_id, "type": "ROW", "parents": parents, "children": children, "meta": meta}
        for name, width in row.charts.items():
            position[f"CHART-{name}"] = {
                "id": f"CHART-{name}",
                "type": "CHART",
                "parents": [*parents, row_id],
                "children": [],
                "meta": {
                    "chartId": numbers[name],
                    "uuid": str(identity("chart", name)),
                    "sliceName": specs.charts[name].title,
                    "width": width,
                    "height": row.height,
                },
            }
    return position


def _filter(dashboard: Dashboard, each: Filter, numbers: dict[str, int]) -> Document:
    excluded = [number for name, number in numbers.items() if each.charts and name not in each.charts]
    common: Document = {
        "id": f"NATIVE_FILTER-{identity('filter', f'{dashboard.name}/{each.name}').hex[:12]}",
        "name": each.name,
        "type": "NATIVE_FILTER",
        "description": each.title_en,
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": excluded},
    }
    if each.kind == "time":
        empty = {"extraFormData": {}, "filterState": {"value": None}}
        controls = {"enableEmptyFilter": False}
        return {
            **common,
            "filterType": "filter_time",
            "targets": [{}],
            "controlValues": controls,
            "defaultDataMask": empty,
        }
    target = {"column": {"name": each.column}, "datasetUuid": str(identity("dataset", each.dataset or ""))}
    controls = {
        "enableEmptyFilter": False,
        "multiSelect": True,
        "searchAllOptions": False,
        "creatable": False,  # half a name that was typed must not become a choice that finds nothing
        "inverseSelection": False,
        "defaultToFirstItem": False,
    }
    empty = {"extraFormData": {}, "filterState": {}}
    return {
        **common,
        "filterType": "filter_select",
        "targets": [target],
        "controlValues": controls,
        "defaultDataMask": empty,
    }
