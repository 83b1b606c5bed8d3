"""What the hub does by itself, now and then: deliver events, escalate what waits too long, seal the audit.

A duty is a function and a pause. Every process of the hub runs all duties in threads; an advisory lock per duty sees
to it that only one process does at a time, and that another takes over when that one dies.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, text

log = logging.getLogger("hub.duties")

SLOWEST_RETRY_SECONDS = 60.0
ENDING_SECONDS = 3.0


@dataclass(frozen=True)
class Duty:
    """Something done every `seconds` seconds; `run` opens its own transactions and returns when there is no more."""

    name: str
    seconds: float
    run: Callable[[Engine], object]


@contextmanager
def keeping(engine: Engine, duties: Sequence[Duty]) -> Iterator[None]:
    """Keep duties while the block runs; at its end one that is being done has a moment to come to an end.

    What was not finished is rolled back by PostgreSQL and done by the next process.
    """
    stop = threading.Event()
    threads = [threading.Thread(target=_keep, args=(engine, one, stop), name=one.name, daemon=True) for one in duties]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(ENDING_SECONDS / len(threads))


def run_once(engine: Engine, duty: Duty) -> bool:
    """Do a duty now unless another process is doing it; returns whether it was done."""
    key = {"key": f"duty:{duty.name}"}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(hashtextextended(:key, 0))"), key):
            return False
        try:
            duty.run(engine)
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(hashtextextended(:key, 0))"), key)
    return True


def _keep(engine: Engine, duty: Duty, stop: threading.Event) -> None:
    """Do a duty again and again; after a failure the pauses grow, and the next success makes them short again."""
    pause = duty.seconds
    while not stop.wait(pause):
        try:
            run_once(engine, duty)
            pause = duty.seconds
        except Exception:
            pause = min(max(pause, 1.0) * 2, max(SLOWEST_RETRY_SECONDS, duty.seconds))
            log.exception("%s failed; again in %.0f s", duty.name, pause)
