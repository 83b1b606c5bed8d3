"""Where lots come from and go to: a graph of lots, walked back to what was bought or forward to what was shipped.

An edge says that so much of a source went into a lot. A lot may be reached on several ways and, where things are
reworked, even be its own ancestor: each lot is told once, at its nearest distance, and a walk always ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Edge(Generic[Key]):
    """A quantity of `source` that went into `lot`; corrections are edges below zero, what is left at zero is none."""

    source: Key
    lot: Key
    quantity: Decimal


@dataclass(frozen=True)
class Reached(Generic[Key]):
    """A lot of a walk: how many steps away it is, and by which lots of the step before, with the quantities."""

    lot: Key
    distance: int
    by: tuple[tuple[Key, Decimal], ...]


def backward(edges: Iterable[Edge[Key]], start: Key) -> tuple[Reached[Key], ...]:
    """Every lot that went into `start`, nearest first; `by` names the lots it went into.

    >>> used = [Edge("resin", "housing", Decimal(5)), Edge("housing", "lamp", Decimal(2))]
    >>> [(one.lot, one.distance) for one in backward(used, "lamp")]
    [('housing', 1), ('resin', 2)]
    """
    return _walk(((edge.lot, edge.source, edge.quantity) for edge in edges), start)


def forward(edges: Iterable[Edge[Key]], start: Key) -> tuple[Reached[Key], ...]:
    """Every lot that `start` went into, nearest first; `by` names the lots it came through."""
    return _walk(((edge.source, edge.lot, edge.quantity) for edge in edges), start)


def roots(edges: Iterable[Edge[Key]], start: Key) -> tuple[Key, ...]:
    """The lots at the end of the way back: what was bought; `start` itself when it was made from nothing known."""
    known = list(edges)
    made = {edge.lot for edge in _net(known)}
    ends = tuple(one.lot for one in backward(known, start) if one.lot not in made)
    return ends or (() if start in made else (start,))


def _net(edges: Iterable[Edge[Key]]) -> list[Edge[Key]]:
    sums: dict[tuple[Key, Key], Decimal] = defaultdict(Decimal)
    for edge in edges:
        sums[edge.source, edge.lot] += edge.quantity
    return [Edge(source, lot, quantity) for (source, lot), quantity in sums.items() if quantity > 0]


def _walk(steps: Iterable[tuple[Key, Key, Decimal]], start: Key) -> tuple[Reached[Key], ...]:
    """Breadth first over (from, to, quantity); a level is told in order of its lots."""
    leads: dict[Key, dict[Key, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for origin, target, quantity in steps:
        leads[origin][target] += quantity
    seen, level, distance = {start}, [start], 0
    found: list[Reached[Key]] = []
    while level:
        distance += 1
        by: dict[Key, list[tuple[Key, Decimal]]] = defaultdict(list)
        for origin in level:
            for target, quantity in leads.get(origin, {}).items():
                if quantity > 0 and target not in seen:
                    by[target].append((origin, quantity))
        level = sorted(by, key=_order)
        seen |= set(level)
        found += [Reached(lot, distance, tuple(sorted(by[lot], key=lambda one: _order(one[0])))) for lot in level]
    return tuple(found)


def _order(key: Any) -> str:
    return str(key)
