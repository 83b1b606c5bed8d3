"""Genealogy: a walk back and one forward see the same graph, end in loops, and forget what was taken back."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.genealogy import Edge, Reached, backward, forward, roots

graphs = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(-2, 3)).map(
        lambda one: Edge(one[0], one[1], Decimal(one[2]))
    ),
    max_size=20,
)
ONE = Decimal(1)
LAMP = [
    Edge("resin-1", "housing-1", Decimal(50)),
    Edge("resin-2", "housing-1", Decimal(20)),
    Edge("housing-1", "lamp-1", Decimal(100)),
    Edge("bulb-1", "lamp-1", Decimal(100)),
    Edge("housing-1", "lamp-2", Decimal(30)),
]


def test_back_to_what_was_bought_and_forward_to_what_was_made() -> None:
    assert [(one.lot, one.distance) for one in backward(LAMP, "lamp-1")] == [
        ("bulb-1", 1),
        ("housing-1", 1),
        ("resin-1", 2),
        ("resin-2", 2),
    ]
    assert roots(LAMP, "lamp-1") == ("bulb-1", "resin-1", "resin-2")
    assert forward(LAMP, "resin-2") == (
        Reached("housing-1", 1, (("resin-2", Decimal(20)),)),
        Reached("lamp-1", 2, (("housing-1", Decimal(100)),)),
        Reached("lamp-2", 2, (("housing-1", Decimal(30)),)),
    )
    assert roots(LAMP, "resin-1") == ("resin-1",)


def test_what_was_taken_back_is_no_edge_and_a_loop_ends() -> None:
    assert backward([*LAMP, Edge("bulb-1", "lamp-1", Decimal(-100))], "lamp-1")[0].lot == "housing-1"
    rework = [Edge("a", "b", ONE), Edge("b", "a", ONE)]
    assert [one.lot for one in backward(rework, "a")] == ["b"]
    assert [one.lot for one in forward([Edge("a", "a", ONE)], "a")] == []


def _reachable(graph: list[Edge[int]], start: int) -> set[int]:
    """By multiplying out: whoever can be reached in at most eight steps."""
    sums = {(one.source, one.lot): Decimal(0) for one in graph}
    for one in graph:
        sums[one.source, one.lot] += one.quantity
    seen = {start}
    for _ in range(8):
        seen |= {lot for (source, lot), quantity in sums.items() if source in seen and quantity > 0}
    return seen - {start}


@given(graphs, st.integers(0, 7))
def test_forward_finds_all_that_can_be_reached_once_each(graph: list[Edge[int]], start: int) -> None:
    found = [one.lot for one in forward(graph, start)]
    assert len(found) == len(set(found))
    assert set(found) == _reachable(graph, start)


@given(graphs, st.integers(0, 7), st.integers(0, 7))
def test_back_and_forward_are_one_relation(graph: list[Edge[int]], one: int, other: int) -> None:
    down = {reached.lot: reached.distance for reached in forward(graph, one)}
    up = {reached.lot: reached.distance for reached in backward(graph, other)}
    assert down.get(other) == up.get(one)


@given(graphs, st.integers(0, 7), st.randoms())
def test_the_order_of_the_entries_does_not_matter(graph: list[Edge[int]], start: int, random: object) -> None:
    shuffled = list(graph)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert backward(shuffled, start) == backward(graph, start)
    assert set(roots(graph, start)) == set(roots(shuffled, start))
