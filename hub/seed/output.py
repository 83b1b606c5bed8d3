"""What comes off the presses: a report of each day, what final inspection finds, and the good pieces in the store."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from random import Random

from hub.seed.cast import Employee
from hub.seed.records import DailyReport, Inspection, ProductionOrder
from hub.seed.stock import Stock

_FLAWED = 0.08  # chance that some of a day's output of an order fails the final inspection
_DEFECTS = ("飞边", "缩水", "缺料", "色差", "划伤", "尺寸超差", "熔接痕")


class Output:
    """The books of the shop."""

    def __init__(self, random: Random, stock: Stock, operators: list[Employee], inspectors: list[Employee]) -> None:
        self.reports: list[DailyReport] = []
        self.inspections: list[Inspection] = []
        self._random, self._stock = random, stock
        self._operators, self._inspectors = operators, inspectors
        self._numbers: dict[str, int] = defaultdict(int)
        self._worked: dict[tuple[date, str], Decimal] = defaultdict(Decimal)

    def book(self, day: date, machine: str, order: ProductionOrder, pieces: int, hours: float, trouble: str) -> None:
        """A day's output of an order; who has worked least that day looks after it."""
        scrap = min(int(pieces * abs(self._random.gauss(0.004, 0.006))), pieces)
        good = pieces - scrap
        order.completed += good
        order.run_days += 1
        order.scrap += scrap
        spent = Decimal(f"{hours:.1f}")
        operator = min(self._operators, key=lambda one: (self._worked[day, one.name], one.code)).name
        self._worked[day, operator] += spent
        number = self._next(f"RB{day:%y%m}")
        self.reports.append(DailyReport(number, day, order, machine, operator, good, scrap, spent, trouble))
        if good:
            passed = Decimal(good - self._inspect(day, order, good))
            self._stock.put("production", day, order.part.code, passed, order.number, order.number, 1, machine)

    def _inspect(self, day: date, order: ProductionOrder, good: int) -> int:
        """Final inspection of a day's good pieces; returns how many of them fail."""
        share = self._random.uniform(0.004, 0.03) if self._random.random() < _FLAWED else 0.0
        defective = int(good * share)
        self.inspections.append(
            Inspection(
                number=self._next(f"CJ{day:%y%m}"),
                kind="final",
                day=day,
                item=order.part.code,
                inspected=Decimal(good),
                defective=Decimal(defective),
                defect=self._random.choice(_DEFECTS) if defective else "",
                disposition=self._random.choice(("scrap", "rework", "scrap")) if defective else "accept",
                inspector=self._random.choice(self._inspectors).code,
                production_order=order.number,
            )
        )
        return defective

    def _next(self, prefix: str) -> str:
        self._numbers[prefix] += 1
        return f"{prefix}-{self._numbers[prefix]:04d}"
