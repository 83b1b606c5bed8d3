"""No event is lost and none told twice, in whatever order transactions end and however often a reader breaks off."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from hub.document import audit
from hub.writes import unit_of_work, update
from tests.live.conftest import Following, Works, following

EVERYTHING = "subscription ($after: String) { salesOrdersChanged(after: $after) { kind id event token } }"
WRITERS = 8
LISTENERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'hub-live' AND datname = current_database()"""
COMMITTED = "SELECT document_id::text FROM audit.outbox WHERE id > :start ORDER BY id"


class GivenUp(Exception):
    """A writer changes its mind at the end of a unit of work."""


def _write(works: Works, ids: list[Any], seed: int, rounds: int) -> None:
    """Units of work that stay open for a while after their verbs, some of which are rolled back."""
    dice = random.Random(seed)  # noqa: S311 (chooses what the test does)
    for number in range(rounds):
        try:
            with unit_of_work(works.database.engine, works.viewer, "tests") as ctx:
                for id_ in dice.sample(ids, dice.randrange(1, 3)):
                    update(ctx, "SalesOrder", id_, {"note": f"{seed} {number} {uuid4()}"})
                if dice.random() < 0.5:
                    audit.publish(ctx)  # its ids are taken, its commit is far
                time.sleep(dice.choice((0, 0.002, 0.03, 0.05)))
                if dice.random() < 0.1:
                    raise GivenUp
        except GivenUp:
            continue


async def _read(hub: Following, token: str, done: Callable[[], bool], dice: random.Random) -> list[str]:
    """The documents of all events, over many subscriptions of random length, each resumed by the last token."""
    heard: list[str] = []
    while True:
        finished = done()
        async with hub.follow(EVERYTHING, after=token, prompt=dice.random() < 0.5) as follower:
            await follower.next()
            try:
                for _ in range(10_000 if finished else dice.randrange(1, 12)):
                    change = await follower.next(1.5 if finished else 0.2)
                    token = change["token"]
                    heard.append(change["id"])
            except TimeoutError:
                if finished:
                    return heard


@pytest.mark.timeout(300)
def test_concurrent_writers_and_broken_readers(works: Works, proof_count: Callable[[int, int], int]) -> None:
    """Writers overlap, readers come and go, the listening connection is shot: all hear what was committed, once."""
    rounds = proof_count(25, 400)
    groups = [[works.order() for _ in range(2)] for _ in range(WRITERS)]
    threads = [threading.Thread(target=_write, args=(works, group, seed, rounds)) for seed, group in enumerate(groups)]

    async def main() -> tuple[str, list[list[str]]]:
        dice = random.Random(5)  # noqa: S311
        async with following(works) as hub:
            async with hub.follow(EVERYTHING) as opened:
                token = (await opened.next())["token"]
            for thread in threads:
                thread.start()
            readers = [
                asyncio.create_task(_read(hub, token, lambda: not any(one.is_alive() for one in threads), dice))
                for _ in range(3)
            ]
            while any(one.is_alive() for one in threads):
                await asyncio.sleep(dice.random())
                await asyncio.to_thread(_shoot, works.database.engine)
            return token, await asyncio.gather(*readers)

    token, heard = asyncio.run(main())
    with works.database.engine.connect() as connection:
        made = {str(one) for group in groups for one in group}
        rows = connection.execute(text(COMMITTED), {"start": _id(token)}).scalars()
        committed = [one for one in rows if one in made]
    assert len(committed) > WRITERS * rounds * 0.8
    for one in heard:
        assert one == committed


def test_an_early_writer_keeps_its_place_until_it_has_committed(works: Works) -> None:
    """Whoever writes to the outbox, also beside the verbs: ids are taken in the order of commit."""
    row = "INSERT INTO audit.outbox (document_type, event, payload) VALUES ('Customer', :event, '{}') RETURNING id"
    early, order = works.database.engine.connect(), []

    def late() -> None:
        with works.database.engine.begin() as connection:
            order.append(("late", connection.execute(text(row), {"event": "late"}).scalar_one()))

    with early:
        first = early.execute(text(row), {"event": "early"}).scalar_one()
        thread = threading.Thread(target=late)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        early.commit()
    thread.join(10)
    assert order == [("late", first + 1)]


def _shoot(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text(LISTENERS))


def _id(token: str) -> int:
    from graph_schema.live.token import read

    return read(token).id
