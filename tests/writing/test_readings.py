"""The readings ledger: exactly once by (meter, metric, moment), and nothing is dropped in silence."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from hub import writes
from hub.context import SYSTEM, system_viewer
from hub.document.edit import company_of
from hub.errors import Invalid, Refused
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


def correction(*lines: tuple[int, str | None], **more: Any) -> dict[str, Any]:
    named = {"meter": "EM-01", "metric": "energy.active.import"}
    rows = [{**named, "read_at": START + timedelta(minutes=minute), "value": value} for minute, value in lines]
    return {"reason": "抄错", "lines": rows, **more}


def corrected(work: Work, values: dict[str, Any], *steps: str) -> Any:
    with work() as ctx:
        made = writes.create(ctx, "ReadingCorrection", values)
        for step in steps:
            writes.run_step(ctx, "ReadingCorrection", made.id, step)
    return made


def in_force(engine: Engine) -> list[tuple[Decimal, int]]:
    """What readers see: the latest revision of each moment."""
    query = (
        "SELECT DISTINCT ON (meter_id, metric, read_at) value, quality FROM hub.reading"
        " ORDER BY meter_id, metric, read_at, revision DESC"
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_a_correction_is_a_row_more_and_is_taken_back_by_another(metered: Engine, work: Work) -> None:
    batch = [reading("EM-01", minute, str(minute)) for minute in (1, 2, 3)]
    record(metered, batch)
    first = corrected(work, correction((2, "2.5"), (3, None)), "post")
    assert in_force(metered) == [(1, 0), (Decimal("2.5"), 0), (3, readings.WITHDRAWN)]
    assert record(metered, batch).duplicates == 3, "a collector that sends again changes nothing"
    second = corrected(work, correction((2, "2.7")), "post")
    assert in_force(metered)[1] == (Decimal("2.7"), 0)
    with pytest.raises(Refused) as raised, work() as ctx:
        writes.run_step(ctx, "ReadingCorrection", first.id, "cancel")
    assert [(one.code, one.path) for one in raised.value.problems] == [("CORRECTED_AGAIN", ("lines", "0"))]
    with work() as ctx:
        writes.run_step(ctx, "ReadingCorrection", second.id, "cancel")
    assert in_force(metered)[1] == (Decimal("2.5"), 0)
    with metered.connect() as connection:
        kept = connection.execute(text("SELECT revision, value FROM hub.reading ORDER BY read_at, revision")).all()
    assert [tuple(row) for row in kept if row.value in (2, Decimal("2.5"), Decimal("2.7"))] == [
        (0, 2),
        (1, Decimal("2.5")),
        (2, Decimal("2.7")),
        (3, Decimal("2.5")),
    ]
    with pytest.raises(DBAPIError), metered.begin() as connection:
        connection.execute(text("UPDATE hub.reading SET value = 9 WHERE revision = 0"))


def test_a_correction_of_what_was_not_read_is_refused_line_by_line(metered: Engine, work: Work) -> None:
    record(metered, [reading("EM-01", 1)])
    with pytest.raises(Refused) as raised:
        corrected(work, correction((1, "1"), (2, "2"), (1, "3")), "post")
    found = [(one.code, one.path) for one in raised.value.problems]
    assert found == [("READING_UNKNOWN", ("lines", "1")), ("READING_TWICE", ("lines", "2"))]
    with pytest.raises(Invalid) as invalid:
        corrected(work, correction((1, "1"), reason=" "))
    assert [one.path for one in invalid.value.problems] == [("reason",)]


def test_two_corrections_of_one_reading_at_once_follow_each_other(metered: Engine, work: Work) -> None:
    record(metered, [reading("EM-01", 1)])
    made = [corrected(work, correction((1, str(value)))).id for value in range(8)]

    def post(id_: UUID) -> None:
        with work() as ctx:
            writes.run_step(ctx, "ReadingCorrection", id_, "post")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(post, made))
    with metered.connect() as connection:
        assert list(connection.execute(text("SELECT revision FROM hub.reading ORDER BY 1")).scalars()) == list(range(9))


@given(values=st.lists(st.decimals(min_value=0, max_value=10**9, places=6), min_size=1, max_size=20, unique=True))
@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_digit_of_a_value_is_kept(metered: Engine, values: list[Decimal]) -> None:
    with metered.begin() as connection:
        connection.execute(text("ALTER TABLE hub.reading DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM hub.reading"))
        connection.execute(text("ALTER TABLE hub.reading ENABLE TRIGGER USER"))
    record(metered, [reading("EM-01", minute, str(value)) for minute, value in enumerate(values)])
    assert stored(metered) == values
