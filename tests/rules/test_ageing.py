"""Ageing: every cent and piece in one class, found again by a plain walk over days or pieces."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.ageing import DUE, LAIN, Due, Received, aged, is_dead, still_open, stock_aged, words

DAY = date(2026, 6, 30)
DAYS = st.integers(-60, 500).map(lambda days: DAY - timedelta(days))
CENTS = st.integers(-(10**6), 10**6).map(lambda cents: Decimal(cents) / 100)


@given(st.lists(st.builds(Due, CENTS, DAYS)))
def test_money_is_aged_to_the_cent_and_as_by_hand(items: list[Due]) -> None:
    told = aged(items, DAY)
    assert sum(told) == sum(one.amount for one in items)
    late = [(DAY - one.due_date).days for one in items]
    for index, (low, high) in enumerate([(-999, 0), (1, 30), (31, 60), (61, 90), (91, 999)]):
        assert told[index] == sum(one.amount for one, days in zip(items, late, strict=True) if low <= days <= high)
    assert told == aged(list(reversed(items)), DAY)


@given(st.lists(st.builds(Due, CENTS.map(abs), DAYS)), CENTS.map(abs))
def test_what_is_settled_leaves_the_latest_claims_open(claims: list[Due], settled: Decimal) -> None:
    told = still_open(claims, settled)
    assert sum(one.amount for one in told) == sum(one.amount for one in claims) - settled
    paid = max((one.due_date for one in claims if one not in told and one.amount), default=date.min)
    assert all(one.due_date >= paid for one in told)
    assert len([one for one in told if one.amount < 0]) <= 1


@given(st.integers(0, 60), st.lists(st.builds(Received, DAYS, st.integers(0, 20).map(Decimal)), max_size=12))
def test_stock_is_the_latest_pieces_that_came(on_hand: int, received: list[Received]) -> None:
    """The second implementation lays the pieces in a row and takes the last of them."""
    told = stock_aged(Decimal(on_hand), received, DAY)
    assert sum(told) == on_hand
    assert told == stock_aged(Decimal(on_hand), list(reversed(received)), DAY)
    pieces = sorted(one.day for one in received if one.day <= DAY for _ in range(int(one.quantity)))[-on_hand:]
    ages = [(DAY - day).days for day in pieces] if on_hand else []
    plain = [sum(low <= age <= high for age in ages) for low, high in ((0, 30), (31, 90), (91, 180), (181, 360))]
    assert [int(one) for one in told[:-1]] == plain


def test_classes_have_names() -> None:
    assert words(DUE) == ("0", "1-30", "31-60", "61-90", "90+")
    assert words(LAIN) == ("30", "31-90", "91-180", "181-360", "360+")


def test_dead_is_what_lies_there_and_does_not_move() -> None:
    old, new = DAY - timedelta(181), DAY - timedelta(180)
    assert is_dead(Decimal(1), old, old, DAY)
    assert not is_dead(Decimal(1), new, old, DAY)
    assert not is_dead(Decimal(0), old, old, DAY)
    assert is_dead(Decimal(1), None, old, DAY)
