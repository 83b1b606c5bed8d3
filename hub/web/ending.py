"""The process is told to end: whoever holds a connection open must hear of it, or the server waits for ever.

The server's own signal handler stays and stops the server; ours is told beside it.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def told_to_end() -> Iterator[asyncio.Event]:
    """An event that is set when the process gets SIGTERM or SIGINT; in a thread, where there are none, never."""
    ending, loop = asyncio.Event(), asyncio.get_running_loop()
    if threading.current_thread() is not threading.main_thread():
        yield ending
        return
    earlier = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def tell(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(ending.set)
        before = earlier[signal.Signals(number)]
        if callable(before):
            before(number, frame)

    for number in earlier:
        signal.signal(number, tell)
    try:
        yield ending
    finally:
        for number, before in earlier.items():
            signal.signal(number, before)
