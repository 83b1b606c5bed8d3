"""Idempotency keys are kept for as long as the setting says, and no longer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from hub import writes
from hub.old_answers import forget_old
from hub.settings import settings
from hub.web.duties import DUTIES
from tests.writing.conftest import Work


def test_old_keys_are_forgotten_and_young_ones_kept(engine: Engine, work: Work, order: dict[str, Any]) -> None:
    def create(key: str) -> UUID:
        with work() as ctx:
            return writes.once(ctx, key, [key], lambda: writes.create(ctx, "SalesOrder", order).id)

    days = settings().idempotency_days
    ages = {"young": 0, "just kept": days - 1, "old": days + 1, "older": 10 * days, "oldest": 11 * days}
    made = {key: create(key) for key in ages}
    for key, age in ages.items():
        with engine.begin() as connection:
            moved = text("UPDATE audit.idempotency SET at = at - make_interval(days => :age) WHERE key = :key")
            connection.execute(moved, {"age": age, "key": key})
    assert forget_old(engine, at_once=2) == 3
    assert forget_old(engine) == 0
    assert {key for key in ages if create(key) == made[key]} == {"young", "just kept"}


def test_the_hub_does_so_by_itself() -> None:
    assert forget_old in {one.run for one in DUTIES}
