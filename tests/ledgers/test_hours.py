"""Hours: who, when, how long, on what; taken back by negative rows; a day has 24 of them, for whoever writes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hub import writes
from hub.errors import HubError, Refused
from tests.books import Books

HELD = "SELECT coalesce(sum(hours), 0) FROM hub.hours_balance"
SUMMED = "SELECT coalesce(sum(hours), 0) FROM hub.hours_entry"


def report(*lines: tuple[str, str]) -> dict[str, Any]:
    rows = [{"employee": person, "hours": hours, "operation": "注塑"} for person, hours in lines]
    return {"work_date": "2026-05-06", "lines": rows}


def test_a_report_is_kept_and_taken_back(books: Books) -> None:
    with books.work() as ctx:
        made = books.make(ctx, "OperationReport", report(("E1", "7.5"), ("E2", "8"), ("E1", "2")), "post")
        assert ctx.session.execute(text(HELD)).scalar_one() == Decimal("17.5")
    with books.work() as ctx:
        writes.run_step(ctx, "OperationReport", made.id, "cancel")
        assert ctx.session.execute(text(HELD)).scalar_one() == 0
        assert ctx.session.execute(text("SELECT count(*) FROM hub.hours_entry")).scalar_one() == 6


def test_everything_wrong_with_a_report_is_told_at_once(books: Books) -> None:
    with pytest.raises(Refused) as raised, books.work() as ctx:
        books.make(ctx, "OperationReport", report(("E1", "20"), ("E2", "0"), ("E1", "5")), "post")
    found = [(one.code, one.path[1]) for one in raised.value.problems]
    assert found == [("HOURS_NOT_POSITIVE", "1"), ("HOURS_OF_A_DAY", "2")]


def test_reports_at_once_never_make_a_day_longer(books: Books, proof_count: Callable[[int, int], int]) -> None:
    def one(_: int) -> str:
        try:
            with books.work() as ctx:
                books.make(ctx, "OperationReport", report(("E1", "5"), ("E2", "3")), "post")
        except (HubError, DBAPIError):
            return "refused"
        return "posted"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(one, range(proof_count(12, 64))))
    assert outcomes.count("posted") == 4
    with books.engine.connect() as connection:
        assert connection.execute(text(HELD)).scalar_one() == connection.execute(text(SUMMED)).scalar_one() == 32


def test_postgresql_itself_knows_how_long_a_day_is(books: Books) -> None:
    with books.work() as ctx:
        books.make(ctx, "OperationReport", report(("E1", "20")), "post")
    again = (
        "INSERT INTO hub.hours_entry (company_id, work_date, employee_id, hours, recorded_by)"
        " SELECT company_id, work_date, employee_id, hours, recorded_by FROM hub.hours_entry"
    )
    with pytest.raises(DBAPIError, match="0 to 24 hours"), books.engine.begin() as connection:
        connection.execute(text(again))


@pytest.mark.parametrize("statement", ["UPDATE hub.hours_entry SET hours = 1", "DELETE FROM hub.hours_entry"])
def test_postgresql_refuses_to_change_hours(books: Books, statement: str) -> None:
    with books.work() as ctx:
        books.make(ctx, "OperationReport", report(("E1", "5")), "post")
    with pytest.raises(DBAPIError, match="append-only"), books.engine.begin() as connection:
        connection.execute(text(statement))
