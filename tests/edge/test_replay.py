"""Reading a CSV of interval energy: marks of real exports, and a sentence with the line number for a bad one."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from edge_collectors.errors import EdgeError
from edge_collectors.replay import ReplayFormat, read_counter

STEEL = ReplayFormat()


def write(folder: Path, *rows: str, header: str = "date,Usage_kWh,Load_Type", mark: str = "\ufeff") -> Path:
    path = folder / "energy.csv"
    path.write_text(mark + "\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp())


def test_ends_are_stamped_and_midnight_belongs_to_the_next_day(tmp_path: Path) -> None:
    path = write(
        tmp_path, "31/12/2018 23:30,3.78,x", "31/12/2018 23:45,0.1,x", "31/12/2018 00:00,4,x", "01/01/2019 00:15,0,x"
    )
    assert read_counter(path, STEEL) == [
        (at("2018-12-31T23:15"), 0),
        (at("2018-12-31T23:30"), 378),
        (at("2018-12-31T23:45"), 388),
        (at("2019-01-01T00:00"), 788),
        (at("2019-01-01T00:15"), 788),
    ]


def test_starts_stamped_in_another_format(tmp_path: Path) -> None:
    path = write(tmp_path, "2026-01-01 00:00:00,1.25", "2026-01-01 01:00:00,2", header="when,kWh", mark="")
    form = ReplayFormat("when", "kWh", "%Y-%m-%d %H:%M:%S", "start", 3600, "Asia/Shanghai")
    assert read_counter(path, form) == [
        (at("2026-01-01T00:00"), 0),
        (at("2026-01-01T01:00"), 125),
        (at("2026-01-01T02:00"), 325),
    ]


def test_the_repeated_hour_of_summer_time_is_two_hours(tmp_path: Path) -> None:
    path = write(tmp_path, *(f"25/10/2026 {text},1,x" for text in ("01:00", "02:00", "02:00", "03:00")))
    counter = read_counter(path, ReplayFormat(interval=3600, time_zone="Europe/Berlin"))
    assert [second[0] - first[0] for first, second in pairwise(counter)] == [3600] * 4


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["01/01/2018 00:15,3.17,x", "01/13/2018 00:30,4,x"], "line 3"),
        (["01/01/2018 00:15,3.17,x", "01/01/2018 00:30,3.175,x"], "line 3"),
        (["01/01/2018 00:15,-1,x"], "line 2"),
        (["01/01/2018 00:15,NaN,x"], "line 2"),
        (["01/01/2018 00:15,,x"], "line 2"),
        (["01/01/2018 00:15"], "line 2"),
        (["01/01/2018 00:15,1,x", "01/01/2018 00:15,1,x"], "does not move forward"),
        (["01/01/2018 00:15,21474836.48,x"], "exceeds"),
        ([], "no data"),
    ],
)
def test_a_bad_line_is_one_sentence_with_its_number(tmp_path: Path, rows: list[str], said: str) -> None:
    with pytest.raises(EdgeError) as caught:
        read_counter(write(tmp_path, *rows), STEEL)
    assert said in caught.value.english
    assert "energy.csv" in caught.value.chinese


def test_wrong_column_encoding_file_or_zone(tmp_path: Path) -> None:
    path = write(tmp_path, "01/01/2018 00:15,3.17,x")
    with pytest.raises(EdgeError, match='no column "kWh"'):
        read_counter(path, ReplayFormat(value_column="kWh"))
    with pytest.raises(EdgeError, match="no time zone"):
        read_counter(path, ReplayFormat(time_zone="Mars/Olympus"))
    path.write_bytes("date,Usage_kWh\n日期,1\n".encode("gb18030"))
    with pytest.raises(EdgeError, match="not UTF-8"):
        read_counter(path, STEEL)
    with pytest.raises(EdgeError, match="Cannot read"):
        read_counter(tmp_path / "none.csv", STEEL)
