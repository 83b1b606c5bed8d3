"""A supplier's score: published numbers, bounds, monotony, and independence of the order of the facts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.rules import scoring
from hub.rules.scoring import GRADES, WEIGHTS, Bought, Promise

DAY = date(2026, 5, 1)
PIECES = st.integers(1, 500).map(Decimal)
PRICES = st.integers(1, 3000).map(lambda number: Decimal(number) / 100)
SCORES = st.integers(0, 10_000).map(lambda number: Decimal(number) / 100)
PROMISES = st.builds(
    Promise,
    PIECES,
    st.integers(0, 20).map(lambda days: DAY + timedelta(days=days)),
    st.none() | st.integers(0, 40).map(lambda days: DAY + timedelta(days=days)),
)
AS_OF = DAY + timedelta(days=15)


def test_a_published_weighting() -> None:
    """SAP Learning, "Evaluating suppliers": price 80 with weight 3 and delivery 90 with weight 1."""
    scores = {"price": Decimal(80), "delivery": Decimal(90)}
    assert scoring.overall(scores, {"price": Decimal(3), "delivery": Decimal(1)}) == Decimal("82.50")


@pytest.mark.parametrize(
    ("ratings", "expected"),
    [((5, 2, 3, 2), "3.90"), ((4, 5, 4, 5), "4.30"), ((3, 5, 3, 4), "3.50")],
    ids=("X", "Y", "Z"),
)
def test_a_published_comparison(ratings: tuple[int, ...], expected: str) -> None:
    """The exercise of the Jolly Company: price 60 %, quality 20 %, delivery 10 %, service 10 %; Y is chosen."""
    names = ("price", "quality", "delivery", "service")
    weights = dict(zip(names, (Decimal(60), Decimal(20), Decimal(10), Decimal(10)), strict=True))
    scores = dict(zip(names, map(Decimal, ratings), strict=True))
    assert scoring.overall(scores, weights) == Decimal(expected)


def test_a_published_price_score() -> None:
    """Oracle Procurement: relative score for pricing = maximum × lowest response amount / response amount."""
    assert scoring.lowest_is_best({"low": Decimal("8.40"), "middle": Decimal("9.00"), "high": Decimal("9.40")}) == {
        "low": Decimal(100),
        "middle": Decimal("93.33"),
        "high": Decimal("89.36"),
    }


@settings(deadline=None)
@given(st.lists(PROMISES, max_size=8), st.randoms())
def test_delivery_is_bounded_and_does_not_ask_for_the_order(promises: list[Promise], random: Random) -> None:
    told = scoring.delivery(promises, AS_OF)
    assert told is None or 0 <= told <= 100
    random.shuffle(promises)
    assert scoring.delivery(promises, AS_OF) == told


@settings(deadline=None)
@given(st.lists(PROMISES, min_size=1, max_size=6), st.integers(0, 12))
def test_later_is_never_better(promises: list[Promise], days: int) -> None:
    first = promises[0]
    if first.arrived is None:
        return
    later = Promise(first.quantity, first.promised, first.arrived + timedelta(days=days))
    before, after = (scoring.delivery([one, *promises[1:]], AS_OF) for one in (first, later))
    assert before is not None
    assert after is not None
    assert after <= before


@settings(deadline=None)
@given(st.lists(st.tuples(PIECES, st.integers(0, 15)), min_size=1, max_size=6))
def test_delivery_is_the_mean_of_pieces(rows: list[tuple[Decimal, int]]) -> None:
    """A second implementation: every piece by itself, in tenths."""
    promises = [Promise(pieces, DAY, DAY + timedelta(days=late)) for pieces, late in rows]
    pieces: list[Fraction] = []
    for quantity, late in rows:
        pieces += [Fraction(max(10 - late, 0), 10)] * int(quantity)
    told = scoring.delivery(promises, AS_OF)
    assert told is not None
    assert abs(Fraction(told) - sum(pieces, Fraction(0)) * 100 / len(pieces)) <= Fraction(1, 200)


def test_what_is_not_due_does_not_count_and_what_did_not_come_counts_in_full() -> None:
    due, coming = Promise(Decimal(1), DAY, None), Promise(Decimal(9), AS_OF + timedelta(days=1), None)
    assert scoring.delivery([coming], AS_OF) is None
    assert scoring.delivery([due, coming], AS_OF) == 0
    assert scoring.delivery([Promise(Decimal(1), DAY, DAY), due], AS_OF) == 50


@settings(deadline=None)
@given(PIECES, st.integers(0, 600).map(Decimal))
def test_quality_falls_with_what_is_rejected(received: Decimal, rejected: Decimal) -> None:
    told, worse = scoring.quality(received, rejected), scoring.quality(received, rejected + 1)
    assert told is not None
    assert worse is not None
    assert 0 <= worse <= told <= 100
    assert scoring.quality(Decimal(0), rejected) is None


@settings(deadline=None)
@given(st.lists(st.builds(Bought, PIECES, PRICES, PRICES), min_size=1, max_size=6), PRICES)
def test_price_is_bounded_and_falls_with_what_is_paid(bought: list[Bought], more: Decimal) -> None:
    dearer = [Bought(one.quantity, one.unit_price + more, one.reference_price) for one in bought]
    told, worse = scoring.price(bought), scoring.price(dearer)
    assert told is not None
    assert worse is not None
    assert 0 <= worse <= told <= 100
    assert scoring.price([Bought(one.quantity, one.unit_price, one.unit_price) for one in bought]) == 100


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(WEIGHTS)), st.none() | SCORES))
def test_the_whole_lies_between_its_parts(scores: dict[str, Decimal | None]) -> None:
    known = [score for score in scores.values() if score is not None]
    told = scoring.overall(scores)
    assert (told is None) == (not known)
    assert told is None or min(known) <= told <= max(known)


@settings(deadline=None)
@given(SCORES, st.integers(-200, 200).map(Decimal))
def test_grades_go_with_the_score(score: Decimal, adjustment: Decimal) -> None:
    names = [name for name, _ in GRADES]
    after = scoring.adjusted(score, adjustment)
    assert 0 <= after <= 100
    better = after >= score
    assert (names.index(scoring.grade(after)) <= names.index(scoring.grade(score))) or not better
    assert scoring.grade(Decimal(90)) == "A"
    assert scoring.grade(Decimal("89.99")) == "B"
    assert scoring.grade(Decimal(0)) == "D"
