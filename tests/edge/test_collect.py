"""The whole collector as a user starts it: real processes, real Modbus TCP, a real HTTP hub, and kill -9.

The replay makes loss visible: every interval has one time and one value, computed here from the CSV alone.
"""

from __future__ import annotations

import asyncio
import csv
import random
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from edge_collectors.collector import until_first
from edge_collectors.errors import EdgeError
from tests.conftest import need_real_data
from tests.edge.stand_in import Edge, StandInHub, edge_once, free_port, listens, wait_until

STEEL = Path(__file__).parents[3] / "shared" / "data" / "steel" / "Steel_industry_data.csv"
DEVICE, METRIC = "STEEL-01", "energy.active.import"
Start = Callable[..., Edge]


def generated(folder: Path, intervals: int) -> tuple[Path, dict[str, str]]:
    """A CSV in the steel file's form, and what the hub must hold: time -> counter."""
    chance = random.Random(intervals)  # noqa: S311
    start = datetime.fromisoformat("2018-01-01T00:00:00+08:00")
    used = [Decimal(chance.randrange(0, 15_000)).scaleb(-2) for _ in range(intervals)]
    ends = [start + timedelta(minutes=15 * n) for n in range(intervals + 1)]
    path = folder / "generated.csv"
    with path.open("w", encoding="utf-8-sig") as file:
        file.write("date,Usage_kWh\n")
        for end, kwh in zip(ends[1:], used, strict=True):
            stamp = end if end.hour or end.minute else end - timedelta(days=1)  # midnight, as the steel works writes it
            file.write(f"{stamp:%d/%m/%Y} {end:%H:%M},{kwh.normalize():f}\n")
    counters = accumulate(used, initial=Decimal("0.00"))
    return path, {end.isoformat(): f"{counter:.2f}" for end, counter in zip(ends, counters, strict=True)}


def received(hub: StandInHub) -> dict[str, str]:
    assert all(key[:2] == (DEVICE, METRIC) for key in hub.rows)
    return {key[2]: row["value"] for key, row in hub.rows.items()}


def simulate(start_edge: Start, path: Path | None = None) -> str:
    port = free_port()
    start_edge("simulate", *(["--replay", str(path)] if path else []), EDGE_LINE=f"127.0.0.1:{port}")
    wait_until(lambda: listens(port), what="the simulator")
    return f"127.0.0.1:{port}"


