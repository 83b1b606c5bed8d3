"""Control charts: the published numbers, the constants from their definition, and the Western Electric rules."""

from __future__ import annotations

from decimal import Decimal
from math import erf, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Invalid
from hub.rules.control_charts import CONSTANTS, Capability, Limits, Signal, capability, chart_of, limits_of, signals

D3_SMALL = {2: 0.853, 3: 0.888, 4: 0.880, 5: 0.864, 6: 0.848, 7: 0.833, 8: 0.820, 9: 0.808, 10: 0.797}
"""The standard deviation of the relative range, from the same published tables."""
MILLI = Decimal("0.0001")
STANDARD = Limits(Decimal(-3), Decimal(0), Decimal(3))


@pytest.mark.parametrize("size", CONSTANTS)
def test_d2_is_the_mean_range_of_normal_values(size: int) -> None:
    """The expected range is the integral of 1 - F^n - (1 - F)^n over all x, F being the normal distribution."""
    steps = (0.5 * (1 + erf(at / 1000 / sqrt(2))) for at in range(7000))
    area = sum(1 - below**size - (1 - below) ** size for below in steps) - 0.5 * (1 - 2 * 0.5**size)
    assert float(CONSTANTS[size].d2) == pytest.approx(2 * area / 1000, abs=0.0006)


@pytest.mark.parametrize("size", CONSTANTS)
def test_the_constants_follow_from_d2_and_d3(size: int) -> None:
    at, spread = CONSTANTS[size], 3 * D3_SMALL[size] / float(CONSTANTS[size].d2)
    assert float(at.a2) == pytest.approx(3 / (float(at.d2) * sqrt(size)), abs=0.0015)
    assert float(at.d4) == pytest.approx(1 + spread, abs=0.0025)
    assert float(at.d3) == pytest.approx(max(0.0, 1 - spread), abs=0.0025)


def test_the_hard_bake_process_has_its_published_limits() -> None:
    """D. C. Montgomery, Introduction to Statistical Quality Control, 6th ed., example 6.1: 25 samples of 5 wafers."""
    mean, spread, sigma = limits_of(Decimal("1.5056"), Decimal("0.32521"), 5)
    assert [one.quantize(MILLI) for one in (mean.lower, mean.upper)] == [Decimal("1.3180"), Decimal("1.6932")]
    assert [one.quantize(MILLI) for one in (spread.lower, spread.upper)] == [Decimal("0.0000"), Decimal("0.6875")]
    assert sigma.quantize(MILLI) == Decimal("0.1398")
    found = capability(Decimal("1.5056"), sigma, Decimal("1.00"), Decimal("2.00"))
    assert found.potential is not None
    assert found.potential.quantize(Decimal("0.001")) == Decimal("1.192")


def test_a_chart_is_made_of_its_subgroups() -> None:
    groups = [[Decimal(one) for one in group] for group in ((10, 12), (11, 11), (9, 13))]
    chart = chart_of(groups)
    assert list(chart.means) == [Decimal(11)] * 3
    assert list(chart.ranges) == [Decimal(one) for one in (2, 0, 4)]
    assert [chart.mean.centre, chart.range.centre] == [Decimal(11), Decimal(2)]
    assert chart.mean.upper == 11 + Decimal("1.880") * 2
    assert chart.range.upper == Decimal("3.267") * 2
    assert chart.sigma == 2 / Decimal("1.128")


@pytest.mark.parametrize(
    ("groups", "code"), [([], "SUBGROUPS_UNEVEN"), ([[1, 2], [1]], "SUBGROUPS_UNEVEN"), ([[1]], "SUBGROUP_SIZE")]
)
def test_what_is_no_chart_is_refused(groups: list[list[int]], code: str) -> None:
    with pytest.raises(Invalid) as raised:
        chart_of([[Decimal(one) for one in group] for group in groups])
    assert raised.value.problems[0].code == code


def test_capability_takes_the_nearer_side_and_one_side_where_there_is_one() -> None:
    mean, sigma = Decimal(10), Decimal(1)
    assert capability(mean, sigma, Decimal(4), Decimal(13)) == Capability(Decimal("1.5"), Decimal(1))
    assert capability(mean, sigma, None, Decimal(16)) == Capability(None, Decimal(2))
    assert capability(mean, sigma, None, None) == Capability(None, None)
    assert capability(mean, Decimal(0), Decimal(4), Decimal(13)) == Capability(None, None)


decimals = st.integers(-10_000, 10_000).map(lambda one: Decimal(one) / 1000)


@given(decimals, st.integers(1, 9999).map(lambda one: Decimal(one) / 1000), decimals, decimals)
def test_no_process_is_more_capable_than_if_it_were_centred(
    mean: Decimal, sigma: Decimal, one: Decimal, other: Decimal
) -> None:
    lower, upper = sorted((one, other))
    found = capability(mean, sigma, lower, upper)
    assert found.actual is not None
    assert found.potential is not None
    assert found.actual <= found.potential
    assert (found.actual >= 0) == (lower <= mean <= upper) or abs(found.actual) <= Decimal("0.000001")


@given(st.lists(st.lists(decimals, min_size=4, max_size=4), min_size=2, max_size=12), decimals)
def test_a_chart_moves_with_its_values(groups: list[list[Decimal]], by: Decimal) -> None:
    here, there = chart_of(groups), chart_of([[one + by for one in group] for group in groups])
    assert there.ranges == here.ranges
    assert abs(there.mean.upper - here.mean.upper - by) < Decimal("1e-20")
    assert abs(there.sigma - here.sigma) < Decimal("1e-20")


EXAMPLES = {
    "3.1": [(1, 0)],
    "-3.1": [(1, 0)],
    "2.1 0 2.1": [(2, 2)],
    "2.1 0 -2.1": [],
    "2.1 0 0 2.1": [],
    "1.1 1.1 0.5 1.1 1.1": [(3, 4)],
    "1.1 1.1 -1.1 -1.1 1.1": [],
    "0.1 0.2 0.1 0.2 0.1 0.2 0.1 0.2": [(4, 7)],
    "0.1 0.2 0.1 0 0.1 0.2 0.1 0.2": [],
    "0 3 2 1": [],
}
"""Points in sigmas, and the rules with the places where they are broken."""


@pytest.mark.parametrize("points", EXAMPLES)
def test_the_western_electric_rules(points: str) -> None:
    found = signals([Decimal(one) for one in points.split()], STANDARD)
    assert list(found) == [Signal(*one) for one in EXAMPLES[points]]


@given(st.lists(st.integers(-35, 35).map(lambda one: Decimal(one) / 10), max_size=40))
def test_the_rules_agree_with_a_reading_zone_by_zone(points: list[Decimal]) -> None:
    found = {(one.rule, one.place) for one in signals(points, STANDARD)}
    for place in range(len(points)):
        for side in (1, -1):
            past = [side * one for one in points[: place + 1]]
            last = past[-1]
            expected = {
                1: last > 3,
                2: last > 2 and sum(one > 2 for one in past[-3:]) >= 2,
                3: last > 1 and sum(one > 1 for one in past[-5:]) >= 4,
                4: len(past) >= 8 and min(past[-8:]) > 0,
            }
            if last > 0:
                assert {rule for rule, is_broken in expected.items() if is_broken} == {
                    rule for rule, where in found if where == place
                }


@given(st.lists(decimals, min_size=1, max_size=30))
def test_a_mirrored_chart_breaks_the_same_rules(points: list[Decimal]) -> None:
    assert list(signals(points, STANDARD)) == list(signals([-one for one in points], STANDARD))
