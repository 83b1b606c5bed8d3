"""Mixed orders: tasks of several orders that are alike and due about the same time run as one, with one changeover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hub.rules.calendars import NOTHING, WorkingTime
from hub.rules.tasks import Booking, Task


@dataclass(frozen=True)
class Run:
    """A task for the schedule and the tasks that it does, in the order in which they are done."""

    task: Task
    members: tuple[Task, ...]

    def done(self, booking: Booking, hours: WorkingTime) -> dict[str, datetime]:
        """When each member's part is finished; the last one's is the end of the run."""
        worked, result = booking.setup, {}
        for member in self.members:
            worked += member.run
            result[member.key] = hours.finish(booking.start, worked)
        return result


def mixed(tasks: Iterable[Task], alike: Mapping[str, str], within: timedelta) -> list[Run]:
    """The runs: tasks whose key leads to the same word in `alike`, due within a time of the first, go together.

    Only tasks that need the same machines, mould, family and site are alike. Where going together would make tasks wait
    for each other in a circle, every task runs by itself.
    """
    tasks = sorted(tasks, key=lambda one: (one.due, one.order, one.key))
    groups: dict[tuple[object, ...], list[list[Task]]] = defaultdict(list)
    for one in tasks:
        need = (one.machines, one.mould, one.family, one.site, one.setup, one.cleaning)
        of_its_kind = groups[(alike.get(one.key, one.key), *need)]
        if of_its_kind and one.due - of_its_kind[-1][0].due <= within:
            of_its_kind[-1].append(one)
        else:
            of_its_kind.append([one])
    together = [members for kind in groups.values() for members in kind]
    if _circular(together):
        together = [[one] for one in tasks]
    name = {one.key: _name(members) for members in together for one in members}
    return [Run(_joined(members, name), tuple(members)) for members in sorted(together, key=_name)]


def _name(members: Sequence[Task]) -> str:
    return "+".join(one.key for one in members)


def _joined(members: Sequence[Task], name: Mapping[str, str]) -> Task:
    """One task for all: begun when all may begin, due with the first, as urgent as the most urgent."""
    return replace(
        members[0],
        key=_name(members),
        order="+".join(dict.fromkeys(one.order for one in members)),
        run=sum((one.run for one in members), NOTHING),
        earliest=max(one.earliest for one in members),
        due=min(one.due for one in members),
        after=tuple(sorted({name.get(key, key) for one in members for key in one.after})),
        priority=min(one.priority for one in members),
    )


def _circular(together: Sequence[Sequence[Task]]) -> bool:
    """Whether runs would wait for each other."""
    run = {one.key: index for index, members in enumerate(together) for one in members}
    waits = {
        index: {run[key] for one in members for key in one.after if key in run}
        for index, members in enumerate(together)
    }
    while free := [index for index, others in waits.items() if not others & waits.keys()]:
        for index in free:
            del waits[index]
    return bool(waits)
