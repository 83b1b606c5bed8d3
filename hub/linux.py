"""Two favours of the Linux kernel, by which no process is left behind. Elsewhere they do nothing.

A child can ask for a signal when its parent dies, and a process can ask to inherit the orphans of its children.
"""

from __future__ import annotations

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(sent: signal.Signals = signal.SIGTERM) -> None:
    """This process receives `sent` when its parent ends, however it ends. Call between fork and exec."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(sent), 0, 0, 0)


def adopt_orphans() -> None:
    """Descendants whose parent ended become children of this process, so that it can find and stop them."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
