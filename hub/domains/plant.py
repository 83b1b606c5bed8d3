"""Where and when we work: sites, work centres on them, shifts, and the calendar that says which days are worked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy.orm import Mapped

from hub.document import (
    Access,
    Choice,
    Code,
    Line,
    Master,
    Percent,
    Price,
    Value,
    field,
    lines,
    link,
    only,
)
from hub.errors import Invalid, Problem, problem

if TYPE_CHECKING:
    from hub.domains.organization import Department
    from hub.domains.people import Employee

_PLANT = Access(read="base.read", write="production.write", rows=only(unless="base.all"))
_WEEKDAYS = {str(day) for day in range(1, 8)}


class Site(Master, label=("厂区", "Site"), access=_PLANT):
    """A place where we work."""

    address: Mapped[str | None] = field("地址", "Address")
    city: Mapped[str | None] = field("城市", "City")
    manager: Mapped[Employee | None] = link("负责人", "Manager")
    note: Mapped[str | None] = field("备注", "Note")


class Shift(Master, label=("班次", "Shift"), access=_PLANT):
    """When a shift begins and ends, as HH:MM; one that ends no later than it begins ends on the next day."""

    starts_at: Mapped[Code] = field("开始时间", "Starts at", default="08:00")
    ends_at: Mapped[Code] = field("结束时间", "Ends at", default="17:00")
    break_minutes: Mapped[int] = field("休息时间", "Break", default=60, unit="min", minimum=0)
    overnight: Mapped[bool] = field("跨夜", "Overnight", computed=True)

    def prepare(self) -> None:
        """The times must be times, and something of the shift must be left beside its break."""
        found = [one for name in ("starts_at", "ends_at") for one in _no_time(name, getattr(self, name))]
        Invalid.raise_all(found)
        self.overnight = _minute(self.ends_at) <= _minute(self.starts_at)
        length = _minute(self.ends_at) - _minute(self.starts_at) + 1440 * self.overnight
        if self.break_minutes >= length:
            words = "休息时间不能长于班次。", "The break cannot be as long as the shift."
            raise Invalid(problem("SHIFT_ALL_BREAK", *words, "breakMinutes"))


def _no_time(name: str, given: str) -> Iterator[Problem]:
    try:
        time.fromisoformat(given)
        fits = len(given) == 5
    except ValueError:
        fits = False
    if not fits:
        chinese, english = f"“{given}”不是时间，应如 08:00。", f"{given} is no time such as 08:00."
        yield problem("TIME_INVALID", chinese, english, "startsAt" if name == "starts_at" else "endsAt")


def _minute(given: str) -> int:
    """Minutes since midnight."""
    moment = time.fromisoformat(given)
    return moment.hour * 60 + moment.minute


class WorkCalendarShift(Line, label=("日历班次", "Calendar shift"), of="WorkCalendar", collection="shifts"):
    """A shift that is worked on every working day."""

    shift: Mapped[Shift] = link("班次", "Shift")


class WorkCalendarException(Line, label=("日历例外", "Calendar exception"), of="WorkCalendar", collection="exceptions"):
    """A day that is worked though its weekday is not, or the other way round."""

    day: Mapped[date] = field("日期", "Day")
    working: Mapped[bool] = field("上班", "Working", default=False)
    reason: Mapped[str | None] = field("原因", "Reason")


class WorkCalendar(Master, label=("工作日历", "Work calendar"), access=_PLANT):
    """Which days are worked, in which shifts; weekdays are 1 (Monday) to 7 (Sunday)."""

    weekdays: Mapped[list[str]] = field("工作日", "Weekdays", default=lambda: list("12345"))
    shifts: Mapped[list[WorkCalendarShift]] = lines("班次", "Shifts")
    exceptions: Mapped[list[WorkCalendarException]] = lines("例外", "Exceptions")

    def prepare(self) -> None:
        """Weekdays are those of the week, a day is worked or not."""
        Invalid.raise_all(self._senseless())

    def _senseless(self) -> Iterator[Problem]:
        for weekday in self.weekdays:
            if weekday not in _WEEKDAYS:
                words = f"“{weekday}”不是星期，应为 1 至 7。", f"{weekday} is no weekday from 1 to 7."
                yield problem("WEEKDAY_INVALID", *words, "weekdays")
        said: dict[date, bool] = {}
        for index, one in enumerate(self.exceptions):
            if said.setdefault(one.day, one.working) != one.working:
                words = f"{one.day} 既上班又不上班。", f"{one.day} is both worked and not worked."
                yield problem("DAY_CONTRADICTORY", *words, "exceptions", str(index), "working")


class WorkCentreKind(Choice):
    """What works there."""

    MACHINE = "machine", "机台", "Machine"
    LINE = "line", "流水线", "Line"
    MANUAL = "manual", "手工", "By hand"
    OUTSOURCED = "outsourced", "外协", "Outsourced"


class WorkCentre(Master, label=("工作中心", "Work centre"), access=_PLANT):
    """A machine, line or bench that operations are planned on; `capacity` is how many of them at once."""

    kind: Mapped[WorkCentreKind] = field("类型", "Kind", default=WorkCentreKind.MACHINE)
    site: Mapped[Site | None] = link("厂区", "Site", inverse=("work_centres", "工作中心", "Work centres"))
    location_x: Mapped[Value | None] = field("平面位置 X", "Location x", unit="m")
    location_y: Mapped[Value | None] = field("平面位置 Y", "Location y", unit="m")
    capacity: Mapped[int] = field("并行能力", "Capacity", default=1, minimum=1)
    efficiency: Mapped[Percent] = field("效率", "Efficiency", default=Decimal(100), unit="%", minimum=1, maximum=1000)
    hourly_rate: Mapped[Price | None] = field(
        "小时费率", "Hourly rate", unit="currency/h", minimum=0, restricted="base.cost"
    )
    calendar: Mapped[WorkCalendar | None] = link("工作日历", "Calendar")
    parent: Mapped[WorkCentre | None] = link(
        "上级工作中心", "Parent work centre", inverse=("children", "下级工作中心", "Work centres below")
    )
    department: Mapped[Department | None] = link("部门", "Department")
    alternative: Mapped[WorkCentre | None] = link("替代工作中心", "Alternative")
