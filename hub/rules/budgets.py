"""Whether spending stays within budgets: what was allowed, what has been used, what somebody wants now.

A budget may stand for an account with everything below it and for departments; a wish counts against every budget that
covers it, and everything that would go beyond is told at once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hub.rules.money import ZERO


@dataclass(frozen=True)
class Ceiling:
    """What may be spent on accounts whose code begins with `account`, by `departments` (None: by everybody)."""

    key: Hashable
    amount: Decimal
    account: str
    departments: frozenset[Hashable] | None = None


@dataclass(frozen=True)
class Spending:
    """Money on an account for a department: already spent, promised, or wished for."""

    account: str
    department: Hashable | None
    amount: Decimal


@dataclass(frozen=True)
class Excess:
    """A ceiling that a wish goes beyond, with what had been used of it and what was wished for."""

    ceiling: Ceiling
    used: Decimal
    wished: Decimal

    @property
    def over(self) -> Decimal:
        """By how much."""
        return self.used + self.wished - self.ceiling.amount


def covers(ceiling: Ceiling, spending: Spending) -> bool:
    """Whether spending counts against a ceiling."""
    here = ceiling.departments is None or spending.department in ceiling.departments
    return here and spending.account.startswith(ceiling.account)


def used(ceiling: Ceiling, spendings: Iterable[Spending]) -> Decimal:
    """What of spendings counts against a ceiling."""
    return sum((one.amount for one in spendings if covers(ceiling, one)), ZERO)


def exceeded(ceilings: Iterable[Ceiling], spent: Sequence[Spending], wishes: Sequence[Spending]) -> tuple[Excess, ...]:
    """The ceilings that wishes go beyond, in the order of the ceilings; what they do not touch is left in peace.

    >>> ceiling = Ceiling("travel", Decimal(1000), "5602")
    >>> spent, wish = Spending("560201", None, Decimal(700)), Spending("5602", None, Decimal(300))
    >>> exceeded([ceiling], [spent], [wish]), exceeded([ceiling], [spent, spent], [wish])[0].over
    ((), Decimal('700'))
    """
    found = (Excess(one, used(one, spent), used(one, wishes)) for one in ceilings)
    return tuple(one for one in found if one.wished > 0 and one.over > 0)