def waiting(path: Path) -> int:
    """The rows in the buffer, seen by another process."""
    try:
        connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        try:
            return int(connection.execute("select count(*) from reading").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error:
        return 0


def collector(
    start_edge: Start, hub: StandInHub, line: str, buffer: Path, *more: str, site: str = "steel-replay"
) -> Edge:
    return start_edge("run", site, *more, EDGE_HUB=hub.url, EDGE_LINE=line, EDGE_BUFFER=str(buffer))


def test_a_replay_arrives_to_the_last_digit(tmp_path: Path, hub: StandInHub, start_edge: Start) -> None:
    path, expected = generated(tmp_path, 300)
    run = collector(start_edge, hub, simulate(start_edge, path), tmp_path / "b.db", "--until-idle")
    assert run.wait() == 0, run.log
    assert received(hub) == expected
    assert [key[2] for key in hub.order] == sorted(expected)  # in the order they were taken
    assert not hub.conflicts


def test_kill_nine_while_the_hub_comes_and_goes_loses_and_doubles_nothing(
    tmp_path: Path, hub: StandInHub, start_edge: Start, proof_count: Callable[[int, int], int]
) -> None:
    rounds = proof_count(5, 40)
    path, expected = generated(tmp_path, rounds * 600)
    line, buffer, chance = simulate(start_edge, path), tmp_path / "b.db", random.Random(5)  # noqa: S311
    kills = 0
    for number in range(rounds):
        if number % 3 == 0:
            hub.stop()
        elif number % 3 == 1:
            hub.start()
            hub.drop_answers = 1
        before = waiting(buffer) + len(hub.rows)
        run = collector(start_edge, hub, line, buffer)
        wait_until(lambda before=before: waiting(buffer) + len(hub.rows) >= before + 50, what="progress")  # type: ignore[misc]
        time.sleep(chance.random() * 0.2)
        run.kill()
        kills += 1
    hub.stop()
    hub.start()
    final = collector(start_edge, hub, line, buffer, "--until-idle")
    assert final.wait(300) == 0, final.log
    got = received(hub)
    lost, added = expected.keys() - got.keys(), got.keys() - expected.keys()
    repeated = sum(count > 1 for count in hub.deliveries.values())
    story = f"{kills} kills, {len(expected)} readings, {repeated} sent more than once"
    assert not lost, story
    assert not added, story
    assert got == expected
    assert not hub.conflicts
    assert repeated, story  # else the story was too tame to prove anything


def test_hub_down_for_a_while_loses_nothing(tmp_path: Path, hub: StandInHub, start_edge: Start) -> None:
    path, expected = generated(tmp_path, 1_500)
    hub.stop()
    buffer = tmp_path / "b.db"
    run = collector(start_edge, hub, simulate(start_edge, path), buffer, "--until-idle")
    wait_until(lambda: waiting(buffer) == len(expected), what="all on disk")
    assert run.process.poll() is None  # it does not end before the hub has everything
    assert "Cannot reach" in run.log
    assert "无法连接枢纽" in run.log
    hub.start()
    assert run.wait() == 0, run.log
    assert received(hub) == expected
    assert set(hub.deliveries.values()) == {1}


def test_a_buffer_too_small_for_the_outage_waits_instead_of_losing(
    tmp_path: Path, hub: StandInHub, start_edge: Start
) -> None:
    path, expected = generated(tmp_path, 4_000)
    hub.stop()
    site = tmp_path / "small.toml"
    text = (Path(__file__).parents[2] / "edge_collectors/sites/steel-replay.toml").read_text(encoding="utf-8")
    site.write_text(text.replace('max = "1GB"', 'max = "120kB"'), encoding="utf-8")
    buffer = tmp_path / "b.db"
    run = collector(start_edge, hub, simulate(start_edge, path), buffer, "--until-idle", site=str(site))
    wait_until(lambda: "buffer is full" in run.log, what="full")
    time.sleep(0.3)
    held = waiting(buffer)
    time.sleep(0.5)
    assert waiting(buffer) == held < 4_000
    hub.start()
    assert run.wait() == 0, run.log
    assert received(hub) == expected
    connection = sqlite3.connect(buffer)
    gaps = connection.execute("select reason, ended_at > began_at from gap").fetchall()
    connection.close()
    assert ("buffer full", 1) in gaps


def test_sigterm_stops_within_two_seconds_and_loses_nothing(tmp_path: Path, hub: StandInHub, start_edge: Start) -> None:
    path, expected = generated(tmp_path, 3_000)
    line, buffer = simulate(start_edge, path), tmp_path / "b.db"
    for _ in range(3):
        before = len(hub.rows) + waiting(buffer)
        run = collector(start_edge, hub, line, buffer)
        wait_until(lambda before=before: len(hub.rows) + waiting(buffer) > before + 100, what="progress")  # type: ignore[misc]
        assert run.terminate() < 2
        assert run.process.returncode == 0
        assert "Traceback" not in run.log
    final = collector(start_edge, hub, line, buffer, "--until-idle")
    assert final.wait() == 0, final.log
    assert received(hub) == expected


def test_a_task_that_misses_its_cancellation_is_asked_again() -> None:
    async def deaf() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(60)

    async def done() -> None:
        raise EdgeError("完", "done")

    async def both() -> None:
        await until_first([asyncio.create_task(deaf()), asyncio.create_task(done())])

    with pytest.raises(EdgeError):
        asyncio.run(asyncio.wait_for(both(), 10))


@pytest.mark.parametrize("state", ["no hub", "no line", "no token"])
def test_sigterm_in_trouble_also_stops_within_two_seconds(
    tmp_path: Path, hub: StandInHub, start_edge: Start, state: str
) -> None:
    line = f"127.0.0.1:{free_port()}" if state == "no line" else simulate(start_edge)
    if state == "no hub":
        hub.stop()
    token = "" if state == "no token" else "edge-test-token"
    run = start_edge("run", "demo", EDGE_HUB=hub.url, EDGE_LINE=line, EDGE_BUFFER="b.db", EDGE_TOKEN=token)
    said = {"no hub": "Cannot reach", "no line": "Cannot reach", "no token": "No usable token"}[state]
    wait_until(lambda: said in run.log, what=said)
    assert run.terminate() < 2
    assert run.process.returncode == 0
    assert "Traceback" not in run.log


def test_the_demo_site_brings_three_meters_whose_children_add_up_to_less(
    tmp_path: Path, hub: StandInHub, start_edge: Start
) -> None:
    run = collector(start_edge, hub, simulate(start_edge), tmp_path / "b.db", site="demo")
    wait_until(lambda: len(hub.rows) >= 10, what="the first readings")
    told: list[tuple[int, str]] = []

    def empty() -> bool:
        told.append(edge_once(tmp_path, "status", "--buffer", str(tmp_path / "b.db")))
        return "待发 / waiting: 0" in told[-1][1]

    wait_until(empty, 60, what="an empty buffer")  # not after its end: what came since the last batch stays there
    code, text = told[-1]
    assert code == 0
    assert "+08:00" in text
    assert run.terminate() < 2
    watts = {key[0]: Decimal(row["value"]) for key, row in hub.rows.items() if key[1] == "power.active"}
    counters = {key[0] for key in hub.rows if key[1] == METRIC}
    assert counters == {"EM-01", "EM-02", "EM-03"}
    assert watts["EM-02"] + watts["EM-03"] < watts["EM-01"]
    units = {(row["metric"], row["unit"]) for row in hub.rows.values()}
    assert {(METRIC, "kWh"), ("power.active", "W"), ("power.factor", "1")} <= units


def test_a_second_collector_on_the_same_buffer_is_refused(tmp_path: Path, hub: StandInHub, start_edge: Start) -> None:
    line = simulate(start_edge)
    collector(start_edge, hub, line, tmp_path / "b.db", site="demo")
    wait_until(lambda: bool(hub.rows), what="the first one's readings")
    second = collector(start_edge, hub, line, tmp_path / "b.db", site="demo")
    assert second.wait() == 2
    assert "Another collector" in second.log


# The real file


def steel_by_day(rows: list[dict[str, str]]) -> dict[str, Decimal]:
    """kWh per day of the CSV, independently: the file's own date column names the day, midnight included."""
    days: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        day, month, year = row["date"].split()[0].split("/")
        days[f"{year}-{month}-{day}"] += Decimal(row["Usage_kWh"])
    return dict(days)


def test_the_real_steel_works(
    tmp_path: Path, hub: StandInHub, start_edge: Start, proof_count: Callable[[int, int], int]
) -> None:
    """Uses ../shared/data: its first three days, or its whole year, day by day and in all."""
    need_real_data(STEEL)
    days = proof_count(3, 365)
    lines = STEEL.read_text(encoding="utf-8").splitlines()[: 1 + days * 96]
    path = tmp_path / "steel.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = list(csv.DictReader(line.removeprefix("\ufeff") for line in lines))
    run = collector(start_edge, hub, simulate(start_edge, path), tmp_path / "b.db", "--until-idle")
    assert run.wait(300) == 0, run.log
    counters = sorted((at, Decimal(value)) for at, value in received(hub).items())
    used: dict[str, Decimal] = defaultdict(Decimal)
    for (begin, first), (_, last) in pairwise(counters):
        used[begin[:10]] += last - first
    assert used == steel_by_day(rows)
    assert len(counters) == days * 96 + 1
    assert counters[0] == ("2018-01-01T00:00:00+08:00", Decimal("0.00"))
    total = sum(Decimal(row["Usage_kWh"]) for row in rows)
    assert counters[-1][1] == total
    if days == 365:
        assert total == Decimal("959636.71")
        assert counters[-1][0] == "2019-01-01T00:00:00+08:00"
