"""What every order must fulfil before it binds anybody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from hub.errors import Problem, problem


def not_positive(quantities: Iterable[Decimal]) -> Iterator[Problem]:
    """QUANTITY_NOT_POSITIVE for each line whose quantity is zero or less."""
    for index, quantity in enumerate(quantities):
        if quantity <= 0:
            yield problem(
                "QUANTITY_NOT_POSITIVE",
                f"第 {index + 1} 行数量必须大于零。",
                f"Line {index + 1}: the quantity must be above zero.",
                *("lines", str(index), "quantity"),
            )


def without_item(lines: Sequence[Any]) -> Iterator[Problem]:
    """ITEM_MISSING for each line of a paper about goods that names none."""
    for index, line in enumerate(lines):
        if line.item_id is None:
            yield problem(
                "ITEM_MISSING",
                f"第 {index + 1} 行没有存货。",
                f"Line {index + 1} names no item.",
                *("lines", str(index), "item"),
            )


def with_reason(note: str | None, reason: str) -> str:
    """The note with a reason added on a line of its own."""
    return f"{note}\n{reason}" if note else reason
