"""Prices: the best offer against a naive one in steps, order of no matter, breaks, validity, fallbacks, currencies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hub.errors import Refused
from hub.rules.prices import (
    LAST,
    STANDARD,
    Offer,
    Paid,
    Rate,
    Rates,
    Wish,
    applies,
    below_price,
    best_offer,
    line_amount,
    net_price,
    price_of,
)

DAY = date(2026, 5, 1)
DAYS = st.integers(-3, 3).map(lambda days: DAY + timedelta(days=days))
CURRENCIES = st.sampled_from(["CNY", "USD", "EUR"])
OFFERS = st.lists(
    st.builds(
        Offer,
        price_list=st.sampled_from("ABC"),
        unit_price=st.decimals(0, 100, places=4),
        currency=CURRENCIES,
        discount=st.sampled_from([Decimal(0), Decimal(10)]),
        minimum_quantity=st.sampled_from([Decimal(one) for one in (0, 10, 100)]),
        first_day=st.none() | DAYS,
        last_day=st.none() | DAYS,
        customer=st.sampled_from([None, "c", "other"]),
        customer_group=st.sampled_from([None, "g", "other"]),
        priority=st.integers(0, 1),
        by_category=st.booleans(),
    ),
    max_size=8,
)
WISHES = st.builds(
    Wish,
    quantity=st.decimals(0, 200, places=2),
    day=DAYS,
    currency=CURRENCIES,
    customer=st.just("c"),
    customer_group=st.sampled_from([None, "g"]),
)
BREAKS = [(100, 9), (1000, 8), (0, 10)]
RATES = Rates("CNY", [Rate("USD", date(2026, 1, 1), Decimal("7.1")), Rate("EUR", date(2026, 1, 1), Decimal("8.2"))])


def naive(offers: list[Offer], wish: Wish) -> list[Offer]:
    """The same decision as one filter after the other: those that are left are alike."""
    left = [one for one in offers if one.minimum_quantity <= wish.quantity]
    left = [one for one in left if one.first_day is None or one.first_day <= wish.day]
    left = [one for one in left if one.last_day is None or one.last_day >= wish.day]
    own = [one for one in left if one.customer == wish.customer]
    group = [one for one in left if one.customer is None and one.customer_group == wish.customer_group]
    group = [one for one in group if one.customer_group is not None]
    left = own or group or [one for one in left if one.customer is None and one.customer_group is None]
    left = [one for one in left if one.priority == max(other.priority for other in left)]
    left = [one for one in left if not one.by_category] or left
    left = [one for one in left if one.currency == wish.currency] or left
    begins = [one.first_day or date.min for one in left]
    left = [one for one in left if (one.first_day or date.min) == max(begins)]
    left = [one for one in left if one.minimum_quantity == max(other.minimum_quantity for other in left)]
    cheapest = [net_price(one.unit_price, one.discount) for one in left]
    return [one for one in left if net_price(one.unit_price, one.discount) == min(cheapest)]


@given(OFFERS, WISHES)
def test_the_best_offer_is_that_of_one_filter_after_the_other(offers: list[Offer], wish: Wish) -> None:
    found, expected = best_offer(offers, wish), naive(offers, wish)
    assert (found is None) == (not expected)
    assert found is None or found in expected


@given(OFFERS, WISHES, st.randoms(use_true_random=False))
def test_the_order_of_the_offers_is_no_matter_and_what_does_not_apply_neither(
    offers: list[Offer], wish: Wish, random: object
) -> None:
    shuffled = [*offers]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    found = price_of(wish, offers, RATES)
    assert price_of(wish, shuffled, RATES) == found
    assert price_of(wish, [one for one in offers if applies(one, wish)], RATES) == found


@given(OFFERS, WISHES, st.decimals(0, 200, places=2))
def test_who_buys_more_pays_no_more_when_breaks_fall(offers: list[Offer], wish: Wish, more: Decimal) -> None:
    """One list whose breaks fall: the price never rises with the quantity."""
    falling = sorted({Decimal(0), *(one.unit_price for one in offers)}, reverse=True)
    steps = [Offer("A", price, "CNY", minimum_quantity=Decimal(10 * at)) for at, price in enumerate(falling)]
    less, later = replace(wish, currency="CNY"), replace(wish, currency="CNY", quantity=wish.quantity + more)
    before, after = price_of(less, steps, RATES), price_of(later, steps, RATES)
    assert before is not None
    assert after is not None
    assert after.unit_price <= before.unit_price


@given(st.decimals(0, 10_000, places=4), st.sampled_from(["CNY", "USD", "EUR"]), st.sampled_from(["CNY", "USD", "EUR"]))
def test_there_and_back_again_is_the_same_amount(amount: Decimal, one: str, other: str) -> None:
    there = RATES.convert(amount, one, other, DAY)
    assert abs(RATES.convert(there, other, one, DAY) - amount) < Decimal("0.00000001")
    if one == other:
        assert there == amount


@given(
    st.lists(st.tuples(DAYS, st.decimals("0.1", 10, places=4)), min_size=1, max_size=6, unique_by=lambda one: one[0])
)
def test_a_day_has_the_rate_of_the_last_day_that_has_one(known: list[tuple[date, Decimal]]) -> None:
    rates = Rates("CNY", [Rate("USD", day, rate) for day, rate in known])
    before = [(day, rate) for day, rate in known if day <= DAY]
    assume(before)
    assert rates.of("USD", DAY) == max(before)[1]


def test_without_a_rate_there_is_no_price_in_that_currency() -> None:
    with pytest.raises(Refused) as raised:
        Rates("CNY").convert(Decimal(1), "USD", "CNY", DAY)
    assert raised.value.problems[0].code == "EXCHANGE_RATE_MISSING"


def test_the_list_goes_before_the_last_price_and_that_before_the_standard() -> None:
    wish = Wish(Decimal(10), DAY, "USD", "c")
    offer, last = Offer("VIP", Decimal("71"), "CNY", customer="c"), Paid(Decimal(9), "USD", DAY)
    found = price_of(wish, [offer], RATES, last=last, standard=Decimal(142))
    assert found is not None
    assert (found.unit_price, found.source) == (Decimal("10.0000"), "VIP")
    found = price_of(wish, [replace(offer, customer="other")], RATES, last=last, standard=Decimal(142))
    assert found is not None
    assert (found.unit_price, found.source) == (Decimal(9), LAST)
    found = price_of(wish, [], RATES, standard=Decimal(142))
    assert found is not None
    assert (found.unit_price, found.source) == (Decimal(20), STANDARD)
    assert price_of(wish, [], RATES) is None


@given(
    st.decimals(0, 100, places=4),
    st.decimals(0, 100, places=4),
    st.sampled_from([Decimal(0), Decimal(5), Decimal(100)]),
)
def test_a_price_is_refused_exactly_below_the_floor(agreed: Decimal, expected: Decimal, tolerance: Decimal) -> None:
    found = list(below_price(2, agreed, expected, tolerance))
    floor = (expected * (100 - tolerance) / 100).quantize(Decimal("0.0001"), "ROUND_HALF_UP")
    assert [one.code for one in found] == (["PRICE_BELOW_LIST"] if agreed < floor else [])
    assert all(one.path == ("lines", "2", "unitPrice") for one in found)
    assert not list(below_price(0, expected, expected, tolerance))


@given(st.decimals(0, 1000, places=4), st.decimals(0, 1000, places=4), st.decimals(0, 100, places=2))
def test_an_amount_is_the_exact_one_but_for_half_a_cent(quantity: Decimal, price: Decimal, discount: Decimal) -> None:
    amount = line_amount(quantity, price, discount)
    assert abs(amount - quantity * net_price(price, discount)) <= Decimal("0.005")


@pytest.mark.parametrize(("quantity", "price"), [(1, 10), (99, 10), (100, 9), (999, 9), (1000, 8), (10_000, 8)])
def test_the_break_that_is_reached_gives_the_price(quantity: int, price: int) -> None:
    breaks = [Offer("A", Decimal(each), "CNY", minimum_quantity=Decimal(least)) for least, each in BREAKS]
    found = price_of(Wish(Decimal(quantity), DAY, "CNY"), breaks, RATES)
    assert found is not None
    assert found.unit_price == price
