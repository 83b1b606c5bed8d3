"""How fast reads are answered, in one process on a database of its own: `python -m benchmarks reads`.

Three requests (one order by number, 500 flat rows, 50 orders × 5 lines × item + customer), each with other values
every time; beside them the bare statement, and what a document never seen before costs. Compiling is counted.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any
from uuid import UUID

ORDERS, LINES = 600, 5
SECONDS = 4.0

ONE = "query O($number: String!) { salesOrder(number: $number) { number orderDate state customer { name } } }"
FLAT = """query F($from: Date!) { salesOrders(where: {orderDate: {gte: $from}}, first: 500) {
  nodes { id number orderDate state currency freight note } } }"""
NESTED = """query N($from: Date!) { salesOrders(where: {orderDate: {gte: $from}}, first: 50) {
  nodes { number orderDate customer { code name }
    lines { position quantity unitPrice amount item { code name } } } } }"""


def run() -> None:
    """Make a scratch database, fill it, measure, take it away."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-", dir="/tmp") as home:
        # Settings are read once per process, and another benchmark may have done so: a process of its own.
        subprocess.run([sys.executable, "-m", "benchmarks.reads"], env={**os.environ, "HUB_HOME": home}, check=True)


def _measured() -> None:
    from hub.db.engine import make_engine
    from hub.db.migrate import upgrade
    from hub.db.roles import embedded_server, prepare_embedded

    server = embedded_server(options={"fsync": "off", "synchronous_commit": "off"})
    server.start()
    try:
        prepare_embedded(server)
        engine = make_engine()
        upgrade(engine)
        company = _fill(engine)
        asyncio.run(_run(engine, company))
        engine.dispose()
    finally:
        server.stop()


def _fill(engine: Any) -> UUID:
    """Orders with lines, written through the verbs; statistics gathered, as in a database that has lived a day."""
    from sqlalchemy import text

    from hub.context import SYSTEM, Viewer
    from hub.writes import create, unit_of_work

    everything = frozenset({"*"})
    with unit_of_work(engine, Viewer(SYSTEM, "bench", "bench", everything, None), "bench") as ctx:
        company: UUID = create(ctx, "Company", {"code": "B", "name": "Bench"}).id
    viewer = Viewer(SYSTEM, "bench", "bench", everything, company)
    with unit_of_work(engine, viewer, "bench") as ctx:
        create(ctx, "UnitOfMeasure", {"code": "pcs", "name": "个"})
        for index in range(200):
            create(ctx, "Item", {"code": f"I{index}", "name": f"外壳 {index}", "unit": "pcs"})
        for index in range(50):
            create(ctx, "Customer", {"code": f"K{index}", "name": f"客户 {index}"})
        for index in range(ORDERS):
            lines = [
                {"item": f"I{(index * 7 + line) % 200}", "quantity": str(line + 1), "unit_price": "1.25"}
                for line in range(LINES)
            ]
            day = f"2026-{1 + index % 12:02}-{1 + index % 28:02}"
            values = {"number": f"B-{index:05}", "customer": f"K{index % 50}", "order_date": day, "lines": lines}
            create(ctx, "SalesOrder", values)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return company


async def _run(engine: Any, company: UUID) -> None:
    from graph_schema.answer import Answerer
    from hub.context import SYSTEM
    from hub.context import Viewer as Asking
    from hub.db.engine import make_async_pool
    from hub.document.access import permissions_of

    viewer = Asking(SYSTEM, "sally", "Sally", permissions_of(["sales"]), company, frozenset({"sales"}))
    async with make_async_pool(size=4) as pool:
        answerer = Answerer(pool, engine)
        print(f"{'request':<28}{'per second':>12}{'median ms':>12}{'bytes':>10}{'bare statement/s':>18}{'share':>8}")
        for name, document, values in (
            ("one order by number", ONE, [{"number": f"B-{n:05}"} for n in range(ORDERS)]),
            ("500 flat rows", FLAT, [{"from": f"2026-01-{1 + n % 9:02}"} for n in range(9)]),
            ("50 orders × 5 lines × item", NESTED, [{"from": f"2026-0{1 + n % 9}-01"} for n in range(9)]),
        ):
            await _one(answerer, viewer, name, document, values)
        await _first_sight(answerer, viewer)


async def _one(answerer: Any, viewer: Any, name: str, document: str, values: list[dict[str, str]]) -> None:
    """Requests one after the other for a while, then the same statement without the hub around it."""
    from graph_schema.read.run import run

    sizes: list[int] = []

    async def request(variables: dict[str, str]) -> None:
        answer = await answerer.answer(document, variables, viewer)
        assert answer.startswith(b'{"data"')
        assert b'"errors"' not in answer
        sizes.append(len(answer))

    known = answerer.known(document, None)

    async def bare(variables: dict[str, str]) -> None:
        given = known.variables(variables)
        await run(answerer.pool, answerer.plan(known, given, viewer).statement, given, viewer)

    per_second, median = await _timed(request, values)
    bare_per_second, _ = await _timed(bare, values)
    share = per_second / bare_per_second
    size = round(statistics.mean(sizes))
    print(f"{name:<28}{per_second:>12.0f}{median:>12.2f}{size:>10}{bare_per_second:>18.0f}{share:>8.2f}")


async def _timed(body: Any, values: list[dict[str, str]]) -> tuple[float, float]:
    for variables in values[:5]:
        await body(variables)
    durations: list[float] = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        begin = time.perf_counter()
        await body(values[len(durations) % len(values)])
        durations.append(time.perf_counter() - begin)
    return len(durations) / sum(durations), statistics.median(durations) * 1000


async def _first_sight(answerer: Any, viewer: Any) -> None:
    """A nested document whose text was never seen: parsing, validating, planning, compiling and running it."""
    durations = []
    for index in range(30):
        document = NESTED.replace("number orderDate", f"number a{index}: orderDate")
        begin = time.perf_counter()
        await answerer.answer(document, {"from": "2026-03-01"}, viewer)
        durations.append((time.perf_counter() - begin) * 1000)
    print(f"never seen before, nested: median {statistics.median(durations):.1f} ms (compile included)")


if __name__ == "__main__":
    _measured()
