"""Bills of material: a textbook's product, random structures against a naive reckoning, loops, versions by day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Refused
from hub.rules.bom import Component, Structure, Structures, loop, rounded

DAY = date(2026, 5, 4)
Made = Structure[str]


def made(item: str, version: str = "A", **parts: int | str) -> Made:
    """A list without loss; the names of the parts are its items."""
    return Structure(item, version, tuple(Component(name, Decimal(count)) for name, count in parts.items()))


@st.composite
def products(draw: st.DrawFn) -> list[Made]:
    """Lists over items 0…7 without loops: each is made of later ones, some twice, with loss and base quantities."""
    found = []
    for item in range(draw(st.integers(1, 7))):
        part = st.builds(
            Component,
            st.integers(item + 1, 8).map(str),
            st.integers(1, 50).map(lambda thousandths: Decimal(thousandths) / 1000),
            st.integers(0, 12).map(Decimal),
        )
        parts = tuple(draw(st.lists(part, max_size=4)))
        found.append(Structure(str(item), "A", parts, draw(st.sampled_from([Decimal(1), Decimal(3), Decimal(100)]))))
    return draw(st.permutations(found))


def naive_content(lists: list[Made], item: str, quantity: Fraction) -> dict[str, Fraction]:
    """Everything below a quantity of an item, by walking the tree."""
    found: dict[str, Fraction] = {}
    for one in lists:
        for part in one.components if one.item == item else ():
            exact = quantity * Fraction(part.quantity) * (1 + Fraction(part.scrap_rate) / 100)
            exact /= Fraction(one.base_quantity)
            for below, more in (*naive_content(lists, part.item, exact).items(), (part.item, exact)):
                found[below] = found.get(below, Fraction(0)) + more
    return found


def test_the_speaker_kits_of_the_textbook() -> None:
    """Heizer & Render, Operations Management, MRP chapter, "Speaker Kits, Inc.": 50 "Awesome" need these parts."""
    lists = [
        made("A", B=2, C=3),
        made("B", D=2, E=2),
        made("C", E=2, F=2),
        made("F", D=2, G=1),
    ]
    kits = Structures(lists, DAY)
    wanted = {"B": 100, "C": 150, "D": 800, "E": 500, "F": 300, "G": 300}
    assert kits.totals({"A": Decimal(50)}) == wanted
    assert kits.low_level_codes() == {"A": 0, "B": 1, "C": 1, "E": 2, "F": 2, "D": 3, "G": 3}
    tree = [(node.level, node.item, int(node.quantity)) for node in kits.explode("A", Decimal(50))]
    assert tree == [
        (0, "A", 50),
        *[(1, "B", 100), (2, "D", 200), (2, "E", 200)],
        *[(1, "C", 150), (2, "E", 300), (2, "F", 300), (3, "D", 600), (3, "G", 300)],
    ]
    assert [(node.item, node.level) for node in kits.explode("A", Decimal(1), levels=1)] == [
        ("A", 0),
        ("B", 1),
        ("C", 1),
    ]
    uses = {(use.parent, int(use.quantity), use.level, use.direct) for use in kits.where_used("D")}
    assert uses == {("B", 2, 1, True), ("F", 2, 1, True), ("C", 4, 2, False), ("A", 16, 3, False)}


@given(products(), st.integers(1, 10_000).map(Decimal))
def test_totals_are_what_the_tree_holds(lists: list[Made], quantity: Decimal) -> None:
    naive = naive_content(lists, "0", Fraction(quantity))
    assert Structures(lists, DAY).totals({"0": quantity}) == {item: rounded(exact) for item, exact in naive.items()}


@given(products(), st.lists(st.integers(1, 500).map(Decimal), min_size=1, max_size=4))
def test_the_tree_names_each_place_once_and_adds_up(lists: list[Made], quantities: list[Decimal]) -> None:
    """Every place hangs below its parent; the places of an item add up to its total, but for rounding."""
    known, quantity = Structures(lists, DAY), sum(quantities, Decimal(0))
    tree = list(known.explode("0", quantity))
    paths = {node.path for node in tree}
    assert all(node.path[:-1] in paths for node in tree[1:])
    places: dict[str, list[Decimal]] = {}
    for node in tree[1:]:
        places.setdefault(node.item, []).append(node.quantity)
    for item, total in known.totals({"0": quantity}).items():
        assert abs(sum(places[item]) - total) <= Decimal("0.00005") * (len(places[item]) + 1)


@given(products(), st.integers(1, 50), st.integers(1, 50))
def test_demands_add_up(lists: list[Made], one: int, other: int) -> None:
    """Two demands together need what they need apart (but for the rounding of each), and more is never less."""
    known = Structures(lists, DAY)
    apart = [known.totals({"0": Decimal(one)}), known.totals({"1": Decimal(other)})]
    both = known.totals({"0": Decimal(one), "1": Decimal(other)})
    assert set(both) == set(apart[0]) | set(apart[1])
    for item, needed in both.items():
        parts = [part.get(item, Decimal(0)) for part in apart]
        assert abs(needed - sum(parts)) <= Decimal("0.0001")
        assert needed >= max(parts)


@given(products())
def test_where_used_mirrors_the_explosion(lists: list[Made]) -> None:
    known = Structures(lists, DAY)
    for item in map(str, range(9)):
        uses = {use.parent: use.quantity for use in known.where_used(item)}
        content = {top: known.totals({top: Decimal(1)}).get(item) for top in map(str, range(9))}
        assert uses == {top: needed for top, needed in content.items() if needed is not None}
        for use in known.where_used(item):
            names = [part.item for one in lists if one.item == use.parent for part in one.components]
            assert use.direct == (item in names)


@given(products())
def test_low_level_codes_are_the_deepest_places(lists: list[Made]) -> None:
    known = Structures(lists, DAY)
    codes = known.low_level_codes()
    deepest: dict[str, int] = {}
    for top in [item for item, code in codes.items() if code == 0]:
        for node in known.explode(top, Decimal(1)):
            deepest[node.item] = max(deepest.get(node.item, 0), node.level)
    assert codes == deepest
    assert codes == Structures(list(reversed(lists)), DAY).low_level_codes()


@given(products(), st.integers(0, 8), st.integers(0, 8))
def test_a_part_closes_a_loop_exactly_when_it_contains_the_whole(lists: list[Made], above: int, below: int) -> None:
    """Putting `above` into `below` is refused when `below` goes into `above`, and the loop named is one."""
    known = Structures(lists, DAY)
    closes = above == below or str(above) in {use.parent for use in known.where_used(str(below))}
    former = known.of(str(below))
    parts = (former.components if former else ()) + (Component(str(above), Decimal(1)),)
    changed = [one for one in lists if one.item != str(below)] + [Structure(str(below), "B", parts)]
    found = loop(changed)
    assert bool(found) == closes
    if found:
        contains = {(one.item, part.item) for one in changed for part in one.components}
        assert found[0] == found[-1]
        assert len(set(found)) == len(found) - 1
        assert all(step in contains for step in pairwise(found))
        with pytest.raises(Refused) as refused:
            Structures(changed, DAY, {item: f"料{item}" for item in map(str, range(9))})
        assert refused.value.problems[0].code == "BOM_LOOP"
        assert "物料清单成环：料" in str(refused.value)


def test_the_version_of_the_day_counts() -> None:
    """Each day has one list: the latest of those that are valid; a change of version breaks or makes a loop by day."""
    change = DAY + timedelta(days=7)
    first = Structure("A", "A", (Component("B", Decimal(1)),), valid_until=change)
    second = Structure("A", "B", (Component("C", Decimal(2)),), valid_from=change)
    third = Structure("A", "AA", (Component("C", Decimal(3)),), valid_from=change)
    back = Structure("C", "A", (Component("A", Decimal(1)),), valid_until=change)
    for lists in ([first, second, third, back], [back, third, second, first]):
        assert Structures(lists, DAY).totals({"A": Decimal(1)}) == {"B": 1}
        assert Structures(lists, DAY).of("C") == back
        assert Structures(lists, change).totals({"A": Decimal(1)}) == {"C": 3}
    with pytest.raises(Refused, match="C → A → C"):
        Structures([back, Structure("A", "B", (Component("C", Decimal(2)),))], DAY)


def test_loss_counts_on_every_level() -> None:
    """2 % lost above and 10 % below: 1,000 pieces take 1,000 · 1.02 · 0.05 · 1.1 of the material."""
    lists = [
        Structure("cover", "A", (Component("blank", Decimal(1), Decimal(2), 20),)),
        Structure("blank", "A", (Component("PP", Decimal(5), Decimal(10), 10),), base_quantity=Decimal(100)),
    ]
    known = Structures(lists, DAY)
    assert known.totals({"cover": Decimal(1000)}) == {"blank": 1020, "PP": Decimal("56.1")}
    assert [(node.item, node.operation, node.version) for node in known.explode("cover", Decimal(1))] == [
        ("cover", None, "A"),
        ("blank", 20, "A"),
        ("PP", 10, None),
    ]


def test_deep_structures_do_not_exhaust_the_stack() -> None:
    chain = [Structure(level, "A", (Component(level + 1, Decimal(1)),)) for level in range(5000)]
    known = Structures(chain, DAY)
    assert known.low_level_codes()[5000] == 5000
    assert known.totals({0: Decimal(2)})[5000] == 2
    with pytest.raises(Refused):
        Structures([*chain, Structure(5000, "A", (Component(0, Decimal(1)),))], DAY)


def test_shared_parts_are_read_once() -> None:
    """Sixty levels of two parts that share their parts: 2⁶⁰ places in the tree, 122 lines to read."""
    lists = [
        Structure(f"{side}{level}", "A", tuple(Component(f"{part}{level + 1}", Decimal(1)) for part in "ab"))
        for level in range(60)
        for side in "ab"
    ]
    known = Structures(lists, DAY)
    assert known.totals({"a0": Decimal(1)})["b60"] == 2**59
    assert {use.parent: use.quantity for use in known.where_used("b60")}["b0"] == 2**59
