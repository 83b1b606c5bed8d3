"""Processes we start, and all that they start in turn: spawned tied to us, found, stopped, none left behind.

Each child leads its own session, so a Ctrl-C in the terminal reaches us only and we decide the order of stopping.
Grandchildren may lead sessions of their own (notebook kernels do), hence the search through the process table.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from hub.linux import die_with_parent


async def spawn(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path, *, piped: bool = False
) -> asyncio.subprocess.Process:
    """Starts a command in its own session; its output goes to the end of `log`. It ends when we end.

    With `piped` its standard output can be read from the process instead.
    """
    with open(log, "ab") as output:
        return await asyncio.create_subprocess_exec(
            *command,
            env=dict(environment),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if piped else output,
            stderr=output,
            start_new_session=True,
            preexec_fn=_begin,
        )


def _begin() -> None:
    """In the child, before its program: it ends when we end, and can be asked to end even if we were told to ignore it.

    An ignored signal is inherited, and a shell that starts us in the background ignores some.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    die_with_parent(signal.SIGTERM)


def descendants(root: int) -> list[int]:
    """Every living process below `root`, nearest first; zombies are left out."""
    below: dict[int, list[int]] = {}
    for pid, parent in _process_table():
        below.setdefault(parent, []).append(pid)
    found, queue = [], list(below.get(root, []))
    while queue:
        pid = queue.pop(0)
        found.append(pid)
        queue += below.get(pid, [])
    return found


def send(pids: Sequence[int], sent: signal.Signals) -> None:
    """Sends a signal to processes, whether or not they still live."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, sent)


def send_to_group(leader: int, sent: signal.Signals) -> None:
    """Sends a signal to a child and all of its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, sent)


def reap_orphans(ours: set[int]) -> None:
    """Collects ended processes that were handed to us; those in `ours` have their own waiter."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in ours:
            return
        with contextlib.suppress(ChildProcessError):
            os.waitpid(ended.si_pid, os.WNOHANG)


def _process_table() -> list[tuple[int, int]]:
    """Pairs of process and parent."""
    if sys.platform != "linux":
        import psutil

        return [
            (one.info["pid"], one.info["ppid"])
            for one in psutil.process_iter(["pid", "ppid", "status"])
            if one.info["status"] != psutil.STATUS_ZOMBIE
        ]
    table = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError, ValueError):
                state, parent = Path(entry.path, "stat").read_text().rsplit(")", 1)[1].split()[:2]
                if state not in "ZX":
                    table.append((int(entry.name), int(parent)))
    return table
