"""Margin: the lines are the whole, to the cent."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.margin import Margin, Sold, margins, total
from hub.rules.money import CENT

CENTS = st.integers(0, 10_000_000).map(lambda cents: CENT * cents)


@given(st.lists(st.builds(Sold, CENTS, CENTS), min_size=1, max_size=8), CENTS, CENTS)
def test_the_margins_of_the_lines_are_the_margin_of_the_order(
    lines: list[Sold], freight: Decimal, adjustments: Decimal
) -> None:
    parts = margins(lines, freight, adjustments)
    whole = total(parts)
    revenue, cost = sum(one.revenue for one in lines), sum(one.cost for one in lines)
    assert (whole.revenue, whole.cost, whole.expenses) == (revenue, cost, freight + adjustments)
    assert whole.amount == sum(one.amount for one in parts) == revenue - cost - freight - adjustments
    assert (whole.rate is None) == (revenue == 0)


@given(st.lists(st.builds(Sold, CENTS, CENTS), min_size=2, max_size=5), CENTS)
def test_who_brings_nothing_carries_nothing(lines: list[Sold], freight: Decimal) -> None:
    idle = Sold(Decimal(0), Decimal(5))
    parts = margins([*lines, idle], freight)
    if any(one.revenue for one in lines):
        assert parts[-1].expenses == 0


def test_an_order_in_figures() -> None:
    one, other = margins(
        [Sold(Decimal(1000), Decimal(600)), Sold(Decimal(500), Decimal(450))], Decimal(30), Decimal(15)
    )
    assert (one, other) == (
        Margin(Decimal(1000), Decimal(600), Decimal(30)),
        Margin(Decimal(500), Decimal(450), Decimal(15)),
    )
    assert (one.rate, other.rate) == (Decimal(37), Decimal(7))
    assert total([one, other]).rate == Decimal(27)
    assert margins([], Decimal(0)) == []
