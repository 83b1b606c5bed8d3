"""Provisioning: the dashboard arrives, shows what SQL says, stays unchanged a second time, and failures have names."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from superset_config import specs
from superset_config.bundle import identity
from superset_config.client import Superset
from superset_config.errors import SupersetError
from superset_config.provision import ProvisionReport, provision
from tests.superset.conftest import provision_again
from tests.superset.running import RunningSuperset

FIRM = "state NOT IN ('草稿', '已取消')"
MONTH = "to_char(date_trunc('month', {}), 'YYYY-MM-DD')"
ON_TIME = "count(*) FILTER (WHERE is_on_time)::numeric / count(is_on_time)"
EXPECTED = {
    "kpi_order_amount": f"SELECT {MONTH.format('order_date')}, sum(amount) FILTER (WHERE {FIRM})"
    " FROM mart.sales_order_line GROUP BY 1",
    "orders_by_month": f"SELECT {MONTH.format('order_date')}, sum(amount) FILTER (WHERE {FIRM})"
    " FROM mart.sales_order_line GROUP BY 1",
    "kpi_on_time_rate": f"SELECT {ON_TIME} FROM mart.delivery_line",
    "on_time_by_month": f"SELECT {MONTH.format('delivery_date')}, {ON_TIME} FROM mart.delivery_line GROUP BY 1",
    "kpi_open_quantity": f"SELECT sum(open_quantity) FILTER (WHERE {FIRM}) FROM mart.sales_order_line",
    "kpi_electricity": "SELECT sum(consumption) FROM mart.energy_daily WHERE medium = '电' AND is_main_meter",
    "top_customers": f"SELECT customer_name, sum(amount) FROM mart.sales_order_line WHERE {FIRM}"
    " GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
    "product_share": f"SELECT item_category, sum(amount) FROM mart.sales_order_line WHERE {FIRM} GROUP BY 1",
    "late_orders": "SELECT order_number, customer_name, item_name, to_char(promised_date, 'YYYY-MM-DD'), quantity,"
    " open_quantity, coalesce(to_char(last_delivery_date, 'YYYY-MM-DD'), ''), sales_rep_name, state"
    f" FROM mart.sales_order_line WHERE is_late AND {FIRM}",
    "energy_by_day": "SELECT to_char(day, 'YYYY-MM-DD'), meter_name, sum(consumption) FROM mart.energy_daily"
    " WHERE medium = '电' GROUP BY 1, 2",
}


def test_every_chart_of_the_dashboard_is_checked_and_shows_rows(provisioned: ProvisionReport) -> None:
    assert {chart.name for chart in provisioned.charts} == set(EXPECTED) == set(specs.load().charts)
    assert provisioned.failures == provisioned.empty == ()
    assert "dashboard 经营总览" in provisioned.changed


@pytest.mark.parametrize("chart", EXPECTED)
def test_figures_equal_sql(superset: RunningSuperset, provisioned: ProvisionReport, chart: str) -> None:
    with admin(superset) as client:
        shown = [normal(row.values()) for row in client.chart_data(chart_id(client, chart))]
    asked = [normal(row) for row in superset.database.rows(EXPECTED[chart])]
    assert len(shown) == len(asked) > 0
    for ours, theirs in zip(sorted(shown, key=str), sorted(asked, key=str), strict=True):
        assert [part for part in ours if isinstance(part, str)] == [part for part in theirs if isinstance(part, str)]
        assert [part for part in ours if not isinstance(part, str)] == pytest.approx(
            [part for part in theirs if not isinstance(part, str)], rel=1e-9
        )


def test_second_run_changes_nothing(superset: RunningSuperset, provisioned: ProvisionReport) -> None:
    kinds = ("chart", "dataset", "dashboard", "database")
    with admin(superset) as client:
        before = {kind: {each["uuid"]: each["id"] for each in client.all(kind)} for kind in kinds}
        again = provision_again(superset)
        after = {kind: {each["uuid"]: each["id"] for each in client.all(kind)} for kind in kinds}
    assert again.changed == ()
    assert before == after
    assert [len(after[kind]) for kind in kinds] == [10, 3, 1, 1]


def test_an_edit_on_the_page_is_put_back_and_named(superset: RunningSuperset, provisioned: ProvisionReport) -> None:
    with admin(superset) as client:
        client.put(f"chart/{chart_id(client, 'top_customers')}", {"slice_name": "改过的标题"})
        assert provision_again(superset).changed == ("chart 订单额前十客户",)
        assert "改过的标题" not in {chart["slice_name"] for chart in client.charts()}


def test_a_broken_chart_is_reported_by_name(
    superset: RunningSuperset, provisioned: ProvisionReport, tmp_path: Path
) -> None:
    """Superset imports a metric over a column that does not exist without a word."""
    for part in ("datasets", "charts", "dashboards"):
        shutil.copytree(specs.SPECS / part, tmp_path / part)
    dataset = tmp_path / "datasets" / "energy_daily.yaml"
    metric = "  broken:\n    {title: 坏, title_en: Broken, sql: SUM(no_such_column), format: ',d'}\n"
    dataset.write_text(dataset.read_text(encoding="utf-8") + metric, encoding="utf-8")
    broken = "title: 坏图表\ntitle_en: Broken\ndataset: energy_daily\nkind: number\nmetrics: [broken]\n"
    (tmp_path / "charts" / "broken_chart.yaml").write_text(broken, encoding="utf-8")
    try:
        report = provision_again(superset, tmp_path)
        assert [(chart.name, chart.title) for chart in report.failures] == [("broken_chart", "坏图表")]
        assert "no_such_column" in report.failures[0].problem
        assert sum(1 for chart in report.charts if chart.rows) == len(EXPECTED)
    finally:
        with admin(superset) as client:
            client.delete(f"chart/{chart_id(client, 'broken_chart')}")
        assert provision_again(superset).changed == ("dataset 每日能耗",)


def test_wrong_password_of_the_marts_is_noticed(superset: RunningSuperset, provisioned: ProvisionReport) -> None:
    uri = superset.database.mart_uri.replace(superset.database.mart_password, "wrong")
    with pytest.raises(SupersetError) as caught:
        provision(superset.url, "admin", superset.password("admin"), uri)
    assert "hub_mart" in str(caught.value)
    assert provision_again(superset).changed == ()


def test_wrong_password_of_superset_is_noticed(superset: RunningSuperset) -> None:
    with pytest.raises(SupersetError, match="Superset refuses the password of admin"):
        provision(superset.url, "admin", "wrong", superset.database.mart_uri)


def test_no_superset_there_is_one_sentence(superset: RunningSuperset) -> None:
    with pytest.raises(SupersetError, match="cannot be reached"):
        provision("http://127.0.0.1:1", "admin", "any", superset.database.mart_uri)


def test_marts_cannot_be_written(superset: RunningSuperset, provisioned: ProvisionReport) -> None:
    with admin(superset) as client:
        database = next(iter(client.all("database")))["id"]
        with pytest.raises(SupersetError):
            client.post(
                "sqllab/execute/", {"database_id": database, "sql": "DELETE FROM mart.energy_daily", "runAsync": False}
            )
        with pytest.raises(SupersetError, match="permission denied"):
            client.post(
                "sqllab/execute/", {"database_id": database, "sql": "SELECT * FROM superset.ab_user", "runAsync": False}
            )
    assert superset.database.rows("SELECT count(*) > 0 FROM mart.energy_daily") == [(True,)]


def test_sessions_are_on_local_time(superset: RunningSuperset, provisioned: ProvisionReport) -> None:
    """Also when the address brings options of its own."""
    statement = "SELECT (extract(timezone FROM now()) / 3600)::int AS hours"
    with admin(superset) as client:
        database = next(iter(client.all("database")))["id"]
        answer = client.post("sqllab/execute/", {"database_id": database, "sql": statement, "runAsync": False})
    assert answer["data"] == [{"hours": 8}]


def admin(superset: RunningSuperset) -> Superset:
    return Superset(superset.url, "admin", superset.password("admin"))


def chart_id(client: Superset, name: str) -> int:
    wanted = str(identity("chart", name))
    return next(int(chart["id"]) for chart in client.charts() if chart["uuid"] == wanted)


def normal(row: Any) -> list[str | float]:
    """A row in one shape: moments (milliseconds, UTC) as days, figures as floats."""
    return [_normal(value) for value in row]


def _normal(value: object) -> str | float:
    if isinstance(value, int | float) and value > 1_600_000_000_000:
        return datetime.fromtimestamp(value / 1000, UTC).date().isoformat()
    return float(value) if isinstance(value, int | float | Decimal) else str(value or "")
