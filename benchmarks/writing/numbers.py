"""32 writers who take numbers at once: of a fast series, and of a gapless one, whose writers wait for each other."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from benchmarks.stand.writing import Figure, Stand
from hub import writes
from hub.db.engine import make_engine

WRITERS, EACH = 32, 20
NAME = f"numbers: {WRITERS} writers, {EACH} orders each, a transaction each"


def run(stand: Stand) -> list[Figure]:
    """Orders per second of both kinds, and that none is double or, of the gapless kind, missing."""
    engine = make_engine(pool_size=WRITERS)
    line = {"item": "1", "quantity": "1", "unit_price": "1"}
    speeds = {}
    for kind in ("fast", "gapless"):
        with writes.unit_of_work(engine, stand.viewer, "bench") as ctx:
            rule = {"document_type": "SalesOrder", "pattern": f"{kind}{{seq:06}}", "gapless": kind == "gapless"}
            made = writes.create(ctx, "CodeRule", {"code": kind, "name": kind, **rule})
        begin = threading.Barrier(WRITERS + 1)

        def write(_: int, begin: threading.Barrier = begin) -> None:
            begin.wait()
            for _turn in range(EACH):
                with writes.unit_of_work(engine, stand.viewer, "bench") as ctx:
                    writes.create(ctx, "SalesOrder", {"customer": "1", "lines": [line]})

        with ThreadPoolExecutor(WRITERS) as pool:
            done = [pool.submit(write, index) for index in range(WRITERS)]
            begin.wait()
            started = time.perf_counter()
            for one in done:
                one.result()
            speeds[kind] = WRITERS * EACH / (time.perf_counter() - started)
        with writes.unit_of_work(engine, stand.viewer, "bench") as ctx:
            writes.update(ctx, "CodeRule", made.id, {"active": False})
            given = text(
                "SELECT count(DISTINCT number), max(number) FROM hub.sales_order WHERE number LIKE :kind || '%'"
            )
            count, last = ctx.session.execute(given, {"kind": kind}).one()
        assert count == WRITERS * EACH, count
        assert kind == "fast" or last == f"gapless{count:06}", last
    engine.dispose()
    return [
        Figure("fast series", speeds["fast"], "/s"),
        Figure("gapless series", speeds["gapless"], "/s"),
        Figure("fast / gapless", speeds["fast"] / speeds["gapless"]),
    ]
