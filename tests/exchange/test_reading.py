"""Files as they come: formats, encodings, spellings; and what is refused, each with one clear sentence."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from hub.document.fields import FieldSpec
from hub.document.registry import spec as spec_of
from hub.document.values import coerce
from hub.errors import Invalid
from hub.exchange.reading import read_file, read_text
from hub.exchange.sheet import MOST_COLUMNS, MOST_ROWS
from hub.exchange.spelling import spelled
from hub.exchange.writing import harmless, unharmed
from tests.exchange.conftest import book, saved

DAYS = (
    "2026-11-22",
    "2026/11/22",
    "2026.11.22",
    "2026年11月22日",
    "20261122",
    "２０２６年１１月２２日",
    "2026-11-22 08:30",
)
FIGURES = ("1234.5", "1,234.50", "１２３４．５", "1，234.5", " 1234.5 ", "+1234.5", "1 234.50")
DAY = datetime(2026, 11, 22)  # noqa: DTZ001  (a workbook knows no zones)
NONE_OF_THESE = ("1,5", "12,34", "1.234,50", "1.2.3", "abc", "1e", "--1", "1/2", "5%")


def field_of(type_name: str, name: str) -> FieldSpec:
    return spec_of(type_name).fields[name]


def codes(content: bytes, sheet: str | None = None) -> list[str]:
    """The codes of what is wrong with a file; every problem says so in both languages."""
    with pytest.raises(Invalid) as raised:
        read_file(content, sheet)
    assert all(one.message.chinese and one.message.english for one in raised.value.problems)
    return [one.code for one in raised.value.problems]


@pytest.mark.parametrize("text", DAYS)
def test_days_in_chinese_spellings(text: str) -> None:
    field = field_of("SalesOrder", "order_date")
    assert coerce(field, spelled(field, text)) == date(2026, 11, 22)


@pytest.mark.parametrize("text", ["11/22/26", "2026-13-01", "2026-02-30", "22.11.2026", "2026-11/22", "明天"])
def test_what_is_no_day_is_not_guessed(text: str) -> None:
    field = field_of("SalesOrder", "order_date")
    with pytest.raises(Exception, match=r"VALUE_INVALID|无效"):
        coerce(field, spelled(field, text))


@pytest.mark.parametrize("text", FIGURES)
def test_figures(text: str) -> None:
    field = field_of("Item", "list_price")
    assert str(coerce(field, spelled(field, text)).normalize()) == "1234.5"


@pytest.mark.parametrize("text", NONE_OF_THESE)
def test_what_is_no_figure_is_not_guessed(text: str) -> None:
    field = field_of("Item", "list_price")
    with pytest.raises(Exception, match=r"VALUE_INVALID|无效"):
        coerce(field, spelled(field, text))


def test_a_figure_that_lost_its_digits_is_refused() -> None:
    with pytest.raises(Exception, match="科学计数法"):
        spelled(field_of("Item", "list_price"), "1.23457E+11")


def test_shares_yes_no_and_choices() -> None:
    rate, active, kind = field_of("SalesOrderLine", "tax_rate"), field_of("Item", "active"), field_of("Item", "kind")
    assert [str(coerce(rate, spelled(rate, one))) for one in ("13%", "13", "１３％")] == ["13", "13", "13"]
    assert [spelled(active, one) for one in ("是", "Yes", "√", "1", 1, True)] == [True] * 6
    assert [spelled(active, one) for one in ("否", "NO", "×", "0", 0, False)] == [False] * 6
    assert {spelled(kind, one) for one in ("原材料", "raw", "RAW", "Raw material", " 原材料 ")} == {"raw"}


@given(st.text(max_size=30))
def test_a_text_made_harmless_is_given_back(text: str) -> None:
    shown = harmless(text)
    assert unharmed(shown) == text or not text.startswith(("'",)) or shown == text
    assert unharmed(harmless(text)) == text
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


def test_cells_of_a_workbook_keep_what_they_are() -> None:
    rows: list[list[Any]] = [["文", "数", "日", "率", "码"], ["a", 12.5, DAY, 0.13, "00123"]]
    sheet = read_file(book(rows, D="0%"))
    assert sheet.headings == ("文", "数", "日", "率", "码")
    assert sheet.rows[0].cells == ("a", 12.5, DAY, "13%", "00123")
    assert sheet.rows[0].number == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_text_files_in_every_encoding(encoding: str, separator: str) -> None:
    text = separator.join(["编码", "名称"]) + "\r\n" + separator.join(["00123", "“宁波”，客户㐀"]) + "\r\n"
    sheet = read_file(text.encode(encoding))
    assert (sheet.headings, sheet.rows[0].cells) == (("编码", "名称"), ("00123", "“宁波”，客户㐀"))


def test_rows_keep_the_numbers_of_the_file() -> None:
    sheet = read_text('编码,名称\n\nA,"两\n行"\n,,\nB,b\n')
    assert [(one.number, one.cells) for one in sheet.rows] == [(3, ("A", "两\n行")), (6, ("B", "b"))]


def test_json_lines_are_flattened() -> None:
    order = {"number": "SO-1", "customer": {"code": "K1"}, "lines": [{"item": {"code": "A"}}, {"item": {"code": "B"}}]}
    sheet = read_file("\n".join(json.dumps(one) for one in (order, {"number": "SO-2", "customer": None})).encode())
    assert sheet.headings == ("number", "customer.code", "lines.item.code")
    assert [one.cells for one in sheet.rows] == [("SO-1", "K1", "A"), ("SO-1", "K1", "B"), ("SO-2", None, None)]


def sheets(**states: str) -> bytes:
    """A workbook with a sheet per name; the value is its state."""
    made = Workbook()
    for index, (name, state) in enumerate(states.items()):
        sheet: Any = made.active if index == 0 else made.create_sheet()
        sheet.title, sheet.sheet_state = name, state
        sheet.append(["编码"])
        sheet.append([name])
    return saved(made)


def test_hidden_sheets_are_left_alone_and_told() -> None:
    content = sheets(A="hidden", B="visible", C="visible")
    sheet = read_file(content)
    assert (sheet.name, sheet.rows[0].cells) == ("B", ("B",))
    assert ["A" in str(one) or "C" in str(one) for one in sheet.notes] == [True, True]
    assert read_file(content, "C").rows[0].cells == ("C",)
    assert codes(content, "A") == ["SHEET_HIDDEN"]
    assert codes(content, "X") == ["SHEET_UNKNOWN"]


def merged() -> bytes:
    made = load_workbook(io.BytesIO(book([["编码", "名称"], ["A", "a"], ["B", "b"]])))
    made.worksheets[0].merge_cells("A2:A3")
    return saved(made)


def formula() -> bytes:
    return book([["编码", "数量"], ["A", "=1+1"]])


def bomb() -> bytes:
    """A small archive that unpacks to 400 MB."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book([["编码"], ["A"]]))) as good, zipfile.ZipFile(written, "w", 8) as made:
        for one in good.infolist():
            if "sheet1" not in one.filename:
                made.writestr(one, good.read(one))
        with made.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(400):
                part.write(b" " * 1_000_000)
    return written.getvalue()


