"""Accounting periods: opened by the first posting, closed in order, and never closed under a posting."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from hub import writes
from hub.context import Ctx, system_viewer
from hub.document.edit import company_of
from hub.errors import HubError, Invalid, Refused
from hub.ledgers import periods
from tests.conftest import Database

MAY = date(2026, 5, 17)


@pytest.fixture
def engine(fresh_database: Database) -> Engine:
    """A database with one company."""
    with writes.unit_of_work(fresh_database.engine, system_viewer("test"), "test") as ctx:
        writes.create(ctx, "Company", {"code": "C1", "name": "测试公司"})
    return fresh_database.engine


def work(engine: Engine) -> Any:
    return writes.unit_of_work(engine, system_viewer("test"), "test")


def opened(ctx: Ctx, day: date = MAY) -> UUID:
    company_id = company_of(ctx)
    assert company_id is not None
    return periods.opened(ctx, company_id, day, "entryDate")


def code(raised: pytest.ExceptionInfo[HubError]) -> str:
    return raised.value.problems[0].code


def test_a_month_is_opened_by_its_first_posting_and_refuses_when_closed(engine: Engine) -> None:
    with work(engine) as ctx:
        may = opened(ctx)
        assert opened(ctx, date(2026, 5, 31)) == may
    with work(engine) as ctx:
        writes.run_step(ctx, "FiscalPeriod", may, "close")
    for closed in (MAY, date(2026, 5, 1), date(2025, 12, 31)):  # and all that lies before it
        with pytest.raises(Refused) as raised, work(engine) as ctx:
            opened(ctx, closed)
        assert (code(raised), raised.value.problems[0].path) == ("PERIOD_CLOSED", ("entryDate",))
    with work(engine) as ctx:
        assert opened(ctx, date(2026, 6, 1)) != may
        writes.run_step(ctx, "FiscalPeriod", may, "reopen")
        assert opened(ctx) == may


def test_periods_close_in_order_and_reopen_in_reverse(engine: Engine) -> None:
    with work(engine) as ctx:
        april, may = (
            writes.create(ctx, "FiscalPeriod", {"code": one, "name": one}).id for one in ("2026-04", "2026-05")
        )
    with pytest.raises(Refused) as raised, work(engine) as ctx:
        writes.run_step(ctx, "FiscalPeriod", may, "close")
    assert code(raised) == "PERIOD_EARLIER_OPEN"
    with work(engine) as ctx:
        writes.run_step(ctx, "FiscalPeriod", april, "close")
        writes.run_step(ctx, "FiscalPeriod", may, "close")
    with pytest.raises(Refused) as raised, work(engine) as ctx:
        writes.run_step(ctx, "FiscalPeriod", april, "reopen")
    assert code(raised) == "PERIOD_LATER_CLOSED"


@pytest.mark.parametrize("wrong", ["2026-13", "2026-5", "May", "2026-05-01"])
def test_a_period_is_a_month(engine: Engine, wrong: str) -> None:
    with pytest.raises(Invalid) as raised, work(engine) as ctx:
        writes.create(ctx, "FiscalPeriod", {"code": wrong, "name": "期间"})
    assert code(raised) == "PERIOD_CODE"


def test_a_period_stays_the_month_it_is(engine: Engine) -> None:
    with pytest.raises(Refused) as raised, work(engine) as ctx:
        writes.update(ctx, "FiscalPeriod", opened(ctx), {"code": "2026-07"})
    assert code(raised) == "NOT_EDITABLE"


def test_a_posting_and_a_closing_at_once_cannot_both_win(
    engine: Engine, proof_count: Callable[[int, int], int]
) -> None:
    """Whichever comes first: never a posting committed after the closing."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE posted (month text, at timestamptz)"))
    for turn in range(proof_count(6, 60)):
        day = date(2027 + turn // 12, turn % 12 + 1, 3)
        with work(engine) as ctx:
            period = opened(ctx, day)
        start = Barrier(4)

        def post(day: date = day, start: Barrier = start) -> str:
            start.wait()
            try:
                with work(engine) as ctx:
                    opened(ctx, day)
                    ctx.session.execute(text("SELECT pg_sleep(0.01)"))
                    ctx.session.execute(text("INSERT INTO posted VALUES (:m, clock_timestamp())"), {"m": str(day)})
            except Refused as refused:
                return refused.problems[0].code
            return "posted"

        def close(period: UUID = period, start: Barrier = start) -> None:
            start.wait()
            with work(engine) as ctx:
                writes.run_step(ctx, "FiscalPeriod", period, "close")
                ctx.session.execute(
                    text("INSERT INTO posted VALUES (:m, clock_timestamp())"), {"m": f"closed {period}"}
                )

        with ThreadPoolExecutor(4) as pool:
            closing, *posting = [pool.submit(close), *(pool.submit(post) for _ in range(3))]
            outcomes = [one.result() for one in posting]
            closing.result()
        assert set(outcomes) <= {"posted", "PERIOD_CLOSED"}
        with engine.connect() as connection:
            last = connection.execute(text("SELECT month, max(at) FROM posted GROUP BY month"))
            rows = {row.month: row.max for row in last}
        assert rows.get(str(day)) is None or rows[str(day)] < rows[f"closed {period}"]
