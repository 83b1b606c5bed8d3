"""What is kept beside a ledger is found by the nightly checks when it is not the sum of its entries."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from hub.settings import settings
from quality_checks.books import BOOKS
from quality_checks.rules import RuleSet
from quality_checks.run import run
from quality_checks.shown_rows import HEADINGS, first_rows
from quality_checks.stores import STORES
from tests.conftest import Database
from tests.ledgers.goods import furnish

PLANTED = {
    "stock_balance_is_sum": (
        ("UPDATE hub.stock_balance SET quantity = 8", {("I1", "balance", 7, 8)}),
        ("UPDATE hub.stock_change SET quantity = 9 WHERE span = 'month'", {("I1", "month", 7, 9)}),
        ("UPDATE hub.stock_change SET begins = '2026-03-07' WHERE span = 'day'", {("I1", "day", 7, 7)}),
        ("DELETE FROM hub.stock_change WHERE span = 'month'", {("I1", "month", 7, None)}),
        ("DELETE FROM hub.stock_change; DELETE FROM hub.stock_balance", {("I1", "balance", 7, None)}),
    ),
    "cost_of_day_is_sum": (
        ("UPDATE hub.cost_day SET given_value = 20", {("I1", "2026-03-01", "21", "20")}),
        ("UPDATE hub.cost_day SET average_quantity = 1", {("I1", "2026-03-01", "21", "21")}),
        ("DELETE FROM hub.cost_day", {("I1", "2026-03-01", "21", None)}),
        (
            "UPDATE hub.cost_day SET day = '2026-03-07'",
            {("I1", "2026-03-01", "21", None), ("I1", "2026-03-07", None, "21")},
        ),
    ),
}
SHOWN = {
    "stock_balance_is_sum": ("item_code", "kept", "entered_quantity", "kept_quantity"),
    "cost_of_day_is_sum": ("item_code", "day", "entered_value", "kept_value"),
}


def found(database: Database, rule_set: RuleSet) -> dict[str, tuple[str, list[Any]]]:
    """Status and failing rows by rule."""
    outcomes = run(rule_set, database.url, time_zone=settings().time_zone)
    told: dict[str, tuple[str, list[Any]]] = {}
    for one in outcomes:
        with database.engine.connect() as connection:
            told[one.rule.code] = (one.status, list(first_rows(connection, one.query)) if one.query else [])
    return told


def test_all_is_well_where_postgresql_has_kept_the_sums(fresh_database: Database) -> None:
    furnish(fresh_database.engine).adjust("I1", 7, unit_cost="3")
    for rule_set in (*BOOKS, *STORES):
        for code, (status, rows) in found(fresh_database, rule_set).items():
            assert (status, rows) == ("passed", []), code


@pytest.mark.parametrize("rule_set", STORES, ids=lambda one: one.table)
def test_a_planted_difference_is_found(fresh_database: Database, rule_set: RuleSet) -> None:
    furnish(fresh_database.engine).adjust("I1", 7, unit_cost="3")
    (rule,) = rule_set.rules
    for statement, expected in PLANTED[rule.code]:
        with fresh_database.engine.connect() as connection:
            kept = "SELECT * FROM hub.{}"
            before = {name: connection.execute(text(kept.format(name))).all() for name in TABLES}
        with fresh_database.engine.begin() as connection:
            for part in statement.split("; "):
                assert connection.execute(text(part)).rowcount
        ((status, rows),) = found(fresh_database, rule_set).values()
        assert status == "failed"
        assert {tuple(_plain(row[name]) for name in SHOWN[rule.code]) for row in rows} == {
            tuple(_plain(one) for one in row) for row in expected
        }, statement
        assert all(name in HEADINGS for row in rows for name in row)
        _restore(fresh_database, before)


TABLES = ("stock_balance", "stock_change", "cost_day")


def _plain(value: Any) -> Any:
    return (
        value if value is None else f"{value:f}".rstrip("0").rstrip(".") if hasattr(value, "quantize") else str(value)
    )


def _restore(database: Database, before: dict[str, Any]) -> None:
    """What was kept, as it was."""
    with database.engine.begin() as connection:
        for name in reversed(TABLES):
            connection.execute(text(f"DELETE FROM hub.{name}"))
        for name, rows in before.items():
            identity = " OVERRIDING SYSTEM VALUE" if name == "stock_balance" else ""
            for row in rows:
                values = dict(row._mapping)
                columns, marks = ", ".join(values), ", ".join(f":{one}" for one in values)
                connection.execute(text(f"INSERT INTO hub.{name} ({columns}){identity} VALUES ({marks})"), values)
