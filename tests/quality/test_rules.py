"""Every rule passes where all agrees and finds the one planted row where it does not, with both sides to look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from hub.document.registry import specs
from hub.document.spec import DocSpec, FieldSpec
from hub.settings import settings
from quality_checks.checks import all_rule_sets, result_of
from quality_checks.from_specs import shape_of
from quality_checks.reconciliations import RECONCILIATIONS
from quality_checks.references import REFERENCES
from quality_checks.rules import Rule, RuleSet, rows
from quality_checks.run import Outcome, run
from quality_checks.shown_rows import SHOWN, first_rows, table_of
from quality_checks.store import keep
from tests.assets.scenario import bring, delivery, order, populate, stock
from tests.conftest import Database

ACROSS = (*REFERENCES, *RECONCILIATIONS)


@pytest.fixture
def agreed(fresh_database: Database) -> Database:
    """A hub in which every silo tells the same story."""
    populate(fresh_database.engine)
    return fresh_database


def found(database: Database, rule_set: RuleSet, run_id: str = "test") -> dict[str, Outcome]:
    """The outcomes of one rule set, kept in dq as a run does."""
    outcomes = run(rule_set, database.url, time_zone=settings().time_zone)
    with database.engine.begin() as connection:
        keep(connection, run_id, rule_set, outcomes)
    return {outcome.rule.code: outcome for outcome in outcomes}


def failing(database: Database, code: str) -> list[dict[str, Any]]:
    query = "select key, row, is_open, first_seen_at, last_seen_at from dq.failing_row where code = :code order by id"
    with database.engine.connect() as connection:
        return [dict(one) for one in connection.execute(sa.text(query), {"code": code}).mappings()]


def execute(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


# -- across tables ---------------------------------------------------------------------------------------------------


def test_everything_agrees_where_the_silos_do(agreed: Database) -> None:
    for rule_set in ACROSS:
        for code, outcome in found(agreed, rule_set).items():
            assert (outcome.status, outcome.failing) == ("passed", 0), (code, outcome)
    with agreed.engine.connect() as connection:
        assert connection.execute(sa.text("select count(*) from dq.failing_row")).scalar() == 0


def plant(database: Database) -> None:
    """One contradiction for each rule across tables."""
    engine = database.engine
    bring(engine, "SalesOrder", [order(f"SO-{n}", "K1", "2026-02-10", "10") for n in (11, 12, 13, 14, 15)])
    other_item = delivery("DN-11", "SO-11", "K1", "2026-02-01", "10")
    other_item["lines"][0]["item"] = "P2"
    other_order = delivery("DN-12", "SO-12", "K1", "2026-02-01", "10")
    other_order["lines"][0]["order_line"]["number"] = "SO-13"
    bring(
        engine,
        "Delivery",
        [
            other_item,
            other_order,
            delivery("DN-13", "SO-13", "K2", "2026-02-01", "10"),  # another customer than the order's
            delivery("DN-14", "SO-14", "K1", "2026-02-01", "7"),  # never left the warehouse
            delivery("DN-15", "SO-15", "K1", "2026-02-01", "10"),  # left with 8
        ],
    )
    bring(
        engine,
        "StockEntry",
        [
            stock("delivery", "-10", "DN-11", item="P2", warehouse="W2", location="W2-A"),  # below nothing
            stock("delivery", "-10", "DN-12"),
            stock("delivery", "-10", "DN-13", location="W2-A"),  # a location of another warehouse
            stock("delivery", "-8", "DN-15"),
            stock("delivery", "-5", "DN-99"),  # nobody sold it
            stock("delivery", "-3", "DN-98"),
            stock("delivery", "3", "DN-98"),  # taken back: nothing to find
        ],
    )
    wrong = {"item": "P1", "quantity": "5", "rejected_quantity": "1", "stocked_quantity": "3"}
    receipt = {"number": "GR-2", "state": "confirmed", "supplier": "S2", "purchase_order": "PO-1", "warehouse": "W2"}
    line = {**wrong, "order_line": {"number": "PO-1", "position": 1}}
    bring(engine, "PurchaseReceipt", [{**receipt, "receipt_date": "2026-02-01", "lines": [line]}])
    made = {"number": "MO-2", "state": "released", "item": "P1", "quantity": "9", "completed_quantity": "9"}
    bring(engine, "ProductionOrder", [made, {**made, "number": "MO-3"}])
    look = {"number": "QI-2", "state": "confirmed", "kind": "final", "item": "P2", "production_order": "MO-2"}
    four = {"inspected_quantity": "4", "qualified_quantity": "4"}
    sampled = {"number": "QI-3", "item": "P1", "production_order": "MO-3", "quantity": "9"}
    bring(engine, "Inspection", [{**look, **four}, {**look, **four, **sampled}])  # four of nine judge the nine
    back = {"meter": "EM-01", "metric": "energy.active.import", "read_at": "2026-01-03T00:00:00+08:00", "value": "90"}
    bring(engine, "Reading", [back])


PLANTED: dict[str, dict[str, Any]] = {
    "delivery_item_is_order_item": {"delivery_number": "DN-11", "delivered_item": "P2", "ordered_item": "P1"},
    "delivery_line_is_of_its_order": {
        "delivery_number": "DN-12",
        "order_of_delivery": "SO-12",
        "order_of_line": "SO-13",
    },
    "delivery_customer_is_order_customer": {"delivery_number": "DN-13", "delivered_to": "K2", "ordered_by": "K1"},
    "receipt_item_is_order_item": {"receipt_number": "GR-2", "received_item": "P1", "ordered_item": "P2"},
    "receipt_adds_up": {"receipt_number": "GR-2", "quantity": 5, "rejected_quantity": 1, "stocked_quantity": 3},
    "receipt_supplier_is_order_supplier": {"receipt_number": "GR-2", "received_from": "S2", "ordered_from": "S1"},
    "location_is_in_warehouse": {"document_number": "DN-13", "warehouse": "W1", "location_is_in": "W2"},
    "stock_not_negative": {"warehouse": "W2", "item_code": "P2", "quantity": -10},
    "inspected_item_is_produced_item": {"inspection_number": "QI-2", "inspected_item": "P2", "produced_item": "P1"},
    "counter_runs_forward": {"meter_code": "EM-01", "previous_value": 104.25, "value": 90},
    "delivered_has_stock_out": {"delivery_number": "DN-14", "sales_quantity": 7, "warehouse_quantity": None},
    "stock_out_has_delivery": {"delivery_number": "DN-99", "sales_quantity": None, "warehouse_quantity": 5},
    "delivered_equals_stock_out": {
        "delivery_number": "DN-15",
        "item_code": "P1",
        "sales_quantity": 10,
        "warehouse_quantity": 8,
        "difference": 2,
    },
    "completed_equals_inspected": {"production_order": "MO-2", "completed_quantity": 9, "inspected_quantity": 4},
}


def test_each_planted_contradiction_is_found_and_nothing_else(agreed: Database) -> None:
    plant(agreed)
    assert {rule.code for rule_set in ACROSS for rule in rule_set.rules} == set(PLANTED)
    for rule_set in ACROSS:
        for code, outcome in found(agreed, rule_set).items():
            assert (outcome.status, outcome.failing) == ("failed", 1), (code, outcome)
            kept = failing(agreed, code)
            assert len(kept) == 1
            assert PLANTED[code].items() <= kept[0]["row"].items(), code
            assert set(kept[0]["key"]) == set(outcome.rule.key)
            assert None not in kept[0]["key"].values()


def test_a_steward_sees_the_failing_rows_on_the_check_under_chinese_headings(agreed: Database) -> None:
    import dagster as dg

    plant(agreed)
    for rule_set in ACROSS:
        for code, outcome in found(agreed, rule_set).items():
            assert outcome.query
            with agreed.engine.connect() as connection:
                sample = first_rows(connection, outcome.query)
            shown = result_of(dg.AssetKey(["hub", "x"]), outcome, sample)
            text = str(shown.metadata["failing rows"].value)
            heads = text.splitlines()[0].strip("| ").split(" | ")
            assert all(any("一" <= letter <= "鿿" for letter in head) for head in heads), (code, heads)
            for value in PLANTED[code].values():
                assert f"| {'—' if value is None else value} |" in text, (code, value, text)
            assert "select" in text
            assert str(next(iter(outcome.rule.key))) == "id" or str(sample[0][outcome.rule.key[0]]) in str(
                shown.description
            )


def test_a_row_is_remembered_since_when_and_closed_when_mended(agreed: Database) -> None:
    reconciliation = RECONCILIATIONS[0]
    bring(agreed.engine, "SalesOrder", [order("SO-14", "K1", "2026-02-10", "10")])
    bring(agreed.engine, "Delivery", [delivery("DN-14", "SO-14", "K1", "2026-02-01", "7")])
    for run_id in ("first", "second"):
        found(agreed, reconciliation, run_id)
    (open_row,) = failing(agreed, "delivered_has_stock_out")
    assert open_row["is_open"]
    assert open_row["last_seen_at"] > open_row["first_seen_at"]
    bring(agreed.engine, "StockEntry", [stock("delivery", "-7", "DN-14")])
    found(agreed, reconciliation, "third")
    (closed,) = failing(agreed, "delivered_has_stock_out")
    assert not closed["is_open"]
    assert closed["first_seen_at"] == open_row["first_seen_at"]
    with agreed.engine.connect() as connection:
        results = connection.execute(
            sa.text(
                "select run_id, status, failing_count, label_zh from dq.result"
                " where code = 'delivered_has_stock_out' order by id"
            )
        ).all()
    assert [tuple(one)[:3] for one in results] == [
        ("first", "failed", 1),
        ("second", "failed", 1),
        ("third", "passed", 0),
    ]
    assert results[0][3] == "销售已发货的,仓库必须有出库"


def test_all_failing_rows_are_kept_beyond_the_two_hundred_that_are_sampled(agreed: Database) -> None:
    bring(agreed.engine, "SalesOrder", [order(f"SO-B{n}", "K1", "2026-02-10", "1") for n in range(250)])
    bring(agreed.engine, "Delivery", [delivery(f"DN-B{n}", f"SO-B{n}", "K1", "2026-02-01", "1") for n in range(250)])
    outcome = found(agreed, RECONCILIATIONS[0])["delivered_has_stock_out"]
    assert outcome.failing == 250
    assert len(failing(agreed, "delivered_has_stock_out")) == 250
    assert outcome.query
    with agreed.engine.connect() as connection:
        sample = first_rows(connection, outcome.query)
    assert len(sample) == SHOWN
    assert "共 250 行，以上为前 20 行" in table_of(sample, outcome.failing)


# -- rules that are wrong themselves ---------------------------------------------------------------------------------


def test_a_rule_that_raises_is_an_error_and_leaves_its_open_rows(agreed: Database) -> None:
    good = rows("odd", "with l as (select * from {batch}) select l.id, l.code from l", "中", "e", ("code",), owner="x")
    bad = rows("odd", "with l as (select * from {batch}) select l.gone from l", "中", "e", ("code",), owner="x")
    assert found(agreed, RuleSet("hub", "customer", (good,)))["odd"].failing == 2
    outcome = found(agreed, RuleSet("hub", "customer", (bad,)))["odd"]
    assert outcome.status == "error"
    assert "gone" in str(outcome.raised)
    assert [one["is_open"] for one in failing(agreed, "odd")] == [True, True]
    import dagster as dg

    shown = result_of(dg.AssetKey(["hub", "customer"]), outcome)
    assert (shown.passed, shown.severity) == (False, dg.AssetCheckSeverity.ERROR)


def test_a_rule_that_the_library_drops_is_noticed(agreed: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from great_expectations.datasource.fluent.interfaces import Batch

    whole = Batch.validate

    def lossy(self: Any, suite: Any, **arguments: Any) -> Any:
        suite.expectations = suite.expectations[1:]
        return whole(self, suite, **arguments)

    monkeypatch.setattr(Batch, "validate", lossy)
    with pytest.raises(RuntimeError, match="dropped delivered_has_stock_out"):
        run(RECONCILIATIONS[0], agreed.url, time_zone="Asia/Shanghai")


# -- the shape of every type -----------------------------------------------------------------------------------------


def test_every_table_is_checked_once_and_every_rule_has_its_words() -> None:
    rule_sets = all_rule_sets(specs().values())
    assert len({one.asset for one in rule_sets}) == len(rule_sets)
    for one in rule_sets:
        assert len({rule.code for rule in one.rules}) == len(one.rules)
        for rule in one.rules:
            assert any("一" <= letter <= "鿿" for letter in rule.label[0])
            assert rule.label[1].isascii() or "·" in rule.label[1]


def shapes(count: Callable[[int, int], int]) -> list[DocSpec]:
    """The types whose shape is tried: those with the most to check first."""
    every = [spec for spec in specs().values() if shape_of(spec).rules]
    return sorted(every, key=lambda spec: -len(shape_of(spec).rules))[: count(5, len(every))]


@pytest.fixture
def bare(fresh_database: Database) -> Database:
    """Every table of the hub again in schema `bare`, without a single constraint."""
    execute(fresh_database, "create schema bare")
    for spec in specs().values():
        execute(
            fresh_database, f'create table bare."{spec.table.name}" as select * from hub."{spec.table.name}" limit 0'
        )
    return fresh_database


def test_a_well_shaped_row_passes_and_an_empty_one_breaks_every_rule(
    bare: Database, proof_count: Callable[[int, int], int]
) -> None:
    for spec in shapes(proof_count):
        rules = RuleSet("bare", spec.table.name, shape_of(spec).rules)
        insert(bare, spec, {one.name: fitting(one) for one in spec.fields.values()})
        assert {code: one.status for code, one in found(bare, rules).items() if one.status != "passed"} == {}, spec.name
        nonsense = {one.name: "nonsense" for one in spec.fields.values() if one.choices}
        for values in (nonsense, {}):  # two rows without a natural key are one key twice
            insert(bare, spec, values, links=False)
        broken = found(bare, rules)
        for rule in rules.rules:
            assert broken[rule.code].status == "failed", (spec.name, rule.code)
            assert broken[rule.code].failing == expected(spec, rule), (spec.name, rule.code)


def expected(spec: DocSpec, rule: Rule) -> int:
    """Two empty rows fail twice, but are one double key, and one of them has nonsense where a choice is wanted."""
    column = rule.arguments.get("column", "")
    return 1 if rule.code.endswith("_once") or has_choices(spec, column) else 2


def fitting(field: FieldSpec) -> Any:
    """A value that a field takes."""
    if field.choices is not None:
        return next(iter(field.choices)).value
    now = dt.datetime.now(dt.UTC)
    return {"date": now.date(), "moment": now, "boolean": True, "list": [], "json": {}, "id": uuid4()}.get(
        field.kind, "1" if field.kind == "text" else 1
    )


def insert(database: Database, spec: DocSpec, values: dict[str, Any], *, links: bool = True) -> None:
    """A row of the bare table; `links` fills every link with some id."""
    linked = {link.column: uuid4() for link in spec.links.values()} if links else {}
    table = sa.Table(
        spec.table.name,
        sa.MetaData(schema="bare"),
        *(sa.Column(one.name, sa.Text() if has_choices(spec, one.name) else one.type) for one in spec.table.c),
    )
    with database.engine.begin() as connection:
        connection.execute(sa.insert(table).values({"id": uuid4(), **values, **linked}))


def has_choices(spec: DocSpec, column: str) -> bool:
    """Whether a column holds a fixed list of values."""
    return column in spec.fields and spec.fields[column].choices is not None
