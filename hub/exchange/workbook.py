"""Reading an Excel workbook without trusting it: what is no workbook, locked, damaged or far too large is refused.

Cells come as openpyxl parses them, row by row; dates as dates, shares as texts with their %, so that 13% is not taken
for 0.13.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.workbook import Workbook
from openpyxl.worksheet._reader import WorkSheetParser

from hub.errors import HubError, Invalid, problem
from hub.exchange.sheet import MOST_COLUMNS, Broken, Sheet, sheet_of
from hub.exchange.writing import unharmed
from hub.words import Label

MOST_UNPACKED = 150 * 1024 * 1024
"""Bytes of all parts of a workbook, unpacked."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OBJECT = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
_UNCALCULATED = re.compile(rb'r="([A-Z]+\d+)"[^>]*><f[^>]*?(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CHUNK, _OVERLAP = 1 << 20, 2048


def is_old_workbook(content: bytes) -> bool:
    """Whether it is a file of Excel's before 2007, or one locked with a password."""
    return content.startswith(_OLE)


def read_workbook(content: bytes, wanted: str | None = None) -> Sheet:
    """The sheet called `wanted`, else the first one that is not hidden.

    Raises:
        Invalid: FILE_LOCKED, FILE_OLD, FILE_DAMAGED, FILE_TOO_LARGE, SHEET_UNKNOWN, SHEET_HIDDEN, CELLS_MERGED,
            FORMULA_UNCALCULATED, and what `sheet_of` raises.
    """
    if is_old_workbook(content):
        raise Invalid(_locked() if _ENCRYPTED in content else _old())
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl tells of every part that it does not keep
            _demand_bounded(archive)
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            return _read(book, archive, wanted)
    except HubError:
        raise
    except MemoryError:
        raise
    except Exception as error:  # a damaged workbook raises whatever the parsers happen to raise
        raise Invalid(_damaged()) from error


def _demand_bounded(archive: zipfile.ZipFile) -> None:
    """The declared size bounds what is unpacked: zipfile reads no byte more of any part."""
    if any(one.flag_bits & 0x1 for one in archive.infolist()):
        raise Invalid(_locked())
    if sum(one.file_size for one in archive.infolist()) > MOST_UNPACKED:
        raise Invalid(_too_large())
    for one in archive.infolist():
        if one.filename.endswith((".xml", ".rels")):
            with archive.open(one) as part:
                if _OBJECT.search(part.read(_OVERLAP)):
                    raise Invalid(_damaged())


def _read(book: Workbook, archive: zipfile.ZipFile, wanted: str | None) -> Sheet:
    shown = [one for one in book.worksheets if one.sheet_state == "visible"]
    hidden = [one.title for one in book.worksheets if one.sheet_state != "visible"]
    if wanted is not None and wanted in hidden:
        raise Invalid(problem("SHEET_HIDDEN", f"工作表“{wanted}”是隐藏的。", f"The sheet {wanted} is hidden."))
    chosen = [one for one in shown if wanted is None or one.title == wanted]
    if not chosen:
        raise Invalid(_no_sheet(wanted, [one.title for one in shown]))
    sheet: Any = chosen[0]
    _demand_plain(archive, sheet._worksheet_path)
    read = sheet_of(_rows(book, sheet), sheet.title)
    others = [one.title for one in shown[1:] if wanted is None]
    read.notes.extend(_notes(sheet.title, others, hidden))
    return read


def _demand_plain(archive: zipfile.ZipFile, path: str) -> None:
    """Merged cells and formulas that were never calculated hold nothing where a reader sees something."""
    merged: list[str] = []
    uncalculated: list[str] = []
    with archive.open(path) as part:
        rest = b""
        while chunk := part.read(_CHUNK):
            text = rest + chunk
            merged += [found.decode() for found in _MERGED.findall(text)]
            uncalculated += [found.decode() for found in _UNCALCULATED.findall(text)]
            rest = text[-_OVERLAP:]
    if merged:
        raise Invalid(_merged(sorted(set(merged))))
    if uncalculated:
        raise Invalid(_not_calculated(sorted(set(uncalculated))))


def _rows(book: Any, sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    """The rows that are there, by their numbers; the parser itself, for the sheet's own rows fill every gap."""
    shares: dict[int, bool] = {}
    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, cells in parser.parse():
            row: list[Any] = []
            for cell in cells:
                if cell["value"] is None:
                    continue
                at = min(cell["column"], MOST_COLUMNS + 1)
                row.extend([None] * (at - len(row)))
                row[at - 1] = _value(sheet, cell, shares)
            yield number, row


def _value(sheet: Any, cell: dict[str, Any], shares: dict[int, bool]) -> Any:
    value, style = cell["value"], cell["style_id"]
    if cell["data_type"] == "e":
        return Broken(value)
    if isinstance(value, str):
        return unharmed(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), value))
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and style:
        if style not in shares:
            shares[style] = "%" in ReadOnlyCell(sheet, **cell).number_format
        return f"{value * 100:.15g}%" if shares[style] else value
    return value


def _notes(read: str, others: list[str], hidden: list[str]) -> Iterator[Label]:
    if others:
        yield Label(
            f"读取工作表“{read}”，未读取：{'、'.join(others)}。", f"Read {read}; left alone: {', '.join(others)}."
        )
    if hidden:
        yield Label(f"隐藏的工作表未读取：{'、'.join(hidden)}。", f"Hidden sheets left alone: {', '.join(hidden)}.")


def _locked() -> Any:
    return problem(
        "FILE_LOCKED",
        "文件有密码保护，无法读取。",
        "The file is protected by a password.",
        hint=("请在 Excel 中取消密码后另存。", "Save it without the password."),
    )


def _old() -> Any:
    return problem(
        "FILE_OLD",
        "这是旧版 Excel 文件（.xls），只能导入 .xlsx、.csv 或 .ndjson。",
        "This is a file of an old Excel (.xls); .xlsx, .csv and .ndjson can be imported.",
        hint=("请在 Excel 中另存为 .xlsx。", "Save it as .xlsx."),
    )


def _damaged() -> Any:
    return problem(
        "FILE_DAMAGED",
        "文件已损坏，或不是 Excel 工作簿。",
        "The file is damaged, or no Excel workbook.",
        hint=("请用 Excel 打开并另存为 .xlsx。", "Open it in Excel and save it as .xlsx."),
    )


def _too_large() -> Any:
    return problem("FILE_TOO_LARGE", "文件展开后过大。", "The file is far too large when unpacked.")


def _no_sheet(wanted: str | None, shown: list[str]) -> Any:
    if wanted is None:
        return problem("SHEET_HIDDEN", "所有工作表都是隐藏的。", "Every sheet is hidden.")
    names = "、".join(shown)
    return problem(
        "SHEET_UNKNOWN", f"没有工作表“{wanted}”，有：{names}。", f"There is no sheet {wanted}, only: {names}."
    )


def _merged(areas: list[str]) -> Any:
    shown = ", ".join(areas[:10])
    return problem(
        "CELLS_MERGED",
        f"工作表里有合并单元格：{shown}。",
        f"The sheet has merged cells: {shown}.",
        hint=("请取消合并，并在每一行填写各自的值。", "Unmerge them and fill in every row."),
    )


def _not_calculated(cells: list[str]) -> Any:
    shown = ", ".join(cells[:10])
    return problem(
        "FORMULA_UNCALCULATED",
        f"公式没有结果：{shown}。",
        f"Formulas without a result: {shown}.",
        hint=("请在 Excel 中打开并保存一次，或粘贴为数值。", "Open and save it in Excel, or paste the values."),
    )
