"""`asOf`: a type's rows as they stood at a moment, in the place of its table.

The present row is in the table, former ones in `history.<table>`; of a row's versions exactly one was valid at any
moment of its life. Rows bear the beginning of their transaction, so those whose transaction had begun by then and
was not committed are left out (`audit.commit_moment`): an answer holds whole transactions, and with each of them
everything that it saw or replaced.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    DateTime,
    FromClause,
    Function,
    ScalarSelect,
    TableClause,
    TextClause,
    and_,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    true,
    union_all,
)

from hub.db.history import history_columns
from hub.document.audit import commit_moment
from hub.document.registry import spec as spec_of
from hub.document.registry import specs
from hub.document.spec import DerivedSpec, DocSpec
from hub.errors import Invalid, Problem, problem

MOMENT = DateTime(timezone=True)
_NONE = literal_column("'{}'::timestamptz[]", ARRAY(MOMENT))
_CLOCKS = frozenset({"now", "current_date", "current_timestamp", "localtimestamp", "clock_timestamp", "age"})


def as_moment(value: Any) -> datetime:
    """The moment of a request; Invalid AS_OF_FUTURE when it is still to come."""
    assert isinstance(value, datetime)
    if value > datetime.now(UTC):
        raise Invalid(
            problem(
                "AS_OF_FUTURE",
                "asOf 不能是将来的时间。",
                "asOf cannot be a moment that is still to come.",
                "asOf",
            )
        )
    return value


@dataclass(frozen=True)
class Past:
    """One moment of a statement, and what was unfinished then: the beginnings of open transactions."""

    moment: BindParameter[datetime]
    open_: ScalarSelect[Any]
    earliest: ScalarSelect[datetime]

    @classmethod
    def at(cls, moment: BindParameter[datetime], name: str) -> Past:
        """The past as of a bound moment; `name` is that of the common table expression."""
        began = func.lower(commit_moment.c.during, type_=MOMENT)
        unfinished = (
            select(
                func.coalesce(func.array_agg(began, type_=ARRAY(MOMENT)), _NONE).label("began"),
                func.coalesce(func.min(began), moment).label("earliest"),
            )
            .where(commit_moment.c.during.op("@>", is_comparison=True)(moment))
            .cte(name)
        )
        return cls(
            moment, select(unfinished.c.began).scalar_subquery(), select(unfinished.c.earliest).scalar_subquery()
        )

    def had_come(self, at: ColumnElement[datetime]) -> ColumnElement[bool]:
        """Whether what bears this moment had been committed by then.

        The plain `at <> ALL (open)` would be taken for a rare case where many rows bear one moment, as a bulk load's
        do, and the plan for a few rows then meets all of them. This form is taken for the rule that it is.
        """
        unfinished = at == func.any(cast(self.open_, ARRAY(MOMENT)))
        return and_(at <= self.moment, func.nullif(unfinished, true()).is_not(None))

    def still_to_come(self, at: ColumnElement[datetime]) -> ColumnElement[bool]:
        """The contrary; its first part is what an index can find."""
        return and_(at >= self.earliest, or_(at > self.moment, at == func.any(cast(self.open_, ARRAY(MOMENT)))))

    def rows(self, spec: DocSpec, name: str) -> FromClause:
        """The rows of a type as they stood, under this name."""
        now = spec.table.alias(f"{name}_now")
        if spec.kind == "ledger":
            return select(*now.c).where(self.had_come(now.c.recorded_at)).subquery(name)
        then = former(spec.name).alias(f"{name}_then")
        kept = history_columns(spec)
        present = select(*(now.c[one] for one in kept)).where(self.had_come(now.c.updated_at))
        past = select(*(then.c[one] for one in kept)).where(
            self.had_come(then.c.valid_from), self.still_to_come(then.c.valid_to)
        )
        return union_all(present, past).subquery(name)


@cache
def former(type_name: str) -> TableClause:
    """history.<table>: `valid_from`, `valid_to` and the columns that history keeps."""
    spec = spec_of(type_name)
    kept = [column(name, spec.table.c[name].type) for name in history_columns(spec)]
    return table(spec.table.name, column("valid_from", MOMENT), column("valid_to", MOMENT), *kept, schema="history")


@cache
def has_history(member: DerivedSpec) -> bool:
    """Whether a derived value can be told of a past moment: it reads rows of document types and no clock."""
    owner = next(one for one in specs().values() if member in one.derived.values())
    known: list[FromClause] = [owner.table.alias()]

    def tables(name: str) -> FromClause:
        known.append(spec_of(name).table.alias())
        return known[-1]

    waiting: list[Any] = [member.sql(known[0], tables)]
    while waiting:
        part = waiting.pop()
        if any(part is one for one in known):
            continue
        if isinstance(part, TableClause | TextClause) or (isinstance(part, Function) and part.name in _CLOCKS):
            return False
        waiting.extend(part.get_children())
    return True


def unsupported(member: DerivedSpec) -> Problem:
    """AS_OF_UNSUPPORTED, in words."""
    return problem(
        "AS_OF_UNSUPPORTED",
        f"“{member.label.chinese}”没有历史，不能查询过去某一时刻的值。",
        f"{member.label.english} has no history; it cannot be told as of a past moment.",
        "asOf",
    )
