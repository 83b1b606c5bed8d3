"""Each kind of chart in Superset's words: the form (`params`) its page draws from, and the query that answers it.

The browser makes its query from the form; the saved query serves chart data over the API (checks, exports, reports),
which Superset refuses without one. Forms verified in Superset 6.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from superset_config.specs import GRAINS, Chart, Dataset

Form = dict[str, Any]

NUMBER = "SMART_NUMBER"
COLOURS = "supersetColors"


def form_of(chart: Chart, dataset: Dataset) -> Form:
    """The chart's form, with the time filter's hook and its own conditions."""
    viz_type, make = _KINDS[chart.kind]
    hook = {
        "expressionType": "SIMPLE",
        "subject": dataset.time,
        "operator": "TEMPORAL_RANGE",
        "comparator": "No filter",
        "clause": "WHERE",
    }
    conditions = [
        {"expressionType": "SIMPLE", "subject": column, "operator": operator, "comparator": value, "clause": "WHERE"}
        for column, operator, value in _conditions(chart)
    ]
    return {"viz_type": viz_type, "extra_form_data": {}, "adhoc_filters": [hook, *conditions], **make(chart, dataset)}


def query_of(chart: Chart) -> Form:
    """The one query whose rows the chart shows, as Superset's `queries[0]`."""
    columns: list[Any] = list(chart.columns)
    if chart.by and chart.kind == "pie":
        columns = [chart.by]
    elif chart.by:
        columns = [_axis(chart), *([chart.series] if chart.series else [])]
    return {
        "filters": [{"col": column, "op": operator, "val": value} for column, operator, value in _conditions(chart)],
        "extras": {"having": "", "where": ""},
        "applied_time_extras": {},
        "columns": columns,
        "metrics": list(chart.metrics),
        "orderby": _order(chart),
        "annotation_layers": [],
        "row_limit": chart.limit,
        "series_limit": 0,
        "order_desc": True,
        "url_params": {},
        "custom_params": {},
        "custom_form_data": {},
    }


def _conditions(chart: Chart) -> list[tuple[str, str, Any]]:
    """`where` as (column, Superset's operator, value): `in` or `not_in` a list, `is_true`, or `equals` a value."""
    found: list[tuple[str, str, Any]] = []
    for condition in chart.where:
        column = condition["column"]
        if "in" in condition:
            found.append((column, "IN", list(condition["in"])))
        elif "not_in" in condition:
            found.append((column, "NOT IN", list(condition["not_in"])))
        elif "is_true" in condition:
            found.append((column, "IS TRUE" if condition["is_true"] else "IS FALSE", None))
        else:
            found.append((column, "==", condition["equals"]))
    return found


def _axis(chart: Chart) -> Form:
    axis: Form = {
        "columnType": "BASE_AXIS",
        "sqlExpression": chart.by,
        "label": chart.by,
        "expressionType": "SQL",
        "isColumnReference": True,
    }
    return {"timeGrain": GRAINS[chart.grain], **axis} if chart.grain else axis


def _order(chart: Chart) -> list[list[Any]]:
    if chart.order:
        return [[entry.removeprefix("-"), not entry.startswith("-")] for entry in chart.order]
    if chart.grain and chart.by:
        return [[chart.by, True]] if chart.kind == "table" else []
    return [[chart.metrics[0], False]] if chart.metrics and chart.by else []


def _number(chart: Chart, dataset: Dataset) -> Form:
    return {
        "metric": chart.metrics[0],
        "header_font_size": 0.4,
        "subtitle": chart.subtitle,
        "subtitle_font_size": 0.15,
        "y_axis_format": _format(chart, dataset),
    }


