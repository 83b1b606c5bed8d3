"""The loader: wrk (C, one thread) for both servers alike, pgbench for the bare statement. One runs at a time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stand.servers import Server
from hub.db import cluster
from hub.db.engine import database_url

CONNECTIONS = 8
_PARAMETER = re.compile(r"\$(\d+)")
_LUA = Path(__file__).with_name("requests.lua")


@dataclass(frozen=True)
class Load:
    """What one run came to."""

    per_second: float
    requests: int
    cpu: float
    """Microseconds of the server's processor time per request."""
    size: float
    """Bytes of an answer with its headers."""
    p50: float
    p99: float


def load(server: Server, bodies: Path, seconds: float) -> Load:
    """Send the bodies of a file over and over for a while; every answer must be a 200."""
    if shutil.which("wrk") is None:
        sys.exit("The loader is wrk (Debian: apt-get install wrk).")
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--latency", "-s", str(_LUA)]
    before = server.cpu()
    done = subprocess.run(
        ["wrk", *options, server.url, "--", str(bodies), server.token or "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found["failed"] == 0, done.stdout
    requests = found["requests"]
    cpu = (server.cpu() - before) / requests * 1e6
    size = found["bytes"] / requests
    return Load(requests / found["seconds"], requests, cpu, size, found["p50"], found["p99"])


def bare(sql: str, values: Sequence[Sequence[str | None]], folder: Path, seconds: float) -> float:
    """Statements per second of pgbench with as many connections; a script for each set of values."""
    arguments = [str(cluster.binary("pgbench")), "-n", "-M", "prepared", f"-c{CONNECTIONS}", "-j1", f"-T{seconds:g}"]
    for index, given in enumerate(values):
        script = folder / f"bare_{index}.sql"
        script.write_text(_with_names(sql, index, given).replace("\n", " ") + ";\n")
        arguments += ["-f", str(script)]
        known = [f"v{index}_{at}={value}" for at, value in enumerate(given, 1) if value is not None]
        arguments += [part for one in known for part in ("-D", one)]
    url = database_url()
    environment = {**cluster.environment(), "PGPASSWORD": url.password or ""}
    place = ["-h", str(url.query["host"]), "-U", str(url.username), str(url.database)]
    done = subprocess.run([*arguments, *place], capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout.split("tps = ")[1].split()[0])


def _with_names(sql: str, index: int, given: Sequence[str | None]) -> str:
    """$1 as pgbench knows parameters, by name; it knows no missing values, which are written out."""

    def name(found: re.Match[str]) -> str:
        return "NULL" if given[int(found[1]) - 1] is None else f":v{index}_{found[1]}"

    return _PARAMETER.sub(name, sql)
