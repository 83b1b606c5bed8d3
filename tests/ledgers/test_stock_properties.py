"""Properties of stock and cost: sums, conservation, reversal, and that the order of entry does not matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from hub import writes
from hub.db.embedded import EmbeddedServer
from hub.errors import Refused
from hub.ledgers import cost
from tests.conftest import copy_of_template
from tests.ledgers.goods import DAY, Moved, Store, company_of, furnish, recomputed

SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]


@pytest.fixture(scope="module", params=["moving", "monthly"])
def furnished(request: Any, migrated_server: EmbeddedServer) -> Iterator[tuple[str, str]]:
    """The name of a furnished database, and how its company values stock."""
    with copy_of_template(migrated_server, f"hub_store_{request.param}") as database:
        furnish(database.engine, request.param)
        database.engine.dispose()
        yield database.name, request.param


@pytest.fixture
def fresh(migrated_server: EmbeddedServer, furnished: tuple[str, str]) -> Callable[[], Any]:
    """`with fresh() as database`: a copy of the furnished store."""
    return lambda: copy_of_template(migrated_server, template_name=furnished[0])


prices = st.decimals("0.01", "99.99", places=2)
amounts = st.decimals("0.1", "50", places=1)
days = st.integers(0, 75).map(lambda number: DAY + timedelta(days=number))


@st.composite
def histories(draw: Any) -> tuple[list[Moved], list[int]]:
    """Movements that never take what is not there, in order of their days, and another order to enter them in."""
    moves: list[Moved] = []
    held = Decimal(0)
    for day in sorted(draw(st.lists(days, min_size=2, max_size=9))):
        if held > 0 and draw(st.booleans()):
            taken = held if draw(st.integers(0, 4)) == 0 else min(held, draw(amounts))
            moves.append(Moved(day, -taken))
            held -= taken
        else:
            arrived = draw(amounts)
            moves.append(Moved(day, arrived, draw(prices)))
            held += arrived
    return moves, draw(st.permutations(range(len(moves))))


HALF_A_CENT = (
    [
        Moved(DAY, Decimal("8.5"), Decimal("3.59")),
        Moved(DAY, Decimal("8.5"), Decimal("0.01")),
        Moved(DAY, Decimal("-8.5")),
    ],
    [0, 1, 2],
)
"""30.61 for 17 pieces: half of them are worth 15.305, to be rounded up."""


def enter(store: Store, move: Moved) -> Any:
    line = {} if move.price is None else {"unit_cost": str(move.price)}
    return store.adjust("I1", move.quantity, move.day, **line)


def refusal(deed: Callable[[], Any]) -> str | None:
    """The code of the first problem when something is refused."""
    try:
        deed()
    except Refused as refused:
        return refused.problems[0].code
    return None


def settle(store: Store) -> None:
    with store.work() as ctx:
        cost.settle(ctx, company_of(ctx), DAY)


def test_the_order_of_entry_does_not_matter(
    fresh: Any, furnished: tuple[str, str], proof_count: Callable[[int, int], int]
) -> None:
    """Entered in any order that never lacks goods, the end is what a recomputation from scratch gives, day by day."""

    @settings(max_examples=proof_count(4, 150), deadline=None, suppress_health_check=SLOW)
    @example(history=HALF_A_CENT)
    @given(history=histories())
    def check(history: tuple[list[Moved], list[int]]) -> None:
        moves, order = history
        with fresh() as database:
            store = Store(database.engine)
            waiting = [moves[index] for index in order]
            while waiting:
                for move in list(waiting):
                    if refusal(partial(enter, store, move)) in {"STOCK_SHORT", "STOCK_SHORT_LATER"}:
                        continue
                    waiting.remove(move)
            settle(store)
            monthly = furnished[1] == "monthly"
            assert store.astray() == []
            for day in {move.day for move in moves}:
                level = sum((move.quantity for move in moves if move.day <= day), Decimal(0))
                assert store.levels(day).get("I1", Decimal(0)) == level
            assert store.values()["I1"] == recomputed(moves, monthly=monthly)

    check()


def test_a_reversal_leaves_the_store_as_if_never(
    fresh: Any, furnished: tuple[str, str], proof_count: Callable[[int, int], int]
) -> None:
    """Cancelling any receipt that is not needed, or any issue, gives what the others alone give."""

    @settings(max_examples=proof_count(3, 100), deadline=None, suppress_health_check=SLOW)
    @given(history=histories(), chosen=st.integers(0, 8))
    def check(history: tuple[list[Moved], list[int]], chosen: int) -> None:
        moves, _ = history
        gone = moves[chosen % len(moves)]
        rest = [move for move in moves if move is not gone]
        with fresh() as database:
            store = Store(database.engine)
            made = {id(move): enter(store, move) for move in moves}
            before = (store.levels(), store.values())
            if refusal(lambda: store.step(made[id(gone)], "cancel")) == "STOCK_SHORT":
                assert (store.levels(), store.values()) == before
                return
            settle(store)
            assert store.astray() == []
            quantity, value = store.values()["I1"]
            assert (quantity, value) == recomputed(rest, monthly=furnished[1] == "monthly")
            assert store.levels().get("I1", Decimal(0)) == quantity

    check()


def test_a_transfer_conserves_and_does_not_touch_value(fresh: Any) -> None:
    with fresh() as database:
        store = Store(database.engine)
        store.adjust("I1", 10, unit_cost="3.33")
        line = {"item": "I1", "quantity": 4, "to_location": "W2-A", "to_status": "frozen"}
        values = {"warehouse": "W1", "to_warehouse": "W2", "transfer_date": DAY, "lines": [line]}
        moved = store.run("StockTransfer", values, "post")
        assert store.levels() == {"I1": 10}
        assert store.values() == {"I1": (Decimal(10), Decimal("33.30"))}
        with pytest.raises(Refused, match="STOCK_SHORT"):
            store.adjust("I1", -1, warehouse="W2")
        store.adjust("I1", -1, warehouse="W2", status="frozen")
        with pytest.raises(Refused, match="STOCK_SHORT"):
            store.step(moved, "cancel")
        assert store.astray() == []


def test_what_later_days_need_cannot_be_taken_before(fresh: Any) -> None:
    """Refused with the day that would fall below zero, and the most that can be taken."""
    with fresh() as database:
        store = Store(database.engine)
        store.adjust("I1", 10, DAY, unit_cost="1")
        store.adjust("I1", -8, DAY + timedelta(days=10))
        store.adjust("I1", 5, DAY + timedelta(days=20), unit_cost="2")
        with pytest.raises(Refused) as raised:
            store.adjust("I1", -3, DAY + timedelta(days=5))
        (found,) = raised.value.problems
        assert (found.code, found.path) == ("STOCK_SHORT_LATER", ("lines", "0", "quantity"))
        assert found.data == {"wanted": "3", "available": "2", "day": "2026-03-11"}
        store.adjust("I1", -2, DAY + timedelta(days=5))
        assert store.levels(DAY + timedelta(days=15)) == {}
        at = {"entry_at": "2026-03-06T12:00:00+08:00", "kind": "adjustment"}
        with pytest.raises(Refused) as raised, store.work() as ctx:
            writes.load(ctx, "StockEntry", [{**at, "item": "I1", "warehouse": "W1", "quantity": -1}])
        assert [(one.code, one.data["day"]) for one in raised.value.problems] == [("STOCK_SHORT", "2026-03-11")]
        assert store.astray() == []


def test_each_later_document_gets_one_difference(fresh: Any, furnished: tuple[str, str]) -> None:
    """A receipt in the past makes earlier issues dearer: one difference a document, on its own day; none is changed."""
    with fresh() as database:
        store = Store(database.engine)
        store.adjust("I1", 10, date(2026, 3, 2), unit_cost="1")
        issues = [store.adjust("I1", -2, date(2026, month, 10)) for month in (3, 4, 5)]
        before = store.count("SELECT count(*) FROM hub.cost_entry")
        store.adjust("I1", 10, date(2026, 3, 1), unit_cost="3")
        settle(store)
        with database.engine.connect() as connection:
            rows = connection.execute(
                text("SELECT document_number, entry_date, value FROM hub.cost_entry WHERE is_difference ORDER BY 2")
            ).all()
        wanted = [(one.number, one.adjustment_date, Decimal("-2.00")) for one in issues]
        assert [tuple(row) for row in rows] == wanted
        assert store.count("SELECT count(*) FROM hub.cost_entry") == before + 1 + 3
        assert store.values()["I1"] == (Decimal(14), Decimal("28.00"))


def test_a_closed_month_is_not_touched(fresh: Any) -> None:
    with fresh() as database:
        store = Store(database.engine)
        received = store.adjust("I1", 3, date(2026, 3, 2), unit_cost="3.33")
        store.adjust("I1", -1, date(2026, 4, 2))
        with store.work() as ctx:
            month = ctx.session.execute(text("SELECT id FROM hub.fiscal_period WHERE code = '2026-03'")).scalar_one()
            writes.run_step(ctx, "FiscalPeriod", month, "close")
        march = store.values(date(2026, 3, 31))
        with pytest.raises(Refused) as raised:
            store.adjust("I1", 1, date(2026, 3, 3))
        assert [(one.code, one.path) for one in raised.value.problems] == [("PERIOD_CLOSED", ("adjustmentDate",))]
        store.adjust("I1", 5, date(2026, 4, 1), unit_cost="7")
        assert store.values(date(2026, 3, 31)) == march
        store.adjust("I1", 3, date(2026, 4, 3))
        store.step(received, "cancel")
        assert store.values(date(2026, 3, 31)) == march
        assert store.levels() == {"I1": 7}
        assert store.astray() == []
