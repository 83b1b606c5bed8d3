"""Reading silos: exact digits whatever the kind, and one sentence for everything that can be wrong outside."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from assets.readers import exact, open_rows
from assets.sources import Source, SourceError, SourceTable
from tests.conftest import Database


def a_source(kind: str, place: str, table: SourceTable) -> Source:
    return Source("silo", "数据源", "Silo", kind, place, Path("/"), (table,), ())


def rows_of(source: Source, values: Mapping[str, str] | None = None) -> tuple[tuple[str, ...], list[list[str | None]]]:
    with open_rows(source, source.tables[0], values or {}) as rows:
        return rows.columns, list(rows.rows)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("8847.3000"), "8847.3000"),
        (Decimal("1E+3"), "1000"),
        (0.1, "0.1"),
        (3.0, "3"),
        (1e-7, "0.0000001"),
        (True, "true"),
        (12345678901234567890, "12345678901234567890"),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (dt.datetime.fromisoformat("2026-01-02 03:04"), "2026-01-02 03:04:00"),
        (b"\x01\xff", "\\x01ff"),
        ("a\x00b", "ab"),
        (None, None),
        ({"a": "中"}, '{"a": "中"}'),
    ],
)
def test_a_value_keeps_its_digits(value: Any, text: str | None) -> None:
    assert exact(value) == text


def test_csv_in_another_encoding_with_nothing_spelled_out(tmp_path: Path) -> None:
    (tmp_path / "kh.csv").write_bytes("编号;名称;额度\nK1;海天;10.50\nK2;-;NULL\n".encode("gb18030"))
    table = SourceTable("kh", "kh.csv", ("编号",), null=("NULL", "-"), encoding="gb18030", delimiter=";")
    columns, rows = rows_of(a_source("csv", str(tmp_path), table))
    assert columns == ("编号", "名称", "额度")
    assert rows == [["K1", "海天", "10.50"], ["K2", None, None]]


def test_csv_with_wrong_encoding_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "kh.csv").write_bytes("编号\n海天\n".encode("gb18030"))
    with pytest.raises(SourceError, match="cannot be read with encoding utf-8"):
        rows_of(a_source("csv", str(tmp_path), SourceTable("kh", "kh.csv", ("编号",))))
    with pytest.raises(SourceError, match="cannot be read with encoding martian"):
        rows_of(a_source("csv", str(tmp_path), SourceTable("kh", "kh.csv", ("编号",), encoding="martian")))


def test_columns_can_be_chosen_and_renamed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,secret,long name\n1,x,y\n", encoding="utf-8")
    table = SourceTable("a", "a.csv", ("id",), columns=("long name",), rename={"long name": "short"})
    assert rows_of(a_source("csv", str(tmp_path), table)) == (("id", "short"), [["1", "y"]])


@pytest.mark.parametrize(
    ("table", "code", "wanted"),
    [
        (SourceTable("a", "gone.csv", ("id",)), "SOURCE_TABLE_MISSING", "has no gone.csv"),
        (SourceTable("a", "a.csv", ("nr",)), "SOURCE_COLUMN_MISSING", "has no column nr"),
        (SourceTable("a", "a.csv", ("id",), columns=("x",)), "SOURCE_COLUMN_MISSING", "has no column x"),
        (SourceTable("a", "a.csv", ("id",), rename={"y": "z"}), "SOURCE_COLUMN_MISSING", "has no column y"),
        (SourceTable("a", "twice.csv", ("id",)), "SOURCE_COLUMN_MISSING", "more than one column id"),
        (SourceTable("a", "long.csv", ("id",)), "SOURCE_FORMAT", "over 63 bytes"),
    ],
)
def test_what_a_file_lacks_is_named(tmp_path: Path, table: SourceTable, code: str, wanted: str) -> None:
    (tmp_path / "a.csv").write_text("id,name\n1,x\n", encoding="utf-8")
    (tmp_path / "twice.csv").write_text("id,id\n1,2\n", encoding="utf-8")
    (tmp_path / "long.csv").write_text(f"id,{'很长的列名' * 5}\n1,2\n", encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        rows_of(a_source("csv", str(tmp_path), table))
    assert raised.value.code == code
    assert wanted in raised.value.message_en


def test_a_folder_that_is_away_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as raised:
        rows_of(a_source("csv", str(tmp_path / "usb"), SourceTable("a", "a.csv", ("id",))))
    assert raised.value.code == "SOURCE_UNREACHABLE"


def test_excel_below_a_title_with_numbers_days_and_empty_rows(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "人员"
    for row in (
        ["花名册"],
        [],
        ["工号", "姓名", "工资", "入职"],
        [1001, "李明", 3.17, dt.date(2020, 3, 1)],
        [None, None, None, None],
        [1002, "王芳", 4.0, dt.datetime.fromisoformat("2021-03-01 08:30")],
    ):
        sheet.append(row)
    workbook.save(tmp_path / "p.xlsx")
    source = a_source("excel", str(tmp_path / "p.xlsx"), SourceTable("p", "人员", ("工号",), header_row=3))
    columns, rows = rows_of(source)
    assert columns == ("工号", "姓名", "工资", "入职")
    assert rows == [["1001", "李明", "3.17", "2020-03-01"], ["1002", "王芳", "4", "2021-03-01 08:30:00"]]
    with pytest.raises(SourceError, match="has no 工资表"):
        rows_of(a_source("excel", str(tmp_path / "p.xlsx"), SourceTable("p", "工资表", ("工号",))))


def test_a_damaged_workbook_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "p.xlsx").write_bytes(b"not a workbook")
    with pytest.raises(SourceError, match="cannot be opened"):
        rows_of(a_source("excel", str(tmp_path / "p.xlsx"), SourceTable("p", "人员", ("工号",))))


def test_sql_gives_every_digit(fresh_database: Database) -> None:
    with fresh_database.engine.begin() as connection:
        connection.execute(sa.text('create schema "Sales Dep"'))
        connection.execute(
            sa.text('create table "Sales Dep"."Order" ("Id" int, amount numeric(30,10), at timestamptz, ok boolean)')
        )
        connection.execute(
            sa.text('insert into "Sales Dep"."Order" values (1, 12345678901234567890.0123456789, null, true)')
        )
    url = fresh_database.url.render_as_string(hide_password=False)
    source = a_source("sql", "${URL}", SourceTable("o", "Sales Dep.Order", ("Id",)))
    columns, rows = rows_of(source, {"URL": url})
    assert columns == ("Id", "amount", "at", "ok")
    assert rows == [["1", "12345678901234567890.0123456789", None, "true"]]
    missing = a_source("sql", "${URL}", SourceTable("o", "Sales Dep.Gone", ("Id",)))
    with pytest.raises(SourceError, match=r"has no Sales Dep\.Gone"):
        rows_of(missing, {"URL": url})


def test_another_database_by_its_own_driver(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("create table kh (id integer primary key, name text, price numeric(10,2))"))
        connection.execute(sa.text("insert into kh values (1, '海天', 19.95)"))
    engine.dispose()
    assert rows_of(a_source("sql", url, SourceTable("kh", "kh", ("id",))))[1] == [["1", "海天", "19.95"]]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("postgresql+psycopg://erp:hush@127.0.0.1:1/erp", "SOURCE_UNREACHABLE"),
        ("nonsense", "SOURCE_FORMAT"),
        ("martian://erp:hush@host/erp", "SOURCE_FORMAT"),
        ("oracle://erp:hush@host/erp", "SOURCE_FORMAT"),
    ],
)
def test_a_wrong_address_is_one_sentence_without_the_password(url: str, code: str) -> None:
    with pytest.raises(SourceError) as raised:
        rows_of(a_source("sql", url, SourceTable("o", "orders", ("id",))))
    assert raised.value.code == code
    assert "hush" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_sheet_whose_size_is_wrong_or_missing_is_read_to_its_end(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "A"
    for row in (["id", "name"], [1, "x"], [2, "y"]):
        sheet.append(row)
    workbook.save(tmp_path / "good.xlsx")
    for name, size in (("wrong.xlsx", b'<dimension ref="A1"/>'), ("none.xlsx", b"")):
        with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(tmp_path / name, "w") as other:
            for part in good.namelist():
                text, found = re.subn(rb"<dimension [^>]*>", size, good.read(part))
                other.writestr(part, text)
                assert found == (part == "xl/worksheets/sheet1.xml")
        source = a_source("excel", str(tmp_path / name), SourceTable("a", "A", ("id",)))
        assert rows_of(source)[1] == [["1", "x"], ["2", "y"]]
