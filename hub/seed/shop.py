"""The moulding shop: sixteen machines, forty-two moulds, two shifts. This is where orders become late.

A production order waits for a machine that its mould fits, for the mould itself (one mould, one machine) and for its
material; then it runs until its quantity is moulded, unless the machine breaks down. Of what was promised the shop
knows only the due date by which its queue is sorted.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from random import Random

from hub.seed.cast import Employee, Machine, Part
from hub.seed.output import Output
from hub.seed.records import MaterialLine, ProductionOrder, SalesLine
from hub.seed.stock import Stock
from hub.seed.supply import requirement
from hub.seed.workdays import workday_from, workdays_before

HOURS = 17.5  # of two shifts, after breaks and cleaning
_REACH = 2.3  # a mould runs on machines of its tonnage and up to so many times as large
_SETUP_HOURS, _COLOUR_HOURS = 2.4, 0.6
_BREAKDOWN = 0.011  # chance a machine fails on a day
_MOULD_DAMAGE = 0.006  # chance a mould goes to repair when its order ends
_SLACK_DAYS = 8  # between the planned finish of a run and the day it is due
_ALLOWANCE = 1.025  # planned above the need, for scrap and rejects


@dataclass(slots=True, eq=False)
class _Press:
    machine: Machine
    mould: str = ""
    part: str = ""
    job: ProductionOrder | None = None
    down_until: date | None = None
    trouble: str = ""


class Shop:
    """Production orders from planning to the last report."""

    def __init__(
        self,
        random: Random,
        stock: Stock,
        machines: list[Machine],
        operators: list[Employee],
        inspectors: list[Employee],
    ) -> None:
        self.orders: list[ProductionOrder] = []
        self.output = Output(random, stock, operators, inspectors)
        self.busy_hours = 0.0
        self._random, self._stock = random, stock
        self._presses = [_Press(machine) for machine in machines]
        self._queue: list[ProductionOrder] = []
        self._mould_away: dict[str, date] = {}
        self._mould_freed: dict[str, date] = {}
        self._numbers: dict[str, int] = defaultdict(int)

    def committed(self) -> dict[str, Decimal]:
        """Material that waiting production orders will need."""
        total: dict[str, Decimal] = defaultdict(Decimal)
        for order in self._queue:
            for material in order.materials:
                total[material.item] += material.required
        return total

    def plan(self, day: date, part: Part, demands: list[tuple[SalesLine, int]]) -> ProductionOrder:
        """A production order for lines of one part that nothing else covers."""
        needed = sum(quantity for _, quantity in demands)
        cartons = math.ceil(needed * _ALLOWANCE / part.carton_pieces)
        quantity = max(cartons, part.lot_cartons) * part.carton_pieces
        due = min(line.promised_date for line, _ in demands)
        duration = math.ceil((quantity / part.pieces_per_hour + _SETUP_HOURS) / HOURS)
        start = max(workday_from(day + timedelta(days=1)), workdays_before(due, duration + _SLACK_DAYS))
        finish = start
        for _ in range(duration - 1):
            finish = workday_from(finish + timedelta(days=1))
        order = ProductionOrder(
            number=self._next(f"SC{day:%y%m}"),
            part=part,
            quantity=quantity,
            created_date=day,
            due_date=due,
            planned_start=start,
            planned_finish=finish,
            demands=demands,
            materials=_materials(part, quantity),
        )
        for line, covered in demands:
            line.planned += covered
        self.orders.append(order)
        self._queue.append(order)
        return order

    def run(self, day: date) -> None:
        """One workday of all machines."""
        self._queue.sort(key=lambda order: (order.due_date, order.number))
        for press in self._presses:
            if press.down_until and day < press.down_until:
                continue
            press.down_until = None
            if self._random.random() < _BREAKDOWN:
                press.down_until = workday_from(day + timedelta(days=self._random.choice((1, 1, 2, 3))))
                if press.job:
                    press.job.note = press.trouble = f"{day:%m-%d} {press.machine.code} 故障停机"
                continue
            self._run_press(day, press)
        self._note_waits(day)

    def _note_waits(self, day: date) -> None:
        """Why what should run today does not, and what runs."""
        for press in self._presses:
            if press.job is not None and press.down_until and day < press.down_until:
                press.job.waits["breakdown"] += 1
        busy = {press.mould for press in self._presses if press.job is not None}
        for order in self._queue:
            if order.planned_start <= day:
                order.waits[self._why(day, order, busy)] += 1

    def _why(self, day: date, order: ProductionOrder, busy: set[str]) -> str:
        """What an order that could have begun waits for."""
        part = order.part
        if self._mould_away.get(part.mould, day) > day or part.mould in busy:
            return "mould"
        if any(self._stock.on_hand(need.item) < need.required for need in order.materials):
            return "supply"
        fitting = [press for press in self._presses if part.tonnage <= press.machine.tonnage <= part.tonnage * _REACH]
        return "breakdown" if any(press.down_until and day < press.down_until for press in fitting) else "machine"

    def _run_press(self, day: date, press: _Press) -> None:
        hours = HOURS
        while hours > 0.2:
            if press.job is None:
                press.job = self._pick(day, press)
                if press.job is None:
                    return
                self._start(day, press, press.job)
            hours = self._mould(day, press, press.job, hours)

    def _pick(self, day: date, press: _Press) -> ProductionOrder | None:
        """The most urgent order this machine can run now; the mounted mould goes first when it is due about as soon."""
        busy = {other.mould for other in self._presses if other.job is not None}
        first: ProductionOrder | None = None
        for order in self._queue:
            if first and order.due_date > first.due_date + timedelta(days=3):
                break
            if first and order.part.mould != press.mould:
                continue
            if self._can_run(day, press, order, busy):
                if order.part.mould == press.mould:
                    return order
                first = order
        return first

    def _can_run(self, day: date, press: _Press, order: ProductionOrder, busy: set[str]) -> bool:
        part = order.part
        if not part.tonnage <= press.machine.tonnage <= part.tonnage * _REACH or part.mould in busy:
            return False
        if press.mould != part.mould and self._mould_freed.get(part.mould) == day:
            return False  # it was on another machine this morning
        if self._mould_away.get(part.mould, day) > day or order.planned_start > day + timedelta(days=3):
            return False
        return all(self._stock.on_hand(need.item) >= need.required for need in order.materials)

    def _start(self, day: date, press: _Press, order: ProductionOrder) -> None:
        self._queue.remove(order)
        order.state, order.machine, order.started_date = "released", press.machine.code, day
        if press.mould != order.part.mould:
            order.setup_hours = _SETUP_HOURS
        elif press.part != order.part.code:
            order.setup_hours = _COLOUR_HOURS
        for other in self._presses:
            if other is not press and other.mould == order.part.mould:
                other.mould = other.part = ""
        press.mould, press.part = order.part.mould, order.part.code
        for need in order.materials:
            need.issued = min(_weighed(need.required), self._stock.on_hand(need.item))
            self._stock.take("issue", day, need.item, need.issued, order.number, need.position, press.machine.code)

    def _mould(self, day: date, press: _Press, order: ProductionOrder, hours: float) -> float:
        """Runs an order for at most so many hours; what is left of them is returned."""
        setup = min(order.setup_hours, hours)
        order.setup_hours -= setup
        rate = order.part.pieces_per_hour
        pieces = min(order.remaining, int(rate * (hours - setup)))
        used = min(setup + pieces / rate, hours)
        self.busy_hours += used
        if pieces > 0:
            self.output.book(day, press.machine.code, order, pieces, used, press.trouble)
            press.trouble = ""
        if order.remaining > 0:
            return 0.0
        order.state, order.finished_date = "closed", day
        press.job = None
        self._mould_freed[order.part.mould] = day
        if self._random.random() < _MOULD_DAMAGE:
            self._mould_away[order.part.mould] = day + timedelta(days=self._random.randint(2, 6))
        return hours - used

    def _next(self, prefix: str) -> str:
        self._numbers[prefix] += 1
        return f"{prefix}-{self._numbers[prefix]:04d}"


def _materials(part: Part, quantity: int) -> list[MaterialLine]:
    needs = [(item, requirement(quantity, per_piece)) for item, per_piece in part.per_piece]
    cartons = Decimal(quantity // part.carton_pieces)
    needs += [(item, cartons) for item in part.per_carton]
    return [MaterialLine(position, item, required) for position, (item, required) in enumerate(needs, start=1)]


def _weighed(required: Decimal) -> Decimal:
    """What the store hands out: whole pieces, or kilograms up to the next tenth."""
    return required.quantize(Decimal("0.1"), ROUND_CEILING) if required % 1 else required
