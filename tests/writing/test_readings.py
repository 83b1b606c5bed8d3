"""The readings ledger: exactly once by (meter, metric, moment), and nothing is dropped in silence."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from hub import writes
from hub.context import SYSTEM, system_viewer
from hub.document.edit import company_of
from hub.ledgers import readings
from tests.writing.conftest import Work

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def metered(engine: Engine, work: Work) -> Engine:
    with work() as ctx:
        for code in ("EM-01", "EM-02"):
            writes.create(ctx, "EnergyMeter", {"code": code, "name": f"电表{code}"})
    return engine


def reading(device: str, minute: int, value: Any = "1.25", **more: Any) -> dict[str, Any]:
    at = (START + timedelta(minutes=minute)).isoformat()
    return {"device": device, "metric": "energy.active.import", "at": at, "value": value, "quality": 0, **more}


def record(engine: Engine, batch: list[Any]) -> readings.Recorded:
    with writes.unit_of_work(engine, system_viewer("edge"), "edge") as ctx:
        company_id = company_of(ctx)
        assert isinstance(company_id, UUID)
        return readings.record(ctx.session, company_id=company_id, actor_id=SYSTEM, edge="edge-1", batch=batch)


def stored(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT value FROM hub.reading ORDER BY read_at")).scalars())


def test_a_batch_sent_twice_is_stored_once(metered: Engine) -> None:
    batch = [reading("EM-01", minute, str(Decimal(minute) / 100)) for minute in range(50)]
    first, again = record(metered, batch), record(metered, batch)
    assert (first.accepted, first.duplicates, first.rejected) == (50, 0, [])
    assert (again.accepted, again.duplicates) == (0, 50)
    assert sum(stored(metered)) == Decimal("12.25")


def test_a_duplicate_inside_a_batch_counts_as_one(metered: Engine) -> None:
    done = record(metered, [reading("EM-01", 1), reading("EM-01", 1), reading("EM-02", 1)])
    assert (done.accepted, done.duplicates) == (2, 1)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (reading("EM-99", 1), "DEVICE_UNKNOWN"),
        (reading("EM-01", 1, "NaN"), "VALUE_INVALID"),
        (reading("EM-01", 1, "eleven"), "VALUE_INVALID"),
        (reading("EM-01", 1, "1e40"), "VALUE_INVALID"),
        (reading("EM-01", 1) | {"at": "2026-01-01T00:00:00"}, "MOMENT_INVALID"),
        (reading("EM-01", 1) | {"at": "yesterday"}, "MOMENT_INVALID"),
        (reading("EM-01", 1) | {"at": "1970-01-01T00:00:00+00:00"}, "MOMENT_OUT_OF_RANGE"),
        (reading("EM-01", 1) | {"metric": ""}, "METRIC_MISSING"),
        ("not even an object\x00", "READING_MALFORMED"),
    ],
)
def test_a_bad_reading_goes_to_quarantine_and_the_others_in(metered: Engine, bad: Any, code: str) -> None:
    done = record(metered, [reading("EM-01", 1), bad, reading("EM-01", 2)])
    assert (done.accepted, [(one.index, one.code) for one in done.rejected]) == (2, [(1, code)])
    with metered.connect() as connection:
        kept = connection.execute(text("SELECT edge, code FROM hub.reading_rejected")).all()
    assert [tuple(row) for row in kept] == [("edge-1", code)]


def test_two_collectors_with_overlapping_batches_do_not_block_each_other(metered: Engine, proof_count: Any) -> None:
    """Inserting in key order is what keeps them from a deadlock."""
    rounds = proof_count(5, 40)
    failures: list[Exception] = []

    def send(backwards: bool) -> None:
        try:
            for round_ in range(rounds):
                batch = [
                    reading(device, round_ * 200 + minute) for minute in range(200) for device in ("EM-01", "EM-02")
                ]
                record(metered, batch[::-1] if backwards else batch)
        except Exception as error:  # noqa: BLE001  (told by the assertion below)
            failures.append(error)

    threads = [threading.Thread(target=send, args=(index % 2 == 0,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(stored(metered)) == rounds * 400


@given(values=st.lists(st.decimals(min_value=0, max_value=10**9, places=6), min_size=1, max_size=20, unique=True))
@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_digit_of_a_value_is_kept(metered: Engine, values: list[Decimal]) -> None:
    with metered.begin() as connection:
        connection.execute(text("ALTER TABLE hub.reading DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM hub.reading"))
        connection.execute(text("ALTER TABLE hub.reading ENABLE TRIGGER USER"))
    record(metered, [reading("EM-01", minute, str(value)) for minute, value in enumerate(values)])
    assert stored(metered) == values
