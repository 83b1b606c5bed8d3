"""How signatures follow one another: which tasks of an approval open next, and when all is signed.

A task belongs to a stage and in it to a slot. Stages come one after the other; a stage is done when each of its slots
is; a slot is done when one of its tasks is. So "any of us" is one slot with many tasks, "all of us" many slots with
one. A task may wait for another slot. Past tasks, from before a return, count for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

WAITING, OPEN, APPROVED, SKIPPED, CANCELLED = "waiting", "open", "approved", "skipped", "cancelled"
DONE = (APPROVED, SKIPPED)
UNDECIDED = (WAITING, OPEN)


class Task(Protocol):
    """What of a task matters here; `state` also knows values that count for nothing (rejected, copied …)."""

    stage: int
    slot: int
    waits_for: int | None
    signer_id: Any
    state: str
    past: bool


def live(tasks: Iterable[Task]) -> list[Task]:
    """The tasks that count."""
    return [task for task in tasks if not task.past and task.state in (*DONE, *UNDECIDED, CANCELLED)]


def advance(tasks: Sequence[Task], *, skip_repeated: bool) -> bool:
    """Open what comes next, close what is not needed any more; True when everything is signed.

    With `skip_repeated` somebody who has approved in this approval already is not asked again.
    """
    counted = live(tasks)
    while True:
        for task in counted:
            if task.state in UNDECIDED and _done(counted, task.slot):
                task.state = CANCELLED
        stage = current_stage(counted)
        if stage is None:
            return True
        ready = [
            task
            for task in counted
            if task.stage == stage
            and task.state == WAITING
            and (task.waits_for is None or _done(counted, task.waits_for))
        ]
        signed = {task.signer_id for task in counted if task.state == APPROVED}
        repeated = [task for task in ready if skip_repeated and task.signer_id in signed]
        if not repeated:
            for task in ready:
                task.state = OPEN
            return False
        for task in repeated:
            task.state = SKIPPED


def current_stage(tasks: Iterable[Task]) -> int | None:
    """The first stage that is not done; None when all are."""
    counted = live(tasks)
    return min((task.stage for task in counted if not _done(counted, task.slot)), default=None)


def close(tasks: Iterable[Task]) -> None:
    """Nobody is asked any more."""
    for task in live(tasks):
        if task.state in UNDECIDED:
            task.state = CANCELLED


def _done(tasks: Iterable[Task], slot: int) -> bool:
    return any(task.slot == slot and task.state in DONE for task in tasks)
