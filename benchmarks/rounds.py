"""Two ways of doing one thing, timed in turns: what drifts on a shared machine hits both alike."""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Engine


def compare(ours: Callable[[int], None], peer: Callable[[int], None], *, rounds: int = 5) -> str:
    """Median seconds of both and the median of the round-by-round ratio peer / ours (above 1: we are faster)."""
    times: list[tuple[float, float]] = []
    for index in range(rounds + 1):
        pair = (_timed(ours, index), _timed(peer, index))
        if index:  # the first round warms both up
            times.append(pair)
    mine = statistics.median(one for one, _ in times)
    theirs = statistics.median(one for _, one in times)
    ratio = statistics.median(other / one for one, other in times)
    return f"ours {mine:.3f} s, peer {theirs:.3f} s, ratio {ratio:.2f} ({rounds} rounds)"


def _timed(work: Callable[[int], None], index: int) -> float:
    started = time.perf_counter()
    work(index)
    return time.perf_counter() - started


@contextlib.contextmanager
def scratch_database() -> Iterator[Engine]:
    """A migrated database on an embedded server of its own, durability as in production."""
    home = Path(tempfile.mkdtemp(prefix="hub-bench-", dir="/tmp"))
    os.environ["HUB_HOME"] = str(home)  # before the settings are read
    from hub.db.engine import make_engine
    from hub.db.migrate import upgrade
    from hub.db.roles import embedded_server, prepare_embedded

    server = embedded_server()
    server.start()
    try:
        prepare_embedded(server)
        engine = make_engine()
        upgrade(engine)
        yield engine
        engine.dispose()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)
