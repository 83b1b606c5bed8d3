"""Live queries: sent at once, again when their rows change, run only for the tables they read, shared by equals."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from hub.writes import create, load, unit_of_work
from tests.live.conftest import Works, following
from tests.reading.wire import Counting

pytestmark = pytest.mark.timeout(120)
URGENT = """subscription ($text: String) {
  live: salesOrders(where: {note: {contains: $text}}) { totalCount nodes { note customer { name } } }
}"""
MOMENT = "2026-03-01T08:00:00+08:00"
CUSTOMERS = "subscription { customers { totalCount } }"


def _customer(works: Works, code: str) -> None:
    with unit_of_work(works.database.engine, works.viewer, "tests") as ctx:
        create(ctx, "Customer", {"code": code, "name": code})


def test_an_answer_comes_again_when_it_is_another(works: Works) -> None:
    async def main() -> None:
        id_ = works.order(note="n")
        async with following(works) as hub, hub.follow(URGENT, text="dringend") as live:
            assert (await live.next())["totalCount"] == 0
            await hub.do(works.note, id_, "dringend")
            assert await live.next() == {
                "totalCount": 1,
                "nodes": [{"note": "dringend", "customer": {"name": "客户K1"}}],
            }
            await hub.do(works.order, note="gemach")  # of the same table, but the answer is the same
            await hub.do(works.order, works.stranger, note="dringend")
            assert await live.silent()

    asyncio.run(main())


def test_one_change_runs_only_what_reads_it_and_that_once(works: Works) -> None:
    """Forty followers of four questions: a customer more is two statements, a stranger's question none."""

    async def main() -> None:
        async with following(works) as hub, contextlib.AsyncExitStack() as stack:
            followers = [
                await stack.enter_async_context(hub.follow(document, works.with_role(role)))
                for document in (CUSTOMERS, "subscription { items { totalCount } }")
                for role in ("sales", "quality")
                for _ in range(10)
            ]
            first = [await one.next() for one in followers]
            await asyncio.sleep(1)  # the last of the first runs is over
            before = Counting.exchanges
            await hub.do(_customer, works, "K-new")
            for one, known in zip(followers[:20], first, strict=False):
                assert (await one.next())["totalCount"] == known["totalCount"] + 1
            await asyncio.sleep(0.5)
            # Rights are part of the text or the values; where they make no difference, one run serves both roles.
            assert 1 <= Counting.exchanges - before <= 2

    asyncio.run(main())


def test_a_burst_is_answered_together(works: Works) -> None:
    async def main() -> None:
        async with following(works) as hub, hub.follow(CUSTOMERS) as live:
            count = (await live.next())["totalCount"]
            before = Counting.exchanges

            def burst() -> None:
                for number in range(30):
                    _customer(works, f"B{number}")

            started = asyncio.get_running_loop().time()
            await hub.do(burst)
            while (await live.next())["totalCount"] < count + 30:
                pass
            passed = asyncio.get_running_loop().time() - started
            assert Counting.exchanges - before <= passed * 5 + 3

    asyncio.run(main())


def test_what_steps_and_derived_values_touch_is_heard(works: Works) -> None:
    """The statement says which tables it reads, the triggers which were written: ledgers and lines as well."""

    async def main() -> None:
        query = 'subscription { item(code: "I1") { onHand } }'
        async with following(works) as hub, hub.follow(query) as live:
            before = (await live.next())["onHand"]

            def post() -> None:
                row = {"item": "I1", "warehouse": "W1", "quantity": "5", "kind": "opening", "entry_at": MOMENT}
                with unit_of_work(works.database.engine, works.viewer, "tests") as ctx:
                    assert not load(ctx, "StockEntry", [row]).problems

            await hub.do(post)
            assert (await live.next())["onHand"] != before

    asyncio.run(main())
