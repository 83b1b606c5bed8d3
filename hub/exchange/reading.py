"""A file of any of the three kinds, or what was pasted, becomes a sheet: headings and rows.

What it is, its bytes tell; a wrong ending misleads nobody. CSV may come as Excel saves it in China (GB18030) or with
UTF-8, with commas, semicolons or tabs; NDJSON as the export gives it, lines as objects in a list.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Container, Iterator, Mapping
from typing import Any

from hub.errors import Invalid, Problem, problem
from hub.exchange.sheet import MOST_BYTES, MOST_ROWS, Sheet, sheet_of
from hub.exchange.workbook import is_old_workbook, read_workbook
from hub.exchange.writing import unharmed

_ENCODINGS = ("utf-8-sig", "gb18030")
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_OTHERS = {b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"<htm": "HTML", b"<!DO": "HTML"}
_SEPARATORS = "\t,;"
_LONGEST_CELL = 200_000


def read_file(content: bytes, sheet: str | None = None, whole: Container[str] = ()) -> Sheet:
    """The sheet that a file holds; `sheet` names one of a workbook's, `whole` the JSON values that stay as they are.

    Raises:
        Invalid: FILE_TOO_LARGE, FILE_EMPTY, FILE_UNKNOWN, and what each format says.
    """
    if len(content) > MOST_BYTES:
        raise Invalid(too_large())
    if content.startswith(b"PK\x03\x04") or is_old_workbook(content):
        return read_workbook(content, sheet)
    for mark, name in _OTHERS.items():
        if content.startswith(mark):
            raise Invalid(_unknown(name))
    text = _decoded(content)
    if text.lstrip()[:1] == "{":
        return read_ndjson(text, whole)
    return read_text(text)


def read_text(text: str) -> Sheet:
    """CSV, or cells pasted from Excel, which are separated by tabs.

    Raises:
        Invalid: FILE_DAMAGED, and what `sheet_of` raises.
    """
    if "\x00" in text:
        raise Invalid(_damaged(text[: text.index("\x00")].count("\n") + 1))
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(_SEPARATORS, key=first.count)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return sheet_of(_counted(reader))
    except csv.Error as error:
        raise Invalid(_damaged(reader.line_num)) from error


def _counted(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of the line where each begins, as an editor counts them."""
    begins = 1
    for cells in reader:
        yield begins, [unharmed(cell) for cell in cells]
        begins = reader.line_num + 1


def read_ndjson(text: str, whole: Container[str] = ()) -> Sheet:
    """A JSON object per line; objects inside are paths with dots, a list of objects is a row for each.

    Raises:
        Invalid: JSON_UNREADABLE, and what `sheet_of` raises.
    """
    numbered: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        if len(numbered) > MOST_ROWS:
            break  # `sheet_of` says that there are too many
        numbered += [(number, row) for row in _flat(number, line, whole)]
    named = dict.fromkeys(name for _, row in numbered for name in row)
    beyond = {name[:at] for name in named for at, sign in enumerate(name) if sign == "."}
    headings = [name for name in named if name not in beyond]  # a link is null in some rows and an object in others
    rows = ((number, [row.get(name) for name in headings]) for number, row in numbered)
    return sheet_of([(0, headings), *rows])


def _flat(number: int, line: str, whole: Container[str]) -> list[dict[str, Any]]:
    try:
        found = json.loads(line, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise Invalid(_no_json(number)) from error
    if not isinstance(found, Mapping):
        raise Invalid(_no_json(number))
    header: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    for path, value in _leaves(found, whole):
        if (
            ".".join(path) not in whole
            and isinstance(value, list)
            and value
            and all(isinstance(one, Mapping) for one in value)
        ):
            rows += [{".".join(inner): leaf for inner, leaf in _leaves(one, whole, path)} for one in value]
        else:
            header[".".join(path)] = value
    return [header | row for row in rows] or [header]


def _leaves(
    found: Mapping[str, Any], whole: Container[str], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in found.items():
        if isinstance(value, Mapping) and value and ".".join((*path, str(name))) not in whole:
            yield from _leaves(value, whole, (*path, str(name)))
        else:
            yield (*path, str(name)), value


def _decoded(content: bytes) -> str:
    """The text; what is valid UTF-8 is that, everything else is tried as Chinese."""
    for encoding in (_MARKS.get(content[:2]), *_ENCODINGS):
        try:
            if encoding is not None:
                return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(
        problem(
            "ENCODING_UNKNOWN",
            "无法识别文件的编码。",
            "The file's encoding cannot be recognised.",
            hint=("请另存为 UTF-8 编码的 CSV，或 .xlsx。", "Save it as CSV in UTF-8, or as .xlsx."),
        )
    )


def too_large() -> Problem:
    """FILE_TOO_LARGE."""
    most = MOST_BYTES // (1024 * 1024)
    return problem("FILE_TOO_LARGE", f"文件不能超过 {most} MB。", f"A file may have at most {most} MB.")


def _unknown(name: str) -> Problem:
    return problem(
        "FILE_UNKNOWN",
        f"这是 {name} 文件，只能导入 .xlsx、.csv 或 .ndjson。",
        f"This is a {name} file; .xlsx, .csv and .ndjson can be imported.",
    )


def _damaged(line: int) -> Problem:
    return problem(
        "FILE_DAMAGED",
        f"第 {line} 行不是有效的 CSV。",
        f"Line {line} is no valid CSV.",
        hint=(
            "请检查引号是否成对，或另存为 .xlsx。",
            "Look for a lonely quotation mark, or save it as .xlsx.",
        ),
        row=line,
    )


def _no_json(number: int) -> Problem:
    return problem(
        "JSON_UNREADABLE", f"第 {number} 行不是 JSON 对象。", f"Line {number} is no JSON object.", row=number
    )
