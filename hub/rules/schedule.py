"""Finite-capacity schedule: which task runs on which machine, with which mould, from when to when.

A machine does one task at a time and works in its own hours; a mould is in one machine at a time, from the changeover
to the end, nights included. Tasks are placed one by one, the most urgent first, where they end soonest; another site is
used when home would be late. What has begun stays, and what an event does not touch stays where it was.
Deterministic: the order of the input does not matter.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from hub.errors import Refused, problem
from hub.rules.calendars import NOTHING, Window, WorkingTime
from hub.rules.tasks import Booking, Machine, Task, changeover


def scheduled(
    tasks: Iterable[Task],
    machines: Iterable[Machine],
    now: datetime,
    *,
    transfer: timedelta = NOTHING,
    moulds_out: Mapping[str, Sequence[Window]] | None = None,
    previous: Iterable[Booking] = (),
) -> list[Booking]:
    """A booking for every task, in order of start.

    With the `previous` bookings it re-plans: what had begun before `now` goes on, what still fits stays, the rest is
    placed anew. `transfer` is the way between two sites, for goods and moulds; `moulds_out` says when moulds are away.

    Raises:
        Refused: SCHEDULE_LOOP for tasks that wait for each other, TASK_WITHOUT_PLACE for a task that no machine can do
            within its hours.
    """
    board = _Board(tasks, machines, now, transfer, moulds_out or {})
    board.keep(previous)
    return board.filled()


def dragged(
    task: str,
    machine: str,
    start: datetime,
    previous: Sequence[Booking],
    tasks: Iterable[Task],
    machines: Iterable[Machine],
    now: datetime,
    *,
    transfer: timedelta = NOTHING,
    moulds_out: Mapping[str, Sequence[Window]] | None = None,
) -> list[Booking]:
    """The schedule with one task put by hand on a machine from a moment on; what it pushes away finds another place.

    Raises:
        Refused: DRAG_IMPOSSIBLE when it has begun, cannot run there, or what it needs is not done by then.
    """
    if any((one.task, one.machine, one.start) == (task, machine, start) for one in previous):
        return sorted(previous, key=_by_start)
    board = _Board(tasks, machines, now, transfer, moulds_out or {})
    board.pin(task, machine, start, previous)
    board.keep(one for one in previous if one.task != task)
    result = board.filled()
    if board.ready(board.tasks[task], board.machines[machine])[0] > board.booked[task].start:
        raise _undraggable(task)
    return result


def sooner(
    task: str,
    bookings: Sequence[Booking],
    tasks: Iterable[Task],
    machines: Iterable[Machine],
    now: datetime,
    *,
    transfer: timedelta = NOTHING,
    moulds_out: Mapping[str, Sequence[Window]] | None = None,
) -> list[Booking]:
    """Where a task could be done sooner while all others stay, the soonest first: what to propose when it is late."""
    board = _Board(tasks, machines, now, transfer, moulds_out or {})
    board.load(one for one in bookings if one.task != task)
    present = next(one for one in bookings if one.task == task)
    found = [board.place(board.tasks[task], board.machines[one]) for one in board.tasks[task].machines]
    better = [one for one in found if one is not None and one.there < present.there]
    return sorted(better, key=lambda one: (one.there, one.machine))


def _by_start(booking: Booking) -> tuple[datetime, datetime, str]:
    return booking.start, booking.end, booking.task


def _undraggable(task: str) -> Refused:
    return Refused(
        problem(
            "DRAG_IMPOSSIBLE",
            f"任务 {task} 不能放在那里。",
            f"Task {task} cannot be put there.",
            hint=(
                "请选择可加工的机台和更晚的时间；已开工的任务不能移动。",
                "Choose a machine that can do it, and a later time; what has begun cannot be moved.",
            ),
        )
    )


@dataclass(frozen=True, order=True)
class _Span:
    """A stretch in which a machine or a mould is taken."""

    start: datetime
    end: datetime
    task: str = ""
    site: str | None = None


class _Board:
    """The machines and moulds with what has been booked so far."""

    def __init__(
        self,
        tasks: Iterable[Task],
        machines: Iterable[Machine],
        now: datetime,
        transfer: timedelta,
        moulds_out: Mapping[str, Sequence[Window]],
    ) -> None:
        self.tasks = {one.key: one for one in tasks}
        self.machines = {one.key: one for one in machines}
        self.now, self.transfer = now, transfer
        self.booked: dict[str, Booking] = {}
        self.lanes: dict[str, list[_Span]] = defaultdict(list)
        self.moulds: dict[str, list[_Span]] = defaultdict(list)
        for mould, windows in moulds_out.items():
            self.moulds[mould] = sorted(_Span(*window) for window in windows)

    def load(self, bookings: Iterable[Booking]) -> None:
        """Book what is given as it is."""
        for one in bookings:
            if one.task in self.tasks:
                self._book(one)

    def keep(self, previous: Iterable[Booking]) -> None:
        """Book again what had begun, with the hours as they are now, then whatever else still fits in its place."""
        known = [one for one in previous if one.task in self.tasks and one.machine in self.machines]
        open_ = sorted((one for one in known if one.task not in self.booked), key=_by_start)
        for one in open_:
            if one.start < self.now:
                self._book(self._continued(one))
        for one in open_:
            if one.start >= self.now and (standing := self._standing(one)) is not None:
                self._book(standing)

    def pin(self, task: str, machine: str, start: datetime, previous: Iterable[Booking]) -> None:
        """Book a task where somebody wants it, with a whole changeover, whatever comes before it in the end."""
        if task not in self.tasks or machine not in self.tasks[task].machines or machine not in self.machines:
            raise _undraggable(task)
        begun = [one for one in previous if one.start < self.now]
        if start < self.now or any(one.task == task for one in begun):
            raise _undraggable(task)
        self.keep(begun)
        wanted, there = self.tasks[task], self.machines[machine]
        booking = self._fitted(wanted, there, start, wanted.setup, None, None)
        if booking is None or booking.start < wanted.earliest:
            raise _undraggable(task)
        self._book(booking)

    def filled(self) -> list[Booking]:
        """Place every task that has no booking yet, the most urgent of those whose predecessors are placed first."""
        missing = {
            key: sum(one in self.tasks and one not in self.booked for one in set(task.after))
            for key, task in self.tasks.items()
            if key not in self.booked
        }
        then: dict[str, list[str]] = defaultdict(list)
        for key in missing:
            for one in set(self.tasks[key].after):
                then[one].append(key)
        waiting = [(self.tasks[key].urgency, key) for key, count in missing.items() if not count]
        heapify(waiting)
        while waiting:
            _, key = heappop(waiting)
            self._book(self._best(self.tasks[key]))
            del missing[key]
            for one in then[key]:
                missing[one] -= 1
                if not missing[one]:
                    heappush(waiting, (self.tasks[one].urgency, one))
        if missing:
            raise self._loop(missing)
        return sorted(self.booked.values(), key=_by_start)

    def ready(self, task: Task, machine: Machine) -> tuple[datetime, str | None, str | None]:
        """From when a task may run on a machine, and what it waits for until then."""
        moment, why, behind = self.now, None, None
        if task.earliest > moment:
            moment, why = task.earliest, "material"
        for key in sorted(set(task.after)):
            before = self.booked.get(key)
            if before is not None and (done := self._moved(before.end, before.site, machine.site)) > moment:
                moment, why, behind = done, "previous", key
        return moment, why, behind

    def place(self, task: Task, machine: Machine) -> Booking | None:
        """The first place on a machine that is free for the machine and the mould, with the changeovers around it."""
        ready, why, behind = self.ready(task, machine)
        moments: dict[datetime, tuple[str | None, str | None]] = {}
        for span in self.lanes[machine.key]:
            moments[span.end] = "machine", span.task
        for span in self.moulds[task.mould] if task.mould else ():
            moments[self._moved(span.end, span.site, machine.site)] = "mould", span.task or None
        later = sorted(moment for moment in moments if moment > ready)
        for moment in (ready, *later):
            reason = (why, behind) if moment == ready else moments[moment]
            if (booking := self._fitted(task, machine, moment, None, *reason)) is not None:
                return booking
        return None

    def _best(self, task: Task) -> Booking:
        """Where a task ends soonest; away from its site only when it would be late at home."""
        able = [self.machines[key] for key in task.machines if key in self.machines]
        home = [one for one in able if one.site == task.site]
        away = [one for one in able if one.site != task.site]
        best = self._soonest(task, home)
        if best is None or best.late:
            other = self._soonest(task, away)
            if other is not None and (best is None or other.there < best.there):
                best = other
        if best is None:
            raise Refused(
                problem(
                    "TASK_WITHOUT_PLACE",
                    f"任务 {task.key} 在排产期间内没有可用的机台。",
                    f"No machine has the time to do task {task.key} within the horizon.",
                    hint=("请检查工作中心、班次和排产期间。", "Look at the work centres, the shifts and the horizon."),
                    task=task.key,
                )
            )
        return best

    def _soonest(self, task: Task, machines: Iterable[Machine]) -> Booking | None:
        found = [one for machine in machines if (one := self.place(task, machine)) is not None]
        return min(found, key=lambda one: one.there, default=None)  # of equal ones the first, the preferred machine

    def _fitted(
        self,
        task: Task,
        machine: Machine,
        moment: datetime,
        setup: timedelta | None,
        why: str | None,
        behind: str | None,
    ) -> Booking | None:
        """The task begun at the next working moment, None when something is in its way."""
        lane = self.lanes[machine.key]
        try:
            start = machine.hours.after(moment)
            before, following = _around(lane, start)
            if (before and before.end > start) or (following and following.start < start + task.run):
                return None
            if setup is None:
                setup = changeover(self.tasks[before.task] if before else None, task)
            end = machine.hours.finish(start, setup + task.run)
        except Refused:  # beyond the hours of this machine
            return None
        if following and (
            following.start < end or changeover(task, self.tasks[following.task]) > self.booked[following.task].setup
        ):
            return None
        if task.mould and not self._mould_free(task.mould, machine.site, start, end):
            return None
        there = self._moved(end, machine.site, task.site)
        return Booking(
            task.key, task.order, machine.key, machine.site, task.mould,
            start, setup, task.run, end, there, task.due, why, behind,
        )  # fmt: skip

    def _mould_free(self, mould: str, site: str, start: datetime, end: datetime) -> bool:
        return all(
            self._moved(span.end, span.site, site) <= start or self._moved(end, site, span.site) <= span.start
            for span in self.moulds[mould]
        )

    def _moved(self, moment: datetime, origin: str | None, site: str | None) -> datetime:
        """When something is there that leaves one site for another; the repair shop is everywhere."""
        return moment if origin is None or site is None or origin == site else moment + self.transfer

    def _continued(self, booking: Booking) -> Booking:
        """What has begun, with its end by the machine's hours as they are now, and by when its mould is there."""
        task, machine = self.tasks[booking.task], self.machines[booking.machine]
        end = booking.end
        if end > self.now:
            away = [Window(one.start, one.end) for one in self.moulds[booking.mould or ""] if not one.task]
            hours = WorkingTime(machine.hours.windows, away) if away else machine.hours
            end = max(hours.finish(booking.start, booking.setup + task.run), self.now)
        there = self._moved(end, machine.site, task.site)
        return replace(booking, order=task.order, run=task.run, end=end, there=there, due=task.due)

    def _standing(self, booking: Booking) -> Booking | None:
        """The booking as it can stay, given what is booked already; None when it cannot."""
        task, machine = self.tasks[booking.task], self.machines[booking.machine]
        if machine.key not in task.machines or any(one in self.tasks and one not in self.booked for one in task.after):
            return None
        if self.ready(task, machine)[0] > booking.start:
            return None
        before, _ = _around(self.lanes[machine.key], booking.start)
        if changeover(self.tasks[before.task] if before else None, task) > booking.setup:
            return None
        again = self._fitted(task, machine, booking.start, booking.setup, booking.waits_for, booking.behind)
        stays = again is not None and (again.start, again.end, again.mould) == (
            booking.start,
            booking.end,
            booking.mould,
        )
        return again if stays else None

    def _book(self, booking: Booking) -> None:
        self.booked[booking.task] = booking
        span = _Span(booking.start, booking.end, booking.task, booking.site)
        insort(self.lanes[booking.machine], span)
        if booking.mould:
            insort(self.moulds[booking.mould], span)

    def _loop(self, missing: Iterable[str]) -> Refused:
        """The error that names the tasks which wait for each other."""
        left, path = set(missing), [min(missing)]
        while path[-1] not in path[:-1]:
            path.append(min(one for one in self.tasks[path[-1]].after if one in left))
        names = " → ".join(reversed(path[path.index(path[-1]) :]))
        return Refused(
            problem(
                "SCHEDULE_LOOP",
                f"任务相互等待：{names}。",
                f"These tasks wait for each other: {names}.",
                hint=("请去掉其中一个先后关系。", "Take one of these dependences away."),
            )
        )


def _around(spans: Sequence[_Span], moment: datetime) -> tuple[_Span | None, _Span | None]:
    """The span that begins last until a moment, and the first one after it."""
    index = bisect_right(spans, moment, key=lambda span: span.start)
    return (spans[index - 1] if index else None), (spans[index] if index < len(spans) else None)


def loads(
    bookings: Iterable[Booking], machines: Iterable[Machine], windows: Sequence[Window]
) -> Iterator[tuple[str, Window, timedelta, timedelta]]:
    """For each machine and window (a day, a shift): the time that is booked, and the time there is."""
    of: dict[str, list[Booking]] = defaultdict(list)
    for one in bookings:
        of[one.machine].append(one)
    for machine in sorted(machines, key=lambda one: one.key):
        for window in windows:
            booked = (
                machine.hours.work(max(one.start, window.start), min(one.end, window.end))
                for one in of[machine.key]
                if one.start < window.end and window.start < one.end
            )
            yield machine.key, window, sum(booked, NOTHING), machine.hours.work(*window)
