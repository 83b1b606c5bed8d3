"""The load of three simulated meters as closed formulas of time: same moment, same counter, after any restart.

A week of hourly means, joined by straight lines, plus a ripple of a quarter of an hour; energy is the exact integral of
power. The main meter is the sum of its two children and the rest of the plant, so the children never exceed it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import accumulate

CHINA = timezone(timedelta(hours=8))
EPOCH = datetime(2025, 10, 27, tzinfo=CHINA).timestamp()  # a Monday midnight, when all counters stood at zero
HOUR = 3600.0
WEEK = 168
RIPPLE_PERIOD = 900.0

# Hourly means of one working day, kW: two shifts, meals, and what never stops.
_INJECTION = (22, 22, 21, 21, 22, 24, 38, 82, 104, 110, 112, 96, 84, 106, 112, 113, 110, 98, 82, 92, 90, 84, 58, 30)
_AUXILIARY = (9, 9, 8, 8, 9, 10, 15, 24, 28, 30, 31, 28, 25, 30, 32, 32, 31, 28, 24, 25, 24, 22, 17, 11)
_REST = (5, 5, 5, 5, 5, 6, 9, 15, 19, 20, 20, 18, 16, 20, 20, 20, 19, 16, 11, 10, 9, 8, 7, 6)
_SUNDAY = 0.3
_SATURDAY = 0.85


@dataclass(frozen=True, slots=True)
class Load:
    """One consumer: kW at the 168 hours of a week, and a ripple of a share of its smallest mean."""

    hourly: tuple[float, ...]
    ripple: float
    sums: tuple[float, ...]  # kWh from Monday midnight to each hour

    @classmethod
    def of_day(cls, day: tuple[int, ...], ripple_share: float) -> Load:
        """A week from one working day."""
        factors = (1.0, 1.02, 1.01, 1.03, 1.0, _SATURDAY, _SUNDAY)
        hourly = tuple(mean * factor for factor in factors for mean in day)
        steps = ((hourly[hour] + hourly[(hour + 1) % WEEK]) / 2 for hour in range(WEEK))
        return cls(hourly, min(hourly) * ripple_share, tuple(accumulate(steps, initial=0.0)))

    def power(self, at: float) -> float:
        """kW at a moment (seconds since 1970); always above zero."""
        hour, part = divmod((at - EPOCH) / HOUR, 1.0)
        here, next_one = self.hourly[int(hour) % WEEK], self.hourly[(int(hour) + 1) % WEEK]
        return here + (next_one - here) * part + self.ripple * math.sin(2 * math.pi * (at - EPOCH) / RIPPLE_PERIOD)

    def energy(self, at: float) -> float:
        """kWh counted from EPOCH to a moment, the integral of `power`; zero before EPOCH."""
        if at <= EPOCH:
            return 0.0
        weeks, hours = divmod((at - EPOCH) / HOUR, WEEK)
        hour = min(int(hours), WEEK - 1)
        part = hours - hour
        here, next_one = self.hourly[hour], self.hourly[(hour + 1) % WEEK]
        within = self.sums[hour] + here * part + (next_one - here) * part * part / 2
        turn = 2 * math.pi / RIPPLE_PERIOD
        ripple = self.ripple * (1 - math.cos(turn * (at - EPOCH))) / turn / HOUR
        return weeks * self.sums[WEEK] + within + ripple


INJECTION = Load.of_day(_INJECTION, 0.4)
AUXILIARY = Load.of_day(_AUXILIARY, 0.3)
REST = Load.of_day(_REST, 0.3)

# Meter code of the demo site -> the consumers behind it.
METERS: dict[str, tuple[Load, ...]] = {
    "EM-01": (INJECTION, AUXILIARY, REST),
    "EM-02": (INJECTION,),
    "EM-03": (AUXILIARY,),
}


def power_kw(meter: str, at: float) -> float:
    """Active power of a demo meter at a moment (seconds since 1970), kW."""
    return sum(load.power(at) for load in METERS[meter])


def counter_kwh(meter: str, at: float) -> float:
    """The counter of a demo meter at a moment (seconds since 1970), kWh; never falls."""
    return sum(load.energy(at) for load in METERS[meter])
