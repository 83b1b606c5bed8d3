"""Why an order line is late or may be: each reason by itself, with its level, its day and what causes it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from hub.document import today
from hub.document.registry import spec, table
from hub.rules.lateness import CAUSES
from tests.planning.conftest import Factory

NAMES = ("late_level", "late_reason", "late_cause", "expected_date")


def days(number: int) -> date:
    return today() + timedelta(days=number)


def told(factory: Factory, line: UUID) -> tuple[Any, ...]:
    """Level, reason, cause and the day expected; and that yes or no, and the sentence, say the same."""
    row, derived = table("SalesOrderLine"), spec("SalesOrderLine").derived
    columns = [derived[name].sql(row, table) for name in (*NAMES, "late_risk", "late_sentence")]
    with factory.work(dry_run=True) as ctx:
        *found, risk, sentence = ctx.session.execute(select(*columns).where(row.c.id == line)).one()
    assert risk == (found[0] == "late")
    assert sentence == (str(CAUSES[found[1]]).replace("{what}", found[2]) if found[1] else None)
    return tuple(found)


def stocked(factory: Factory, item: str, quantity: str, **more: Any) -> None:
    lines = [{"item": item, "quantity": quantity, "unit_cost": "1", **more}]
    values = {"warehouse": "W1", "adjustment_date": today(), "reason": "盘盈", "lines": lines}
    factory.create("StockAdjustment", values, "post")


def test_what_nobody_plans_takes_its_lead_time(factory: Factory) -> None:
    for promised, level in ((30, "on_time"), (3, "at_risk"), (1, "late")):
        why = ("unplanned", "MUG") if level != "on_time" else (None, None)
        assert told(factory, factory.sold("MUG", "10", days(promised))) == (level, *why, days(2))


def test_what_is_there_waits_for_the_inspector_or_the_carrier(factory: Factory) -> None:
    stocked(factory, "CUP", "10", status="quarantine")
    assert told(factory, factory.sold("CUP", "10", days(1))) == ("at_risk", "inspection", "CUP", days(0))
    stocked(factory, "LID", "10")
    assert told(factory, factory.sold("LID", "10", days(0)))[0] == "on_time"
    late = factory.sold("LID", "5", days(-1))
    assert told(factory, late) == ("late", "unplanned", "LID", days(1)), "the first order has taken it all"
    stocked(factory, "LID", "5")
    assert told(factory, late) == ("late", "unshipped", "LID", days(0))


def test_production_waits_for_its_material_its_supplier_its_release_or_its_turn(factory: Factory) -> None:
    """Ten mugs, promised in six days and planned to be done in five, need granulate that takes five to buy."""
    line = factory.sold("MUG", "10", days(6))
    made = factory.order("MUG", "10", days(5), "release", demands=[{"order_line": line, "quantity": "10"}])
    (number,) = (row.number for row in factory.rows("SELECT number FROM hub.production_order WHERE id = :id", id=made))
    assert told(factory, line) == ("late", "material", "PP", days(10))
    bought = [{"item": "PP", "quantity": "100", "unit_price": "1", "promised_date": days(2)}]
    factory.create("PurchaseOrder", {"supplier": "S1", "lines": bought}, "submit", "confirm")
    assert told(factory, line) == ("late", "supplier", "PP", days(7))
    stocked(factory, "PP", "100")
    assert told(factory, line) == ("at_risk", "work", number, days(5))
    factory.step("ProductionOrder", made, "pause")
    assert told(factory, line) == ("at_risk", "paused", number, days(5))
    calm = factory.sold("MUG", "10", days(6))
    factory.order("MUG", "10", days(3), demands=[{"order_line": calm, "quantity": "10"}])
    assert told(factory, calm) == ("on_time", None, None, days(3))
    other = factory.sold("MUG", "10", days(1))
    assert told(factory, other)[1] == "unplanned", "what is made for one order is not there for another"


def test_the_published_schedule_tells_that_the_mould_was_taken(factory: Factory) -> None:
    """A day's work each on one mould: the second cannot be done on its day."""
    monday = days(7 - today().weekday())
    stocked(factory, "PP", "1000")
    line = factory.sold("MUG", "1000", monday)
    about: dict[str, Any] = {"planned_start_date": monday, "mould": "MJ-1"}
    factory.order("MUG", "1000", monday, "release", **about, priority=1)
    factory.order("MUG", "1000", monday, "release", **about, demands=[{"order_line": line, "quantity": "1000"}])
    schedule = factory.create("Schedule", {"from_date": monday, "until_date": days(30)}, "calculate")
    assert told(factory, line)[0] == "at_risk", "what is not published counts for nothing"
    factory.step("Schedule", schedule, "publish")
    last = "SELECT max(finishes_at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM hub.schedule_run"
    (done,) = (row.day for row in factory.rows(last))
    assert done > monday
    assert told(factory, line) == ("late", "mould", "MJ-1", done)
