"""Production orders with operations: taken from the routing, renewed with it, and how far each order has come."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hub import writes
from tests.planning.conftest import MONDAY, Factory

D = Decimal
OPERATIONS = """SELECT p.sequence, c.code, p.run_minutes, p.mould FROM hub.production_order_operation p
    LEFT JOIN hub.work_centre c ON c.id = p.work_centre_id WHERE p.production_order_id = :id ORDER BY p.sequence"""


def operations(factory: Factory, order: UUID) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in factory.rows(OPERATIONS, id=order)]


def test_a_new_order_has_the_operations_of_its_routing(factory: Factory) -> None:
    order = factory.order("CUP", "100", date(2026, 5, 8), mould="MJ-1")
    assert operations(factory, order) == [
        (10, "SHOP", D("0.48"), "MJ-1"),
        (20, "BENCH", D("0.12"), "MJ-1"),
    ]
    own = factory.order("CUP", "100", date(2026, 5, 8), operations=[{"sequence": 5, "work_centre": "M3"}])
    assert operations(factory, own) == [(5, "M3", D(0), None)]


def test_another_routing_renews_them_until_work_is_reported(factory: Factory) -> None:
    """Also when a published schedule has times for the old ones; its runs then name no operation any more."""
    order, begun = (factory.order("CUP", "100", date(2026, 5, 8), "release") for _ in range(2))
    schedule = factory.scheduled()
    factory.step("Schedule", schedule, "publish")
    first = factory.rows("SELECT id FROM hub.production_order_operation WHERE production_order_id = :id", id=begun)[
        0
    ].id
    line = {"employee": "E1", "order_operation": first, "good_quantity": "1", "minutes": "1"}
    factory.create("OperationReport", {"production_order": begun, "work_date": MONDAY, "lines": [line]}, "post")
    values = {"item": "CUP", "routing_version": "2", "start_date": date(2026, 6, 1)}
    lines = [{"sequence": 10, "operation": "PACK", "run_minutes": "0.2"}]
    routing = factory.create("Routing", values | {"operations": lines}, "release")
    with factory.work() as ctx:
        for one in (order, begun):
            writes.update(ctx, "ProductionOrder", one, {"routing": routing})
    assert operations(factory, order) == [(10, "BENCH", D("0.2"), None)]
    assert [row[0] for row in operations(factory, begun)] == [10, 20]
    runs = factory.rows("SELECT order_operation_id FROM hub.schedule_run WHERE production_order_id = :id", id=order)
    assert [row.order_operation_id for row in runs] == [None, None]


def test_an_order_runs_with_the_mould_of_its_routing_unless_it_names_another(factory: Factory) -> None:
    factory.create("Asset", {"code": "MJ-7", "name": "七号模", "is_mould": True})
    operations = [{"sequence": 10, "operation": "MOLD", "mould": "MJ-7"}, {"sequence": 20, "operation": "PACK"}]
    with factory.work() as ctx:
        values = {"item": "MUG", "routing_version": "2", "start_date": MONDAY, "operations": operations}
        writes.run_step(ctx, "Routing", writes.create(ctx, "Routing", values).id, "release")
    query = "SELECT mould FROM hub.production_order_operation WHERE production_order_id = :id ORDER BY sequence"
    for named, moulds in (({}, ["MJ-7", None]), ({"mould": "MJ-8"}, ["MJ-8", "MJ-8"])):
        order = factory.order("MUG", "10", MONDAY, **named)
        assert [row.mould for row in factory.rows(query, id=order)] == moulds
