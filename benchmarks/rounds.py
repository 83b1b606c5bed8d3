"""Two ways of doing one thing, timed in turns: what drifts on a shared machine hits both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """Median seconds of both, and the median of the round-by-round ratio peer / ours (above 1: we are faster)."""

    ours: float
    peer: float
    ratio: float
    rounds: int

    def __str__(self) -> str:
        """The seconds behind the ratio."""
        return f"ours {self.ours:.3f} s, peer {self.peer:.3f} s, {self.rounds} rounds"


def compare(ours: Callable[[int], None], peer: Callable[[int], None], *, rounds: int = 5) -> Comparison:
    """Time both in turns; each is given the number of the round, 0 for the one that warms up and does not count."""
    times: list[tuple[float, float]] = []
    for index in range(rounds + 1):
        pair = (_timed(ours, index), _timed(peer, index))
        if index:
            times.append(pair)
    return Comparison(
        statistics.median(one for one, _ in times),
        statistics.median(one for _, one in times),
        statistics.median(other / one for one, other in times),
        rounds,
    )


def _timed(work: Callable[[int], None], index: int) -> float:
    started = time.perf_counter()
    work(index)
    return time.perf_counter() - started
