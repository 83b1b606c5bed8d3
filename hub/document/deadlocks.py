"""Two units of work that wait for each other: PostgreSQL ends one, and it is done again from its beginning.

Within a verb everything is locked in one order. Several verbs in one unit of work, two postings of different goods say,
may meet another unit of work that does them the other way round; nobody can know the order beforehand.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from psycopg.errors import DeadlockDetected
from sqlalchemy.exc import DBAPIError

from hub.errors import Conflict, problem

Result = TypeVar("Result")
TRIES = 8
_PAUSE_SECONDS = 0.05


class Deadlocked(Conflict):
    """The unit of work was ended so that another could go on; nothing of it is left, and it may be done again."""


@contextmanager
def deadlocks_told() -> Iterator[None]:
    """Work in a transaction; a deadlock is raised as Deadlocked."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        if not isinstance(error.orig if isinstance(error, DBAPIError) else error, DeadlockDetected):
            raise
        told = problem("DEADLOCK", "他人正在办理相同的内容。", "Somebody else is working on the same rows.")
        raise Deadlocked(told) from error


def persistently(work: Callable[[], Result]) -> Result:
    """Do `work`, a whole unit of work that leaves nothing behind when it fails, again while it ends in a deadlock.

    Raises:
        Deadlocked: eight times in a row, each after the second that PostgreSQL waits before it looks for a deadlock.
    """
    for turn in range(1, TRIES):
        try:
            return work()
        except Deadlocked:
            time.sleep(random.uniform(0, _PAUSE_SECONDS * turn))  # noqa: S311 (so that the two do not meet again)
    return work()
