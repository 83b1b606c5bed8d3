"""What items are made of: explosion over all levels, where-used, low-level codes, and loops, by name.

A structure is one version of one item's list, valid from a day until before another. Arithmetic is exact (fractions);
only what is handed out is rounded, half up to the four decimals that quantities have, so no level adds an error.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Generic, TypeVar

from hub.errors import Refused, problem

Key = TypeVar("Key", bound=Hashable)
"""What names an item: a code or an id."""
DECIMALS = 10**4


@dataclass(frozen=True)
class Component(Generic[Key]):
    """A line: `quantity` for the base quantity of the parent, `scrap_rate` percent more of it because some is lost."""

    item: Key
    quantity: Decimal | Fraction
    scrap_rate: Decimal = Decimal(0)
    operation: int | None = None

    @property
    def gross(self) -> Fraction:
        """What must be taken for the base quantity, loss included."""
        return Fraction(self.quantity) * (100 + Fraction(self.scrap_rate)) / 100


@dataclass(frozen=True)
class Structure(Generic[Key]):
    """One version of what `base_quantity` of an item is made of, valid on days in [valid_from, valid_until)."""

    item: Key
    version: str
    components: tuple[Component[Key], ...]
    base_quantity: Decimal | Fraction = Decimal(1)
    valid_from: date = date.min
    valid_until: date = date.max

    def valid_on(self, day: date) -> bool:
        """Whether this version is the one to use on a day, as far as it itself says."""
        return self.valid_from <= day < self.valid_until

    def needs(self, quantity: Fraction) -> Iterator[tuple[Component[Key], Fraction]]:
        """Each component with the exact quantity of it that goes into a quantity of the item."""
        for component in self.components:
            yield component, quantity * component.gross / Fraction(self.base_quantity)


@dataclass(frozen=True)
class Node(Generic[Key]):
    """A place in an exploded tree; `path` leads there from the top item, `version` is None for what has no list."""

    path: tuple[Key, ...]
    quantity: Decimal
    version: str | None
    operation: int | None

    @property
    def item(self) -> Key:
        """The item at this place."""
        return self.path[-1]

    @property
    def level(self) -> int:
        """How deep it lies; the top item is 0."""
        return len(self.path) - 1


@dataclass(frozen=True)
class Use(Generic[Key]):
    """That an item goes into a `parent`: `quantity` of it in one, `direct` when the parent's own list names it."""

    parent: Key
    quantity: Decimal
    level: int
    direct: bool


def rounded(exact: Fraction) -> Decimal:
    """Half up (away from zero) to four decimals.

    >>> rounded(Fraction(1, 3)), rounded(Fraction(1, 20000))
    (Decimal('0.3333'), Decimal('0.0001'))
    """
    whole = (abs(exact) * DECIMALS * 2 + 1) // 2
    return Decimal(whole if exact >= 0 else -whole).scaleb(-4)


