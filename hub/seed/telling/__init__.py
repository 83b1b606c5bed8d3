"""Tells the demo company's first year on the hub through its write verbs, day by day: a function per theme.

The simulation says what happened; everything else, ledgers, vouchers and statements, follows from the verbs. A week is
a unit of work; the evening on which something is billed begins another one, so that what is billed has been booked.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Engine, select, text

from hub.context import system_viewer
from hub.document.registry import spec
from hub.seed.factory import SEED, simulate
from hub.seed.paying import Bill, Money, money_of
from hub.seed.records import Delivery, Year
from hub.seed.silos import demo
from hub.seed.telling import (
    aftersales,
    buying,
    designs,
    making,
    market,
    masters,
    office,
    opening,
    selling,
    settling,
    stores,
)
from hub.seed.telling.teller import Book, Part, Teller
from hub.seed.workdays import TOLD
from hub.writes import unit_of_work

Record = TypeVar("Record")
_FRIDAY = 4
_LOOK = text(
    "ANALYZE hub.stock_balance, hub.stock_change, hub.stock_reservation, hub.lot, hub.cost_day, hub.delivery_line, "
    "hub.sales_order_line, hub.production_order, hub.production_order_operation"
)
_CLOSING_DAY = 5
"""The workday of a month on which the month before is closed."""


@cache
def told(percent: int) -> Year:
    """The true year that the hub is told, with so many of its orders. Shared: do not change it."""
    return simulate(SEED, TOLD, percent)


@cache
def money(percent: int) -> tuple[Money, Money]:
    """The money of the year before and of the year told. Shared."""
    before, year = (money_of(_random(year), year) for year in (demo()[0], told(percent)))
    return before, year


def _random(year: Year) -> Random:
    return Random(f"{SEED}:{year.span.first_day:%Y}:money")  # noqa: S311 (a demo must repeat)


def tell(
    engine: Engine,
    company_id: UUID,
    progress: Callable[[str], object],
    until: date = TOLD.last_day,
    percent: int = 100,
) -> bool:
    """Tell the year up to a day, with so many of its orders, unless something of it is told; whether anything was.

    Raises:
        Refused, Invalid: the simulation does what the hub forbids; a mistake of the seed.
    """
    table = spec("OpeningBalance").table
    with engine.connect() as connection:
        if connection.execute(select(table.c.id).where(table.c.company_id == company_id).limit(1)).first():
            return False
    _Telling(engine, company_id, progress, percent).run(until)
    return True


class _Telling:
    """The course of the year, with what each day has of it."""

    def __init__(self, engine: Engine, company_id: UUID, progress: Callable[[str], object], percent: int) -> None:
        self.engine, self.company_id, self.progress = engine, company_id, progress
        self.year, (self.before, self.money) = told(percent), money(percent)
        self.book = Book()
        year = self.year
        self.moves = _by(year.moves, lambda one: one.document)
        self.people = {one.name: one.code for one in year.masters.employees}
        self.incoming = _by(year.inspections, lambda one: one.receipt)
        self.final = _by(year.inspections, lambda one: (one.production_order, one.day))
        self.orders = _by(year.sales_orders, lambda one: one.order_date)
        self.bought = _by(year.purchase_orders, lambda one: one.order_date)
        self.arrived = _by(year.receipts, lambda one: one.receipt_date)
        self.planned = _by(year.production_orders, lambda one: one.created_date)
        self.begun = _by(year.production_orders, lambda one: one.started_date)
        self.ended = _by(year.production_orders, lambda one: one.finished_date)
        self.reported = _by(year.reports, lambda one: one.day)
        self.left = _by(year.deliveries, lambda one: one.delivery_date)
        own, before = self.money, self.before
        self.sold, self.owed = _by(own.sales, lambda one: one.day), _by(own.purchases, lambda one: one.day)
        self.vouchers = _by(own.vouchers, lambda one: one.day)
        self.payments: dict[date, list[tuple[Callable[..., object], Bill, Decimal]]] = defaultdict(list)
        for pay, bills in (
            (settling.received, [*before.sales, *own.sales]),
            (settling.paid, [*before.purchases, *own.purchases]),
        ):
            for bill in bills:
                for day, amount in bill.payments:
                    self.payments[day].append((pay, bill, amount))
        self.besides: dict[date, list[Part]] = defaultdict(list)
        for theme in (market, aftersales, office, stores):
            for day, part in theme.course(Random(f"{SEED}:{theme.__name__}"), year):  # noqa: S311 (a demo must repeat)
                self.besides[day].append(part)
        self.back: dict[date, list[tuple[UUID, list[Delivery]]]] = defaultdict(list)

    def run(self, until: date) -> None:
        """Everything that was, and then every day."""
        gc.freeze()  # the simulated years stay to the end: the collector need not look at them again and again
        with self._work() as teller:
            masters.tell(teller)
        with self._work() as teller:
            designs.tell(teller)
            opening.tell(teller, self.before)
        for unit in self._units([day for day in self.year.span.workdays() if day <= until]):
            with self._work() as teller:
                for part, day in unit:
                    part(teller, day)
            self._look()

    def _units(self, days: list[date]) -> Iterator[list[tuple[Part, date]]]:
        """The parts of the days by units of work, a week of them at most."""
        unit: list[tuple[Part, date]] = []
        month, workday = 0, 0
        for day in days:
            if day.month != month:
                month, workday = day.month, 0
                self.progress(f"  {day:%Y-%m}")
            workday += 1
            unit.append((self._day, day))
            if self.sold[day] or self.owed[day]:
                yield unit
                unit = []
            unit.append((self._evening, day))
            if workday == _CLOSING_DAY and day.replace(day=1) > self.year.span.first_day:
                yield unit
                unit = [(settling.close_month, day)]
            if day.weekday() == _FRIDAY:
                yield unit
                unit = []
        yield unit

    def _look(self) -> None:
        """Let PostgreSQL see what has become of its tables: it plans by what it has seen."""
        with self.engine.begin() as connection:
            connection.execute(_LOOK)

    @contextmanager
    def _work(self) -> Iterator[Teller]:
        with unit_of_work(self.engine, system_viewer("seed", self.company_id), "seed", many=True) as ctx:
            yield Teller(ctx, self.year, self.book, self.moves)

    def _day(self, teller: Teller, day: date) -> None:
        """The order of the simulation: what comes, what is wanted, what is planned and bought, made and shipped."""
        for receipt in self.arrived[day]:
            buying.receipt(teller, receipt, self.incoming[receipt.number])
        for order in self.orders[day]:
            selling.order(teller, order)
        teller.load("Lot", [making.plan(teller, run) for run in self.planned[day]])
        for purchase in self.bought[day]:
            buying.order(teller, purchase)
        self._shop(teller, day)
        for delivery in self.left[day]:
            selling.delivery(teller, delivery)
        selling.close_delivered(teller, self.left[day])
        for returns, trip in selling.trips(teller, day, self.left[day]):
            self.back[returns].append(trip)

    def _shop(self, teller: Teller, day: date) -> None:
        runs = [*self.begun[day], *self.ended[day], *(report.order for report in self.reported[day])]
        teller.hold("ProductionOrder", [teller.id_of(run) for run in runs])
        begun = [move for run in self.begun[day] for move in making.start(teller, run, day)]
        if begun:
            making.packing(teller, begun, day)
        for report in self.reported[day]:
            making.report(teller, report, self.people)
            if report.good:
                making.store(teller, report, self.final[report.order.number, day].pop(0))
        for run in self.ended[day]:
            making.close(teller, run)

    def _evening(self, teller: Teller, day: date) -> None:
        """Signatures that came back, and the office."""
        for returned in sorted(one for one in self.back if one <= day):
            selling.sign(teller, self.back.pop(returned), returned)
        for bill in self.sold[day]:
            settling.sales_invoice(teller, bill)
        for bill in self.owed[day]:
            settling.purchase_invoice(teller, bill)
        for pay, bill, amount in self.payments[day]:
            pay(teller, bill, day, amount)
        for voucher in self.vouchers[day]:
            settling.voucher(teller, voucher)
        for part in self.besides[day]:
            part(teller, day)


def _by(records: Iterable[Record], key: Callable[[Record], Any]) -> dict[Any, list[Record]]:
    """The records by a key, in their order."""
    found: dict[Any, list[Record]] = defaultdict(list)
    for one in records:
        found[key(one)].append(one)
    return found
