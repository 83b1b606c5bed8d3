"""The three-way match: published limits, a second implementation in fractions, and what must hold of any tolerance."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.rules.matching import Kind, Limit, Line, Result, Tolerance, differences, result
from hub.rules.prices import line_amount

PIECES = st.integers(0, 40).map(Decimal)
PRICES = st.integers(0, 3000).map(lambda number: Decimal(number) / 100)
LIMITS = st.builds(
    Limit,
    st.none() | st.integers(0, 30).map(Decimal),
    st.none() | st.integers(0, 2000).map(lambda number: Decimal(number) / 100),
)
TOLERANCES = st.builds(Tolerance, LIMITS, LIMITS, LIMITS)
LINES = st.builds(Line, PIECES, PRICES, st.none() | PIECES, PRICES, PIECES, PIECES)


def kinds(line: Line, tolerance: Tolerance) -> dict[Kind, bool]:
    return {one.kind: one.tolerated for one in differences(line, tolerance)}


@pytest.mark.parametrize(
    ("expected", "limit", "passes", "fails"),
    [
        # SunSystems, "Setting up Tolerances for Purchase Invoice Matching": ranges 90-110, 90-110 and 170-230
        (100, Limit(Decimal(10)), (90, 95, 105, 110), (80, 120)),
        (200, Limit(amount=Decimal(30)), (170, 180, 220, 230), (150, 260)),
        # SAP R/3, "Tolerances" of invoice verification: 20.00 or 25 % below, 10.00 or 10 % above, whichever is narrower
        (60, Limit(Decimal(25), Decimal(20)), (45, 60), (44,)),
        (100, Limit(Decimal(25), Decimal(20)), (80,), (79, 75)),
        (60, Limit(Decimal(10), Decimal(10)), (66,), (67,)),
        (200, Limit(Decimal(10), Decimal(10)), (210,), (211, 220)),
    ],
)
def test_published_limits(expected: int, limit: Limit, passes: tuple[int, ...], fails: tuple[int, ...]) -> None:
    for found in passes:
        assert limit.allows(Decimal(expected), Decimal(found)), found
    for found in fails:
        assert not limit.allows(Decimal(expected), Decimal(found)), found


def naive(line: Line, tolerance: Tolerance) -> dict[str, bool]:
    """The same rules in fractions, one after the other."""
    if line.ordered is None:
        return {"not_ordered": False}
    told = {}
    total = Fraction(line.quantity) + Fraction(line.invoiced)
    for name, most in (("over_ordered", line.ordered), ("over_received", line.received)):
        if total > most:
            told[name] = _within(tolerance.quantity, Fraction(most), total)
    expected = Fraction(line_amount(line.quantity, line.order_price))
    found = Fraction(line_amount(line.quantity, line.unit_price))
    if found != expected:
        name, limit = ("price_above", tolerance.above) if found > expected else ("price_below", tolerance.below)
        told[name] = _within(limit, expected, found)
    return told


def _within(limit: Limit, expected: Fraction, found: Fraction) -> bool:
    off = abs(expected - found)
    if limit.amount is not None and off > limit.amount:
        return False
    return limit.percent is None or off == 0 or (expected != 0 and off / abs(expected) <= Fraction(limit.percent) / 100)


@settings(deadline=None)
@given(LINES, TOLERANCES)
def test_it_is_what_fractions_give(line: Line, tolerance: Tolerance) -> None:
    assert {kind.value: tolerated for kind, tolerated in kinds(line, tolerance).items()} == naive(line, tolerance)


@settings(deadline=None)
@given(PIECES, PRICES, PIECES, TOLERANCES)
def test_what_is_as_ordered_and_came_matches_whatever_the_tolerance(
    quantity: Decimal, price: Decimal, before: Decimal, tolerance: Tolerance
) -> None:
    line = Line(quantity, price, quantity + before, price, quantity + before, before)
    assert result(differences(line, tolerance)) is Result.MATCHED


@settings(deadline=None)
@given(LINES, TOLERANCES, st.integers(0, 20).map(Decimal))
def test_a_wider_tolerance_lets_no_less_pass(line: Line, tolerance: Tolerance, more: Decimal) -> None:
    def wider(limit: Limit) -> Limit:
        return Limit(*(None if one is None else one + more for one in (limit.percent, limit.amount)))

    wide = replace(tolerance, **{name: wider(getattr(tolerance, name)) for name in ("quantity", "above", "below")})
    narrow, after = kinds(line, tolerance), kinds(line, wide)
    assert narrow.keys() == after.keys()
    assert all(after[kind] or not tolerated for kind, tolerated in narrow.items())


@settings(deadline=None)
@given(LINES, PIECES)
def test_what_passes_line_by_line_without_tolerance_is_never_more_than_came(line: Line, ordered: Decimal) -> None:
    """Invoiced in any number of parts, the parts that pass stay within order and receipt."""
    strict, invoiced = Tolerance(), Decimal(0)
    for _ in range(5):
        part = replace(line, ordered=ordered, invoiced=invoiced, order_price=line.unit_price)
        if result(differences(part, strict)) is not Result.DIFFERENT:
            invoiced += part.quantity
    assert invoiced <= min(ordered, line.received) or not invoiced


def test_worst_counts() -> None:
    line = Line(Decimal(5), Decimal(11), Decimal(4), Decimal(10), Decimal(5))
    tolerant = Tolerance(quantity=Limit(Decimal(25)), above=Limit(Decimal(10)))
    assert result(differences(line, tolerant)) is Result.WITHIN_TOLERANCE
    assert result(differences(line, replace(tolerant, above=Limit(Decimal(9))))) is Result.DIFFERENT
    assert result(differences(replace(line, ordered=None), tolerant)) is Result.DIFFERENT
    cheap = replace(line, unit_price=Decimal(9), ordered=Decimal(5))
    assert [(one.kind, one.tolerated) for one in differences(cheap, Tolerance())] == [(Kind.PRICE_BELOW, True)]
