"""The finite schedule of the open operations: gathers machines, hours and tasks, and writes what the rule books.

A work centre with centres below it stands for them, one with a capacity of several for as many machines. A task is what
is left of an operation of an open order. What the published schedule says is kept as far as it can be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from hub.context import Ctx
from hub.document import today
from hub.document.edit import stamp
from hub.document.fields import CHINA
from hub.document.positions import replace_lines
from hub.document.registry import spec
from hub.errors import NotFound, Refused, problem
from hub.ledgers import working_time
from hub.rules import lateness, schedule
from hub.rules.calendars import Calendar, Window, WorkingTime
from hub.rules.mixed_runs import mixed
from hub.rules.tasks import Booking, Machine, Task

_AHEAD = timedelta(days=400)
"""How long after the plan's last day machines have hours: every task must find its place."""
_MINUTE = timedelta(minutes=1)

_CENTRES = text(
    "SELECT c.id, c.code, coalesce(s.code, '') AS site, c.capacity, c.efficiency, c.calendar_id, c.alternative_id, "
    "c.parent_id FROM hub.work_centre c LEFT JOIN hub.site s ON s.id = c.site_id "
    "WHERE c.company_id = :company AND c.active ORDER BY c.code"
)
_OPERATIONS = text(
    "SELECT p.id, p.sequence, p.operation_id, p.work_centre_id, p.setup_minutes, p.run_minutes, "
    "coalesce(p.mould, o.mould) AS mould, o.id AS order_id, o.number, o.state, o.priority, "
    "o.planned_start_date, o.planned_finish_date, i.code AS item, s.code AS site, o.quantity AS whole, "
    "o.quantity - coalesce((SELECT sum(l.good_quantity) FROM hub.operation_report_line l "
    "  JOIN hub.operation_report r ON r.id = l.operation_report_id "
    "  WHERE l.order_operation_id = p.id AND r.state = 'posted'), 0) AS quantity "
    "FROM hub.production_order_operation p JOIN hub.production_order o ON o.id = p.production_order_id "
    "JOIN hub.item i ON i.id = o.item_id LEFT JOIN hub.site s ON s.id = o.site_id "
    "WHERE o.company_id = :company AND o.state IN ('planned', 'released') "
    "AND (o.planned_start_date IS NULL OR o.planned_start_date <= :until) "
    "AND (cast(:site AS uuid) IS NULL OR o.site_id IS NULL OR o.site_id = cast(:site AS uuid)) "
    "ORDER BY o.number, p.sequence, p.id"
)
_WITHOUT = text(
    "SELECT o.number FROM hub.production_order o WHERE o.company_id = :company AND o.state IN ('planned', 'released') "
    "AND (o.planned_start_date IS NULL OR o.planned_start_date <= :until) AND o.quantity > o.completed_quantity "
    "AND NOT EXISTS (SELECT FROM hub.production_order_operation p WHERE p.production_order_id = o.id "
    "  AND p.work_centre_id IS NOT NULL) ORDER BY o.number"
)
_SHORT = text(
    "SELECT m.production_order_id AS order_id, string_agg(i.code, ', ' ORDER BY i.code) AS items "
    "FROM hub.production_order_material m JOIN hub.production_order o ON o.id = m.production_order_id "
    "JOIN hub.item i ON i.id = m.item_id WHERE o.company_id = :company AND o.state IN ('planned', 'released') "
    "AND m.required_quantity - m.issued_quantity > coalesce((SELECT sum(b.quantity) FROM hub.stock_balance b "
    "  WHERE b.company_id = o.company_id AND b.item_id = m.item_id AND b.status = 'available'), 0) "
    "GROUP BY m.production_order_id"
)
_PUBLISHED = text(
    "SELECT r.order_operation_id, c.code AS centre, r.lane, coalesce(s.code, '') AS site, r.mould, r.starts_at, "
    "r.finishes_at, r.setup_minutes, r.run_minutes, r.locked FROM hub.schedule_run r "
    "JOIN hub.schedule h ON h.id = r.schedule_id JOIN hub.work_centre c ON c.id = r.work_centre_id "
    "LEFT JOIN hub.site s ON s.id = c.site_id "
    "WHERE r.order_operation_id IS NOT NULL AND h.company_id = :company "
    "AND (h.id = cast(:schedule AS uuid) OR cast(:schedule AS uuid) IS NULL "
    "AND h.state = 'published' AND h.site_id IS NOT DISTINCT FROM cast(:site AS uuid))"
)


