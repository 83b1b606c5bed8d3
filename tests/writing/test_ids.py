"""Ids made by the hub: of PostgreSQL's own form, and rising."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine, text

from hub.document.ids import new_id


def test_ids_rise_and_no_two_are_alike() -> None:
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda _: [new_id() for _ in range(2_000)], range(8)))
    assert all(run == sorted(run) for run in runs)
    assert len({one for run in runs for one in run}) == 16_000


def test_postgresql_reads_them_as_its_own(engine: Engine) -> None:
    before = time.time()
    one = new_id()
    with engine.connect() as connection:
        query = text("SELECT uuid_extract_version(:id), extract(epoch FROM uuid_extract_timestamp(:id))")
        version, moment = connection.execute(query, {"id": one}).one()
    assert version == 7
    assert abs(float(moment) - before) < 1
