"""The marts: headers that tell the truth, figures that hold, a table that is never half there."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from assets.models import MARTS, Model, build, read_model, read_models
from assets.selects import Select
from assets.viewer import pipeline_company
from hub.context import system_viewer
from hub.domains.energy import Medium
from hub.domains.sales import OrderState
from hub.settings import settings
from hub.writes import create, run_step, unit_of_work
from tests.assets.scenario import bring, delivery, order, populate
from tests.conftest import Database

MODELS = read_models()


def built(database: Database) -> None:
    """Builds every mart, the one that reads another after it."""
    company = pipeline_company(database.engine)
    with database.engine.begin() as connection:
        for model in sorted(MODELS, key=lambda one: any(name.startswith("mart.") for name in one.deps)):
            build(connection, model, company, settings().mart_role)


def rows(database: Database, query: str) -> list[dict[str, Any]]:
    with database.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.text(query)).mappings()]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.table)
def test_the_header_says_what_the_select_does(model: Model) -> None:
    assert set(model.deps) == model.select.reads
    assert tuple(model.columns) == model.select.columns
    assert set(model.key) <= set(model.columns)


def test_there_are_the_four_marts_that_dashboards_rely_on() -> None:
    assert [model.table for model in MODELS] == ["delivery_line", "energy_daily", "energy_interval", "sales_order_line"]


@pytest.mark.parametrize(("choices", "file"), [(OrderState, "sales_order_line"), (Medium, "energy_daily")])
def test_states_and_media_are_shown_in_the_words_of_the_hub(choices: Any, file: str) -> None:
    text = (MARTS / f"{file}.sql").read_text(encoding="utf-8")
    for choice in choices:
        assert f"when '{choice.value}' then '{choice.label.chinese}'" in text


def test_orders_and_deliveries(fresh_database: Database) -> None:
    populate(fresh_database.engine)
    bring(
        fresh_database.engine,
        "SalesOrder",
        [
            order("SO-3", "K1", "2026-01-10", "8", state="cancelled"),
            order("SO-4", "K1", "2026-01-10", "8", state="closed"),
            order("SO-5", "K1", "2999-01-10", "8"),
        ],
    )
    draft = {**delivery("DN-9", "SO-5", "K1", "2026-01-09", "8"), "state": "draft"}
    bring(fresh_database.engine, "Delivery", [draft])
    built(fresh_database)
    lines = rows(fresh_database, "select * from mart.sales_order_line order by order_number")
    shown = [
        (one["order_number"], one["state"], str(one["delivered_quantity"]), str(one["open_quantity"]), one["is_late"])
        for one in lines
    ]
    assert shown == [
        ("SO-1", "已确认", "100.0000", "0.0000", False),
        ("SO-2", "已确认", "30.0000", "10.0000", True),
        ("SO-3", "已取消", "0.0000", "0.0000", False),
        ("SO-4", "已关闭", "0.0000", "0.0000", False),
        ("SO-5", "已确认", "0.0000", "8.0000", False),
    ]
    first = lines[0]
    assert (first["customer_name"], first["department_name"], first["sales_rep_name"]) == ("海天塑机", "销售部", "李明")
    assert (first["item_category"], str(first["amount"]), str(first["last_delivery_date"])) == (
        "外壳",
        "250.0000",
        "2026-01-09",
    )
    deliveries = rows(fresh_database, "select * from mart.delivery_line order by delivery_number")
    assert [
        (one["delivery_number"], one["days_late"], one["is_on_time"], str(one["amount"])) for one in deliveries
    ] == [
        ("DN-1", -1, True, "250.0000"),
        ("DN-2", 3, False, "75.0000"),
    ]


def test_a_mart_is_of_one_company(fresh_database: Database) -> None:
    """Another company's papers bear the same numbers and codes."""
    populate(fresh_database.engine)
    built(fresh_database)
    tables = [f"mart.{model.table}" for model in MODELS]
    before = [rows(fresh_database, f"select * from {table} order by 1, 2") for table in tables]
    populate(fresh_database.engine, "C2")
    built(fresh_database)
    assert [rows(fresh_database, f"select * from {table} order by 1, 2") for table in tables] == before
    assert all(before)


