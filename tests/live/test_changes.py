"""Who is told of which change, what it means for what is followed, and how one goes on after a break."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from graph_schema.live import feed
from hub.context import Viewer
from hub.errors import Forbidden, Unavailable
from hub.web import rights
from hub.writes import create, discard, load, run_step, unit_of_work, update
from tests.live.conftest import Change, Follower, Works, following

pytestmark = pytest.mark.timeout(120)
ALL = "subscription ($after: String) { salesOrdersChanged(after: $after) { kind type id event token } }"
WITH_NOTE = """subscription ($text: String, $after: String) {
  salesOrdersChanged(where: {note: {contains: $text}}, after: $after) {
    kind id event token document { number note lines { quantity } }
  }
}"""
ONE = """subscription ($id: ID, $type: String!) {
  documentChanged(type: $type, id: $id) {
    __typename kind id event document { __typename id ... on SalesOrder { note } }
  }
}"""


async def _kinds(follower: Follower, count: int) -> list[tuple[str, str | None]]:
    heard = [await follower.next() for _ in range(count)]
    return [(one["kind"], one["id"]) for one in heard]


def test_a_document_is_followed_from_its_first_event_to_its_last(works: Works) -> None:
    async def main() -> None:
        async with following(works) as hub, hub.follow(ALL) as everything:
            assert (await everything.next())["kind"] == "OPENED"
            id_ = await hub.do(works.order)
            heard = [await everything.next()]
            async with hub.follow(ONE, type="SalesOrder", id=str(id_)) as one:
                opened = await one.next()
                assert opened == {
                    "__typename": "DocumentChange",
                    "kind": "OPENED",
                    "id": None,
                    "event": None,
                    "document": None,
                }
                await hub.do(works.order)
                await hub.do(works.note, id_, "急")
                changed = await one.next()
                await hub.do(_discard, works, id_)
                left = await one.next()
            assert changed["document"] == {"__typename": "SalesOrder", "id": str(id_), "note": "急"}
            assert (changed["kind"], changed["event"]) == ("CHANGED", "SalesOrder.update")
            assert (left["kind"], left["event"], left["document"]) == ("LEFT", "SalesOrder.discard", None)
            heard += [await everything.next() for _ in range(3)]
            assert [one["kind"] for one in heard] == ["ENTERED", "ENTERED", "CHANGED", "LEFT"]
            assert {heard[0]["id"], heard[2]["id"], heard[3]["id"]} == {str(id_)}

    asyncio.run(main())


def test_a_filtered_list_says_what_enters_and_leaves_it(works: Works) -> None:
    async def main() -> None:
        id_ = works.order(note="平常")
        async with following(works) as hub, hub.follow(WITH_NOTE, text="加急") as urgent:
            await urgent.next()
            expected = {"也平常": None, "加急一": "ENTERED", "加急二": "CHANGED", "平常": "LEFT", "加急三": "ENTERED"}
            for text, kind in expected.items():
                await hub.do(works.note, id_, text)
                if kind is None:  # looked at before the next change: a document is shown as it is, not as it was
                    assert await urgent.silent()
                    continue
                heard = await urgent.next()
                assert (heard["kind"], heard["document"]["note"]) == (kind, text)
                assert heard["document"]["lines"] == [{"quantity": "3.0000"}]
            await hub.do(_discard, works, id_)
            assert (await urgent.next())["kind"] == "LEFT"
            assert await urgent.silent()

    asyncio.run(main())


def test_a_follower_of_a_filter_ends_with_what_the_filter_holds(works: Works, proof_count: Any) -> None:
    """Any order of changes, slow or resumed readers: adding what ENTERED or CHANGED and removing what LEFT is true."""

    async def main(rounds: int) -> None:
        dice = random.Random(7)  # noqa: S311 (chooses what the test does)
        ids = [works.order(note="n") for _ in range(5)]
        token = None
        held: set[str] = set()
        async with following(works) as hub:
            async with hub.follow(ALL) as start:
                token = (await start.next())["token"]
            for _ in range(rounds):
                async with hub.follow(WITH_NOTE, text="x", after=token, prompt=dice.random() < 0.5) as follower:
                    assert (await follower.next())["kind"] == "OPENED"
                    for _ in range(dice.randrange(6)):
                        await hub.do(works.note, dice.choice(ids), f"{dice.choice('xy')} {dice.random()}")
                    if dice.random() < 0.5:
                        continue  # away without having looked: the next one must catch up
                    marker = await hub.do(works.order, note="x end")
                    while True:
                        change = await follower.next()
                        token = change["token"]
                        held = held - {change["id"]} if change["kind"] == "LEFT" else held | {change["id"]}
                        if change["id"] == str(marker):
                            break
                answer = await hub.answerer.answer(
                    '{ salesOrders(where: {note: {contains: "x"}}, first: 500) { nodes { id } } }', None, works.viewer
                )
                now = {one["id"] for one in json.loads(answer)["data"]["salesOrders"]["nodes"]}
                assert held & {str(one) for one in ids} == now & {str(one) for one in ids}

    asyncio.run(main(proof_count(10, 60)))


def test_nobody_hears_of_what_he_may_not_see(works: Works) -> None:
    async def main() -> None:
        async with following(works) as hub:
            async with (
                hub.follow(ALL, works.stranger) as stranger,
                hub.follow(ALL, works.with_role("sales")) as sales,
            ):
                await stranger.next()
                await sales.next()
                ours = await hub.do(works.order)
                await hub.do(works.note, ours, "unsrig")
                theirs = await hub.do(works.order, works.stranger)
                assert await _kinds(stranger, 1) == [("ENTERED", str(theirs))]
                assert await _kinds(sales, 2) == [("ENTERED", str(ours)), ("CHANGED", str(ours))]
                await hub.do(_load, works)
                batch = await sales.next()
                assert (batch["kind"], batch["id"], batch["event"]) == ("BATCH", None, "SalesOrder.load")
                assert await stranger.silent()
            warehouse = works.with_role("people")
            assert await hub.refused(ALL, warehouse) == "FORBIDDEN"
            restricted = 'subscription { employeesChanged(where: {idNumber: {eq: "1"}}) { id } }'
            assert await hub.refused(restricted, works.with_role("executive")) in ("FORBIDDEN", "COLUMN_FORBIDDEN")
            assert await hub.refused(ONE, type="Nothing") == "TYPE_UNKNOWN"
            assert await hub.refused(ONE, type="StockEntry") == "NOT_FOLLOWABLE"
            assert await hub.refused(ONE, type="SalesOrder", id="x") == "ID_INVALID"

    asyncio.run(main())


def test_what_moves_out_of_reach_has_left(works: Works) -> None:
    """Row rules hold for the row before and after: of what a salesperson no longer sees only the id is told."""
    with unit_of_work(works.database.engine, works.viewer, "tests") as ctx:
        for code in ("E1", "E2"):
            create(ctx, "Employee", {"code": code, "name": code})
        mine = create(ctx, "Employee", {"code": "E3", "name": "E3"}).id
    seller = replace(works.with_role("sales"), employee_id=mine, user_id=UUID(int=7))

    async def main() -> None:
        async with following(works) as hub, hub.follow(WITH_NOTE, seller, text="") as follower:
            await follower.next()
            await hub.do(works.order, sales_rep="E1", note="a")
            id_ = await hub.do(works.order, sales_rep="E3", note="b")
            entered = await follower.next()
            assert (entered["kind"], entered["id"], entered["document"]["note"]) == ("ENTERED", str(id_), "b")

            def hand_over() -> None:
                with unit_of_work(works.database.engine, works.viewer, "tests") as ctx:
                    update(ctx, "SalesOrder", id_, {"sales_rep": "E2", "note": "c"})

            await hub.do(hand_over)
            left = await follower.next()
            assert (left["kind"], left["id"], left["document"]) == ("LEFT", str(id_), None)
            await hub.do(works.note, id_, "d")
            assert await follower.silent()

    asyncio.run(main())


def test_who_may_no_longer_follow_is_told(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "LOOK_AGAIN_SECONDS", 0.001)
    for found, code in ((None, "SIGNED_OUT"), (works.stranger, "RIGHTS_CHANGED")):
        seen: list[Viewer | None] = [works.viewer, works.viewer, found]

        async def find(seen: list[Viewer | None] = seen) -> Viewer | None:
            return seen.pop(0)

        with pytest.raises(Forbidden, match=code):
            asyncio.run(rights.still_allowed(works.viewer, find))
        assert not seen


def test_a_token_resumes_after_its_event(works: Works) -> None:
    async def main() -> None:
        async with following(works) as hub:
            async with hub.follow(ALL) as first:
                opened = (await first.next())["token"]
                made = [await hub.do(works.order) for _ in range(3)]
                heard = [await first.next() for _ in range(3)]
            await hub.do(works.note, made[0], "weg")
            async with hub.follow(ALL, after=opened) as again:
                assert (await again.next())["token"] == opened
                told: list[Change] = [await again.next() for _ in range(4)]
                assert told[:3] == heard
                assert [one["kind"] for one in told] == ["ENTERED"] * 3 + ["CHANGED"]
                await hub.do(works.note, made[1], "neu")
                assert (await again.next())["id"] == str(made[1])
            async with hub.follow(ALL, after=opened, resume=heard[2]["token"]) as third:
                await third.next()
                assert [one for _, one in await _kinds(third, 2)] == [str(made[0]), str(made[1])]
                assert third.tokens[1:] != [None, None]
                assert await third.silent()

    asyncio.run(main())


def test_a_token_from_which_nothing_can_be_resumed(works: Works) -> None:
    async def main() -> None:
        async with following(works) as hub:
            async with hub.follow(ALL) as first:
                good = (await first.next())["token"]
            id_, at = base64.urlsafe_b64decode(good + "==").decode().split(".")
            for text in (
                f"{id_}.{int(at) + 1}",
                f"{int(id_) + 99}.{at}",
                "-1.0",
                f"{2**70}.1",
                "1",
                "x.y",
                f"0{id_}.{at}",
            ):
                forged = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
                assert await hub.refused(ALL, after=forged) == "RESUME_IMPOSSIBLE", text
            for text in ("", "?", "枢纽", good + "A", "a" * 5000):
                assert await hub.refused(ALL, after=text) == "RESUME_IMPOSSIBLE", text
            assert await hub.refused(ALL, after=good) == "allowed"

    asyncio.run(main())


def test_a_reader_far_behind_is_ended_and_may_resume(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "WAITING_MOST", 5)
    monkeypatch.setattr(feed, "PAGE", 3)

    async def main() -> None:
        id_ = works.order()
        async with following(works) as hub:
            heard: list[str] = []
            async with hub.follow(ALL, prompt=False) as slow:
                await slow.next()
                first = asyncio.create_task(slow.next())
                while not hub.waiting():  # what was written before it waits is read at its own pace
                    await asyncio.sleep(0.01)
                await hub.do(works.note, id_, "0")
                heard.append((await first)["token"])
                for number in range(1, 12):
                    await hub.do(works.note, id_, str(number))
                with pytest.raises(Unavailable, match="TOO_SLOW"):  # noqa: PT012 (after as many as had waited)
                    while True:
                        heard.append((await slow.next())["token"])
            assert len(heard) >= 5
            async with hub.follow(ALL, after=heard[-1]) as again:
                await again.next()
                while len(heard) < 12:
                    heard.append((await again.next())["token"])
            assert len(set(heard)) == 12

    asyncio.run(main())


def test_a_step_is_an_event_of_its_document(works: Works) -> None:
    async def main() -> None:
        id_ = works.order()
        async with following(works) as hub, hub.follow(WITH_NOTE, text="gleich") as notes, hub.follow(ALL) as follower:
            await notes.next()
            await follower.next()

            def work() -> None:
                with unit_of_work(works.database.engine, works.viewer, "tests") as ctx:
                    update(ctx, "SalesOrder", id_, {"note": "gleich"})
                    run_step(ctx, "SalesOrder", id_, "confirm")

            await hub.do(work)
            heard = [await follower.next() for _ in range(2)]
            assert [one["event"] for one in heard] == ["SalesOrder.update", "SalesOrder.confirm"]
            assert [(await notes.next())["kind"] for _ in range(2)] == ["ENTERED", "ENTERED"]  # one commit, two events

    asyncio.run(main())


def _discard(works: Works, id_: Any) -> None:
    with unit_of_work(works.database.engine, works.viewer, "tests") as ctx:
        discard(ctx, "SalesOrder", id_)


def _load(works: Works) -> None:
    row = {"number": "OLD-1", "customer": "K1", "order_date": "2026-01-02", "promised_date": "2026-02-03"}
    with unit_of_work(works.database.engine, works.viewer, "tests") as ctx:
        assert not load(ctx, "SalesOrder", [{**row, "lines": []}]).problems
