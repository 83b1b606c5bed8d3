"""How far leads come: what share of them reaches each stage, and what share becomes a customer."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

RATE = Decimal("0.0001")


@dataclass(frozen=True)
class Pursuit:
    """A lead: the furthest stage it has reached, and whether it was lost there; `segment` and the like in `about`."""

    stage: str
    lost: bool = False
    about: Hashable = None


@dataclass(frozen=True)
class StageRate:
    """How many leads reached a stage; `onward` is the share of them that reached the next, in percent."""

    stage: str
    reached: int
    onward: Decimal | None


@dataclass(frozen=True)
class Conversion:
    """`rate`: won of all leads; `win_rate`: won of those decided; both in percent, None when there are none."""

    leads: int
    won: int
    lost: int
    rate: Decimal | None
    win_rate: Decimal | None
    stages: tuple[StageRate, ...]


def share(part: int, whole: int) -> Decimal | None:
    """A part in percent of a whole, four decimals; None of nothing."""
    return (Decimal(100 * part) / whole).quantize(RATE, ROUND_HALF_UP) if whole else None


def conversion(leads: Iterable[Pursuit], stages: Sequence[str]) -> Conversion:
    """The conversion of leads through `stages` in their order, the last of which is a customer won.

    Raises:
        ValueError: a lead is at a stage that is none of them, or lost after it was won.
    """
    order = {stage: at for at, stage in enumerate(stages)}
    reached, won, lost, count = [0] * len(stages), 0, 0, 0
    for lead in leads:
        at = order.get(lead.stage)
        if at is None or (lead.lost and at == len(stages) - 1):
            raise ValueError(f"no lead can be {'lost at' if lead.lost else 'at'} {lead.stage}")
        count += 1
        lost += lead.lost
        won += at == len(stages) - 1
        for passed in range(at + 1):
            reached[passed] += 1
    rates = tuple(
        StageRate(stage, reached[at], share(reached[at + 1], reached[at]) if at + 1 < len(stages) else None)
        for at, stage in enumerate(stages)
    )
    return Conversion(count, won, lost, share(won, count), share(won, won + lost), rates)


def by(leads: Iterable[Pursuit], stages: Sequence[str]) -> dict[Hashable, Conversion]:
    """The conversion of each group of leads, by what they are about: source, segment, salesperson."""
    groups: dict[Hashable, list[Pursuit]] = {}
    for lead in leads:
        groups.setdefault(lead.about, []).append(lead)
    return {about: conversion(group, stages) for about, group in groups.items()}
