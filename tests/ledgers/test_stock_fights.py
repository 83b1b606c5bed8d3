"""Threads that fight for one lot, one serial number, one item, one reservation: never below nothing, no deadlock left.

Every thread does whole units of work at the same moment; afterwards the sums are what those that succeeded add up to.
"""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import count
from random import Random
from typing import Any

import pytest

from hub import writes
from hub.db.embedded import EmbeddedServer
from hub.document import deadlocks
from hub.errors import HubError, Refused
from tests.conftest import copy_of_template
from tests.ledgers.goods import DAY, Store, furnish

FIGHTERS = 6
DONE = "done"


@pytest.fixture
def store(migrated_server: EmbeddedServer) -> Iterator[Store]:
    with copy_of_template(migrated_server, "hub_fights") as database:
        yield furnish(database.engine)


def together(deeds: Sequence[Callable[[], Any]]) -> Counter[str]:
    """All at once, each in a thread; how many were done, and the codes of refusals."""
    begin = threading.Barrier(len(deeds))

    def one(deed: Callable[[], Any]) -> str:
        begin.wait(30)
        try:
            deed()
        except HubError as error:
            return error.problems[0].code
        return DONE

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(one, deeds))


def test_the_last_pieces_of_an_item(store: Store, proof_count: Callable[[int, int], int]) -> None:
    for index in range(proof_count(2, 50)):
        day = DAY + timedelta(days=index)
        store.adjust("I1", FIGHTERS - 2, day, unit_cost="1")
        told = together([lambda day=day: store.adjust("I1", -1, day)] * FIGHTERS)  # type: ignore[misc]
        assert told == {DONE: FIGHTERS - 2, "STOCK_SHORT": 2}
    assert store.levels() == {}
    assert store.values() == {"I1": (Decimal(0), Decimal(0))}
    assert store.astray() == []


def test_the_last_pieces_of_a_lot(store: Store) -> None:
    """One lot is taken by name and first in first out; the other is not touched."""
    store.adjust("LT", 3, lot="LOT1", unit_cost="1")
    store.adjust("LT", 9, lot="LOT2", unit_cost="1")
    told = together([lambda: store.adjust("LT", -1, lot="LOT1")] * FIGHTERS)
    assert told == {DONE: 3, "STOCK_SHORT": FIGHTERS - 3}
    assert store.count("SELECT quantity FROM hub.stock_balance WHERE lot = 'LOT1'") == 0
    assert store.count("SELECT quantity FROM hub.stock_balance WHERE lot = 'LOT2'") == 9
    assert store.astray() == []


