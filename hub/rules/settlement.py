"""Which open items a payment settles, to the cent: those that a person names, or the oldest first.

What customers pay and what suppliers are paid is one arithmetic; `hub.ledgers.settling` holds it against invoices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from hub.rules.money import ZERO

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class OpenItem(Generic[Key]):
    """What is still to be paid of an invoice; without a day it is due last, `number` decides between equals."""

    key: Key
    amount: Decimal
    due_date: date | None
    number: str


class Share(NamedTuple, Generic[Key]):
    """What of a payment settles an open item."""

    key: Key
    amount: Decimal


class Excess(NamedTuple):
    """A share, by its place among the given ones, that asks for more than the `open` rest of its item."""

    place: int
    open: Decimal


def oldest_first(amount: Decimal, items: Iterable[OpenItem[Key]]) -> tuple[Share[Key], ...]:
    """The shares of a payment when nobody names them: what is due first is paid first; the rest is an advance.

    >>> items = [OpenItem("b", Decimal(40), date(2026, 5, 2), "2"), OpenItem("a", Decimal(70), date(2026, 5, 1), "1")]
    >>> [(key, str(share)) for key, share in oldest_first(Decimal("100.01"), items)]
    [('a', '70'), ('b', '30.01')]
    """
    shares = list[Share[Key]]()
    for item in sorted(items, key=lambda one: (one.due_date or date.max, one.number)):
        share = min(amount, item.amount)
        if share > 0:
            shares.append(Share(item.key, share))
            amount -= share
    return tuple(shares)


def beyond(shares: Sequence[tuple[Key, Decimal]], open_amounts: Mapping[Key, Decimal]) -> Iterator[Excess]:
    """Shares that take more than what is open of their item after the shares before them.

    >>> [tuple(one) for one in beyond([("a", Decimal(5)), ("a", Decimal(6))], {"a": Decimal(10)})]
    [(1, Decimal('5'))]
    """
    taken: dict[Key, Decimal] = defaultdict(Decimal)
    for index, (key, amount) in enumerate(shares):
        left = open_amounts[key] - taken[key]
        if amount > left:
            yield Excess(index, left)
        taken[key] += amount


def advance(amount: Decimal, shares: Iterable[Decimal]) -> Decimal:
    """What no share takes of a payment; below zero when the shares are more than it."""
    return amount - sum(shares, ZERO)
