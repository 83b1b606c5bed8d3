"""Product cost: the published divisions, and that orders together cost what was spent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.product_cost import Cost, Work, charged, costs, divided, finished, unit_cost

CENTS = st.integers(0, 10**8).map(lambda cents: Decimal(cents) / 100)
HOURS = st.integers(0, 10**5).map(lambda parts: Decimal(parts) / 4)
COSTS = st.builds(Cost, CENTS, CENTS, CENTS, CENTS, CENTS)


def test_the_published_divisions() -> None:
    """初级会计实务 teaching examples: overhead by machine hours, and equivalent units."""
    told = divided(Decimal(900_000), {"A": Decimal(20_000), "B": Decimal(10_000)})
    assert told == {"A": Decimal(600_000), "B": Decimal(300_000)}
    ready, open_ = finished(Cost(labour=Decimal(800_000)), Decimal(370), Decimal(100), Decimal("0.3"))
    assert (ready.total, open_.total) == (Decimal(740_000), Decimal(60_000))
    assert unit_cost(ready, Decimal(370)) == Decimal(2_000)


@given(st.dictionaries(st.integers(0, 20), st.builds(Work, CENTS, HOURS, HOURS, CENTS), min_size=1, max_size=6), COSTS)
def test_orders_cost_what_was_spent(works: dict[int, Work], pools: Cost) -> None:
    told = costs(works, pools, Decimal("35.5"), Decimal("60"))
    by_hand = sum(
        (
            one.material + charged(one.labour_hours, Decimal("35.5")) + one.machine_hours * 60 + one.energy
            for one in works.values()
        ),
        Decimal(0),
    )
    for base, pool in (
        ("material", pools.material),
        ("labour_hours", pools.labour + pools.overhead),
        ("machine_hours", pools.machine + pools.energy),
    ):
        by_hand += pool if any(getattr(one, base) for one in works.values()) else 0
    assert sum((one.total for one in told.values()), Decimal(0)) == by_hand
    assert all(min(vars(one).values()) >= 0 for one in told.values())


@given(COSTS, st.integers(0, 500), st.integers(0, 500), st.integers(0, 100))
def test_finished_and_open_are_the_whole(cost: Cost, done: int, in_work: int, percent: int) -> None:
    ready, open_ = finished(cost, Decimal(done), Decimal(in_work), Decimal(percent) / 100)
    assert ready + open_ == cost
    if done and not in_work:
        assert open_.total == 0
    if not done and in_work:
        assert ready.total == 0 or percent == 0


@pytest.mark.parametrize("quantity", [0, 3])
def test_a_piece_costs_its_share(quantity: int) -> None:
    cost = Cost(Decimal(1), Decimal(2), Decimal(3), Decimal(4), Decimal("0.01"))
    assert unit_cost(cost, Decimal(quantity)) == (Decimal("3.3367") if quantity else 0)
