"""The duty that forgets old idempotency keys: a client that asks again does so within hours, not months."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, Engine, delete, func, select, tuple_

from hub.document.audit import idempotency
from hub.settings import settings

EVERY_SECONDS = 6 * 3600.0
AT_ONCE = 10_000
"""Keys that one transaction removes: writers of the same keys would wait for it."""


def forget_old(engine: Engine, *, at_once: int = AT_ONCE) -> int:
    """Remove the keys older than `settings().idempotency_days`, with their answers; returns how many."""
    kept, gone = idempotency.c, 0
    old: ColumnElement[bool] = kept.at < func.now() - timedelta(days=settings().idempotency_days)
    some = select(kept.user_id, kept.key).where(old).limit(at_once)
    while True:
        with engine.begin() as connection:
            done = connection.execute(delete(idempotency).where(tuple_(kept.user_id, kept.key).in_(some))).rowcount
        gone += done
        if done < at_once:
            return gone
