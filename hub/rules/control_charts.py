"""Statistical process control: X̄ and R charts, process capability, and the Western Electric rules.

Constants d2, A2, D3 and D4 have the three decimals of the published tables (GB/T 17989.2 / ISO 7870-2, ASTM E2587).
Everything is decimal arithmetic, so that a chart is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from hub.errors import Invalid, problem

_D2 = "1.128 1.693 2.059 2.326 2.534 2.704 2.847 2.970 3.078"
_A2 = "1.880 1.023 0.729 0.577 0.483 0.419 0.373 0.337 0.308"
_D3 = "0 0 0 0 0 0.076 0.136 0.184 0.223"
_D4 = "3.267 2.574 2.282 2.114 2.004 1.924 1.864 1.816 1.777"
_MICRO = Decimal("0.000001")


@dataclass(frozen=True)
class Constants:
    """What a subgroup's size decides: d2 turns a mean range into sigma, A2, D3 and D4 into limits."""

    d2: Decimal
    a2: Decimal
    d3: Decimal
    d4: Decimal


CONSTANTS = {
    size: Constants(*(Decimal(column.split()[size - 2]) for column in (_D2, _A2, _D3, _D4))) for size in range(2, 11)
}
"""By size of the subgroup, 2 to 10."""


@dataclass(frozen=True)
class Limits:
    """A chart's centre line and its control limits, three sigma away."""

    lower: Decimal
    centre: Decimal
    upper: Decimal

    @property
    def sigma(self) -> Decimal:
        """One sigma of what is plotted: a third of the way from the centre to the upper limit."""
        return (self.upper - self.centre) / 3


@dataclass(frozen=True)
class Chart:
    """An X̄-R chart: means and ranges of the subgroups, the limits of both, and sigma of single values (R̄ / d2)."""

    means: tuple[Decimal, ...]
    ranges: tuple[Decimal, ...]
    mean: Limits
    range: Limits
    sigma: Decimal


def limits_of(grand_mean: Decimal, mean_range: Decimal, size: int) -> tuple[Limits, Limits, Decimal]:
    """The limits of X̄ and of R, and sigma, from the mean of means, the mean range and the subgroups' size.

    >>> mean, spread, sigma = limits_of(Decimal("1.5056"), Decimal("0.32521"), 5)
    >>> str(mean.upper.quantize(Decimal("0.0001"))), str(spread.upper.quantize(Decimal("0.0001")))
    ('1.6932', '0.6875')

    Raises:
        Invalid: SUBGROUP_SIZE for other sizes than 2 to 10.
    """
    if size not in CONSTANTS:
        raise Invalid(
            problem(
                "SUBGROUP_SIZE",
                "子组大小应为 2 至 10。",
                "A subgroup has 2 to 10 values.",
                hint=("请按子组抽样测量。", "Measure subgroups of 2 to 10 pieces."),
            )
        )
    at = CONSTANTS[size]
    wide = at.a2 * mean_range
    means = Limits(grand_mean - wide, grand_mean, grand_mean + wide)
    return means, Limits(at.d3 * mean_range, mean_range, at.d4 * mean_range), mean_range / at.d2


def chart_of(subgroups: Sequence[Sequence[Decimal]]) -> Chart:
    """The chart of subgroups in order of time, all of the same size.

    Raises:
        Invalid: SUBGROUP_SIZE; SUBGROUPS_UNEVEN when there is none or they differ in size.
    """
    sizes = {len(group) for group in subgroups}
    if len(sizes) != 1:
        raise Invalid(
            problem(
                "SUBGROUPS_UNEVEN",
                "各子组的测量值个数必须相同，且至少有一个子组。",
                "There must be a subgroup, and all must have the same number of values.",
                hint=("请补齐测量值，或去掉不完整的子组。", "Complete the values, or leave incomplete subgroups out."),
            )
        )
    means = tuple(sum(group, Decimal(0)) / len(group) for group in subgroups)
    ranges = tuple(max(group) - min(group) for group in subgroups)
    grand, spread = sum(means, Decimal(0)) / len(means), sum(ranges, Decimal(0)) / len(ranges)
    mean, range_, sigma = limits_of(grand, spread, sizes.pop())
    return Chart(means, ranges, mean, range_, sigma)


@dataclass(frozen=True)
class Capability:
    """How well a process fits its limits, six decimals: `potential` (Cp) if it were centred, `actual` (Cpk) as it is.

    `potential` needs both limits; both are None of a process without variation.
    """

    potential: Decimal | None
    actual: Decimal | None


def capability(mean: Decimal, sigma: Decimal, lower: Decimal | None, upper: Decimal | None) -> Capability:
    """Cp and Cpk from a process's mean and sigma and its specification limits, one of which may be missing."""
    if sigma <= 0 or (lower is None and upper is None):
        return Capability(None, None)
    sides = []
    if lower is not None:
        sides.append((mean - lower) / (3 * sigma))
    if upper is not None:
        sides.append((upper - mean) / (3 * sigma))
    potential = None if lower is None or upper is None else (upper - lower) / (6 * sigma)
    return Capability(None if potential is None else rounded(potential), rounded(min(sides)))


def rounded(value: Decimal) -> Decimal:
    """Six decimals, half up, as measured values are kept."""
    return value.quantize(_MICRO, ROUND_HALF_UP)


@dataclass(frozen=True)
class Signal:
    """A rule of Western Electric broken at a point: its number 1 to 4, the point's place, from 0."""

    rule: int
    place: int


_RULES = ((1, 1, 1, 3), (2, 2, 3, 2), (3, 4, 5, 1), (4, 8, 8, 0))
"""Number, how many of how many points beyond so many sigma on one side (Western Electric, 1956)."""


def signals(points: Sequence[Decimal], limits: Limits) -> Iterator[Signal]:
    """Every Western Electric rule that a point completes, in order of points, then of rules.

    1: beyond three sigma. 2: two of three beyond two sigma on one side. 3: four of five beyond one sigma on one side.
    4: eight in a row on one side. A point completes a rule when it lies on that side itself.
    """
    above, below = limits.upper - limits.centre, limits.centre - limits.lower
    for place, point in enumerate(points):
        for rule, enough, among, sigmas in _RULES:
            window = points[max(0, place - among + 1) : place + 1]
            high, low = limits.centre + above * sigmas / 3, limits.centre - below * sigmas / 3
            over, under = sum(one > high for one in window), sum(one < low for one in window)
            if (point > high and over >= enough) or (point < low and under >= enough):
                yield Signal(rule, place)
