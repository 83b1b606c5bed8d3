"""Picking: what expires or came first goes first, locked stock stays, nothing is taken twice."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.picking import Held, Lock, Order, first_out, lock_of, pick, take

DAY = date(2026, 5, 1)
days = st.integers(-20, 20).map(lambda one: DAY + timedelta(days=one))
quantities = st.integers(0, 500).map(lambda one: Decimal(one) / 10)
stores = st.lists(
    st.tuples(quantities, days, st.none() | days, st.sampled_from(["available", "frozen", "quarantine"])), max_size=8
)


@pytest.mark.parametrize(
    ("status", "lot_status", "expiry", "remaining", "lock"),
    [
        ("available", None, None, 0, None),
        ("available", "released", DAY, 0, None),
        ("quarantine", "released", None, 0, Lock.QUARANTINE),
        ("frozen", "released", None, 0, Lock.FROZEN),
        ("available", "on_hold", DAY, 0, Lock.ON_HOLD),
        ("available", "released", DAY - timedelta(days=1), 0, Lock.EXPIRED),
        ("available", "released", DAY + timedelta(days=29), 30, Lock.TOO_OLD),
        ("available", "released", DAY + timedelta(days=30), 30, None),
    ],
)
def test_lock_rules(
    status: str, lot_status: str | None, expiry: date | None, remaining: int, lock: Lock | None
) -> None:
    assert lock_of(status, lot_status, expiry, DAY, remaining) is lock


def test_fefo_goes_by_expiry_and_fifo_by_arrival() -> None:
    old = (DAY, DAY + timedelta(days=90), "A")
    soon = (DAY + timedelta(days=5), DAY + timedelta(days=10), "B")
    undated = (DAY - timedelta(days=5), None, "C")
    for order, expected in ((Order.FEFO, "BAC"), (Order.FIFO, "CAB")):
        ranked = sorted(first_out(day, expiry, lot, "", order) for day, expiry, lot in (old, soon, undated))
        assert "".join(str(one[-2]) for one in ranked) == expected


def _held(store: list[tuple[Decimal, date, date | None, str]], order: Order) -> list[Held[int]]:
    return [Held(key, one[0], first_out(one[1], one[2], str(key), "", order)) for key, one in enumerate(store)]


@given(stores, st.lists(quantities, max_size=4), st.sampled_from(list(Order)))
def test_picking_takes_what_is_free_in_order_and_no_more(
    store: list[tuple[Decimal, date, date | None, str]], wanted: list[Decimal], order: Order
) -> None:
    held = _held(store, order)
    locks = {key: lock_of(one[3], None, one[2], DAY) for key, one in enumerate(store)}
    found = pick(dict(enumerate(wanted)), held, locks)
    free = sum((one.free for one in held if locks[one.key] is None), Decimal(0))
    taken = [part for one in found.values() for part in one.taken]
    assert sum((quantity for _, quantity in taken), Decimal(0)) == min(free, sum(wanted, Decimal(0)))
    for want, picked in found.items():
        assert sum((quantity for _, quantity in picked.taken), picked.missing) == wanted[want]  # type: ignore[call-overload]
    assert all(locks[key] is None and quantity > 0 for key, quantity in taken)
    ranks = [held[key].order for key, _ in taken]
    assert all(one <= other for one, other in pairwise(ranks))
    for key, _ in taken[:-1]:  # what was left for a later one was emptied first
        if held[key].order < ranks[-1]:
            assert sum((part for other, part in taken if other == key), Decimal(0)) == held[key].free
    assert [one.free for one in held] == [one[0] for one in store]


@given(stores, quantities, st.randoms())
def test_the_order_of_the_shelves_does_not_matter(
    store: list[tuple[Decimal, date, date | None, str]], wanted: Decimal, random: object
) -> None:
    held, shuffled = _held(store, Order.FEFO), _held(store, Order.FEFO)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert list(take(held, wanted)) == list(take(shuffled, wanted))
