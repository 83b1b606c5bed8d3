"""Reports of work with pieces: hours from minutes, what the person hears, what keeps a report from being posted."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from tests.planning.conftest import MONDAY, Factory

D = Decimal


def report(factory: Factory, order: UUID, *lines: dict[str, Any]) -> UUID:
    values = {"production_order": order, "work_date": MONDAY, "lines": [{"employee": "E1", **line} for line in lines]}
    return factory.create("OperationReport", values)


def operations(factory: Factory, order: UUID) -> list[UUID]:
    found = factory.rows(
        "SELECT id FROM hub.production_order_operation WHERE production_order_id = :id ORDER BY sequence", id=order
    )
    return [row.id for row in found]


def test_pieces_and_minutes_become_points_hours_and_scrap_of_the_order(factory: Factory) -> None:
    order = factory.order("CUP", "1000", date(2026, 5, 8), "release")
    mould, pack = operations(factory, order)
    made = report(
        factory, order, {"order_operation": mould, "good_quantity": "300", "scrap_quantity": "4", "minutes": "150"}
    )
    factory.step("OperationReport", made, "post")
    (line,) = factory.rows("SELECT * FROM hub.operation_report_line WHERE operation_report_id = :id", id=made)
    assert (line.hours, line.points) == (D("2.5"), D(6))
    scrap = "SELECT scrap_quantity FROM hub.production_order WHERE id = :id"
    assert factory.rows(scrap, id=order)[0].scrap_quantity == D(4)
    assert factory.rows("SELECT sum(hours) AS hours FROM hub.hours_entry")[0].hours == D("2.5")
    beyond = report(factory, order, {"order_operation": pack, "good_quantity": "301", "minutes": "40"})
    assert factory.refused("OperationReport", beyond, "post") == [("MORE_THAN_ARRIVED", "lines.0.goodQuantity")]
    factory.step("OperationReport", made, "cancel")
    assert factory.rows(scrap, id=order)[0].scrap_quantity == D(0)


def test_pieces_need_a_released_order_and_one_of_its_operations(factory: Factory) -> None:
    planned = factory.order("CUP", "10", date(2026, 5, 8))
    other = operations(factory, factory.order("MUG", "10", date(2026, 5, 8)))[0]
    wrong = report(factory, planned, {"order_operation": other, "good_quantity": "1", "minutes": "1"})
    assert factory.refused("OperationReport", wrong, "post") == [
        ("PRODUCTION_NOT_RELEASED", "productionOrder"),
        ("OPERATION_OF_ANOTHER_ORDER", "lines.0.orderOperation"),
    ]
    lines = [{"employee": "E1", "good_quantity": "5", "minutes": "5"}]
    nameless = factory.create("OperationReport", {"work_date": MONDAY, "lines": lines})
    assert factory.refused("OperationReport", nameless, "post") == [("PRODUCTION_ORDER_MISSING", "productionOrder")]
