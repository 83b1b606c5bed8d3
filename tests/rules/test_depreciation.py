"""Depreciation: the published figures, and that nothing is lost or depreciated twice whatever the asset."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.depreciation import (
    DOUBLE_DECLINING,
    STRAIGHT_LINE,
    Basis,
    by_units,
    months_in_use,
    schedule,
)

CENTS = st.integers(min_value=0, max_value=10**10).map(lambda cents: Decimal(cents) / 100)


@st.composite
def assets(draw: st.DrawFn) -> Basis:
    cost = draw(CENTS)
    residual = draw(st.integers(0, 100)) * cost / 100
    return Basis(cost, residual.quantize(Decimal("0.01")), draw(st.integers(1, 600)))


def yearly(amounts: tuple[Decimal, ...]) -> list[Decimal]:
    return [sum(amounts[begin : begin + 12], Decimal(0)) for begin in range(0, len(amounts), 12)]


@pytest.mark.parametrize(
    ("cost", "residual", "years"),
    [
        (1_000_000, 40_000, [400_000, 240_000, 144_000, 88_000, 88_000]),  # 中级会计实务 teaching example
        (100_000, 4_000, [40_000, 24_000, 14_400, 8_800, 8_800]),
        (1_200_000, 48_000, [480_000, 288_000, 172_800, 105_600, 105_600]),
    ],
)
def test_double_declining_gives_the_published_years(cost: int, residual: int, years: list[int]) -> None:
    assert yearly(schedule(Basis(Decimal(cost), Decimal(residual), 60), DOUBLE_DECLINING)) == years


def test_straight_line_is_the_same_each_month() -> None:
    assert set(schedule(Basis(Decimal(126_000), Decimal(6_000), 120), STRAIGHT_LINE)) == {Decimal("1000.00")}


@given(assets(), st.sampled_from([STRAIGHT_LINE, DOUBLE_DECLINING]))
def test_all_of_it_is_depreciated_and_no_more(asset: Basis, method: str) -> None:
    amounts = schedule(asset, method)
    assert sum(amounts) == asset.cost - asset.residual
    assert all(amount >= 0 and amount == round(amount, 2) for amount in amounts)
    assert len(amounts) == (asset.months if asset.cost > asset.residual else 0)


@given(assets())
def test_months_of_a_straight_line_differ_by_a_cent_at_most(asset: Basis) -> None:
    amounts = schedule(asset, STRAIGHT_LINE)
    assert not amounts or max(amounts) - min(amounts) <= Decimal("0.01")


@given(assets(), st.integers(0, 599))
def test_a_straight_line_goes_on_where_another_system_stopped(asset: Basis, done: int) -> None:
    """Taken over in its middle, an asset loses what it would have lost, within a cent a month."""
    whole = schedule(asset, STRAIGHT_LINE)
    before = sum(whole[:done], Decimal(0))
    rest = schedule(Basis(asset.cost, asset.residual, asset.months, done, before), STRAIGHT_LINE)
    assert sum(rest) == sum(whole[done:])
    if rest and before:
        assert abs(rest[0] - whole[done]) <= Decimal("0.02")


def test_double_declining_goes_on_in_the_middle_of_a_year() -> None:
    whole = schedule(Basis(Decimal(100_000), Decimal(4_000), 60), DOUBLE_DECLINING)
    for done in range(60):
        before = sum(whole[:done], Decimal(0))
        rest = schedule(Basis(Decimal(100_000), Decimal(4_000), 60, done, before), DOUBLE_DECLINING)
        assert all(abs(one - other) <= Decimal("0.05") for one, other in zip(rest, whole[done:], strict=True))


@given(assets(), st.lists(st.integers(0, 400), max_size=12), st.integers(1, 2000))
def test_units_lose_the_same_in_whatever_steps(asset: Basis, uses: list[int], total: int) -> None:
    at = [0, *accumulate(uses)]
    steps = [
        by_units(asset, Decimal(total), Decimal(before), Decimal(use)) for before, use in zip(at, uses, strict=False)
    ]
    assert sum(steps, Decimal(0)) == by_units(asset, Decimal(total), Decimal(0), Decimal(at[-1]))
    assert all(step >= 0 for step in steps)
    assert by_units(asset, Decimal(total), Decimal(0), Decimal(total * 2)) == max(asset.left, Decimal(0))


def test_depreciation_begins_in_the_month_after_putting_to_use() -> None:
    assert [months_in_use(date(2026, 1, 31), date(2026, month, 1)) for month in (1, 2, 12)] == [0, 1, 11]
    assert months_in_use(date(2026, 5, 1), date(2026, 1, 1)) == 0
