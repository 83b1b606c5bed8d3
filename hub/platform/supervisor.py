"""Keeps the Procfile's processes running: starts them, brings back what dies, stops all and leaves none.

One death is one sentence. A process that dies again waits longer each time; the others are not touched. Logs go to a
file each and are cut when they grow too long.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hub.linux import adopt_orphans
from hub.platform.children import descendants, reap_orphans, send, send_to_group, spawn
from hub.platform.progress import Progress
from hub.trouble import disk_trouble

LONGEST_LOG = 20_000_000
"""Bytes after which a log file is begun anew; the old one is kept beside it."""

FIRST_WAIT, LONGEST_WAIT, STEADY = 0.5, 30.0, 60.0
"""Seconds: the first and the longest pause before a restart, and the life after which the count starts again."""

HOPELESS = 3
"""Deaths in a row after which nobody waits for a part any longer; it is still tried again."""


@dataclass
class Part:
    """One process to keep running.

    `ready` answers whether it serves; `stop_signal` asks it to end; `last` parts end after all others.
    """

    name: str
    label: tuple[str, str]
    command: str
    environment: Mapping[str, str]
    ready: Callable[[], Awaitable[bool]] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    last: bool = False
    process: asyncio.subprocess.Process | None = field(default=None, init=False)
    is_ready: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    deaths: int = field(default=0, init=False)


class Supervisor:
    """Runs parts until it is told to stop."""

    def __init__(self, progress: Progress, folder: Path, logs: Path) -> None:
        self.progress, self.folder, self.logs = progress, folder, logs
        self.parts: dict[str, Part] = {}
        self.stopping = asyncio.Event()
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._errands: set[int] = set()
        logs.mkdir(parents=True, exist_ok=True)

    def log_of(self, name: str) -> Path:
        """The log file of a part or an errand."""
        return self.logs / f"{name}.log"

    def start(self, part: Part) -> Part:
        """Starts a part and keeps it running from now on."""
        adopt_orphans()
        self.parts[part.name] = part
        self._keepers[part.name] = asyncio.create_task(self._keep(part), name=part.name)
        return part

    async def errand(
        self, name: str, command: list[str], environment: Mapping[str, str], show: Callable[[str], None] | None = None
    ) -> int:
        """Runs a command to its end, once; returns its exit code.

        What it says goes to a log. With `show`, lines of its standard output go there instead, as they come.
        """
        self._shorten(self.log_of(name))
        process = await spawn(command, environment, self.folder, self.log_of(name), piped=show is not None)
        self._errands.add(process.pid)
        try:
            if show is not None and process.stdout is not None:
                async for line in process.stdout:
                    show(line.decode(errors="replace").rstrip())
            return await process.wait()
        finally:
            if process.returncode is None:  # cancelled: a stop has come, let it end orderly
                send_to_group(process.pid, signal.SIGTERM)
            self._errands.discard(process.pid)

    async def wait_ready(self, part: Part, timeout: float) -> bool:
        """Whether the part became ready within `timeout` seconds; one that keeps dying is not waited for longer."""
        deadline = time.monotonic() + timeout
        while not part.is_ready.is_set() and part.deaths < HOPELESS and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        return part.is_ready.is_set()

    async def tend(self) -> None:
        """Chores until the stop: ended orphans, long logs."""
        while not self.stopping.is_set():
            reap_orphans(self._own())
            for part in self.parts.values():
                self._shorten(self.log_of(part.name))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), 2)

    def hurry(self) -> None:
        """The person asked twice: everything is killed now, but the parts marked `last`, which end orderly."""
        spared = {part.process.pid for part in self.parts.values() if part.last and part.process is not None}
        kept = spared | {pid for one in spared for pid in descendants(one)}
        send([pid for pid in descendants(os.getpid()) if pid not in kept], signal.SIGKILL)

    async def stop(self, patience: float = 8, patience_last: float = 25) -> None:
        """Ends every process below this one: politely, then by force; parts marked `last` after the others."""
        self.stopping.set()
        for task in self._keepers.values():
            task.cancel()
        await asyncio.gather(*self._keepers.values(), return_exceptions=True)
        first = [part for part in self.parts.values() if not part.last]
        kept = {part.process.pid for part in self.parts.values() if part.last and part.process is not None}
        for part in first:
            if part.process is not None and part.process.returncode is None:
                send_to_group(part.process.pid, part.stop_signal)
        for pid in self._errands:
            send_to_group(pid, signal.SIGTERM)
        await self._until_gone(patience, kept)
        for part in self.parts.values():
            if part.last and part.process is not None and part.process.returncode is None:
                send([part.process.pid], part.stop_signal)
        await self._until_gone(patience_last, set())

    # -- how it is done ------------------------------------------------------------------------------------------

    async def _keep(self, part: Part) -> None:
        while True:
            self._shorten(self.log_of(part.name))
            try:
                part.process = await spawn(
                    ["/bin/sh", "-c", f"exec {part.command}"], part.environment, self.folder, self.log_of(part.name)
                )
            except OSError as error:
                trouble = disk_trouble(error)
                self.progress.bad(trouble.zh if trouble else str(error), trouble.en if trouble else str(error))
                await asyncio.sleep(LONGEST_WAIT)
                continue
            born = time.monotonic()
            watcher = asyncio.create_task(self._watch(part))
            try:
                code = await part.process.wait()
            finally:
                watcher.cancel()
            part.is_ready.clear()
            lived = time.monotonic() - born
            part.deaths = 1 if lived > STEADY else part.deaths + 1
            pause = min(FIRST_WAIT * 2 ** (part.deaths - 1), LONGEST_WAIT)
            self._tell_death(part, code, pause)
            send_to_group(part.process.pid, signal.SIGTERM)  # workers it left behind would hold its port
            await asyncio.sleep(pause)
            send_to_group(part.process.pid, signal.SIGKILL)

    async def _watch(self, part: Part) -> None:
        """Sets `is_ready` once the part answers."""
        if part.ready is None:
            await asyncio.sleep(1)
        else:
            while not await self._answers(part.ready):
                await asyncio.sleep(0.2)
        part.is_ready.set()
        if part.deaths:
            self.progress.good(f"{part.label[0]}已恢复。", f"{part.label[1]} is back.")

    async def _answers(self, ready: Callable[[], Awaitable[bool]]) -> bool:
        """One question to a part; a question that fails is a no, or nobody would ask again."""
        try:
            return await ready()
        except OSError:
            return False

    def _tell_death(self, part: Part, code: int, pause: float) -> None:
        if part.deaths > HOPELESS and part.deaths % 10:
            return  # it was said three times; the log has the rest
        how = f"信号 {-code}" if code < 0 else f"退出码 {code}"
        how_en = f"signal {-code}" if code < 0 else f"exit code {code}"
        log = self.log_of(part.name)
        self.progress.bad(
            f"{part.label[0]}意外停止（{how}），{pause:g} 秒后重新启动；日志 {log}。",
            f"{part.label[1]} stopped unexpectedly ({how_en}), restarting in {pause:g} s; log {log}.",
        )

    def _own(self) -> set[int]:
        """Children somebody waits for."""
        return {part.process.pid for part in self.parts.values() if part.process is not None} | self._errands

    async def _until_gone(self, patience: float, spared: set[int]) -> None:
        """Waits for all processes below us but the spared and theirs; after `patience` seconds kills the rest."""
        deadline = time.monotonic() + patience
        while True:
            reap_orphans(self._own())
            everything = descendants(os.getpid())  # first: what the spared start meanwhile is not in it
            theirs = {pid for one in spared for pid in descendants(one)}
            left = [pid for pid in everything if pid not in spared | theirs]
            if not left:
                return
            if time.monotonic() > deadline:
                send(left, signal.SIGKILL)
            await asyncio.sleep(0.05)

    def _shorten(self, log: Path) -> None:
        """Starts a long log anew. The writer appends, so cutting the file under it is safe."""
        with contextlib.suppress(OSError):
            if log.stat().st_size > LONGEST_LOG:
                log.with_suffix(".log.old").write_bytes(log.read_bytes())
                os.truncate(log, 0)
