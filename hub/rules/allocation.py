"""From which of the places where an item lies a quantity is taken: what was there first goes first."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass
class Held(Generic[Key]):
    """What can still be taken of one balance; `order` decides who goes first: expiry, first day, lot, place."""

    key: Key
    free: Decimal
    order: tuple[Any, ...]


def first_out(first_day: date, expiry: date | None, lot: str | None, place: str) -> tuple[Any, ...]:
    """The order of taking: what expires first, then what came first, then by lot and place, so that it is certain."""
    return (expiry or date.max, first_day, lot or "", place)


def take(held: Iterable[Held[Key]], wanted: Decimal) -> Iterator[tuple[Key, Decimal]]:
    """Take up to `wanted`, lowering what is free; yields (key, quantity); what is missing is not yielded.

    >>> store = [Held("b", Decimal(5), (2,)), Held("a", Decimal(3), (1,))]
    >>> list(take(store, Decimal(4))), store[0].free
    ([('a', Decimal('3')), ('b', Decimal('1'))], Decimal('4'))
    """
    for one in sorted(held, key=lambda one: one.order):
        taken = min(one.free, wanted)
        if taken > 0:
            one.free -= taken
            wanted -= taken
            yield one.key, taken
