"""What leads from one document to the next: conversions, amendments, and effects in a step's own transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from hub import writes
from hub.context import Ctx, system_viewer
from hub.document import flow
from hub.errors import Conflict, HubError, Invalid, NotFound, Problem, Refused, problem
from tests.writing.conftest import Work
from tests.writing.test_verbs import codes, count


@pytest.fixture
def confirmed(work: Work, order: dict[str, Any]) -> Any:
    """A confirmed order with two lines, 3 and 10."""
    with work() as ctx:
        made = writes.create(ctx, "SalesOrder", order)
    with work() as ctx:
        return writes.run_step(ctx, "SalesOrder", made.id, "confirm")


def test_an_order_becomes_a_draft_of_a_delivery_with_all_that_is_open(work: Work, confirmed: Any) -> None:
    with work() as ctx:
        made = writes.convert(ctx, "SalesOrder", confirmed.id, "Delivery", {"warehouse": "W1"})
    assert (made.state.value, made.sales_order_id, made.customer_id) == ("draft", confirmed.id, confirmed.customer_id)
    assert [line.quantity for line in made.lines] == [Decimal(3), Decimal(10)]
    assert [line.order_line_id for line in made.lines] == [line.id for line in confirmed.lines]


def test_lines_and_quantities_can_be_chosen_and_the_rest_follows_later(work: Work, confirmed: Any) -> None:
    chosen = {"lines": [{"order_line": confirmed.lines[1].id, "quantity": "4"}]}
    with work() as ctx:
        writes.convert(ctx, "SalesOrder", confirmed.id, "Delivery", chosen)
    with work() as ctx:
        rest = writes.convert(ctx, "SalesOrder", confirmed.id, "Delivery")
    assert [line.quantity for line in rest.lines] == [Decimal(3), Decimal(6)]
    with pytest.raises(Refused) as raised, work() as ctx:
        writes.convert(ctx, "SalesOrder", confirmed.id, "Delivery")
    assert codes(raised.value) == [("CONVERTED_ALREADY", "")]
    with work() as ctx:
        writes.run_step(ctx, "Delivery", rest.id, "cancel")
    with work() as ctx:
        again = writes.convert(ctx, "SalesOrder", confirmed.id, "Delivery")
    assert [line.quantity for line in again.lines] == [Decimal(3), Decimal(6)], "what is cancelled is open again"


def test_all_that_is_wrong_with_a_choice_is_told_at_once(work: Work, confirmed: Any) -> None:
    number = confirmed.number
    lines = [
        {"order_line": {"number": number, "position": 1}, "quantity": "2"},
        {"order_line": confirmed.lines[0].id, "quantity": "2"},
        {"order_line": confirmed.lines[1].id, "quantity": "x"},
    ]
    with pytest.raises(Invalid) as raised, work() as ctx:
        writes.convert(ctx, "SalesOrder", confirmed.id, "Delivery", {"lines": lines, "courier": "?", "warehouse": "W9"})
    assert set(codes(raised.value)) == {
        ("MORE_THAN_OPEN", "lines.1.quantity"),
        ("VALUE_INVALID", "lines.2.quantity"),
        ("FIELD_UNKNOWN", "courier"),
        ("LINK_UNKNOWN", "warehouse"),
    }


def test_only_a_confirmed_order_and_only_what_is_declared_is_converted(work: Work, order: dict[str, Any]) -> None:
    with work() as ctx:
        draft = writes.create(ctx, "SalesOrder", order)
    with pytest.raises(Refused) as raised, work() as ctx:
        writes.convert(ctx, "SalesOrder", draft.id, "Delivery")
    assert codes(raised.value) == [("CONVERSION_NOT_ALLOWED", "state")]
    with pytest.raises(NotFound, match="CONVERSION_UNKNOWN"), work() as ctx:
        writes.convert(ctx, "SalesOrder", draft.id, "PurchaseReceipt")
    with pytest.raises(Conflict, match="VERSION_STALE"), work() as ctx:
        writes.convert(ctx, "SalesOrder", draft.id, "Delivery", expected_version=7)


def test_of_conversions_at_the_same_time_only_one_takes_the_quantity(engine: Engine, confirmed: Any) -> None:
    outcomes: list[str] = []

    def one() -> None:
        try:
            with writes.unit_of_work(engine, system_viewer("test"), "test") as ctx:
                writes.convert(ctx, "SalesOrder", confirmed.id, "Delivery")
            outcomes.append("made")
        except HubError as error:
            outcomes.append(error.problems[0].code)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["CONVERTED_ALREADY"] * 3 + ["made"]
    assert count(engine, "SELECT sum(quantity) FROM hub.delivery_line") == 13


def test_a_purchase_order_is_received(work: Work) -> None:
    body = {"supplier": "S1", "order_date": "2026-03-05", "lines": [{"item": "I1", "quantity": "100"}]}
    with work() as ctx:
        made = writes.create(ctx, "PurchaseOrder", body)
        writes.run_step(ctx, "PurchaseOrder", made.id, "confirm")
        chosen = {"warehouse": "W1", "lines": [{"order_line": made.lines[0].id, "quantity": "60"}]}
        receipt = writes.convert(ctx, "PurchaseOrder", made.id, "PurchaseReceipt", chosen)
        writes.run_step(ctx, "PurchaseReceipt", receipt.id, "confirm")
    assert [(line.quantity, line.stocked_quantity) for line in receipt.lines] == [(Decimal(60), Decimal(60))]
    with pytest.raises(Invalid, match="FIELD_MISSING"), work() as ctx:
        writes.convert(ctx, "PurchaseOrder", made.id, "PurchaseReceipt")  # the warehouse is for a person to choose


def test_a_cancelled_order_is_amended_once_by_a_draft_that_names_it(work: Work, order: dict[str, Any]) -> None:
    with work() as ctx:
        made = writes.create(ctx, "SalesOrder", order)
    with pytest.raises(Refused) as raised, work() as ctx:
        writes.amend(ctx, "SalesOrder", made.id)
    assert codes(raised.value) == [("NOT_VOID", "state")]
    with work() as ctx:
        writes.run_step(ctx, "SalesOrder", made.id, "cancel", {"reason": "改价"})
    with work() as ctx:
        draft = writes.amend(ctx, "SalesOrder", made.id)
    assert (draft.predecessor_id, draft.state.value, draft.version) == (made.id, "draft", 1)
    assert draft.number != made.number
    assert [(line.item_id, line.quantity, line.amount) for line in draft.lines] == [
        (line.item_id, line.quantity, line.amount) for line in made.lines
    ]
    with pytest.raises(Refused, match="AMENDED_ALREADY"), work() as ctx:
        writes.amend(ctx, "SalesOrder", made.id)
    with pytest.raises(Invalid) as refused, work() as ctx:
        writes.create(ctx, "SalesOrder", {**order, "predecessor": made.id})
    assert codes(refused.value) == [("FIELD_NOT_WRITABLE", "predecessor")]


@pytest.fixture
def effects() -> Iterator[None]:
    """Leaves the registry as it was."""
    before = {key: list(found) for key, found in flow.effects().items()}
    yield
    flow._effects.clear()
    flow._effects.update(before)


def test_effects_run_in_the_steps_transaction_and_write_with_its_verbs(
    work: Work, engine: Engine, order: dict[str, Any], effects: None
) -> None:
    @flow.on("SalesOrder", "confirm")
    def copy(document: Any, ctx: Ctx) -> None:
        """Another order for each."""
        assert document.state.value == "confirmed"
        document.note = "联动"
        writes.create(ctx.with_all_rights(), "SalesOrder", order)

    with work() as ctx:
        made = writes.create(ctx, "SalesOrder", order)
    with work(dry_run=True) as ctx:
        writes.run_step(ctx, "SalesOrder", made.id, "confirm")
    assert count(engine, "SELECT count(*) FROM hub.sales_order") == 1
    with work() as ctx:
        done = writes.run_step(ctx, "SalesOrder", made.id, "confirm")
    assert (done.note, done.version) == ("联动", 2)
    assert count(engine, "SELECT count(*) FROM hub.sales_order") == 2
    with engine.connect() as connection:
        found = connection.execute(text("SELECT event FROM audit.outbox ORDER BY id")).scalars().all()
    assert found[-2:] == ["SalesOrder.create", "SalesOrder.confirm"]


def test_what_effects_refuse_is_told_together_and_undoes_the_step(
    work: Work, engine: Engine, order: dict[str, Any], effects: None
) -> None:
    @flow.on("SalesOrder", "confirm")
    def first(document: Any, ctx: Ctx) -> Iterator[Problem]:
        """Says no."""
        yield problem("FIRST", "一。", "One.")

    @flow.on("SalesOrder", "confirm")
    def second(document: Any, ctx: Ctx) -> None:
        """Says no, too."""
        raise Refused(problem("SECOND", "二。", "Two."))

    with work() as ctx:
        made = writes.create(ctx, "SalesOrder", order)
    with pytest.raises(Refused) as raised, work() as ctx:
        writes.run_step(ctx, "SalesOrder", made.id, "confirm")
    assert [one.code for one in raised.value.problems] == ["FIRST", "SECOND"]
    assert count(engine, "SELECT count(*) FROM hub.sales_order WHERE state = 'confirmed'") == 0
