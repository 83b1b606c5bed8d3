"""What each role sees and may do: executives look, analysts build and export, stewards care for the data sets."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from superset_config import specs
from superset_config.client import Superset
from superset_config.errors import SupersetError
from superset_config.provision import ProvisionReport
from tests.superset.running import RunningSuperset
from tests.superset.test_provision import admin, chart_id

SHIPPED = {"sales_order_line", "delivery_line", "energy_daily"}


@pytest.fixture(scope="module", autouse=True)
def other_dataset(superset: RunningSuperset, provisioned: ProvisionReport) -> Iterator[int]:
    """A data set of the same database that no dashboard uses."""
    with admin(superset) as client:
        database = next(iter(client.all("database")))["id"]
        told = {"database": database, "schema": "mart", "table_name": "energy_interval"}
        made = client.post("dataset/", told)["id"]
        yield made
        client.delete(f"dataset/{made}")


def signed_in(superset: RunningSuperset, name: str) -> Superset:
    return Superset(superset.url, name, superset.password(name))


def test_executives_see_the_dashboard_and_its_datasets_only(superset: RunningSuperset, other_dataset: int) -> None:
    with signed_in(superset, "boss") as boss:
        assert [each["dashboard_title"] for each in boss.all("dashboard")] == ["经营总览"]
        assert {each["table_name"] for each in boss.all("dataset")} == SHIPPED
        assert {chart["slice_name"] for chart in boss.charts()} == {each.title for each in specs.load().charts.values()}
        for name in specs.load().charts:
            assert boss.chart_data(chart_id(boss, name)), name
        with pytest.raises(SupersetError):
            boss.get(f"dataset/{other_dataset}")
        with pytest.raises(SupersetError, match="may not"):
            boss.post("chart/data", query_on(other_dataset))
    with admin(superset) as client:
        assert "energy_interval" in {each["table_name"] for each in client.all("dataset")}


def test_executives_change_and_export_nothing(superset: RunningSuperset) -> None:
    with signed_in(superset, "boss") as boss:
        number = chart_id(boss, "top_customers")
        with pytest.raises(SupersetError, match="没有权限"):
            boss.put(f"chart/{number}", {"slice_name": "x"})
        with pytest.raises(SupersetError, match="没有权限"):
            boss.export_csv(number)
        with pytest.raises(SupersetError, match="没有权限"):
            list(boss.all("security/users"))


def test_analysts_export_what_excel_reads_and_build_their_own(superset: RunningSuperset) -> None:
    with signed_in(superset, "analyst") as analyst:
        number = chart_id(analyst, "top_customers")
        content = analyst.export_csv(number)
        assert content.startswith(b"\xef\xbb\xbf")
        assert "客户,订单额" in content.decode("utf-8-sig").splitlines()[0]
        with pytest.raises(SupersetError, match="没有权限"):
            analyst.put(f"chart/{number}", {"slice_name": "x"})
        dataset = next(each["id"] for each in analyst.all("dataset") if each["table_name"] == "energy_daily")
        own = {"slice_name": "我的图", "viz_type": "table", "datasource_id": dataset, "datasource_type": "table"}
        made = analyst.post("chart/", own)["id"]
        analyst.delete(f"chart/{made}")


def test_stewards_edit_datasets_and_analysts_do_not(superset: RunningSuperset) -> None:
    with admin(superset) as client:
        dataset = next(each["id"] for each in client.all("dataset") if each["table_name"] == "energy_daily")
        before = client.get(f"dataset/{dataset}")["result"]["description"]
    with signed_in(superset, "analyst") as analyst, pytest.raises(SupersetError, match="没有权限"):
        analyst.put(f"dataset/{dataset}", {"description": "x"})
    with signed_in(superset, "steward") as steward:
        steward.put(f"dataset/{dataset}", {"description": "管家写的说明"})
        steward.put(f"dataset/{dataset}", {"description": before})


def test_a_row_rule_narrows_what_a_role_sees(superset: RunningSuperset) -> None:
    with admin(superset) as client, signed_in(superset, "boss") as boss:
        dataset = next(each["id"] for each in client.all("dataset") if each["table_name"] == "sales_order_line")
        roles, clause = [client.roles()["高管"]], "customer_name = '宁波海天家电'"
        chart = chart_id(client, "top_customers")
        everyone = len(boss.chart_data(chart))
        assert client.set_row_rule("仅一户", clause, datasets=[dataset], roles=roles) is True
        try:
            assert client.set_row_rule("仅一户", clause, datasets=[dataset], roles=roles) is False
            assert [row["customer_name"] for row in boss.chart_data(chart)] == ["宁波海天家电"]
            assert len(client.chart_data(chart)) == everyone > 1
        finally:
            number = next(each["id"] for each in client.all("rowlevelsecurity") if each["name"] == "仅一户")
            client.delete(f"rowlevelsecurity/{number}")


def test_failed_signins_are_limited_by_name_and_successes_do_not_count(superset: RunningSuperset) -> None:
    for _ in range(12):
        signed_in(superset, "steward").__exit__(None, None, None)
    asked = {"username": "nobody", "password": "guess", "provider": "db"}
    tried = [httpx.post(f"{superset.url}/api/v1/security/login", json=asked).status_code for _ in range(12)]
    assert tried == [401] * 10 + [429] * 2
    with pytest.raises(SupersetError, match="Too many failed sign-ins"):
        Superset(superset.url, "nobody", "guess")
    signed_in(superset, "steward").__exit__(None, None, None)


def query_on(dataset: int) -> dict[str, object]:
    query = {"columns": ["meter_code"], "metrics": [], "filters": [], "row_limit": 5}
    return {"datasource": {"id": dataset, "type": "table"}, "queries": [query], "result_format": "json"}
