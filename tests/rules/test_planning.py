"""Requirements planning: a textbook's figures, a naive day-by-day record, and what must hold for any plan."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import Invalid
from hub.rules.bom import Component, Structure, Structures
from hub.rules.calendars import Calendar
from hub.rules.lots import LotRule
from hub.rules.planning import (
    SAFETY,
    STOCK,
    Demand,
    Material,
    Plan,
    Supply,
    left_of_forecast,
    planned,
)

TODAY = date(2026, 5, 4)
EVERY_DAY = Calendar(weekdays=frozenset(range(1, 8)))
D = Decimal


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def made_of(parts: dict[str, list[Component[str]]]) -> Structures[str]:
    return Structures([Structure(item, "A", tuple(components)) for item, components in parts.items()], TODAY)


def test_the_speaker_kits_of_heizer_and_render() -> None:
    """J. Heizer, B. Render, C. Munson, Operations Management, chapter 14, examples 1 to 4; a week is a day here."""
    lead = {"A": 1, "B": 2, "C": 1, "D": 1, "E": 2, "F": 3, "G": 2}
    on_hand = {"A": 10, "B": 15, "C": 20, "D": 10, "E": 10, "F": 5, "G": 0}
    parts = {
        "A": [Component("B", D(2)), Component("C", D(3))],
        "B": [Component("D", D(2)), Component("E", D(2))],
        "C": [Component("E", D(2)), Component("F", D(2))],
        "F": [Component("G", D(1)), Component("D", D(2))],
    }
    items = [Material(one, one in parts, lead[one], D(on_hand[one])) for one in lead]
    plan = planned(items, [Demand("order", "A", D(50), day(8))], [], made_of(parts), EVERY_DAY, TODAY)
    found = {
        (one.item, (one.start - TODAY).days, (one.finish - TODAY).days, int(one.quantity)) for one in plan.proposals
    }
    assert found == {
        ("A", 7, 8, 40),
        ("B", 5, 7, 65),
        ("C", 6, 7, 100),
        ("E", 3, 5, 120),
        ("E", 4, 6, 200),
        ("F", 3, 6, 195),
        ("D", 2, 3, 380),
        ("D", 4, 5, 130),
        ("G", 1, 3, 195),
    }
    assert plan.expected == {"order": day(8)}
    assert {peg.origin for peg in plan.pegs} == {"order"}


ITEMS = ("a", "b", "c", "d", "e")
QUANTITY = st.integers(1, 400).map(lambda value: D(value) / 4)
RULES = st.builds(
    LotRule,
    st.sampled_from([D(0), D(20)]),
    st.sampled_from([D(0), D(6), D("2.5")]),
    st.sampled_from([D(0), D(40)]),
    st.integers(1, 6),
)
SCRAP = st.sampled_from([D(0), D(3)])
PERS = st.sampled_from([D(1), D(2), D("0.3333"), D("1.05")])


@st.composite
def worlds(draw: Any, rules: Any = RULES, supplied: bool = True, soonest: int = 0) -> dict[str, Any]:
    """Five items of which each may go into those before it, with demands and open supplies."""
    lead = st.integers(0, 5)
    items = [
        Material(
            key,
            level < 4 and draw(st.booleans()),
            draw(lead),
            D(draw(st.integers(0, 60))),
            D(draw(st.sampled_from([0, 0, 15]))),
            draw(rules),
        )
        for level, key in enumerate(ITEMS)
    ]
    parts = {
        one.key: [Component(below, draw(PERS), draw(SCRAP)) for below in ITEMS[level + 1 :] if draw(st.booleans())]
        for level, one in enumerate(items)
        if one.is_made
    }
    some = st.tuples(st.sampled_from(ITEMS), QUANTITY, st.integers(soonest, soonest + 30))
    demands = [
        Demand(f"D{n}", item, much, day(at)) for n, (item, much, at) in enumerate(draw(st.lists(some, max_size=6)))
    ]
    more = draw(st.lists(some, max_size=4)) if supplied else []
    supplies = [Supply(f"S{n}", item, much, day(at)) for n, (item, much, at) in enumerate(more)]
    return {"materials": items, "demands": demands, "supplies": supplies, "structures": made_of(parts)}


def parts_of(world: dict[str, Any], item: str, quantity: Decimal) -> list[tuple[str, Decimal]]:
    """What a lot of an item needs: quantity times per times loss, half up to four decimals, written out anew."""
    made = world["structures"].of(item)
    if made is None or item not in {one.key for one in world["materials"] if one.is_made}:
        return []
    each = [(one.item, quantity * one.quantity * (1 + one.scrap_rate / 100)) for one in made.components]
    return [(item, exact.quantize(D("0.0001"), ROUND_HALF_UP)) for item, exact in each]


def run(world: dict[str, Any], calendar: Calendar = EVERY_DAY) -> Plan:
    return planned(**world, calendar=calendar, today=TODAY)


@settings(deadline=None, max_examples=150)
@given(worlds())
def test_every_quantity_is_pegged_and_none_twice(world: dict[str, Any]) -> None:
    plan = run(world)
    direct: dict[str, Decimal] = defaultdict(Decimal)
    given_: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    used: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for peg in plan.pegs:
        given_[peg.source, peg.item] += peg.quantity
        if peg.parent is None:
            direct[peg.origin] += peg.quantity
        else:
            used[peg.parent, peg.item] += peg.quantity
    for demand in world["demands"]:
        assert direct[demand.key] == demand.quantity
    for one in plan.proposals:
        assert given_[one.key, one.item] == one.quantity
        for part, much in parts_of(world, one.item, one.quantity):
            assert used[one.key, part] == much
    for item in world["materials"]:
        assert given_[STOCK, item.key] <= item.on_hand
        assert not item.safety_stock or direct[SAFETY] >= item.safety_stock
    unused = {one.supply: one.quantity for one in plan.messages if one.kind == "surplus"}
    for supply in world["supplies"]:
        assert given_[supply.key, supply.item] + unused.get(supply.key, 0) == supply.quantity


@settings(deadline=None, max_examples=150)
@given(worlds())
def test_lots_and_days_keep_their_rules(world: dict[str, Any]) -> None:
    of = {one.key: one for one in world["materials"]}
    plan = run(world)
    kinds = {one.source: one for one in plan.pegs}
    for one in plan.proposals:
        rule, lead = of[one.item].lot, timedelta(days=of[one.item].lead_time_days)
        assert one.quantity >= rule.minimum
        assert not rule.maximum or one.quantity <= rule.maximum
        assert not rule.multiple or one.quantity % rule.multiple == 0
        assert one.start >= TODAY
        assert one.finish == one.start + lead
        assert one.finish == max(one.needed, TODAY + lead)
        assert one.expected >= one.finish
        assert (one.waits_for is None) or one.waits_for in {
            kinds[peg.source].item for peg in plan.pegs if peg.parent == one.key
        }


@settings(deadline=None, max_examples=60)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(world: dict[str, Any], dice: random.Random) -> None:
    mixed = {name: list(value) if isinstance(value, list) else value for name, value in world.items()}
    for name in ("materials", "demands", "supplies"):
        dice.shuffle(mixed[name])
    assert run(mixed) == run(world)


@settings(deadline=None, max_examples=100)
@given(worlds(soonest=40))
def test_a_plan_that_is_carried_out_needs_no_second_one(world: dict[str, Any]) -> None:
    """Proposals become open supplies, their materials demands: planning again proposes nothing more."""
    plan = run(world)
    ordered = [Supply(one.key, one.item, one.quantity, one.finish) for one in plan.proposals]
    wanted = [
        Demand(f"{one.key}-{part}", part, much, one.start)
        for one in plan.proposals
        for part, much in parts_of(world, one.item, one.quantity)
    ]
    again = run({**world, "demands": world["demands"] + wanted, "supplies": world["supplies"] + ordered})
    assert again.proposals == ()


def _record(item: Material, needs: dict[int, Decimal]) -> dict[int, Decimal]:
    """The classical record of lot-for-lot netting, day by day: planned receipts."""
    projected, receipts = item.on_hand, {}
    for number in range(80):
        projected -= needs.get(number, D(0))
        if projected < item.safety_stock:
            receipts[number] = item.safety_stock - projected
            projected = item.safety_stock
    return receipts


@settings(deadline=None, max_examples=150)
@given(worlds(rules=st.just(LotRule()), supplied=False, soonest=30))
def test_netting_agrees_with_the_classical_record(world: dict[str, Any]) -> None:
    plan = run(world)
    needs: dict[str, dict[int, Decimal]] = {key: defaultdict(Decimal) for key in ITEMS}
    for one in world["demands"]:
        needs[one.item][(one.day - TODAY).days] += one.quantity
    for item in world["materials"]:
        receipts = _record(item, needs[item.key])
        late = max(item.lead_time_days, 0)
        expected: dict[int, Decimal] = defaultdict(Decimal)
        for number, quantity in receipts.items():
            expected[max(number, late)] += quantity
            for part, much in parts_of(world, item.key, quantity):
                begin = max(number - item.lead_time_days, 0)
                needs[part][begin] += much
        found: dict[int, Decimal] = defaultdict(Decimal)
        for proposal in plan.proposals:
            if proposal.item == item.key:
                found[(proposal.finish - TODAY).days] += proposal.quantity
        assert found == expected


def test_a_late_component_makes_its_product_late_and_says_so() -> None:
    items = [Material("product", True, 2), Material("resin", False, 10)]
    parts = {"product": [Component("resin", D("0.25"))]}
    demand = Demand("SO-1/1", "product", D(100), day(5))
    plan = planned(items, [demand], [], made_of(parts), EVERY_DAY, TODAY)
    product, resin = plan.proposals
    assert (product.start, product.finish, product.expected) == (day(3), day(5), day(12))
    assert product.waits_for == "resin"
    assert (resin.quantity, resin.needed, resin.expected) == (D(25), day(3), day(10))
    assert plan.expected == {"SO-1/1": day(12)}


def test_a_supply_under_way_is_hurried_before_another_is_bought() -> None:
    resin = Material("resin", False, 10)
    on_the_way = Supply("PO-1/1", "resin", D(100), day(8))
    plan = planned([resin], [Demand("D", "resin", D(60), day(3))], [on_the_way], made_of({}), EVERY_DAY, TODAY)
    assert plan.proposals == ()
    assert [(one.kind, one.quantity, one.to) for one in plan.messages] == [
        ("expedite", D(60), day(3)),
        ("surplus", D(40), None),
    ]
    later = Supply("PO-1/1", "resin", D(100), day(25))
    plan = planned([resin], [Demand("D", "resin", D(60), day(3))], [later], made_of({}), EVERY_DAY, TODAY)
    assert [(one.quantity, one.finish) for one in plan.proposals] == [(D(60), day(10))]


def test_a_run_of_several_orders_is_one_lot_with_their_pegs() -> None:
    cup = Material("cup", True, 1, lot=LotRule(multiple=D(500), period_days=7))
    orders = [
        Demand("A", "cup", D(300), day(10)),
        Demand("B", "cup", D(400), day(12)),
        Demand("C", "cup", D(300), day(20)),
    ]
    plan = planned([cup], orders, [], made_of({}), EVERY_DAY, TODAY)
    assert [(one.quantity, one.finish) for one in plan.proposals] == [(D(1000), day(10))]
    assert [(peg.origin, peg.quantity) for peg in plan.pegs] == [("A", D(300)), ("B", D(400)), ("C", D(300))]


def test_orders_use_up_the_forecast_of_their_month() -> None:
    june = date(2026, 6, 1)
    forecast = [Demand("F", "cup", D(1000), june), Demand("G", "cup", D(500), date(2026, 7, 1))]
    orders = [Demand("A", "cup", D(300), date(2026, 6, 20)), Demand("B", "cup", D(800), date(2026, 7, 3))]
    assert left_of_forecast(forecast, orders) == [Demand("F", "cup", D(700), june)]


def test_what_cannot_be_planned_is_told_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        planned(
            [Material("a", True)],
            [Demand("D", "x", D(1), day(1))],
            [],
            made_of({"a": [Component("y", D(1))]}),
            EVERY_DAY,
            TODAY,
        )
    assert [one.code for one in caught.value.problems] == ["ITEM_NOT_PLANNED", "ITEM_NOT_PLANNED"]
    with pytest.raises(Invalid, match="LOT_RULE_CONTRADICTS"):
        LotRule(minimum=D(90), multiple=D(40), maximum=D(100))


@given(RULES, QUANTITY)
def test_lots_hold_the_quantity_and_no_lot_is_superfluous(rule: LotRule, quantity: Decimal) -> None:
    lots = rule.lots(quantity)
    assert sum(lots) >= quantity
    assert sum(lots[:-1]) < quantity
    assert lots == sorted(lots, reverse=True)
