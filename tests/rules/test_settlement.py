"""What a payment settles: no cent lost, none taken twice, the oldest first whatever the order of the asking."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.rules.settlement import OpenItem, Share, advance, beyond, oldest_first

DAY = date(2026, 5, 1)
CENTS = st.integers(0, 100_000).map(lambda number: Decimal(number) / 100)


def items() -> st.SearchStrategy[list[OpenItem[int]]]:
    due = st.none() | st.integers(0, 5).map(lambda days: DAY + timedelta(days=days))
    one = st.tuples(CENTS, due)
    return st.lists(one, max_size=8).map(
        lambda rows: [OpenItem(at, amount, day, f"{at:02}") for at, (amount, day) in enumerate(rows)]
    )


def cent_by_cent(amount: Decimal, given: list[OpenItem[int]]) -> dict[int, Decimal]:
    """The naive way: each cent by itself goes to the oldest item that still wants one."""
    queue = sorted(given, key=lambda one: (one.due_date is None, one.due_date or DAY, one.number))
    paid = {one.key: 0 for one in queue}
    for _ in range(int(amount * 100)):
        for one in queue:
            if paid[one.key] < one.amount * 100:
                paid[one.key] += 1
                break
    return {key: Decimal(cents) / 100 for key, cents in paid.items() if cents}


@settings(deadline=None)
@given(CENTS, items())
def test_no_cent_is_lost_and_no_item_gets_more_than_is_open(amount: Decimal, given: list[OpenItem[int]]) -> None:
    shares = oldest_first(amount, given)
    open_amounts = {one.key: one.amount for one in given}
    left = advance(amount, (share.amount for share in shares))
    assert sum((share.amount for share in shares), left) == amount
    assert left >= 0
    assert all(0 < share.amount <= open_amounts[share.key] for share in shares)
    assert left == 0 or sum((share.amount for share in shares), Decimal(0)) == sum(open_amounts.values())
    assert not list(beyond(shares, open_amounts))


@settings(deadline=None)
@given(CENTS, items(), st.randoms())
def test_the_order_of_the_asking_does_not_matter(amount: Decimal, given: list[OpenItem[int]], random: object) -> None:
    shuffled = list(given)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert oldest_first(amount, shuffled) == oldest_first(amount, given)


@settings(deadline=None)
@given(st.integers(0, 300).map(lambda number: Decimal(number) / 100), items())
def test_it_is_what_cent_by_cent_gives(amount: Decimal, given: list[OpenItem[int]]) -> None:
    assert {share.key: share.amount for share in oldest_first(amount, given)} == cent_by_cent(amount, given)


@settings(deadline=None)
@given(CENTS, CENTS, items())
def test_two_payments_settle_what_their_sum_does(first: Decimal, second: Decimal, given: list[OpenItem[int]]) -> None:
    paid = {one.key: Decimal(0) for one in given}
    for amount in (first, second):
        rest = [OpenItem(one.key, one.amount - paid[one.key], one.due_date, one.number) for one in given]
        for share in oldest_first(amount, rest):
            paid[share.key] += share.amount
    together = {share.key: share.amount for share in oldest_first(first + second, given)}
    assert {key: amount for key, amount in paid.items() if amount} == together


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), CENTS), max_size=8), st.lists(CENTS, min_size=3, max_size=3))
def test_named_shares_exceed_exactly_where_the_running_sum_does(
    shares: list[tuple[int, Decimal]], open_amounts: list[Decimal]
) -> None:
    told = {one.place: one.open for one in beyond(shares, dict(enumerate(open_amounts)))}
    for index, (key, _) in enumerate(shares):
        before = sum((amount for other, amount in shares[:index] if other == key), Decimal(0))
        over = before + shares[index][1] > open_amounts[key]
        assert (index in told) == over
        assert not over or told[index] == open_amounts[key] - before


def test_a_share_is_what_its_name_says() -> None:
    assert oldest_first(Decimal(5), [OpenItem("x", Decimal(9), None, "1")]) == (Share("x", Decimal(5)),)
    assert advance(Decimal(5), [Decimal(7)]) == -2
