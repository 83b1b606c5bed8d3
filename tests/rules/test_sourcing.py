"""What to buy of whom: nothing needed is lost, lots are kept, and no other split is cheaper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise, product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.rules.sourcing import Judgement, Need, Offer, Sourcing, consolidate, source, split

TODAY = date(2026, 5, 1)
SUPPLIERS = ("甲", "乙", "丙", "丁")
PIECES = st.integers(1, 60).map(Decimal)
PRICES = st.integers(1, 40).map(lambda number: Decimal(number) / 4)


@st.composite
def offers(draw: st.DrawFn, most: int = 4, lots: int = 3, days: int = 12) -> list[Offer]:
    told = []
    for supplier in SUPPLIERS[: draw(st.integers(0, most))]:
        price = draw(PRICES)
        breaks = [(Decimal(0), price)]
        if draw(st.booleans()):
            breaks.append(
                (Decimal(draw(st.integers(1, 12))), price * draw(st.sampled_from((Decimal("0.5"), Decimal(1)))))
            )
        minimum = Decimal(draw(st.integers(0, 6)))
        capacity = draw(st.none() | st.integers(0, 12).map(Decimal))
        told.append(
            Offer(
                supplier,
                tuple(breaks),
                draw(st.integers(0, days)),
                Decimal(draw(st.integers(50, 100))),
                minimum,
                Decimal(draw(st.integers(1, lots))),
                capacity,
            )
        )
    return told


@st.composite
def needs(draw: st.DrawFn, most: int = 5, quantities: st.SearchStrategy[Decimal] = PIECES) -> list[Need[int]]:
    rows = draw(st.lists(st.tuples(st.sampled_from("ab"), quantities, st.integers(0, 20)), max_size=most))
    return [Need(at, item, quantity, TODAY + timedelta(days=days)) for at, (item, quantity, days) in enumerate(rows)]


@settings(deadline=None)
@given(needs(most=10), st.integers(0, 10))
def test_consolidation_keeps_every_need_once_and_its_window(given: list[Need[int]], window: int) -> None:
    batches = consolidate(given, window)
    assert sorted(need.key for batch in batches for need in batch) == [need.key for need in given]
    for batch in batches:
        days = [need.needed_date for need in batch]
        assert len({need.item for need in batch}) == 1
        assert days == sorted(days)
        assert (days[-1] - days[0]).days <= window
    assert consolidate([need for batch in batches for need in batch], window) == batches
    for one, other in pairwise(batches):  # as few batches as the window allows
        if one[0].item == other[0].item:
            assert (other[0].needed_date - one[0].needed_date).days > window


@settings(deadline=None)
@given(needs(), offers(), offers(), st.randoms())
def test_nothing_is_lost_and_every_order_is_one_that_the_supplier_takes(
    given: list[Need[int]], of_a: list[Offer], of_b: list[Offer], random: Random
) -> None:
    told: Sourcing[int] = source(given, {"a": of_a, "b": of_b}, TODAY)
    covered = {need.key: Decimal(0) for need in given}
    for purchase in told.purchases:
        offer = purchase.offer
        assert purchase.quantity >= offer.minimum
        assert purchase.quantity % offer.multiple == 0
        assert offer.capacity is None or purchase.quantity <= offer.capacity
        assert purchase.unit_price == offer.unit_price(purchase.quantity)
        assert sum((share.quantity for share in purchase.serves), Decimal(0)) <= purchase.quantity
        for share in purchase.serves:
            covered[share.need.key] += share.quantity
    for short in told.short:
        covered[short.need.key] += short.quantity
    assert covered == {need.key: need.quantity for need in given}
    shuffled, others = list(given), list(of_a)
    random.shuffle(shuffled)
    random.shuffle(others)
    assert source(shuffled, {"a": others, "b": of_b}, TODAY) == told


def naive(batch: list[Need[int]], given: list[Offer], judgement: Judgement) -> tuple[Decimal, Decimal]:
    """Every order of up to twice the wanted pieces, of every supplier: the least left open, and at what cost."""
    days = sorted(need.needed_date for need in batch for _ in range(int(need.quantity)))
    best = Decimal(len(days)), Decimal(0)
    for quantities in product(range(2 * len(days) + 13), repeat=len(given)):
        orders = [(one, Decimal(pieces)) for one, pieces in zip(given, quantities, strict=True) if pieces]
        if any(
            pieces < one.minimum or pieces % one.multiple or pieces > (one.capacity or pieces) for one, pieces in orders
        ) or any(one.capacity == 0 for one, _ in orders):
            continue
        judged = Decimal(max(len(days) - sum(quantities), 0)), _cost(days, orders, judgement)
        best = min(best, judged)
    return best


def _cost(days: list[date], orders: list[tuple[Offer, Decimal]], judgement: Judgement) -> Decimal:
    """What orders are worth, piece by piece: the first to come is for the first that is needed."""
    cost = judgement.per_order * len(orders)
    for one, pieces in orders:
        cost += pieces * one.unit_price(pieces) * (1 + judgement.per_point * (100 - one.score))
    by_arrival = sorted(orders, key=lambda order: (order[0].lead_time_days, order[0].supplier))
    coming = [order for order in by_arrival for _ in range(int(order[1]))]
    for needed, (one, pieces) in zip(days, coming, strict=False):
        late = (TODAY + timedelta(days=one.lead_time_days) - needed).days
        cost += one.unit_price(pieces) * judgement.per_day_late * max(late, 0)
    return cost


@settings(deadline=None, derandomize=True, max_examples=200)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 8)), min_size=1, max_size=3),
    offers(most=2, lots=3),
    st.sampled_from((0, 5)),
)
def test_no_other_split_over_two_is_better(rows: list[tuple[int, int]], given: list[Offer], per_order: int) -> None:
    _best(rows, given, Judgement(per_order=Decimal(per_order)))


@settings(deadline=None, derandomize=True)
@given(st.integers(1, 5), offers(most=3, lots=1, days=0))
def test_no_other_split_over_three_is_better(wanted: int, given: list[Offer]) -> None:
    _best([(wanted, 0)], given, Judgement())


def _best(rows: list[tuple[int, int]], given: list[Offer], judgement: Judgement) -> None:
    batch = [Need(at, "a", Decimal(pieces), TODAY + timedelta(days=days)) for at, (pieces, days) in enumerate(rows)]
    told = split(batch, given, TODAY, judgement)
    days = sorted(need.needed_date for need in batch for _ in range(int(need.quantity)))
    left = max(len(days) - sum((quantity for _, quantity in told), Decimal(0)), Decimal(0))
    assert (left, _cost(days, told, judgement)) == naive(batch, given, judgement)


def offer(supplier: str, price: str, **more: object) -> Offer:
    return replace(Offer(supplier, ((Decimal(0), Decimal(price)),)), **more)  # type: ignore[arg-type]  # any field


def bought(batch: list[Need[int]], given: list[Offer], **rules: Decimal) -> dict[str, int]:
    return {one.supplier: int(quantity) for one, quantity in split(batch, given, TODAY, Judgement(**rules))}  # type: ignore[arg-type]


def test_what_is_urgent_comes_from_the_fast_and_the_rest_from_the_cheap() -> None:
    batch = [
        Need(1, "a", Decimal(100), TODAY + timedelta(days=3)),
        Need(2, "a", Decimal(900), TODAY + timedelta(days=9)),
    ]
    given = [offer("cheap", "1.00", lead_time_days=8), offer("fast", "1.04", lead_time_days=2)]
    assert bought(batch, given) == {"fast": 100, "cheap": 900}
    assert bought(batch, given, per_day_late=Decimal(0)) == {"cheap": 1000}
    assert bought(batch, given, per_order=Decimal(5)) == {"cheap": 1000}


def test_price_score_and_lots_decide() -> None:
    batch = [Need(1, "a", Decimal(25), TODAY + timedelta(days=30))]
    assert bought(batch, [offer("one", "1.00", score=Decimal(60)), offer("two", "1.05")]) == {"two": 25}
    assert bought(batch, [offer("one", "1.00", score=Decimal(90)), offer("two", "1.05")]) == {"one": 25}
    lots = [offer("lots", "1.00", multiple=Decimal(20)), offer("pieces", "1.50")]
    assert bought(batch, lots) == {"lots": 20, "pieces": 5}
    assert bought(batch, [offer("big", "1.00", minimum=Decimal(60)), offer("small", "2.00")]) == {"small": 25}
    scarce = [offer("scarce", "1.00", capacity=Decimal(10)), offer("other", "1.10", capacity=Decimal(10))]
    told = source(batch, {"a": scarce}, TODAY)
    assert [(one.offer.supplier, int(one.quantity)) for one in told.purchases] == [("other", 10), ("scarce", 10)]
    assert [(one.need.key, int(one.quantity)) for one in told.short] == [(1, 5)]
    assert [(one.need.key, int(one.quantity)) for one in source(batch, {}, TODAY).short] == [(1, 25)]


def test_what_a_minimum_lot_makes_too_much_serves_later_needs() -> None:
    weekly = [Need(week, "a", Decimal(10), TODAY + timedelta(days=10 * week)) for week in range(1, 7)]
    told = source(weekly, {"a": [offer("big", "1.00", minimum=Decimal(45))]}, TODAY)
    assert [(int(one.quantity), [share.need.key for share in one.serves]) for one in told.purchases] == [
        (45, [1, 2, 3, 4, 5]),
        (45, [5, 6]),
    ]
    assert [int(one.left) for one in told.purchases] == [0, 30]
