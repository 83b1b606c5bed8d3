"""Material requirements planning: what must be made and bought, how much of it, when, and for whom.

Items are planned by their low-level codes, so that each is netted once, when all that needs it is known. Every quantity
keeps its pegs: which proposal it goes into and which order, forecast or safety stock it serves in the end.
Days of making are workdays, days of buying are calendar days. Deterministic: the order of the input does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hub.errors import Invalid, Problem, problem
from hub.rules.bom import Structures, rounded
from hub.rules.calendars import Calendar
from hub.rules.lots import ZERO, LotRule

STOCK, SAFETY = "stock", "safety"
"""Names among the pegs: what is on hand or goes into stock, and the safety stock."""


@dataclass(frozen=True)
class Material:
    """An item as planning sees it."""

    key: str
    is_made: bool = False
    lead_time_days: int = 0
    on_hand: Decimal = ZERO
    safety_stock: Decimal = ZERO
    lot: LotRule = field(default_factory=LotRule)


@dataclass(frozen=True)
class Demand:
    """A quantity that somebody needs on a day: an order line, a forecast, the open materials of a running order."""

    key: str
    item: str
    quantity: Decimal
    day: date


@dataclass(frozen=True)
class Supply:
    """A quantity that is under way: an open line of a purchase order, an open production order."""

    key: str
    item: str
    quantity: Decimal
    day: date


@dataclass(frozen=True)
class Peg:
    """Of `source` (stock, a supply, a proposal) so much goes into the proposal `parent`, in the end for `origin`.

    Without a parent the origin takes it directly. It is a demand's key, SAFETY, or STOCK for what a lot has too much.
    """

    item: str
    source: str
    origin: str
    parent: str | None
    quantity: Decimal
    needed: date


@dataclass(frozen=True)
class Proposal:
    """An order to make or buy; `finish` by the lead time, `expected` when also what it waits for is counted.

    `waits_for` is the item that comes too late for it, none when it is its own lead time.
    """

    key: str
    item: str
    is_made: bool
    quantity: Decimal
    start: date
    finish: date
    needed: date
    expected: date
    waits_for: str | None = None


@dataclass(frozen=True)
class Message:
    """What a planner should do with a supply that is under way: `expedite`, `postpone` or `surplus`."""

    kind: str
    supply: str
    item: str
    quantity: Decimal
    day: date
    to: date | None = None


@dataclass(frozen=True)
class Plan:
    """The outcome; `expected` says for each demand when all of it is there."""

    proposals: tuple[Proposal, ...]
    pegs: tuple[Peg, ...]
    messages: tuple[Message, ...]
    expected: Mapping[str, date]


@dataclass(frozen=True)
class _Need:
    day: date
    origin: str
    parent: str | None
    quantity: Decimal


@dataclass(frozen=True)
class _Lot:
    quantity: Decimal
    parts: list[_Need]


def planned(
    materials: Iterable[Material],
    demands: Iterable[Demand],
    supplies: Iterable[Supply],
    structures: Structures[str],
    calendar: Calendar,
    today: date,
) -> Plan:
    """Net, size, offset and explode, level by level; an item that is made needs what its list in `structures` says.

    Raises:
        Invalid: ITEM_NOT_PLANNED for what is needed or under way of an item that is not among the materials.
    """
    known = {one.key: one for one in materials}
    demands, supplies = list(demands), [replace(one, day=max(one.day, today)) for one in supplies]
    Invalid.raise_all(_unplannable(known, demands, supplies, structures))
    run = _Run(known, structures, calendar, today)
    for demand in sorted(demands, key=lambda one: one.key):
        if demand.quantity > 0:
            run.needs[demand.item].append(_Need(demand.day, demand.key, None, demand.quantity))
    under_way: dict[str, list[Supply]] = defaultdict(list)
    for supply in supplies:
        under_way[supply.item].append(supply)
    code = structures.low_level_codes()
    for material in sorted(known.values(), key=lambda one: (code.get(one.key, 0), one.key)):
        run.item(material, under_way[material.key])
    days = run.expected(supplies)
    expected: dict[str, date] = {}
    for peg in run.pegs:
        if peg.parent is None:
            expected[peg.origin] = max(expected.get(peg.origin, date.min), days[peg.source])
    whom = {demand.key for demand in demands}
    return Plan(
        tuple(run.proposals),
        tuple(run.pegs),
        tuple(run.messages),
        {key: day for key, day in sorted(expected.items()) if key in whom},
    )


def left_of_forecast(forecast: Iterable[Demand], orders: Iterable[Demand]) -> list[Demand]:
    """What orders leave of the forecast: orders of an item and month use up its forecast of that month.

    So of each month the larger of forecast and orders is planned, never both.
    """
    used: dict[tuple[str, int, int], Decimal] = defaultdict(Decimal)
    for one in orders:
        used[one.item, one.day.year, one.day.month] += one.quantity
    result = []
    for one in sorted(forecast, key=lambda one: (one.day, one.key)):
        month = (one.item, one.day.year, one.day.month)
        taken = min(used[month], one.quantity)
        used[month] -= taken
        if one.quantity > taken:
            result.append(replace(one, quantity=one.quantity - taken))
    return result


class _Run:
    """A run over all items: what is needed of each, and what has been proposed and pegged so far."""

    def __init__(
        self,
        known: Mapping[str, Material],
        structures: Structures[str],
        calendar: Calendar,
        today: date,
    ) -> None:
        self.known, self.structures, self.calendar, self.today = known, structures, calendar, today
        self.needs: dict[str, list[_Need]] = defaultdict(list)
        self.proposals: list[Proposal] = []
        self.pegs: list[Peg] = []
        self.messages: list[Message] = []

    def item(self, material: Material, supplies: Sequence[Supply]) -> None:
        """Plan one item, and tell its components what they must bring."""
        for lot in _sized(material.lot, self._netted(material, supplies)):
            self._propose(material, lot)

    def _netted(self, material: Material, supplies: Sequence[Supply]) -> list[_Need]:
        """What stock and open supplies leave of the needs, in order of days; pegs and messages on the way.

        A supply that comes after the need serves it when a new one would come no sooner.
        """
        needs = self.needs[material.key]
        if material.safety_stock > 0:
            needs.append(_Need(self.today, SAFETY, None, material.safety_stock))
        if material.on_hand < 0:
            needs.append(_Need(self.today, STOCK, None, -material.on_hand))
        held = [Supply(STOCK, material.key, max(material.on_hand, ZERO), date.min)]
        held += sorted(supplies, key=lambda one: (one.day, one.key))
        left, soonest = [one.quantity for one in held], self._from(material, self.today)
        first_need: dict[str, date] = {}
        short = []
        for need in sorted(needs, key=lambda one: (one.day, one.origin, one.parent or "", one.quantity)):
            wanted = need.quantity
            for index, one in enumerate(held):
                taken = min(left[index], wanted) if one.day <= max(need.day, soonest) else ZERO
                if taken > 0:
                    left[index] -= taken
                    wanted -= taken
                    first_need.setdefault(one.key, need.day)
                    self.pegs.append(Peg(material.key, one.key, need.origin, need.parent, taken, need.day))
            if wanted > 0:
                short.append(replace(need, quantity=wanted))
        self.messages += _advised(held[1:], left[1:], first_need, self.today)
        return short

    def _propose(self, material: Material, lot: _Lot) -> None:
        """One proposal, in time for the first need if it can be, its pegs, and what it needs of its components."""
        finish = self.calendar.on_or_before(lot.parts[0].day)
        start = self._back(material, finish)
        if start < self.today:
            start = self.calendar.on_or_after(self.today)
            finish = self._from(material, start)
        key, needed = f"P{len(self.proposals) + 1}", lot.parts[0].day
        self.proposals.append(
            Proposal(key, material.key, material.is_made, lot.quantity, start, finish, needed, finish)
        )
        self.pegs += [Peg(material.key, key, one.origin, one.parent, one.quantity, one.day) for one in lot.parts]
        if material.is_made:
            self._explode(material, key, start, lot.parts)

    def _explode(self, material: Material, key: str, start: date, parts: Sequence[_Need]) -> None:
        """Each share of the lot needs its share of each component; the sum is what the whole lot needs."""
        made = self.structures.of(material.key)
        done, told = Fraction(0), defaultdict[int, Decimal](Decimal)
        for part in parts if made else ():
            done += Fraction(part.quantity)
            for index, (component, exact) in enumerate(made.needs(done) if made else ()):
                upto = rounded(exact)
                if upto > told[index]:
                    self.needs[component.item].append(_Need(start, part.origin, key, upto - told[index]))
                told[index] = upto

    def expected(self, supplies: Iterable[Supply]) -> dict[str, date]:
        """When proposals and supplies are really there, from the deepest level up; the proposals are told."""
        item_of = {one.source: one.item for one in self.pegs}
        days = {one.key: one.day for one in supplies} | {STOCK: self.today}
        into: dict[str, set[str]] = defaultdict(set)
        for peg in self.pegs:
            if peg.parent is not None and peg.source != STOCK:
                into[peg.parent].add(peg.source)
        for index in range(len(self.proposals) - 1, -1, -1):
            one = self.proposals[index]
            last = max(into[one.key], key=lambda source: (days[source], item_of[source], source), default=None)
            if last is not None and days[last] > one.start:
                finish = self._from(self.known[one.item], self.calendar.on_or_after(days[last]))
                one = replace(one, expected=max(one.finish, finish), waits_for=item_of[last])
                self.proposals[index] = one
            days[one.key] = one.expected
        return days

    def _back(self, material: Material, finish: date) -> date:
        """When to begin what must be done by a day."""
        if material.is_made:
            return self.calendar.later(finish, -material.lead_time_days)
        return self.calendar.on_or_before(finish - timedelta(days=material.lead_time_days))

    def _from(self, material: Material, start: date) -> date:
        """When what is begun on a day is done."""
        if material.is_made:
            return self.calendar.later(self.calendar.on_or_after(start), material.lead_time_days)
        return self.calendar.on_or_after(start + timedelta(days=material.lead_time_days))


def _sized(rule: LotRule, short: Sequence[_Need]) -> list[_Lot]:
    """The lots for shortages in order of days; what a lot has too much serves the next ones, at last the stock."""
    result: list[_Lot] = []
    waiting, open_lots = list(reversed(short)), list[_Lot]()
    period, left = timedelta(days=max(rule.period_days, 1)), ZERO
    while waiting:
        need = waiting.pop()
        if not open_lots:
            together = [one.quantity for one in waiting if one.day < need.day + period]
            open_lots = [_Lot(lot, []) for lot in rule.lots(sum(together, need.quantity))]
            result += open_lots
            left = open_lots[0].quantity
        taken = min(left, need.quantity)
        open_lots[0].parts.append(replace(need, quantity=taken))
        left -= taken
        if taken < need.quantity:
            waiting.append(replace(need, quantity=need.quantity - taken))
        if not left:
            del open_lots[0]
            left = open_lots[0].quantity if open_lots else ZERO
    if left:
        open_lots[0].parts.append(replace(short[-1], origin=STOCK, parent=None, quantity=left))
    return result


def _unplannable(
    known: Mapping[str, Material], demands: Iterable[Demand], supplies: Iterable[Supply], structures: Structures[str]
) -> Iterator[Problem]:
    """Items that are needed, and that nobody described."""
    asked = {one.item for one in demands} | {one.item for one in supplies}
    for material in known.values():
        made = structures.of(material.key) if material.is_made else None
        asked |= {component.item for component in made.components} if made else set()
    for item in sorted(asked - known.keys()):
        yield problem(
            "ITEM_NOT_PLANNED", f"存货 {item} 没有计划参数。", f"Item {item} is unknown to planning.", item=item
        )


def _advised(
    supplies: Sequence[Supply], left: Sequence[Decimal], first_need: Mapping[str, date], today: date
) -> Iterator[Message]:
    """What to do with supplies that come too late, too early or for nobody."""
    for supply, unused in zip(supplies, left, strict=True):
        need = first_need.get(supply.key)
        used = supply.quantity - unused
        if need is not None and max(need, today) < supply.day:
            yield Message("expedite", supply.key, supply.item, used, supply.day, max(need, today))
        elif need is not None and need > supply.day:
            yield Message("postpone", supply.key, supply.item, used, supply.day, need)
        if unused > 0:
            yield Message("surplus", supply.key, supply.item, unused, supply.day)