def entities() -> bytes:
    """A workbook whose sheet declares entities that grow."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book([["编码"], ["A"]]))) as good, zipfile.ZipFile(written, "w") as made:
        for one in good.infolist():
            content = good.read(one)
            if "sheet1" in one.filename:
                content = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + content
            made.writestr(one, content)
    return written.getvalue()


REFUSED: dict[str, tuple[Any, list[str]]] = {
    "empty": (b"", ["FILE_EMPTY"]),
    "blank": (b"\xef\xbb\xbf\r\n , \r\n", ["FILE_EMPTY"]),
    "headings only": ("编码,名称\n".encode(), ["FILE_EMPTY"]),
    "old excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "Workbook".encode("utf-16-le"), ["FILE_OLD"]),
    "password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), ["FILE_LOCKED"]),
    "pdf": (b"%PDF-1.7 ...", ["FILE_UNKNOWN"]),
    "a zip": (b"PK\x03\x04 nothing of the kind", ["FILE_DAMAGED"]),
    "half a workbook": (lambda: book([["编码"], ["A"]])[:-900], ["FILE_DAMAGED"]),
    "zip bomb": (bomb, ["FILE_TOO_LARGE"]),
    "entities": (entities, ["FILE_DAMAGED"]),
    "merged cells": (merged, ["CELLS_MERGED"]),
    "formulas": (formula, ["FORMULA_UNCALCULATED"]),
    "two headings": ("编码,名称,编码,名称\nA,a,B,b\n".encode(), ["HEADING_TWICE", "HEADING_TWICE"]),
    "no heading": ("编码,名称\nA,a,b\n".encode(), ["HEADING_MISSING"]),
    "no heading within": ("编码,,名称\nA,b,c\n".encode(), ["HEADING_MISSING"]),
    "quotes": ('编码,名称\nA,"a\nB,b\n'.encode(), ["FILE_DAMAGED"]),
    "zeros": ("编码,名称\nA,a\0\n".encode(), ["FILE_DAMAGED"]),
    "bytes": (b"\xff\xff\x80\x81,\xff\n", ["ENCODING_UNKNOWN"]),
    "rows": (("编码\n" + "A\n" * (MOST_ROWS + 1)).encode(), ["FILE_TOO_LONG"]),
    "columns": (",".join(f"c{one}" for one in range(MOST_COLUMNS + 1)).encode() + b"\n1\n", ["FILE_TOO_WIDE"]),
    "no json": (b'{"code": "A"}\n{"code": ', ["JSON_UNREADABLE"]),
    "deep json": (b'{"a":' * 100_000, ["JSON_UNREADABLE"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_says_why(name: str) -> None:
    content, expected = REFUSED[name]
    assert codes(content() if callable(content) else content) == expected


@given(st.binary(max_size=300), st.booleans())
def test_whatever_comes_is_read_or_refused(content: bytes, as_workbook: bool) -> None:
    if as_workbook:
        good = bytearray(book([["编码", "名称"], ["A", "a"]]))
        for at, byte in enumerate(content):
            good[(at * 7919 + byte) % len(good)] = byte
        content = bytes(good)
    with contextlib.suppress(Invalid):
        read_file(content)