def test_one_serial_number(store: Store) -> None:
    """It comes in once, whoever brings it and wherever to, and goes out once."""
    places = ["W1", "W2"] * (FIGHTERS // 2)
    told = together([partial(store.adjust, "SR", 1, serial="SN1", warehouse=one) for one in places])
    assert told == {DONE: 1, "SERIAL_IN_STOCK": FIGHTERS - 1}
    where = store.count("SELECT w.code FROM hub.stock_balance b JOIN hub.warehouse w ON w.id = b.warehouse_id")
    told = together([partial(store.adjust, "SR", -1, serial="SN1", warehouse=where)] * FIGHTERS)
    assert told == {DONE: 1, "STOCK_SHORT": FIGHTERS - 1}
    assert store.levels() == {}
    assert store.astray() == []


def ordered(store: Store, quantity: int) -> Any:
    line = {"item": "I1", "quantity": str(quantity), "unit_price": "9"}
    order = {"customer": "K1", "order_date": DAY, "promised_date": DAY, "lines": [line]}
    return store.run("SalesOrder", order)


RESERVED = "SELECT coalesce(sum(quantity), 0) FROM hub.stock_reservation"


def test_one_reservation(store: Store) -> None:
    """Orders confirmed at once share what is there; deliveries at once ship no more than their order."""
    store.adjust("I1", 4, unit_cost="1")
    orders = [ordered(store, 2) for _ in range(FIGHTERS)]
    assert together([partial(store.step, order, "confirm") for order in orders]) == {DONE: FIGHTERS}
    assert store.count(RESERVED) == 4
    per_line = "SELECT sum(quantity) AS kept FROM hub.stock_reservation GROUP BY order_line_id"
    assert store.count(f"SELECT max(kept) FROM ({per_line}) lines") == 2
    lucky = store.count("SELECT l.sales_order_id FROM hub.stock_reservation r JOIN hub.sales_order_line l "
                        "ON l.id = r.order_line_id ORDER BY r.id LIMIT 1")  # fmt: skip

    def ship() -> None:
        with store.work() as ctx:
            values = {"warehouse": "W1", "delivery_date": DAY}
            made = writes.convert(ctx, "SalesOrder", lucky, "Delivery", values)
            writes.run_step(ctx, "Delivery", made.id, "confirm")

    told = together([ship] * 3 + [partial(store.adjust, "I2", 1)] + [partial(issue, store)] * 2)
    assert told.pop("STOCK_RESERVED") == 2
    assert told.pop(DONE) == 2
    assert sum(told.values()) == 2
    assert store.count(RESERVED) == 2
    assert store.levels() == {"I1": 2, "I2": 1}
    assert store.astray() == []


def issue(store: Store) -> None:
    """Somebody takes a piece without an order."""
    values = {"warehouse": "W1", "issue_date": DAY, "lines": [{"item": "I1", "quantity": "1"}]}
    store.run("MaterialIssue", values, "post")


def crosswise(store: Store, first: str, second: str, met: Callable[[], Any]) -> None:
    """Two postings in one unit of work; `met` is called between them."""
    with store.work() as ctx:
        for item in (first, second):
            values = {"warehouse": "W1", "adjustment_date": DAY, "lines": [{"item": item, "quantity": "1"}]}
            made = writes.create(ctx, "StockAdjustment", values)
            writes.run_step(ctx, "StockAdjustment", made.id, "post")
            if item == first:
                met()


class Meeting:
    """The first two who come wait for each other; whoever comes later goes through."""

    def __init__(self) -> None:
        self._both, self._came = threading.Barrier(2), count()

    def __call__(self) -> None:
        if next(self._came) < 2:
            self._both.wait(30)


def test_postings_that_cross_are_told_and_done_again(store: Store) -> None:
    """Both hold an item and want the other's: one is ended with nothing left of it; persistently, both are done."""
    store.adjust("I1", 1)  # opens the month, which is waited for too
    pairs = [("I1", "I2"), ("I2", "I1")]
    meet = Meeting()
    assert together([partial(crosswise, store, *pair, meet) for pair in pairs]) == {DONE: 1, "DEADLOCK": 1}
    assert store.levels() == {"I1": 2, "I2": 1}
    meet = Meeting()
    whole = [partial(writes.persistently, partial(crosswise, store, *pair, meet)) for pair in pairs]
    assert together(whole) == {DONE: 2}
    assert store.levels() == {"I1": 4, "I2": 3}
    assert store.astray() == []


def test_who_never_gets_through_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlocks, "_PAUSE_SECONDS", 0)
    turns = []

    def unlucky() -> None:
        turns.append(1)
        raise deadlocks.Deadlocked([])

    with pytest.raises(deadlocks.Deadlocked):
        writes.persistently(unlucky)
    assert len(turns) == deadlocks.TRIES


def test_a_day_in_the_stores(store: Store, proof_count: Callable[[int, int], int]) -> None:
    """Everybody receives, takes, moves and takes back several things a unit of work, on any day, in any order."""
    for item in ("I1", "I2"):
        store.adjust(item, 20, unit_cost="2")
    turns = proof_count(2, 30)

    def work(seed: int) -> None:
        chance = Random(seed)  # noqa: S311
        for _ in range(turns):
            with contextlib.suppress(Short):
                writes.persistently(partial(several, store, chance.random()))

    assert together([partial(work, seed) for seed in range(FIGHTERS)]) == {DONE: FIGHTERS}
    lowest = (
        "SELECT coalesce(min(level), 0) FROM (SELECT sum(quantity) OVER (PARTITION BY balance_id ORDER BY begins) AS "
        "level FROM hub.stock_change WHERE span = 'day') daily"
    )
    assert store.count(lowest) >= 0
    assert store.count("SELECT count(*) FROM hub.stock_entry") > FIGHTERS
    assert store.astray() == []


class Short(Exception):
    """What was wanted was not there."""


def several(store: Store, seed: float) -> None:
    """Two or three papers in one unit of work, the last of them perhaps taken back."""
    try:
        _several(store, Random(seed))  # noqa: S311
    except Refused as refused:
        if {one.code for one in refused.problems} <= {"STOCK_SHORT", "STOCK_SHORT_LATER"}:
            raise Short from refused
        raise


def _several(store: Store, chance: Random) -> None:
    with store.work() as ctx:
        for _ in range(chance.randint(2, 3)):
            item, day = chance.choice(["I1", "I2"]), DAY + timedelta(days=chance.randint(0, 20))
            line: dict[str, Any] = {"item": item, "quantity": str(chance.randint(1, 5))}
            if chance.random() < 0.3:
                values = {"warehouse": "W1", "to_warehouse": "W2", "transfer_date": day, "lines": [line]}
                kind = "StockTransfer"
            else:
                sign = chance.choice([1, -1])
                line["quantity"] = str(sign * Decimal(line["quantity"]))
                values = {"warehouse": chance.choice(["W1", "W2"]), "adjustment_date": day, "lines": [line]}
                kind = "StockAdjustment"
            made = writes.create(ctx, kind, values)
            writes.run_step(ctx, kind, made.id, "post")
        if chance.random() < 0.3:
            writes.run_step(ctx, kind, made.id, "cancel")
