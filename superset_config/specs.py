"""The dashboards' source: small YAML files for data sets, charts and dashboards, read and checked.

Superset's own format is long and its importer checks nothing; these files hold only what a person decides, and every
name in them is checked here, with the file in the message.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from superset_config.errors import SupersetError

SPECS = Path(__file__).parent
KINDS = ("number", "trend", "bar", "line", "ranking", "pie", "table")
GRAINS = {"day": "P1D", "week": "P1W", "month": "P1M", "quarter": "P3M", "year": "P1Y"}
TYPES = {
    "text": "TEXT",
    "date": "TIMESTAMP WITHOUT TIME ZONE",
    "moment": "TIMESTAMP WITHOUT TIME ZONE",
    "number": "NUMERIC",
    "integer": "INTEGER",
    "boolean": "BOOLEAN",
}
TEMPORAL = ("date", "moment")
DASHBOARD_COLUMNS = 12

T = TypeVar("T")


@dataclass(frozen=True)
class Column:
    """A column of a mart table and what readers see."""

    name: str
    type: str
    title: str
    title_en: str


@dataclass(frozen=True)
class Metric:
    """A figure computed from rows: an SQL aggregate and its d3 number format."""

    name: str
    title: str
    title_en: str
    sql: str
    format: str


@dataclass(frozen=True)
class Dataset:
    """A mart table as Superset knows it; `time` is the column the time filter acts on."""

    name: str
    title: str
    title_en: str
    table: str
    time: str
    columns: Mapping[str, Column]
    metrics: Mapping[str, Metric]


@dataclass(frozen=True)
class Chart:
    """One picture. `by` is the axis (with `grain`, one of GRAINS, when it is time), `series` splits it into lines,
    `bounds` fix the value axis.
    """

    name: str
    title: str
    title_en: str
    dataset: str
    kind: str
    metrics: tuple[str, ...] = ()
    by: str | None = None
    grain: str | None = None
    series: str | None = None
    columns: tuple[str, ...] = ()
    where: tuple[Mapping[str, Any], ...] = ()
    order: tuple[str, ...] = ()
    limit: int = 10000
    bounds: tuple[float, ...] = ()
    subtitle: str = ""


@dataclass(frozen=True)
class Filter:
    """A filter above the dashboard; `charts` are those it reaches (empty: all)."""

    name: str
    title_en: str
    kind: str
    dataset: str | None = None
    column: str | None = None
    charts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """Charts side by side: widths add up to 12, the height is in units of 8 pixels."""

    height: int
    charts: Mapping[str, int]


@dataclass(frozen=True)
class Dashboard:
    """A page of charts, its filters and the roles that see it."""

    name: str
    title: str
    title_en: str
    slug: str
    rows: tuple[Row, ...]
    roles: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()

    @property
    def charts(self) -> list[str]:
        """Names of the charts, from top left to bottom right."""
        return [chart for row in self.rows for chart in row.charts]


@dataclass(frozen=True)
class Specs:
    """All data sets, charts and dashboards of a folder, by file name."""

    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    charts: Mapping[str, Chart] = field(default_factory=dict)
    dashboards: Mapping[str, Dashboard] = field(default_factory=dict)

    def datasets_of(self, dashboard: Dashboard) -> list[str]:
        """Names of the data sets that a dashboard's charts and filters read."""
        of_charts = {self.charts[chart].dataset for chart in dashboard.charts}
        return sorted(of_charts | {each.dataset for each in dashboard.filters if each.dataset})


def load(folder: Path = SPECS) -> Specs:
    """Read `datasets/`, `charts/` and `dashboards/` of a folder. Raises SupersetError naming the file and what is
    wrong.
    """
    specs = Specs(
        datasets={path.stem: _dataset(path) for path in _files(folder, "datasets")},
        charts={
            path.stem: _build(Chart, path.name, {"name": path.stem, **_read(path)}) for path in _files(folder, "charts")
        },
        dashboards={path.stem: _dashboard(path) for path in _files(folder, "dashboards")},
    )
    for chart in specs.charts.values():
        _check_chart(chart, specs)
    for dashboard in specs.dashboards.values():
        _check_dashboard(dashboard, specs)
    return specs


def _files(folder: Path, kind: str) -> list[Path]:
    return sorted((folder / kind).glob("*.yaml"))


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _wrong(path.name, f"无法读取：{error}", f"cannot be read: {error}") from error
    if not isinstance(content, dict):
        raise _wrong(path.name, "应为键值对", "should be a mapping")
    return content


