"""The write verbs: what they do, what they refuse, and the trace they leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from hub import writes
from hub.context import system_viewer
from hub.document.access import permissions_of
from hub.errors import Conflict, Forbidden, HubError, Invalid, NotFound, Refused
from tests.writing.conftest import Work


def codes(error: HubError) -> list[tuple[str, str]]:
    """(code, path) of every problem."""
    return [(found.code, ".".join(found.path)) for found in error.problems]


def count(engine: Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


def test_an_order_gets_a_number_of_its_month_and_amounts_in_cents(work: Work, order: dict[str, Any]) -> None:
    with work() as ctx:
        first = writes.create(ctx, "SalesOrder", order)
        second = writes.create(ctx, "SalesOrder", order)
    assert (first.number, second.number) == ("SO-202603-00001", "SO-202603-00002")
    assert [line.amount for line in first.lines] == [Decimal("1.01"), Decimal("93.10")]


def test_every_problem_is_told_at_once(work: Work, order: dict[str, Any]) -> None:
    order["customer"] = "nobody"
    order["order_date"] = "2026-02-30"
    order["colour"] = "red"
    order["lines"][0]["quantity"] = "-1"
    order["lines"][1] = {"item": "I9", "quantity": "1.00001", "unit_price": "x"}
    with pytest.raises(Invalid) as raised, work() as ctx:
        writes.create(ctx, "SalesOrder", order)
    assert set(codes(raised.value)) == {
        ("FIELD_UNKNOWN", "colour"),
        ("LINK_UNKNOWN", "customer"),
        ("VALUE_INVALID", "orderDate"),
        ("TOO_SMALL", "lines.0.quantity"),
        ("LINK_UNKNOWN", "lines.1.item"),
        ("TOO_MANY_DECIMALS", "lines.1.quantity"),
        ("VALUE_INVALID", "lines.1.unitPrice"),
    }
    assert all(found.message.chinese and found.message.english for found in raised.value.problems)


def test_an_order_without_lines_or_customer_is_refused(work: Work) -> None:
    with pytest.raises(Invalid) as raised, work() as ctx:
        writes.create(ctx, "SalesOrder", {})
    assert set(codes(raised.value)) == {("FIELD_MISSING", "customer"), ("FIELD_MISSING", "lines")}


def test_state_number_of_series_and_computed_values_are_not_for_requests(work: Work, order: dict[str, Any]) -> None:
    order["state"] = "confirmed"
    order["lines"][0]["amount"] = "1"
    with pytest.raises(Invalid) as raised, work() as ctx:
        writes.create(ctx, "SalesOrder", order)
    assert set(codes(raised.value)) == {("FIELD_NOT_WRITABLE", "state"), ("FIELD_NOT_WRITABLE", "lines.0.amount")}


def test_a_dry_run_does_everything_and_keeps_nothing(work: Work, engine: Engine, order: dict[str, Any]) -> None:
    with work(dry_run=True) as ctx:
        assert writes.create(ctx, "SalesOrder", order).number == "SO-202603-00001"
    assert count(engine, "SELECT count(*) FROM hub.sales_order") == 0
    with work() as ctx:
        assert writes.create(ctx, "SalesOrder", order).number == "SO-202603-00001"


def test_a_step_moves_the_state_and_a_wrong_state_is_refused(work: Work, order: dict[str, Any]) -> None:
    with work() as ctx:
        made = writes.create(ctx, "SalesOrder", order)
    with work() as ctx:
        confirmed = writes.run_step(ctx, "SalesOrder", made.id, "confirm")
    assert (confirmed.state, confirmed.version) == ("confirmed", 2)
    with pytest.raises(Refused) as raised, work() as ctx:
        writes.run_step(ctx, "SalesOrder", made.id, "confirm")
    assert codes(raised.value) == [("STEP_NOT_ALLOWED", "state")]
    assert "已确认" in raised.value.problems[0].message.chinese


def test_a_step_asks_for_its_arguments(work: Work, order: dict[str, Any]) -> None:
    with work() as ctx:
        made = writes.create(ctx, "SalesOrder", order)
    with pytest.raises(Invalid) as raised, work() as ctx:
        writes.run_step(ctx, "SalesOrder", made.id, "cancel", {})
    assert codes(raised.value) == [("FIELD_MISSING", "reason")]
    with work() as ctx:
        assert writes.run_step(ctx, "SalesOrder", made.id, "cancel", {"reason": "客户撤单"}).note == "客户撤单"


def test_confirming_needs_a_date_to_promise(work: Work, order: dict[str, Any]) -> None:
    del order["promised_date"]
    order["lines"][0]["promised_date"] = "2026-03-10"
    with work() as ctx:
        made = writes.create(ctx, "SalesOrder", order)
    with pytest.raises(Refused) as raised, work() as ctx:
        writes.run_step(ctx, "SalesOrder", made.id, "confirm")
    assert codes(raised.value) == [("PROMISED_DATE_MISSING", "lines.1.promisedDate")]


def test_update_changes_adds_and_removes_lines(work: Work, order: dict[str, Any]) -> None:
    with work() as ctx:
        made = writes.create(ctx, "SalesOrder", order)
    first, second = made.lines
    change = {
        "note": "加急",
        "lines": {
            "change": [{"id": first.id, "quantity": 100}],
            "remove": [second.id],
            "add": [{"item": "I2", "quantity": 2, "unit_price": 1}],
        },
    }
    with work() as ctx:
        changed = writes.update(ctx, "SalesOrder", made.id, change, expected_version=1)
    assert [(line.quantity, line.amount) for line in changed.lines] == [(100, Decimal("33.50")), (2, Decimal("2.00"))]
    with pytest.raises(Conflict) as raised, work() as ctx:
        writes.update(ctx, "SalesOrder", made.id, {"note": "x"}, expected_version=1)
    assert codes(raised.value) == [("VERSION_STALE", "expectedVersion")]


def test_a_confirmed_order_keeps_its_fields_but_the_note(work: Work, order: dict[str, Any]) -> None:
    with work() as ctx:
        made = writes.create(ctx, "SalesOrder", order)
        writes.run_step(ctx, "SalesOrder", made.id, "confirm")
    with pytest.raises(Refused) as raised, work() as ctx:
        writes.update(ctx, "SalesOrder", made.id, {"ship_to": "宁波", "note": "可以"})
    assert codes(raised.value) == [("NOT_EDITABLE", "shipTo")]
    with work() as ctx:
        assert writes.update(ctx, "SalesOrder", made.id, {"note": "可以"}).version == 3


def test_a_code_taken_is_told_beside_other_problems(work: Work) -> None:
    with pytest.raises(Invalid) as raised, work() as ctx:
        writes.create(ctx, "Customer", {"code": "K1", "name": ""})
    assert set(codes(raised.value)) == {("DUPLICATE", "code"), ("FIELD_MISSING", "name")}
    with pytest.raises(Conflict), work() as ctx:
        writes.create(ctx, "Customer", {"code": "K1", "name": "又一个"})


def test_a_draft_can_be_discarded_and_what_is_used_cannot(work: Work, engine: Engine, order: dict[str, Any]) -> None:
    with work() as ctx:
        made = writes.create(ctx, "SalesOrder", order)
        kept = writes.create(ctx, "SalesOrder", order)
        writes.run_step(ctx, "SalesOrder", kept.id, "confirm")
    with work() as ctx:
        writes.discard(ctx, "SalesOrder", made.id)
    assert count(engine, "SELECT count(*) FROM hub.sales_order_line") == 2
    with pytest.raises(Refused), work() as ctx:
        writes.discard(ctx, "SalesOrder", kept.id)
    with pytest.raises(Refused) as raised, work() as ctx:
        writes.discard(ctx, "Customer", kept.customer_id)
    assert codes(raised.value) == [("IN_USE", "")]


def test_rights_are_asked_before_anything_is_told(work: Work, order: dict[str, Any]) -> None:
    buyer = replace(system_viewer("buyer"), permissions=permissions_of(["purchasing"]))
    with pytest.raises(Forbidden), work(buyer) as ctx:
        writes.create(ctx, "SalesOrder", {**order, "customer": "nobody"})
    with work() as ctx:
        made = writes.create(ctx, "SalesOrder", order)
    stranger = replace(system_viewer("stranger"), company_id=uuid4())
    with pytest.raises(NotFound), work(stranger) as ctx:
        writes.run_step(ctx, "SalesOrder", made.id, "confirm")


def test_who_may_not_see_a_field_may_not_set_it(work: Work) -> None:
    clerk = replace(system_viewer("clerk"), permissions=frozenset({"purchasing.write", "base.read"}))
    body = {"code": "S2", "name": "供应商", "bank_account": "6222"}
    with pytest.raises(Invalid) as raised, work(clerk) as ctx:
        writes.create(ctx, "Supplier", body)
    assert codes(raised.value) == [("FIELD_FORBIDDEN", "bankAccount")]
    with work(replace(clerk, permissions=permissions_of(["purchasing"]))) as ctx:
        assert writes.create(ctx, "Supplier", body).bank_account == "6222"


def test_each_verb_leaves_audit_history_and_event(work: Work, engine: Engine, order: dict[str, Any]) -> None:
    with work() as ctx:
        made = writes.create(ctx, "SalesOrder", order)
    with work() as ctx:
        writes.update(ctx, "SalesOrder", made.id, {"note": "加急"})
    with work() as ctx:
        writes.run_step(ctx, "SalesOrder", made.id, "confirm")
    with engine.connect() as connection:
        entries = connection.execute(
            text("SELECT verb, changes FROM audit.audit_entry WHERE document_id = :id ORDER BY id"), {"id": made.id}
        ).all()
        events = connection.execute(
            text("SELECT event FROM audit.outbox WHERE document_id = :id ORDER BY id"), {"id": made.id}
        ).scalars()
        former = connection.execute(
            text("SELECT state, note, version FROM history.sales_order WHERE id = :id ORDER BY valid_from"),
            {"id": made.id},
        ).all()
        assert [entry.verb for entry in entries] == ["create", "update", "confirm"]
        assert entries[1].changes == {"note": [None, "加急"]}
        assert entries[2].changes == {"state": ["draft", "confirmed"]}
        assert list(events) == ["SalesOrder.create", "SalesOrder.update", "SalesOrder.confirm"]
        assert [tuple(row) for row in former] == [("draft", None, 1), ("draft", "加急", 2)]


def test_an_idempotency_key_makes_one_document(work: Work, engine: Engine, order: dict[str, Any]) -> None:
    def send(body: dict[str, Any]) -> Any:
        with work() as ctx:
            return writes.once(ctx, "key-1", body, lambda: writes.create(ctx, "SalesOrder", body).id)

    assert send(order) == send(order)
    assert count(engine, "SELECT count(*) FROM hub.sales_order") == 1
    with pytest.raises(Conflict) as raised:
        send({**order, "note": "other"})
    assert codes(raised.value) == [("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")]


def test_a_delivery_moves_stock_and_cannot_take_what_is_not_there(work: Work, engine: Engine) -> None:
    receipt = {
        "supplier": "S1",
        "warehouse": "W1",
        "lines": [{"item": "I1", "quantity": 12, "rejected_quantity": 2, "stocked_quantity": 10}],
    }
    delivery = {"customer": "K1", "warehouse": "W1", "lines": [{"item": "I1", "quantity": 7}]}
    with work() as ctx:
        received = writes.create(ctx, "PurchaseReceipt", receipt)
        writes.run_step(ctx, "PurchaseReceipt", received.id, "confirm")
    with work() as ctx:
        first, second = (writes.create(ctx, "Delivery", delivery) for _ in range(2))
        writes.run_step(ctx, "Delivery", first.id, "confirm")
    with pytest.raises(Refused) as raised, work() as ctx:
        writes.run_step(ctx, "Delivery", second.id, "confirm")
    assert codes(raised.value) == [("STOCK_SHORT", "lines.0.quantity")]
    with work() as ctx:
        writes.run_step(ctx, "Delivery", first.id, "cancel")
    with engine.connect() as connection:
        quantities = connection.execute(text("SELECT quantity FROM hub.stock_entry ORDER BY id")).scalars().all()
    assert quantities == [10, -7, 7]


def test_a_delivery_is_held_against_its_order(work: Work, order: dict[str, Any]) -> None:
    """More than is open, another item, another customer, an order that binds nobody: each line says why."""
    stock = [{"item": "I2", "quantity": 50, "stocked_quantity": 50}]
    with work() as ctx:
        writes.create(ctx, "Customer", {"code": "K2", "name": "另一个"})
        receipt = writes.create(ctx, "PurchaseReceipt", {"supplier": "S1", "warehouse": "W1", "lines": stock})
        writes.run_step(ctx, "PurchaseReceipt", receipt.id, "confirm")
        draft, firm = (writes.create(ctx, "SalesOrder", order) for _ in range(2))
        writes.run_step(ctx, "SalesOrder", firm.id, "confirm")

    def ship(of: Any, item: str, quantity: int, customer: str = "K1") -> Any:
        line = {"item": item, "quantity": quantity, "order_line": str(of.lines[1].id)}
        with work() as ctx:
            body = {"customer": customer, "warehouse": "W1", "sales_order": str(of.id), "lines": [line]}
            return writes.run_step(ctx, "Delivery", writes.create(ctx, "Delivery", body).id, "confirm")

    for of, item, quantity, customer, code, path in (
        (draft, "I2", 1, "K1", "ORDER_NOT_CONFIRMED", "lines.0.orderLine"),
        (firm, "I2", 1, "K2", "ORDER_OF_ANOTHER_CUSTOMER", "lines.0.orderLine"),
        (firm, "I1", 1, "K1", "ITEM_NOT_ORDERED", "lines.0.item"),
        (firm, "I2", 11, "K1", "MORE_THAN_ORDERED", "lines.0.quantity"),
    ):
        with pytest.raises(Refused) as raised:
            ship(of, item, quantity, customer)
        assert codes(raised.value)[0] == (code, path)  # what is in stock is told as well
    shipped = ship(firm, "I2", 6)
    with pytest.raises(Refused) as raised:
        ship(firm, "I2", 5)
    assert "只剩 4 未发" in raised.value.problems[0].message.chinese
    with pytest.raises(Refused) as raised, work() as ctx:
        writes.run_step(ctx, "SalesOrder", firm.id, "cancel", {"reason": "不要了"})
    assert codes(raised.value) == [("ORDER_DELIVERED", "state")]
    with work() as ctx:
        writes.run_step(ctx, "Delivery", shipped.id, "cancel")
        assert writes.run_step(ctx, "SalesOrder", firm.id, "cancel", {"reason": "不要了"}).state == "cancelled"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"promised_date": "0001-01-01"}, "VALUE_INVALID"),
        ({"customer_order_number": "9" * 201}, "TOO_LONG"),
        ({"lines": [{"item": "I1", "quantity": 1, "discount": 150}]}, "TOO_LARGE"),
        ({"lines": [{"item": "I1", "quantity": 1, "tax_rate": "100.01"}]}, "TOO_LARGE"),
        ({"lines": [{"item": "I1", "quantity": "12345678901234567"}]}, "VALUE_INVALID"),
    ],
)
def test_values_that_no_order_has_are_refused(
    work: Work, order: dict[str, Any], change: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as raised, work() as ctx:
        writes.create(ctx, "SalesOrder", {**order, **change})
    assert [found[0] for found in codes(raised.value)] == [code]


def test_postgresql_itself_refuses_to_change_a_ledger(work: Work, engine: Engine) -> None:
    with work() as ctx:
        row = {"entry_at": datetime.now(UTC), "item": "I1", "warehouse": "W1", "quantity": 5, "kind": "opening"}
        assert writes.load(ctx, "StockEntry", [row]).inserted == 1
    for statement in (
        "UPDATE hub.stock_entry SET quantity = 6",
        "DELETE FROM hub.stock_entry",
        "TRUNCATE hub.stock_entry",
        "UPDATE audit.audit_entry SET actor = 'x'",
    ):
        with engine.connect() as connection, pytest.raises(Exception, match="append-only"):
            connection.execute(text(statement))
