"""How old money and stock are: open items by days past due, stock by the days since the goods that lie there came.

Both put every cent and every piece into exactly one class, so that classes add up to what is open or on hand.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from hub.rules.money import ZERO
from hub.rules.settlement import OpenItem, oldest_first

DUE = (0, 30, 60, 90)
"""Ends of the classes of money, in days past due: not due, 1 to 30, 31 to 60, 61 to 90, more."""
LAIN = (30, 90, 180, 360)
"""Ends of the classes of stock, in days since receipt: up to 30, 90, 180, 360, more."""


class Due(NamedTuple):
    """What is open of a claim (a credit is below zero), and when it is or was due."""

    amount: Decimal
    due_date: date


class Received(NamedTuple):
    """Goods that came in on a day."""

    day: date
    quantity: Decimal


def words(ends: Sequence[int]) -> tuple[str, ...]:
    """What the classes are called.

    >>> words(DUE)
    ('0', '1-30', '31-60', '61-90', '90+')
    """
    begins = [None, *(end + 1 for end in ends[:-1])]
    spans = [f"{begin}-{end}" if begin is not None else f"{end}" for begin, end in zip(begins, ends, strict=True)]
    return (*spans, f"{ends[-1]}+")


def aged(items: Iterable[Due], day: date, ends: Sequence[int] = DUE) -> tuple[Decimal, ...]:
    """What is open by classes of days past due on `day`; one class more than `ends`, oldest last.

    >>> aged([Due(Decimal(5), date(2026, 5, 1)), Due(Decimal(7), date(2026, 6, 1))], date(2026, 5, 31))
    (Decimal('7'), Decimal('5'), Decimal('0'), Decimal('0'), Decimal('0'))
    """
    classes = [ZERO] * (len(ends) + 1)
    for item in items:
        classes[bisect_left(ends, (day - item.due_date).days)] += item.amount
    return tuple(classes)


def still_open(claims: Iterable[Due], settled: Decimal) -> list[Due]:
    """What is open of claims when what is due first was settled first; what is settled beyond them is not yet due.

    >>> still_open([Due(Decimal(5), date(2026, 5, 1)), Due(Decimal(7), date(2026, 6, 1))], Decimal(6))
    [Due(amount=Decimal('6'), due_date=datetime.date(2026, 6, 1))]
    """
    items = [OpenItem(index, one.amount, one.due_date, f"{index:09}") for index, one in enumerate(claims)]
    shares = dict(oldest_first(settled, items))
    left = [Due(one.amount - shares.get(one.key, ZERO), one.due_date or date.max) for one in items]
    ahead = settled - sum(shares.values(), ZERO)
    return [one for one in [*left, Due(-ahead, date.max)] if one.amount]


def stock_aged(
    on_hand: Decimal, received: Iterable[Received], day: date, ends: Sequence[int] = LAIN
) -> tuple[Decimal, ...]:
    """What is on hand by classes of days since it came: what came first went first, so the latest receipts are there.

    What no receipt explains is of the oldest class. Receipts after `day` are no goods of that day.
    """
    classes, left = [ZERO] * (len(ends) + 1), on_hand
    for came, quantity in sorted(received, reverse=True):
        if came > day:
            continue
        lying = min(left, quantity)
        if lying <= 0:
            continue
        classes[bisect_left(ends, (day - came).days)] += lying
        left -= lying
    classes[-1] += left
    return tuple(classes)


def is_dead(on_hand: Decimal, last_issued: date | None, first_received: date, day: date, after: int = 180) -> bool:
    """Whether stock is dead (积压): something is there, and nothing has gone out for more than `after` days."""
    return on_hand > 0 and (day - (last_issued or first_received)).days > after