@dataclass
class _Shop:
    """What a schedule is made of; tasks and machines by their keys, rows and centres by what they stand for."""

    now: datetime
    machines: dict[str, Machine]
    centres: dict[str, Any]
    tasks: dict[str, Task]
    rows: dict[str, Any]
    short: dict[str, str]
    moulds_out: dict[str, list[Window]]
    transfer: timedelta

    def common(self) -> dict[str, Any]:
        """What every rule takes."""
        return {"transfer": self.transfer, "moulds_out": self.moulds_out}


def calculate(ctx: Ctx, document: Any) -> None:
    """Schedule anew: what this schedule or else the published one says stays where it can.

    Raises:
        Refused: SCHEDULE_LOOP, TASK_WITHOUT_PLACE, CALENDAR_WITHOUT_WORKDAYS.
    """
    own = bool(document.runs)
    previous = [] if document.from_scratch and not own else _bookings(ctx, document, own=own)
    shop = _gathered(ctx, document, [one for one, _ in previous])
    kept = [one for one, _ in previous if one.task in shop.tasks]
    alike = {}
    if document.method == "mixed":
        known = {one.task for one in kept}
        alike = {key: f"{row.item} {row.operation_id}" for key, row in shop.rows.items() if key not in known}
    runs = mixed(shop.tasks.values(), alike, timedelta(days=7)) if alike else []
    together = [one.task for one in runs] or list(shop.tasks.values())
    found = schedule.scheduled(together, shop.machines.values(), shop.now, previous=kept, **shop.common())
    members = {one.task.key: one for one in runs}
    bookings = [part for one in found for part in _parts(one, members.get(one.task), shop)]
    _write(ctx, document, shop, bookings, {one.task for one, locked in previous if locked})


def move(ctx: Ctx, document: Any, position: int, starts_at: datetime, work_centre: str | None) -> None:
    """Put one run elsewhere; NotFound RUN_UNKNOWN, Refused DRAG_IMPOSSIBLE."""
    run = next((one for one in document.runs if one.position == position), None)
    if run is None or run.order_operation_id is None:
        words = f"没有第 {position} 行排产。", f"There is no run {position}."
        raise NotFound(problem("RUN_UNKNOWN", *words, "position", hint=("请刷新后重试。", "Reload and try again.")))
    previous = _bookings(ctx, document, own=True)
    shop = _gathered(ctx, document, [one for one, _ in previous])
    task = str(run.order_operation_id)
    kept = [one for one, _ in previous if one.task in shop.tasks]
    here = next((one.machine for one in kept if one.task == task), "")
    wanted = [key for key, one in shop.machines.items() if one.centre == (work_centre or here.rpartition("#")[0])]
    machine = here if here in wanted else next(iter(wanted), "")
    found = schedule.dragged(
        task,
        machine,
        starts_at.astimezone(CHINA),
        kept,
        shop.tasks.values(),
        shop.machines.values(),
        shop.now,
        **shop.common(),
    )
    _write(ctx, document, shop, found, {task, *(one.task for one, locked in previous if locked)})


def _bookings(ctx: Ctx, document: Any, *, own: bool) -> list[tuple[Booking, bool]]:
    """What this or the published schedule says, and whether somebody has put it there by hand."""
    about = {"company": document.company_id, "schedule": document.id if own else None, "site": document.site_id}
    return [(_booking(row), row.locked) for row in ctx.session.execute(_PUBLISHED, about)]


