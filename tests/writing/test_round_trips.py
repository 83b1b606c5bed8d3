"""The write connections' own way of running statements: in one round trip, in order, each with its own answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import text

from hub import round_trips
from hub.db.engine import make_engine
from hub.round_trips import Writer
from tests.conftest import Database

_NUMBER = b"SELECT $1::int, $2::text[], $3::numeric"


@pytest.fixture
def writer(database: Database) -> Iterator[Writer]:
    engine = make_engine(database.engine.url, pool_size=1)
    raw = engine.raw_connection()
    assert isinstance(raw.driver_connection, Writer)
    yield raw.driver_connection
    raw.invalidate()
    raw.close()
    engine.dispose()


def test_statements_are_answered_in_order_and_begin_a_transaction(writer: Writer) -> None:
    found = writer.rows(
        (_NUMBER, [1, ["甲", 'b,"c'], "1.50"]), (b"SELECT 'x' WHERE false", ()), (_NUMBER, [2, [], None])
    )
    assert [[(row[0], row[1], str(row[2])) for row in rows] for rows in found] == [
        [(1, ["甲", "b,\"c"], "1.50")], [], [(2, [], "None")],
    ]  # fmt: skip
    assert writer.pgconn.transaction_status == TransactionStatus.INTRANS


def test_what_fails_is_told_and_nothing_after_it_is_run(writer: Writer) -> None:
    writer.rows((b"CREATE TEMP TABLE seen (place int PRIMARY KEY)", ()), (b"COMMIT", ()))
    insert = b"INSERT INTO seen VALUES ($1)"
    with pytest.raises(psycopg.errors.UniqueViolation):
        writer.rows((insert, [1]), (insert, [1]), (insert, [2]), (b"COMMIT", ()))
    assert writer.pgconn.transaction_status == TransactionStatus.INERROR
    writer.rollback()
    assert writer.rows((b"SELECT count(*) FROM seen", ()), (insert, [3])) == [[(0,)], []]


def test_a_value_that_cannot_be_sent_leaves_the_connection_as_it_was(writer: Writer) -> None:
    for value in ("\x00", "\ud800"):
        with pytest.raises((psycopg.DataError, UnicodeError)):
            writer.rows((_NUMBER, [1, [], 1]), (b"SELECT $1::text", [value]))
    assert len(writer.rows((_NUMBER, [1, [], 1]))) == 1


def test_what_is_sent_is_run_before_whatever_is_asked_next(writer: Writer) -> None:
    writer.rows((b"CREATE TEMP TABLE sent (place int PRIMARY KEY)", ()))
    insert, count = b"INSERT INTO sent VALUES ($1)", b"SELECT count(*) FROM sent"
    writer.send((insert, [1]), (insert, [2]))
    writer.send((insert, [3]))
    assert writer.rows((count, ()), (insert, [4]), (count, ())) == [[(3,)], [], [(4,)]]
    writer.send((insert, [5]))
    assert writer.execute("SELECT count(*) FROM sent").fetchall() == [(5,)]  # psycopg's own
    writer.send((insert, [6]))
    writer.commit()
    assert writer.pgconn.transaction_status == TransactionStatus.IDLE
    writer.send((insert, [7]))  # begins a transaction, as asking does
    writer.rollback()
    assert writer.rows((count, ())) == [[(6,)]]


def test_what_was_sent_and_failed_is_told_by_the_next(writer: Writer) -> None:
    writer.rows((b"CREATE TEMP TABLE failed (place int PRIMARY KEY)", ()), (b"COMMIT", ()))
    insert, count = b"INSERT INTO failed VALUES ($1)", b"SELECT count(*) FROM failed"
    asks = (lambda: writer.rows((insert, [2])), lambda: writer.execute("SELECT 1"), writer.commit, writer.settle)
    for ask in asks:
        writer.rows((insert, [1]))
        writer.send((insert, [1]), (b"SELECT %d, $1::int" % id(ask), [1]))  # the second is never prepared
        with pytest.raises(psycopg.errors.UniqueViolation):
            ask()
        writer.rollback()
        assert writer.rows((b"SELECT %d, $1::int" % id(ask), [1])) == [[(id(ask), 1)]]
    writer.send((insert, [1]), (insert, [1]))
    writer.rollback()  # of no interest any more
    assert writer.rows((count, ())) == [[(0,)]]


@pytest.mark.parametrize("between", ["rollback", "drop"])
def test_statements_are_prepared_anew_when_psycopg_forgets_its_own(writer: Writer, between: str) -> None:
    """psycopg then says DEALLOCATE ALL, which takes ours along."""
    for _ in range(10):
        writer.execute("SELECT 1")  # psycopg has something prepared
    writer.rows((_NUMBER, [1, [], 1]))
    if between == "rollback":
        writer.rollback()
    else:
        writer.execute("DROP TABLE IF EXISTS nothing_of_that_name")
        writer.execute("SELECT 2")
    assert writer.rows((_NUMBER, [1, [], 1]))[0][0][0] == 1


def test_no_more_statements_stay_prepared_than_told(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(round_trips, "PREPARED", 3)
    for number in [*range(8), 0, 7]:
        assert writer.rows((b"SELECT %d" % number, ())) == [[(number,)]]
    [[(kept,)]] = writer.rows((b"SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'write%'", ()))
    assert kept <= 4


def test_other_threads_run_while_one_waits(writer: Writer) -> None:
    waiting = threading.Thread(target=lambda: writer.rows((b"SELECT pg_sleep(0.5)", ())))
    waiting.start()
    turns = 0
    while waiting.is_alive() and turns < 5:
        time.sleep(0.01)
        turns += 1
    assert turns == 5
    waiting.join()


def test_a_connection_that_was_broken_meanwhile_is_made_anew(database: Database) -> None:
    engine = make_engine(database.engine.url, pool_size=1)
    with engine.connect() as connection:
        process = connection.scalar(text("SELECT pg_backend_pid()"))
    with database.engine.begin() as other:
        other.execute(text("SELECT pg_terminate_backend(:process, 10000)"), {"process": process})
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != process
    engine.dispose()


def test_a_connection_that_breaks_says_so(writer: Writer, database: Database) -> None:
    [[(process,)]] = writer.rows((b"SELECT pg_backend_pid()", ()))
    with database.engine.begin() as other:
        other.execute(text("SELECT pg_terminate_backend(:process, 10000)"), {"process": process})
    with pytest.raises(psycopg.OperationalError):
        writer.rows((b"SELECT 1", ()))
    assert writer.closed
