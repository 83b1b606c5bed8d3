"""Rows as files: CSV that Excel reads in Chinese, NDJSON for programs, a workbook with figures as numbers.

Every format takes batches of rows and gives bytes, so memory does not grow with the list. A text that a
spreadsheet would run as a formula is made harmless.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from hub.document.fields import Choice

EXCEL_ROWS = 1_048_576
"""A worksheet's most rows, the headings included."""
_CHUNK = 256 * 1024
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_MARKED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What a workbook would read as the number of a character: `_x000D_`."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML cannot hold."""
WORDS = {"zh": ("否", "是"), "en": ("no", "yes")}


@dataclass(frozen=True)
class Column:
    """A column of a file: its heading, the kind of its values, how to find one in a row."""

    heading: str
    kind: str
    choices: type[Choice] | None
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class File:
    """What a format needs: the columns, the reader's language, the rows' JSON texts in batches."""

    columns: Sequence[Column]
    language: str
    batches: AsyncIterator[list[str]]


@dataclass(frozen=True)
class Format:
    """A kind of file; `write` gives its bytes piece by piece."""

    media: str
    write: Callable[[File], AsyncIterator[bytes]]


async def ndjson(file: File) -> AsyncIterator[bytes]:
    """A JSON object per line, exactly as GraphQL would answer it."""
    async for batch in file.batches:
        yield "".join(f"{row}\n" for row in batch).encode()


async def comma_separated(file: File) -> AsyncIterator[bytes]:
    """UTF-8 with the mark by which Excel knows it."""
    yield b"\xef\xbb\xbf" + _lines([[column.heading for column in file.columns]])
    async for batch in file.batches:
        yield await asyncio.to_thread(_readable_lines, file, batch)


async def workbook(file: File) -> AsyncIterator[bytes]:
    """A workbook of one sheet. It grows on the disk: a zip archive can be sent only when it is complete."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append([column.heading for column in file.columns])
    async for batch in file.batches:
        await asyncio.to_thread(_append, sheet, file, batch)
    with tempfile.TemporaryFile() as kept:
        await asyncio.to_thread(book.save, kept)
        kept.seek(0)
        while chunk := await asyncio.to_thread(kept.read, _CHUNK):
            yield chunk


FORMATS = {
    "csv": Format("text/csv; charset=utf-8", comma_separated),
    "ndjson": Format("application/x-ndjson; charset=utf-8", ndjson),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", workbook),
}
"""The formats by the ending of a file's name."""


def harmless(text: str) -> str:
    """A text no spreadsheet takes for a formula: an apostrophe goes before one that would be, however many it has."""
    return f"'{text}" if _FORMULA.match(text) else text


def unharmed(text: str) -> str:
    """The text that `harmless` was given."""
    return text[1:] if _MARKED.match(text) else text


def readable(column: Column, value: Any, language: str) -> str:
    """A JSON value as people write it; figures stay figures."""
    if value is None:
        return ""
    if column.choices is not None:
        labels = {one.value.upper(): one.label.in_language(language) for one in column.choices}
        chosen = value if isinstance(value, list) else [value]
        return harmless(", ".join(labels.get(str(one).upper(), str(one)) for one in chosen))
    if column.kind == "boolean":
        return WORDS[language][bool(value)]
    if column.kind == "moment":
        return _local(value).isoformat(" ")
    if column.kind in ("decimal", "integer", "date"):
        return str(value)
    return harmless(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def printable(text: str) -> str:
    """The text as a workbook can hold it."""
    return _UNPRINTABLE.sub(" ", text)


def _readable_lines(file: File, batch: Sequence[str]) -> bytes:
    rows = map(json.loads, batch)
    return _lines([[readable(one, one.value(row), file.language) for one in file.columns] for row in rows])


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue().encode()


def _append(sheet: Any, file: File, batch: Sequence[str]) -> None:
    for row in map(json.loads, batch):
        sheet.append([_cell(sheet, column, column.value(row), file.language) for column in file.columns])


def _cell(sheet: Any, column: Column, value: Any, language: str) -> Any:
    """A number or a moment as such; a text always as text, whatever it begins with."""
    if value is None:
        return None
    if column.kind in ("decimal", "integer", "date", "moment"):
        return WriteOnlyCell(sheet, _excel(column.kind, value))
    text = value if column.kind == "text" else readable(column, value, language)
    return text_cell(sheet, f"'{text}" if _MARKED.match(text) else text)


def text_cell(sheet: Any, text: str) -> Any:
    """A cell that is text whatever stands in it; `_x000D_` stays these letters."""
    cell = WriteOnlyCell(sheet, printable(_ESCAPE.sub("_x005F_", text)))
    cell.data_type = "s"
    return cell


def _excel(kind: str, value: Any) -> Any:
    """Excel has no time zones: a moment is the local one."""
    if kind == "moment":
        return _local(value)
    return date.fromisoformat(value) if kind == "date" else Decimal(value)


def _local(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=None, microsecond=0)
