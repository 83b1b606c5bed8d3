"""Conversion of leads: counted against a naive look at every lead and stage."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.rules.leads import Pursuit, by, conversion

STAGES = ("new", "contacted", "qualified", "proposed", "won")
LEADS = st.lists(
    st.one_of(
        st.builds(Pursuit, st.sampled_from(STAGES), st.just(False), st.sampled_from("xy")),
        st.builds(Pursuit, st.sampled_from(STAGES[:-1]), st.just(True), st.sampled_from("xy")),
    )
)


@given(LEADS)
def test_reached_stages_and_rates(leads: list[Pursuit]) -> None:
    found = conversion(leads, STAGES)
    for at, stage in enumerate(found.stages):
        assert stage.reached == len([one for one in leads if one.stage in STAGES[at:]])
    assert found.won == len([one for one in leads if one.stage == "won"])
    assert (
        found.rate == (Decimal(found.won * 100) / len(leads)).quantize(Decimal("0.0001"), "ROUND_HALF_UP")
        if leads
        else True
    )
    assert (found.rate is None) == (not leads)
    assert (found.win_rate is None) == (not found.won + found.lost)
    reached = [one.reached for one in found.stages]
    assert reached == sorted(reached, reverse=True)
    assert all(0 <= one.onward <= 100 for one in found.stages if one.onward is not None)


@given(LEADS, st.randoms(use_true_random=False))
def test_the_order_is_no_matter_and_the_groups_are_the_whole(leads: list[Pursuit], random: object) -> None:
    shuffled = [*leads]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert conversion(shuffled, STAGES) == conversion(leads, STAGES)
    groups = by(leads, STAGES)
    assert sum(one.won for one in groups.values()) == conversion(leads, STAGES).won
    assert sum(one.leads for one in groups.values()) == len(leads)


def test_in_figures() -> None:
    leads = [Pursuit("won"), Pursuit("qualified", lost=True), Pursuit("new"), Pursuit("proposed")]
    found = conversion(leads, STAGES)
    assert (found.rate, found.win_rate) == (Decimal(25), Decimal(50))
    assert [one.reached for one in found.stages] == [4, 3, 3, 2, 1]
    assert found.stages[0].onward == 75


@pytest.mark.parametrize("lead", [Pursuit("won", lost=True), Pursuit("elsewhere")])
def test_nobody_is_lost_after_he_was_won_or_is_elsewhere(lead: Pursuit) -> None:
    with pytest.raises(ValueError, match="no lead can be"):
        conversion([lead], STAGES)
