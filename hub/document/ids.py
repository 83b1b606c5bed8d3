"""Ids made by the hub itself, in the form of PostgreSQL's uuidv7(): lines of a document then go in by one statement.

RFC 9562: 48 bits of milliseconds, then, as PostgreSQL has it, twelve bits of their fraction, and 62 random bits. Ids of
one process rise, so that what was made later sorts later.
"""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """An id that is greater than every other that this process has made."""
    global _last  # noqa: PLW0603  (the clock's last reading is the process's own)
    nanoseconds = time.time_ns()
    stamp = (nanoseconds // 1_000_000 << 12) | (nanoseconds % 1_000_000 * 4_096 // 1_000_000)
    with _lock:
        _last = stamp = max(stamp, _last + 1)
    random = int.from_bytes(os.urandom(8)) & (1 << 62) - 1
    return UUID(int=(stamp >> 12 << 80) | (7 << 76) | ((stamp & 0xFFF) << 64) | (2 << 62) | random)
