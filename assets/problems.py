"""Remembers the rows that did not get in: what is wrong, in both languages, since when, and whether it still is.

One problem is one row of `dq.row_problem`, however often it is met. A pull or load hands over all that it met this
time; what it no longer meets is closed, not deleted, so one can see what the stewards have mended.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from quality_checks.tables import ROW_PROBLEM, ensure


@dataclass(frozen=True)
class Problem:
    """Why one row of a silo was kept out; `record_key` is its key there, `path` the field."""

    table: str
    record_key: str
    code: str
    path: str
    message_zh: str
    message_en: str


def remember(connection: sa.Connection, source: str, stage: str, problems: Iterable[Problem]) -> int:
    """Records what `stage` (a pulled table or a load) of a source met this time; the number of open problems."""
    ensure(connection)
    rows = {
        (one.record_key, one.code, one.path): {
            "source": source,
            "stage": stage,
            "table_name": one.table,
            "record_key": one.record_key,
            "code": one.code,
            "path": one.path,
            "message_zh": one.message_zh,
            "message_en": one.message_en,
            "first_seen_at": sa.func.now(),
            "last_seen_at": sa.func.now(),
            "is_open": True,
        }
        for one in problems
    }
    mine = (ROW_PROBLEM.c.source == source) & (ROW_PROBLEM.c.stage == stage)
    connection.execute(sa.update(ROW_PROBLEM).where(mine, ROW_PROBLEM.c.is_open).values(is_open=False))
    portion = list(rows.values())
    for start in range(0, len(portion), 1000):
        statement = insert(ROW_PROBLEM).values(portion[start : start + 1000])
        new = statement.excluded
        connection.execute(
            statement.on_conflict_do_update(
                constraint="row_problem_once",
                set_={
                    "table_name": new.table_name,
                    "message_zh": new.message_zh,
                    "message_en": new.message_en,
                    "last_seen_at": new.last_seen_at,
                    "is_open": True,
                },
            )
        )
    return len(portion)