class Structures(Generic[Key]):
    """All lists valid on a day, one per item: of several the one that begins last, then the later version.

    Making one refuses a loop: BOM_LOOP, with the items of the loop in the order of containment. `names` says how an
    item is called in that sentence.
    """

    def __init__(self, versions: Iterable[Structure[Key]], day: date, names: Mapping[Key, str] | None = None) -> None:
        self._lists: dict[Key, Structure[Key]] = {}
        for one in sorted(versions, key=lambda one: (one.valid_from, len(one.version), one.version)):
            if one.valid_on(day):
                self._lists[one.item] = one
        self._names = names or {}
        self._refuse_loop()
        self._order = self._from_the_top()

    def of(self, item: Key) -> Structure[Key] | None:
        """The list of an item, None for what is bought."""
        return self._lists.get(item)

    def low_level_codes(self) -> dict[Key, int]:
        """The deepest level at which each item appears; whoever plans goes through the items in this order.

        What stands in no other's list is 0; every component is deeper than all that it goes into.
        """
        codes: dict[Key, int] = {}
        for item in self._order:
            code = codes.setdefault(item, 0)
            for component in self._components(item):
                codes[component.item] = code + 1  # the parent that is read last is the deepest one
        return codes

    def explode(self, item: Key, quantity: Decimal, levels: int | None = None) -> Iterator[Node[Key]]:
        """The tree of an item, top first, each list in its own order; `levels` below the top, all when None."""
        waiting: list[tuple[tuple[Key, ...], Fraction, int | None]] = [((item,), Fraction(quantity), None)]
        while waiting:
            path, exact, operation = waiting.pop()
            made = self.of(path[-1])
            yield Node(path, rounded(exact), made.version if made else None, operation)
            if made is not None and (levels is None or len(path) <= levels):
                below = [((*path, one.item), needed, one.operation) for one, needed in made.needs(exact)]
                waiting.extend(reversed(below))

    def totals(self, demands: Mapping[Key, Decimal]) -> dict[Key, Decimal]:
        """What is needed of every item below the demanded ones, without stock: each item once, deepest last.

        A demanded item appears only with what others need of it.
        """
        needed: dict[Key, Fraction] = {}
        for item in self._ordered(demands):
            made, wanted = self.of(item), Fraction(demands.get(item, Decimal(0))) + needed.get(item, Fraction(0))
            for component, exact in made.needs(wanted) if made and wanted else ():
                needed[component.item] = needed.get(component.item, Fraction(0)) + exact
        return {item: rounded(needed[item]) for item in self._ordered(needed) if item in needed}

    def where_used(self, item: Key) -> tuple[Use[Key], ...]:
        """Everything an item goes into, nearest first: how much of it is in one piece, how many levels up at most."""
        content: dict[Key, tuple[Fraction, int, bool]] = {item: (Fraction(1), 0, False)}
        for parent in reversed(self._order):
            made = self.of(parent)
            parts = [(one, exact) for one, exact in made.needs(Fraction(1)) if one.item in content] if made else []
            if parts and parent != item:
                exact = sum((needed * content[one.item][0] for one, needed in parts), Fraction(0))
                depth = 1 + max(content[one.item][1] for one, _ in parts)
                content[parent] = (exact, depth, any(one.item == item for one, _ in parts))
        del content[item]
        uses = [Use(parent, rounded(exact), level, direct) for parent, (exact, level, direct) in content.items()]
        return tuple(sorted(uses, key=lambda use: use.level))

    def _components(self, item: Key) -> tuple[Component[Key], ...]:
        made = self._lists.get(item)
        return made.components if made else ()

    def _ordered(self, items: Iterable[Key]) -> list[Key]:
        """All known items from the top, then what no list knows."""
        return [*self._order, *(item for item in items if item not in self._rank)]

    def _from_the_top(self) -> list[Key]:
        """Every item after all that it goes into; the same order for the same lists."""
        missing: dict[Key, int] = {}
        for item in self._lists:
            missing.setdefault(item, 0)
            for component in self._components(item):
                missing[component.item] = missing.get(component.item, 0) + 1
        order = [item for item, parents in missing.items() if not parents]
        for item in order:  # grows while it is read
            for component in self._components(item):
                missing[component.item] -= 1
                if not missing[component.item]:
                    order.append(component.item)
        self._rank = {item: place for place, item in enumerate(order)}
        return order

    def _refuse_loop(self) -> None:
        if found := loop(self._lists.values()):
            names = " → ".join(self._names.get(item, str(item)) for item in found)
            raise Refused(
                problem(
                    "BOM_LOOP",
                    f"物料清单成环：{names}。",
                    f"The bills of material form a loop: {names}.",
                    hint=("请去掉环中的一个组件。", "Take one component out of the loop."),
                )
            )


def loop(lists: Iterable[Structure[Key]]) -> tuple[Key, ...]:
    """The first loop met when the lists are read in their order: item, component, …, item again; empty without one."""
    parts = {one.item: tuple(component.item for component in one.components) for one in lists}
    done: set[Key] = set()
    for top in parts:
        path: list[Key] = []
        place: dict[Key, int] = {}
        waiting: list[tuple[Key, int]] = [(top, 0)]
        while waiting:
            item, level = waiting.pop()
            while len(path) > level:
                done.add(left := path.pop())
                del place[left]
            if item in place:
                return (*path[place[item] :], item)
            if item not in done:
                place[item] = len(path)
                path.append(item)
                waiting.extend((component, level + 1) for component in reversed(parts.get(item, ())))
        done.update(path)
    return ()