def _booking(row: Any) -> Booking:
    setup, run = (timedelta(minutes=float(value)) for value in (row.setup_minutes, row.run_minutes))
    start, end = row.starts_at.astimezone(CHINA), row.finishes_at.astimezone(CHINA)
    machine = f"{row.centre}#{row.lane}"
    return Booking(str(row.order_operation_id), "", machine, row.site, row.mould, start, setup, run, end, end, end)


def _gathered(ctx: Ctx, document: Any, previous: list[Booking]) -> _Shop:
    about = {"company": document.company_id, "until": document.until_date, "site": document.site_id}
    first_moment = datetime.combine(document.from_date, time(), CHINA)
    now = datetime.now(CHINA).replace(second=0, microsecond=0) if document.from_date == today() else first_moment
    first = min([now, *(one.start for one in previous)]).date() - timedelta(days=1)
    calendars = working_time.calendars(ctx, document.company_id)
    usual = next(iter(calendars.values()), Calendar(zone=CHINA))
    centres = {row.id: row for row in ctx.session.execute(_CENTRES, about)}
    stops: dict[UUID, list[Window]] = defaultdict(list)
    moulds_out: dict[str, list[Window]] = defaultdict(list)
    for one in document.stops:
        window = Window(one.starts_at.astimezone(CHINA), one.finishes_at.astimezone(CHINA))
        if one.work_centre_id:
            stops[one.work_centre_id].append(window)
        if one.mould:
            moulds_out[one.mould].append(window)
    windows = {
        key: one.windows(first, document.until_date + _AHEAD) for key, one in (*calendars.items(), (None, usual))
    }
    machines = {}
    for row in centres.values():
        hours = WorkingTime(windows.get(row.calendar_id) or windows[None], stops[row.id])
        for lane in range(1, row.capacity + 1):
            machines[f"{row.code}#{lane}"] = Machine(f"{row.code}#{lane}", row.code, hours, row.site)
    short = {str(row.order_id): row.items for row in ctx.session.execute(_SHORT, about)}
    shop = _Shop(
        now, machines, {row.code: row for row in centres.values()}, {}, {}, {}, moulds_out,
        document.transfer_minutes * _MINUTE,
    )  # fmt: skip
    rows = [
        row for row in ctx.session.execute(_OPERATIONS, about) if row.quantity > 0 and row.work_centre_id in centres
    ]
    _add_tasks(document, shop, rows, centres, short, frozenset(one.task for one in previous if one.start < now))
    document.left_out = ", ".join(ctx.session.scalars(_WITHOUT, about)) or None
    return shop


def _add_tasks(
    document: Any,
    shop: _Shop,
    rows: Iterable[Any],
    centres: Mapping[UUID, Any],
    short: Mapping[str, str],
    begun: frozenset[str],
) -> None:
    """The tasks of operations, each after the one before it in its order; what has begun goes on as it was planned."""
    last: dict[UUID, str] = {}
    for row in rows:
        key, centre = str(row.id), centres[row.work_centre_id]
        after = (last[row.order_id],) if row.order_id in last else ()
        due = row.planned_finish_date or document.until_date
        setup = float(row.setup_minutes) or document.changeover_minutes
        quantity = row.whole if key in begun else row.quantity
        shop.rows[key] = row
        shop.short[key] = short.get(str(row.order_id), "")
        shop.tasks[key] = Task(
            key,
            row.number,
            timedelta(minutes=_whole(quantity * row.run_minutes * 100 / centre.efficiency)),
            tuple(_machines(centres, centre)),
            _earliest(row, shop, after),
            datetime.combine(due + timedelta(days=1), time(), CHINA),
            timedelta(minutes=_whole(Decimal(setup))),
            timedelta(minutes=min(document.changeover_minutes, _whole(Decimal(setup)))),
            row.mould,
            row.item,
            after,
            row.site or centre.site,
            row.priority,
        )
        last[row.order_id] = key


def _whole(minutes: Decimal) -> int:
    """Whole minutes, at least one for any work at all."""
    return max(int(minutes.to_integral_value()), 1) if minutes else 0


