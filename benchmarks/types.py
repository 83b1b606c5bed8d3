"""What a hundred more document types cost each request: `python -m benchmarks types`.

Two hubs on one database, one with the product's types, one with 100 more; the same documents in alternating rounds.
Compared is the processor time of a request, which must lie within ± 15 %. That the SQL is the same is a test.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

ORDERS, ROUNDS, SECONDS = 3_000, 5, 2.0


def run() -> None:
    """Make a scratch database, measure, take it away."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-", dir="/tmp") as home:
        # Settings are read once per process, and another benchmark may have done so: a process of its own.
        subprocess.run([sys.executable, "-m", "benchmarks.types"], env={**os.environ, "HUB_HOME": home}, check=True)


def _measure() -> None:
    from benchmarks.reads import database
    from benchmarks.stand import servers
    from benchmarks.stand.many_types import MORE
    from benchmarks.stand.questions import QUESTIONS, write
    from hub.document.registry import specs
    from hub.settings import settings

    with database(ORDERS) as (_, token):
        begin = time.monotonic()
        with servers.hub(token) as few:
            middle = time.monotonic()
            with servers.hub(token, app="benchmarks.stand.many_types:app") as many:
                end = time.monotonic()
                print(
                    f"ready after: {len(specs())} types {middle - begin:.1f} s, {MORE} more {end - middle:.1f} s (10 s)"
                )
                for question in QUESTIONS:
                    for server in (few, many):  # compiled before it is timed
                        body = question.bodies(ORDERS, None, count=1)[0]
                        server.ask(body["query"], body["variables"])
                    bodies = write(question.bodies(ORDERS, None), settings().home / "bodies.txt")
                    print(f"{question.name:<40}{_compared(few, many, bodies)}", flush=True)
        print("(processor time of the hub per request; must be within 0.85 and 1.15)")


def _compared(few: Any, many: Any, bodies: Any) -> str:
    from benchmarks.stand.loader import load

    times = [[load(server, bodies, SECONDS).cpu for server in (few, many)] for _ in range(ROUNDS + 1)][1:]
    ratio = statistics.median(more / less for less, more in times)
    ours, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    return f"{ours:>8.0f} µs {theirs:>8.0f} µs {ratio:>7.2f}{'' if 0.85 <= ratio <= 1.15 else '  BEYOND'}"


if __name__ == "__main__":
    _measure()
