"""Days between which something holds, both of them included; an empty one is no bound."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from hub.errors import Problem, problem


def crossed(first: date | None, last: date | None, *path: str) -> Iterator[Problem]:
    """DATES_CROSSED when the last day is before the first; the path is that of the last day."""
    if first is not None and last is not None and last < first:
        yield problem(
            "DATES_CROSSED",
            f"截止日期 {last} 早于起始日期 {first}。",
            f"The last day, {last}, is before the first, {first}.",
            *(path or ("validUntilDate",)),
            hint=("请核对日期。", "Check the days."),
        )
