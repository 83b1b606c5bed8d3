"""Keeps what the checks found in schema `dq`: a result per rule and run, and every failing row by its key.

A failing row stays one row however many runs find it, so it is known since when it has been open; the first run
that does not find it any more closes it.
"""

from collections.abc import Iterable

import psycopg
import sqlalchemy as sa
from psycopg import sql

from quality_checks.rules import RuleSet
from quality_checks.run import Outcome
from quality_checks.tables import RESULT, ensure

_CLOSE = """
update dq.failing_row set is_open = false where asset = {asset} and code = {code} and is_open
"""
_KEEP = """
insert into dq.failing_row (result_id, asset, code, key, row, first_seen_at, last_seen_at, is_open)
select distinct on (found.key) {result}, {asset}, {code}, found.key, found.row, now(), now(), true
  from (select (select jsonb_object_agg(name, to_jsonb(q) -> name) from unnest({key}::text[]) name) as key,
               to_jsonb(q) as row
          from ({query}) q) found
    on conflict on constraint failing_row_once do update
   set result_id = excluded.result_id, row = excluded.row, last_seen_at = excluded.last_seen_at, is_open = true
"""


def keep(connection: sa.Connection, run_id: str, rule_set: RuleSet, outcomes: Iterable[Outcome]) -> None:
    """Records the outcomes inside the caller's transaction; a rule that raised leaves its open rows as they were."""
    ensure(connection)
    for outcome in outcomes:
        result = connection.execute(
            sa.insert(RESULT)
            .values(
                run_id=run_id,
                asset="/".join(rule_set.asset),
                code=outcome.rule.code,
                label_zh=outcome.rule.label[0],
                label_en=outcome.rule.label[1],
                severity=outcome.rule.severity,
                owner=outcome.rule.owner,
                status=outcome.status,
                failing_count=outcome.failing,
                message=outcome.raised,
                checked_at=sa.func.clock_timestamp(),
            )
            .returning(RESULT.c.id)
        ).scalar_one()
        if outcome.status != "error":
            _keep_rows(connection, result, rule_set, outcome)


def _keep_rows(connection: sa.Connection, result: int, rule_set: RuleSet, outcome: Outcome) -> None:
    """Closes what no longer fails and remembers what does, all of it in the database."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    parts = {
        "result": sql.Literal(result),
        "asset": sql.Literal("/".join(rule_set.asset)),
        "code": sql.Literal(outcome.rule.code),
        "key": sql.Literal(list(outcome.rule.key)),
        "query": sql.SQL(outcome.query or ""),
    }
    with driver.cursor() as cursor:
        cursor.execute(sql.SQL(_CLOSE).format(**parts))
        if outcome.query:
            cursor.execute(sql.SQL(_KEEP).format(**parts))
