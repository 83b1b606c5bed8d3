"""How fast reads are answered beside PostGraphile 5, on one PostgreSQL: `python -m benchmarks reads`.

Rounds alternate (hub, peer, and for two questions the bare statement in pgbench); only one load runs at a time. The
ratio of a round is ours / theirs, so what drifts on a shared machine hits both. No response is kept by anybody: the
values change with every request and pg_stat_statements must have counted as many calls as there were requests.
`python -m benchmarks.reads --short` tries everything in a minute.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NEVER_SEEN = 60


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    orders: int = 20_000
    rounds: int = 5
    seconds: float = 3.0
    warm_up: float = 3.0


@dataclass
class Figures:
    """The rounds of one question."""

    ours: list[Any] = field(default_factory=list)
    theirs: list[Any] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


def run() -> None:
    """Make a scratch database, fill it, measure, take it away."""
    _scratch([])


def _scratch(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="hub-bench-", dir="/tmp") as home:
        # Settings are read once per process, and another benchmark may have done so: a process of its own.
        command = [sys.executable, "-m", "benchmarks.reads", "--measure", *arguments]
        subprocess.run(command, env={**os.environ, "HUB_HOME": home}, check=True)


def _measure(extent: Extent) -> None:
    from benchmarks.stand import servers
    from benchmarks.stand.questions import QUESTIONS

    started = time.monotonic()
    with database(extent.orders) as (statements, token), servers.hub(token) as hub, servers.peer() as peer:
        print(f"{servers.versions()}; {extent.orders} orders × 5 lines; {extent.rounds} rounds of {extent.seconds:g} s")
        bench = Bench(extent, hub, peer, statements)
        for question in QUESTIONS:
            bench.prepare(question)
        print(f"{'':<40}{'hub/s':>8}{'peer/s':>8}{'ratio':>8}{'must':>6}{'aim':>6}{'CPU ×':>7}   of the bare statement")
        for question in QUESTIONS:
            print(bench.line(question), flush=True)
        print(f"never seen nested document: median {bench.never_seen():.1f} ms, compile included (aim 15 ms)")
        print(f"memory at the end (PSS): hub {hub.memory():.0f} MB, PostGraphile {peer.memory():.0f} MB")
    print(f"took {time.monotonic() - started:.0f} s")


@contextmanager
def database(orders: int) -> Iterator[tuple[Any, str]]:
    """A running server with data and pg_stat_statements: a superuser's connection and the asking user's token."""
    from benchmarks.stand import data
    from hub.db.engine import make_engine
    from hub.db.migrate import upgrade
    from hub.db.roles import embedded_server, prepare_embedded

    server = embedded_server(options={"shared_preload_libraries": "pg_stat_statements"})
    server.start()
    try:
        prepare_embedded(server)
        engine = make_engine()
        upgrade(engine)
        token = data.fill(engine, orders)
        engine.dispose()
        with server.connect("hub") as statements:
            statements.execute("CREATE EXTENSION pg_stat_statements")
            yield statements, token
    finally:
        server.stop()


@dataclass
class Bench:
    """Both servers under the same questions."""

    extent: Extent
    hub: Any
    peer: Any
    statements: Any
    files: dict[tuple[str, str], Path] = field(default_factory=dict)

    def prepare(self, question: Any) -> None:
        """Write the request bodies, see that both answer the same, warm both up."""
        from benchmarks.stand.loader import load
        from benchmarks.stand.questions import rows_of, values_in, write
        from hub.settings import settings

        company = self.hub.ask("{ companies { nodes { id } } }")["data"]["companies"]["nodes"][0]["id"]
        for server, of_company in ((self.hub, None), (self.peer, company)):
            bodies = question.bodies(self.extent.orders, of_company)
            place = settings().home / f"{len(self.files)}.txt"
            self.files[server.name, question.name] = write(bodies, place)
        first = [question.bodies(self.extent.orders, one)[0] for one in (None, company)]
        answers = [
            rows_of(server.ask(body["query"], body["variables"]))
            for server, body in zip((self.hub, self.peer), first, strict=True)
        ]
        assert len(answers[0]) == (question.rows or len(answers[1])), len(answers[0])
        assert sorted(values_in(answers[0])) == sorted(values_in(answers[1])), f"answers to {question.name} differ"
        for server in (self.hub, self.peer):
            load(server, self.files[server.name, question.name], self.extent.warm_up)

    def line(self, question: Any) -> str:
        """Run the rounds of a question: its line of the table."""
        figures = Figures()
        for _ in range(self.extent.rounds):
            figures.ours.append(self._load(self.hub, question))
            figures.theirs.append(self._load(self.peer, question))
            if question.bare:
                figures.bare.append(self._bare(question))
        ours = statistics.median(one.per_second for one in figures.ours)
        theirs = statistics.median(one.per_second for one in figures.theirs)
        ratio = statistics.median(
            one.per_second / other.per_second for one, other in zip(figures.ours, figures.theirs, strict=True)
        )
        cpu = statistics.median(other.cpu / one.cpu for one, other in zip(figures.ours, figures.theirs, strict=True))
        mark = "" if ratio >= question.must else "  BELOW"
        share = ""
        if figures.bare:
            of_bare = statistics.median(
                one.per_second / bare for one, bare in zip(figures.ours, figures.bare, strict=True)
            )
            share = f"   {of_bare:.2f} (must 0.4, aim 0.6{'' if of_bare >= 0.4 else ', BELOW'})"
        return (
            f"{question.name:<40}{ours:>8.0f}{theirs:>8.0f}{ratio:>8.2f}{question.must:>6}{question.aim:>6}"
            f"{cpu:>7.2f}{share}{mark}"
        )

    def _load(self, server: Any, question: Any) -> Any:
        """One run, with as many calls of statements as requests: nobody keeps answers."""
        from benchmarks.stand.loader import CONNECTIONS, load

        self.statements.execute("SELECT pg_stat_statements_reset()")
        found = load(server, self.files[server.name, question.name], self.extent.seconds)
        (calls,) = self.statements.execute(
            "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query ~ 'sales_order'"
        ).fetchone()
        # What was under way when the time was up has been asked but not counted by the loader.
        assert found.requests <= calls, f"{server.name} answered {found.requests} requests by {calls} statements"
        if server is self.hub:
            assert calls <= found.requests + 2 * CONNECTIONS, f"{calls} statements for {found.requests} requests"
        return found

    def _bare(self, question: Any) -> float:
        """The hub's own statement with the values of the same requests, without the hub."""
        from benchmarks.stand.loader import bare
        from benchmarks.stand.statements import statement_of
        from hub.settings import settings

        sql, values = statement_of(question, self.extent.orders)
        return bare(sql, values, settings().home, self.extent.seconds)

    def never_seen(self) -> float:
        """Median milliseconds of nested documents whose text was never sent before."""
        from benchmarks.stand.questions import QUESTIONS

        nested = next(one for one in QUESTIONS if "50 orders" in one.name)
        (body,) = nested.bodies(self.extent.orders, None, count=1)
        durations = []
        for index in range(NEVER_SEEN):
            document = body["query"].replace("nodes { number", f"nodes {{ number a{index}: orderDate", 1)
            begin = time.perf_counter()
            self.hub.ask(document, body["variables"])
            durations.append((time.perf_counter() - begin) * 1000)
        return statistics.median(durations)


if __name__ == "__main__":
    if "--measure" not in sys.argv:
        _scratch(sys.argv[1:])
    elif "--short" in sys.argv:
        _measure(Extent(orders=3_000, rounds=2, seconds=1.0, warm_up=1.0))
    else:
        _measure(Extent())
