"""Number series: SO-202611-00042, a counter per rendered prefix, of two kinds.

A fast one is counted in a short transaction of its own, so writers do not wait for one another and what is rolled
back leaves a gap. A gapless one is counted in the writer's transaction: its lock lasts to the commit and a roll-back
gives the number back. One lock serves all gapless counters of a company, so nobody can take two in the wrong order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import (
    BigInteger,
    Column,
    Engine,
    String,
    Table,
    Uuid,
    bindparam,
    cast,
    create_engine,
    event,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from hub.document import direct, remembering
from hub.document.patterns import Pattern, Reset
from hub.document.registry import metadata
from hub.round_trips import connect

counter = Table(
    "series_counter",
    metadata,
    Column("company_id", Uuid, primary_key=True),
    Column("prefix", String, primary_key=True),
    Column("last", BigInteger, nullable=False),
    schema="hub",
    comment="编号计数器 (Last number taken per rendered prefix)",
)
DRY_RUN = "dry_run"
"""Under this name a session's `info` says that it will be rolled back: of fast series it is only shown numbers."""

_mine = (counter.c.company_id == bindparam("company"), counter.c.prefix == bindparam("within"))
_further = counter.c.last + bindparam("many", type_=BigInteger)
_COUNT = direct.Made(update(counter).where(*_mine).values(last=_further).returning(counter.c.last))
_GIVE_BACK = direct.Made(
    update(counter).where(*_mine, counter.c.last == bindparam("taken", type_=BigInteger)).values(last=_further)
)
_LOOK = direct.Made(select(counter.c.last).where(*_mine))
_lock = select(func.pg_advisory_xact_lock(func.hashtext(func.concat("gapless", bindparam("company", type_=Uuid)))))
_locked = _lock.cte("locked").prefix_with("MATERIALIZED")
_COUNT_LOCKED = direct.Made(
    update(counter)
    .where(*_mine, select(func.count()).select_from(_locked).scalar_subquery() >= 0)
    .values(last=_further)
    .returning(counter.c.last)
)
_fresh = insert(counter).from_select(
    ["company_id", "prefix", "last"],
    select(cast(bindparam("company"), Uuid), cast(bindparam("within"), String), cast(bindparam("first"), BigInteger)),
)
_BEGIN = direct.Made(
    _fresh.on_conflict_do_update(index_elements=["company_id", "prefix"], set_={"last": _further}).returning(
        counter.c.last
    )
)
STOCK = 20
"""So many numbers of a fast series a unit of work of many documents takes at once."""
_Run = Callable[[direct.Made, dict[str, Any]], int | None]
_aside: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()


@dataclass(frozen=True)
class Series:
    """A pattern such as `SO-{yyyy}{mm}-{seq:05}` (see `hub.document.patterns`) and how it is counted.

    `gapless` is for papers of which the law wants none missing: invoices, vouchers. `at` names the step that takes the
    number, so that a draft, which may be discarded, has none; without it the number is taken when a document is made.
    """

    pattern: str
    gapless: bool = False
    reset: Reset = Reset.PATTERN
    at: str | None = None


