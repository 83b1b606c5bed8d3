"""What a product costs: material, labour, machine, overhead and energy of an order, to the cent.

Direct costs belong to the order that caused them. A pool (overhead, energy) is divided among orders by what they used;
an order's cost is divided between what is finished and what is still in work by equivalent units (约当产量).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

from hub.rules.money import CENT, ZERO, shared_out

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Cost:
    """A cost by its elements; energy is filled by whoever measures it."""

    material: Decimal = ZERO
    labour: Decimal = ZERO
    machine: Decimal = ZERO
    overhead: Decimal = ZERO
    energy: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """All elements together."""
        return self.material + self.labour + self.machine + self.overhead + self.energy

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True)
class Work:
    """What an order used: the value of its material, hours of people and machines, and the energy measured on it."""

    material: Decimal = ZERO
    labour_hours: Decimal = ZERO
    machine_hours: Decimal = ZERO
    energy: Decimal = ZERO


def charged(hours: Decimal, rate: Decimal) -> Decimal:
    """Hours at a rate per hour, in cents."""
    return (hours * rate).quantize(CENT, ROUND_HALF_UP)


def divided(pool: Decimal, bases: Mapping[Key, Decimal]) -> dict[Key, Decimal]:
    """A pool by what each used of its base, no cent lost; nothing is divided where nothing was used.

    Published example (初级会计实务 teaching: overhead of 900,000 over 20,000 and 10,000 machine hours):

    >>> divided(Decimal(900000), {"A": Decimal(20000), "B": Decimal(10000)})
    {'A': Decimal('600000.00'), 'B': Decimal('300000.00')}
    """
    if not any(bases.values()):
        return dict.fromkeys(bases, ZERO)
    return dict(zip(bases, shared_out(pool, list(bases.values())), strict=True))


def costs(
    works: Mapping[Key, Work], pools: Cost, labour_rate: Decimal = ZERO, machine_rate: Decimal = ZERO
) -> dict[Key, Cost]:
    """Each order's cost: its own material and energy, hours at rates, and its share of what was spent for all.

    Pools of labour and overhead go by hours of people, of machines and energy by hours of machines; the pool of
    material by the value of material. A pool of which nobody used the base stays undivided.
    """
    by_people = {key: work.labour_hours for key, work in works.items()}
    by_machines = {key: work.machine_hours for key, work in works.items()}
    material = divided(pools.material, {key: work.material for key, work in works.items()})
    labour, overhead = divided(pools.labour, by_people), divided(pools.overhead, by_people)
    machine, energy = divided(pools.machine, by_machines), divided(pools.energy, by_machines)
    return {
        key: Cost(
            work.material + material[key],
            charged(work.labour_hours, labour_rate) + labour[key],
            charged(work.machine_hours, machine_rate) + machine[key],
            overhead[key],
            work.energy + energy[key],
        )
        for key, work in works.items()
    }


def finished(cost: Cost, done: Decimal, in_work: Decimal, degree: Decimal) -> tuple[Cost, Cost]:
    """A cost as (finished, still in work): material by pieces, for it is issued at the beginning, the rest by degree.

    `degree` is how far the pieces in work are, 0 to 1. Published example (初级会计实务 teaching, 370 done, 100 at 30 %,
    800,000 of conversion cost): 740,000 are finished, 60,000 in work.
    """
    pieces, equivalent = [done, in_work], [done, in_work * degree]
    ready, open_ = Cost(), Cost()
    for one in fields(Cost):
        weights = pieces if one.name == "material" else equivalent
        amount = getattr(cost, one.name)
        parts = shared_out(amount, weights) if sum(weights) else (ZERO, amount)
        ready, open_ = replace(ready, **{one.name: parts[0]}), replace(open_, **{one.name: parts[1]})
    return ready, open_


def unit_cost(cost: Cost, quantity: Decimal) -> Decimal:
    """The cost of one piece with four decimals; zero where there is none."""
    return (cost.total / quantity).quantize(Decimal("0.0001"), ROUND_HALF_UP) if quantity else ZERO
