"""The first run of the pipeline: told line by line, done only when nothing failed, and done for one database only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from assets.definitions import build_defs, read_folder
from assets.schedules import NIGHTLY
from hub.db.embedded import EmbeddedServer
from hub.platform import pipeline
from hub.platform.done import BEGUN, PIPELINE, Done
from hub.platform.programs import dagster_environment
from hub.platform.telling import Telling
from hub.settings import Settings, settings
from quality_checks.database import HubDatabase
from tests.assets.scenario import bring, company
from tests.conftest import Database, copy_of_template

CUSTOMERS = """
code = "crm"
name = "销售系统"
name_en = "Sales system"
kind = "csv"
folder = "."
[tables.customers]
file = "customers.csv"
key = ["id"]
[tables.regions]
file = "regions.csv"
key = ["id"]
[[loads]]
document = "Customer"
table = "customers"
select = "customer.sql"
"""
SUPPLIERS = """
code = "buying"
name = "采购系统"
name_en = "Purchasing"
kind = "csv"
folder = "."
[tables.suppliers]
file = "suppliers.csv"
key = ["id"]
[[loads]]
document = "Supplier"
table = "suppliers"
select = "supplier.sql"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two sources: customers, one of them without a name; suppliers, whose file has been forgotten."""
    found = tmp_path / "sources"
    found.mkdir()
    texts = {
        "crm.toml": CUSTOMERS,
        "buying.toml": SUPPLIERS,
        "customers.csv": "id,name\nK1,海天\nK2,东方\nK3,\n",
        "regions.csv": "id,name\n1,北\n",
        "customer.sql": "select c._key as source_key, c.id as code, c.name from raw.crm__customers c",
        "supplier.sql": "select s._key as source_key, s.id as code, s.name from raw.buying__suppliers s",
    }
    for name, text in texts.items():
        (found / name).write_text(text, encoding="utf-8")
    return found


@pytest.fixture
def chosen(fresh_database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """The settings of an installation on a database of its own, with Dagster's instance in it."""
    company(fresh_database.engine)
    found = _on(fresh_database, tmp_path, folder)
    for name, value in dagster_environment(found).items():
        if name.startswith("DAGSTER_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("HUB_DATABASE_URL", found.database_url)
    settings.cache_clear()
    return found


@pytest.fixture(autouse=True)
def _settings_as_before() -> Iterator[None]:
    yield
    settings.cache_clear()


def _on(database: Database, home: Path, sources: Path) -> Settings:
    url = database.url.render_as_string(hide_password=False)
    (home / "secrets.json").write_bytes(settings().secrets_file.read_bytes())
    return Settings(home=home, database_url=url, sources=sources)


def _run(definitions: dg.Definitions, telling: Telling) -> bool:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_event_listener(run_id := "00000000-0000-4000-8000-000000000001", telling.hear)
        job = definitions.resolve_job_def(NIGHTLY.name)
        return job.execute_in_process(instance=instance, run_id=run_id, raise_on_error=False).success


def test_every_stage_is_told_in_both_languages(fresh_database: Database, folder: Path) -> None:
    company(fresh_database.engine)
    bring(fresh_database.engine, "Customer", [{"code": "K1", "name": "海天"}])
    (folder / "suppliers.csv").write_text("id,name\nS1,华塑\n", encoding="utf-8")
    own = settings().model_copy(update={"sources": folder})
    hub = HubDatabase(fresh_database.url, own.mart_role, own.time_zone)
    said: list[tuple[str, str]] = []
    definitions = build_defs(own, database=hub)
    telling = Telling(definitions, read_folder(folder)[0], lambda zh, en: said.append((zh, en)))
    assert _run(definitions, telling)
    assert telling.failed == []
    tables = len({one.asset_key for checks in definitions.asset_checks or () for one in checks.check_specs})
    chinese, english = [zh for zh, _ in said], [en for _, en in said]
    assert chinese[0] == f"拉取 3 表，随后载入 2 项、建 4 个集市、检查 {tables} 表"
    assert english[0] == f"Pulling 3 tables; then 2 loads, 4 marts, checks of {tables} tables"
    pulled = {one.split("：")[1] for one in chinese if one.startswith("拉取") and "/" in one}
    assert pulled == {"销售系统 4 行", "采购系统 1 行"}
    assert any(one.startswith("拉取 3/3 表：") for one in chinese)
    assert "载入 客户档案 2，1 行未载入" in chinese
    assert "Loaded Customer 2, kept out: 1" in english
    assert "载入 供应商档案 1" in chinese
    assert sum(one.startswith("建集市 ") for one in chinese) == 4
    assert f"检查 {tables} 表" in chinese
    assert chinese[-1].startswith(f"检查 {tables}/{tables} 表：")
    assert 2 <= sum(one.startswith("检查 ") for one in chinese) <= 6
    assert all(zh and en and not set(en) & set("，：表") for zh, en in said)


def test_a_failed_run_is_due_again_and_a_good_one_is_done(
    chosen: Settings, fresh_database: Database, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = Done(chosen, fresh_database.engine)
    assert not done.has(BEGUN)
    assert not pipeline.run(chosen, checks=False)
    lines = capsys.readouterr().out.splitlines()
    assert json.loads(lines[-1]) == {
        "zh": "数据管道有 1 个步骤失败（采购系统），下次启动时会重新运行。",
        "en": "Steps of the pipeline that failed: 1 (Purchasing); it runs again at the next start.",
    }
    failed = [line for line in lines if line.startswith("✗ 拉取 采购系统失败：")]
    assert len(failed) == 1
    assert "suppliers.csv" in failed[0]
    assert any(line.startswith("✗ 没有载入 供应商档案：") for line in lines)
    assert "载入 客户档案 2，1 行未载入\tLoaded Customer 2, kept out: 1" in lines
    assert "拉取 2/3 表：销售系统 4 行\tPulled 2 of 3 tables: Sales system 4 rows" in lines
    assert done.has(BEGUN)
    assert not done.has(PIPELINE)
    (folder / "suppliers.csv").write_text("id,name\nS1,华塑\n", encoding="utf-8")
    assert pipeline.run(chosen, checks=False)
    assert done.has(PIPELINE)


def test_what_is_done_is_done_for_one_database(
    chosen: Settings, fresh_database: Database, migrated_server: EmbeddedServer
) -> None:
    Done(chosen, fresh_database.engine).add(PIPELINE)
    Done(chosen, fresh_database.engine).add(PIPELINE)
    assert Done(chosen, fresh_database.engine).has(PIPELINE)
    name = "hub_made_again"
    with copy_of_template(migrated_server, name) as other:
        assert not Done(chosen, other.engine).has(PIPELINE)
        Done(chosen, other.engine).add(PIPELINE)
        assert Done(chosen, other.engine).has(PIPELINE)
    with copy_of_template(migrated_server, name) as again:
        assert not Done(chosen, again.engine).has(PIPELINE)
    assert Done(chosen, fresh_database.engine).has(PIPELINE)
    steps = json.loads((chosen.home / "steps.json").read_text())
    assert sorted(steps.values()) == [[PIPELINE], [PIPELINE]]