@dataclass(frozen=True)
class Counting:
    """One number to be given: by which series, for which company, day and values; `column` holds those given before."""

    series: Series
    company_id: UUID
    day: date
    value: Callable[[str], str]
    column: Column[Any]
    scope: str = ""

    def take(self, session: Session) -> str:
        """The next number; of a gapless series it is the caller's when the transaction commits."""
        if self.series.gapless:  # in a dry run too: nobody else gets it meanwhile, and the roll-back gives it back
            return self._shown(self._count(lambda statement, values: _run(session, statement, values), session))
        if session.info.get(DRY_RUN):
            return self._shown(self._foreseen(session))
        aside = partial(_apart, beside(session.get_bind().engine))
        if not remembering.remembers(session):
            return self._shown(self._count(aside, session))
        return self._shown(self._stock(session, aside).pop())

    def may_have_given(self, number: str) -> bool:
        """Whether a number is one of this counter's: of its shape, day and values."""
        return re.match(self._pattern.matching(self.series.reset, self.day, self.value), number) is not None

    def preview(self, session: Session) -> str:
        """What the next number would be now; it may be somebody else's when it is asked for."""
        return self._shown((_run(session, _LOOK, self._key) or self._highest(session)) + 1)

    @property
    def _pattern(self) -> Pattern:
        return Pattern(self.series.pattern)

    @property
    def _key(self) -> dict[str, Any]:
        within = self.scope + self._pattern.within(self.series.reset, self.day, self.value)
        return {"company": self.company_id, "within": within}

    def _shown(self, running: int) -> str:
        return self._pattern.number(running, self.day, self.value)

    def _count(self, run: _Run, session: Session, many: int = 1) -> int:
        """Count on by so many; returns the last of them."""
        key = {**self._key, "many": many}
        taken = run(_COUNT_LOCKED if self.series.gapless else _COUNT, key)
        if taken is None:  # the first of this counter; documents may be older than it
            taken = run(_BEGIN, {**key, "first": self._highest(session) + many})
        assert taken is not None
        return taken

    def _stock(self, session: Session, aside: _Run) -> list[int]:
        """Numbers taken for a unit of work of many documents, the next one last; what is left over is given back."""
        key = self._key
        left: dict[Any, list[int]] = session.info.setdefault("numbers_taken", {})
        stock = left.setdefault((key["company"], key["within"]), [])
        if not stock:
            last = self._count(aside, session, STOCK)
            stock += range(last, last - STOCK, -1)

            def give_back() -> None:
                if stock:
                    aside(_GIVE_BACK, {**key, "taken": last, "many": -len(stock)})
                    stock.clear()

            remembering.at_the_end(session, ("numbers", key["company"], key["within"]), give_back)
        return stock

    def _highest(self, session: Session) -> int:
        """The highest running number among the documents that are there, 0 for none: brought in, or of another rule."""
        table = self.column.table
        running = cast(
            func.substring(self.column, self._pattern.matching(self.series.reset, self.day, self.value)), BigInteger
        )
        found = select(func.max(running))
        if "company_id" in table.columns:
            found = found.where(table.c.company_id == self.company_id)
        return session.execute(found).scalar_one() or 0

    def _foreseen(self, session: Session) -> int:
        """A number that nobody takes: after those that this session has foreseen already."""
        seen: dict[str, int] = session.info.setdefault("foreseen", {})
        key = self._key
        last = seen.get(key["within"]) or _run(session, _LOOK, key) or self._highest(session)
        seen[key["within"]] = last + 1
        return last + 1


def _run(session: Session, statement: direct.Made, values: dict[str, Any]) -> int | None:
    return _only(direct.writer_of(session), statement, values)


def _only(writer: Any, statement: direct.Made, values: dict[str, Any]) -> int | None:
    [rows] = writer.rows((statement.text, statement.values(values.__getitem__)))
    return int(rows[0][0]) if rows else None


def _apart(aside: Engine, statement: direct.Made, values: dict[str, Any]) -> int | None:
    """In a transaction of its own; a connection that was broken is asked for again, a number lost with it is a gap."""
    for last_try in (False, True):
        connection = aside.raw_connection()
        try:
            return _only(connection.driver_connection, statement, values)
        except psycopg.OperationalError as error:
            connection.invalidate(error)
            if last_try:
                raise
        finally:
            connection.close()
    raise AssertionError("not reached")


def beside(engine: Engine) -> Engine:
    """The one connection beside an engine's own on which fast series are counted, by all threads in turn.

    It is not of the engine's pool: writers that hold all of that would wait for each other. A counter's commit is not
    waited for on disk; the commit of the document that bears the number comes later in the log and brings it along.
    """
    found = _aside.get(engine)
    if found is None:
        arguments = {"options": "-c synchronous_commit=off", "application_name": "hub-numbers"}
        made = create_engine(
            engine.url, pool_size=1, max_overflow=0, isolation_level="AUTOCOMMIT", connect_args=arguments
        )
        event.listen(made, "do_connect", connect)
        found = _aside.setdefault(engine, made)
        if found is made:
            event.listen(engine, "engine_disposed", lambda _: made.dispose())
    return found
