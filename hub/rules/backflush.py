"""Backflush (倒冲): what reported work has used of the materials, without anybody issuing them.

Everything is counted from the beginning of the order: what must have been used by now, less what was taken before. So
the order and the size of reports do not matter, a report that comes twice takes nothing, and no rounding adds up.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Generic, TypeVar

from hub.rules.bom import Component, rounded

Key = TypeVar("Key", bound=Hashable)
COMPLETION = None
"""In place of an operation: when a finished piece is put into stock."""


@dataclass(frozen=True)
class Material(Generic[Key]):
    """A material of an order: `component` says how much of it goes into `base_quantity` pieces and at which operation.

    `by_hand` was handed out by the stores, `flushed` was taken by reports before.
    """

    component: Component[Key]
    base_quantity: Decimal | Fraction = Decimal(1)
    by_hand: Decimal = Decimal(0)
    flushed: Decimal = Decimal(0)


def passed(operations: Sequence[int], reported: Mapping[int, Decimal], completed: Decimal) -> dict[int | None, Decimal]:
    """How many pieces have gone into each operation, scrapped ones included, and how many were completed.

    `operations` in the order of work, `reported` the good and scrapped pieces per operation. A piece reported at
    a later operation has passed the earlier ones, reported or not; so an operation may be left out (计数点).

    >>> {key: str(count) for key, count in passed([10, 20], {20: Decimal(7), 10: Decimal(5)}, Decimal(6)).items()}
    {None: '6', 20: '7', 10: '7'}
    """
    counted: dict[int | None, Decimal] = {COMPLETION: completed}
    later = completed
    for operation in reversed(operations):
        later = max(later, reported.get(operation, Decimal(0)))
        counted[operation] = later
    return counted


def due(material: Material[Key], pieces: Decimal) -> Decimal:
    """What a number of pieces uses of a material, its loss included, half up to four decimals.

    >>> str(due(Material(Component("PP", Decimal("0.025"), Decimal(2))), Decimal(1000)))
    '25.5000'
    """
    return rounded(Fraction(pieces) * material.component.gross / Fraction(material.base_quantity))


def backflush(
    materials: Iterable[Material[Key]], counted: Mapping[int | None, Decimal]
) -> Iterator[tuple[Material[Key], Decimal]]:
    """What is still to be taken of each material, below zero what goes back after a report was taken back.

    `counted` is what `passed` gives; a material whose operation it does not name is used at completion. Materials the
    stores handed out count first; only what reports took is ever given back. Materials with nothing to do are left out.
    """
    for material in materials:
        operation = material.component.operation
        pieces = counted.get(operation, counted[COMPLETION])
        open_ = due(material, pieces) - material.by_hand - material.flushed
        if change := max(open_, -material.flushed):
            yield material, change
