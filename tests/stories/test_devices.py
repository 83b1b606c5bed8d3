"""A meter, a collector and a hub that is away for a while: every reading arrives once, to the last digit.

All four are real: the simulator's Modbus server, the collector's process, granian, PostgreSQL.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from hub import writes
from hub.context import system_viewer
from hub.identity import issue_token
from tests.conftest import Database
from tests.edge.stand_in import Edge, free_port, listens, wait_until
from tests.serving import serving

METER = "STEEL-01"


def test_a_hub_that_is_away_loses_nothing(
    fresh_database: Database, tmp_path: Path, proof_count: Callable[[int, int], int]
) -> None:
    intervals = proof_count(1_500, 12_000)
    consumption = _write_csv(tmp_path / "meter.csv", intervals)
    token = _begin(fresh_database.engine)
    port, hub_port = free_port(), free_port()
    meter = Edge(tmp_path, "simulate", "--replay", str(tmp_path / "meter.csv"), EDGE_LINE=f"127.0.0.1:{port}")
    try:
        wait_until(lambda: listens(port), what="the simulator")
        with serving(fresh_database, tmp_path / "hub.log", hub_port) as url:
            collector = Edge(
                tmp_path,
                *("run", "steel-replay", "--until-idle"),
                EDGE_HUB=url,
                EDGE_LINE=f"127.0.0.1:{port}",
                EDGE_BUFFER=str(tmp_path / "buffer.db"),
                EDGE_TOKEN=token,
            )
            wait_until(lambda: _stored(fresh_database.engine) > 0, 30, "the first reading")
        arrived = _stored(fresh_database.engine)
        assert arrived < intervals, "the hub went away too late to show anything"
        time.sleep(2)  # the hub is down; the meter is read on
        with serving(fresh_database, tmp_path / "hub.log", hub_port):
            assert collector.wait(240) == 0, collector.log
    finally:
        meter.kill()
    with fresh_database.engine.connect() as connection:
        count, distinct, first, last = connection.execute(
            text("SELECT count(*), count(DISTINCT read_at), min(value), max(value) FROM hub.reading")
        ).one()
        rejected = connection.execute(text("SELECT count(*) FROM hub.reading_rejected")).scalar_one()
    assert (count, distinct, rejected) == (intervals + 1, intervals + 1, 0)
    assert (first, last) == (0, consumption)


def _write_csv(path: Path, intervals: int) -> Decimal:
    """A file of the steel works' form: a quarter of an hour each, its end stamped, day first; returns the sum."""
    lines, total = ["date,Usage_kWh"], Decimal(0)
    for index in range(intervals):
        end = datetime(2024, 1, 1) + timedelta(minutes=15 * (index + 1))  # noqa: DTZ001  (local time, as in the file)
        usage = Decimal(index * 7 % 1301) / 100
        total += usage
        lines.append(f"{end:%d/%m/%Y %H:%M},{usage}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return total


def _begin(engine: Engine) -> str:
    with writes.unit_of_work(engine, system_viewer("test"), "test") as ctx:
        writes.create(ctx, "Company", {"code": "C1", "name": "公司"})
        writes.create(ctx, "EnergyMeter", {"code": METER, "name": "总表"})
        writes.create(ctx, "User", {"code": "edge", "name": "edge", "roles": ["collector"]})
    with Session(engine) as session, session.begin():
        return issue_token(session, "edge", purpose="story")


def _stored(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM hub.reading")).scalar_one())
