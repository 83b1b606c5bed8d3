"""Sharing out: no cent is lost, nobody gets a cent more than the exact share, the order of the parts is no matter."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.money import CENT, in_cents, shared_out, to_cents

CENTS = st.integers(-10_000_000, 10_000_000).map(lambda cents: CENT * cents)
WEIGHTS = st.lists(st.decimals(0, 10_000, places=4), min_size=1, max_size=12)


@given(CENTS, WEIGHTS)
def test_no_cent_is_lost_and_each_part_is_its_exact_share_but_for_less_than_a_cent(
    amount: Decimal, weights: list[Decimal]
) -> None:
    parts = shared_out(amount, weights)
    assert sum(parts) == amount
    assert all(in_cents(part) for part in parts)
    total = sum(map(Fraction, weights))
    for part, weight in zip(parts, weights, strict=True):
        exact = Fraction(amount) * (Fraction(weight) / total if total else Fraction(1, len(weights)))
        assert abs(Fraction(part) - exact) < Fraction(1, 100)


@given(CENTS, WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_the_parts_only_decides_between_equal_cuts(
    amount: Decimal, weights: list[Decimal], random: object
) -> None:
    shuffled = list(weights)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    once, again = (dict.fromkeys(weights, Decimal(0)) for _ in range(2))
    for known, order in ((once, weights), (again, shuffled)):
        for weight, part in zip(order, shared_out(amount, order), strict=True):
            known[weight] += part
    # Which of equal weights gets a cent is open, what they get together is open by less than one each.
    assert all(abs(once[weight] - again[weight]) <= CENT * weights.count(weight) for weight in once)
    assert shared_out(amount, sorted(weights)) == shared_out(amount, sorted(shuffled))


def test_nothing_is_shared_out_over_nobody_and_half_a_cent_goes_up() -> None:
    assert shared_out(Decimal(5), []) == []
    assert shared_out(Decimal("0.05"), [Decimal(0)] * 2) == [Decimal("0.03"), Decimal("0.02")]
    assert to_cents(Decimal("1.005")) == Decimal("1.01")
