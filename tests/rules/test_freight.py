"""Freight: the nearest rate, its minimum, and nothing where nothing fits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.freight import Rate, freight

DAY = date(2026, 5, 1)
AMOUNTS = {"trip": Decimal(1), "piece": Decimal(40), "kilometre": Decimal(100)}
EVERYWHERE, REGION = Rate(None, "trip", Decimal(500)), Rate("宁波", "kilometre", Decimal("2.345"), Decimal(100))


@pytest.mark.parametrize(
    ("rates", "region", "asked"),
    [
        ([EVERYWHERE, REGION], "宁波", "234.50"),
        ([EVERYWHERE, REGION], "杭州", "500.00"),
        ([REGION], "杭州", None),
        ([Rate("宁波", "piece", Decimal("0.1"), Decimal(80))], "宁波", "80.00"),
        ([Rate(None, "kilogram", Decimal(1))], None, None),
        ([Rate(None, "trip", Decimal(9), ends=DAY - timedelta(days=1)), EVERYWHERE], None, "500.00"),
        ([Rate(None, "trip", Decimal(9), ends=DAY), EVERYWHERE], None, "9.00"),
        ([Rate(None, "trip", Decimal(700), begins=DAY), EVERYWHERE], None, "700.00"),
        ([Rate(None, "trip", Decimal(9), begins=DAY + timedelta(days=1)), EVERYWHERE], None, "500.00"),
    ],
)
def test_the_nearest_rate_is_asked(rates: list[Rate], region: str | None, asked: str | None) -> None:
    assert freight(rates, region, DAY, AMOUNTS) == (None if asked is None else Decimal(asked))


days = st.none() | st.integers(-3, 3).map(lambda one: DAY + timedelta(days=one))
tables = st.lists(
    st.builds(
        Rate,
        st.sampled_from([None, "宁波", "杭州"]),
        st.sampled_from(["trip", "piece", "kilometre", "kilogram"]),
        st.integers(0, 500).map(Decimal),
        st.integers(0, 500).map(Decimal),
        days,
        days,
    ),
    max_size=6,
)


@given(tables, st.sampled_from([None, "宁波", "杭州"]), st.randoms())
def test_the_order_of_the_table_does_not_matter(table: list[Rate], region: str | None, random: object) -> None:
    shuffled = list(table)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert freight(shuffled, region, DAY, AMOUNTS) == freight(table, region, DAY, AMOUNTS)


@given(tables, st.sampled_from(["宁波", "杭州"]), st.integers(1, 3))
def test_more_never_costs_less(table: list[Rate], region: str, times: int) -> None:
    here = freight(table, region, DAY, AMOUNTS)
    there = freight(table, region, DAY, {name: amount * times for name, amount in AMOUNTS.items()})
    assert (here is None) == (there is None)
    assert here is None or there is None or here <= there
