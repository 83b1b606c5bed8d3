"""Forecasts: what never changed goes on, what has doubled doubles, seasons stay where they are."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.forecasting import forecast, month_number

LAST = month_number(2026, 4)
NEXT = [LAST + ahead for ahead in range(1, 14)]
QUANTITIES = st.integers(1, 10_000).map(Decimal)
YEARS = st.lists(QUANTITIES, min_size=15, max_size=30)


def past(quantities: list[Decimal]) -> dict[int, Decimal]:
    return {LAST - at: quantity for at, quantity in enumerate(reversed(quantities))}


@given(QUANTITIES, st.integers(1, 30))
def test_what_never_changed_goes_on(quantity: Decimal, months: int) -> None:
    assert forecast(past([quantity] * months), NEXT, LAST) == [quantity] * len(NEXT)


@given(YEARS, st.integers(2, 9))
def test_a_multiple_of_the_past_is_the_multiple_of_the_future(quantities: list[Decimal], times: int) -> None:
    once, often = (forecast(past([one * by for one in quantities]), NEXT, LAST) for by in (1, times))
    assert all(abs(many - one * times) <= Decimal("0.0001") * times for one, many in zip(once, often, strict=True))


@given(st.lists(QUANTITIES, min_size=12, max_size=12), st.integers(1, 5))
def test_a_year_like_the_last_comes_again_and_a_better_one_is_better_everywhere(
    year: list[Decimal], times: int
) -> None:
    found = forecast(past([*year, *(one * times for one in year)]), NEXT, LAST)
    assert found[:12] == [one * times * times for one in year]
    assert found[12] == found[0]


@given(st.lists(QUANTITIES, max_size=30))
def test_nothing_is_ever_below_nothing_and_order_is_no_matter(quantities: list[Decimal]) -> None:
    sold = past(quantities)
    found = forecast(sold, NEXT, LAST)
    assert all(one >= 0 for one in found)
    assert forecast(dict(reversed(sold.items())), NEXT, LAST) == found
    assert forecast(sold, NEXT[:5], LAST) == found[:5]


def test_in_figures() -> None:
    assert forecast({}, NEXT[:1], LAST) == [0]
    assert forecast(past([Decimal(one) for one in (6, 3, 9)]), NEXT[:2], LAST) == [6, 6]
    seasons = [Decimal(one) for one in (10, 10, 10, 50, *([10] * 8), 20, 20, 20)]
    assert forecast(past(seasons), NEXT[:2], LAST) == [100, 20]  # twice what it was, and a season is a season
