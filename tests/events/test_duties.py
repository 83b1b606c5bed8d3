"""Duties: done by one process at a time, again after a failure, ended with the program."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine

from hub.duties import Duty, keeping, run_once
from tests.conftest import Database


def test_a_duty_is_done_by_one_at_a_time(database: Database) -> None:
    inside, done = threading.Semaphore(1), 0

    def work(_: Engine) -> None:
        nonlocal done
        assert inside.acquire(blocking=False), "two at once"
        threading.Event().wait(0.05)
        done += 1
        inside.release()

    duty = Duty("test one at a time", 1, work)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: run_once(database.engine, duty), range(8)))
    assert sum(answers) == done >= 1
    assert run_once(database.engine, duty), "the lock is given back"


def test_a_failing_duty_is_tried_again_and_does_not_stop_the_others(database: Database) -> None:
    tried, other = 0, threading.Event()
    twice = threading.Event()

    def fail(_: Engine) -> None:
        nonlocal tried
        tried += 1
        if tried == 2:
            twice.set()
        raise RuntimeError("on purpose")

    duties = [Duty("test failing", 0.01, fail), Duty("test other", 0.01, lambda _: other.set())]
    with keeping(database.engine, duties):
        assert other.wait(10)
        assert twice.wait(10)
