"""The dashboards' files: every mistake names its file, the bundle is the same each time, the marts have the columns."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from superset_config import bundle, specs
from superset_config.errors import SupersetError
from tests.superset.running import ROOT

URI = "postgresql+psycopg2://hub_mart:XXXXXXXXXX@/hub?host=/nowhere"


def test_bundle_is_the_same_every_time() -> None:
    made = [bundle.packed(bundle.documents(specs.load(), "枢纽数据", URI, "Asia/Shanghai")) for _ in range(2)]
    assert made[0] == made[1]


def test_marts_have_exactly_the_columns_of_the_data_sets() -> None:
    for dataset in specs.load().datasets.values():
        header = (ROOT / "assets" / "marts" / f"{dataset.table.split('.')[1]}.sql").read_text(encoding="utf-8")
        assert set(re.findall(r"^--   (\w+):", header, re.MULTILINE)) == set(dataset.columns), dataset.name


def test_values_in_conditions_are_values_of_the_marts() -> None:
    """A label renamed in a mart would silently empty a chart."""
    assets = specs.load()
    for chart in assets.charts.values():
        mart = ROOT / "assets" / "marts" / f"{assets.datasets[chart.dataset].table.split('.')[1]}.sql"
        for condition in chart.where:
            for value in [*condition.get("in", []), *condition.get("not_in", [])]:
                assert f"'{value}'" in mart.read_text(encoding="utf-8"), (chart.name, value)


@pytest.mark.parametrize(
    ("file", "before", "after", "complaint"),
    [
        ("charts/pie.yaml", "by: item_category", "by: item_kind", "charts/pie.yaml: there is no item_kind"),
        ("charts/pie.yaml", "[order_amount]", "[profit]", "charts/pie.yaml: there is no profit"),
        ("charts/pie.yaml", "kind: pie", "kind: cake", "charts/pie.yaml: there is no cake"),
        ("charts/pie.yaml", "limit: 20", "limits: 20", "unknown keys limits"),
        ("charts/pie.yaml", "title: 产品类别占比\n", "", "missing title"),
        ("charts/pie.yaml", "kind: pie", "kind: [", "pie.yaml: cannot be read"),
        ("dashboards/overview.yaml", "top_customers: 7", "top_customers: 8", "widths of a row must add up to 12"),
        ("dashboards/overview.yaml", "late_orders: 12", "no_chart: 12", "overview.yaml: there is no no_chart"),
        ("datasets/energy_daily.yaml", "time: day", "time: hour", "energy_daily.yaml: there is no hour"),
    ],
)
def test_a_mistake_names_its_file(tmp_path: Path, file: str, before: str, after: str, complaint: str) -> None:
    for part in ("datasets", "charts", "dashboards"):
        shutil.copytree(specs.SPECS / part, tmp_path / part)
    (tmp_path / "charts" / "product_share.yaml").rename(tmp_path / "charts" / "pie.yaml")
    overview = tmp_path / "dashboards" / "overview.yaml"
    overview.write_text(overview.read_text(encoding="utf-8").replace("product_share", "pie"), encoding="utf-8")
    path = tmp_path / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SupersetError) as caught:
        specs.load(tmp_path)
    assert complaint in caught.value.message_en
