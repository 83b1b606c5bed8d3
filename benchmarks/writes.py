"""How fast the write side is: `python -m benchmarks writes`, or `python -m benchmarks.writes load …` for some of it.

Every module of `benchmarks/writing` is a measure with a `NAME` and a `run(stand)` that gives figures; they run one
after the other on one scratch database, durable as in production. What has a peer is told as a ratio of the same run.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from benchmarks import writing


def run() -> None:
    """Make a scratch database, measure everything, take it away."""
    _scratch([])


def _scratch(names: list[str]) -> None:
    known = [one.name for one in pkgutil.iter_modules(writing.__path__)]
    for name in names:
        if name not in known:
            sys.exit(f"no measure {name}; there are: {', '.join(known)}")
    home = tempfile.mkdtemp(prefix="hub-bench-", dir="/tmp")
    try:
        # Settings are read once per process, and another benchmark may have done so: a process of its own.
        command = [sys.executable, "-m", "benchmarks.writes", "--measure", *(names or known)]
        subprocess.run(command, env={**os.environ, "HUB_HOME": home}, check=True)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _measure(names: list[str]) -> None:
    from benchmarks.stand.writing import stand

    print(f"  {'':<62}{'measured':>11} {'':<4}{'must':>8}{'aim':>8}")
    with database() as engine:
        for name in names:
            measure = importlib.import_module(f"benchmarks.writing.{name}")
            started = time.monotonic()
            print(measure.NAME, flush=True)
            for figure in measure.run(stand(engine, name)):
                print(figure, flush=True)
            print(f"  (took {time.monotonic() - started:.0f} s)", flush=True)


@contextmanager
def database() -> Iterator[Engine]:
    """A migrated database on an embedded server of its own."""
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


if __name__ == "__main__":
    if "--measure" in sys.argv:
        _measure(sys.argv[2:])
    else:
        _scratch(sys.argv[1:])