def _trend(chart: Chart, dataset: Dataset) -> Form:
    """The last point of a series, large, with its month and the change to the point before: never empty after a quiet
    month.
    """
    return {
        "x_axis": chart.by,
        "time_grain_sqla": GRAINS[chart.grain or "month"],
        "metric": chart.metrics[0],
        "compare_lag": 1,
        "compare_suffix": "环比",
        "show_timestamp": True,
        "time_format": "%Y-%m",
        "show_trend_line": False,
        "aggregation": "LAST_VALUE",
        "rolling_type": "None",
        "header_font_size": 0.4,
        "subheader_font_size": 0.15,
        "subtitle": chart.subtitle,
        "y_axis_format": _format(chart, dataset),
    }


def _series(chart: Chart, dataset: Dataset) -> Form:
    form: Form = {
        "x_axis": chart.by,
        "metrics": list(chart.metrics),
        "groupby": [chart.series] if chart.series else [],
        "row_limit": chart.limit,
        "show_legend": bool(chart.series) or len(chart.metrics) > 1,
        "legendType": "scroll",
        "legendOrientation": "top",
        "rich_tooltip": True,
        "tooltipTimeFormat": "%Y-%m-%d" if chart.grain in ("day", "week") else "%Y-%m",
        "x_axis_time_format": "%m-%d" if chart.grain in ("day", "week") else "%Y-%m",
        "y_axis_format": _format(chart, dataset),
        "truncate_metric": True,
        "sort_series_type": "name",
        "sort_series_ascending": True,
        "color_scheme": COLOURS,
        "orientation": "vertical",
        "zoomable": chart.grain == "day",
        "markerEnabled": chart.grain not in ("day", None),
        "truncateYAxis": bool(chart.bounds),
        "y_axis_bounds": list(chart.bounds) or [None, None],
    }
    return {**form, "time_grain_sqla": GRAINS[chart.grain]} if chart.grain else form


def _bar(chart: Chart, dataset: Dataset) -> Form:
    return {**_series(chart, dataset), "stack": "Stack" if chart.series else None}


def _ranking(chart: Chart, dataset: Dataset) -> Form:
    """Bars from the largest down: a horizontal axis counts from the bottom, hence ascending."""
    sort = {"x_axis_sort": chart.metrics[0], "x_axis_sort_asc": True}
    return {**_bar(chart, dataset), **sort, "orientation": "horizontal", "show_value": True}


def _pie(chart: Chart, dataset: Dataset) -> Form:
    return {
        "groupby": [chart.by],
        "metric": chart.metrics[0],
        "row_limit": chart.limit,
        "sort_by_metric": True,
        "donut": True,
        "show_legend": True,
        "legendType": "scroll",
        "legendOrientation": "top",
        "label_type": "key_percent",
        "show_labels": True,
        "labels_outside": True,
        "outerRadius": 70,
        "innerRadius": 40,
        "number_format": _format(chart, dataset),
        "color_scheme": COLOURS,
    }


def _table(chart: Chart, dataset: Dataset) -> Form:
    order = [f'["{column}", {str(ascending).lower()}]' for column, ascending in _order(chart)]
    return {
        "query_mode": "raw",
        "all_columns": list(chart.columns),
        "order_by_cols": order,
        "row_limit": chart.limit,
        "page_length": 10,
        "include_search": True,
        "show_cell_bars": False,
        "column_config": {
            name: {"d3NumberFormat": ",.4~f"} for name in chart.columns if dataset.columns[name].type == "number"
        },
        "table_timestamp_format": "%Y-%m-%d",
    }


def _format(chart: Chart, dataset: Dataset) -> str:
    return dataset.metrics[chart.metrics[0]].format if chart.metrics else NUMBER


_KINDS: dict[str, tuple[str, Callable[[Chart, Dataset], Form]]] = {
    "number": ("big_number_total", _number),
    "trend": ("big_number", _trend),
    "bar": ("echarts_timeseries_bar", _bar),
    "line": ("echarts_timeseries_line", _series),
    "ranking": ("echarts_timeseries_bar", _ranking),
    "pie": ("pie", _pie),
    "table": ("table", _table),
}