def _dataset(path: Path) -> Dataset:
    content = _read(path)
    columns = {name: Column(name, *_three(path.name, name, rest)) for name, rest in content.get("columns", {}).items()}
    metrics = {
        name: _build(Metric, path.name, {"name": name, **rest}) for name, rest in content.get("metrics", {}).items()
    }
    dataset = _build(Dataset, path.name, {**content, "name": path.stem, "columns": columns, "metrics": metrics})
    for column in columns.values():
        _one_of(path.name, column.type, TYPES)
    _one_of(path.name, dataset.time, columns)
    return dataset


def _three(file: str, name: str, rest: object) -> list[str]:
    if isinstance(rest, list) and len(rest) == 3:
        return [str(part) for part in rest]
    raise _wrong(file, f"列 {name} 应为 [类型, 中文, English]", f"column {name} should be [type, 中文, English]")


def _dashboard(path: Path) -> Dashboard:
    content = _read(path)
    rows = tuple(_build(Row, path.name, row) for row in content.get("rows", []))
    filters = tuple(_build(Filter, path.name, each) for each in content.get("filters", []))
    return _build(Dashboard, path.name, {**content, "name": path.stem, "rows": rows, "filters": filters})


def _build(kind: type[T], file: str, content: Mapping[str, Any]) -> T:
    """Make a dataclass of a mapping: unknown and missing keys are named, lists become tuples."""
    known = {each.name: each for each in dataclasses.fields(kind)}  # type: ignore[arg-type]
    needed = {name for name, each in known.items() if each.default is dataclasses.MISSING}
    if unknown := sorted(set(content) - set(known)):
        raise _wrong(file, f"未知的键 {', '.join(unknown)}", f"unknown keys {', '.join(unknown)}")
    if missing := sorted(needed - set(content)):
        raise _wrong(file, f"缺少 {', '.join(missing)}", f"missing {', '.join(missing)}")
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in content.items()})


def _check_chart(chart: Chart, specs: Specs) -> None:
    file = f"charts/{chart.name}.yaml"
    _one_of(file, chart.kind, KINDS)
    dataset = specs.datasets[_one_of(file, chart.dataset, specs.datasets)]
    for metric in chart.metrics:
        _one_of(file, metric, dataset.metrics)
    conditions = [str(condition.get("column")) for condition in chart.where]
    order = [entry.removeprefix("-") for entry in chart.order]
    axes = [name for name in (chart.by, chart.series) if name]
    for column in [*chart.columns, *axes, *conditions, *order]:
        _one_of(file, column, dataset.columns)
    if chart.grain:
        _one_of(file, chart.grain, GRAINS)
    needs = "columns" if chart.kind == "table" else "metrics"
    if not getattr(chart, needs) or (chart.kind not in ("number", "table") and not chart.by):
        raise _wrong(
            file,
            f"图表类型 {chart.kind} 需要 {needs}（以及 by）",
            f"a chart of kind {chart.kind} needs {needs} (and by)",
        )


def _check_dashboard(dashboard: Dashboard, specs: Specs) -> None:
    file = f"dashboards/{dashboard.name}.yaml"
    for chart in dashboard.charts:
        _one_of(file, chart, specs.charts)
    if len(set(dashboard.charts)) != len(dashboard.charts):
        raise _wrong(file, "同一图表出现两次", "a chart appears twice")
    for row in dashboard.rows:
        if sum(row.charts.values()) != DASHBOARD_COLUMNS:
            raise _wrong(
                file,
                f"一行的宽度之和应为 12：{dict(row.charts)}",
                f"widths of a row must add up to 12: {dict(row.charts)}",
            )
    for each in dashboard.filters:
        _one_of(file, each.kind, ("time", "select"))
        for chart in each.charts:
            _one_of(file, chart, dashboard.charts)
        if each.kind == "select":
            dataset = specs.datasets[_one_of(file, each.dataset, specs.datasets)]
            _one_of(file, each.column, dataset.columns)


def _one_of(file: str, name: str | None, known: Iterable[str]) -> str:
    if name is None or name not in set(known):
        raise _wrong(file, f"没有 {name}，可用：{', '.join(known)}", f"there is no {name}; known: {', '.join(known)}")
    return name


def _wrong(file: str, zh: str, en: str) -> SupersetError:
    return SupersetError(f"看板定义 {file}：{zh}", f"Dashboard file {file}: {en}")
