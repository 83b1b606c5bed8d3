"""What a schedule is made of: machines and tasks go in, bookings come out; and the work between two tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hub.rules.calendars import NOTHING, WorkingTime


@dataclass(frozen=True)
class Machine:
    """One machine of a work centre; `hours` are its shifts without its stops, back to the start of what has begun."""

    key: str
    centre: str
    hours: WorkingTime = field(compare=False, repr=False)
    site: str = ""


@dataclass(frozen=True)
class Task:
    """An operation of an order; `machines` are those that can do it, the preferred ones first.

    `setup` is the change to this task from anything else; when the same mould stays in the machine, only `cleaning` is
    needed for another `family` (a colour, a material), and nothing for the same. `site` is where the goods are wanted.
    """

    key: str
    order: str
    run: timedelta
    machines: tuple[str, ...]
    earliest: datetime
    due: datetime
    setup: timedelta = NOTHING
    cleaning: timedelta = NOTHING
    mould: str | None = None
    family: str = ""
    after: tuple[str, ...] = ()
    site: str = ""
    priority: int = 5

    @property
    def urgency(self) -> tuple[int, datetime, str, str]:
        """What goes first: the lower priority number, then the earlier due moment."""
        return self.priority, self.due, self.order, self.key


@dataclass(frozen=True)
class Booking:
    """A task's place: changeover from `start`, running until `end`; `there` is when the goods are at their site.

    `waits_for` says what kept it from starting sooner: material, previous, machine or mould, `behind` which task.
    """

    task: str
    order: str
    machine: str
    site: str
    mould: str | None
    start: datetime
    setup: timedelta
    run: timedelta
    end: datetime
    there: datetime
    due: datetime
    waits_for: str | None = None
    behind: str | None = None

    @property
    def late(self) -> timedelta:
        """How much too late the goods are there."""
        return max(self.there - self.due, NOTHING)


def changeover(before: Task | None, task: Task) -> timedelta:
    """The work between two tasks on one machine: none, a cleaning, or the whole change."""
    if before is None or before.mould != task.mould:
        return task.setup
    if before.family == task.family:
        return NOTHING
    return task.setup if task.mould is None else min(task.cleaning, task.setup)
