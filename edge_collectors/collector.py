"""The collector as a whole: buffer, one poller per line, the uplink; runs until told to stop.

Stopping waits for the commit under way and for nothing else: whatever is not sent yet is on disk and goes next time.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine, Sequence
from typing import Any

from edge_collectors.buffer import Buffer
from edge_collectors.errors import EdgeError, both
from edge_collectors.poller import Poller, now_ms
from edge_collectors.reading import Reporter
from edge_collectors.site import Site
from edge_collectors.uplink import Uplink

log = logging.getLogger("edge")
TELL_EVERY = 60.0
ALIVE_EVERY = 5.0
LOOK_EVERY = 0.1


async def collect(site: Site, token: str | None, until_idle: bool = False) -> None:
    """Poll, keep and send until SIGTERM or SIGINT, or, `until_idle`, until all devices ended and all is sent.

    Raises EdgeError for a site that cannot work.
    """
    if until_idle and (endless := [device.id for device in site.devices() if device.end is None]):
        raise EdgeError(
            f"--until-idle 只用于会结束的设备；{endless[0]} 没有 end 标志。",
            f"--until-idle is for devices that end; {endless[0]} has no end flag.",
        )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    buffer = Buffer(site.buffer, site.buffer_max)
    await buffer.open()
    try:
        reporter = Reporter(buffer.last_at)
        pollers = [Poller(line, buffer, reporter) for line in site.lines]
        uplink = Uplink(site, buffer, token)
        log.info(
            both(
                f"采集开始：{len(site.devices())} 台设备，{len(site.lines)} 条线路，"
                f"发往 {site.hub}，缓存 {buffer.rows} 条。",
                f"Collecting {len(site.devices())} devices on {len(site.lines)} lines for {site.hub}; "
                f"{buffer.rows} readings buffered.",
            )
        )
        work: list[Coroutine[Any, Any, object]] = [poller.run() for poller in pollers]
        work += [uplink.run(), _tell(buffer, uplink), _stay_alive(buffer), stop.wait()]
        if until_idle:
            work.append(_idle(pollers, buffer))
        await until_first([asyncio.create_task(part) for part in work])
        _summary(buffer, uplink)
    finally:
        await buffer.close()


async def until_first(tasks: Sequence[asyncio.Task[object]]) -> None:
    """Wait until one of the tasks ends, stop the others, and raise what it raised: none ends without a reason."""
    done, going = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    while going:
        # Again and again: Python 3.11's wait_for forgets a cancellation that meets its answer (python/cpython#86296).
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=LOOK_EVERY)
    for task in done:
        task.result()


async def _idle(pollers: Sequence[Poller], buffer: Buffer) -> None:
    """Return when every device has ended and the hub has everything."""
    # Three parties decide; looking is simpler than an event of each.
    while not (all(poller.has_ended for poller in pollers) and not buffer.rows and not buffer.is_writing):
        await asyncio.sleep(LOOK_EVERY)


async def _tell(buffer: Buffer, uplink: Uplink) -> None:
    while True:
        await asyncio.sleep(TELL_EVERY)
        _summary(buffer, uplink)


async def _stay_alive(buffer: Buffer) -> None:
    """Note the time now and then, so that the next start knows how long nobody was collecting."""
    while True:
        await buffer.note_alive(now_ms())
        await asyncio.sleep(ALIVE_EVERY)


def _summary(buffer: Buffer, uplink: Uplink) -> None:
    counts = (buffer.taken, uplink.sent, uplink.duplicates, uplink.rejected, buffer.rows)
    log.info(
        both(
            "采集 {} 条，入库 {}，重复 {}，隔离 {}，待发 {}。".format(*counts),
            "{} taken, {} stored, {} duplicate, {} quarantined, {} waiting.".format(*counts),
        )
    )