def test_energy_of_an_interval_and_a_day(fresh_database: Database) -> None:
    populate(fresh_database.engine)
    back = {"meter": "EM-01", "metric": "energy.active.import", "read_at": "2026-01-02T00:30:00+08:00", "value": "1"}
    power = {**back, "metric": "power.active", "value": "900"}
    bring(fresh_database.engine, "Reading", [back, power])
    built(fresh_database)
    intervals = rows(fresh_database, "select * from mart.energy_interval order by read_at")
    assert [one["consumption"] for one in intervals][:2] == [7, Decimal("1.5")]
    assert intervals[2]["consumption"] is None  # the counter ran back: unknown, not minus 103
    days = rows(fresh_database, "select * from mart.energy_daily order by day")
    assert [(str(one["day"]), one["consumption"], one["reading_count"]) for one in days] == [
        ("2026-01-01", 7, 1),  # the interval that ends at midnight is the day before's
        ("2026-01-02", Decimal("1.5"), 2),
    ]
    assert (days[0]["medium"], days[0]["department_name"], days[0]["unit"]) == ("电", "销售部", "kWh")
    with unit_of_work(fresh_database.engine, system_viewer("test"), "test") as ctx:
        line = {name: back[name] for name in ("meter", "metric", "read_at")}
        made = create(ctx, "ReadingCorrection", {"reason": "表计复位", "lines": [{**line, "value": "105.5"}]})
        run_step(ctx, "ReadingCorrection", made.id, "post")
    built(fresh_database)
    intervals = rows(fresh_database, "select * from mart.energy_interval order by read_at")
    assert [one["consumption"] for one in intervals] == [7, Decimal("1.5"), Decimal("2.5")]


def test_the_mart_role_reads_a_rebuilt_mart_and_nothing_else(fresh_database: Database) -> None:
    populate(fresh_database.engine)
    built(fresh_database)
    built(fresh_database)
    engine = sa.create_engine(fresh_database.url_as(settings().mart_role), poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.execute(sa.text("select count(*) from mart.sales_order_line")).scalar() == 2
        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(sa.text("select count(*) from hub.sales_order"))


def test_meanings_stand_in_the_database(fresh_database: Database) -> None:
    populate(fresh_database.engine)
    built(fresh_database)
    comments = rows(
        fresh_database,
        "select c.relname, a.attname, col_description(c.oid, a.attnum) as words from pg_class c"
        "  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " where c.relnamespace = 'mart'::regnamespace and c.relkind = 'r'",
    )
    assert len(comments) == sum(len(model.columns) for model in MODELS)
    assert all(" / " in one["words"] for one in comments)


def test_a_build_that_fails_leaves_the_old_table(fresh_database: Database) -> None:
    populate(fresh_database.engine)
    built(fresh_database)
    good = next(model for model in MODELS if model.table == "sales_order_line")
    broken = Model(good.table, good.label, ("state",), good.deps, good.select)  # the key is no key
    company = pipeline_company(fresh_database.engine)
    with pytest.raises(Exception, match="could not create unique index"), fresh_database.engine.begin() as connection:
        build(connection, broken, company, None)
    assert rows(fresh_database, "select count(*) as n from mart.sales_order_line") == [{"n": 2}]


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("-- table: t\n-- key: a\n-- deps: hub.item", "lacks"),
        ("-- table: t\n-- label: 中 | e\n-- key: a\n-- deps: x\n-- colums: y\n-- columns:", "unknown"),
        ("-- table: t\n-- label: only one\n-- key: a\n-- deps: x\n-- columns:", "中文 | English"),
        ("-- table: t\n-- label: 中 | e\n-- key: a\n-- deps: x\n-- automation: often\n-- columns:", "automation"),
    ],
)
def test_a_header_that_is_not_complete_is_refused(tmp_path: Path, header: str, wanted: str) -> None:
    path = tmp_path / "t.sql"
    path.write_text(f"{header}\nselect 1 as a", encoding="utf-8")
    with pytest.raises(ValueError, match=wanted):
        read_model(path)


def test_the_code_version_follows_the_select() -> None:
    one = Model("t", ("中", "e"), ("a",), (), Select("t.sql", "select 1 as a"))
    other = Model("t", ("中", "e"), ("a",), (), Select("t.sql", "select 2 as a"))
    assert one.code_version != other.code_version
