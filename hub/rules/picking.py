"""From which of the places where an item lies a quantity is taken: what expires or came first goes first.

`take` is what a posting does with what it was told to take; `pick` proposes what to take, past what is locked
(库存锁定): stock that is not available, lots on hold, lots past their date or too near to it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass
class Held(Generic[Key]):
    """What can still be taken of one balance; `order` decides who goes first: expiry, first day, lot, place."""

    key: Key
    free: Decimal
    order: tuple[Any, ...]


class Order(StrEnum):
    """Which goes first: what expires first (then what came first), or what came first whatever its date."""

    FEFO = "fefo"
    FIFO = "fifo"


def first_out(
    first_day: date, expiry: date | None, lot: str | None, place: str, order: Order = Order.FEFO
) -> tuple[Any, ...]:
    """The order of taking: what expires first, then what came first, then by lot and place, so that it is certain."""
    by_day = (first_day, lot or "", place)
    return (expiry or date.max, *by_day) if order is Order.FEFO else by_day


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


class Lock(StrEnum):
    """Why a balance may not be picked."""

    QUARANTINE = "quarantine"
    FROZEN = "frozen"
    ON_HOLD = "on_hold"
    EXPIRED = "expired"
    TOO_OLD = "too_old"


def lock_of(
    status: str, lot_status: str | None, expiry: date | None, day: date, remaining_days: int = 0
) -> Lock | None:
    """What locks a balance on a day; None when it may be picked.

    `remaining_days` is how long goods must still keep after that day: a customer may ask for half a year. A lot can be
    used on the day it expires, not after.

    >>> lock_of("available", "released", date(2026, 5, 1), date(2026, 5, 1))
    >>> lock_of("available", "released", date(2026, 5, 1), date(2026, 5, 2)).value
    'expired'
    """
    if status != "available":
        return Lock(status)
    if lot_status == "on_hold":
        return Lock.ON_HOLD
    if expiry is None:
        return None
    if expiry < day:
        return Lock.EXPIRED
    return Lock.TOO_OLD if expiry < day + timedelta(days=remaining_days) else None


@dataclass(frozen=True)
class Picked(Generic[Key]):
    """What to take for each want, (key, quantity) in the order of taking, and what of it is missing."""

    taken: tuple[tuple[Key, Decimal], ...]
    missing: Decimal


def pick(
    wants: Mapping[Hashable, Decimal], held: Iterable[Held[Key]], locks: Mapping[Key, Lock | None]
) -> dict[Hashable, Picked[Key]]:
    """What to take for several wants of one item, one after the other, past what is locked; nothing is changed."""
    free = [Held(one.key, one.free, one.order) for one in held if locks.get(one.key) is None]
    found: dict[Hashable, Picked[Key]] = {}
    for want, quantity in wants.items():
        taken = tuple(take(free, quantity))
        found[want] = Picked(taken, quantity - sum((part for _, part in taken), Decimal(0)))
    return found