def _earliest(row: Any, shop: _Shop, after: tuple[str, ...]) -> datetime:
    """An order that is released and has its materials may begin at once, any other on its planned day."""
    ready = row.state == "released" and not shop.short[str(row.id)]
    if after or ready or row.planned_start_date is None:
        return shop.now
    return max(datetime.combine(row.planned_start_date, time(), CHINA), shop.now)


def _machines(centres: Mapping[UUID, Any], centre: Any) -> Iterator[str]:
    """The machines of a work centre: of those below it if there are any, then of its alternative."""
    below = [one for one in centres.values() if one.parent_id == centre.id]
    for one in below or [centre]:
        yield from (f"{one.code}#{lane}" for lane in range(1, one.capacity + 1))
    other = centres.get(centre.alternative_id)
    if other is not None and other.id != centre.id:
        second = [one for one in centres.values() if one.parent_id == other.id] or [other]
        yield from (f"{one.code}#{lane}" for one in second for lane in range(1, one.capacity + 1))


def _parts(booking: Booking, run: Any, shop: _Shop) -> Iterator[Booking]:
    """A mixed run as a booking for each of its tasks, one behind the other; only the first has the changeover."""
    if run is None:
        yield booking
        return
    start, setup = booking.start, booking.setup
    for member in run.members:
        end = run.done(booking, shop.machines[booking.machine].hours)[member.key]
        there = booking.there - booking.end + end
        yield replace(
            booking, task=member.key, order=member.order, start=start, setup=setup, run=member.run, end=end,
            there=there, due=member.due,
        )  # fmt: skip
        start, setup = end, timedelta(0)


def _write(ctx: Ctx, document: Any, shop: _Shop, bookings: list[Booking], locked: set[str]) -> None:
    """The document's runs are the bookings; each late one with its reason and what would help."""
    model = spec("ScheduleRun").model
    by_task = {one.task: one for one in bookings}
    shifts = working_time.shifts(ctx, document.company_id)
    found = []
    for one in bookings:
        row, machine = shop.rows[one.task], shop.machines[one.machine]
        centre = shop.centres[machine.centre]
        why, proposal = _why_late(shop, one, by_task) if one.late else (None, None)
        found.append(
            model(
                production_order_id=row.order_id,
                order_operation_id=row.id,
                operation_id=row.operation_id,
                work_centre_id=centre.id,
                lane=int(one.machine.rpartition("#")[2]),
                mould=one.mould,
                shift_id=working_time.shift_at(shifts, centre.calendar_id, one.start),
                starts_at=one.start,
                finishes_at=one.end,
                quantity=row.quantity,
                setup_minutes=Decimal(one.setup // _MINUTE),
                run_minutes=Decimal(one.run // _MINUTE),
                changeover=bool(one.setup),
                locked=one.task in locked,
                away=one.site != shop.tasks[one.task].site,
                late_minutes=one.late // _MINUTE,
                reason=str(why.sentence) if why and why.sentence else None,
                reason_code=why.reason if why else None,
                cause=why.stage.what or None if why and why.stage else None,
                proposal=proposal,
            )
        )
    replace_lines(document, "runs", [], found)
    document.scheduled_at = datetime.now(CHINA)
    stamp(ctx, spec("Schedule"), document)


def _why_late(shop: _Shop, booking: Booking, by_task: Mapping[str, Booking]) -> tuple[lateness.Risk, str | None]:
    """Why a run is late, and where it would be done sooner."""
    way = lateness.way(booking, by_task, shop.tasks, shop.now, shop.short)
    machines = shop.machines.values()
    try:
        better = schedule.sooner(
            booking.task, list(by_task.values()), shop.tasks.values(), machines, shop.now, **shop.common()
        )
    except Refused:
        better = []
    proposal = None
    if better:
        place, moment = better[0].machine, f"{better[0].there:%m-%d %H:%M}"
        proposal = f"移到 {place}，{moment} 完成 (move to {place}: done at {moment})"
    return lateness.risk(booking.due, way), proposal
