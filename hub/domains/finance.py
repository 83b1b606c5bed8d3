"""The books: accounting periods."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Interval,
    cast,
    func,
    inspect,
    literal,
)
from sqlalchemy.orm import Mapped

from hub.context import Ctx
from hub.document import Access, Choice, Master, derived, field, step
from hub.document.fields import Tables
from hub.errors import Invalid, Refused, problem
from hub.ledgers import periods

_BOOKS = Access(read="finance.read", write="finance.write")
_MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"


class PeriodState(Choice):
    """Whether anything may still be posted."""

    OPEN = "open", "未结账", "Open"
    CLOSED = "closed", "已结账", "Closed"


def _first_day(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return func.to_date(row.c.code, "YYYY-MM")


def _last_day(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return cast(_first_day(row, tables) + cast(literal("1 month - 1 day"), Interval), Date)


def _year(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return cast(func.left(row.c.code, 4), Integer)


def _month(row: FromClause, tables: Tables) -> ColumnElement[Any]:
    return cast(func.right(row.c.code, 2), Integer)


class FiscalPeriod(Master, label=("会计期间", "Fiscal period"), access=_BOOKS):
    """A month of the books; the code is the month, 2026-05. Closed in order, reopened in reverse order."""

    state: Mapped[PeriodState] = field("状态", "State", default=PeriodState.OPEN)
    year: Mapped[int] = derived("年", "Year", _year, filterable=True)
    month: Mapped[int] = derived("月", "Month", _month, filterable=True)
    first_day: Mapped[date] = derived("起始日", "First day", _first_day, filterable=True)
    last_day: Mapped[date] = derived("截止日", "Last day", _last_day, filterable=True)

    def prepare(self) -> None:
        """The code is a month, for good: a period that moved would take its postings along."""
        before = inspect(self).attrs.code.history.deleted
        if before and inspect(self).persistent:
            raise Refused(
                problem(
                    "NOT_EDITABLE", "会计期间的编码不能修改。", "The code of a fiscal period cannot be changed.", "code"
                )
            )
        if not re.match(_MONTH, self.code):
            raise Invalid(
                problem(
                    "PERIOD_CODE",
                    f"会计期间的编码应为年月，如 2026-05，而不是 {self.code}。",
                    f"The code of a fiscal period is its month, such as 2026-05, not {self.code}.",
                    "code",
                )
            )

    @step("结账", "Close", source=PeriodState.OPEN, target=PeriodState.CLOSED)
    def close(self, ctx: Ctx) -> None:
        """Nothing more can be posted in this month."""
        Refused.raise_all(periods.not_closable(ctx, self))

    @step("反结账", "Reopen", source=PeriodState.CLOSED, target=PeriodState.OPEN)
    def reopen(self, ctx: Ctx) -> None:
        """Let the month be posted in again."""
        Refused.raise_all(periods.not_reopenable(ctx, self))


FiscalPeriod.__table__.append_constraint(CheckConstraint(f"code ~ '{_MONTH}'", name="month"))  # type: ignore[attr-defined]  # a Table
