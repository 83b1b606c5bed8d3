"""Sending to a real HTTP hub: only a 200 that accounts for every row costs a row its place in the buffer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from edge_collectors import uplink as sending
from edge_collectors.buffer import Buffer
from edge_collectors.reading import Reading
from edge_collectors.site import Site, load_site
from edge_collectors.uplink import Uplink
from tests.edge.stand_in import TOKEN, StandInHub

Story = Callable[[Buffer, Uplink], Awaitable[None]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same back-off, in hundredths."""
    monkeypatch.setattr(sending, "BACK_OFF", (0.01, 0.3))
    monkeypatch.setattr(sending, "GATHER_SECONDS", 0.01)


def readings(count: int, first: int = 0, device: str = "EM-01") -> list[Reading]:
    return [Reading(device, "energy", 1_000 * at, f"{at}.50", "kWh", 0) for at in range(first, first + count)]


def send(folder: Path, hub: StandInHub, story: Story, token: str | None = TOKEN, site: Site | None = None) -> Uplink:
    async def run() -> Uplink:
        buffer = Buffer(folder / "b.db", 100_000_000)
        await buffer.open()
        uplink = Uplink(site or replace(load_site("demo"), hub=hub.url), buffer, token)
        task = asyncio.create_task(uplink.run())
        try:
            await asyncio.wait_for(story(buffer, uplink), 20)
            assert not task.done(), task.exception()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await buffer.close()
        return uplink

    return asyncio.run(run())


async def emptied(buffer: Buffer) -> None:
    while buffer.rows:
        await asyncio.sleep(0.01)


def test_batches_of_at_most_a_thousand_in_the_order_taken(tmp_path: Path, hub: StandInHub) -> None:
    async def story(buffer: Buffer, _: Uplink) -> None:
        await buffer.take(readings(3_500))
        await emptied(buffer)

    uplink = send(tmp_path, hub, story)
    assert hub.batches == [1_000, 1_000, 1_000, 500]
    assert [key[2] for key in hub.order] == [row["at"] for row in hub.rows.values()]
    assert list(hub.rows.values())[1] == {
        "device": "EM-01",
        "metric": "energy",
        "at": "1970-01-01T08:00:01+08:00",
        "value": "1.50",
        "unit": "kWh",
        "quality": 0,
    }
    assert [row["value"] for row in hub.rows.values()] == [f"{at}.50" for at in range(3_500)]
    assert (uplink.sent, uplink.duplicates, uplink.rejected) == (3_500, 0, 0)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 502, 503, 302])
def test_every_answer_but_200_keeps_the_rows(tmp_path: Path, hub: StandInHub, status: int) -> None:
    hub.status = status

    async def story(buffer: Buffer, _: Uplink) -> None:
        await buffer.take(readings(10))
        await asyncio.sleep(0.2)
        assert buffer.rows == 10
        hub.status = None
        await emptied(buffer)

    send(tmp_path, hub, story)
    assert len(hub.rows) == 10
    assert not hub.conflicts


@pytest.mark.parametrize(
    "reply",
    [
        b"<html>Please sign in to the hotel network</html>",
        b"{}",
        b"[]",
        b"null",
        b'{"accepted": 9, "duplicates": 0, "rejected": []}',
        b'{"accepted": "many", "duplicates": 0, "rejected": []}',
        b"\xff\xfe",
    ],
)
def test_a_200_that_does_not_account_for_every_row_keeps_them(tmp_path: Path, hub: StandInHub, reply: bytes) -> None:
    hub.reply = reply

    async def story(buffer: Buffer, _: Uplink) -> None:
        await buffer.take(readings(10))
        await asyncio.sleep(0.1)
        assert buffer.rows == 10
        hub.reply = None
        await emptied(buffer)

    send(tmp_path, hub, story)
    assert len(hub.rows) == 10


def test_an_answer_that_got_lost_is_sent_again_and_stored_once(tmp_path: Path, hub: StandInHub) -> None:
    hub.drop_answers = 3

    async def story(buffer: Buffer, _: Uplink) -> None:
        await buffer.take(readings(10))
        await emptied(buffer)

    uplink = send(tmp_path, hub, story)
    assert len(hub.rows) == 10
    assert set(hub.deliveries.values()) == {4}
    assert (uplink.sent, uplink.duplicates, hub.conflicts) == (0, 10, [])


def test_too_large_a_batch_is_halved(tmp_path: Path, hub: StandInHub) -> None:
    hub.most = 300

    async def story(buffer: Buffer, _: Uplink) -> None:
        await buffer.take(readings(2_000))
        await emptied(buffer)

    send(tmp_path, hub, story)
    assert len(hub.rows) == 2_000
    assert max(hub.batches) == 250


def test_quarantined_rows_leave_and_the_others_arrive(tmp_path: Path, hub: StandInHub) -> None:
    hub.unknown_devices = {"EM-99"}

    async def story(buffer: Buffer, _: Uplink) -> None:
        await buffer.take([*readings(3), *readings(2, device="EM-99"), *readings(3, first=3)])
        await emptied(buffer)

    uplink = send(tmp_path, hub, story)
    assert (uplink.sent, uplink.rejected, len(hub.rows)) == (6, 2, 6)


def test_a_token_file_that_appears_or_changes_needs_no_restart(tmp_path: Path, hub: StandInHub) -> None:
    file = tmp_path / "token"
    site = replace(load_site("demo"), hub=hub.url, token_file=file)

    async def story(buffer: Buffer, _: Uplink) -> None:
        await buffer.take(readings(5))
        await asyncio.sleep(0.1)
        assert buffer.rows == 5
        file.write_text("yesterday's\n")
        await asyncio.sleep(0.3)
        assert buffer.rows == 5
        file.write_text(f"{TOKEN}\n")
        await emptied(buffer)

    send(tmp_path, hub, story, token=None, site=site)
    assert len(hub.rows) == 5


def test_the_same_complaint_is_made_once_a_minute(
    tmp_path: Path, hub: StandInHub, caplog: pytest.LogCaptureFixture
) -> None:
    hub.status = 401

    async def story(buffer: Buffer, _: Uplink) -> None:
        await buffer.take(readings(1))
        await asyncio.sleep(0.5)

    send(tmp_path, hub, story)
    complaints = [record.getMessage() for record in caplog.records if "401" in record.getMessage()]
    assert len(complaints) == 1
    assert "令牌无效" in complaints[0]
    assert "not valid" in complaints[0]
    assert TOKEN not in caplog.text


def test_the_pause_between_attempts_grows(tmp_path: Path, hub: StandInHub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.stop()
    attempts: list[float] = []
    send_once = Uplink._send

    async def counted(*arguments: object) -> None:
        attempts.append(time.monotonic())
        await send_once(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Uplink, "_send", counted)

    async def story(buffer: Buffer, _: Uplink) -> None:
        await buffer.take(readings(1))
        await asyncio.sleep(0.8)
        hub.start()
        await emptied(buffer)

    send(tmp_path, hub, story)
    assert 5 <= len(attempts) <= 9  # 10, 20, 40, 80, 160, 300 ms; without growth it would be 80
