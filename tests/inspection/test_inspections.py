"""Inspections: what waits for them, what they release and freeze, by which plan, and what becomes of what failed."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from graph_schema.push.duty import hand_on
from hub import writes
from hub.context import system_viewer
from hub.errors import Invalid
from hub.seed.plant import RULES
from tests.inspection.conftest import BY_TABLE, Plant
from tests.ledgers.goods import DAY
from tests.ledgers.test_stock_papers import told


@pytest.fixture
def sampled(plant: Plant) -> Plant:
    """Item I1 is inspected when it comes in, by the tables."""
    plant.create("InspectionStandard", code="Q1", name="I1 来料", **BY_TABLE)
    return plant


def test_what_comes_in_waits_for_its_inspection(sampled: Plant) -> None:
    receipt = sampled.receive(500)
    assert sampled.stock() == {"quarantine": 500}
    found = sampled.inspection_of(receipt)
    assert (found.kind.value, found.quantity, found.strictness.value) == ("incoming", 500, "normal")
    assert (found.code_letter, found.sample_size, found.accept_number, found.reject_number) == ("H", 50, 1, 2)
    issue = {"warehouse": "W1", "issue_date": DAY, "lines": [{"item": "I1", "quantity": "1"}]}
    assert told(lambda: sampled.run("MaterialIssue", issue, "post")) == {("STOCK_SHORT", "lines", "0", "quantity")}
    sampled.receive(7, item="I2")
    assert sampled.stock("I2") == {"available": 7}, "an item without a standard is free at once"
    assert sampled.count_of("inspection") == 1


def test_an_accepted_lot_is_released_but_for_the_bad_pieces(sampled: Plant) -> None:
    receipt = sampled.receive(500)
    decided = sampled.judge(receipt, "accept", bad=1, defects={"add": [{"defect_code": "D1", "quantity": "1"}]})
    assert sampled.stock() == {"available": 499, "frozen": 1}
    paper = sampled.only("NonConformance", "inspection_id", decided.id)
    assert (paper.quantity, paper.state.value, paper.disposition) == (1, "draft", None)
    with sampled.work(dry_run=True) as ctx:
        code = ctx.session.execute(
            text("SELECT code FROM hub.defect_code WHERE id = :id"), {"id": paper.defect_code_id}
        )
        assert code.scalar_one() == "D1"
    assert sampled.astray() == []


def test_a_lot_that_the_plan_refuses_cannot_be_accepted(sampled: Plant) -> None:
    receipt = sampled.receive(500)
    assert told(lambda: sampled.judge(receipt, "accept", bad=2)) == {("PLAN_REFUSES_LOT", "disposition")}
    assert told(lambda: sampled.judge(receipt, "accept", inspected_quantity=49)) == {
        ("SAMPLE_TOO_SMALL", "inspectedQuantity")
    }
    assert sampled.stock() == {"quarantine": 500}
    sampled.judge(receipt, "concession", bad=2)
    assert sampled.stock() == {"available": 500}
    assert sampled.count_of("non_conformance") == 0


def test_a_refused_lot_goes_back_to_its_supplier(sampled: Plant) -> None:
    receipt = sampled.receive(500)
    decided = sampled.judge(receipt, "return", bad=5)
    assert sampled.stock() == {"frozen": 500}
    paper = sampled.only("NonConformance", "inspection_id", decided.id)
    assert (paper.quantity, paper.disposition.value) == (500, "return")
    sampled.take(paper, "submit")
    decided = sampled.take(paper, "decide", day=DAY)
    assert sampled.stock() == {"frozen": 500}, "until it leaves"
    back = sampled.convert(decided, "PurchaseReturn", return_date=DAY)
    sampled.step(back, "post")
    assert sampled.stock() == {}
    line = receipt.lines[0].id
    with sampled.work(dry_run=True) as ctx:
        row = ctx.session.execute(
            text("SELECT quantity FROM hub.purchase_return_line WHERE receipt_line_id = :id"), {"id": line}
        )
        assert row.scalar_one() == 500


@pytest.mark.parametrize(
    ("disposition", "decided", "closed"),
    [
        ("scrap", {}, {}),
        ("rework", {"frozen": Decimal(500)}, {"available": Decimal(500)}),
        ("concession", {"available": Decimal(500)}, {"available": Decimal(500)}),
    ],
)
def test_what_becomes_of_frozen_goods(
    sampled: Plant, disposition: str, decided: dict[str, Decimal], closed: dict[str, Decimal]
) -> None:
    receipt = sampled.receive(500)
    inspection = sampled.judge(receipt, "rework", bad=5)
    paper = sampled.only("NonConformance", "inspection_id", inspection.id)
    sampled.take(paper, "submit")
    assert told(lambda: sampled.take(paper, "decide", disposition="burn")) == {("CHOICE_UNKNOWN", "disposition")}
    sampled.take(paper, "decide", disposition=disposition, day=DAY)
    assert sampled.stock() == decided
    assert told(lambda: sampled.take(paper, "close", day=DAY)) == {("CAUSE_MISSING", "cause")}
    with sampled.work() as ctx:
        writes.update(ctx, "NonConformance", paper.id, {"cause": "模温过低"})
    done = sampled.take(paper, "close", day=DAY)
    assert sampled.stock() == closed
    assert done.closed_date == DAY
    assert sampled.astray() == []


def test_where_every_piece_is_looked_at_the_good_ones_are_kept(plant: Plant) -> None:
    plant.create("InspectionStandard", code="Q1", name="全检", item="I1", kind="incoming", sampling="full")
    receipt = plant.receive(40)
    assert plant.inspection_of(receipt).sample_size == 40
    plant.judge(receipt, "return", bad=3)
    assert plant.stock() == {"available": 37, "frozen": 3}


def test_a_decision_can_be_taken_back_while_nothing_followed(sampled: Plant) -> None:
    receipt = sampled.receive(500)
    decided = sampled.judge(receipt, "rework", bad=5)
    sampled.step(decided, "cancel")
    assert sampled.stock() == {"quarantine": 500}
    assert sampled.count_of("non_conformance", "state = 'cancelled'") == 1
    other = sampled.receive(300)
    decided = sampled.judge(other, "rework", bad=5)
    paper = sampled.only("NonConformance", "inspection_id", decided.id)
    sampled.take(paper, "submit")
    sampled.take(paper, "decide", day=DAY)
    assert told(lambda: sampled.step(decided, "cancel")) == {("DECIDED_ALREADY", "state")}


def test_a_receipt_that_is_taken_back_takes_its_inspection_along(sampled: Plant) -> None:
    receipt = sampled.receive(500)
    sampled.step(receipt, "cancel")
    assert sampled.stock() == {}
    assert sampled.inspection_of(receipt).state.value == "cancelled"


def test_strictness_follows_how_lots_came_out(sampled: Plant) -> None:
    """Two refused of five: tightened, for that supplier alone; five accepted: normal again (GB/T 2828.1, 9.3)."""
    for disposition, bad in (("accept", 0), ("return", 5), ("accept", 0), ("return", 5)):
        sampled.judge(sampled.receive(1000), disposition, bad=bad)
    tight = sampled.inspection_of(sampled.receive(1000))
    assert (tight.strictness.value, tight.sample_size, tight.accept_number) == ("tightened", 80, 1)
    other = sampled.inspection_of(sampled.receive(1000, supplier="S2"))
    assert (other.strictness.value, other.accept_number) == ("normal", 2)
    for _ in range(5):
        sampled.judge(sampled.receive(1000), "accept")
    assert sampled.inspection_of(sampled.receive(1000)).strictness.value == "normal"


def test_five_refused_lots_suspend_sampling_until_it_is_resumed(sampled: Plant) -> None:
    for _ in range(7):
        sampled.judge(sampled.receive(100), "return", bad=5)
    stopped = sampled.inspection_of(sampled.receive(100))
    assert (stopped.strictness.value, stopped.sample_size) == ("suspended", 100)
    with sampled.work() as ctx:
        id_ = ctx.session.execute(text("SELECT id FROM hub.inspection_standard")).scalar_one()
        writes.update(ctx, "InspectionStandard", id_, {"sampling_resumed_date": "2026-03-02"})
    with sampled.work() as ctx:
        writes.update(ctx, "Inspection", stopped.id, {"inspection_date": "2026-03-02"})
        again = writes.run_step(ctx, "Inspection", stopped.id, "plan")
    assert (again.strictness.value, again.code_letter) == ("tightened", "F")


def test_a_standard_must_make_sense(plant: Plant) -> None:
    def wrong(**values: Any) -> set[str]:
        with pytest.raises(Invalid) as raised:
            plant.create("InspectionStandard", code="X", name="错", **{**BY_TABLE, **values})
        return {one.code for one in raised.value.problems}

    assert wrong(acceptance_quality_limit="3") == {"QUALITY_LIMIT_UNKNOWN"}
    assert wrong(sampling="fixed") == {"SAMPLE_SIZE_MISSING"}
    crossed = {"name": "外径", "lower_limit": "2", "upper_limit": "1"}
    assert wrong(characteristics=[crossed]) == {"BOUNDS_CROSSED"}


def test_measurements_pass_within_their_limits_and_a_critical_one_decides(plant: Plant) -> None:
    measured = {
        "name": "外径",
        "unit": "mm",
        "target": "10",
        "lower_limit": "9.9",
        "upper_limit": "10.1",
        "critical": True,
    }
    standard = {**BY_TABLE, "sampling": "fixed", "sample_size": 5, "characteristics": [measured, {"name": "外观"}]}
    plant.create("InspectionStandard", code="Q1", name="I1 来料", **standard)
    receipt = plant.receive(100)
    found = plant.inspection_of(receipt)
    with plant.work(dry_run=True) as ctx:
        rows = ctx.session.execute(
            text("SELECT id, name FROM hub.inspection_characteristic WHERE inspection_id = :id ORDER BY position"),
            {"id": found.id},
        ).all()
    assert [row.name for row in rows] == ["外径", "外观"]
    change = {"change": [{"id": rows[0].id, "measured_value": "10.11"}]}
    assert told(lambda: plant.judge(receipt, "accept", characteristics=change)) == {("CRITICAL_FAILED", "disposition")}
    change = {"change": [{"id": rows[0].id, "measured_value": "10.1"}]}
    done = plant.judge(receipt, "accept", characteristics=change)
    assert [one.passed for one in done.characteristics] == [True, None]


def test_products_wait_for_their_final_inspection(plant: Plant) -> None:
    plant.create("InspectionStandard", code="Q1", name="成品", item="I1", kind="final", sampling="full")
    order = plant.run("ProductionOrder", {"item": "I1", "quantity": "10"}, "release")
    values = {"production_order": order.number, "warehouse": "W1", "receipt_date": DAY}
    receipt = plant.run("ProductReceipt", {**values, "lines": [{"item": "I1", "quantity": "10"}]}, "post")
    assert plant.stock() == {"quarantine": 10}
    found = plant.inspection_of(receipt)
    assert (found.kind.value, found.production_order_id) == ("final", order.id)
    plant.judge(receipt, "accept")
    assert plant.stock() == {"available": 10}


def test_a_customer_who_wants_goods_inspected_gets_them_inspected(plant: Plant) -> None:
    """特殊客户的验货流程: the standard of one customer holds nobody else up."""
    plant.create(
        "InspectionStandard", code="Q1", name="K1 验货", item="I1", kind="outgoing", sampling="full", customer="K1"
    )
    plant.adjust("I1", 20)
    goods = {"warehouse": "W1", "delivery_date": DAY, "lines": [{"item": "I1", "quantity": "5"}]}
    plant.run("Delivery", {"customer": "K2", **goods}, "confirm")
    waiting = plant.create("Delivery", customer="K1", **goods)
    assert told(lambda: plant.step(waiting, "confirm")) == {("INSPECTION_MISSING", "lines", "0", "item")}
    look = {"kind": "outgoing", "item": "I1", "delivery": waiting.number, "customer": "K1", "quantity": "5"}
    look |= {"inspected_quantity": "5", "qualified_quantity": "5", "disposition": "accept", "inspection_date": DAY}
    looked = plant.run("Inspection", look, "plan", "confirm")
    assert (looked.sample_size, looked.accept_number) == (5, 0)
    plant.step(waiting, "confirm")
    assert plant.stock() == {"available": 10}


def test_a_lot_that_fails_in_the_shop_is_put_on_hold(plant: Plant) -> None:
    plant.adjust("LT", 9, lot="LOT1")
    look: dict[str, Any] = {
        "kind": "in_process",
        "item": "LT",
        "lot": "LOT1",
        "quantity": "9",
        "inspected_quantity": "9",
    }
    look |= {"qualified_quantity": "0", "defective_quantity": "9", "disposition": "scrap", "inspection_date": DAY}
    failed = plant.run("Inspection", look, "confirm")
    assert plant.count("SELECT status FROM hub.lot WHERE code = 'LOT1'") == "on_hold"
    issue = {"warehouse": "W1", "issue_date": DAY, "lines": [{"item": "LT", "quantity": "1", "lot": "LOT1"}]}
    assert told(lambda: plant.run("MaterialIssue", issue, "post")) == {("LOT_ON_HOLD", "lines", "0", "lot")}
    paper = plant.only("NonConformance", "inspection_id", failed.id)
    plant.take(paper, "submit")
    plant.take(paper, "decide", disposition="concession")
    plant.run("MaterialIssue", issue, "post")


def test_an_8d_report_goes_step_by_step(plant: Plant) -> None:
    values = {"found_date": DAY, "item": "I1", "quantity": "3", "description": "缩水"}
    paper = plant.run("NonConformance", values, "submit")
    report = plant.convert(paper, "CorrectiveAction", actions=[{"task": "改模"}])
    assert told(lambda: plant.step(report, "start")) == {("LEADER_MISSING", "leader")}
    with plant.work() as ctx:
        writes.update(ctx, "CorrectiveAction", report.id, {"leader": "E1"})
    plant.step(report, "start")
    assert told(lambda: plant.step(report, "verify")) == {
        *(("STEP_OF_8D_MISSING", name) for name in ("containment", "rootCause", "correctiveMeasures", "verification")),
        ("TASK_OPEN", "actions", "0", "doneDate"),
    }
    said = {"containment": "隔离", "root_cause": "模温", "corrective_measures": "调温", "verification": "三批合格"}
    with plant.work() as ctx:
        writes.update(ctx, "CorrectiveAction", report.id, said)
    assert told(lambda: plant.take(report, "finish_task", position=9, done_date=DAY)) == {("LINE_UNKNOWN", "position")}
    plant.take(report, "finish_task", position=1, done_date=DAY, result="已改")
    plant.step(report, "verify")
    change = plant.convert(report, "EngineeringChange")
    assert (change.corrective_action_id, change.item_id, change.reason) == (report.id, paper.item_id, "模温")
    assert told(lambda: plant.step(report, "close")) == {
        ("STEP_OF_8D_MISSING", "prevention"),
        ("STEP_OF_8D_MISSING", "effective"),
    }
    with plant.work() as ctx:
        writes.update(ctx, "CorrectiveAction", report.id, {"prevention": "点检表", "effective": False})
    assert plant.take(report, "close").state.value == "closed"


def test_two_bad_lots_in_a_row_are_told_to_quality(sampled: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one supplier: what another sends counts by itself, and a good lot begins anew."""
    inspector = system_viewer("inspector", sampled.count("SELECT id FROM hub.company"))
    monkeypatch.setattr(sampled, "work", partial(writes.unit_of_work, sampled.engine, inspector, "test"))
    with sampled.work() as ctx:
        writes.create(ctx, "NotificationRule", next(one for one in RULES if one["code"] == "LOTS-FAILED"))
        for who in ("quality", "warehouse"):
            writes.create(ctx, "User", {"code": who, "name": who, "roles": [who]})
    hand_on(sampled.engine)

    def lot(disposition: str, supplier: str = "S1") -> Any:
        judged = sampled.judge(sampled.receive(100, supplier=supplier), disposition, bad=5 * (disposition != "accept"))
        return judged.failed_in_a_row

    assert [lot("return"), lot("concession", "S2"), lot("concession")] == [None, None, 2]
    assert [lot("scrap"), lot("accept"), lot("return")] == [3, None, None]
    hand_on(sampled.engine)
    query = 'SELECT u.code, n.title FROM hub.notice n JOIN hub."user" u ON u.id = n.recipient_id ORDER BY n.number'
    with sampled.engine.connect() as connection:
        notices = connection.execute(text(query)).all()
    assert [row.code for row in notices] == ["quality", "quality"]
    for row, lots in zip(notices, (2, 3), strict=True):
        assert f"连续 {lots} 批检验不合格" in row.title
