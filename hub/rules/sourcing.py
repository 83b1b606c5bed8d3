"""What to buy of whom: needs are consolidated by item and time, then split over suppliers by what they really cost.

What a supplier really costs is its price with a mark-up for each point its score lacks, for each day it would come too
late, and something for each order more. Minimum lots, lot multiples, price breaks and capacities are kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Generic, NamedTuple, TypeVar

from hub.rules.money import ZERO

Key = TypeVar("Key", bound=Hashable)
_MOST_OFFERS = 5
"""So many offers of an item are weighed against each other; further ones are the dearest and are left out."""


@dataclass(frozen=True)
class Need(Generic[Key]):
    """A quantity of an item that somebody needs by a day."""

    key: Key
    item: Hashable
    quantity: Decimal
    needed_date: date


@dataclass(frozen=True)
class Offer:
    """What a supplier would sell: `breaks` are (from quantity, unit price), the first from 0, falling in price.

    `score` is out of 100. An order is at least `minimum`, a multiple of `multiple` and at most `capacity`.
    """

    supplier: str
    breaks: tuple[tuple[Decimal, Decimal], ...]
    lead_time_days: int = 0
    score: Decimal = Decimal(100)
    minimum: Decimal = ZERO
    multiple: Decimal = Decimal(1)
    capacity: Decimal | None = None

    def unit_price(self, quantity: Decimal) -> Decimal:
        """The price of a piece when `quantity` is bought at once."""
        return [price for least, price in self.breaks if least <= quantity][-1]

    def at_least(self, quantity: Decimal) -> Decimal | None:
        """The smallest order that brings `quantity`; None when the supplier has no such order."""
        lots = (max(quantity, self.minimum) / self.multiple).to_integral_value(ROUND_CEILING)
        order = max(lots, Decimal(1)) * self.multiple
        return order if self.capacity is None or order <= self.capacity else None

    def at_most(self, quantity: Decimal) -> Decimal | None:
        """The largest order that brings no more than `quantity`; None when there is none."""
        most = quantity if self.capacity is None else min(quantity, self.capacity)
        order = (most / self.multiple).to_integral_value(ROUND_FLOOR) * self.multiple
        return order if order > 0 and order >= self.minimum else None


@dataclass(frozen=True)
class Judgement:
    """What counts beside the price, as shares of it per point and per day late, and in money per order."""

    per_point: Decimal = Decimal("0.002")
    per_day_late: Decimal = Decimal("0.01")
    per_order: Decimal = ZERO
    window_days: int = 7


class Served(NamedTuple, Generic[Key]):
    """How much of a purchase is for a need."""

    need: Need[Key]
    quantity: Decimal


@dataclass(frozen=True)
class Purchase(Generic[Key]):
    """What to order of a supplier for needs; what serves none is what minimum lots and multiples make too much."""

    item: Hashable
    offer: Offer
    quantity: Decimal
    unit_price: Decimal
    arrival_date: date
    serves: tuple[Served[Key], ...]

    @property
    def left(self) -> Decimal:
        """What of it serves no need."""
        return self.quantity - sum((one.quantity for one in self.serves), ZERO)


@dataclass(frozen=True)
class Sourcing(Generic[Key]):
    """What to order, and what nobody can bring."""

    purchases: tuple[Purchase[Key], ...]
    short: tuple[Served[Key], ...]


def consolidate(needs: Iterable[Need[Key]], window_days: int) -> list[list[Need[Key]]]:
    """Needs that are bought together: of one item, none more than the window after the first of them, by day.

    >>> needs = [Need(at, "resin", Decimal(5), date(2026, 5, day)) for at, day in enumerate((20, 1, 8))]
    >>> [[need.key for need in batch] for batch in consolidate(needs, 7)]
    [[1, 2], [0]]
    """
    by_item: dict[Hashable, list[Need[Key]]] = defaultdict(list)
    for need in needs:
        by_item[need.item].append(need)
    batches: list[list[Need[Key]]] = []
    for item in sorted(by_item, key=str):
        batch: list[Need[Key]] = []
        for need in sorted(by_item[item], key=_needing):
            if not batch or need.needed_date > batch[0].needed_date + timedelta(days=window_days):
                batch = []
                batches.append(batch)
            batch.append(need)
    return batches


def source(
    needs: Iterable[Need[Key]],
    offers: Mapping[Any, Sequence[Offer]],
    today: date,
    judgement: Judgement | None = None,
) -> Sourcing[Key]:
    """What to order `today` for all needs, given the offers by item; the same whatever the order of either.

    What minimum lots made too much for one batch serves the next.
    """
    rules = judgement or Judgement()
    told: list[Purchase[Key]] = []
    short: list[Served[Key]] = []
    for batch in consolidate(needs, rules.window_days):
        over = [one for one in told if one.item == batch[0].item and one.left > 0]
        *served, open_ = _serve([(one.arrival_date, one.left) for one in over], batch)
        for one, more in zip(over, served, strict=True):
            told[told.index(one)] = replace(one, serves=(*one.serves, *more))
        rest = [replace(share.need, quantity=share.quantity) for share in open_]
        orders = split(rest, offers.get(batch[0].item, ()), today, rules)
        arrivals = [(today + timedelta(days=offer.lead_time_days), quantity) for offer, quantity in orders]
        *served, open_ = _serve(arrivals, rest)
        for (offer, quantity), (arrival, _), shares in zip(orders, arrivals, served, strict=True):
            price = offer.unit_price(quantity)
            told.append(Purchase(batch[0].item, offer, quantity, price, arrival, tuple(shares)))
        short += open_
    return Sourcing(tuple(told), tuple(short))


def split(
    batch: Sequence[Need[Any]], offers: Iterable[Offer], today: date, judgement: Judgement
) -> list[tuple[Offer, Decimal]]:
    """How much of a batch to order of whom, earliest arrival first: what covers most of it, then what costs least.

    What can be best is tried: of one supplier whatever the others leave, of the others nothing, a smallest lot, a price
    break, what is needed up to a day for which some come late, as much as is needed, what the one cannot bring, or all.
    """
    search = _Search(batch, list(offers), today, judgement)
    for at, last in enumerate(search.offers):
        search.weigh([*search.offers[:at], *search.offers[at + 1 :]], last, (), search.wanted, ZERO)
    return sorted(search.best, key=_arriving)


Orders = tuple[tuple[Offer, Decimal], ...]


def _arriving(order: tuple[Offer, Decimal]) -> tuple[int, str]:
    return order[0].lead_time_days, order[0].supplier


class _Search:
    """The best orders for a batch so far, and what bounds the search for better ones."""

    def __init__(self, batch: Sequence[Need[Any]], offers: Sequence[Offer], today: date, judgement: Judgement) -> None:
        self.batch, self.today, self.judgement = batch, today, judgement
        self.wanted = sum((need.quantity for need in batch), ZERO)
        priced = sorted(offers, key=lambda one: (self._marked_up(one, one.unit_price(self.wanted)), one.supplier))
        self.offers = priced[:_MOST_OFFERS] if self.wanted > 0 else []
        self.cheapest = min((self._marked_up(one, one.breaks[-1][1]) for one in self.offers), default=ZERO)
        self.boundaries = self._late_parts()
        self.best: Orders = ()
        self.value: tuple[Any, ...] = (self.wanted, ZERO)

    def _marked_up(self, offer: Offer, price: Decimal) -> Decimal:
        return price * (1 + self.judgement.per_point * (100 - offer.score))

    def _cost(self, offer: Offer, quantity: Decimal) -> Decimal:
        return quantity * self._marked_up(offer, offer.unit_price(quantity)) + self.judgement.per_order

    def _late_parts(self) -> set[Decimal]:
        """How much is needed up to each day before which some offer does not come: there, hurry costs another price."""
        last = max((one.lead_time_days for one in self.offers), default=0)
        parts, needed = set[Decimal](), ZERO
        for need in sorted(self.batch, key=_needing):
            needed += need.quantity
            if need.needed_date < self.today + timedelta(days=last):
                parts.add(needed)
        return parts - {self.wanted}

    def weigh(self, others: Sequence[Offer], last: Offer, chosen: Orders, rest: Decimal, cost: Decimal) -> None:
        """Try what can be best of `others`, and of `last` whatever they leave, after what is chosen."""
        if self.value[0] == 0 and cost + max(rest, ZERO) * self.cheapest > self.value[1]:
            return  # dearer already than what is known to be enough
        if rest <= 0 or not others:
            self._finish(last, chosen, rest)
            return
        offer, later = others[0], others[1:]
        self.weigh(later, last, chosen, rest, cost)
        levels = {offer.at_least(rest), offer.at_most(rest), offer.at_most(self.wanted)}
        levels |= {
            offer.at_least(rest - (last.at_most(rest) or ZERO)),
            offer.at_most(rest - (last.at_least(ZERO) or ZERO)),
        }
        levels |= {offer.at_least(at) for at in (*self.boundaries, *(least for least, _ in offer.breaks))}
        for quantity in sorted(one for one in levels if one is not None):
            more = cost + self._cost(offer, quantity)
            self.weigh(later, last, (*chosen, (offer, quantity)), rest - quantity, more)

    def _finish(self, last: Offer, chosen: Orders, rest: Decimal) -> None:
        """Let `last` bring the rest: in whole lots above or below it, or as much more as a price break asks."""
        self._keep(chosen)
        if rest <= 0:
            return
        final = {last.at_most(rest), *(last.at_least(max(rest, least)) for least, _ in last.breaks)}
        for quantity in sorted(one for one in final if one is not None):
            self._keep((*chosen, (last, quantity)))

    def _keep(self, orders: Orders) -> None:
        value = self._value(sorted(orders, key=_arriving))
        if value < self.value:
            self.best, self.value = orders, value

    def _value(self, orders: Sequence[tuple[Offer, Decimal]]) -> tuple[Any, ...]:
        """What orders are worth, less is better: what they leave open, their cost, their number, their suppliers."""
        arrivals = [(self.today + timedelta(days=offer.lead_time_days), quantity) for offer, quantity in orders]
        *served, short = _serve(arrivals, self.batch)
        cost = sum((self._cost(*order) for order in orders), ZERO)
        for (offer, quantity), (arrival, _), shares in zip(orders, arrivals, served, strict=True):
            late = sum((one.quantity * max((arrival - one.need.needed_date).days, 0) for one in shares), ZERO)
            cost += offer.unit_price(quantity) * self.judgement.per_day_late * late
        names = tuple((offer.supplier, quantity) for offer, quantity in orders)
        return sum((one.quantity for one in short), ZERO), cost, len(orders), names


def _serve(arrivals: Sequence[tuple[date, Decimal]], batch: Sequence[Need[Key]]) -> list[list[Served[Key]]]:
    """For each arrival, in their order, the needs that it serves, the earliest first; at last what stays open."""
    served: list[list[Served[Key]]] = []
    open_ = [Served(need, need.quantity) for need in sorted(batch, key=_needing) if need.quantity > 0]
    for _, quantity in arrivals:
        shares: list[Served[Key]] = []
        while quantity > 0 and open_:
            need, wanted = open_.pop(0)
            taken = min(quantity, wanted)
            quantity -= taken
            shares.append(Served(need, taken))
            if taken < wanted:
                open_.insert(0, Served(need, wanted - taken))
        served.append(shares)
    return [*served, open_]


def _needing(need: Need[Any]) -> tuple[date, str]:
    return need.needed_date, str(need.key)
