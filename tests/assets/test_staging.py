"""Staging: what a pull writes, leaves alone, removes and complains of."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from assets.problems import remember
from assets.pulls import pull_table
from assets.sources import Source, SourceError
from assets.staging import Pulled, key_text, pull
from quality_checks.database import HubDatabase
from tests.assets.conftest import WriteSource

TOML = """
code = "shop"
name = "车间"
name_en = "Shop floor"
kind = "csv"
folder = "."
[tables.orders]
file = "orders.csv"
key = ["order", "line"]
"""


def pulled_from(hub: HubDatabase, source: Source, text: str, run: UUID | None = None) -> Pulled:
    (Path(source.home) / "orders.csv").write_text(text, encoding="utf-8")
    with hub.engine() as engine, engine.begin() as connection:
        pulled = pull(connection, source, source.tables[0], {}, run or uuid4())
        remember(connection, source.code, "orders", pulled.problems)
        return pulled


def stored(hub: HubDatabase, query: str) -> list[tuple[object, ...]]:
    with hub.engine() as engine, engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_a_pull_keeps_texts_and_writes_only_what_changed(hub: HubDatabase, write_source: WriteSource) -> None:
    source = write_source(TOML)
    first, second = uuid4(), uuid4()
    pulled = pulled_from(hub, source, "order,line,amount\nA,1,0.10\nA,2,\nB,1,007\n", first)
    assert (pulled.rows_read, pulled.rows_changed, pulled.problems) == (3, 3, [])
    again = pulled_from(hub, source, "order,line,amount\nA,1,0.10\nA,2,5\nC,1,1\n", second)
    assert (again.rows_read, again.rows_changed) == (3, 3)  # one changed, one new, one gone
    rows = stored(hub, 'select _key, "order", amount, _run from raw.shop__orders order by _key')
    assert rows == [("A|1", "A", "0.10", first), ("A|2", "A", "5", second), ("C|1", "C", "1", second)]
    assert pulled_from(hub, source, "order,line,amount\nA,1,0.10\nA,2,5\nC,1,1\n").rows_changed == 0


def test_a_changed_set_of_columns_makes_the_table_anew(hub: HubDatabase, write_source: WriteSource) -> None:
    source = write_source(TOML)
    pulled_from(hub, source, "order,line,amount\nA,1,0.10\n")
    pulled_from(hub, source, "order,line,数量\nA,1,3\n")
    assert stored(hub, 'select "数量" from raw.shop__orders') == [("3",)]


def test_rows_without_a_key_of_their_own_are_kept_out_and_remembered(
    hub: HubDatabase, write_source: WriteSource
) -> None:
    source = write_source(TOML)
    bad = "order,line,amount\nA,1,1\nA,1,2\n,,3\nB,1\nB,2,4\n"
    pulled = pulled_from(hub, source, bad)
    assert [(one.record_key, one.code) for one in pulled.problems] == [
        ("A|1", "KEY_DOUBLE"),
        ("#3", "KEY_EMPTY"),
        ("#4", "ROW_WIDTH"),
    ]
    assert stored(hub, "select _key, amount from raw.shop__orders order by _key") == [("A|1", "1"), ("B|2", "4")]
    query = "select code, first_seen_at, last_seen_at, is_open, message_zh from dq.row_problem order by id"
    before = stored(hub, query)
    pulled_from(hub, source, bad)
    pulled_from(hub, source, "order,line,amount\nA,1,1\nA,1,2\nB,2,4\n")
    after = stored(hub, query)
    assert [row[3] for row in before] == [True, True, True]
    assert [row[3] for row in after] == [True, False, False]
    assert after[0][1] == before[0][1]  # known since the first pull
    assert after[0][2] > before[0][2]  # type: ignore[operator]
    assert "出现多次" in str(after[0][4])


def test_a_name_of_ours_is_refused(hub: HubDatabase, write_source: WriteSource) -> None:
    source = write_source(TOML)
    with pytest.raises(SourceError, match="is a name of ours"):
        pulled_from(hub, source, "order,line,_hash\nA,1,x\n")


def test_every_pull_is_a_sync_run_the_failed_too(hub: HubDatabase, write_source: WriteSource) -> None:
    source = write_source(TOML)
    table = source.tables[0]
    (Path(source.home) / "orders.csv").write_text("order,line\nA,1\n", encoding="utf-8")
    with hub.engine() as engine:
        pull_table(engine, source, table, {}, str(uuid4()))
        (Path(source.home) / "orders.csv").unlink()
        with pytest.raises(SourceError):
            pull_table(engine, source, table, {}, str(uuid4()))
    runs = stored(
        hub,
        "select s.code, s.kind, r.table_name, r.status, r.rows_read, r.rows_changed, r.message"
        "  from hub.sync_run r join hub.source_system s on s.id = r.source_id order by r.started_at",
    )
    assert runs[0] == ("shop", "csv", "orders", "succeeded", 1, 1, None)
    assert runs[1][:4] == ("shop", "csv", "orders", "failed")
    assert "has no orders.csv" in str(runs[1][6])


def test_a_key_of_several_columns_tells_its_parts_apart() -> None:
    assert key_text(["a|b", "c"]) != key_text(["a", "b|c"])
    assert key_text(["a|b"]) == "a|b"
    assert key_text(["a", None]) == "a|"


def test_two_pulls_of_one_table_at_once_wait_for_each_other(hub: HubDatabase, write_source: WriteSource) -> None:
    source = write_source(TOML)
    (Path(source.home) / "orders.csv").write_text(
        "order,line\n" + "".join(f"A,{n}\n" for n in range(3000)), encoding="utf-8"
    )

    def one(_: int) -> int:
        with hub.engine() as engine, engine.begin() as connection:
            return pull(connection, source, source.tables[0], {}, uuid4()).rows_changed

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [0, 0, 0, 3000]
